"""Windows: xdg_toplevel with configures answered in order, decorations by whoever draws them, and states."""

from __future__ import annotations

from typing import Any

from pywayland.protocol.xdg_decoration_unstable_v1 import ZxdgToplevelDecorationV1
from pywayland.protocol.xdg_shell import XdgToplevel

from . import decoration
from .boxes import Box
from .canvas import Canvas
from .connection import Connection
from .decoration import Part
from .seat import BUTTON_LEFT, BUTTON_RIGHT
from .surface import Surface

_DOUBLE_CLICK_MS = 400
_SERVER_SIDE = int(ZxdgToplevelDecorationV1.mode.server_side)


class Window(Surface):
    """A toplevel window. `width` and `height` are its content's, without a title bar of ours.

    Args:
        decorated: ask the compositor for decorations, and draw a title bar if it offers none.
        smallest, largest: (width, height) the user may resize the content to; None: any.
    """

    def __init__(
        self,
        connection: Connection,
        title: str,
        width: int,
        height: int,
        *,
        opaque: bool = True,
        decorated: bool = True,
        smallest: tuple[int, int] = (64, 48),
        largest: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(connection, title, width, height, opaque)
        self.title = title
        self.smallest = smallest
        self.largest = largest
        self.states: frozenset[int] = frozenset()  # xdg_toplevel.state values
        self._preferred = width, height
        self._decorated = decorated
        self._pending: tuple[int, int, frozenset[int]] = (0, 0, frozenset())
        self._ack: int | None = None
        self._configured = False
        self._hovered = Part.CONTENT
        self._pressed_ms = -_DOUBLE_CLICK_MS  # when the title bar was last pressed
        self._geometry = (0, 0)
        self.xdg_surface = connection.wm_base.get_xdg_surface(self.wl)
        self.xdg_surface.dispatcher["configure"] = self._on_configure
        self.toplevel = self.xdg_surface.get_toplevel()
        self.toplevel.dispatcher["configure"] = self._on_toplevel_configure
        self.toplevel.dispatcher["close"] = lambda _: self.close()
        self.toplevel.set_title(title)
        self.toplevel.set_app_id("weddell." + type(self).__name__.lower())
        self._decoration: Any = None
        if decorated:
            self.inset = decoration.HEIGHT
            if connection.decoration_manager is not None:
                self._decoration = connection.decoration_manager.get_toplevel_decoration(self.toplevel)
                self._decoration.dispatcher["configure"] = self._on_decoration
                self._decoration.set_mode(_SERVER_SIDE)
        self._limits()
        self.wl.commit()

    # For programs

    def close(self) -> None:
        """Do what closing the window means; by default the program ends."""
        self.connection.stop()

    def resize(self, width: int, height: int) -> None:
        if not (self.maximized or self.fullscreen):
            self._preferred = width, height  # what to return to when the compositor leaves the choice to us
        super().resize(width, height)

    def set_title(self, title: str) -> None:
        """Change the title."""
        if title != self.title:
            self.title = title
            self.toplevel.set_title(title)
            self._redraw_bar()

    @property
    def active(self) -> bool:
        """Whether the compositor shows this as the window in use."""
        return int(XdgToplevel.state.activated) in self.states

    @property
    def maximized(self) -> bool:
        """Whether the window fills the work area."""
        return int(XdgToplevel.state.maximized) in self.states

    @property
    def fullscreen(self) -> bool:
        """Whether the window fills an output."""
        return int(XdgToplevel.state.fullscreen) in self.states

    def toggle_fullscreen(self) -> None:
        """Ask for the other of fullscreen and windowed."""
        if self.fullscreen:
            self.toplevel.unset_fullscreen()
        else:
            self.toplevel.set_fullscreen(None)

    def toggle_maximized(self) -> None:
        """Ask for the other of maximized and windowed."""
        if self.maximized:
            self.toplevel.unset_maximized()
        else:
            self.toplevel.set_maximized()

    def move(self) -> None:
        """Let the user drag the window; call it while a button is down."""
        seat = self.connection.seat
        if seat is not None and seat.pointer is not None:
            self.toplevel.move(seat.proxy, seat.pointer.serial)

    def destroy(self) -> None:
        """Destroy the window, its role first."""
        if self._decoration is not None:
            self._decoration.destroy()
        self.toplevel.destroy()
        self.xdg_surface.destroy()
        super().destroy()

    # Configure

    @property
    def ready(self) -> bool:
        return self._configured

    def before_commit(self) -> None:
        if self._ack is not None:
            self.xdg_surface.ack_configure(self._ack)
            self._ack = None
        if self._geometry != (self.width, self.height + self.inset):
            self._geometry = self.width, self.height + self.inset
            self.xdg_surface.set_window_geometry(0, 0, *self._geometry)

    def _on_toplevel_configure(self, toplevel: Any, width: int, height: int, states: bytes) -> None:
        values = frozenset(int.from_bytes(states[i : i + 4], "little") for i in range(0, len(states), 4))
        self._pending = width, height, values

    def _on_decoration(self, proxy: Any, mode: int) -> None:
        self._decorated = mode != _SERVER_SIDE

    def _on_configure(self, xdg_surface: Any, serial: int) -> None:
        width, height, states = self._pending
        was, self.states = self.states, states
        inset = decoration.HEIGHT if self._decorated and not self.fullscreen else 0
        if inset != self.inset:
            self.inset = inset
            self._whole = True
            self._limits()
        if width > 0 and height > 0:  # whole surface; 0 leaves the choice to us
            height = max(1, height - self.inset)
        else:
            width, height = self._clamp(*self._preferred)
        self.resize(width, height)
        if was != states:
            self._redraw_bar()
        # Acked with the next commit, which is the one that obeys it; only the latest serial counts.
        self._ack = serial
        self._configured = self._urgent = True

    def _clamp(self, width: int, height: int) -> tuple[int, int]:
        width, height = max(width, self.smallest[0]), max(height, self.smallest[1])
        if self.largest is not None:
            width, height = min(width, self.largest[0]), min(height, self.largest[1])
        return width, height

    def _limits(self) -> None:
        self.toplevel.set_min_size(self.smallest[0], self.smallest[1] + self.inset)
        if self.largest is not None:
            self.toplevel.set_max_size(self.largest[0], self.largest[1] + self.inset)

    # The title bar

    def draw_all(self, canvas: Canvas) -> None:
        if self.inset and canvas.clip.y < self.inset * canvas.scale:
            bar = Canvas(canvas.pixels, canvas.scale, canvas.clip)
            decoration.draw_bar(bar, self.title, self.active, self._hovered, self.maximized)
        super().draw_all(canvas)

    def _redraw_bar(self) -> None:
        if self.inset:
            self.redraw(Box(0, -self.inset, self.width, self.inset))

    def cursor_at(self, x: float, y: float) -> str:
        edges = self._edges(x, y)
        if edges:
            return decoration.cursor_for(edges)
        return self.cursor if y >= self.inset else "default"

    def _edges(self, x: float, y: float) -> int:
        if not self.inset or self.maximized:
            return 0
        return decoration.edges_at(x, y, self.width, self.height + self.inset)

    def route_move(self, x: float, y: float) -> None:
        self._hover(decoration.part_at(x, y, self.width) if self.inset else Part.CONTENT)
        super().route_move(x, y)

    def route_leave(self) -> None:
        self._hover(Part.CONTENT)
        super().route_leave()

    def _hover(self, part: Part) -> None:
        if part is not self._hovered:
            self._hovered = part
            self._redraw_bar()

    def route_button(self, x: float, y: float, button: int, pressed: bool, time_ms: int) -> None:
        seat = self.connection.seat
        assert seat is not None and seat.pointer is not None
        edges = self._edges(x, y)
        if button == BUTTON_LEFT and pressed and edges:
            self.toplevel.resize(seat.proxy, seat.pointer.serial, edges)
        elif y >= self.inset:
            super().route_button(x, y, button, pressed, time_ms)
        elif button == BUTTON_RIGHT and pressed:
            self.toplevel.show_window_menu(seat.proxy, seat.pointer.serial, int(x), int(y))
        elif button == BUTTON_LEFT:
            self._press_bar(decoration.part_at(x, y, self.width), pressed, time_ms)

    def route_touch(self, finger: int, x: float, y: float) -> None:
        seat = self.connection.seat
        if y >= self.inset:
            super().route_touch(finger, x, y)
        elif seat is not None and seat.touch is not None:
            self.toplevel.move(seat.proxy, seat.touch.serial)

    def _press_bar(self, part: Part, pressed: bool, time_ms: int) -> None:
        if pressed:
            if part is Part.BAR:
                last_ms, self._pressed_ms = self._pressed_ms, time_ms
                if time_ms - last_ms < _DOUBLE_CLICK_MS:
                    self.toggle_maximized()
                else:
                    self.move()
        elif part is Part.CLOSE:
            self.close()
        elif part is Part.MAXIMIZE:
            self.toggle_maximized()
        elif part is Part.MINIMIZE:
            self.toplevel.set_minimized()
