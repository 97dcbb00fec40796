"""Programs that can be started from the launcher: the demo clients, and what the desktop has installed.

Source of the .desktop files: the Desktop Entry Specification.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from compositor.locate import clients_dir

_MAX_FILES = 2000
_MAX_BYTES = 64 << 10


class Program(NamedTuple):
    """A program and how it is started."""

    name: str
    about: str
    argv: tuple[str, ...]


def programs() -> list[Program]:
    """Return what can be started: first our own, then the desktop's, each by name."""
    found = sorted(_demos(), key=lambda program: program.name)
    names = {program.name for program in found}
    desktop = sorted(_installed(), key=lambda program: program.name.lower())
    return found + [program for program in desktop if program.name not in names]


def _demos() -> Iterator[Program]:
    for path in clients_dir().glob("*.py"):
        if path.name.startswith("_"):
            continue
        try:
            about = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        except (OSError, SyntaxError):
            continue
        # The first line up to where it goes into detail.
        summary = re.split(r"[:;,.\n]", about, maxsplit=1)[0]
        yield Program(path.stem.capitalize(), summary, (sys.executable, str(path)))


def _installed() -> Iterator[Program]:
    home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    folders = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    seen: set[str] = set()
    for folder in (home, *folders.split(":")):
        for path in sorted(Path(folder, "applications").glob("*.desktop"))[:_MAX_FILES]:
            if path.name in seen:
                continue
            seen.add(path.name)
            try:
                with path.open(encoding="utf-8", errors="replace") as file:
                    program = desktop_entry(file.read(_MAX_BYTES))
            except OSError:
                continue
            if program is not None:
                yield program


def desktop_entry(text: str) -> Program | None:
    """Return the program of a .desktop file; None if it is none to be listed, or not installed."""
    values: dict[str, str] = {}
    group = ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            group = line
        elif group == "[Desktop Entry]" and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            values.setdefault(key.strip(), value.strip())
    hidden = any(values.get(key, "").lower() == "true" for key in ("NoDisplay", "Hidden", "Terminal"))
    if hidden or values.get("Type", "Application") != "Application" or not values.get("Name"):
        return None
    try:
        argv = [word for word in shlex.split(values.get("Exec", "")) if not word.startswith("%")]
    except ValueError:
        return None
    if not argv or shutil.which(argv[0]) is None:
        return None
    return Program(values["Name"], values.get("Comment") or values.get("GenericName", ""), tuple(argv))
