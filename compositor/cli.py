"""The command ``weddell``: reads the command line and hands over.

Each command lies in a module of `compositor.commands` that is imported when
it runs, so that a compositor starts without the rest. Nobody imports this.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from compositor.errors import WeddellError, is_shortage
from compositor.record import NamedTuple

EXIT_FAILURE = 1
EXIT_USAGE = 2
_CHECKED_WIDTH = 80

_DESCRIPTION = """\
A Wayland compositor in Python whose clients share sealed memory.

  weddell -- foot                      a compositor with foot inside
  weddell run --headless               one that nobody sees, for tests and servers
  weddell demo                         windows resized live, and a table of what happened
"""


class Entry(NamedTuple):
    """One command.

    Attributes:
        module: of `compositor.commands`.
        help: in one line.
    """

    module: str
    help: str


COMMANDS = {
    "run": Entry("run", "run a compositor, and perhaps a program inside (the default)"),
    "demo": Entry("demo", "show what it is for: many windows resized live, and what became of their memory"),
    "launch": Entry("launch", "start a program in a running compositor"),
    "windows": Entry("lists", "list the windows"),
    "clients": Entry("lists", "list the clients"),
    "pools": Entry("lists", "list the shared memory of the clients: seals, verdicts, growths"),
    "outputs": Entry("lists", "list the outputs"),
    "view": Entry("view", "open a window on a running compositor, such as a headless one"),
    "screenshot": Entry("pictures", "save a picture of an output or a window"),
    "record": Entry("pictures", "save an animation of an output"),
    "wait": Entry("wait", "wait for a window, or until programs have nothing left to do"),
    "resize": Entry("steer", "resize a window"),
    "move": Entry("steer", "move a window"),
    "focus": Entry("steer", "raise a window and give it the keyboard"),
    "close": Entry("steer", "ask a window to close"),
    "type": Entry("steer", "type text"),
    "key": Entry("steer", "press a key or chord"),
    "click": Entry("steer", "click a point"),
    "colours": Entry("steer", "change the colours of what is shown, as other eyes see them or for the night"),
    "advance": Entry("steer", "let time pass for a compositor with a manual clock"),
    "stop": Entry("steer", "end a compositor"),
    "events": Entry("lists", "print what happens, as it happens"),
    "trace": Entry("trace", "print the protocol trace of a compositor, or statistics of it"),
    "lint": Entry("lint", "run a program and report what it does badly"),
    "doctor": Entry("doctor", "check what this machine offers, and say what to install"),
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and where help is, instead of all options there are."""

    def format_help(self) -> str:
        """Return the help, as wide as the terminal is, a description of one line broken."""
        import textwrap

        self.formatter_class = argparse.RawDescriptionHelpFormatter
        if self.description and "\n" not in self.description:
            self.description = textwrap.fill(self.description, 78)
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """End the program."""
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n({self.prog} --help says more)\n")


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Return what prints help and checks each option that is added.

    For checking it need not know how wide the terminal is, which takes an import and a question each time.
    """
    return argparse.RawDescriptionHelpFormatter(prog, width=_CHECKED_WIDTH)


def _new_parser(prog: str, description: str, epilog: str | None = None) -> Parser:
    return Parser(
        prog=prog,
        description=description,
        epilog=epilog,
        formatter_class=_formatter,
        allow_abbrev=False,
    )


def _overview() -> Parser:
    from compositor import __version__

    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {entry.help}" for name, entry in COMMANDS.items())
    epilog = f"commands:\n{commands}\n\nweddell COMMAND --help says more, with examples."
    parser = _new_parser("weddell", _DESCRIPTION, epilog)
    parser.usage = "weddell [COMMAND] [OPTIONS] [-- CMD ARGS...]"
    parser.add_argument("--version", action="version", version=f"weddell {__version__}")
    return parser


def _fail(message: str, status: int) -> NoReturn:
    print(f"weddell: {message}", file=sys.stderr)
    sys.exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Args:
        argv: arguments without the program's name; by default those of the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        name = arguments.pop(0)
    elif arguments and not arguments[0].startswith("-"):
        import difflib

        near = difflib.get_close_matches(arguments[0], COMMANDS, 1)
        hint = f"; did you mean {near[0]}?" if near else f" (to start a program: weddell -- {arguments[0]})"
        _fail(f"there is no command {arguments[0]!r}{hint}", EXIT_USAGE)
    elif arguments and arguments[0] in ("-h", "--help", "--version"):
        _overview().parse_args(arguments[:1])
        return 0
    else:
        name = "run"
    entry = COMMANDS[name]
    module = importlib.import_module(f"compositor.commands.{entry.module}")
    # What a compositor makes while it starts stays: there is nothing to collect until it serves.
    gc.disable() if name == "run" else gc.enable()
    parser = _new_parser(f"weddell {name}", module.DESCRIPTIONS[name], module.EPILOGS.get(name))
    module.declare(name, parser)
    options = parser.parse_args(arguments)
    try:
        status: int = module.execute(name, options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        sys.stderr.close()
        return EXIT_FAILURE
    except WeddellError as error:
        _fail(str(error), EXIT_FAILURE)
    except (OSError, MemoryError) as error:
        if not is_shortage(error):
            raise
        _fail(f"the system has no room: {error}", EXIT_FAILURE)
    finally:
        gc.enable()
    return status
