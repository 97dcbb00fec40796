"""Objects that extend one surface, of which a surface may have one of a kind."""

from __future__ import annotations

from typing import Any

from compositor.model.surface import Surface


def claim(surface: Surface, kind: str, extension: Any) -> bool:
    """Note that a surface has an extension of a kind; False when it has one already."""
    if kind in surface.data:
        return False
    surface.data[kind] = extension
    return True


def release(surface: Surface, kind: str, extension: Any) -> None:
    """Note that the extension is gone. Harmless for one that never was the surface's."""
    if surface.data.get(kind) is extension:
        del surface.data[kind]
