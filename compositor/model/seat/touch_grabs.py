"""Who hears of fingers: one grab at a time decides, as for the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.model.scene import Hit

if TYPE_CHECKING:
    from compositor.model.seat.touch import Touch, TouchPoint


class TouchGrab:
    """Base of all grabs: swallows everything."""

    def __init__(self, touch: Touch) -> None:
        self.touch = touch

    def down(self, time_ms: int, point: TouchPoint, hit: Hit | None) -> None:
        """A finger went down over `hit`."""

    def motion(self, time_ms: int, point: TouchPoint) -> None:
        """A finger moved."""

    def up(self, time_ms: int, point: TouchPoint) -> None:
        """A finger was lifted."""

    def cancel(self) -> None:
        """Give up what the grab is for, and end it."""


class DefaultTouchGrab(TouchGrab):
    """A finger belongs to the surface that it went down on, until it is lifted."""

    def down(self, time_ms: int, point: TouchPoint, hit: Hit | None) -> None:
        """Raise what was touched and tell it."""
        if hit is None:
            return
        touch = self.touch
        touch.host.activate(hit.item)
        if hit.surface is not None:
            touch.send_down(time_ms, point, hit.surface)
        elif hit.part is not None:
            touch.press_part(hit)

    def motion(self, time_ms: int, point: TouchPoint) -> None:
        """Tell the surface."""
        self.touch.send_motion(time_ms, point)

    def up(self, time_ms: int, point: TouchPoint) -> None:
        """Tell the surface."""
        self.touch.send_up(time_ms, point)
