"""Keeping a moving point within a region of rectangles: pure geometry.

A point slides along walls, goes from one rectangle to another where they
touch, and never jumps over a gap. Only `constraints` imports it.
"""

from __future__ import annotations

from collections.abc import Iterable

from compositor.geometry import Rect, Region

STEP = 1 / 256
"""The smallest distance that wl_fixed can tell."""
_MAX_STEPS = 256


def nearest_point(region: Region, x: float, y: float) -> tuple[float, float] | None:
    """Return the point of a region that is nearest to (x, y), or None for an empty one."""
    best: tuple[float, float] | None = None
    distance = float("inf")
    for rect in region.rects:
        px, py = _clamp(rect, x, y)
        d = (px - x) ** 2 + (py - y) ** 2
        if d < distance:
            best, distance = (px, py), d
    return best


def confined(region: Region, x: float, y: float, to_x: float, to_y: float) -> tuple[float, float] | None:
    """Return how far a point gets on its way from (x, y) to (to_x, to_y) within a region.

    Returns:
        None for an empty region; from a start outside, the way begins at the nearest point inside.
    """
    start = nearest_point(region, x, y)
    if start is None:
        return None
    x, y = from_x, from_y = start
    rect = _rect_at(region.rects, x, y)
    # A shape of very many rectangles on the way costs no more than this: the point stays behind for once.
    for _ in range(_MAX_STEPS):
        if rect is None or _holds(rect, to_x, to_y):
            break
        x, y, dx, dy = _leave(rect, x, y, to_x, to_y)
        beyond = _rect_at(region.rects, x + dx * STEP, y + dy * STEP)
        if beyond is not None:
            rect = beyond
            x, y = _clamp(rect, x, y)
        elif dx:
            # A wall: what is left of the way goes along it, on the last whole pixel before it.
            x = to_x = min(x, max(rect.x2 - 1, from_x))
        else:
            y = to_y = min(y, max(rect.y2 - 1, from_y))
    if rect is None:
        return x, y
    return _clamp(rect, to_x, to_y) if _holds(rect, to_x, to_y) else (x, y)


def _leave(rect: Rect, x: float, y: float, to_x: float, to_y: float) -> tuple[float, float, int, int]:
    """Return the last point within `rect` on the way, and the direction of the side it leaves by."""
    dx, dy = to_x - x, to_y - y
    tx = ty = float("inf")
    if not rect.x <= to_x < rect.x2:
        tx = ((rect.x2 - STEP if dx > 0 else rect.x) - x) / dx
    if not rect.y <= to_y < rect.y2:
        ty = ((rect.y2 - STEP if dy > 0 else rect.y) - y) / dy
    t = max(0.0, min(tx, ty))
    px, py = _clamp(rect, x + t * dx, y + t * dy)
    if tx <= ty:
        return px, py, (1 if dx > 0 else -1), 0
    return px, py, 0, (1 if dy > 0 else -1)


def _holds(rect: Rect, x: float, y: float) -> bool:
    return rect.x <= x < rect.x2 and rect.y <= y < rect.y2


def _rect_at(rects: Iterable[Rect], x: float, y: float) -> Rect | None:
    return next((rect for rect in rects if _holds(rect, x, y)), None)


def _clamp(rect: Rect, x: float, y: float) -> tuple[float, float]:
    return max(rect.x, min(x, rect.x2 - STEP)), max(rect.y, min(y, rect.y2 - STEP))
