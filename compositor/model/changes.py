"""Changes: which pixels of a surface are others than when a renderer last took them.

Renderers that keep copies of what clients show, such as textures, read no more than this. The scene gives
a surface one when a renderer asks for it (`Scene.track_changes`); surfaces add their damage; others that
never change, as the compositor's own pictures, add nothing.
"""

from __future__ import annotations

from compositor.geometry import Rect

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
