"""What a program said to the compositor, written down so that it can be said again without the program.

A recording is text: a line of JSON for each thing that happened, in order.

    {"program": "foot", "version": "1.13.1-2", "outputs": ["1000x700"]}     the first line
    [1, "wl_compositor", 4, "create_surface", [13]]                          client 1 to its object 4
    [1, "wl_shm", 6, "create_pool", [14, {"memfd": 4096}, 4096]]
    [1, "xdg_surface", 9, "ack_configure", [{"serial": ["configure", 9, 0]}]]
    {"do": ["window.resize", {"id": 1, "width": 600, "height": 400}]}        a request of the control socket
    {"windows": [{"id": 1, "width": 600, …}]}                                what there was after that
    {"windows": [], "layers": [{"id": 1, "y": 0, …}]}                        the same of a panel or a launcher
    {"gone": true}                                                           everybody has hung up

Requests come from the compositor's own trace, which is to say from its input after decoding. No pixel is
kept: a descriptor is a marker of what it was, and is played as an empty memfd of the same size, as the end of
a pipe, or as the keymap that the compositor has of its own. A serial is kept as the event that brought it:
the first configure of object 9, counted from 0 over all objects that had that id. Global names are kept as
interfaces. Answers to pings are left out: they come when they are asked for. Strings are as the program said
them: record with a home and paths that tell nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from compositor.protocol.globals import preload
from compositor.wire.interface import INTERFACES, Argument, Interface, Message

Line = Any
"""A list for a request, a dict for everything else."""

_COUNTERS = {"zwp_text_input_v1", "zwp_text_input_v3", "zwp_input_method_v2"}
"""Interfaces whose serials are counts of their own and no serials of the compositor's."""


class UnplayableError(ValueError):
    """Something that a recording cannot hold."""


def read(path: Path) -> tuple[dict[str, Any], list[Line]]:
    """Return a recording's first line and all others."""
    first, *lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return first, lines


def write(path: Path, head: dict[str, Any], lines: Iterable[Line]) -> None:
    """Write a recording."""
    texts = [json.dumps(line, ensure_ascii=False, separators=(", ", ": ")) for line in [head, *lines]]
    path.write_text("\n".join(texts) + "\n", "utf-8")


@cache
def declared(interface: str) -> type[Interface]:
    """Return the compositor's own declaration of an interface."""
    if interface not in INTERFACES:
        for load in preload():
            load()
    return INTERFACES[interface]


@cache
def serial_places(interface: str, event: str) -> tuple[int, ...]:
    """Return which arguments of an event are serials of the compositor's."""
    if interface in _COUNTERS:
        return ()
    message = next(one for one in declared(interface).EVENTS if one.name == event)
    return tuple(place for place, argument in enumerate(message.arguments) if argument.name == "serial")


class Translator:
    """Turns lines of a trace into lines of a recording, one after the other."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._serials: dict[tuple[int, int], list[Any]] = {}
        self._counts: Counter[tuple[int, str, int]] = Counter()
        self._globals: dict[tuple[int, int], str] = {}

    def lines(self, traced: dict[str, Any]) -> list[Line]:
        """Return what one traced message is in a recording: nothing, or one line."""
        client = self._numbers.setdefault(traced["client"], len(self._numbers) + 1)
        interface, oid, name, args = (traced[key] for key in ("interface", "object", "message", "args"))
        cls = declared(interface)
        messages = cls.EVENTS if traced["event"] else cls.REQUESTS
        message = next(one for one in messages if one.name == name)
        if traced["event"]:
            self._hear(client, interface, oid, message, args)
            return []
        if (interface, name) == ("xdg_wm_base", "pong"):
            return []
        said = [
            self._argument(client, interface, message, argument, value, args)
            for argument, value in zip(message.arguments, args, strict=True)
        ]
        if (interface, name) == ("wl_registry", "bind"):
            said[0] = {"global": self._globals[client, args[0]]}
        return [[client, interface, oid, name, said]]

    def _hear(self, client: int, interface: str, oid: int, message: Message, args: list[Any]) -> None:
        if (interface, message.name) == ("wl_registry", "global"):
            self._globals[client, args[0]] = args[1]
        for place in serial_places(interface, message.name):
            count = self._counts[client, message.name, oid]
            self._counts[client, message.name, oid] += 1
            self._serials[client, args[place]] = [message.name, oid, count]

    def _argument(
        self, client: int, interface: str, message: Message, argument: Argument, value: Any, args: list[Any]
    ) -> Any:
        match argument.kind:
            case "o" if isinstance(value, str):
                return int(value.rpartition("#")[2])
            case "h":
                return _marker(interface, message.name, args)
            case "a":
                if value.endswith("…"):
                    raise UnplayableError(f"{interface}.{message.name}: the trace cut a long array off")
                return {"hex": value}
            case "u" if argument.name == "serial" and interface not in _COUNTERS:
                found = self._serials.get((client, value))
                return {"serial": found} if found is not None else value
            case _:
                return value


def _marker(interface: str, message: str, args: list[Any]) -> dict[str, Any]:
    """Return what a descriptor was."""
    if (interface, message) == ("wl_shm", "create_pool"):
        return {"memfd": args[2]}
    if message == "receive":
        return {"pipe": "write"}
    if (interface, message) == ("zwp_virtual_keyboard_v1", "keymap"):
        return {"keymap": "us"}
    raise UnplayableError(f"{interface}.{message} passes a descriptor whose content matters")
