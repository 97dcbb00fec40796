"""What every keymap can do, whoever interprets it: keysyms, modifiers, and which keys type a character.

A keymap turns key codes into keysyms and modifiers. Codes are evdev's, as `wl_keyboard.key` sends them; XKB's
own are 8 higher. `compositor.model.keymap` is the public face of this folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntFlag
from itertools import combinations
from typing import Protocol

from compositor.errors import WeddellError
from compositor.model.keymap import keysyms
from compositor.record import NamedTuple


class KeymapError(WeddellError):
    """A keymap text that cannot be used; the message says why."""


class Modifier(IntFlag):
    """The real modifiers, by what keymaps attach to them: bits of a modifier mask on the wire."""

    SHIFT = 1
    LOCK = 2
    CONTROL = 4
    ALT = 8
    """Mod1."""
    NUM_LOCK = 16
    """Mod2."""
    MOD3 = 32
    """Used by some layouts for further levels (LevelFive)."""
    SUPER = 64
    """Mod4."""
    LEVEL3 = 128
    """Mod5, AltGr on most layouts."""


class Modifiers(NamedTuple):
    """What `wl_keyboard.modifiers` carries: three masks and the effective group (layout)."""

    depressed: int
    latched: int
    locked: int
    group: int


class KeyChord(NamedTuple):
    """A key, and what to hold meanwhile, so that one keysym comes out.

    Attributes:
        key: evdev code.
        modifiers: the mask that holding does set.
        held: evdev codes to hold, in the order to press them.
    """

    key: int
    modifiers: int = 0
    held: tuple[int, ...] = ()

    @property
    def keys(self) -> tuple[int, ...]:
        """All codes in the order to press them; release them in reverse."""
        return (*self.held, self.key)


class KeyboardState(Protocol):
    """Which keys are down and what that makes of modifiers and group.

    Attributes:
        pressed: evdev codes.
        modifiers: to be sent when it changes.
    """

    @property
    def pressed(self) -> set[int]: ...

    @property
    def modifiers(self) -> Modifiers: ...

    @property
    def effective(self) -> int:
        """All modifiers that count now, in one mask."""
        ...

    @property
    def shift(self) -> bool: ...

    @property
    def ctrl(self) -> bool: ...

    @property
    def alt(self) -> bool: ...

    @property
    def super(self) -> bool: ...

    def update(self, key: int, pressed: bool) -> bool:
        """Press or release a key (evdev code); return whether the modifiers changed.

        Pressing what is down, or releasing what is up, changes nothing.
        """
        ...

    def set_modifiers(self, depressed: int, latched: int, locked: int, group: int) -> bool:
        """Set the modifiers by hand, as a virtual keyboard does; return whether they changed."""
        ...

    def keysym(self, key: int) -> int:
        """Return the keysym a key (evdev code) has under the modifiers of now; 0 if none."""
        ...


class Held:
    """Answers by name which modifiers count now."""

    __slots__ = ()

    effective: int

    @property
    def shift(self) -> bool:
        return bool(self.effective & Modifier.SHIFT)

    @property
    def ctrl(self) -> bool:
        return bool(self.effective & Modifier.CONTROL)

    @property
    def alt(self) -> bool:
        return bool(self.effective & Modifier.ALT)

    @property
    def super(self) -> bool:
        return bool(self.effective & Modifier.SUPER)


# What may be held to reach another level. Control, Alt and Super would make a shortcut of it.
_LEVEL_MODIFIERS = Modifier.SHIFT | Modifier.MOD3 | Modifier.LEVEL3
_MAX_INDICES = 16
# Keys that people type with come first, even if one of the others needed less to be held.
_BLOCKS = (range(84), range(84, 128), range(128, 1 << 16))


class _Index(NamedTuple):
    keysyms: dict[int, KeyChord]
    chars: dict[str, KeyChord]


class Keymap:
    """The meaning of a keyboard's keys. Immutable; each keyboard has a state of its own.

    Attributes:
        name: for people, such as "English (US)".
        keys: the codes that mean anything (evdev), ascending.
    """

    name: str
    keys: tuple[int, ...]

    def __init__(self) -> None:
        self._holders: dict[int, int] | None = None
        self._indices: dict[tuple[int, int], _Index] = {}

    @property
    def text(self) -> bytes:
        """The keymap in format xkb_v1, without the NUL that has to end it in `wl_keyboard.keymap`."""
        raise NotImplementedError

    def new_state(self) -> KeyboardState:
        """Return a keyboard with no key down."""
        raise NotImplementedError

    def repeats(self, key: int) -> bool:
        """Return whether holding a key (evdev code) repeats it."""
        raise NotImplementedError

    def keysym_by_name(self, name: str) -> int:
        """Return the keysym of a name as people write it ("Return", "ctrl", "é", "U20AC"); 0 if unknown."""
        return keysyms.from_name(name)

    def char(self, keysym: int) -> str:
        """Return the character a keysym types, or ""."""
        return keysyms.to_char(keysym)

    def lookup(self, char: str, locked: int = 0, group: int = 0) -> KeyChord | None:
        """Return what to press for one character, or None when this keymap lacks it.

        Newline, tab, backspace and escape are Return, Tab, BackSpace and Escape.

        Args:
            locked: modifiers that are locked and stay so, such as Caps Lock.
            group: the layout in force.
        """
        name = keysyms.CONTROL_CHARACTERS.get(char)
        if name is not None:
            return self._index(locked, group).keysyms.get(keysyms.NAMES[name])
        return self._index(locked, group).chars.get(char)

    def keysym_chord(self, name: str, locked: int = 0, group: int = 0) -> KeyChord | None:
        """Return what to press for a keysym given by name or character, or None."""
        index = self._index(locked, group)
        if len(name) == 1 and (chord := self.lookup(name, locked, group)) is not None:
            return chord
        for candidate in keysyms.same_key(self.keysym_by_name(name)):
            if (chord := index.keysyms.get(candidate)) is not None:
                return chord
        return None

    def keysym_lookup(self, name: str) -> int | None:
        """Return the key (evdev code) that carries a keysym on any level, or None.

        Names are those of X11 without regard to case ("Return", "F5", "page_up"), single characters, and the
        short ones: ctrl, shift, alt, altgr, super, win, logo, meta, enter, esc, del, ins, pageup, pagedown.
        """
        chord = self.keysym_chord(name)
        return None if chord is None else chord.key

    def chord(self, text: str) -> tuple[int, ...]:
        """Return the keys (evdev codes) of a shortcut such as "ctrl+shift+t", in the order to press them.

        Raises:
            ValueError: naming the part that no key has.
        """
        # A plus sign at the end is the key itself: "ctrl++".
        parts = text.split("+") if len(text) > 1 else [text]
        if len(parts) > 1 and not parts[-1]:
            parts[-2:] = ["+"]
        keys: list[int] = []
        for part in parts:
            name = part.strip() if len(part) > 1 else part
            chord = self.keysym_chord(name) if name else None
            if chord is None:
                joined = "; keys are joined by +, as in ctrl+c" if "-" in part.strip("-") else ""
                raise ValueError(
                    f"no key of the keymap {self.name!r} is called {part!r} (in {text!r}){joined}"
                )
            keys += [key for key in chord.keys if key not in keys]
        return tuple(keys)

    def _index(self, locked: int, group: int) -> _Index:
        found = self._indices.get((locked, group))
        if found is None:
            if len(self._indices) >= _MAX_INDICES:
                self._indices.clear()
            found = self._indices[locked, group] = self._build_index(locked, group)
        return found

    def _build_index(self, locked: int, group: int) -> _Index:
        index = _Index({}, {})
        keypad: dict[str, KeyChord] = {}
        holds = list(self._level_holds())
        for block in _BLOCKS:
            for held, mask in holds:
                state = self.new_state()
                state.set_modifiers(mask, 0, locked, group)
                for key in self.keys:
                    if key not in block or not (keysym := state.keysym(key)) or keysym in index.keysyms:
                        continue
                    index.keysyms[keysym] = chord = KeyChord(key, mask, held)
                    if char := self.char(keysym):
                        # The keypad means something else to many programs: only where nothing else types it.
                        (keypad if keysyms.is_keypad(keysym) else index.chars).setdefault(char, chord)
        for char, chord in keypad.items():
            index.chars.setdefault(char, chord)
        return index

    def _level_holds(self) -> Iterator[tuple[tuple[int, ...], int]]:
        """Yield the sets of level modifiers that keys of this keymap can hold, the smallest first."""
        if self._holders is None:
            self._holders = self._find_holders()
        holders = self._holders
        for count in range(len(holders) + 1):
            for masks in combinations(sorted(holders), count):
                yield tuple(holders[mask] for mask in masks), sum(masks)

    def _find_holders(self) -> dict[int, int]:
        holders: dict[int, int] = {}
        for key in self.keys:
            state = self.new_state()
            if not state.update(key, True):
                continue
            depressed, latched, locked, _ = state.modifiers
            if depressed & _LEVEL_MODIFIERS and not (depressed & ~_LEVEL_MODIFIERS or latched or locked):
                holders.setdefault(depressed, key)
        # Only single modifiers combine freely.
        return {mask: key for mask, key in holders.items() if mask.bit_count() == 1}
