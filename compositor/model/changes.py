"""Changes: which pixels of a surface are others than when a renderer last took them.

Renderers that keep copies of what clients show, such as textures, read no more than this. The scene gives
a surface one when a renderer asks for it (`Scene.track_changes`); surfaces add their damage; others that
never change, as the compositor's own pictures, add nothing.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from compositor.geometry import Rect
from compositor.model.content import SolidContent

if TYPE_CHECKING:
    from compositor.model.surface import Surface
    from compositor.model.surface_state import SurfaceState

_MAX_RECTS = 32


class Changes:
    """What one renderer has not taken yet."""

    __slots__ = ("_rects", "cache", "whole")

    whole: bool
    """Whether everything has to be taken."""
    cache: object | None
    """What the renderer made of the pixels. Only renderers touch it."""

    def __init__(self) -> None:
        self._rects: list[Rect] = []
        self.whole = True
        self.cache = None

    def add(self, rect_buffer: Rect) -> None:
        """Note that a rectangle has changed, buffer pixels; it may reach beyond the buffer."""
        if self.whole:
            return
        rects = self._rects
        rects.append(rect_buffer)
        if len(rects) > _MAX_RECTS:
            bound = rects[0]
            for rect in rects:
                bound = bound.union(rect)
            self._rects = [bound]

    def add_all(self) -> None:
        """Note that everything has changed."""
        self.whole = True
        self._rects = []

    @property
    def pending(self) -> bool:
        """Whether there is something to take."""
        return self.whole or bool(self._rects)

    def take(self) -> list[Rect] | None:
        """Return what has changed, buffer pixels, None for everything; and forget it."""
        rects, self._rects = self._rects, []
        if self.whole:
            self.whole = False
            return None
        return rects


def note_changes(surface: Surface, changes: Changes, state: SurfaceState) -> None:
    """Note a commit's damage for a renderer that keeps a copy, in buffer pixels."""
    for rect in state.damage_buffer:
        changes.add(rect)
    if not state.damage_surface:
        return
    content = surface.content
    if content is None or isinstance(content, SolidContent) or not surface.width or not surface.height:
        changes.add_all()
        return
    width, height = surface.transform.size(content.width, content.height)
    x, y, w, h = 0.0, 0.0, float(width), float(height)
    if surface.source is not None:
        x, y, w, h = (value * surface.scale for value in surface.source)
    fx, fy = w / surface.width, h / surface.height
    for rect in state.damage_surface:
        x1, y1 = floor(x + rect.x * fx), floor(y + rect.y * fy)
        x2, y2 = ceil(x + rect.x2 * fx), ceil(y + rect.y2 * fy)
        turned = Rect(x1, y1, x2 - x1, y2 - y1).intersect(Rect(0, 0, width, height))
        changes.add(surface.transform.invert().rect(turned, width, height))
