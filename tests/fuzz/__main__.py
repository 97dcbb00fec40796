"""``make fuzz MINUTES=N``: look for what nobody thought of.

    python -m tests.fuzz --minutes 10                   all targets, each for as long
    python -m tests.fuzz --target server --minutes 60   one of them
    python -m tests.fuzz FILE…                          run these inputs, and show what they do
    python -m tests.fuzz --replay                       run the whole corpus
    python -m tests.fuzz --minimize FILE                make what finds something smaller
    python -m tests.fuzz --record NAME -- foot -e true  record what a program does for the corpus

Exits with 1 if something was found; its input lies in the folder for findings then. Exits with 2 if it
cannot fuzz.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

# What is compiled cannot tell which of its lines an input has reached.
os.environ.setdefault("WEDDELL_PURE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz.campaign import Campaign
from fuzz.events import Finding
from fuzz.minimize import minimize
from fuzz.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parent.parent.parent

NO_ATHERIS = """\
atheris is not installed in this Python: without it nothing says which inputs reach new code.
Install it with:  pip install 'weddell[fuzz]'   (or 'atheris'; it has wheels for CPython 3.11 and later)
What needs no atheris: running inputs (python -m tests.fuzz --replay, or FILE).\
"""


def replay(target: Target, name: str, data: bytes, show: bool) -> bool:
    """Run one input; returns whether it finds nothing."""
    if show:
        print(f"# {name}\n{target.show(data)}", end="")
    try:
        target.play(data)
    except Finding as error:
        print(f"FOUND {name}: {error}")
    except Exception as error:
        print(f"FOUND {name}: {type(error).__name__}: {error}")
        traceback.print_exc()
    else:
        return True
    return False


def _target_of(path: Path, name: str | None) -> Target:
    """Return the target of an input: as said, or as its folder or its beginning says."""
    if name is None:
        name = path.parent.name
        if name not in TARGETS:
            head = path.read_bytes()[:2]
            name = "server" if head[1:] == b" " else "codec"
    return TARGETS[name]


def run_files(paths: list[Path], name: str | None) -> int:
    """Run inputs, shown; returns the exit status."""
    bad = 0
    ready: set[str] = set()
    for path in paths:
        if str(path) == "-":
            target, data = TARGETS[name or "server"], sys.stdin.buffer.read()
        else:
            target, data = _target_of(path, name), path.read_bytes()
        if target.name not in ready:
            ready.add(target.name)
            target.warm_up()
        bad += not replay(target, str(path), data, show=len(paths) == 1)
    print(f"{len(paths)} inputs, {bad} with findings")
    return 1 if bad else 0


def run_corpus(names: list[str], as_json: bool) -> int:
    """Run every input of the corpus; returns the exit status."""
    result: dict[str, Any] = {}
    bad = 0
    for name in names:
        target = TARGETS[name]
        target.warm_up()
        started = time.monotonic()
        paths = sorted(path for path in target.corpus.iterdir() if path.is_file())
        found = [path.name for path in paths if not replay(target, str(path), path.read_bytes(), show=False)]
        bad += len(found)
        result[name] = {"inputs": len(paths), "seconds": round(time.monotonic() - started, 1), "found": found}
        if not as_json:
            seconds = time.monotonic() - started
            print(f"{name}: {len(paths)} inputs in {seconds:.1f} s, {len(found)} with findings")
    if as_json:
        print(json.dumps(result))
    return 1 if bad else 0


def main() -> int:
    """Fuzz, replay, make smaller or record."""
    summary, _, examples = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=summary,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="inputs to run; - is standard input"
    )
    parser.add_argument("--target", choices=sorted(TARGETS), help="one target; all of them otherwise")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to fuzz in all (1)")
    parser.add_argument("--seed", type=int, default=0, help="of chance; 0 takes another every time")
    parser.add_argument(
        "--findings", type=Path, default=ROOT / "artifacts" / "fuzz", metavar="DIR", help="where inputs go"
    )
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="keep what reaches new code here, and go on from it"
    )
    parser.add_argument("--replay", action="store_true", help="run the corpus instead of fuzzing")
    parser.add_argument(
        "--update-corpus", action="store_true", help="afterwards take over what reaches new code"
    )
    parser.add_argument("--minimize", type=Path, metavar="FILE", help="make an input smaller")
    parser.add_argument("--record", metavar="NAME", help="record what a program does")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long a program is recorded (3)")
    parser.add_argument("--json", action="store_true", help="the summary as JSON")
    arguments = sys.argv[1:]
    command: list[str] = []
    if "--" in arguments:
        place = arguments.index("--")
        arguments, command = arguments[:place], arguments[place + 1 :]
    options = parser.parse_args(arguments)
    names = [options.target] if options.target else sorted(TARGETS)
    if options.record:
        from fuzz.record import record_program

        if not command:
            parser.error("--record needs a program: --record NAME -- CMD ARGS…")
        path = TARGETS["server"].corpus / options.record
        print(f"{path}: {record_program(command, path, options.seconds)} steps")
        return 0
    if options.minimize:
        target = _target_of(options.minimize, options.target)
        small = minimize(target, options.minimize.read_bytes())
        path = options.minimize.with_name(options.minimize.name + ".small")
        path.write_bytes(small)
        print(f"{path}: {len(small)} bytes\n{target.show(small)}", end="")
        return 0
    if options.replay:
        return run_corpus(names, options.json)
    if options.files:
        return run_files(options.files, options.target)
    if importlib.util.find_spec("atheris") is None:
        print(NO_ATHERIS, file=sys.stderr)
        return 2
    options.findings.mkdir(parents=True, exist_ok=True)
    results = []
    for name in names:
        seconds = 60 * options.minutes / len(names)
        campaign = Campaign(TARGETS[name], seconds, options.findings, options.work, options.seed)
        results.append(campaign.run(quiet=options.json))
        if options.update_corpus:
            campaign.update_corpus()
        campaign.close()
    if options.json:
        print(json.dumps([result.to_json() for result in results]))
    else:
        for result in results:
            print(result)
    return 1 if any(result.findings or result.trouble for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
