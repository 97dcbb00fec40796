"""Typing text: characters to keys, and a keymap made for those that no key of the layout types."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from compositor.model.keymap import KeyChord, Keymap, text_keymap
from compositor.model.seat import Keyboard, KeyboardDevice

_CHARACTERS_PER_KEYMAP = 200


class Run(NamedTuple):
    """Characters typed one after the other on one keymap; None is the keyboard's own."""

    keymap: Keymap | None
    chords: list[KeyChord]


def plan(keyboard: Keyboard, text: str) -> list[Run]:
    """Return what to press for a text; nothing is pressed yet.

    Raises:
        KeymapError: if a character cannot be typed at all.
    """
    keymap = keyboard.default_device.keymap
    modifiers = keyboard.default_device.state.modifiers
    locked, group = modifiers[2], modifiers[3]

    def known(character: str) -> bool:
        return keymap.lookup(character, locked, group) is not None

    runs = []
    for on_layout, characters in groupby(text.replace("\r\n", "\n"), known):
        if on_layout:
            found = [keymap.lookup(character, locked, group) for character in characters]
            runs.append(Run(None, [chord for chord in found if chord is not None]))
        else:
            runs += _foreign("".join(characters))
    return runs


def _foreign(text: str) -> list[Run]:
    runs = []
    while text:
        wanted: set[str] = set()
        length = 0
        for character in text:
            wanted.add(character)
            if len(wanted) > _CHARACTERS_PER_KEYMAP:
                break
            length += 1
        part, text = text[:length], text[length:]
        keymap = text_keymap(part)
        found = [keymap.lookup(character) for character in part.replace("\r", "\n")]
        runs.append(Run(keymap, [chord for chord in found if chord is not None]))
    return runs


def type_text(keyboard: Keyboard, text: str) -> None:
    """Type text on the seat's keyboard; ``\\r\\n`` counts as one newline.

    Characters of the layout are typed on it, with whatever has to be held;
    the others on a second keyboard whose keymap has them, as a virtual
    keyboard would do.

    Raises:
        KeymapError: if a character cannot be typed at all; then nothing was.
    """
    for keymap, chords in plan(keyboard, text):
        if keymap is None:
            for chord in chords:
                press(keyboard, chord.keys, keyboard.default_device)
            continue
        device = KeyboardDevice(keymap)
        for chord in chords:
            press(keyboard, chord.keys, device)
        keyboard.remove_device(device)


def press(keyboard: Keyboard, codes: tuple[int, ...], device: KeyboardDevice) -> None:
    """Press keys in order and release them in reverse; what is down already stays so."""
    pressed = [code for code in codes if code not in device.pressed]
    for code in pressed:
        keyboard.key(code, True, device=device)
    for code in reversed(pressed):
        keyboard.key(code, False, device=device)
