"""Art: the pixels of the compositor's own pictures, made when first shown and kept while they are used.

The scene says what and how large (`compositor.model.scene.Art`); this looks it up.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from compositor.model.content import Content, SolidContent
from compositor.model.formats import ARGB8888, XRGB8888
from compositor.model.scene import Art

_KEPT = 256

BLACK = SolidContent(0, 0, 0, 1)


class ArtPainter:
    """Makes contents for arts; pictures alike are made once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Content | SolidContent] = OrderedDict()
        self._kinds: dict[str, Callable[[Art, float], Content | SolidContent | None]] = {
            "black": lambda art, scale: BLACK,
            "wallpaper": self._wallpaper,
        }

    def register(self, kind: str, make: Callable[[Art, float], Content | SolidContent | None]) -> None:
        """Have `make` called for arts of a kind; it gets the art and the output's scale."""
        self._kinds[kind] = make

    def paint(self, art: Art, scale: float) -> Content | SolidContent | None:
        """Return the pixels of an art at a scale, or None if there are none."""
        key = (art.kind, art.rect.width, art.rect.height, art.detail, scale)
        content = self._kept.get(key)
        if content is not None:
            self._kept.move_to_end(key)
            return content
        make = self._kinds.get(art.kind)
        made = make(art, scale) if make is not None else None
        if made is not None:
            self._kept[key] = made
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    @staticmethod
    def _wallpaper(art: Art, scale: float) -> Content | SolidContent | None:
        from compositor.render.wallpaper import wallpaper

        pixels = wallpaper(round(art.rect.width * scale), round(art.rect.height * scale))
        return Content(pixels, XRGB8888)


__all__ = ["ARGB8888", "ArtPainter"]
