"""Every declared interface against the tables of the reference library's binding.

The declarations are our reading of the protocols; pywayland's tables were
generated from the XML. What pywayland does not have is listed here by name,
so that a typing mistake in a name cannot hide as a protocol of our own.
"""

from __future__ import annotations

import importlib
import pkgutil
from enum import EnumMeta
from typing import Any

import pytest
from support.tables import Argument, Message, table, tables

import compositor.protocol
from compositor.protocol import globals as protocol_globals
from compositor.protocol import output_global
from compositor.wire.interface import INTERFACES, Interface, interface_class

for _module in pkgutil.walk_packages(compositor.protocol.__path__, "compositor.protocol."):
    importlib.import_module(_module.name)

FAMILIES_WITHOUT_TABLE = (
    "zwlr_",
    "org_kde_",
    "zwp_virtual_keyboard_",
    "zwp_input_",
    "zwp_text_input_v2",
    "zwp_text_input_manager_v2",
    "gtk_",
)
"""The wlroots family and KDE's, proved by the real programs that speak them."""

# Only the classes that ship: tests declare interfaces of their own.
OURS = {name: cls for name, cls in sorted(INTERFACES.items()) if cls.__module__.startswith("compositor.")}
KNOWN = {name: cls for name, cls in OURS.items() if name in tables()}

# Requests that end their object, where the name does not say so. Source: type="destructor" in the XML.
DESTRUCTORS = {
    ("wl_data_offer", "destroy"),
    ("wl_keyboard", "release"),
    ("wl_pointer", "release"),
    ("wl_touch", "release"),
    ("wl_seat", "release"),
    ("wl_output", "release"),
    ("wl_data_device", "release"),
    ("wl_shm", "release"),
    ("zwp_text_input_v3", "destroy"),
    ("xdg_toplevel_session_v1", "remove"),
    ("ext_image_copy_capture_frame_v1", "destroy"),
    ("ext_session_lock_v1", "unlock_and_destroy"),
    ("xdg_activation_token_v1", "destroy"),
}
# Names that look like destructors and are none.
NOT_DESTRUCTORS = {("wl_fixes", "destroy_registry"), ("ext_foreign_toplevel_list_v1", "stop")}
EVENT_DESTRUCTORS = {
    ("wl_callback", "done"),
    ("wp_presentation_feedback", "presented"),
    ("wp_presentation_feedback", "discarded"),
}


def arguments(message: Any) -> list[Argument]:
    """Return a declared message's arguments in the tables' words."""
    return [
        Argument(a.kind, a.nullable, interface_class(a.interface).NAME if a.interface else None)
        for a in message.arguments
    ]


def as_table(message: Any) -> Message:
    """Return a declared message in the tables' words."""
    return Message(message.name, message.opcode, message.since, tuple(arguments(message)))


def up_to(messages: Any, version: int) -> list[Message]:
    """Return the messages that a version has. Later ones always stand at the end."""
    return [m for m in messages if m.since <= version]


def plain(name: str) -> str:
    """Return an enum entry's name without what Python's rules for names made of it."""
    return name.lower().removeprefix("transform_").strip("_")


def camel(name: str) -> str:
    """Return the class name of an enum: wm_capabilities is WmCapabilities."""
    return "".join(part.capitalize() for part in name.split("_"))


def test_what_pywayland_lacks_belongs_to_a_family_that_it_lacks() -> None:
    unknown = [name for name in OURS if name not in tables()]
    assert [] == [name for name in unknown if not name.startswith(FAMILIES_WITHOUT_TABLE)]


@pytest.mark.parametrize("cls", KNOWN.values(), ids=list(KNOWN))
class TestInterface:
    """One declared interface."""

    def test_version_is_not_newer_than_the_protocol(self, cls: type[Interface]) -> None:
        assert 1 <= cls.VERSION <= table(cls.NAME).version

    def test_requests_are_those_of_the_version(self, cls: type[Interface]) -> None:
        expected = up_to(table(cls.NAME).requests.values(), cls.VERSION)
        assert expected == [as_table(m) for m in cls.REQUESTS]

    def test_events_are_those_of_the_version(self, cls: type[Interface]) -> None:
        expected = up_to(table(cls.NAME).events, cls.VERSION)
        actual = [as_table(m) for m in cls.EVENTS]
        # An event's object may be left untyped by us: what is sent is the same.
        assert [m.name for m in expected] == [m.name for m in actual]
        for theirs, ours in zip(expected, actual, strict=True):
            assert theirs.since == ours.since
            assert [a.kind for a in theirs.arguments] == [a.kind for a in ours.arguments]
            assert [a.nullable for a in theirs.arguments] == [a.nullable for a in ours.arguments]
            for a, b in zip(theirs.arguments, ours.arguments, strict=True):
                assert b.interface in (None, a.interface)

    def test_enums_have_the_protocols_names_and_values(self, cls: type[Interface]) -> None:
        theirs = {camel(name): members for name, members in table(cls.NAME).enums.items()}
        for name, ours in vars(cls).items():
            if not isinstance(ours, EnumMeta):
                continue
            assert name in theirs, f"the protocol has no enum {name}"
            values = {plain(k): v for k, v in theirs[name].items()}
            for member, value in ours.__members__.items():
                assert plain(member) in values, f"{name} has no {member}"
                assert values[plain(member)] == int(value), f"{name}.{member}"

    def test_errors_are_complete_up_to_the_version(self, cls: type[Interface]) -> None:
        theirs = table(cls.NAME).enums.get("error", {})
        errors = vars(cls).get("Error")
        # Newer versions may add errors; the tables do not say since when.
        if table(cls.NAME).version == cls.VERSION:
            ours = {plain(k) for k in errors.__members__} if errors is not None else set()
            assert {plain(k) for k in theirs} == ours

    def test_destructors_are_marked(self, cls: type[Interface]) -> None:
        for message in cls.REQUESTS:
            key = (cls.NAME, message.name)
            named = message.name in ("destroy", "release") and key not in NOT_DESTRUCTORS
            assert (named or key in DESTRUCTORS) == message.destructor, message.name
        for message in cls.EVENTS:
            if message.destructor:
                assert (cls.NAME, message.name) in EVENT_DESTRUCTORS


def test_what_is_announced_before_its_module_is_there_has_the_version_of_its_class() -> None:
    entries = [protocol_globals.DATA_DEVICES, *protocol_globals.ENTRIES, *protocol_globals.LEGACY_ENTRIES]
    announced = {entry.name: entry.version for entry in entries}
    announced["wl_output"] = output_global.VERSION
    assert announced == {name: INTERFACES[name].VERSION for name in announced}
