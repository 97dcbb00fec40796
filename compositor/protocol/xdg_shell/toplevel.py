"""xdg_toplevel: a window."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from compositor.model.configure import ConfigureState
from compositor.model.toplevel_state import TILED, Proposal, ResizeEdge, State
from compositor.model.window import Window
from compositor.protocol.common import desktop_of, implementation_error
from compositor.protocol.wl_output import WlOutput
from compositor.wire import Array, Int, Interface, String, Uint, event, request

if TYPE_CHECKING:
    from compositor.model.output import Output
    from compositor.protocol.wl_seat import WlSeat
    from compositor.protocol.xdg_shell.surface import XdgSurface

_SINCE = dict.fromkeys((State.TILED_LEFT, State.TILED_RIGHT, State.TILED_TOP, State.TILED_BOTTOM), 2)
_SINCE[State.SUSPENDED] = 6
_CONSTRAINED = {State.TILED_LEFT: 10, State.TILED_RIGHT: 11, State.TILED_TOP: 12, State.TILED_BOTTOM: 13}


class DecorationListener(Protocol):
    """What zxdg_toplevel_decoration_v1 hangs on a toplevel."""

    def send(self) -> None:
        """Tell the mode; a configure follows."""

    def toplevel_destroyed(self) -> None:
        """The toplevel is being destroyed by its client."""


class XdgToplevel(Interface, name="xdg_toplevel", version=7):
    """A window, as its client holds it."""

    __slots__ = (
        "decoration",
        "pending_max",
        "pending_min",
        "sent_bounds",
        "sent_capabilities",
        "window",
        "xdg_surface",
    )

    window: Window
    xdg_surface: XdgSurface

    class Error(IntEnum):
        INVALID_RESIZE_EDGE = 0
        INVALID_PARENT = 1
        INVALID_SIZE = 2

    class ResizeEdge(IntEnum):
        NONE = 0
        TOP = 1
        BOTTOM = 2
        LEFT = 4
        TOP_LEFT = 5
        BOTTOM_LEFT = 6
        RIGHT = 8
        TOP_RIGHT = 9
        BOTTOM_RIGHT = 10

    class State(IntEnum):
        MAXIMIZED = 1
        FULLSCREEN = 2
        RESIZING = 3
        ACTIVATED = 4
        TILED_LEFT = 5
        TILED_RIGHT = 6
        TILED_TOP = 7
        TILED_BOTTOM = 8
        SUSPENDED = 9
        CONSTRAINED_LEFT = 10
        CONSTRAINED_RIGHT = 11
        CONSTRAINED_TOP = 12
        CONSTRAINED_BOTTOM = 13

    class WmCapabilities(IntEnum):
        WINDOW_MENU = 1
        MAXIMIZE = 2
        FULLSCREEN = 3
        MINIMIZE = 4

    def tie(self, xdg_surface: XdgSurface, window: Window) -> None:
        """Belong to an xdg_surface and a window."""
        self.xdg_surface = xdg_surface
        self.window = window
        self.decoration: DecorationListener | None = None
        self.sent_bounds: tuple[int, int] | None = None
        self.sent_capabilities = False
        self.pending_min: tuple[int, int] | None = None
        self.pending_max: tuple[int, int] | None = None

    @request(destructor=True)
    def destroy(self) -> None:
        if self.decoration is not None:
            self.decoration.toplevel_destroyed()

    @request()
    def set_parent(self, parent: XdgToplevel | None) -> None:
        ancestor = parent.window if parent is not None else None
        above = ancestor
        while above is not None:
            if above is self.window:
                raise self.error(self.Error.INVALID_PARENT, f"set_parent: {parent!r} descends from {self!r}")
            above = above.parent
        # A parent that is not mapped counts as none (set_parent: "must be mapped").
        if ancestor is not None and not ancestor.mapped:
            ancestor = None
        self.window.set_parent(ancestor)

    @request()
    def set_title(self, title: String) -> None:
        self.window.set_title(self.bounded(title))

    @request()
    def set_app_id(self, app_id: String) -> None:
        self.window.set_app_id(self.bounded(app_id))

    def bounded(self, text: str) -> str:
        """Cut a string so that it can be passed on to other clients in one message."""
        limit = self.client.display.limits.string_bytes
        if len(text) * 4 <= limit:
            return text
        return text.encode()[:limit].decode("utf-8", "ignore")

    @request()
    def show_window_menu(self, seat: WlSeat, serial: Uint, x: Int, y: Int) -> None:
        """There is no window menu; wm_capabilities says so."""

    @request()
    def move(self, seat: WlSeat, serial: Uint) -> None:
        if self.window.mapped and seat.grab_serial_valid(serial, self.window.surface):
            desktop_of(self).begin_move(self.window)

    @request()
    def resize(self, seat: WlSeat, serial: Uint, edges: Uint) -> None:
        if edges not in self.ResizeEdge._value2member_map_:
            raise self.error(self.Error.INVALID_RESIZE_EDGE, f"resize: {edges} is no edge or corner")
        if self.window.mapped and edges and seat.grab_serial_valid(serial, self.window.surface):
            desktop_of(self).begin_resize(self.window, ResizeEdge(edges))

    @request()
    def set_max_size(self, width: Int, height: Int) -> None:
        self._check_size("set_max_size", width, height)
        self.pending_max = (width, height)
        self._set_limits()

    @request()
    def set_min_size(self, width: Int, height: Int) -> None:
        self._check_size("set_min_size", width, height)
        self.pending_min = (width, height)
        self._set_limits()

    def _check_size(self, name: str, width: int, height: int) -> None:
        if width < 0 or height < 0:
            raise self.error(self.Error.INVALID_SIZE, f"{name}: {width}x{height} is negative")

    def _set_limits(self) -> None:
        window = self.window
        limits = (
            window.min_size if self.pending_min is None else self.pending_min,
            window.max_size if self.pending_max is None else self.pending_max,
        )
        window.surface.pending.set_extra("size_limits", self._apply_limits, limits)

    def _apply_limits(self, limits: tuple[tuple[int, int], tuple[int, int]]) -> None:
        self.window.min_size, self.window.max_size = limits
        self.pending_min = self.pending_max = None

    def before_commit(self) -> None:
        """Refuse size limits that contradict each other.

        Raises:
            ProtocolError: xdg_toplevel.error.invalid_size.
        """
        if self.pending_min is None and self.pending_max is None:
            return
        low = self.window.min_size if self.pending_min is None else self.pending_min
        high = self.window.max_size if self.pending_max is None else self.pending_max
        if (high[0] and low[0] > high[0]) or (high[1] and low[1] > high[1]):
            raise self.error(self.Error.INVALID_SIZE, f"minimum {low} is larger than maximum {high}")

    @request()
    def set_maximized(self) -> None:
        self.window.set_maximized(True)

    @request()
    def unset_maximized(self) -> None:
        self.window.set_maximized(False)

    @request()
    def set_fullscreen(self, output: WlOutput | None) -> None:
        model: Output | None = None
        if output is not None and output.output.enabled:
            model = output.output
        self.window.set_fullscreen(True, model)

    @request()
    def unset_fullscreen(self) -> None:
        self.window.set_fullscreen(False)

    @request()
    def set_minimized(self) -> None:
        if self.window.mapped:
            self.window.set_minimized(True)

    @event()
    def configure(self, width: Int, height: Int, states: Array) -> None:
        """Propose a size and tell the states."""

    @event()
    def close(self) -> None:
        """Ask the client to close the window."""

    @event(since=4)
    def configure_bounds(self, width: Int, height: Int) -> None:
        """Tell how large a window makes sense."""

    @event(since=5)
    def wm_capabilities(self, capabilities: Array) -> None:
        """Tell what the compositor can do with windows."""

    # What the window says (compositor.model.window.Shell)

    def send_configure(self, proposal: Proposal) -> int:
        """Send a proposal and return its serial."""
        if self.window.queue.state is ConfigureState.IDLE:
            # The first one, or the first since it was unmapped, which begins all over.
            self.sent_bounds = None
            self.sent_capabilities = False
        if not self.sent_capabilities:
            self.sent_capabilities = True
            capabilities = self.WmCapabilities
            able = (capabilities.MAXIMIZE, capabilities.FULLSCREEN, capabilities.MINIMIZE)
            self.wm_capabilities(struct.pack("=3I", *able))
        output = self.window.desktop.output_of(self.window)
        if output is not None and self.version >= 4:
            left, top, right, bottom = self.window.extents
            area = output.usable_layout
            bounds = (max(1, area.width - left - right), max(1, area.height - top - bottom))
            if bounds != self.sent_bounds:
                self.sent_bounds = bounds
                self.configure_bounds(*bounds)
        if self.decoration is not None:
            self.decoration.send()
        version = self.version
        states = sorted(int(s) for s in proposal.states if version >= _SINCE.get(s, 1))
        if version >= 7:
            # Where a window is tiled it ends at the edge of the output, and its client cannot move that edge.
            states += [_CONSTRAINED[s] for s in sorted(proposal.states & TILED)]
        self.configure(proposal.width, proposal.height, struct.pack(f"={len(states)}I", *states))
        serial = self.client.display.next_serial()
        self.xdg_surface.configure(serial)
        return serial

    def send_close(self) -> None:
        """Ask the client to close the window."""
        if self.alive:
            self.close()

    def ask_for_life(self) -> None:
        """Ask the client for a sign of life."""
        if self.alive:
            self.xdg_surface.base.send_ping()

    def end(self) -> None:
        """Disconnect the client, which does not answer."""
        base = self.xdg_surface.base
        text = f"{self!r} was closed while no ping was answered"
        # The draft of the protocol has no such code.
        code = getattr(base.Error, "UNRESPONSIVE", None)
        self.client.disconnect(implementation_error(base, text) if code is None else base.error(code, text))

    def decoration_changed(self, server_side: bool) -> None:
        """Who decorates is told with the next proposal."""

    def destroyed(self) -> None:
        self.window.destroy()
        self.xdg_surface.role_destroyed()
