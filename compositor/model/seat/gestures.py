"""Touchpad gestures: swipe, pinch and hold, one at a time, of the surface that had the pointer when it began.

Devices call `begin`, `swipe`, `pinch` and `end`. Source: pointer-gestures-unstable-v1.xml.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from compositor.model.seat.seat import Seat
    from compositor.model.surface import Surface


class GestureKind(Enum):
    """What fingers do together."""

    SWIPE = "swipe"
    PINCH = "pinch"
    HOLD = "hold"


class GestureListener(Protocol):
    """Tells clients; what began on a surface is told to that one until the end."""

    def begin(self, kind: GestureKind, surface: Surface, serial: int, time_ms: int, fingers: int) -> None: ...

    def swipe(self, surface: Surface, time_ms: int, dx: float, dy: float) -> None: ...

    def pinch(
        self, surface: Surface, time_ms: int, dx: float, dy: float, scale: float, rotation: float
    ) -> None: ...

    def end(
        self, kind: GestureKind, surface: Surface, serial: int, time_ms: int, cancelled: bool
    ) -> None: ...


class Gestures:
    """The gestures of one seat.

    Attributes:
        kind: of the gesture under way, or None.
        surface: that hears of it, or None.
        listener: tells clients; None while nobody does.
    """

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self.kind: GestureKind | None = None
        self.surface: Surface | None = None
        self.listener: GestureListener | None = None

    def begin(self, kind: GestureKind, fingers: int) -> None:
        """Fingers begin a gesture; one under way is cancelled."""
        self.end(cancelled=True)
        self._seat.active()
        self.kind = kind
        surface = self._seat.pointer.focus
        if surface is None:
            return
        self.surface = surface
        surface.on_destroy.append(self._surface_destroyed)
        if self.listener is not None:
            self.listener.begin(kind, surface, self._serial(surface), self._now(), fingers)

    def swipe(self, dx: float, dy: float) -> None:
        """The fingers of a swipe went a way, layout pixels."""
        self._seat.active()
        if self.kind is GestureKind.SWIPE and self.surface is not None and self.listener is not None:
            self.listener.swipe(self.surface, self._now(), dx, dy)

    def pinch(self, dx: float, dy: float, scale: float, rotation: float) -> None:
        """The fingers of a pinch moved.

        Args:
            dx, dy: the way their centre went, layout pixels.
            scale: their distance, as a multiple of that at the beginning.
            rotation: degrees clockwise since the last call.
        """
        self._seat.active()
        if self.kind is GestureKind.PINCH and self.surface is not None and self.listener is not None:
            self.listener.pinch(self.surface, self._now(), dx, dy, scale, rotation)

    def end(self, *, cancelled: bool = False) -> None:
        """The gesture is over. Harmless without one."""
        kind, surface = self.kind, self.surface
        self.kind = self.surface = None
        if kind is None or surface is None:
            return
        surface.on_destroy.remove(self._surface_destroyed)
        if self.listener is not None:
            self.listener.end(kind, surface, self._serial(surface), self._now(), cancelled)

    def _surface_destroyed(self, surface: Surface) -> None:
        self.end(cancelled=True)

    def _serial(self, surface: Surface) -> int:
        return self._seat.pointer.note(surface.client)

    def _now(self) -> int:
        return self._seat.host.now_ms()
