"""OutputScene: what one output shows, and what its next frame has to draw."""

from __future__ import annotations

from collections.abc import Hashable
from operator import add

from compositor.geometry import EMPTY_REGION, Rect, Region
from compositor.model.damage import DAMAGE_LIST_BOUND
from compositor.model.item import Art
from compositor.model.node import Node
from compositor.model.output import QUEUED, Output

_FEW_RECTS = 32
"""As many rectangles in one frame are merged without asking whether that pays."""
_MAX_DAMAGE_RECTS = 256
"""More rectangles than this in one frame are drawn as their bound."""


class OutputScene:
    """What one output shows.

    Attributes:
        nodes: bottom to top, output pixels.
        straight: whether a layout pixel is an output pixel.
        damage: output pixels that the next frame has to draw, not yet merged.
        rect, whole: all of the output's pixels.
    """

    __slots__ = ("damage", "keys", "nodes", "output", "rect", "straight", "table", "whole")

    def __init__(self, output: Output) -> None:
        self.output = output
        self.nodes: list[Node] = []
        self.keys: list[Hashable] = []
        self.table: dict[Hashable, tuple[Node, Art | None]] = {}
        self.damage: list[Rect] = []
        self.straight = output.scale == 1
        self.rect = Rect(0, 0, *output.pixel_size)
        self.whole = Region.from_rect(self.rect)
        self.damage_all()

    def damage_rect(self, rect: Rect) -> None:
        """Have the next frame draw a rectangle, output pixels."""
        damage = self.damage
        damage.append(rect)
        if self.output.redraw is not QUEUED or len(damage) > DAMAGE_LIST_BOUND:
            self.damaged()

    def damaged(self) -> None:
        """See to a frame for what was appended to `damage`."""
        if len(self.damage) > DAMAGE_LIST_BOUND:
            self.damage = [_bound(self.damage)]
        output = self.output
        if output.redraw is not QUEUED:
            output.schedule()

    def damage_all(self) -> None:
        """Have the next frame draw everything."""
        self.damage = [self.rect]
        self.output.schedule()

    def take_damage(self) -> Region:
        """Return what has to be drawn, and forget it."""
        damage, self.damage = self.damage, []
        if not damage:
            return EMPTY_REGION
        region = self.whole if self.rect in damage else _merged(damage, self.rect)
        if self.output.on_damage:
            for hook in self.output.on_damage:
                hook(region)
        return region


def _merged(rects: list[Rect], whole: Rect) -> Region:
    """Return the pixels of rectangles within the output, or a little more where they are many."""
    count = len(rects)
    if count == 1:
        return Region.from_rect(rects[0].intersect(whole))
    if count <= _FEW_RECTS:
        largest = _holds_all(rects)
        if largest is not None:
            return Region.from_rect(largest.intersect(whole))
        return Region.from_rects(rects).intersect(whole)
    bound = _bound(rects).intersect(whole)
    # To merge a rectangle takes as long as to draw some thousands of pixels.
    if count <= _MAX_DAMAGE_RECTS and bound.area > 2 * sum([r[2] * r[3] for r in rects]):
        region = Region.from_rects(rects).intersect(whole)
        if len(region.rects) <= _MAX_DAMAGE_RECTS:
            return region
    return Region.from_rect(bound)


def _holds_all(rects: list[Rect]) -> Rect | None:
    """Return one of a few rectangles that all others lie in; there is one where a window changes its size."""
    largest, most = rects[0], 0
    for rect in rects:
        _, _, width, height = rect
        if width > 0 and height > 0 and width * height > most:
            largest, most = rect, width * height
    if not most:
        return None
    left, top, width, height = largest
    right, bottom = left + width, top + height
    for x, y, width, height in rects:
        if x < left or y < top or x + width > right or y + height > bottom:
            return None
    return largest


def _bound(rects: list[Rect]) -> Rect:
    """Return the smallest rectangle around many."""
    rects = [r for r in rects if r[2] > 0 and r[3] > 0]
    if not rects:
        return Rect(0, 0, 0, 0)
    # By columns: a pass of Python over a thousand rectangles takes as long as to draw them.
    xs, ys, widths, heights = zip(*rects, strict=True)
    x, y = min(xs), min(ys)
    return Rect(x, y, max(map(add, xs, widths)) - x, max(map(add, ys, heights)) - y)
