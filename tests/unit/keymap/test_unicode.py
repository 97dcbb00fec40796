"""Keymaps made to type given characters."""

from __future__ import annotations

import pytest
from xkb_reference import XkbCommon

from compositor.model.keymap import KeymapError, keymap_from_text, text_keymap

TEXT = "Grüße, Ωμέγα! 日本 €🙂\n\té\r"


def test_each_character_has_a_key_of_its_own(xkb: XkbCommon) -> None:
    keymap = text_keymap(TEXT)
    compiled = xkb.compile(keymap.text)
    for char in set(TEXT):
        chord = keymap.lookup(char)
        assert chord is not None and not chord.held, char
        keysym = keymap.new_state().keysym(chord.key)
        assert [keysym] == compiled.levels(chord.key)
        assert ord(char.replace("\n", "\r")) == xkb.c.xkb_keysym_to_utf32(keysym)
    assert [] == xkb.log


def test_a_keymap_full_of_characters_passes_as_a_clients(xkb: XkbCommon) -> None:
    keymap = text_keymap("".join(chr(0x400 + index) for index in range(247)))
    assert keymap.keys == keymap_from_text(keymap.text + b"\0").keys


@pytest.mark.parametrize(
    ("chars", "reason"),
    [
        ("a\x07", r"U\+0007"),
        ("\ud800", r"U\+D800"),
        ("\x7f", r"U\+007F"),
        ("".join(map(chr, range(0x400, 0x4F8))), "248 different"),
    ],
)
def test_what_no_key_can_type_is_an_error(chars: str, reason: str) -> None:
    with pytest.raises(KeymapError, match=reason):
        text_keymap(chars)
