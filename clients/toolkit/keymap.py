"""A small reader of the keymap text a compositor sends (format xkb_v1): key code and modifiers to keysym.

It reads compiled keymaps, as wl_keyboard.keymap carries them: key codes, aliases, key types and symbols. It
does no compose sequences, no key actions and no includes. Pure; anyone may import it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntFlag


class Mod(IntFlag):
    """Real modifiers as wl_keyboard.modifiers sends them, named by what layouts attach to them."""

    SHIFT = 1
    LOCK = 2
    CTRL = 4
    ALT = 8
    NUM = 16
    LEVEL3 = 128
    SUPER = 64


_LATIN1 = (
    "space exclam quotedbl numbersign dollar percent ampersand apostrophe parenleft parenright asterisk plus "
    "comma minus period slash 0 1 2 3 4 5 6 7 8 9 colon semicolon less equal greater question at "
    "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z bracketleft backslash bracketright asciicircum "
    "underscore grave a b c d e f g h i j k l m n o p q r s t u v w x y z braceleft bar braceright asciitilde"
)
_LATIN1_UPPER = (
    "nobreakspace exclamdown cent sterling currency yen brokenbar section diaeresis copyright ordfeminine "
    "guillemotleft notsign hyphen registered macron degree plusminus twosuperior threesuperior acute mu "
    "paragraph periodcentered cedilla onesuperior masculine guillemotright onequarter onehalf threequarters "
    "questiondown"
)
_TEXT: dict[str, str] = {
    **{name: chr(0x20 + index) for index, name in enumerate(_LATIN1.split())},
    **{name: chr(0xA0 + index) for index, name in enumerate(_LATIN1_UPPER.split())},
    **{f"KP_{digit}": str(digit) for digit in range(10)},
    "KP_Add": "+", "KP_Subtract": "-", "KP_Multiply": "*", "KP_Divide": "/", "KP_Decimal": ".",
    "KP_Separator": ",", "KP_Equal": "=", "KP_Space": " ", "KP_Enter": "\n", "Return": "\n", "Tab": "\t",
    "AE": "Æ", "ae": "æ", "Ooblique": "Ø", "Oslash": "Ø", "oslash": "ø", "ooblique": "ø", "ssharp": "ß",
    "ETH": "Ð", "eth": "ð", "THORN": "Þ", "thorn": "þ", "multiply": "×", "division": "÷", "EuroSign": "€",
    "OE": "Œ", "oe": "œ", "lstroke": "ł", "Lstroke": "Ł", "dstroke": "đ", "Dstroke": "Đ", "idotless": "ı",
    "endash": "–", "emdash": "—", "ellipsis": "…", "leftsinglequotemark": "‘", "rightsinglequotemark": "’",
    "leftdoublequotemark": "“", "rightdoublequotemark": "”", "doublelowquotemark": "„",
    "singlelowquotemark": "‚", "enfilledcircbullet": "•", "trademark": "™", "leftarrow": "←",
    "rightarrow": "→", "uparrow": "↑", "downarrow": "↓",
}  # fmt: skip
_ACCENTS = {
    "grave": "\u0300", "acute": "\u0301", "circumflex": "\u0302", "tilde": "\u0303", "macron": "\u0304",
    "breve": "\u0306", "abovedot": "\u0307", "diaeresis": "\u0308", "ring": "\u030a",
    "doubleacute": "\u030b", "caron": "\u030c", "cedilla": "\u0327", "ogonek": "\u0328",
}  # fmt: skip
_ACCENTED = re.compile(f"([A-Za-z])({'|'.join(_ACCENTS)})")
_UNICODE = re.compile(r"U([0-9A-Fa-f]{4,6})|0x0*100([0-9A-Fa-f]{4,5})|0x0*([0-9A-Fa-f]{1,2})")


def keysym_text(name: str) -> str:
    """Return what a keysym types, by its name (`odiaeresis`, `U20AC`, `0x10020ac`); "" for function keys."""
    if (text := _TEXT.get(name)) is not None:
        return text
    if match := _ACCENTED.fullmatch(name):
        return unicodedata.normalize("NFC", match[1] + _ACCENTS[match[2]])
    if match := _UNICODE.fullmatch(name):
        code = int(match[1] or match[2] or match[3], 16)
        return chr(code) if 0x20 <= code <= 0x10FFFF else ""
    return ""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: for each group (layout), the name of its key type and the keysym names of its levels."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]


def _automatic_type(levels: tuple[str, ...]) -> str:
    # The rules the keymap format states for keys whose type is left out.
    first = [keysym_text(name) for name in levels]
    if len(levels) <= 1:
        return "ONE_LEVEL"
    alphabetic = first[0].islower() and first[1] == first[0].upper()
    if len(levels) == 2:
        return "ALPHABETIC" if alphabetic else "KEYPAD" if levels[0].startswith("KP_") else "TWO_LEVEL"
    if len(levels) > 3 and alphabetic and first[2].islower() and first[3] == first[2].upper():
        return "FOUR_LEVEL_ALPHABETIC"
    return "FOUR_LEVEL_SEMIALPHABETIC" if alphabetic else "FOUR_LEVEL"


@dataclass(frozen=True, slots=True)
class KeyType:
    """How modifiers choose a level: those in `mask` count, and `levels` says which of them give which."""

    mask: int
    levels: dict[int, int]  # real modifiers -> level, from 0

    def level(self, modifiers: int) -> int:
        """Return the level under these real modifiers."""
        return self.levels.get(modifiers & self.mask, 0)


# Virtual modifiers, with the real ones that all layouts bind them to.
_MODIFIERS = {
    "Shift": 1, "Lock": 2, "Control": 4, "Mod1": 8, "Mod2": 16, "Mod3": 32, "Mod4": 64, "Mod5": 128,
    "Alt": 8, "LAlt": 8, "RAlt": 8, "Meta": 8, "NumLock": 16, "LevelFive": 32, "Super": 64, "Hyper": 64,
    "LevelThree": 128, "AltGr": 128, "LControl": 4, "RControl": 4,
}  # fmt: skip


def _mask(names: str) -> int:
    mask = 0
    for name in names.split("+"):
        mask |= _MODIFIERS.get(name.strip(), 0)
    return mask


_KEY_TYPE = re.compile(r'\btype\s*"([^"]+)"\s*\{(.*?)\}\s*;', re.DOTALL)
_TYPE_MASK = re.compile(r"\bmodifiers\s*=\s*([\w+]+)")
_TYPE_LEVEL = re.compile(r"\bmap\s*\[([^\]]+)\]\s*=\s*(?:Level|level)?(\d+)")


def parse_types(text: str) -> dict[str, KeyType]:
    """Return the key types that an xkb_types section defines, by name."""
    types = {}
    for name, body in _KEY_TYPE.findall(text):
        mask = _TYPE_MASK.search(body)
        levels = {_mask(names): int(level) - 1 for names, level in _TYPE_LEVEL.findall(body)}
        types[name] = KeyType(_mask(mask[1]) if mask else 0, levels)
    return types


# For keymaps that name these without defining them.
_STANDARD_TYPES = parse_types("""
    type "ONE_LEVEL" { modifiers = none; };
    type "TWO_LEVEL" { modifiers = Shift; map[Shift] = 2; };
    type "ALPHABETIC" { modifiers = Shift+Lock; map[Shift] = 2; map[Lock] = 2; };
    type "KEYPAD" { modifiers = Shift+NumLock; map[NumLock] = 2; };
    type "FOUR_LEVEL" { modifiers = Shift+LevelThree; map[Shift] = 2; map[LevelThree] = 3;
        map[Shift+LevelThree] = 4; };
    type "FOUR_LEVEL_ALPHABETIC" { modifiers = Shift+Lock+LevelThree; map[Shift] = 2; map[Lock] = 2;
        map[LevelThree] = 3; map[Shift+LevelThree] = 4; map[Lock+LevelThree] = 4;
        map[Lock+Shift+LevelThree] = 3; };
    type "FOUR_LEVEL_SEMIALPHABETIC" { modifiers = Shift+Lock+LevelThree; map[Shift] = 2; map[Lock] = 2;
        map[LevelThree] = 3; map[Shift+LevelThree] = 4; map[Lock+LevelThree] = 3;
        map[Lock+Shift+LevelThree] = 4; };
""")


_COMMENT = re.compile(r"//[^\n]*|#[^\n]*")
_KEYCODE = re.compile(r"<([^>\s]+)>\s*=\s*(\d+)\s*;")
_ALIAS = re.compile(r"alias\s*<([^>\s]+)>\s*=\s*<([^>\s]+)>\s*;")
_KEY = re.compile(r"\bkey\s*<([^>\s]+)>\s*\{(.*?)\}\s*;", re.DOTALL)
_TYPE = re.compile(r'\btype\s*(?:\[\s*(?:Group|group)?(\d+)\s*\])?\s*=\s*"([^"]*)"')
_LEVELS = re.compile(r"(actions\s*(?:\[[^\]]*\])?\s*=\s*)?(?<![\w])\[\s*([^\[\]]*?)\s*\](?!\s*=)")


class Keymap:
    """Keysyms by key code. Codes are evdev's, as wl_keyboard.key sends them (xkb's are 8 higher)."""

    __slots__ = ("_types", "keys")

    def __init__(self, text: str) -> None:
        text = _COMMENT.sub("", text)
        codes = {name: int(code) - 8 for name, code in _KEYCODE.findall(text)}
        codes.update({alias: codes[name] for alias, name in _ALIAS.findall(text) if name in codes})
        self._types = _STANDARD_TYPES | parse_types(text)
        self.keys: dict[int, Key] = {}
        for name, body in _KEY.findall(text):
            if name in codes and (groups := self._groups(body)):
                self.keys[codes[name]] = Key(groups)
        if not self.keys:
            raise ValueError("the keymap names no keys")

    @staticmethod
    def _groups(body: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        types = {int(group or 0): name for group, name in _TYPE.findall(body)}
        lists = [content for actions, content in _LEVELS.findall(body) if not actions]
        groups = []
        for number, content in enumerate(lists, 1):
            if levels := tuple(part.strip(" {}\t\n") for part in content.split(",")) if content else ():
                groups.append((types.get(number) or types.get(0) or _automatic_type(levels), levels))
        return tuple(groups)

    def keysym(self, code: int, modifiers: int = 0, group: int = 0) -> str:
        """Return the name of the keysym of evdev key `code`, or "NoSymbol"."""
        key = self.keys.get(code)
        if key is None:
            return "NoSymbol"
        key_type, levels = key.groups[group % len(key.groups)]
        level = self._types.get(key_type, _STANDARD_TYPES["TWO_LEVEL"]).level(modifiers)
        # A level the key does not have gives nothing, but AltGr on a two-level key is commonly meant plain.
        return levels[level] if level < len(levels) else levels[level % 2 if len(levels) > 1 else 0]

    def text(self, code: int, modifiers: int = 0, group: int = 0) -> str:
        """Return what the key types; Caps Lock makes capitals also where the key's type ignores it."""
        text = keysym_text(self.keysym(code, modifiers, group))
        key = self.keys.get(code)
        if key is not None and modifiers & Mod.LOCK:
            key_type = self._types.get(key.groups[group % len(key.groups)][0])
            if key_type is None or not key_type.mask & Mod.LOCK:
                return text.upper() if len(text.upper()) == 1 else text
        return text

    def repeats(self, code: int) -> bool:
        """Return whether holding the key should repeat it: everything but modifiers does."""
        name = self.keysym(code)
        return not name.endswith(("_L", "_R", "_Lock", "_Shift")) and name != "NoSymbol"
