"""Writes memory.md beside this file: the public names of `compositor.memory`, from their docstrings."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import compositor.memory as memory
from compositor.native.sources import MODULES, source

INTRODUCTION = """\
# Memory library

`compositor.memory`: sealed shared memory, useful without Wayland. This page is written by
`python docs/reference/make_memory.py` from the docstrings; what the ideas are and why they are right is
told, with examples that run, in [sealed memory](../explanation/sealed-memory.md)."""

ROOMS = (
    ("seals", "Seals"),
    ("judgement", "The judge"),
    ("pool", "Reading: pools"),
    ("mapping", "Mappings"),
    ("bounds", "Bounds"),
    ("growable", "Writing: growable buffers"),
    ("frozen", "Frozen messages"),
    ("fdpass", "Descriptors over sockets"),
    ("descriptor", "Owned descriptors"),
    ("rpc", "Questions and answers"),
    ("objects", "Objects"),
    ("grants", "Grants"),
    ("ring", "Rings of frames"),
    ("inherit", "Inheritance"),
    ("handshake", "Handshake"),
    ("identity", "Who is there"),
)

_SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Yields):$")


def rendered(doc: str | None) -> list[str]:
    """Return a docstring as Markdown: its sections become lists."""
    lines: list[str] = []
    inside = False
    for line in (inspect.cleandoc(doc) if doc else "").splitlines():
        found = _SECTION.match(line)
        if found:
            inside = True
            lines += [f"*{found[1]}*", ""]
        elif not line.strip():
            lines.append("")
        elif inside and line.startswith("    "):
            text = line[4:]
            entry = re.match(r"([\w*]+(?:\.\w+)*): (.*)", text)
            if text.startswith(" "):
                lines[-1] += " " + text.strip()
            elif entry:
                lines.append(f"- `{entry[1]}`: {entry[2]}")
            elif lines and lines[-1] and lines[-1][0] not in "*":
                lines[-1] += " " + text
            else:
                lines.append(f"- {text}")
        else:
            inside = False
            lines.append(line)
    return lines


def signature(value: Any) -> str:
    """Return the parameters of a function, method or class."""
    try:
        text = str(inspect.signature(value))
    except (TypeError, ValueError):
        return ""
    text = re.sub(r"'([^']*)'", r"\1", text) if "'" in text else text
    text = re.sub(r"\bcompositor\.[\w.]+\.(\w+)", r"\1", text)
    text = re.sub(r"<(\w+)\.(\w+): [^>]*>", r"\1.\2", text)
    return re.sub(r"\(self(?:, )?", "(", text)


def own(value: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class that say what they are for."""
    for name, member in vars(value).items():
        if name.startswith("_"):
            continue
        member = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if isinstance(member, property) or inspect.isfunction(member):
            yield name, member


def as_written(value: Any) -> Any:
    """Return a class or function as its Python source has it: one that is compiled says less of itself."""
    home = getattr(value, "__module__", "")
    if home not in MODULES:
        return value
    spec = spec_from_file_location(home, source(home))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, value.__name__)


def entry(name: str) -> list[str]:
    """Return what there is about one name."""
    value = as_written(getattr(memory, name))
    if isinstance(value, type) and issubclass(value, enum.Enum):
        doc = [] if value.__doc__ == enum.Enum.__doc__ else rendered(value.__doc__)
        names = ", ".join(f"`{member.name}`" for member in value)
        return [f"### {name}", "", *doc, "", f"One of {names}.", ""]
    if isinstance(value, type) and issubclass(value, BaseException):
        base = value.__mro__[1].__name__
        return [f"### {name}", "", f"An error, a `{base}`.", "", *rendered(value.__doc__), ""]
    if not callable(value):
        shown = " | ".join(seal.name for seal in value) if isinstance(value, enum.Flag) else repr(value)
        return [f"### {name}", "", f"`{shown}`", ""]
    lines = [f"### {name}", "", f"`{name}{signature(value)}`", "", *rendered(value.__doc__), ""]
    if isinstance(value, type):
        if (
            value.__init__.__doc__
            and value.__init__ is not object.__init__
            and inspect.isfunction(value.__init__)
        ):
            lines += [*rendered(value.__init__.__doc__), ""]
        for member, function in own(value):
            if isinstance(function, property):
                lines += [f"**`{name}.{member}`**", "", *rendered(function.__doc__), ""]
            else:
                lines += [f"**`{name}.{member}{signature(function)}`**", "", *rendered(function.__doc__), ""]
    return lines


def page() -> str:
    """Return the whole page.

    Raises:
        KeyError: if a public name lives in a module that `ROOMS` does not know.
    """
    by_room: dict[str, list[str]] = {}
    for name in memory.__all__:
        by_room.setdefault(memory._HOMES[name].rpartition(".")[2], []).append(name)
    lines = [INTRODUCTION, ""]
    for room, title in ROOMS:
        lines += [f"## {title}", ""]
        for name in by_room.pop(room):
            lines += entry(name)
    if by_room:
        raise KeyError(f"ROOMS lacks {', '.join(by_room)}")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("memory.md").write_text(page(), "utf-8")
