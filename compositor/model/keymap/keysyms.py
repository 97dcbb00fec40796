"""Keysyms: their values, names and characters, as far as our own keymaps and the control socket need them.

Keysyms of Latin-1 are their characters' code points, those of the rest of Unicode 0x01000000 + code point.
The named ones follow X11's keysymdef.h and XF86keysym.h. libxkbcommon knows all of them; this module works
without it.
"""

from __future__ import annotations

UNICODE = 0x01000000

NO_SYMBOL = 0

_PRINTABLE = (
    "space exclam quotedbl numbersign dollar percent ampersand apostrophe parenleft parenright asterisk plus "
    "comma minus period slash 0 1 2 3 4 5 6 7 8 9 colon semicolon less equal greater question at "
    "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z bracketleft backslash bracketright asciicircum "
    "underscore grave a b c d e f g h i j k l m n o p q r s t u v w x y z braceleft bar braceright asciitilde"
)

NAMES: dict[str, int] = {
    "NoSymbol": NO_SYMBOL,
    **{name: 0x20 + index for index, name in enumerate(_PRINTABLE.split())},
    "brokenbar": 0xA6, "plusminus": 0xB1,
    "ISO_Level3_Shift": 0xFE03, "ISO_Left_Tab": 0xFE20,
    "BackSpace": 0xFF08, "Tab": 0xFF09, "Linefeed": 0xFF0A, "Return": 0xFF0D, "Pause": 0xFF13,
    "Scroll_Lock": 0xFF14, "Sys_Req": 0xFF15, "Escape": 0xFF1B, "Muhenkan": 0xFF22, "Henkan_Mode": 0xFF23,
    "Hiragana": 0xFF25, "Katakana": 0xFF26, "Hiragana_Katakana": 0xFF27, "Hangul": 0xFF31,
    "Hangul_Hanja": 0xFF34,
    "Home": 0xFF50, "Left": 0xFF51, "Up": 0xFF52, "Right": 0xFF53, "Down": 0xFF54, "Prior": 0xFF55,
    "Next": 0xFF56, "End": 0xFF57, "Print": 0xFF61, "Insert": 0xFF63, "Undo": 0xFF65, "Redo": 0xFF66,
    "Menu": 0xFF67, "Find": 0xFF68, "Cancel": 0xFF69, "Help": 0xFF6A, "Break": 0xFF6B, "Num_Lock": 0xFF7F,
    "KP_Enter": 0xFF8D, "KP_Home": 0xFF95, "KP_Left": 0xFF96, "KP_Up": 0xFF97, "KP_Right": 0xFF98,
    "KP_Down": 0xFF99, "KP_Prior": 0xFF9A, "KP_Next": 0xFF9B, "KP_End": 0xFF9C, "KP_Begin": 0xFF9D,
    "KP_Insert": 0xFF9E, "KP_Delete": 0xFF9F, "KP_Multiply": 0xFFAA, "KP_Add": 0xFFAB, "KP_Subtract": 0xFFAD,
    "KP_Decimal": 0xFFAE, "KP_Divide": 0xFFAF, **{f"KP_{digit}": 0xFFB0 + digit for digit in range(10)},
    "KP_Equal": 0xFFBD,
    **{f"F{number}": 0xFFBD + number for number in range(1, 25)},
    "Shift_L": 0xFFE1, "Shift_R": 0xFFE2, "Control_L": 0xFFE3, "Control_R": 0xFFE4, "Caps_Lock": 0xFFE5,
    "Meta_L": 0xFFE7, "Meta_R": 0xFFE8, "Alt_L": 0xFFE9, "Alt_R": 0xFFEA, "Super_L": 0xFFEB,
    "Super_R": 0xFFEC, "Delete": 0xFFFF,
    "SunProps": 0x1005FF70, "SunFront": 0x1005FF71,
    **{f"XF86{name}": 0x1008FF00 + number for name, number in (
        ("MonBrightnessUp", 0x02), ("MonBrightnessDown", 0x03), ("KbdLightOnOff", 0x04),
        ("KbdBrightnessUp", 0x05), ("KbdBrightnessDown", 0x06), ("MonBrightnessCycle", 0x07),
        ("AudioLowerVolume", 0x11), ("AudioMute", 0x12), ("AudioRaiseVolume", 0x13), ("AudioPlay", 0x14),
        ("AudioStop", 0x15), ("AudioPrev", 0x16), ("AudioNext", 0x17), ("HomePage", 0x18), ("Mail", 0x19),
        ("Search", 0x1B), ("AudioRecord", 0x1C), ("Calculator", 0x1D), ("Back", 0x26), ("Forward", 0x27),
        ("PowerOff", 0x2A), ("WakeUp", 0x2B), ("Eject", 0x2C), ("ScreenSaver", 0x2D), ("WWW", 0x2E),
        ("Sleep", 0x2F), ("Favorites", 0x30), ("AudioPause", 0x31), ("AudioMedia", 0x32),
        ("MyComputer", 0x33), ("Shop", 0x36), ("Finance", 0x3C), ("AudioRewind", 0x3E), ("Launch1", 0x41),
        ("Launch2", 0x42), ("Launch3", 0x43), ("Launch4", 0x44), ("LaunchA", 0x4A), ("LaunchB", 0x4B),
        ("Close", 0x56), ("Copy", 0x57), ("Cut", 0x58), ("Display", 0x59), ("DOS", 0x5A),
        ("Documents", 0x5B), ("Explorer", 0x5D), ("Game", 0x5E), ("Go", 0x5F), ("MenuKB", 0x65),
        ("New", 0x68), ("Open", 0x6B), ("Paste", 0x6D), ("Phone", 0x6E), ("Reply", 0x72), ("Reload", 0x73),
        ("RotateWindows", 0x74), ("Save", 0x77), ("ScrollUp", 0x78), ("ScrollDown", 0x79), ("Send", 0x7B),
        ("TaskPane", 0x7F), ("Tools", 0x81), ("Xfer", 0x8A), ("Messenger", 0x8E), ("WebCam", 0x8F),
        ("MailForward", 0x90), ("Battery", 0x93), ("Bluetooth", 0x94), ("WLAN", 0x95), ("UWB", 0x96),
        ("AudioForward", 0x97), ("Suspend", 0xA7), ("TouchpadToggle", 0xA9), ("TouchpadOn", 0xB0),
        ("TouchpadOff", 0xB1), ("AudioMicMute", 0xB2), ("WWAN", 0xB4), ("RFKill", 0xB5),
        ("AudioPreset", 0xB6),
    )},
}  # fmt: skip
"""Value by X11 name."""

CONTROL_CHARACTERS = {"\n": "Return", "\r": "Return", "\t": "Tab", "\b": "BackSpace", "\x1b": "Escape"}
"""Characters that are typed with a key of their own."""

_ALIASES = {
    "ctrl": "Control_L", "control": "Control_L", "shift": "Shift_L", "alt": "Alt_L",
    "altgr": "ISO_Level3_Shift", "super": "Super_L", "win": "Super_L", "logo": "Super_L", "meta": "Super_L",
    "cmd": "Super_L",
    "enter": "Return", "esc": "Escape", "del": "Delete", "ins": "Insert", "capslock": "Caps_Lock",
    "numlock": "Num_Lock", "scrolllock": "Scroll_Lock", "pageup": "Prior", "page_up": "Prior",
    "pagedown": "Next", "page_down": "Next", "pgup": "Prior", "pgdn": "Next", "sysrq": "Sys_Req",
    "printscreen": "Print", "volumeup": "XF86AudioRaiseVolume", "volumedown": "XF86AudioLowerVolume",
    "mute": "XF86AudioMute", "arrowleft": "Left", "arrowright": "Right", "arrowup": "Up", "arrowdown": "Down",
}  # fmt: skip
_FOLDED = {name.casefold(): value for name, value in reversed(NAMES.items())}
_FOLDED.update((alias, NAMES[name]) for alias, name in _ALIASES.items())
_NAME_BY_VALUE = {value: name for name, value in reversed(NAMES.items())}

_KEYPAD_CHARS = {
    0xFFAA: "*", 0xFFAB: "+", 0xFFAC: ",", 0xFFAD: "-", 0xFFAE: ".", 0xFFAF: "/", 0xFFBD: "=",
    **{0xFFB0 + digit: str(digit) for digit in range(10)},
}  # fmt: skip
_SAME_KEY = {
    NAMES["ISO_Level3_Shift"]: (NAMES["ISO_Level3_Shift"], NAMES["Alt_R"]),
    NAMES["Super_L"]: (NAMES["Super_L"], NAMES["Meta_L"]),
}


def from_char(char: str) -> int:
    """Return the keysym of a printable character; 0 for control characters and lone surrogates."""
    code = ord(char)
    if 0x20 <= code < 0x7F or 0xA0 <= code <= 0xFF:
        return code
    if code < 0xA0 or 0xD800 <= code < 0xE000:
        return NO_SYMBOL
    return UNICODE + code


def to_char(keysym: int) -> str:
    """Return the character a keysym types, or ""."""
    if 0x20 <= keysym < 0x7F or 0xA0 <= keysym <= 0xFF:
        return chr(keysym)
    if UNICODE + 0x100 <= keysym <= UNICODE + 0x10FFFF:
        return chr(keysym - UNICODE)
    return _KEYPAD_CHARS.get(keysym, "")


def is_keypad(keysym: int) -> bool:
    """Return whether the keysym belongs to the keypad."""
    return 0xFF80 <= keysym <= 0xFFBD


def from_name(name: str) -> int:
    """Return the value of a name ("Return", "page_up", "ctrl", "é", "U20AC", "0xff0d"); 0 if unknown.

    Case counts only where two names differ by it.
    """
    if len(name) == 1:
        return from_char(name)
    if (value := NAMES.get(name)) is not None:
        return value
    if (value := _FOLDED.get(name.casefold())) is not None:
        return value
    try:
        if name[:1] in "Uu" and 4 <= len(name[1:]) <= 6:
            return from_char(chr(int(name[1:], 16)))
        if name[:2].lower() == "0x" and len(name) <= 10:
            return int(name, 16)
    except (ValueError, OverflowError):
        pass
    return NO_SYMBOL


def to_name(keysym: int) -> str:
    """Return the name to write in a keymap text: X11's, or U and the code point, or the number."""
    if (name := _NAME_BY_VALUE.get(keysym)) is not None:
        return name
    if UNICODE < keysym <= UNICODE + 0x10FFFF:
        return f"U{keysym - UNICODE:04X}"
    return f"0x{keysym:x}"


def same_key(keysym: int) -> tuple[int, ...]:
    """Return the keysym and what stands for it on keymaps that lack it; empty for 0."""
    return _SAME_KEY.get(keysym, (keysym,)) if keysym else ()
