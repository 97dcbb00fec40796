"""Declarations of the wlroots family against tables of their own, which the tests' client speaks by."""

from __future__ import annotations

import pytest
from support.tables import Argument, Message, more_tables

from compositor.protocol import globals as announced
from compositor.wire.interface import INTERFACES, Interface, interface_class

announced._load_all()


def declared(message: object) -> Message:
    """Return a declared message in the tables' words."""
    arguments = tuple(
        Argument(a.kind, a.nullable, interface_class(a.interface).NAME if a.interface else None)
        for a in message.arguments  # type: ignore[attr-defined]
    )
    return Message(message.name, message.opcode, message.since, arguments)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(more_tables()))
def test_a_declaration_is_what_its_table_says(name: str) -> None:
    table = more_tables()[name]
    cls: type[Interface] = INTERFACES[name]
    assert table.version == cls.VERSION
    assert list(table.requests.values()) == [declared(m) for m in cls.REQUESTS]
    assert list(table.events) == [declared(m) for m in cls.EVENTS]
    if "error" in table.enums:
        errors = {member.name.lower(): int(member) for member in cls.Error}  # type: ignore[attr-defined]
        assert table.enums["error"] == errors
