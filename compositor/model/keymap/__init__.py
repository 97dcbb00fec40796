"""Keymaps: what keys mean, in pure Python or through libxkbcommon.

- `builtin_keymap()`: our own US layout, always there;
- `text_keymap(chars)`: types any characters;
- `layout_keymap("de")`: the system's layouts, through libxkbcommon;
- `keymap_from_text(data)`: a keymap that a client sent, through libxkbcommon.

All are `Keymap`s: immutable, with a `KeyboardState` for each keyboard. Key codes are evdev's everywhere.
`Keymap.text` goes to clients in a descriptor, with a NUL at its end that counts in the size.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from compositor.model.keymap.base import (
    KeyboardState,
    KeyChord,
    Keymap,
    KeymapError,
    Modifier,
    Modifiers,
)
from compositor.model.keymap.us import builtin_keymap

if TYPE_CHECKING:
    from compositor.model.keymap.unicode import text_keymap
    from compositor.model.keymap.xkbcommon import keymap_from_text, layout_keymap

_HOMES = {"keymap_from_text": "xkbcommon", "layout_keymap": "xkbcommon", "text_keymap": "unicode"}
"""Modules that are imported when somebody first asks for what they have: most compositors never do."""


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value


__all__ = [
    "KeyChord",
    "KeyboardState",
    "Keymap",
    "KeymapError",
    "Modifier",
    "Modifiers",
    "builtin_keymap",
    "keymap_from_text",
    "layout_keymap",
    "text_keymap",
]
