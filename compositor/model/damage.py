"""Damage on its way from a surface or buffer to the pixels of an output.

Arithmetic on rectangles for `compositor.model.surface`, on the path of every commit.
"""

from __future__ import annotations

from collections.abc import Collection
from math import ceil, floor
from typing import TYPE_CHECKING

from compositor.geometry import Rect, make_rect
from compositor.model.content import SolidContent
from compositor.model.output import QUEUED

if TYPE_CHECKING:
    from compositor.model.node import Node
    from compositor.model.output_scene import OutputScene

DAMAGE_LIST_BOUND = 4096
"""Rectangles that one output collects for a frame, before they become their bound."""

Areas = Collection[tuple[int, int, int, int]]
"""x, y, width, height each, within whatever is damaged."""


def add_straight(output: OutputScene, rects: Areas, dst: Rect) -> None:
    """Add damage of a node whose buffer pixels are output pixels, `dst` being its place."""
    left, top, right, bottom = dst
    damage = output.damage
    for x, y, width, height in rects:
        x2, y2 = x + width, y + height
        if x <= 0 and y <= 0 and x2 >= right and y2 >= bottom:
            damage.append(dst)
            continue
        if x < 0:
            x = 0
        if y < 0:
            y = 0
        if x2 > right:
            x2 = right
        if y2 > bottom:
            y2 = bottom
        if x < x2 and y < y2:
            damage.append(make_rect((left + x, top + y, x2 - x, y2 - y)))
    if output.output.redraw is not QUEUED or len(damage) > DAMAGE_LIST_BOUND:
        output.damaged()


def from_buffer(rect_buffer: Rect, node: Node) -> Rect:
    """Map damage from the buffer through transform, crop and scale to the output."""
    content = node.content
    if isinstance(content, SolidContent):
        return node.dst
    bounds = Rect(0, 0, content.width, content.height)
    rect = node.transform.rect(rect_buffer.intersect(bounds), content.width, content.height)
    x, y, width, height = node.src
    return _stretch(rect, x, y, width, height, node.dst)


def from_surface(rect_surface: Rect, width: int, height: int, dst: Rect) -> Rect:
    """Map damage of a surface of that size, surface space, to the output."""
    return _stretch(rect_surface, 0, 0, max(width, 1), max(height, 1), dst)


def _stretch(rect: Rect, x: float, y: float, width: float, height: float, dst: Rect) -> Rect:
    """Map a rectangle of the area (x, y, width, height) to `dst`, with a pixel's margin for filtering."""
    fx, fy = dst.width / width, dst.height / height
    x1 = floor((rect.x - x) * fx) - 1
    y1 = floor((rect.y - y) * fy) - 1
    x2 = ceil((rect.x2 - x) * fx) + 1
    y2 = ceil((rect.y2 - y) * fy) + 1
    return Rect(dst.x + x1, dst.y + y1, x2 - x1, y2 - y1).intersect(dst)
