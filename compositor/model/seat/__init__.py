"""Seat: focus, grabs and input of one person, without sockets.

    seat         the parts together        host        what it needs of the desktop
    pointer      position, focus, buttons  keyboard    keys, keymap, focus
    touch        fingers                   listeners   how clients are told
    pointer_grabs, touch_grabs             who hears of input
    popup_grab   open menus                window_grabs   moving and resizing
    drag         drag and drop             target      what a drag is over
    cursor       the picture at the pointer   axis     scrolling
    constraints  holding the pointer, by the geometry of confine
    gestures     of touchpads              virtual_pointer   one that a program plays
    shortcuts    who gets the compositor's own
    text_input   text being edited, and the input method   input_popup   what that one shows
    cursor_place   which output shows it
    serials      proof that a request answers input

The desktop, backends, control and the protocol room import it.
"""

from compositor.model.seat.axis import Axis, AxisFrame, AxisSource
from compositor.model.seat.cursor import Cursor, CursorState
from compositor.model.seat.host import Host
from compositor.model.seat.keyboard import Keyboard, KeyboardDevice
from compositor.model.seat.pointer import Pointer
from compositor.model.seat.seat import Seat
from compositor.model.seat.touch import Touch, TouchPoint

__all__ = [
    "Axis",
    "AxisFrame",
    "AxisSource",
    "Cursor",
    "CursorState",
    "Host",
    "Keyboard",
    "KeyboardDevice",
    "Pointer",
    "Seat",
    "Touch",
    "TouchPoint",
]
