"""wl_seat and its devices. Source: wayland.xml."""

from compositor.protocol.wl_seat.keyboard import WlKeyboard
from compositor.protocol.wl_seat.pointer import WlPointer
from compositor.protocol.wl_seat.seat import SeatGlobal, WlSeat, add_seat
from compositor.protocol.wl_seat.touch import WlTouch

__all__ = ["SeatGlobal", "WlKeyboard", "WlPointer", "WlSeat", "WlTouch", "add_seat"]
