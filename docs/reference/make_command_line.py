"""Writes command-line.md beside this file: every command and option, from the parsers that read them."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from compositor.cli import COMMANDS, Parser

INTRODUCTION = """\
# Command line

`weddell`, also `python -m compositor`. This page is written by `python docs/reference/make_command_line.py`
from the parsers; `weddell COMMAND --help` says the same.

```text
weddell [COMMAND] [OPTIONS] [-- CMD ARGS...]
```

Without a command it is `run`. Commands that speak to a running compositor find it by `--socket`, else by
`WAYLAND_DISPLAY`, else they take the only one that runs. Where `XDG_RUNTIME_DIR` is not set, sockets lie in
`weddell-UID` in the folder for temporary files. What is listed for people comes as JSON with `--json`.

The exit status is 0 if all went well, 1 if it did not (the reason is one line on standard error), 2 if the
command line makes no sense, and that of the program for `run -- CMD`, `launch --wait` and `lint`.

| command | what it does |
|---|---|"""

NOT_RUN = (
    "<!-- not run: windows, files and programs are the reader's; tests/testing/test_cli.py runs them -->"
)


def cell(text: str) -> str:
    """Return text for a cell of a table."""
    return text.replace("|", "\\|")


def named(action: argparse.Action) -> str:
    """Return an option or argument as one writes it."""
    value = ""
    if action.nargs != 0:
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        value = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else metavar
    names = ", ".join(sorted(action.option_strings, key=len, reverse=True))
    return " ".join(part for part in (names, value) if part)


def section(name: str) -> str:
    """Return what there is about one command."""
    module = import_module(f"compositor.commands.{COMMANDS[name].module}")
    parser = Parser(prog=f"weddell {name}")
    module.declare(name, parser)
    actions = [action for action in parser._actions if "--help" not in action.option_strings]
    lines = [f"## weddell {name}", "", module.DESCRIPTIONS[name], ""]
    lines += ["| option | what it is |", "|---|---|"]
    lines += [f"| `{cell(named(action))}` | {cell(action.help or '')} |" for action in actions]
    examples = module.EPILOGS[name].removeprefix("examples:\n").rstrip().splitlines()
    lines += ["", NOT_RUN, "```sh", *(line.removeprefix("  ") for line in examples), "```", ""]
    return "\n".join(lines)


def page() -> str:
    """Return the whole page."""
    overview = [f"| [`{name}`](#weddell-{name}) | {cell(entry.help)} |" for name, entry in COMMANDS.items()]
    return "\n".join([INTRODUCTION, *overview, "", *map(section, COMMANDS)]).rstrip() + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("command-line.md").write_text(page(), "utf-8")
