"""The host's keyboard: its layout, its locks, and what its key codes mean.

X servers that run on Linux number keys as evdev does, plus 8.
"""

from __future__ import annotations

import ctypes
from typing import NamedTuple

from compositor.backend.window.x11 import Connection
from compositor.errors import ConfigError
from compositor.logs import Log
from compositor.model.keymap import Keymap, layout_keymap

log = Log(__name__)

_OFFSET = 8
_USE_CORE_KEYBOARD = 0x100


class Locks(NamedTuple):
    """Modifiers that are locked, as a mask on the wire, and the layout in use."""

    locked: int = 0
    group: int = 0


class _XkbState(ctypes.Structure):
    _fields_ = [
        ("group", ctypes.c_ubyte),
        ("locked_group", ctypes.c_ubyte),
        ("base_group", ctypes.c_ushort),
        ("latched_group", ctypes.c_ushort),
        ("mods", ctypes.c_ubyte),
        ("base_mods", ctypes.c_ubyte),
        ("latched_mods", ctypes.c_ubyte),
        ("locked_mods", ctypes.c_ubyte),
        ("rest", ctypes.c_ubyte * 16),
    ]


def evdev_code(keycode: int) -> int:
    """Return the evdev code of an X key code."""
    return keycode - _OFFSET


def host_keymap(connection: Connection) -> Keymap | None:
    """Return the keymap of the host's layout, or None where it cannot be known or is plain us."""
    found = connection.root_strings("_XKB_RULES_NAMES")
    if len(found) < 5:
        return None
    _, _, layout, variant, options = found[:5]
    if not layout or (layout == "us" and not variant and not options):
        return None
    try:
        return layout_keymap(layout, variant, options)
    except ConfigError as error:
        log.warning("the keyboard stays us: %s", error)
        return None


def host_locks(connection: Connection) -> Locks:
    """Return which modifiers the host's keyboard has locked, and its layout in use."""
    state = _XkbState()
    try:
        get = connection.x._lib.XkbGetState
    except AttributeError:
        return Locks()
    get.argtypes = [type(connection.display), ctypes.c_uint, ctypes.c_void_p]
    if get(connection.display, _USE_CORE_KEYBOARD, ctypes.byref(state)):
        return Locks()
    return Locks(state.locked_mods, state.group)


def without_repeats(connection: Connection) -> None:
    """Have the server send no release before a repeated press."""
    try:
        detectable = connection.x._lib.XkbSetDetectableAutoRepeat
    except AttributeError:
        return
    detectable.argtypes = [type(connection.display), ctypes.c_int, ctypes.c_void_p]
    detectable(connection.display, 1, None)
