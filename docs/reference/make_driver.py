"""Writes driver.md beside this file: the Python driver and the pytest plugin, from their own docstrings."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import compositor.testing
from compositor.testing import plugin

INTRODUCTION = """\
# The Python driver

What `compositor.testing` offers, written by `python docs/reference/make_driver.py` from its docstrings;
the examples are run by the tests. To learn it, read [testing.md](../testing.md) first. An `Image` is a numpy
array, (height, width, 4) uint8, red, green, blue and alpha; `Match` is a string that has to be equal, or a
compiled pattern that has to be found. Coordinates are layout pixels: those of a screen of scale 1.

It is synchronous: a call returns when what it asks for is done, so that a test reads from top to bottom.
There is no twin for asyncio, which would be all of it a second time; there,
`await asyncio.to_thread(window.resize, 640, 480)` does it, one call at a time, since a connection is for one
thread.
"""

GROUPS = {
    "Running programs": ("Compositor", "Application", "Window", "Geometry"),
    "Input": ("Keyboard", "Pointer", "Touch", "Clipboard"),
    "Screens and time": ("Output", "Clock", "Recording"),
    "Pictures": ("assert_image", "compare", "Comparison", "find_image", "find_images", "find_text",
                 "read_text", "Found", "load", "save"),
    "Errors": ("DriverError", "CompositorDied", "ConnectionFailed", "RequestRefused", "RequestTimedOut",
               "WaitTimeout", "WindowGone", "ImageMismatch"),
}  # fmt: skip
_INTERNAL = {
    "wait_until",
    "choose",
    "fate",
    "connect",
    "exchange",
    "call",
    "window_infos",
    "capture",
    "pause",
}
"""Public for the driver's own modules and for commands."""
_SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Yields):$")
_ENTRY = re.compile(r"^    ([\w*, ]+): (.*)$")


class Option(NamedTuple):
    """One option of the plugin."""

    name: str
    help: str


def public() -> list[str]:
    """Return every name on the page."""
    return [name for names in GROUPS.values() for name in names]


def prose(docstring: str | None) -> str:
    """Return a docstring as Markdown: its sections become lists, code stays as it is."""
    lines: list[str] = []
    section = ""
    for line in inspect.cleandoc(docstring or "").splitlines():
        heading = _SECTION.match(line)
        entry = _ENTRY.match(line) if section else None
        if heading:
            section = heading[1]
            lines += ["", f"*{section.lower()}*", ""]
        elif entry:
            lines.append(f"- `{entry[1]}`: {entry[2]}")
        elif section and line.strip():
            lines.append(f"  {line.strip()}" if lines[-1] else f"- {line.strip()}")
        else:
            section = "" if line.strip() else section
            lines.append(line)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    # Examples become fenced, and keep their indentation out of the page.
    text = re.sub(
        r"(?:^|\n\n)((?:    .*(?:\n|$)|\n(?=    ))+)",
        lambda found: f"\n\n```python\n{textwrap.dedent(found[1]).strip()}\n```\n",
        text,
    )
    return re.sub(r"``([^`\n]+)``", r"`\1`", text).replace("\n\n\n", "\n\n")


def signature(name: str, function: Any) -> str:
    """Return a call as people write it, without what every method has."""
    parts = []
    made = inspect.signature(function)
    for parameter in made.parameters.values():
        if parameter.name == "self":
            continue
        star = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
        text = star.get(parameter.kind, "") + parameter.name
        if parameter.annotation is not inspect.Parameter.empty:
            text += f": {readable(parameter.annotation)}"
        if parameter.default is not inspect.Parameter.empty:
            default = parameter.default
            text += f" = {default if isinstance(default, float) else repr(default)}"
        parts.append(text)
    returned = made.return_annotation
    arrow = "" if returned in (None, "None", inspect.Signature.empty) else f" -> {readable(returned)}"
    return f"{name}({', '.join(parts)}){arrow}"


def readable(annotation: Any) -> str:
    """Return an annotation as the introduction spells it."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return text.replace("npt.NDArray[np.uint8]", "Image").replace("os.PathLike[str]", "PathLike")


def members(cls: type) -> list[tuple[str, Any]]:
    """Return what a class declares for its users, in the order of its source, then what its base does."""
    declared: dict[str, Any] = {}
    for base in cls.__mro__:
        if base.__module__.startswith("compositor."):
            declared = {**declared, **{n: m for n, m in vars(base).items() if n not in declared}}
    return [
        (name, member)
        for name, member in declared.items()
        if not name.startswith("_") and name not in _INTERNAL and (callable(member) or _described(member))
    ]


def _described(member: Any) -> bool:
    return isinstance(member, property | classmethod)


def describe_class(name: str, cls: type) -> list[str]:
    """Return the part of the page on a class."""
    if issubclass(cls, BaseException):
        bases = ", ".join(f"`{base.__name__}`" for base in cls.__bases__)
        return [f"### {name}", "", f"({bases}) {prose(cls.__doc__)}", ""]
    made = issubclass(cls, tuple) or hasattr(cls, "__dataclass_fields__")
    hidden = name not in ("Compositor",)
    call = name if made or hidden else signature(name, cls)
    parts = [f"### {name}", "", *([f"`{call}`", ""] if call != name else []), prose(cls.__doc__), ""]
    properties = [(n, m) for n, m in members(cls) if isinstance(m, property)]
    if properties:
        parts += ["| property | |", "| --- | --- |"]
        for member, found in properties:
            returned = readable(inspect.signature(found.fget).return_annotation)
            first = " ".join((inspect.getdoc(found.fget) or "").split("\n\n")[0].split())
            can_set = " Can be set." if found.fset else ""
            kind = returned.replace("|", "\\|")
            parts.append(f"| `{member}`: `{kind}` | {first.replace('``', '`')}{can_set} |")
        parts.append("")
    for member, found in members(cls):
        if isinstance(found, property):
            continue
        function = found.__func__ if isinstance(found, classmethod) else found
        text = signature(member, function).replace("cls, ", "").replace("cls", "")
        parts += [f"#### `{text}`", "", prose(inspect.getdoc(found)), ""]
    return parts


def describe(name: str) -> list[str]:
    """Return the part of the page on a public name."""
    found = getattr(compositor.testing, name)
    if inspect.isclass(found):
        return describe_class(name, found)
    return [f"### `{signature(name, found)}`", "", prose(inspect.getdoc(found)), ""]


def fixtures() -> list[str]:
    """Return the fixtures of the plugin as a list, from its source."""
    tree = ast.parse(Path(plugin.__file__).read_text("utf-8"))
    lines = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        if any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list):
            text = " ".join((ast.get_docstring(node) or "").split())
            lines.append(f"- `{node.name}`: {text}".replace("``", "`"))
    return lines


def options() -> list[Option]:
    """Return the options of the plugin, in its order."""
    found: list[Option] = []

    class Group:
        def addoption(self, name: str, metavar: str = "", help: str = "", **more: Any) -> None:
            takes = metavar or "|".join(more.get("choices", ()))
            found.append(Option(f"{name} {takes}".strip(), help))

    class Parser:
        def getgroup(self, *_: str) -> Group:
            return Group()

    plugin.pytest_addoption(Parser())  # type: ignore[arg-type]
    return found


def page() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for title, names in GROUPS.items():
        parts += [f"## {title}", ""]
        for name in names:
            parts += describe(name)
    parts += ["## The pytest plugin", "", *fixtures(), "", "| option | |", "| --- | --- |"]
    bar = "\\|"
    parts += [f"| `{option.name.replace('|', bar)}` | {option.help} |" for option in options()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("driver.md").write_text(page(), encoding="utf-8")
