"""Names of keys and buttons, and the evdev codes they stand for.

For keys whose place on the keyboard is meant; characters are the
compositor's to find, since only it knows the layout.
Source: linux/input-event-codes.h.
"""

from __future__ import annotations

from compositor.testing.errors import DriverError

BUTTONS = {"left": 0x110, "right": 0x111, "middle": 0x112, "side": 0x113, "extra": 0x114}

_ROW_DIGITS = "1234567890"
_ROWS = {16: "qwertyuiop", 30: "asdfghjkl", 44: "zxcvbnm"}

KEYS: dict[str, int] = {
    "escape": 1,
    "minus": 12,
    "equal": 13,
    "backspace": 14,
    "tab": 15,
    "leftbrace": 26,
    "rightbrace": 27,
    "enter": 28,
    "ctrl": 29,
    "semicolon": 39,
    "apostrophe": 40,
    "grave": 41,
    "shift": 42,
    "backslash": 43,
    "comma": 51,
    "dot": 52,
    "slash": 53,
    "rightshift": 54,
    "kpasterisk": 55,
    "alt": 56,
    "space": 57,
    "capslock": 58,
    "numlock": 69,
    "scrolllock": 70,
    "kp7": 71,
    "kp8": 72,
    "kp9": 73,
    "kpminus": 74,
    "kp4": 75,
    "kp5": 76,
    "kp6": 77,
    "kpplus": 78,
    "kp1": 79,
    "kp2": 80,
    "kp3": 81,
    "kp0": 82,
    "kpdot": 83,
    "f11": 87,
    "f12": 88,
    "kpenter": 96,
    "rightctrl": 97,
    "kpslash": 98,
    "print": 99,
    "altgr": 100,
    "home": 102,
    "up": 103,
    "pageup": 104,
    "left": 105,
    "right": 106,
    "end": 107,
    "down": 108,
    "pagedown": 109,
    "insert": 110,
    "delete": 111,
    "mute": 113,
    "volumedown": 114,
    "volumeup": 115,
    "pause": 119,
    "super": 125,
    "rightsuper": 126,
    "menu": 127,
}
KEYS.update({digit: 2 + place for place, digit in enumerate(_ROW_DIGITS)})
KEYS.update({letter: first + place for first, row in _ROWS.items() for place, letter in enumerate(row)})
KEYS.update({f"f{number}": 58 + number for number in range(1, 11)})
KEYS.update({f"f{number}": 170 + number for number in range(13, 25)})

_ALIASES = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "control": "ctrl",
    "leftctrl": "ctrl",
    "leftshift": "shift",
    "leftalt": "alt",
    "rightalt": "altgr",
    "meta": "super",
    "logo": "super",
    "win": "super",
    "leftmeta": "super",
    "rightmeta": "rightsuper",
    "period": "dot",
    "-": "minus",
    "=": "equal",
    ",": "comma",
    ".": "dot",
    "/": "slash",
    ";": "semicolon",
    "'": "apostrophe",
    "`": "grave",
    "[": "leftbrace",
    "]": "rightbrace",
    "\\": "backslash",
    " ": "space",
}


def key_code(key: str | int) -> int:
    """Return the evdev code of a key.

    Args:
        key: its name as in `KEYS`, case does not matter, or the code itself.

    Raises:
        DriverError: if there is no such key.
    """
    if isinstance(key, int):
        return key
    name = key.lower()
    name = _ALIASES.get(name, name)
    code = KEYS.get(name)
    if code is None:
        raise DriverError(f"there is no key {key!r} (names are such as a, 1, enter, f5, ctrl, altgr, pageup)")
    return code


def chord_codes(chord: str) -> list[int]:
    """Return the codes of a chord such as ``ctrl+shift+t``, in the order pressed; ``+`` alone is plus.

    Raises:
        DriverError: if one of its keys does not exist.
    """
    parts = chord.split("+") if chord != "+" else ["equal"]
    if len(parts) > 2 and parts[-2:] == ["", ""]:
        parts[-2:] = ["equal"]
    return [key_code(part) for part in parts]


def button_code(button: str | int) -> int:
    """Return the evdev code of a pointer button: left, right, middle, side, extra, or the code itself.

    Raises:
        DriverError: if there is no such button.
    """
    if isinstance(button, int):
        return button
    code = BUTTONS.get(button.lower())
    if code is None:
        raise DriverError(f"there is no button {button!r} (there are: {', '.join(BUTTONS)})")
    return code
