"""The grammar of requests, read from the interface classes: they are the protocol table."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from compositor.protocol import globals as protocol_globals
from compositor.wire.interface import INTERFACES, Interface, Message, interface_class


class Argument(NamedTuple):
    """kind is the letter of wl_message; interface is the wire name, or nothing."""

    name: str
    kind: str
    nullable: bool
    interface: str


class Entry(NamedTuple):
    """One request or event."""

    name: str
    opcode: int
    since: int
    destructor: bool
    arguments: tuple[Argument, ...]


class Table(NamedTuple):
    """One interface."""

    name: str
    version: int
    requests: dict[str, Entry]
    events: tuple[Entry, ...]


class Creator(NamedTuple):
    """A request that makes an object of some interface."""

    interface: str
    request: str


def _entry(message: Message) -> Entry:
    arguments = []
    for argument in message.arguments:
        interface = interface_class(argument.interface).NAME if argument.interface else ""
        arguments.append(Argument(argument.name, argument.kind, argument.nullable, interface))
    return Entry(message.name, message.opcode, message.since, message.destructor, tuple(arguments))


@cache
def tables() -> dict[str, Table]:
    """Return every interface of the compositor by its wire name."""
    for load in protocol_globals.preload():
        load()
    for entry in protocol_globals.LEGACY_ENTRIES:
        __import__(f"compositor.protocol.{entry.module}")
    return {
        name: _table(cls) for name, cls in sorted(INTERFACES.items()) if cls.__module__[:10] == "compositor"
    }


def _table(cls: type[Interface]) -> Table:
    requests = {message.name: _entry(message) for message in cls.REQUESTS}
    return Table(cls.NAME, cls.VERSION, requests, tuple(_entry(message) for message in cls.EVENTS))


@cache
def global_names() -> frozenset[str]:
    """Return the interfaces that the registry offers."""
    core = {"wl_compositor", "wl_seat", "wl_data_device_manager", "wl_fixes", "wl_output"}
    entries = (*protocol_globals.ENTRIES, *protocol_globals.LEGACY_ENTRIES)
    return frozenset(core | {entry.name for entry in entries})


@cache
def creators() -> dict[str, tuple[Creator, ...]]:
    """Return which requests make objects of an interface."""
    found: dict[str, list[Creator]] = {}
    for table in tables().values():
        for entry in table.requests.values():
            for argument in entry.arguments:
                if argument.kind == "n":
                    found.setdefault(argument.interface, []).append(Creator(table.name, entry.name))
    return {name: tuple(made) for name, made in found.items()}


@cache
def reachable() -> tuple[str, ...]:
    """Return the interfaces that a client can have an object of by its own requests, and that have any."""
    known = {"wl_display", "wl_registry", *global_names()}
    while True:
        more = {
            name
            for name, makers in creators().items()
            if name not in known and any(maker.interface in known for maker in makers)
        }
        if not more:
            break
        known |= more
    # Those that come with events: offers and the like.
    known |= {a.interface for t in tables().values() for e in t.events for a in e.arguments if a.kind == "n"}
    return tuple(sorted(name for name in known if tables()[name].requests))
