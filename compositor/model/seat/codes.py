"""The few evdev codes that the model itself knows (linux/input-event-codes.h)."""

from __future__ import annotations

KEY_CNT = 0x300
"""One more than the highest key code."""

KEY_ESC = 1
KEY_LEFTCTRL = 29
KEY_LEFTSHIFT = 42
KEY_RIGHTSHIFT = 54
KEY_RIGHTCTRL = 97
KEY_LEFTMETA = 125
KEY_RIGHTMETA = 126

BTN_LEFT = 0x110
BTN_RIGHT = 0x111
BTN_MIDDLE = 0x112
