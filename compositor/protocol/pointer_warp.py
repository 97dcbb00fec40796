"""wp_pointer_warp_v1: a program sets the pointer elsewhere on its surface.

Source: pointer-warp-v1.xml.
"""

from __future__ import annotations

from compositor.protocol.wl_seat import WlPointer
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Fixed, Interface, Uint, request


class WpPointerWarpV1(Interface, name="wp_pointer_warp_v1", version=1):
    """Sets the pointer."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def warp_pointer(self, surface: WlSurface, pointer: WlPointer, x: Fixed, y: Fixed, serial: Uint) -> None:
        seat = pointer.entry.seat
        model, focus = surface.surface, seat.pointer.focus
        if focus is None or focus.client is not self.client or serial != seat.pointer.focus_serial:
            return
        if model.root() is not focus.root() or not (0 <= x < model.width and 0 <= y < model.height):
            return
        offset = model.view_offset()
        if offset is None:
            return
        x, y = x + offset[0], y + offset[1]
        held = seat.pointer.constraint
        # A pointer that is held goes where its constraint lets it: a lock, nowhere.
        if held is None or held.apply(x, y) == (x, y):
            seat.pointer.warp(x, y)
