"""xdg_toplevel_drag_manager_v1: a window follows a drag.

Source: xdg-toplevel-drag-v1.xml. A window that is dropped where nobody takes
the data stays there: its source hears dnd_drop_performed and dnd_finished,
which is what the protocol calls the end of the move.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.seat.toplevel_drag import ToplevelDrag
from compositor.model.selection import SourceUse
from compositor.protocol.wl_data_device_manager import WlDataSource
from compositor.protocol.xdg_shell import XdgToplevel
from compositor.wire import Int, Interface, NewId, request


class XdgToplevelDragManagerV1(Interface, name="xdg_toplevel_drag_manager_v1", version=1):
    """Makes drags of windows."""

    __slots__ = ()

    class Error(IntEnum):
        INVALID_SOURCE = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_xdg_toplevel_drag(self, id: NewId[XdgToplevelDragV1], data_source: WlDataSource) -> None:
        source = data_source.source
        resource = XdgToplevelDragV1(self.client, id, self.version)
        if source.use is not SourceUse.UNUSED or source.toplevel_drag is not None:
            raise self.error(self.Error.INVALID_SOURCE, f"{data_source!r} is in use already")
        resource.model = ToplevelDrag(source)


class XdgToplevelDragV1(Interface, name="xdg_toplevel_drag_v1", version=1):
    """The window of one drag."""

    __slots__ = ("model",)

    model: ToplevelDrag

    class Error(IntEnum):
        TOPLEVEL_ATTACHED = 0
        ONGOING_DRAG = 1

    @request(destructor=True)
    def destroy(self) -> None:
        if self.model.drag is not None:
            raise self.error(self.Error.ONGOING_DRAG, "destroyed during the drag")
        self.model.end()

    @request()
    def attach(self, toplevel: XdgToplevel, x_offset: Int, y_offset: Int) -> None:
        if not self.model.attach(toplevel.window, x_offset, y_offset):
            raise self.error(
                self.Error.TOPLEVEL_ATTACHED, f"attach: a window is attached, {toplevel!r} cannot be"
            )
