"""How a seat talks to clients: interfaces that the protocol room implements.

A listener finds the client's resources by the surface's client. Coordinates
are surface space, times milliseconds. Anybody above may import this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from compositor.model.seat.host import Client

if TYPE_CHECKING:
    from compositor.model.keymap import Modifiers
    from compositor.model.seat.axis import AxisFrame
    from compositor.model.seat.drag import Drag
    from compositor.model.surface import Surface


class PointerListener(Protocol):
    """wl_pointer. The surface given to `enter` stays the addressee until `leave`."""

    def enter(self, surface: Surface, serial: int, sx: float, sy: float) -> None:
        """The surface has got the pointer."""

    def leave(self, surface: Surface, serial: int) -> None:
        """The surface has lost it; ends a frame by itself."""

    def motion(self, time_ms: int, sx: float, sy: float) -> None:
        """The pointer moved."""

    def warp(self, time_ms: int, sx: float, sy: float) -> None:
        """The surface moved under the pointer, or the pointer was set elsewhere."""

    def button(self, serial: int, time_ms: int, button: int, pressed: bool) -> None:
        """A button (evdev code) changed."""

    def axis(self, time_ms: int, frame: AxisFrame) -> None:
        """Everything that scrolled within one frame."""

    def frame(self) -> None:
        """What was told since the last frame belongs together."""


class KeyboardListener(Protocol):
    """wl_keyboard. The surface given to `enter` stays the addressee until `leave`."""

    def enter(self, surface: Surface, serial: int, keys: list[int]) -> None:
        """The surface has got the keyboard; `keys` are down (evdev codes)."""

    def leave(self, surface: Surface, serial: int) -> None:
        """The surface has lost it."""

    def key(self, serial: int, time_ms: int, key: int, pressed: bool) -> None:
        """A key (evdev code) changed."""

    def modifiers(self, serial: int, modifiers: Modifiers) -> None:
        """Depressed, latched and locked modifiers and the group changed."""

    def keymap_changed(self) -> None:
        """`Keyboard.keymap` is another one from the next event on."""

    def repeat_changed(self) -> None:
        """`Keyboard.repeat_rate` or `repeat_delay_ms` is another one."""


class TouchListener(Protocol):
    """wl_touch."""

    def down(self, surface: Surface, serial: int, time_ms: int, id: int, sx: float, sy: float) -> None:
        """A finger went down on the surface."""

    def up(self, surface: Surface, serial: int, time_ms: int, id: int) -> None:
        """It was lifted."""

    def motion(self, surface: Surface, time_ms: int, id: int, sx: float, sy: float) -> None:
        """It moved."""

    def shape(self, surface: Surface, id: int, major: float, minor: float) -> None:
        """Its ellipse changed, surface units."""

    def orientation(self, surface: Surface, id: int, degrees: float) -> None:
        """Its ellipse turned."""

    def frame(self, client: Client) -> None:
        """What the client was told since the last frame belongs together."""

    def cancel(self, client: Client) -> None:
        """The client shall forget the fingers that are down."""


class DragListener(Protocol):
    """wl_data_device during a drag. The surface given to `enter` stays the addressee until `leave`."""

    def enter(self, drag: Drag, surface: Surface, serial: int, sx: float, sy: float) -> None:
        """The drag is over the surface now; offers the source to its client."""

    def leave(self, drag: Drag) -> None:
        """It is no longer."""

    def motion(self, drag: Drag, time_ms: int, sx: float, sy: float) -> None:
        """It moved over the surface."""

    def drop(self, drag: Drag) -> None:
        """It ended over the surface, which may now fetch the data."""
