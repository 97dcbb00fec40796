"""What of a frame must be drawn: plans of nodes, and hiding what lies under opaque ones.

No pixels here. The CPU renderer imports it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Any

from compositor.geometry import EMPTY_REGION, Rect, Region
from compositor.model.content import SolidContent
from compositor.model.node import Node
from compositor.render.sampling import Sampling, sampling_of

# Taking a rectangle out of a region costs as much as drawing some ten thousand pixels: smaller opaque
# rectangles hide nothing, smaller nodes are drawn whole even if a part is hidden.
_LARGE = 128 * 128
# Opaque regions come from clients and may be absurd; of these, only the largest rectangles count.
_MAX_OPAQUE_RECTS = 8
# The visible rest is cut up no further than this.
_MAX_REST_RECTS = 32

# heed_alpha, source x, y (buffer pixels, or dst pixels when sampled), output x, y, width, height
Piece = tuple[bool, int, int, int, int, int, int]


class Plan:
    """What drawing a node takes, as long as its geometry stays; kept in `Node.plan`.

    It holds nothing of the content but its size, since contents are swapped on every frame.
    """

    __slots__ = (
        "alpha",
        "covers",
        "height",
        "large",
        "pieces",
        "rect",
        "sampling",
        "width",
        "x1",
        "x2",
        "y1",
        "y2",
    )

    x1: int
    y1: int
    x2: int
    y2: int
    """Edges of `rect`, output pixels."""
    rect: Rect
    """The node's `dst`, or empty when nothing of it can be seen."""
    alpha: int
    """0 to 255."""
    pieces: tuple[Piece, ...]
    """Disjoint, together `rect`."""
    covers: tuple[Rect, ...]
    """Large opaque rectangles: what lies under them need not be drawn."""
    large: bool
    width: int
    height: int
    """Of the content, buffer pixels; 0 for a colour."""
    sampling: Sampling | None
    """None when content pixels are shown one for one and upright, and for solid colours."""

    def __init__(self, node: Node) -> None:
        content = node.content
        rect = node.dst
        self.alpha = floor(min(max(node.alpha, 0.0), 1.0) * 255 + 0.5)
        self.width = content.width
        self.height = content.height
        self.pieces = ()
        self.covers = ()
        self.sampling = None
        left, top, width, height = rect
        nothing = width <= 0 or height <= 0 or self.alpha == 0
        if nothing:
            rect, width, height = Rect(left, top, 0, 0), 0, 0
        self.rect = rect
        self.x1 = left
        self.y1 = top
        self.x2 = left + width
        self.y2 = top + height
        self.large = width * height >= _LARGE
        if nothing:
            return
        dx = dy = 0
        if isinstance(content, SolidContent):
            dx, dy = -rect.x, -rect.y
        else:
            self.sampling = sampling_of(node, content.width, content.height)
            if self.sampling is None:
                dx, dy = round(node.src[0]) - rect.x, round(node.src[1]) - rect.y
            else:
                dx, dy = -rect.x, -rect.y
        if self.alpha == 255 and node.opaque.rects == (rect,):
            # What most nodes are; as below.
            self.pieces = ((False, left + dx, top + dy, left, top, width, height),)
            self.covers = (rect,) if self.large else ()
            return
        opaque = _simplified(node.opaque.intersect(rect)) if self.alpha == 255 else EMPTY_REGION
        blended = Region.from_rect(rect).subtract(opaque)
        self.pieces = tuple(
            (heed, r.x + dx, r.y + dy, r.x, r.y, r.width, r.height)
            for heed, region in ((False, opaque), (True, blended))
            for r in region.rects
        )
        self.covers = tuple(r for r in opaque.rects if r.area >= _LARGE)


def _simplified(opaque: Region) -> Region:
    if len(opaque.rects) <= _MAX_OPAQUE_RECTS:
        return opaque
    return Region.from_rects(sorted(opaque.rects, key=lambda rect: -rect.area)[:_MAX_OPAQUE_RECTS])


Clip = Sequence[Rect]
"""Disjoint rectangles in any order, output pixels. Cheaper to cut up than a `Region`, which keeps order."""

Job = tuple[Node, Plan, Clip | None]
"""A node to draw, within the clip if there is one, else within the damage."""


Place = tuple[int, Plan, Clip | None]
"""A job: the index of its node instead of that."""


def schedule(nodes: Sequence[Node], damage: Region) -> tuple[list[Job], Clip]:
    """Decide what to draw.

    Args:
        nodes: bottom to top.
        damage: output pixels, within the target, not empty.

    Returns:
        The jobs, bottom to top, and the part of the damage where the background may show. Pixels may be
        drawn that a later job covers; none is left out that can be seen.
    """
    places, rest = _schedule(nodes, damage)
    return [(nodes[index], plan, clip) for index, plan, clip in places], rest


def _schedule(nodes: Sequence[Node], damage: Region) -> tuple[list[Place], Clip]:
    rest: Clip = damage.rects
    cut = False
    left, top, width, height = damage.bounds
    right, bottom = left + width, top + height
    places: list[Place] = []
    index = len(nodes)
    for node in reversed(nodes):
        index -= 1
        # A Plan or a renderer's own kind of it, which must not be taken for an old one.
        plan: Any = node.plan
        content = node.content
        # A content of another size is against the rules for swapping, but must not take us out of bounds.
        if plan is None or plan.width != content.width or plan.height != content.height:
            node.plan = plan = Plan(node)
        if plan.x1 >= right or plan.x2 <= left or plan.y1 >= bottom or plan.y2 <= top:
            continue
        if not cut or not plan.large:
            places.append((index, plan, None))
        else:
            visible = [part for part in map(plan.rect.intersect, rest) if part.width]
            if not visible:
                continue
            places.append((index, plan, None if visible[0] == plan.rect else visible))
        if plan.covers and len(rest) <= _MAX_REST_RECTS:
            for cover in plan.covers:
                rest = _without(rest, cover)
            if not rest:
                break
            cut = True
            left = min([rect.x for rect in rest])
            top = min([rect.y for rect in rest])
            right = max([rect.x + rect.width for rect in rest])
            bottom = max([rect.y + rect.height for rect in rest])
    places.reverse()
    return places, rest


class Rehearsed:
    """What was scheduled last; it serves again while nothing but contents has changed.

    Most frames of a program damage what the last one did. A plan belongs to one node and goes when anything
    of that changes but its content, so the plans tell whether the nodes are the same; nodes are not kept,
    since they keep memory of clients.

    Attributes:
        places: what to draw, bottom to top.
        rest: where the background may show.
    """

    __slots__ = ("_damage", "_plans", "places", "rest")

    def __init__(self) -> None:
        self._damage: Clip = ()
        self._plans: list[object] = []
        self.places: list[Place] = []
        self.rest: Clip = ()

    def fits(self, nodes: Sequence[Node], damage: Region) -> bool:
        """Bring `places` and `rest` up to date; returns whether they are what they were."""
        plans = self._plans
        if len(nodes) == len(plans) and damage.rects == self._damage:
            for node, plan in zip(nodes, plans):  # noqa: B905 as long, and hot
                if node.plan is not plan:
                    break
            else:
                return True
        self.places, self.rest = _schedule(nodes, damage)
        self._damage = damage.rects
        self._plans = [node.plan for node in nodes]
        return False


def _without(rects: Clip, hole: Rect) -> Clip:
    """The rectangles minus one more."""
    left, top, width, height = hole
    right, bottom = left + width, top + height
    result = []
    for rect in rects:
        x1, y1, w, h = rect
        x2, y2 = x1 + w, y1 + h
        if x1 >= right or x2 <= left or y1 >= bottom or y2 <= top:
            result.append(rect)
            continue
        if y1 < top:
            result.append(Rect(x1, y1, w, top - y1))
            y1 = top
        if y2 > bottom:
            result.append(Rect(x1, bottom, w, y2 - bottom))
            y2 = bottom
        if x1 < left:
            result.append(Rect(x1, y1, left - x1, y2 - y1))
        if x2 > right:
            result.append(Rect(right, y1, x2 - right, y2 - y1))
    return result
