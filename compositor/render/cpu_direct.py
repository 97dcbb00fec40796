"""Drawing without a call for each node, where the compiled modules were built.

What is shown one for one, in 32 bits a pixel, is copied and blended by `compositor.render.pixels`, a whole
schedule at once; all else is left to pixman. Both draw the same pixels. The CPU renderer imports it.
"""

from __future__ import annotations

from collections.abc import Sequence

from compositor.geometry import Region
from compositor.model.content import Content, SolidContent
from compositor.model.formats import ARGB8888, XRGB8888
from compositor.model.node import Node
from compositor.render.cpu_pixman import PixmanPainter, Source, Target
from compositor.render.pixels import Raster, Sheet, fill
from compositor.render.schedule import Place, Plan, Rehearsed


class Score:
    """A schedule, divided into what is drawn directly and what is not.

    Args:
        refused: numbers of places that cannot be drawn directly, though they look it.

    Attributes:
        parts: bottom to top; a sheet for what is drawn directly, None for what pixman draws.
    """

    __slots__ = ("parts", "refused")

    def __init__(self, target: Raster, places: list[Place], damage: Region, refused: set[int]) -> None:
        self.refused = refused
        self.parts: list[tuple[list[Place], Sheet | None]] = []
        group: list[Place] = []
        direct = False
        for number, place in enumerate(places):
            if (number not in refused and _is_plain(place[1])) != direct:
                self._add(target, group, damage, direct)
                group, direct = [], not direct
            group.append(place)
        self._add(target, group, damage, direct)

    def _add(self, target: Raster, group: list[Place], damage: Region, direct: bool) -> None:
        if group:
            self.parts.append((group, Sheet(target, group, damage.rects) if direct else None))


class DirectPainter(PixmanPainter):
    """Draws jobs directly where it can, bottom to top."""

    __slots__ = ()

    def _paint(self, goal: Target, nodes: Sequence[Node], damage: Region, background: int) -> None:
        if type(nodes) is not list:
            nodes = list(nodes)
        rehearsed = goal.rehearsed
        score = goal.score
        if not rehearsed.fits(nodes, damage) or score is None:
            if goal.raster is None:
                goal.raster = Raster(goal.pixels, True)
            goal.score = score = Score(goal.raster, rehearsed.places, damage, set())
        if rehearsed.rest:
            fill(goal.raster, rehearsed.rest, background)
        first = 0
        for places, sheet in score.parts:
            if sheet is None:
                self._pixman.clip(goal.image, damage.rects)
                if not self._paint_places(goal, nodes, damage, places):
                    self._again(goal, nodes, damage, background)
                    return
            else:
                while (number := sheet.draw(nodes)) >= 0:
                    index, plan, _ = places[number]
                    content = nodes[index].content
                    if content.width != plan.width or content.height != plan.height:
                        self._again(goal, nodes, damage, background)
                        return
                    if not _prepare(content):
                        refused = score.refused | {first + number}
                        goal.score = Score(goal.raster, rehearsed.places, damage, refused)
                        self._paint(goal, nodes, damage, background)
                        return
            first += len(places)
        if not rehearsed.places:
            # Where nothing is left to show, nothing is left behind.
            goal.rehearsed = Rehearsed()

    def _again(self, goal: Target, nodes: list[Node], damage: Region, background: int) -> None:
        """A content has another size than its plan, against the rules: draw anew, with other plans."""
        goal.rehearsed = Rehearsed()
        self._paint(goal, nodes, damage, background)


def _is_plain(plan: Plan) -> bool:
    """Whether it is pixels that are shown one for one; not so a colour, or a part that is not all there."""
    if plan.sampling is not None or plan.alpha != 255 or not plan.width:
        return False
    for _, x, y, _, _, width, height in plan.pieces:
        if x < 0 or y < 0 or x + width > plan.width or y + height > plan.height:
            return False
    return True


def _prepare(content: Content | SolidContent) -> bool:
    """Give a content what it is drawn from directly; False if it cannot be."""
    if type(content) is not Content or (content.format is not ARGB8888 and content.format is not XRGB8888):
        return False
    try:
        raster = Raster(content.pixels, content.format.has_alpha)
    except ValueError:
        return False
    source = content.cache
    if type(source) is not Source:
        content.cache = source = Source()
    source.raster = raster
    return True
