"""Positioner: where a popup goes, so that it stays on the screen.

Pure arithmetic on rectangles. Source: xdg_positioner and xdg_popup in xdg-shell.xml.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

from compositor.geometry import Rect
from compositor.record import record, replace


class Edge(IntEnum):
    """xdg_positioner.anchor and xdg_positioner.gravity: both have these values."""

    NONE = 0
    TOP = 1
    BOTTOM = 2
    LEFT = 3
    RIGHT = 4
    TOP_LEFT = 5
    BOTTOM_LEFT = 6
    TOP_RIGHT = 7
    BOTTOM_RIGHT = 8


_DIRECTION = {
    Edge.NONE: (0, 0),
    Edge.TOP: (0, -1),
    Edge.BOTTOM: (0, 1),
    Edge.LEFT: (-1, 0),
    Edge.RIGHT: (1, 0),
    Edge.TOP_LEFT: (-1, -1),
    Edge.BOTTOM_LEFT: (-1, 1),
    Edge.TOP_RIGHT: (1, -1),
    Edge.BOTTOM_RIGHT: (1, 1),
}
_EDGE = {direction: edge for edge, direction in _DIRECTION.items()}


class Adjust(IntFlag):
    """xdg_positioner.constraint_adjustment."""

    NONE = 0
    SLIDE_X = 1
    SLIDE_Y = 2
    FLIP_X = 4
    FLIP_Y = 8
    RESIZE_X = 16
    RESIZE_Y = 32


@record()
class Positioner:
    """The rules for one popup; positions are relative to the parent's window geometry."""

    width: int = 0
    height: int = 0
    anchor_rect: Rect | None = None
    anchor: Edge = Edge.NONE
    gravity: Edge = Edge.NONE
    adjustment: Adjust = Adjust.NONE
    dx: int = 0
    dy: int = 0
    reactive: bool = False
    parent_width: int = 0
    parent_height: int = 0
    parent_serial: int | None = None

    @property
    def complete(self) -> bool:
        """Whether size and anchor rectangle are set, as a popup needs."""
        return self.width > 0 and self.height > 0 and self.anchor_rect is not None

    def copy(self) -> Positioner:
        """Return the rules as they are now; later requests change only the original."""
        return replace(self)

    def unconstrained(self) -> Rect:
        """Return where the popup goes if there is room without end."""
        assert self.anchor_rect is not None
        ax, ay = _DIRECTION[self.anchor]
        gx, gy = _DIRECTION[self.gravity]
        r = self.anchor_rect
        x = r.x + (r.width * (ax + 1)) // 2 + self.dx - (self.width * (1 - gx)) // 2
        y = r.y + (r.height * (ay + 1)) // 2 + self.dy - (self.height * (1 - gy)) // 2
        return Rect(x, y, self.width, self.height)

    def place(self, bounds: Rect) -> Rect:
        """Return where the popup goes within `bounds` (same space as the result).

        Each axis by itself tries what the client allows in the protocol's order: flip, slide, resize.
        """
        rect = self.unconstrained()
        x, width = self._axis(rect, bounds, horizontal=True)
        y, height = self._axis(rect, bounds, horizontal=False)
        return Rect(x, y, width, height)

    def _axis(self, rect: Rect, bounds: Rect, horizontal: bool) -> tuple[int, int]:
        if horizontal:
            flip, slide, resize = Adjust.FLIP_X, Adjust.SLIDE_X, Adjust.RESIZE_X
            start, size, low, high = rect.x, rect.width, bounds.x, bounds.x2
        else:
            flip, slide, resize = Adjust.FLIP_Y, Adjust.SLIDE_Y, Adjust.RESIZE_Y
            start, size, low, high = rect.y, rect.height, bounds.y, bounds.y2
        if low <= start and start + size <= high:
            return start, size
        if self.adjustment & flip:
            flipped = self._flipped(horizontal).unconstrained()
            other = flipped.x if horizontal else flipped.y
            if low <= other and other + size <= high:
                return other, size
        if self.adjustment & slide:
            # Towards the gravity first: the side that it leaves must stay visible in the end.
            direction = _DIRECTION[self.gravity][0 if horizontal else 1]
            if direction >= 0:
                moved = max(min(start, high - size), low)
            else:
                moved = min(max(start, low), high - size)
            if (low <= moved and moved + size <= high) or not self.adjustment & resize:
                return moved, size
            # Too large to slide in: what is cut off is cut off after sliding.
            start = moved
        if self.adjustment & resize:
            first, last = max(start, low), min(start + size, high)
            if last > first:
                return first, last - first
        return start, size

    def _flipped(self, horizontal: bool) -> Positioner:
        fx, fy = (-1, 1) if horizontal else (1, -1)
        ax, ay = _DIRECTION[self.anchor]
        gx, gy = _DIRECTION[self.gravity]
        return replace(
            self,
            anchor=_EDGE[(ax * fx, ay * fy)],
            gravity=_EDGE[(gx * fx, gy * fy)],
            dx=self.dx * fx,
            dy=self.dy * fy,
        )
