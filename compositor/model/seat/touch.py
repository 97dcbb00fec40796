"""Touch: fingers on the screen, each with the surface it went down on.

Devices call `down`, `motion`, `up`, `shape`, `orientation` and then `frame`,
or `cancel`. Positions are layout pixels. Clients are told through a
`TouchListener`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.model.scene import Hit
from compositor.model.seat.codes import BTN_LEFT
from compositor.model.seat.host import Client, Host, bounded
from compositor.model.seat.touch_grabs import DefaultTouchGrab, TouchGrab

if TYPE_CHECKING:
    from compositor.model.seat.listeners import TouchListener
    from compositor.model.seat.seat import Seat
    from compositor.model.surface import Surface

MAX_POINTS = 64
"""Fingers at once; more than any screen reports."""


class TouchPoint:
    """One finger.

    Attributes:
        id: the device's number for it.
        x, y: layout pixels.
        surface: what it went down on, or None when that is gone or never heard of it.
        serial: of the down event.
        offset: where the surface's origin was last seen, layout pixels.
    """

    __slots__ = ("id", "offset", "serial", "surface", "x", "y")

    def __init__(self, id: int, x: float, y: float) -> None:
        self.id = id
        self.x = x
        self.y = y
        self.surface: Surface | None = None
        self.serial = 0
        self.offset = (0, 0)


class Touch:
    """The touch screen of a seat.

    Attributes:
        points: fingers that are down, by their ids.
        grab: decides who hears of them.
        listener: tells clients; None while nobody does.
        on_down: called with the point after a finger went down.
    """

    def __init__(self, seat: Seat, host: Host) -> None:
        self.seat = seat
        self.host = host
        self.points: dict[int, TouchPoint] = {}
        self.listener: TouchListener | None = None
        self.on_down: list[Callable[[TouchPoint], None]] = []
        self.default_grab = DefaultTouchGrab(self)
        self.grab: TouchGrab = self.default_grab
        self._grabs: list[TouchGrab] = []
        # Clients that were told something since the last frame.
        self._open: set[Client] = set()
        host.scene.on_layout.append(self.follow)

    # What devices do

    def down(self, id: int, x: float, y: float, time_ms: int | None = None) -> None:
        """Put a finger down at a layout point; an id that is down already is ignored."""
        if id in self.points or len(self.points) >= MAX_POINTS:
            return
        self.seat.active()
        point = TouchPoint(id, *self.host.clamp(x, y))
        self.points[id] = point
        hit = self.host.scene.hit(point.x, point.y)
        self.grab.down(self._time(time_ms), point, hit)
        for hook in self.on_down:
            hook(point)

    def motion(self, id: int, x: float, y: float, time_ms: int | None = None) -> None:
        """Move a finger to a layout point."""
        point = self.points.get(id)
        if point is None:
            return
        self.seat.active()
        point.x, point.y = self.host.clamp(x, y)
        self.grab.motion(self._time(time_ms), point)

    def up(self, id: int, time_ms: int | None = None) -> None:
        """Lift a finger."""
        point = self.points.pop(id, None)
        if point is None:
            return
        self.seat.active()
        self.grab.up(self._time(time_ms), point)
        self._detach(point)

    def shape(self, id: int, major: float, minor: float) -> None:
        """Tell how large the finger's ellipse is: the lengths of its axes, layout pixels."""
        point = self.points.get(id)
        if point is not None and point.surface is not None and self.listener is not None:
            self.listener.shape(point.surface, id, bounded(major), bounded(minor))
            self._open.add(point.surface.client)

    def orientation(self, id: int, degrees: float) -> None:
        """Tell how the ellipse is turned: clockwise from the surface's y axis, -180 to 180."""
        point = self.points.get(id)
        if point is not None and point.surface is not None and self.listener is not None:
            self.listener.orientation(point.surface, id, max(-180.0, min(degrees, 180.0)))
            self._open.add(point.surface.client)

    def follow(self) -> None:
        """Tell surfaces that moved under a finger where that is on them now."""
        for point in self.points.values():
            surface = point.surface
            if surface is not None and surface.view_offset() not in (None, point.offset):
                self.grab.motion(self.host.now_ms(), point)
        if self._open:
            self.frame()

    def frame(self) -> None:
        """End a group of events that belong together."""
        opened, self._open = self._open, set()
        if self.listener is not None:
            for client in opened:
                self.listener.frame(client)

    def cancel(self) -> None:
        """Take every finger back: the touch turned out to be something else."""
        self.cancel_clients()
        for grab in reversed(list(self._grabs)):
            grab.cancel()
        self.points.clear()

    def _time(self, time_ms: int | None) -> int:
        return self.host.now_ms() if time_ms is None else time_ms

    # What grabs do

    def send_down(self, time_ms: int, point: TouchPoint, surface: Surface) -> None:
        """Give a finger to the surface under it."""
        offset = surface.view_offset()
        if offset is None or not surface.alive:
            return
        point.surface = surface
        point.offset = offset
        surface.on_destroy.append(self._surface_destroyed)
        point.serial = self.seat.serials.note(self.host.next_serial(), surface.client)
        if self.listener is not None:
            self._open.add(surface.client)
            self.listener.down(surface, point.serial, time_ms, point.id, *self._local(point))

    def send_motion(self, time_ms: int, point: TouchPoint) -> None:
        """Tell the finger's surface that it moved."""
        surface = point.surface
        if surface is not None and self.listener is not None:
            point.offset = surface.view_offset() or point.offset
            self._open.add(surface.client)
            self.listener.motion(surface, time_ms, point.id, *self._local(point))

    def send_up(self, time_ms: int, point: TouchPoint) -> None:
        """Tell the finger's surface that it was lifted."""
        surface = point.surface
        if surface is not None and self.listener is not None:
            serial = self.seat.serials.note(self.host.next_serial(), surface.client)
            self._open.add(surface.client)
            self.listener.up(surface, serial, time_ms, point.id)

    def press_part(self, hit: Hit) -> None:
        """A finger went down on a decoration: the same as a click on it."""
        self.host.press_part(hit.item, hit.part, BTN_LEFT)

    def cancel_clients(self) -> None:
        """Take every finger away from the clients; what is down stays known here."""
        clients = {p.surface.client for p in self.points.values() if p.surface is not None}
        for point in self.points.values():
            self._detach(point)
        for client in clients:
            self._open.discard(client)
            if self.listener is not None:
                self.listener.cancel(client)

    @staticmethod
    def _local(point: TouchPoint) -> tuple[float, float]:
        return bounded(point.x - point.offset[0]), bounded(point.y - point.offset[1])

    def _detach(self, point: TouchPoint) -> None:
        if point.surface is not None:
            point.surface.on_destroy.remove(self._surface_destroyed)
            point.surface = None

    def _surface_destroyed(self, surface: Surface) -> None:
        """Tell its client that the fingers on it are lifted: of them it will hear no more."""
        for point in self.points.values():
            if point.surface is surface:
                self.send_up(self.host.now_ms(), point)
                self._detach(point)
        self.frame()

    def start_grab(self, grab: TouchGrab) -> None:
        """Let `grab` decide from now on, until it ends."""
        self._grabs.append(grab)
        self.grab = grab

    def end_grab(self, grab: TouchGrab) -> None:
        """Take a grab off the stack, topmost or not. Harmless when repeated."""
        if grab in self._grabs:
            self._grabs.remove(grab)
            self.grab = self._grabs[-1] if self._grabs else self.default_grab

    # What requests ask

    def began_grab(self, client: Client, serial: int) -> TouchPoint | None:
        """Return the finger whose down event on the client's surface had that serial."""
        for point in self.points.values():
            if point.serial == serial and point.surface is not None and point.surface.client is client:
                return point
        return None
