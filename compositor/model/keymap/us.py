"""Our own keymap: the US layout of a 105-key PC keyboard, with media keys. It needs nothing of the system.

Codes are evdev's (linux/input-event-codes.h), the short names XKB's. Where Debian's "us" has the key too, the
two agree, but for keys that change virtual terminals there and F13 to F24, which are themselves here.
`assets/keymap.xkb` is this table as text; `assets/make_keymap.py` writes it.
"""

from __future__ import annotations

from functools import cache, cached_property

from compositor.locate import assets_dir
from compositor.model.keymap import keysyms
from compositor.model.keymap.table import TYPES, Key, TableKeymap, key_type

NAME = "English (US)"

# First code and name prefix of the rows of writing keys; plain and shifted character of each.
_ROWS = (
    (2, "AE", "1! 2@ 3# 4$ 5% 6^ 7& 8* 9( 0) -_ =+"),
    (16, "AD", "qQ wW eE rR tT yY uU iI oO pP [{ ]}"),
    (30, "AC", "aA sS dD fF gG hH jJ kK lL ;: '\""),
    (44, "AB", "zZ xX cC vV bB nN mM ,< .> /?"),
)

# Code, XKB's name, keysyms by level.
_KEYS = """
    1 ESC Escape
    14 BKSP BackSpace
    15 TAB Tab ISO_Left_Tab
    28 RTRN Return
    29 LCTL Control_L
    41 TLDE grave asciitilde
    42 LFSH Shift_L
    43 BKSL backslash bar
    54 RTSH Shift_R
    56 LALT Alt_L Meta_L
    57 SPCE space
    58 CAPS Caps_Lock
    84 LVL3 ISO_Level3_Shift
    86 LSGT less greater bar brokenbar
    97 RCTL Control_R
    100 RALT Alt_R Meta_R
    125 LWIN Super_L
    126 RWIN Super_R
    127 COMP Menu

    99 PRSC Print Sys_Req
    101 LNFD Linefeed
    102 HOME Home
    103 UP Up
    104 PGUP Prior
    105 LEFT Left
    106 RGHT Right
    107 END End
    108 DOWN Down
    109 PGDN Next
    110 INS Insert
    111 DELE Delete
    119 PAUS Pause Break
    70 SCLK Scroll_Lock

    55 KPMU KP_Multiply
    69 NMLK Num_Lock
    71 KP7 KP_Home KP_7
    72 KP8 KP_Up KP_8
    73 KP9 KP_Prior KP_9
    74 KPSU KP_Subtract
    75 KP4 KP_Left KP_4
    76 KP5 KP_Begin KP_5
    77 KP6 KP_Right KP_6
    78 KPAD KP_Add
    79 KP1 KP_End KP_1
    80 KP2 KP_Down KP_2
    81 KP3 KP_Next KP_3
    82 KP0 KP_Insert KP_0
    83 KPDL KP_Delete KP_Decimal
    96 KPEN KP_Enter
    98 KPDV KP_Divide
    117 KPEQ KP_Equal

    90 KATA Katakana
    91 HIRA Hiragana
    92 HENK Henkan_Mode
    93 HKTG Hiragana_Katakana
    94 MUHE Muhenkan
    122 HNGL Hangul
    123 HJCV Hangul_Hanja

    113 MUTE XF86AudioMute
    114 VOL- XF86AudioLowerVolume
    115 VOL+ XF86AudioRaiseVolume
    116 POWR XF86PowerOff
    120 I128 XF86LaunchA
    128 STOP Cancel
    129 AGAI Redo
    130 PROP SunProps
    131 UNDO Undo
    132 FRNT SunFront
    133 COPY XF86Copy
    134 OPEN XF86Open
    135 PAST XF86Paste
    136 FIND Find
    137 CUT XF86Cut
    138 HELP Help
    139 I147 XF86MenuKB
    140 I148 XF86Calculator
    142 I150 XF86Sleep
    143 I151 XF86WakeUp
    144 I152 XF86Explorer
    145 I153 XF86Send
    147 I155 XF86Xfer
    148 I156 XF86Launch1
    149 I157 XF86Launch2
    150 I158 XF86WWW
    151 I159 XF86DOS
    152 I160 XF86ScreenSaver
    153 I161 XF86RotateWindows
    154 I162 XF86TaskPane
    155 I163 XF86Mail
    156 I164 XF86Favorites
    157 I165 XF86MyComputer
    158 I166 XF86Back
    159 I167 XF86Forward
    161 I169 XF86Eject
    162 I170 XF86Eject
    163 I171 XF86AudioNext
    164 I172 XF86AudioPlay XF86AudioPause
    165 I173 XF86AudioPrev
    166 I174 XF86AudioStop XF86Eject
    167 I175 XF86AudioRecord
    168 I176 XF86AudioRewind
    169 I177 XF86Phone
    171 I179 XF86Tools
    172 I180 XF86HomePage
    173 I181 XF86Reload
    174 I182 XF86Close
    177 I185 XF86ScrollUp
    178 I186 XF86ScrollDown
    181 I189 XF86New
    182 I190 Redo
    200 I208 XF86AudioPlay
    201 I209 XF86AudioPause
    202 I210 XF86Launch3
    203 I211 XF86Launch4
    204 I212 XF86LaunchB
    205 I213 XF86Suspend
    206 I214 XF86Close
    207 I215 XF86AudioPlay
    208 I216 XF86AudioForward
    210 I218 Print
    212 I220 XF86WebCam
    213 I221 XF86AudioPreset
    215 I223 XF86Mail
    216 I224 XF86Messenger
    217 I225 XF86Search
    218 I226 XF86Go
    219 I227 XF86Finance
    220 I228 XF86Game
    221 I229 XF86Shop
    223 I231 Cancel
    224 I232 XF86MonBrightnessDown
    225 I233 XF86MonBrightnessUp
    226 I234 XF86AudioMedia
    227 I235 XF86Display
    228 I236 XF86KbdLightOnOff
    229 I237 XF86KbdBrightnessDown
    230 I238 XF86KbdBrightnessUp
    231 I239 XF86Send
    232 I240 XF86Reply
    233 I241 XF86MailForward
    234 I242 XF86Save
    235 I243 XF86Documents
    236 I244 XF86Battery
    237 I245 XF86Bluetooth
    238 I246 XF86WLAN
    239 I247 XF86UWB
    243 I251 XF86MonBrightnessCycle
    246 I254 XF86WWAN
    247 I255 XF86RFKill
"""

_TYPES = {"PRSC": TYPES["PC_ALT_LEVEL2"], "PAUS": TYPES["PC_CONTROL_LEVEL2"]}


def _function_key(number: int) -> Key:
    code = 58 + number if number <= 10 else 76 + number if number <= 12 else 170 + number
    return Key(code, f"FK{number:02}", TYPES["ONE_LEVEL"], (keysyms.NAMES[f"F{number}"],))


def keys() -> list[Key]:
    """Return the table."""
    table = [_function_key(number) for number in range(1, 25)]
    for first, prefix, characters in _ROWS:
        for index, pair in enumerate(characters.split()):
            levels = tuple(ord(char) for char in pair)
            table.append(Key(first + index, f"{prefix}{index + 1:02}", key_type(levels), levels))
    for line in _KEYS.split("\n"):
        if fields := line.split():
            code, name, *symbols = fields
            levels = tuple(keysyms.NAMES[symbol] for symbol in symbols)
            table.append(Key(int(code), name, _TYPES.get(name) or key_type(levels), levels))
    return table


class _BuiltinKeymap(TableKeymap):
    """Has its text ready in a file."""

    @cached_property
    def text(self) -> bytes:
        return (assets_dir() / "keymap.xkb").read_bytes()


@cache
def builtin_keymap() -> TableKeymap:
    """Return our own keymap: US, pure Python, always there. One object for all."""
    return _BuiltinKeymap(NAME, keys())
