"""Rect: an axis-parallel rectangle of whole pixels.

It knows arithmetic and no coordinate space. Anybody may import it, through `compositor.geometry`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from compositor.record import NamedTuple


class Rect(NamedTuple):
    """The pixels with `x <= px < x + width` and `y <= py < y + height`.

    A rectangle whose width or height is zero or negative holds no pixels and is `empty`; where it lies
    then means nothing. Operations that come out empty return `EMPTY_RECT`.
    """

    x: int
    y: int
    width: int
    height: int

    @property
    def x2(self) -> int:
        """The first column right of the rectangle."""
        return self.x + self.width

    @property
    def y2(self) -> int:
        """The first row below the rectangle."""
        return self.y + self.height

    @property
    def empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    @property
    def area(self) -> int:
        """The number of pixels, 0 when empty."""
        return 0 if self.empty else self.width * self.height

    def translate(self, dx: int, dy: int) -> Rect:
        x, y, width, height = self
        return make_rect((x + dx, y + dy, width, height))

    def intersect(self, other: Rect) -> Rect:
        """The pixels of both, `EMPTY_RECT` when there are none."""
        ax, ay, aw, ah = self
        bx, by, bw, bh = other
        x1 = ax if ax > bx else bx
        y1 = ay if ay > by else by
        x2 = ax + aw if ax + aw < bx + bw else bx + bw
        y2 = ay + ah if ay + ah < by + bh else by + bh
        if x1 >= x2 or y1 >= y2:
            return EMPTY_RECT
        return make_rect((x1, y1, x2 - x1, y2 - y1))

    def union(self, other: Rect) -> Rect:
        """The smallest rectangle that holds both; an empty operand adds nothing."""
        if other.empty:
            return EMPTY_RECT if self.empty else self
        if self.empty:
            return other
        ax, ay, aw, ah = self
        bx, by, bw, bh = other
        x1 = ax if ax < bx else bx
        y1 = ay if ay < by else by
        x2 = ax + aw if ax + aw > bx + bw else bx + bw
        y2 = ay + ah if ay + ah > by + bh else by + bh
        return Rect(x1, y1, x2 - x1, y2 - y1)

    def contains(self, x: float, y: float) -> bool:
        """Whether the point lies inside; the right and bottom edges are outside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def contains_rect(self, other: Rect) -> bool:
        """Whether every pixel of `other` is ours. An empty `other` has none, so it is contained."""
        ax, ay, aw, ah = self
        bx, by, bw, bh = other
        if bw <= 0 or bh <= 0:
            return True
        return ax <= bx and ay <= by and bx + bw <= ax + aw and by + bh <= ay + ah

    def intersects(self, other: Rect) -> bool:
        """Whether a pixel belongs to both."""
        ax, ay, aw, ah = self
        bx, by, bw, bh = other
        if aw <= 0 or ah <= 0 or bw <= 0 or bh <= 0:
            return False
        return ax < bx + bw and bx < ax + aw and ay < by + bh and by < ay + ah


make_rect: Callable[[tuple[int, int, int, int]], Rect] = partial(tuple.__new__, Rect)
"""Makes one of (x, y, width, height) without the function of Python's that makes named tuples, for where each
frame makes many."""

EMPTY_RECT = Rect(0, 0, 0, 0)
