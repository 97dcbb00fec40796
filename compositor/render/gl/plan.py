"""What of a node's drawing stays as long as its geometry does, in the numbers that shaders read.

Pure arithmetic; the layout of the numbers is that of shaders/rects.vert. The GL renderer imports it.
"""

from __future__ import annotations

from compositor.geometry import EMPTY_RECT, Rect
from compositor.model.content import SolidContent
from compositor.model.formats import ARGB8888, XRGB8888
from compositor.model.node import Node
from compositor.render.sampling import ONE, reduced_size
from compositor.render.schedule import Plan

Tail = tuple[int, ...]
"""The 20 numbers of a rectangle that follow its place and size."""


def signed(word: int) -> int:
    """A 32-bit word as the signed number with the same bits."""
    return word - (1 << 32) if word & 0x8000_0000 else word


class GlPlan(Plan):
    """A plan with what the shaders need.

    Attributes:
        parts: whether the alpha of the content counts, a rectangle (output pixels), and its tail.
        scaled: whether texels are mixed.
        rounded: whether corners are cut.
        shadow: whether it is a part of a shadow.
        copy: how far the buffer's pixels are from the output's, where their bytes can be taken as they are.
    """

    __slots__ = ("_place", "copy", "parts", "rounded", "scaled", "shadow")

    copy: tuple[int, int] | None
    parts: tuple[tuple[bool, Rect, Tail], ...]

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        content = node.content
        sampling = self.sampling
        self.scaled = sampling is not None and sampling.scaled
        frame = node.frame or node.dst
        self.rounded = node.corner_radius > 0
        self.shadow = node.shadow is not None
        self._place = (0, 0)
        self.copy = None
        colour = 0
        if isinstance(content, SolidContent):
            matrix = (ONE, 0, 0, 0, ONE, 0)
            bounds = EMPTY_RECT
            if node.shadow is not None:
                reach, drop = node.shadow
                matrix = (reach, 0, 0, 0, 0, 0)
                bounds = frame.translate(0, drop)
            colour = signed(content.argb)
        elif sampling is None:
            if content.format in (ARGB8888, XRGB8888):
                self.copy = round(node.src[0]) - self.rect.x, round(node.src[1]) - self.rect.y
            matrix = (ONE, 0, round(node.src[0]) * ONE, 0, ONE, round(node.src[1]) * ONE)
            bounds = Rect(0, 0, content.width, content.height)
        else:
            matrix = sampling.matrix
            bounds = sampling.bounds
            if sampling.reductions:
                width, height = bounds.width, bounds.height
                for step in sampling.reductions:
                    width, height = reduced_size(width, height, step)
                bounds = Rect(0, 0, width, height)
        a, b, c, d, e, f = matrix
        radius = min(node.corner_radius, frame.width // 2, frame.height // 2)
        self.parts = tuple(
            (
                heed,
                Rect(x, y, width, height),
                (
                    *(a, b, c, self.alpha),
                    *(d, e, f, int(heed)),
                    *(bounds.x, bounds.y, bounds.x2, bounds.y2),
                    *(self.rect.x, self.rect.y, radius, colour),
                    *frame,
                ),
            )
            for heed, _, _, x, y, width, height in self.pieces
        )

    def move_to(self, x: int, y: int) -> None:
        """Have the picture read from a place in its texture, texels."""
        if (x, y) == self._place:
            return
        dx, dy = x - self._place[0], y - self._place[1]
        self._place = (x, y)
        if self.copy is not None:
            self.copy = self.copy[0] + dx, self.copy[1] + dy
        self.parts = tuple(
            (heed, rect, (*tail[:8], tail[8] + dx, tail[9] + dy, tail[10] + dx, tail[11] + dy, *tail[12:]))
            for heed, rect, tail in self.parts
        )


def plan_of(node: Node) -> GlPlan:
    """Return the node's plan, made anew when its geometry or the size of its content has changed."""
    plan = node.plan
    content = node.content
    if type(plan) is GlPlan and plan.width == content.width and plan.height == content.height:
        return plan
    node.plan = plan = GlPlan(node)
    return plan


def texels_shown(plan: Plan, clip: Rect) -> Rect:
    """Return the part of the buffer that a part of the output shows, with a margin for mixing.

    Args:
        clip: output pixels, within `plan.rect`.
    """
    sampling = plan.sampling
    whole = Rect(0, 0, plan.width, plan.height)
    if sampling is None:
        _, sx, sy, dx, dy, _, _ = plan.pieces[0]
        return clip.translate(sx - dx, sy - dy).intersect(whole)
    if sampling.reductions:
        return sampling.bounds
    a, b, c, d, e, f = sampling.matrix
    x1, y1 = clip.x - plan.rect.x, clip.y - plan.rect.y
    x2, y2 = x1 + clip.width, y1 + clip.height
    left, right = sorted(((a * x1 + b * y1 + c) >> 16, (a * x2 + b * y2 + c) >> 16))
    top, bottom = sorted(((d * x1 + e * y1 + f) >> 16, (d * x2 + e * y2 + f) >> 16))
    shown = Rect(left - 2, top - 2, right - left + 5, bottom - top + 5)
    return shown.translate(sampling.bounds.x, sampling.bounds.y).intersect(sampling.bounds)
