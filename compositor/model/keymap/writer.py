"""Writes a keymap table as text in format xkb_v1: complete, compiled, without includes.

The names of types, modifiers and indicators are those that toolkits ask for. Pure. Only this folder and the
script that makes `assets/keymap.xkb` import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from compositor.model.keymap import keysyms

if TYPE_CHECKING:
    from compositor.model.keymap.table import Key, KeyType

XKB_OFFSET = 8
"""XKB's key codes are evdev's plus this."""

_REAL = ("Shift", "Lock", "Control", "Mod1", "Mod2", "Mod3", "Mod4", "Mod5")
# As types, interpretations and toolkits name them.
_VIRTUAL = {8: "Alt", 16: "NumLock", 64: "Super", 128: "LevelThree"}
# Alt keys are Meta as well: programs that ask for Meta find it there.
_VIRTUAL_BY_KEYSYM = {"Meta_L": "Meta", "Meta_R": "Meta"}


def modifier_names(mask: int) -> str:
    """Return a mask as the text of a keymap names it: "Shift+LevelThree", or "none"."""
    names = [_VIRTUAL.get(1 << bit, name) for bit, name in enumerate(_REAL) if mask >> bit & 1]
    return "+".join(names) or "none"


def write(
    name: str,
    keys: Sequence[Key],
    types: Iterable[KeyType],
    actions: Mapping[int, tuple[int, bool]],
) -> bytes:
    """Return the text, UTF-8, without the NUL that ends it on the wire.

    Args:
        actions: by keysym, the modifier it sets and whether it locks it.
    """
    used = {key.type.name for key in keys} | {"ONE_LEVEL", "TWO_LEVEL", "ALPHABETIC", "KEYPAD"}
    modifier_keys = [(key, actions[key.levels[0]]) for key in keys if key.levels[0] in actions]
    virtual = sorted(
        {
            virtual
            for key in keys
            for keysym in key.levels
            if keysym in actions and (virtual := _virtual(keysym, actions))
        }
    )
    # Types name virtual modifiers even where no key sets them.
    virtual = list(dict.fromkeys([*virtual, *_VIRTUAL.values()]))
    declaration = f"\tvirtual_modifiers {','.join(virtual)};\n"
    parts = [
        "xkb_keymap {\n",
        'xkb_keycodes "weddell" {\n',
        f"\tminimum = {XKB_OFFSET};\n",
        f"\tmaximum = {max([255, *(key.code + XKB_OFFSET for key in keys)])};\n",
        *(f"\t<{key.name}> = {key.code + XKB_OFFSET};\n" for key in keys),
        '\tindicator 1 = "Caps Lock";\n\tindicator 2 = "Num Lock";\n',
        "};\n",
        'xkb_types "weddell" {\n',
        declaration,
        *(_type(key_type) for key_type in types if key_type.name in used),
        "};\n",
        'xkb_compatibility "weddell" {\n',
        declaration,
        "\tinterpret.useModMapMods = AnyLevel;\n\tinterpret.repeat = False;\n",
        *_interpretations(keys, actions),
        '\tindicator "Caps Lock" { whichModState = locked; modifiers = Lock; };\n',
        '\tindicator "Num Lock" { whichModState = locked; modifiers = NumLock; };\n',
        "};\n",
        'xkb_symbols "weddell" {\n',
        f'\tname[Group1] = "{name}";\n',
        *(_key(key) for key in keys),
        *_modifier_map(modifier_keys),
        "};\n};\n",
    ]
    return "".join(parts).encode()


def _virtual(keysym: int, actions: Mapping[int, tuple[int, bool]]) -> str | None:
    return _VIRTUAL_BY_KEYSYM.get(keysyms.to_name(keysym)) or _VIRTUAL.get(actions[keysym][0])


def _type(key_type: KeyType) -> str:
    lines = [f'\ttype "{key_type.name}" {{\n', f"\t\tmodifiers = {modifier_names(key_type.modifiers)};\n"]
    lines += [f"\t\tmap[{modifier_names(mask)}] = {level + 1};\n" for mask, level in key_type.levels.items()]
    lines += [f'\t\tlevel_name[{level}] = "{name}";\n' for level, name in enumerate(key_type.names, 1)]
    return "".join([*lines, "\t};\n"])


def _interpretations(keys: Sequence[Key], actions: Mapping[int, tuple[int, bool]]) -> list[str]:
    used = dict.fromkeys(keysym for key in keys for keysym in key.levels if keysym in actions)
    lines = []
    for keysym in used:
        modifier, locks = actions[keysym]
        name = keysyms.to_name(keysym)
        virtual = _virtual(keysym, actions)
        text = f"\tinterpret {name}+AnyOf(all) {{ "
        if virtual is not None:
            text += f"virtualModifier = {virtual}; "
        kind = "LockMods" if locks else "SetMods"
        lines.append(f"{text}action = {kind}(modifiers={modifier_names(modifier)}); }};\n")
    return lines


def _key(key: Key) -> str:
    levels = ", ".join(keysyms.to_name(keysym) for keysym in key.levels)
    return f'\tkey <{key.name}> {{ type = "{key.type.name}", [ {levels} ] }};\n'


def _modifier_map(modifier_keys: Sequence[tuple[Key, tuple[int, bool]]]) -> list[str]:
    by_modifier: dict[int, list[str]] = {}
    for key, (modifier, _) in modifier_keys:
        by_modifier.setdefault(modifier, []).append(f"<{key.name}>")
    return [
        f"\tmodifier_map {_REAL[modifier.bit_length() - 1]} {{ {', '.join(names)} }};\n"
        for modifier, names in sorted(by_modifier.items())
    ]
