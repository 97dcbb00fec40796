"""Where windows and points go: new windows cover as little as possible, and what is outside comes back.

Pure arithmetic on rectangles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from compositor.geometry import Rect

if TYPE_CHECKING:
    from compositor.model.output import Output
    from compositor.model.window import Window

CASCADE_PX = 32
_GAP_PX = 12


def place_window(window: Window, area: Rect, others: Sequence[Window]) -> tuple[int, int]:
    """Return the layout position for a new window's geometry.

    A dialog is centred on its parent. The first window of a screen stands in its middle. Others go
    where they cover least of those that are there; where all places are equally covered they cascade.
    """
    left, top, right, bottom = window.extents
    width, height = window.width + left + right, window.height + top + bottom
    parent = window.parent
    if parent is not None and parent.mapped:
        x = parent.x + (parent.width - width) // 2
        y = parent.y + (parent.height - height) // 2
        return _inside(x, y, width, height, area, left, top)
    frames = [_frame(other) for other in others]
    if not frames:
        x = area.x + (area.width - width) // 2
        y = area.y + (area.height - height) // 2
        return _inside(x, y, width, height, area, left, top)
    x, y = _least_covered(width, height, area, frames)
    corners = {(f.x, f.y) for f in frames}
    while (x, y) in corners:
        x, y = x + CASCADE_PX, y + CASCADE_PX
        if x + width > area.x2 or y + height > area.y2:
            break
    return _inside(x, y, width, height, area, left, top)


def _frame(window: Window) -> Rect:
    left, top, right, bottom = window.extents
    x, y, width, height = window.rect_layout
    return Rect(x - left, y - top, width + left + right, height + top + bottom)


def _least_covered(width: int, height: int, area: Rect, frames: list[Rect]) -> tuple[int, int]:
    """Return the best of the corners that edges of area and windows make."""
    recent = frames[-24:]
    xs = {area.x + _GAP_PX, area.x2 - width - _GAP_PX} | {f.x2 + _GAP_PX for f in recent}
    xs |= {f.x - width - _GAP_PX for f in recent} | {f.x for f in recent}
    ys = {area.y + _GAP_PX, area.y2 - height - _GAP_PX} | {f.y2 + _GAP_PX for f in recent}
    ys |= {f.y - height - _GAP_PX for f in recent} | {f.y for f in recent}
    fit_x = sorted(x for x in xs if area.x <= x and x + width <= area.x2) or [area.x]
    fit_y = sorted(y for y in ys if area.y <= y and y + height <= area.y2) or [area.y]
    best = (fit_x[0], fit_y[0])
    least = -1
    for y in fit_y[:16]:
        for x in fit_x[:16]:
            rect = Rect(x, y, width, height)
            covered = sum(rect.intersect(f).area for f in recent)
            if least < 0 or covered < least:
                best, least = (x, y), covered
            if not covered:
                return x, y
    return best


def _inside(x: int, y: int, width: int, height: int, area: Rect, left: int, top: int) -> tuple[int, int]:
    """Keep the frame on the screen, its top-left corner above all, and return the geometry's corner."""
    x = max(area.x, min(x, area.x2 - width))
    y = max(area.y, min(y, area.y2 - height))
    return x + left, y + top


def nearest_shown(x: float, y: float, outputs: Iterable[Output]) -> tuple[float, float]:
    """Return the nearest layout point that one of the outputs shows."""
    best = (x, y)
    distance = float("inf")
    for output in outputs:
        rect = output.rect_layout
        left, top, width, height = rect
        if left <= x < left + width and top <= y < top + height:
            return x, y
        cx = min(max(x, rect.x), rect.x2 - 1 / 256)
        cy = min(max(y, rect.y), rect.y2 - 1 / 256)
        d = (cx - x) ** 2 + (cy - y) ** 2
        if d < distance:
            best, distance = (cx, cy), d
    return best


def within(window: Window, area: Rect) -> tuple[int, int]:
    """Return where a window has to go, layout pixels, so that as much of it as can be is in an area."""
    left, top, _, _ = window.extents
    return (
        max(area.x + left, min(window.x, area.x2 - window.width)),
        max(area.y + top, min(window.y, area.y2 - window.height)),
    )
