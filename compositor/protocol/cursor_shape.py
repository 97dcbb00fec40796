"""wp_cursor_shape_manager_v1: cursors by name, drawn by the compositor.

Source: cursor-shape-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.protocol.tablet import ZwpTabletToolV2
from compositor.protocol.wl_seat import SeatGlobal, WlPointer
from compositor.wire import Interface, NewId, Uint, request


class WpCursorShapeManagerV1(Interface, name="wp_cursor_shape_manager_v1", version=2):
    """Makes cursor shape devices."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_pointer(self, cursor_shape_device: NewId[WpCursorShapeDeviceV1], pointer: WlPointer) -> None:
        WpCursorShapeDeviceV1(self.client, cursor_shape_device, self.version).entry = pointer.entry

    @request()
    def get_tablet_tool_v2(
        self, cursor_shape_device: NewId[WpCursorShapeDeviceV1], tablet_tool: ZwpTabletToolV2
    ) -> None:
        WpCursorShapeDeviceV1(self.client, cursor_shape_device, self.version).entry = None


class WpCursorShapeDeviceV1(Interface, name="wp_cursor_shape_device_v1", version=2):
    """Sets the cursor of one device by name.

    Attributes:
        entry: of the seat whose pointer it is for; None for a tablet's tool, which shows none.
    """

    __slots__ = ("entry",)

    entry: SeatGlobal | None

    class Shape(IntEnum):
        DEFAULT = 1
        CONTEXT_MENU = 2
        HELP = 3
        POINTER = 4
        PROGRESS = 5
        WAIT = 6
        CELL = 7
        CROSSHAIR = 8
        TEXT = 9
        VERTICAL_TEXT = 10
        ALIAS = 11
        COPY = 12
        MOVE = 13
        NO_DROP = 14
        NOT_ALLOWED = 15
        GRAB = 16
        GRABBING = 17
        E_RESIZE = 18
        N_RESIZE = 19
        NE_RESIZE = 20
        NW_RESIZE = 21
        S_RESIZE = 22
        SE_RESIZE = 23
        SW_RESIZE = 24
        W_RESIZE = 25
        EW_RESIZE = 26
        NS_RESIZE = 27
        NESW_RESIZE = 28
        NWSE_RESIZE = 29
        COL_RESIZE = 30
        ROW_RESIZE = 31
        ALL_SCROLL = 32
        ZOOM_IN = 33
        ZOOM_OUT = 34
        # Since version 2.
        DND_ASK = 35
        ALL_RESIZE = 36

    class Error(IntEnum):
        INVALID_SHAPE = 1

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_shape(self, serial: Uint, shape: Uint) -> None:
        newest = self.Shape.ALL_RESIZE if self.version >= 2 else self.Shape.ZOOM_OUT
        if not self.Shape.DEFAULT <= shape <= newest:
            raise self.error(self.Error.INVALID_SHAPE, f"set_shape: {shape} is no shape")
        if self.entry is not None:
            name = self.Shape(shape).name.lower().replace("_", "-")
            self.entry.seat.pointer.set_shape(self.client, serial, name)
