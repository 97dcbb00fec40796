"""Keymaps made to type given characters, for what the keymap in use lacks.

Each character gets a key of its own, so that a seat can type Greek on a US keyboard: switch to this keymap,
press, switch back, as virtual keyboards do.
"""

from __future__ import annotations

from compositor.model.keymap import keysyms
from compositor.model.keymap.base import KeymapError
from compositor.model.keymap.table import TYPES, Key, TableKeymap

FIRST_CODE = 1
MAX_CHARACTERS = 247
"""More would need key codes beyond 255, which Xwayland's clients cannot see."""


def text_keymap(chars: str) -> TableKeymap:
    """Return a keymap with a key for each distinct character of a text; `lookup` tells which.

    Args:
        chars: printable characters, and newline, tab, backspace and escape. The order decides the key codes.

    Raises:
        KeymapError: for other control characters, lone surrogates, or too many different ones.
    """
    distinct = list(dict.fromkeys(chars.replace("\r", "\n")))
    if len(distinct) > MAX_CHARACTERS:
        raise KeymapError(f"{len(distinct)} different characters: one keymap holds {MAX_CHARACTERS}")
    keys = []
    for code, char in enumerate(distinct, FIRST_CODE):
        name = keysyms.CONTROL_CHARACTERS.get(char)
        keysym = keysyms.from_char(char) if name is None else keysyms.NAMES[name]
        if not keysym:
            raise KeymapError(f"no key can type the character U+{ord(char):04X}")
        keys.append(Key(code, f"U{code:03}", TYPES["ONE_LEVEL"], (keysym,)))
    return TableKeymap("Characters", keys)
