"""``python -m compositor.native``: what is in use, and building it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from compositor.native.sources import MODULES, ROOT, WHY_PYTHON

_EXAMPLES = """\
examples:
  python -m compositor.native            compiled or not, and why
  python -m compositor.native build      compile (needs cython, setuptools and a C compiler)
  python -m compositor.native clean      delete what was compiled
  WEDDELL_PURE=1 weddell run             run the Python sources this once
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked; returns the exit status: 1 if it cannot be built."""
    parser = argparse.ArgumentParser(
        prog="python -m compositor.native",
        description="The hot paths, compiled: an option that is for speed alone.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("show", "build", "clean"), default="show")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what the compilers say")
    options = parser.parse_args(arguments)
    if options.what == "show":
        if options.json:
            print(json.dumps({"compiled": not WHY_PYTHON, "why": WHY_PYTHON, "modules": list(MODULES)}))
        else:
            print(f"the Python sources run: {WHY_PYTHON}" if WHY_PYTHON else "the compiled modules run")
        return 0
    from compositor.native import build

    if options.what == "clean":
        files = build.clean()
    else:
        try:
            files = build.build(options.verbose)
        except ImportError as error:
            print(f"cannot compile: {error}; pip install cython setuptools", file=sys.stderr)
            return 1
        except Exception as error:
            print(f"cannot compile: {error}", file=sys.stderr)
            return 1
    names = [str(file.relative_to(ROOT)) for file in files]
    print(json.dumps({options.what: names}) if options.json else "\n".join(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
