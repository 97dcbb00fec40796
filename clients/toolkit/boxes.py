"""Integer boxes, and lists of them used as damage. Pure arithmetic; anyone may import it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle of whole pixels; which space it lies in, the name of its variable says."""

    x: int
    y: int
    width: int
    height: int

    @property
    def x2(self) -> int:
        return self.x + self.width

    @property
    def y2(self) -> int:
        return self.y + self.height

    @property
    def empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    def contains(self, x: float, y: float) -> bool:
        return self.x <= x < self.x2 and self.y <= y < self.y2

    def covers(self, other: Box) -> bool:
        return self.x <= other.x and self.y <= other.y and self.x2 >= other.x2 and self.y2 >= other.y2

    def moved(self, dx: int, dy: int) -> Box:
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, by: int) -> Box:
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def intersection(self, other: Box) -> Box:
        """Return the common part; an empty box when there is none."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Box(x, y, max(0, min(self.x2, other.x2) - x), max(0, min(self.y2, other.y2) - y))

    def union(self, other: Box) -> Box:
        """Return the smallest box around both; an empty one adds nothing."""
        if self.empty or other.empty:
            return other if self.empty else self
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.x2, other.x2) - x, max(self.y2, other.y2) - y)

    def scaled(self, scale: float) -> Box:
        """Return the smallest whole-pixel box around this one at `scale` (surface space to buffer space)."""
        x, y = math.floor(self.x * scale), math.floor(self.y * scale)
        return Box(x, y, math.ceil(self.x2 * scale) - x, math.ceil(self.y2 * scale) - y)


def around(points: Iterable[tuple[float, float]], margin: float = 0.0) -> Box:
    """Return the smallest box around `points`, widened by `margin` on each side."""
    xs, ys = zip(*points, strict=True)
    x, y = math.floor(min(xs) - margin), math.floor(min(ys) - margin)
    return Box(x, y, math.ceil(max(xs) + margin) - x, math.ceil(max(ys) + margin) - y)


def add(damage: list[Box], box: Box, limit: int = 16) -> None:
    """Add `box` to a damage list in place: no box inside another, and never more than `limit` of them."""
    if box.empty or any(old.covers(box) for old in damage):
        return
    damage[:] = [old for old in damage if not box.covers(old)]
    damage.append(box)
    if len(damage) > limit:
        bounds = damage[0]
        for other in damage:
            bounds = bounds.union(other)
        damage[:] = [bounds]
