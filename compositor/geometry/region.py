"""Region: an immutable set of pixels, kept as disjoint rectangles.

The form is unique for each set: rectangles lie in bands (equal top and bottom within a band), sorted by y
and then x, spans of a band never touch, and bands that touch differ in their spans. So equal sets compare
and hash equal. Operations on nothing and on single rectangles, nearly all there are in a running
compositor, take short cuts. Anybody may import it, through `compositor.geometry`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, floor

from compositor.geometry.bands import (
    INTERSECT,
    SUBTRACT,
    UNION,
    Band,
    Keep,
    bands_of,
    combine,
    rects_of,
    sweep,
)
from compositor.geometry.rect import EMPTY_RECT, Rect
from compositor.geometry.transform import Transform

_new = object.__new__


class Region:
    """A set of pixels. Treat instances as values: never assign to their attributes.

    `Region()` is empty; build others with `from_rect` and `from_rects`. Operands may be regions or
    rectangles. Truth value: whether there is a pixel.
    """

    __slots__ = ("bounds", "rects")

    rects: tuple[Rect, ...]
    """Disjoint, not empty, in bands; `()` for the empty region."""
    bounds: Rect
    """The smallest rectangle that holds the region, `EMPTY_RECT` when it is empty."""

    def __init__(self) -> None:
        self.rects = ()
        self.bounds = EMPTY_RECT

    @classmethod
    def from_rect(cls, rect: Rect) -> Region:
        """The pixels of one rectangle."""
        _, _, width, height = rect
        if width <= 0 or height <= 0:
            return EMPTY_REGION
        region = _new(Region)
        region.rects = (rect,)
        region.bounds = rect
        return region

    @classmethod
    def from_rects(cls, rects: Iterable[Rect]) -> Region:
        """The pixels of any of the rectangles, which may overlap and come in any order."""
        return _from_bands(sweep(rects))

    @property
    def empty(self) -> bool:
        return not self.rects

    @property
    def area(self) -> int:
        """The number of pixels."""
        return sum(rect.width * rect.height for rect in self.rects)

    def __bool__(self) -> bool:
        return bool(self.rects)

    def __iter__(self) -> Iterator[Rect]:
        return iter(self.rects)

    def __eq__(self, other: object) -> bool:
        return self.rects == other.rects if isinstance(other, Region) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.rects)

    def __repr__(self) -> str:
        return f"Region({', '.join(map(str, map(tuple, self.rects)))})"

    def contains(self, x: float, y: float) -> bool:
        """Whether the point lies in the region; right and bottom edges are outside."""
        return any(rect.contains(x, y) for rect in self.rects)

    def contains_rect(self, rect: Rect) -> bool:
        """Whether every pixel of the rectangle is in the region; true for an empty rectangle."""
        if not self.bounds.contains_rect(rect):
            return rect.empty
        if len(self.rects) == 1 or rect.empty:
            return True
        # Our rectangles are disjoint, so their shares of `rect` add up to it exactly when all is covered.
        return sum(mine.intersect(rect).area for mine in self.rects) == rect.area

    def intersects(self, other: Region | Rect) -> bool:
        """Whether a pixel belongs to both."""
        if isinstance(other, Rect):
            return self.bounds.intersects(other) and any(mine.intersects(other) for mine in self.rects)
        if not self.bounds.intersects(other.bounds):
            return False
        return any(mine.intersects(theirs) for mine in self.rects for theirs in other.rects)

    def union(self, other: Region | Rect) -> Region:
        """The pixels of either."""
        if isinstance(other, Rect):
            other = Region.from_rect(other)
        if not other.rects:
            return self
        if not self.rects:
            return other
        if len(self.rects) == 1 and self.bounds.contains_rect(other.bounds):
            return self
        if len(other.rects) == 1:
            if other.bounds.contains_rect(self.bounds):
                return other
            if len(self.rects) == 1:
                return _join(self.bounds, other.bounds)
            return _combine_near(self, other, UNION)
        return _combine(self, other, UNION)

    def intersect(self, other: Region | Rect) -> Region:
        """The pixels of both."""
        if isinstance(other, Rect):
            if len(self.rects) == 1:
                rect = self.bounds.intersect(other)
                if rect == self.bounds:
                    return self
                return _single(rect) if rect.width else EMPTY_REGION
            if other.contains_rect(self.bounds):
                return self
            other = Region.from_rect(other)
        if not self.rects or not other.rects:
            return EMPTY_REGION
        common = self.bounds.intersect(other.bounds)
        if not common.width:
            return EMPTY_REGION
        if len(other.rects) == 1 and common == self.bounds:
            return self
        if len(self.rects) == 1:
            if common == other.bounds:
                return other
            if len(other.rects) == 1:
                return _single(common)
        return _combine(self, other, INTERSECT)

    def subtract(self, other: Region | Rect) -> Region:
        """Our pixels without those of `other`."""
        if isinstance(other, Rect):
            other = Region.from_rect(other)
        if not other.rects or not self.bounds.intersects(other.bounds):
            return self
        if len(other.rects) == 1:
            if other.bounds.contains_rect(self.bounds):
                return EMPTY_REGION
            if len(self.rects) == 1:
                return _punch(self.bounds, self.bounds.intersect(other.bounds))
            return _combine_near(self, other, SUBTRACT)
        return _combine(self, other, SUBTRACT)

    def translate(self, dx: int, dy: int) -> Region:
        if not self.rects or not (dx or dy):
            return self
        return _build(tuple(Rect(x + dx, y + dy, w, h) for x, y, w, h in self.rects))

    def scale(self, factor_x: float, factor_y: float, *, inward: bool = False) -> Region:
        """Every rectangle scaled about the origin, its edges rounded to whole pixels.

        Args:
            factor_x, factor_y: above 0.
            inward: round edges towards the inside of each rectangle, for opaque regions, which must not
                grow; otherwise outside, for damage, which must not shrink.
        """
        if factor_x == 1 and factor_y == 1:
            return self
        low, high = (ceil, floor) if inward else (floor, ceil)
        scaled = []
        for x, y, w, h in self.rects:
            x1, y1 = low(x * factor_x), low(y * factor_y)
            scaled.append(Rect(x1, y1, high((x + w) * factor_x) - x1, high((y + h) * factor_y) - y1))
        return Region.from_rects(scaled)

    def transform(self, transform: Transform, width: int, height: int) -> Region:
        """Where the region lies after its width × height area is transformed."""
        if transform == Transform.NORMAL or not self.rects:
            return self
        return Region.from_rects(transform.rect(rect, width, height) for rect in self.rects)


EMPTY_REGION = Region()


def _single(rect: Rect) -> Region:
    region = _new(Region)
    region.rects = (rect,)
    region.bounds = rect
    return region


def _build(rects: tuple[Rect, ...]) -> Region:
    """A region of rectangles that are in the unique form already, and at least one."""
    region = _new(Region)
    region.rects = rects
    if len(rects) == 1:
        region.bounds = rects[0]
    else:
        left = min([rect[0] for rect in rects])
        right = max([rect[0] + rect[2] for rect in rects])
        top = rects[0][1]
        region.bounds = Rect(left, top, right - left, rects[-1][1] + rects[-1][3] - top)
    return region


def _punch(outer: Rect, hole: Rect) -> Region:
    """`outer` without `hole`, which lies inside it and is not empty."""
    x, y, w, h = outer
    hx, hy, hw, hh = hole
    rects = []
    if hy > y:
        rects.append(Rect(x, y, w, hy - y))
    if hx > x:
        rects.append(Rect(x, hy, hx - x, hh))
    if hx + hw < x + w:
        rects.append(Rect(hx + hw, hy, x + w - hx - hw, hh))
    if hy + hh < y + h:
        rects.append(Rect(x, hy + hh, w, y + h - hy - hh))
    if len(rects) < 2:
        return _single(rects[0]) if rects else EMPTY_REGION
    # Any two parts together reach all four edges.
    region = _new(Region)
    region.rects = tuple(rects)
    region.bounds = outer
    return region


def _join(a: Rect, b: Rect) -> Region:
    """The union of two rectangles, neither empty nor within the other."""
    if b[1] < a[1] or (b[1] == a[1] and b[0] < a[0]):
        a, b = b, a
    ax, ay, aw, ah = a
    bx, by, bw, bh = b
    ax2, ay2, bx2, by2 = ax + aw, ay + ah, bx + bw, by + bh
    if by >= ay2:
        if by == ay2 and ax == bx and aw == bw:
            return _single(Rect(ax, ay, aw, by2 - ay))
        return _build((a, b))
    if ax == bx and aw == bw:
        return _single(Rect(ax, ay, aw, by2 - ay))
    # A band of `a` alone, one of both, and one of the one that reaches farther down. The first and the
    # last widen the middle one if that has the same span, which it can only have with the larger one.
    rects = []
    middle_top, middle_bottom = by, ay2 if ay2 < by2 else by2
    left = ax if ax < bx else bx
    right = ax2 if ax2 > bx2 else bx2
    one = ax2 >= bx and bx2 >= ax
    if ay < by:
        if left == ax and right == ax2:
            middle_top = ay
        else:
            rects.append(Rect(ax, ay, aw, by - ay))
    low, low_bottom = (a, ay2) if ay2 > by2 else (b, by2)
    rest = low_bottom - middle_bottom
    if rest and left == low[0] and right == low[0] + low[2]:
        middle_bottom, rest = low_bottom, 0
    if one:
        rects.append(Rect(left, middle_top, right - left, middle_bottom - middle_top))
    elif ax < bx:
        rects.append(Rect(ax, middle_top, aw, middle_bottom - middle_top))
        rects.append(Rect(bx, middle_top, bw, middle_bottom - middle_top))
    else:
        rects.append(Rect(bx, middle_top, bw, middle_bottom - middle_top))
        rects.append(Rect(ax, middle_top, aw, middle_bottom - middle_top))
    if rest:
        rects.append(Rect(low[0], middle_bottom, low[2], rest))
    region = _new(Region)
    region.rects = tuple(rects)
    region.bounds = Rect(left, ay, right - left, low_bottom - ay)
    return region


def _combine_near(region: Region, other: Region, keep: Keep) -> Region:
    """Combine with a single rectangle, leaving alone the bands that it does not reach or touch."""
    top, bottom = other.bounds.y, other.bounds.y2
    rects = region.rects
    first, last = 0, len(rects)
    while first < last and rects[first][1] + rects[first][3] < top:
        first += 1
    while last > first and rects[last - 1][1] > bottom:
        last -= 1
    if last - first == len(rects):
        return _combine(region, other, keep)
    near = _combine(_build(rects[first:last]), other, keep).rects if first < last else ()
    if first == last and keep[1]:
        near = other.rects
    return _build(rects[:first] + near + rects[last:])


def _combine(first: Region, second: Region, keep: Keep) -> Region:
    return _from_bands(combine(bands_of(first.rects), bands_of(second.rects), keep))


def _from_bands(bands: list[Band]) -> Region:
    return _build(rects_of(bands)) if bands else EMPTY_REGION
