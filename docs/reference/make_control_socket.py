"""Writes control-socket.md beside this file: every method of the control socket, from their declarations.

What the methods answer is asked of a compositor that is started for it, with a demo client inside.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import compositor.control.methods as methods
from compositor.control.events import KINDS
from compositor.control.jsonrpc import Code
from compositor.control.params import Range
from compositor.descriptor import Descriptor
from compositor.locate import clients_dir
from compositor.testing import Compositor

INTRODUCTION = """\
# Control socket

`$XDG_RUNTIME_DIR/<socket name>.ctl`: JSON-RPC 2.0, one object per line, for the same user only. How to speak
to it from any language: [speak to the control socket](../how-to/speak-to-the-control-socket.md). Python has
[a driver](../testing.md). This page is written by
`python docs/reference/make_control_socket.py` from the methods themselves; what they answer is asked of a
running compositor.

- Coordinates are layout pixels. Keys and buttons are evdev codes. Times are milliseconds.
- An input or window request is answered after its Wayland events have been queued to the clients.
- A request that is refused changes nothing. Its error names the method, the parameter and the value.
- A parameter that is a *descriptor* is its place among those sent with the line, whose member `fds` says how
  many there are; likewise for `fd` in an answer. A line has at most 1 MiB and 16 descriptors."""

ANSWERS: dict[str, dict[str, Any]] = {
    "windows.list": {},
    "windows.at": {"x": 200, "y": 200},
    "pointer.state": {},
    "keyboard.state": {},
    "layers.list": {},
    "capture": {},
    "output.map": {},
    "outputs.list": {},
    "output.add": {"width": 640, "height": 480},
    "clients.list": {},
    "pools.list": {},
    "launch": {"argv": ["true"]},
    "launch.list": {},
    "launch.status": {"launch": 1},
    "clock.now": {},
    "clock.advance": {"ms": 20},
    "idle.wait": {},
    "clipboard.types": {},
    "events.subscribe": {"kinds": ["window"]},
    "server.info": {},
    "server.globals": {},
}
"""What is asked, to see the members of the answer."""


def declared() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield name and function of every method, in the order of the namespaces."""
    for namespace in classes_of(methods.namespaces):
        for function in vars(namespace).values():
            name = getattr(function, "control_name", None)
            if name is not None:
                yield name, function


def classes_of(factory: Callable[..., Any]) -> list[type]:
    """Return the classes of namespaces that a factory makes, in its order."""
    names = factory.__code__.co_names
    return [vars(methods)[name] for name in names if isinstance(vars(methods).get(name), type)]


def kind(annotation: Any, bounds: Range | None = None) -> str:
    """Return what a parameter may be, in words."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extras = get_args(annotation)
        return kind(inner, next((extra for extra in extras if isinstance(extra, Range)), bounds))
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(kind(part, bounds) for part in get_args(annotation) if part is not type(None))
    span = f"{bounds.low:g} to {bounds.high:g}" if bounds is not None else ""
    if origin is list:
        return f"list of {kind(get_args(annotation)[0])}"
    if origin is dict:
        return f"object of {kind(get_args(annotation)[1])}"
    if annotation in (int, float):
        word = "integer" if annotation is int else "number"
        return f"{word} {span}" if bounds is not None and bounds.high < 2**53 else word
    if annotation is str:
        return f"string of {span}" if span else "string"
    return {bool: "true or false", Descriptor: "descriptor"}.get(annotation, "any")


def members(answer: Any) -> str:
    """Return the members of an answer, in words."""
    if isinstance(answer, list):
        inner = members(answer[0]) if answer else ""
        return f"list of {inner}" if inner.startswith("{") else "list"
    if isinstance(answer, dict):
        return "{" + ", ".join(f"`{key}`" for key in answer) + "}"
    return "nothing" if answer is None else type(answer).__name__


def asked() -> dict[str, str]:
    """Return the answers of a running compositor, in words."""
    found = {}
    with Compositor(clock="manual") as running:
        program = str(clients_dir() / "textpad.py")
        running.launch([sys.executable, program, "--size", "400x300"]).window().move(0, 40)
        for name, params in ANSWERS.items():
            found[name] = members(running.call(name, **params))
    return found


def section(name: str, function: Callable[..., Any], answer: str | None) -> list[str]:
    """Return what there is about one method."""
    text = inspect.getdoc(function) or ""
    text, _, explained = text.partition("\n\nArgs:\n")
    about = dict(line.strip().split(": ", 1) for line in explained.splitlines() if ": " in line)
    lines = [f"### {name}", "", text, ""]
    hints = get_type_hints(function, include_extras=True)
    rows = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in ("self", "call"):
            continue
        given = parameter.default
        needed = given is inspect.Parameter.empty
        default = "needed" if needed else "–" if given is None else f"`{str(given).lower()}`"
        more = f": {about[parameter.name]}" if parameter.name in about else ""
        rows.append(f"| `{parameter.name}` | {kind(hints[parameter.name])}{more} | {default} |")
    if rows:
        lines += ["| parameter | what | default |", "|---|---|---|", *rows, ""]
    if answer is not None:
        lines += [f"→ {answer}", ""]
    return lines


def page() -> str:
    """Return the whole page."""
    answers = asked()
    lines = [INTRODUCTION, ""]
    last = ""
    for name, function in declared():
        namespace = name.split(".")[0].rstrip("s")
        if namespace != last:
            lines += [f"## {namespace}", ""]
            last = namespace
        lines += section(name, function, answers.get(name))
    lines += [
        "## Events",
        "",
        f"After `events.subscribe`, notifications named `event` with `event`, `time_ns` and more. Kinds: "
        f"{', '.join(f'`{kind}`' for kind in KINDS)}. An event `window.mapped` is of the kind `window`.",
        "",
        "## Errors",
        "",
        "| code | name |",
        "|---|---|",
        *(f"| {code.value} | {code.name.lower().replace('_', ' ')} |" for code in Code),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("control-socket.md").write_text(page(), "utf-8")
