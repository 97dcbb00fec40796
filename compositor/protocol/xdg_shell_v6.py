"""zxdg_shell_v6: the draft that xdg_shell came of, offered with ``--legacy-shell``.

Its objects behave as those of xdg_shell in version 1; only names, the edges of a
positioner and the rules for an anchor rectangle differ. Source: xdg-shell-unstable-v6.xml.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

from compositor.model.positioner import Edge, Positioner
from compositor.protocol.wl_output import WlOutput
from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_surface import WlSurface
from compositor.protocol.xdg_shell import XdgPopup, XdgPositioner, XdgSurface, XdgToplevel, XdgWmBase
from compositor.wire import Array, Int, NewId, String, Uint, event, request


class _Side(IntFlag):
    NONE = 0
    TOP = 1
    BOTTOM = 2
    LEFT = 4
    RIGHT = 8


_EDGES = {
    _Side.NONE: Edge.NONE,
    _Side.TOP: Edge.TOP,
    _Side.BOTTOM: Edge.BOTTOM,
    _Side.LEFT: Edge.LEFT,
    _Side.RIGHT: Edge.RIGHT,
    _Side.TOP | _Side.LEFT: Edge.TOP_LEFT,
    _Side.TOP | _Side.RIGHT: Edge.TOP_RIGHT,
    _Side.BOTTOM | _Side.LEFT: Edge.BOTTOM_LEFT,
    _Side.BOTTOM | _Side.RIGHT: Edge.BOTTOM_RIGHT,
}


class ZxdgPositionerV6(XdgPositioner, name="zxdg_positioner_v6", version=1):
    """Rules that a client puts together before it makes a popup."""

    __slots__ = ()

    class Error(IntEnum):
        INVALID_INPUT = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_size(self, width: Int, height: Int) -> None:
        super().set_size(width, height)

    @request()
    def set_anchor_rect(self, x: Int, y: Int, width: Int, height: Int) -> None:
        if width == 0 or height == 0:
            raise self.error(self.Error.INVALID_INPUT, f"set_anchor_rect: {width}x{height} is not positive")
        super().set_anchor_rect(x, y, width, height)

    @request()
    def set_anchor(self, anchor: Uint) -> None:
        self.rules.anchor = self._edge("set_anchor", anchor)

    @request()
    def set_gravity(self, gravity: Uint) -> None:
        self.rules.gravity = self._edge("set_gravity", gravity)

    def _edge(self, name: str, sides: int) -> Edge:
        edge = _EDGES.get(sides)  # type: ignore[call-overload]
        if not isinstance(edge, Edge):
            raise self.error(self.Error.INVALID_INPUT, f"{name}: {sides} is no edge or corner")
        return edge

    @request()
    def set_constraint_adjustment(self, constraint_adjustment: Uint) -> None:
        super().set_constraint_adjustment(constraint_adjustment)

    @request()
    def set_offset(self, x: Int, y: Int) -> None:
        super().set_offset(x, y)


class ZxdgToplevelV6(XdgToplevel, name="zxdg_toplevel_v6", version=1):
    """A window, as its client holds it."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None:
        super().destroy()

    @request()
    def set_parent(self, parent: ZxdgToplevelV6 | None) -> None:  # type: ignore[override]
        super().set_parent(parent)

    @request()
    def set_title(self, title: String) -> None:
        super().set_title(title)

    @request()
    def set_app_id(self, app_id: String) -> None:
        super().set_app_id(app_id)

    @request()
    def show_window_menu(self, seat: WlSeat, serial: Uint, x: Int, y: Int) -> None:
        """There is no window menu."""

    @request()
    def move(self, seat: WlSeat, serial: Uint) -> None:
        super().move(seat, serial)

    @request()
    def resize(self, seat: WlSeat, serial: Uint, edges: Uint) -> None:
        # The draft has no error for an edge that is none.
        if edges in self.ResizeEdge._value2member_map_:
            super().resize(seat, serial, edges)

    @request()
    def set_max_size(self, width: Int, height: Int) -> None:
        super().set_max_size(width, height)

    @request()
    def set_min_size(self, width: Int, height: Int) -> None:
        super().set_min_size(width, height)

    @request()
    def set_maximized(self) -> None:
        super().set_maximized()

    @request()
    def unset_maximized(self) -> None:
        super().unset_maximized()

    @request()
    def set_fullscreen(self, output: WlOutput | None) -> None:
        super().set_fullscreen(output)

    @request()
    def unset_fullscreen(self) -> None:
        super().unset_fullscreen()

    @request()
    def set_minimized(self) -> None:
        super().set_minimized()

    @event()
    def configure(self, width: Int, height: Int, states: Array) -> None:
        """Propose a size and tell the states."""

    @event()
    def close(self) -> None:
        """Ask the client to close the window."""


class ZxdgPopupV6(XdgPopup, name="zxdg_popup_v6", version=1):
    """A popup, as its client holds it."""

    __slots__ = ()

    class Error(IntEnum):
        INVALID_GRAB = 0

    @request(destructor=True)
    def destroy(self) -> None:
        super().destroy()

    @request()
    def grab(self, seat: WlSeat, serial: Uint) -> None:
        super().grab(seat, serial)

    @event()
    def configure(self, x: Int, y: Int, width: Int, height: Int) -> None:
        """Tell place and size, relative to the parent's window geometry."""

    @event()
    def popup_done(self) -> None:
        """The popup was dismissed."""


class ZxdgSurfaceV6(XdgSurface, name="zxdg_surface_v6", version=1):
    """A surface that is becoming a window or a popup."""

    __slots__ = ()

    TOPLEVEL = ZxdgToplevelV6
    POPUP = ZxdgPopupV6

    class Error(IntEnum):
        NOT_CONSTRUCTED = 1
        ALREADY_CONSTRUCTED = 2
        UNCONFIGURED_BUFFER = 3

    @request(destructor=True)
    def destroy(self) -> None:
        super().destroy()

    @request()
    def get_toplevel(self, id: NewId[ZxdgToplevelV6]) -> None:  # type: ignore[override]
        super().get_toplevel(id)  # type: ignore[arg-type]

    @request()
    def get_popup(  # type: ignore[override]
        self, id: NewId[ZxdgPopupV6], parent: ZxdgSurfaceV6, positioner: ZxdgPositionerV6
    ) -> None:
        super().get_popup(id, parent, positioner)  # type: ignore[arg-type]

    @request()
    def set_window_geometry(self, x: Int, y: Int, width: Int, height: Int) -> None:
        super().set_window_geometry(x, y, width, height)

    @request()
    def ack_configure(self, serial: Uint) -> None:
        super().ack_configure(serial)

    @event()
    def configure(self, serial: Uint) -> None:
        """All of a proposal has been told; the client answers with the serial."""


class ZxdgShellV6(XdgWmBase, name="zxdg_shell_v6", version=1):
    """Makes windows and popups of surfaces."""

    __slots__ = ()

    SURFACE = ZxdgSurfaceV6

    class Error(IntEnum):
        ROLE = 0
        DEFUNCT_SURFACES = 1
        NOT_THE_TOPMOST_POPUP = 2
        INVALID_POPUP_PARENT = 3
        INVALID_SURFACE_STATE = 4
        INVALID_POSITIONER = 5

    @request(destructor=True)
    def destroy(self) -> None:
        super().destroy()

    @request()
    def create_positioner(self, id: NewId[ZxdgPositionerV6]) -> None:  # type: ignore[override]
        ZxdgPositionerV6(self.client, id, self.version).rules = Positioner()

    @request()
    def get_xdg_surface(  # type: ignore[override]
        self, id: NewId[ZxdgSurfaceV6], surface: WlSurface
    ) -> None:
        super().get_xdg_surface(id, surface)  # type: ignore[arg-type]

    @request()
    def pong(self, serial: Uint) -> None:
        super().pong(serial)

    @event()
    def ping(self, serial: Uint) -> None:
        """Ask for a sign of life."""
