"""Keymaps given as a table, interpreted here, without any library.

It speaks one group and the key types below. What it makes of a sequence of keys is what libxkbcommon makes of
`writer.write` of the same table; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from compositor.model.keymap import keysyms, writer
from compositor.model.keymap.base import Held, Keymap, Modifier, Modifiers
from compositor.record import record


@record(frozen=True)
class KeyType:
    """How modifiers choose a level.

    Attributes:
        modifiers: the mask that is looked at.
        levels: level (0 is the base) by what of the mask is set; base if not listed.
        names: of the levels.
    """

    name: str
    modifiers: int
    levels: dict[int, int]
    names: tuple[str, ...]


_SHIFT, _LOCK, _LEVEL3 = int(Modifier.SHIFT), int(Modifier.LOCK), int(Modifier.LEVEL3)

TYPES: dict[str, KeyType] = {
    key_type.name: key_type
    for key_type in (
        KeyType("ONE_LEVEL", 0, {}, ("Any",)),
        KeyType("TWO_LEVEL", _SHIFT, {_SHIFT: 1}, ("Base", "Shift")),
        KeyType("ALPHABETIC", _SHIFT | _LOCK, {_SHIFT: 1, _LOCK: 1}, ("Base", "Caps")),
        # Shift with NumLock gives the arrows back; Shift alone stays, so that it selects text.
        KeyType("KEYPAD", _SHIFT | Modifier.NUM_LOCK, {int(Modifier.NUM_LOCK): 1}, ("Base", "Number")),
        KeyType("PC_ALT_LEVEL2", int(Modifier.ALT), {int(Modifier.ALT): 1}, ("Base", "Alt")),
        KeyType("PC_CONTROL_LEVEL2", int(Modifier.CONTROL), {int(Modifier.CONTROL): 1}, ("Base", "Control")),
        KeyType(
            "FOUR_LEVEL",
            _SHIFT | _LEVEL3,
            {_SHIFT: 1, _LEVEL3: 2, _SHIFT | _LEVEL3: 3},
            ("Base", "Shift", "AltGr", "Shift AltGr"),
        ),
    )
}

ACTIONS: dict[int, tuple[int, bool]] = {
    keysyms.NAMES[name]: (int(modifier), locks)
    for name, modifier, locks in (
        ("Shift_L", Modifier.SHIFT, False),
        ("Shift_R", Modifier.SHIFT, False),
        ("Control_L", Modifier.CONTROL, False),
        ("Control_R", Modifier.CONTROL, False),
        ("Alt_L", Modifier.ALT, False),
        ("Alt_R", Modifier.ALT, False),
        ("Meta_L", Modifier.ALT, False),
        ("Meta_R", Modifier.ALT, False),
        ("Super_L", Modifier.SUPER, False),
        ("Super_R", Modifier.SUPER, False),
        ("ISO_Level3_Shift", Modifier.LEVEL3, False),
        ("Caps_Lock", Modifier.LOCK, True),
        ("Num_Lock", Modifier.NUM_LOCK, True),
    )
}
"""By keysym: the modifier it sets while held, and whether it locks it until pressed again."""


@record(frozen=True)
class Key:
    """One key.

    Attributes:
        code: evdev code.
        name: XKB's, at most four characters are usual.
        levels: keysyms.
    """

    code: int
    name: str
    type: KeyType
    levels: tuple[int, ...]


def key_type(levels: Sequence[int]) -> KeyType:
    """Return the type that a key with these keysyms usually has."""
    if len(levels) == 1:
        return TYPES["ONE_LEVEL"]
    if len(levels) > 2:
        return TYPES["FOUR_LEVEL"]
    low, high = (keysyms.to_char(keysym) for keysym in levels)
    if keysyms.is_keypad(levels[0]):
        return TYPES["KEYPAD"]
    return TYPES["ALPHABETIC" if low.islower() and high == low.upper() else "TWO_LEVEL"]


class TableKeymap(Keymap):
    """A keymap with one group, from a table."""

    def __init__(self, name: str, keys: Sequence[Key]) -> None:
        super().__init__()
        self.name = name
        self.table = {key.code: key for key in sorted(keys, key=lambda key: key.code)}
        self.keys = tuple(self.table)

    @cached_property
    def text(self) -> bytes:
        return writer.write(self.name, list(self.table.values()), TYPES.values(), ACTIONS)

    def new_state(self) -> TableState:
        return TableState(self)

    def repeats(self, key: int) -> bool:
        found = self.table.get(key)
        return found is not None and not any(keysym in ACTIONS for keysym in found.levels)


class TableState(Held):
    """A keyboard with a `TableKeymap`; see `base.KeyboardState`."""

    __slots__ = ("_actions", "_counts", "_table", "effective", "modifiers", "pressed")

    def __init__(self, keymap: TableKeymap) -> None:
        self._table = keymap.table
        # What each held key does: modifier, and which locks its release takes away (None: it does not lock).
        self._actions: dict[int, tuple[int, int | None]] = {}
        # How many held keys set a modifier.
        self._counts: dict[int, int] = {}
        self.pressed: set[int] = set()
        self.modifiers = Modifiers(0, 0, 0, 0)
        self.effective = 0

    def update(self, key: int, pressed: bool) -> bool:
        if pressed is (key in self.pressed):
            return False
        if pressed:
            self.pressed.add(key)
            return self._press(key)
        self.pressed.discard(key)
        return self._release(key)

    def _press(self, key: int) -> bool:
        action = ACTIONS.get(self.keysym(key))
        if action is None:
            return False
        modifier, locks = action
        depressed, _, locked, _ = self.modifiers
        self._counts[modifier] = self._counts.get(modifier, 0) + 1
        # Pressing a lock again takes it away, but only with the release.
        self._actions[key] = modifier, locked & modifier if locks else None
        return self._set(depressed=depressed | modifier, locked=locked | modifier if locks else locked)

    def _release(self, key: int) -> bool:
        action = self._actions.pop(key, None)
        if action is None:
            return False
        modifier, unlocks = action
        depressed, _, locked, _ = self.modifiers
        count = self._counts[modifier] = self._counts[modifier] - 1
        if not count:
            depressed &= ~modifier
        return self._set(depressed=depressed, locked=locked & ~(unlocks or 0))

    def _set(self, depressed: int, locked: int) -> bool:
        modifiers = self.modifiers._replace(depressed=depressed, locked=locked)
        return self._become(modifiers)

    def _become(self, modifiers: Modifiers) -> bool:
        changed = modifiers != self.modifiers
        self.modifiers = modifiers
        self.effective = modifiers.depressed | modifiers.latched | modifiers.locked
        return changed

    def set_modifiers(self, depressed: int, latched: int, locked: int, group: int) -> bool:
        # One group only: every number wraps into it. Only the real modifiers exist.
        return self._become(Modifiers(depressed & 0xFF, latched & 0xFF, locked & 0xFF, 0))

    def keysym(self, key: int) -> int:
        found = self._table.get(key)
        if found is None:
            return keysyms.NO_SYMBOL
        key_type = found.type
        level = key_type.levels.get(self.effective & key_type.modifiers, 0)
        return found.levels[level] if level < len(found.levels) else keysyms.NO_SYMBOL
