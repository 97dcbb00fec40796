"""wl_touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.model.surface import Surface
from compositor.protocol.wl_seat.devices import DeviceTable, listening
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Client, Fixed, Int, Interface, Uint, event, request

if TYPE_CHECKING:
    from compositor.protocol.wl_seat.seat import SeatGlobal


class WlTouch(Interface, name="wl_touch", version=11):
    """A client's way to hear of fingers."""

    __slots__ = ("entry",)

    entry: SeatGlobal

    @event()
    def down(self, serial: Uint, time: Uint, surface: WlSurface, id: Int, x: Fixed, y: Fixed) -> None:
        """A finger went down; surface space."""

    @event()
    def up(self, serial: Uint, time: Uint, id: Int) -> None:
        """It was lifted."""

    @event()
    def motion(self, time: Uint, id: Int, x: Fixed, y: Fixed) -> None:
        """It moved."""

    @event()
    def frame(self) -> None:
        """The events since the last frame belong together."""

    @event()
    def cancel(self) -> None:
        """Forget the fingers that are down."""

    @request(since=3, destructor=True)
    def release(self) -> None: ...

    @event(since=6)
    def shape(self, id: Int, major: Fixed, minor: Fixed) -> None:
        """The axes of a finger's ellipse; surface space."""

    @event(since=6)
    def orientation(self, id: Int, orientation: Fixed) -> None:
        """How the ellipse is turned, degrees."""

    def destroyed(self) -> None:
        touches = self.entry.table.of(self.client).touches
        if self in touches:
            touches.remove(self)


class TouchSender:
    """Tells the clients whose surfaces fingers are on (compositor.model.seat.listeners.TouchListener)."""

    __slots__ = ("_table",)

    def __init__(self, table: DeviceTable) -> None:
        self._table = table

    def down(self, surface: Surface, serial: int, time_ms: int, id: int, sx: float, sy: float) -> None:
        """Tell of a finger that went down."""
        if listening(surface):
            for touch in self._table.of(surface.client).touches:
                touch.down(serial, time_ms, surface.resource, id, sx, sy)

    def up(self, surface: Surface, serial: int, time_ms: int, id: int) -> None:
        """Tell of one that was lifted."""
        for touch in self._table.of(surface.client).touches:
            touch.up(serial, time_ms, id)

    def motion(self, surface: Surface, time_ms: int, id: int, sx: float, sy: float) -> None:
        """Tell of one that moved."""
        for touch in self._table.of(surface.client).touches:
            touch.motion(time_ms, id, sx, sy)

    def shape(self, surface: Surface, id: int, major: float, minor: float) -> None:
        """Tell of an ellipse."""
        for touch in self._table.of(surface.client).touches:
            touch.shape(id, major, minor)

    def orientation(self, surface: Surface, id: int, degrees: float) -> None:
        """Tell how it is turned."""
        for touch in self._table.of(surface.client).touches:
            touch.orientation(id, degrees)

    def frame(self, client: Client) -> None:
        """End a frame."""
        for touch in self._table.of(client).touches:
            touch.frame()

    def cancel(self, client: Client) -> None:
        """Take the fingers back."""
        for touch in self._table.of(client).touches:
            touch.cancel()
