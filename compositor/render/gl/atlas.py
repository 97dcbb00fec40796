"""Atlas: many small pictures in one texture, so that they are drawn by one call.

A driver looks at everything anew for each texture that it is told to draw from: with a thousand small
surfaces that takes ten times what their pixels do. `Pictures` puts what is small here.
"""

from __future__ import annotations

import weakref

from compositor.render.gl.texture import Graveyard, Layout, Texture

CELLS = (16, 32, 64, 128)
"""Sides of the squares that are given out, texels; a page has squares of one size."""
_PAGE = 1024

Channels = tuple[int, int, int, int]
_Key = tuple[Layout, Channels, int]


class Slot:
    """A square of a page, free again when the object is gone.

    Attributes:
        texture: the page.
        x, y: where in it, texels.
    """

    __slots__ = ("_page", "texture", "x", "y")

    def __init__(self, page: _Page, x: int, y: int) -> None:
        self._page = page
        self.texture = page.texture
        self.x = x
        self.y = y

    @property
    def side(self) -> int:
        """Of the square, texels."""
        return self._page.cell

    def __del__(self) -> None:
        self._page.free.append((self.x, self.y))


class _Page:
    """A texture cut into squares. Slots keep it; when the last has gone, so is the texture."""

    __slots__ = ("__weakref__", "cell", "free", "texture")

    def __init__(self, texture: Texture, cell: int) -> None:
        self.texture = texture
        self.cell = cell
        places = range(0, texture.width, cell)
        # Taken from the end: neighbours in time are neighbours in memory.
        self.free = [(x, y) for y in reversed(places) for x in reversed(places)]


class Atlas:
    """Gives out room in pages.

    Args:
        max_size: of a texture, texels along an axis.
    """

    def __init__(self, graveyard: Graveyard, max_size: int) -> None:
        self._graveyard = graveyard
        self._side = min(_PAGE, max_size // CELLS[-1] * CELLS[-1])
        self._pages: dict[_Key, list[weakref.ref[_Page]]] = {}

    def place(self, layout: Layout, channels: Channels, width: int, height: int) -> Slot | None:
        """Return room for a picture; None if it is too large to share a texture."""
        cell = next((side for side in CELLS if side >= width and side >= height), 0)
        if not cell or not self._side:
            return None
        key = (layout, channels, cell)
        pages = [page for page in (known() for known in self._pages.get(key, ())) if page is not None]
        page = next((page for page in pages if page.free), None)
        if page is None:
            texture = Texture(self._graveyard, layout, self._side, self._side)
            texture.swizzle(channels)
            page = _Page(texture, cell)
            self._pages[key] = [weakref.ref(page) for page in (*pages, page)]
        return Slot(page, *page.free.pop())
