"""Damage on its way from a surface or buffer to the pixels of an output.

Arithmetic on rectangles for `compositor.model.surface`, on the path of every commit.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from compositor.geometry import Rect
from compositor.model.content import SolidContent

if TYPE_CHECKING:
    from compositor.model.node import Node
    from compositor.model.output_scene import OutputScene


def add_straight(output: OutputScene, rects: list[Rect], dst: Rect) -> None:
    """Add damage of a node whose buffer pixels are output pixels, `dst` being its place."""
    for rect in rects:
        x, y, width, height = rect
        if x <= 0 and y <= 0 and x + width >= dst[2] and y + height >= dst[3]:
            output.damage_rect(dst)
        else:
            output.damage_rect(rect.translate(dst[0], dst[1]).intersect(dst))


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
