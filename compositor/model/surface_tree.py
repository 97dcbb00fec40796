"""A surface with its subsurfaces, seen as a whole."""

from __future__ import annotations

from compositor.geometry import Rect
from compositor.model.surface import Surface


def tree_bounds(surface: Surface) -> Rect:
    """Return the extent of a tree of subsurfaces, in the space of the surface at its top.

    It is kept until the scene is laid out anew: a window asks at each of its commits, and its tree may be
    of a thousand surfaces.
    """
    if not surface.children_below and not surface.children_above:
        return Rect(0, 0, surface.width, surface.height)
    scene = surface.scene
    known = surface.extent
    if known is not None and known[0] == scene.generation and not scene.changing:
        return known[1]
    bounds = _bounds(surface, 0, 0)
    surface.extent = None if scene.changing else (scene.generation, bounds)
    return bounds


def _bounds(surface: Surface, x: int, y: int) -> Rect:
    bounds = Rect(x, y, surface.width, surface.height)
    for child in (*surface.children_below, *surface.children_above):
        if child.surface.content is not None:
            bounds = bounds.union(_bounds(child.surface, x + child.x, y + child.y))
    return bounds
