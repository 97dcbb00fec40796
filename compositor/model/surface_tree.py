"""A surface with its subsurfaces, seen as a whole."""

from __future__ import annotations

from compositor.geometry import Rect
from compositor.model.surface import Surface


def tree_bounds(surface: Surface, x: int, y: int) -> Rect:
    """Return the extent of a tree of subsurfaces, in the space where `surface` is at x, y."""
    bounds = Rect(x, y, surface.width, surface.height)
    for child in (*surface.children_below, *surface.children_above):
        if child.surface.content is not None:
            bounds = bounds.union(tree_bounds(child.surface, x + child.x, y + child.y))
    return bounds
