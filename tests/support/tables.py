"""Signatures of interfaces: the standard ones from pywayland's installed tables, others from `wlr`."""

from __future__ import annotations

import enum
import importlib
import pkgutil
from functools import cache
from typing import Any, NamedTuple

import pytest

pytest.importorskip("pywayland")

import pywayland.protocol
from pywayland.protocol_core import ArgumentType

from support.wlr import WLR

_LETTERS = {
    ArgumentType.Int: "i",
    ArgumentType.Uint: "u",
    ArgumentType.Fixed: "f",
    ArgumentType.String: "s",
    ArgumentType.Object: "o",
    ArgumentType.NewId: "n",
    ArgumentType.Array: "a",
    ArgumentType.FileDescriptor: "h",
}
# Unstable predecessors that use the names of their successors.
_SKIPPED = {"tablet_unstable_v2", "xdg_shell_unstable_v5"}


class Argument(NamedTuple):
    """kind is the letter of wl_message, N for a new_id that carries its interface and version."""

    kind: str
    nullable: bool
    interface: str | None


class Message(NamedTuple):
    """One request or event."""

    name: str
    opcode: int
    since: int
    arguments: tuple[Argument, ...]


class Table(NamedTuple):
    """One interface."""

    name: str
    version: int
    requests: dict[str, Message]
    events: tuple[Message, ...]
    enums: dict[str, dict[str, int]]


@cache
def tables() -> dict[str, Table]:
    """Return every interface that pywayland knows, by its wire name."""
    found: dict[str, Table] = {}
    for module in pkgutil.iter_modules(pywayland.protocol.__path__):
        if module.name in _SKIPPED:
            continue
        source = importlib.import_module(f"pywayland.protocol.{module.name}")
        for cls in vars(source).values():
            if getattr(cls, "__module__", None) == source.__name__ and hasattr(cls, "requests"):
                found[cls.name] = _table(cls)
    return found


@cache
def more_tables() -> dict[str, Table]:
    """Return the interfaces that pywayland lacks, as `support.wlr` has them."""
    found = {}
    for block in WLR.strip().split("\n\n"):
        head, *lines = block.split("\n")
        name, version, *errors = head.split()
        pairs = (error.split("=") for error in errors[1:])
        enums = {"error": {key: int(value) for key, value in pairs}} if errors else {}
        groups: dict[str, list[Message]] = {">": [], "<": []}
        for line in lines:
            message = _message_line(line[1:].split(), len(groups[line[0]]))
            groups[line[0]].append(message)
        requests = {message.name: message for message in groups[">"]}
        found[name] = Table(name, int(version), requests, tuple(groups["<"]), enums)
    return found


def _message_line(words: list[str], opcode: int) -> Message:
    since = int(words.pop(0)) if words[0].isdigit() else 1
    name, *arguments = words
    return Message(
        name,
        opcode,
        since,
        tuple(
            Argument(kind.lstrip("?"), kind.startswith("?"), interface or None)
            for kind, _, interface in (argument.partition(":") for argument in arguments)
        ),
    )


def table(name: str) -> Table:
    """Return one interface.

    Raises:
        KeyError: if nobody has it.
    """
    return tables().get(name) or more_tables()[name]


def _table(cls: Any) -> Table:
    requests = [_message(opcode, message) for opcode, message in enumerate(cls.requests)]
    events = tuple(_message(opcode, message) for opcode, message in enumerate(cls.events))
    enums = {
        name: {member: int(value) for member, value in value.__members__.items()}
        for name, value in vars(cls).items()
        if isinstance(value, enum.EnumMeta)
    }
    return Table(cls.name, cls.version, {m.name: m for m in requests}, events, enums)


def _message(opcode: int, message: Any) -> Message:
    arguments = []
    for argument in message.arguments:
        kind = _LETTERS[argument.argument_type]
        interface = argument.interface.name if argument.interface is not None else None
        if kind == "n" and interface is None:
            kind = "N"
        arguments.append(Argument(kind, bool(argument.nullable), interface))
    return Message(message.name, opcode, message.version or 1, tuple(arguments))
