"""OutputScene: what one output shows, and what its next frame has to draw."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from compositor.geometry import EMPTY_REGION, Rect, Region
from compositor.model.item import Art
from compositor.model.node import Node
from compositor.model.output import Output

_MAX_DAMAGE_RECTS = 32
"""More rectangles than this in one frame are drawn as their bound."""
_DAMAGE_LIST_BOUND = 4096


class OutputScene:
    """What one output shows.

    Attributes:
        nodes: bottom to top, output pixels.
        straight: whether a layout pixel is an output pixel.
        damage: output pixels that the next frame has to draw, not yet merged.
    """

    __slots__ = ("damage", "keys", "nodes", "output", "rect", "straight", "table")

    def __init__(self, output: Output) -> None:
        self.output = output
        self.nodes: list[Node] = []
        self.keys: list[Hashable] = []
        self.table: dict[Hashable, tuple[Node, Art | None]] = {}
        self.damage: list[Rect] = []
        self.straight = output.scale == 1
        self.rect = Rect(0, 0, *output.pixel_size)
        self.damage_all()

    def damage_rect(self, rect: Rect) -> None:
        """Have the next frame draw a rectangle, output pixels."""
        damage = self.damage
        damage.append(rect)
        if len(damage) > _DAMAGE_LIST_BOUND:
            self.damage = [_bound(damage)]
        self.output.schedule()

    def damage_all(self) -> None:
        """Have the next frame draw everything."""
        self.damage = [self.rect]
        self.output.schedule()

    def take_damage(self) -> Region:
        """Return what has to be drawn, and forget it."""
        damage, self.damage = self.damage, []
        if not damage:
            return EMPTY_REGION
        whole = self.rect
        if whole in damage:
            region = Region.from_rect(whole)
        elif len(damage) > _MAX_DAMAGE_RECTS:
            region = Region.from_rect(_bound(damage).intersect(whole))
        else:
            region = Region.from_rects(damage).intersect(whole)
        for hook in self.output.on_damage:
            hook(region)
        return region


def _bound(rects: Iterable[Rect]) -> Rect:
    """Return the smallest rectangle around many."""
    rects = [r for r in rects if r[2] > 0 and r[3] > 0]
    if not rects:
        return Rect(0, 0, 0, 0)
    x1 = min(r[0] for r in rects)
    y1 = min(r[1] for r in rects)
    x2 = max(r[0] + r[2] for r in rects)
    y2 = max(r[1] + r[3] for r in rects)
    return Rect(x1, y1, x2 - x1, y2 - y1)
