"""What stands on the scene's layers, and what it shows: items, arts, views.

An item is a window, popup, panel or the like; an art is a picture of the compositor's own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from compositor.geometry import Rect
from compositor.model.content import Content, SolidContent
from compositor.record import NamedTuple, record

if TYPE_CHECKING:
    from compositor.model.surface import Surface


class Layer(IntEnum):
    """Where an item stands, bottom to top."""

    BACKGROUND = 0
    BOTTOM = 1
    WINDOWS = 2
    TOP = 3
    FULLSCREEN = 4
    OVERLAY = 5
    LOCK = 6
    DRAG = 7


@record(frozen=True)
class Art:
    """A picture of the compositor's own: wallpaper, title bar, shadow, backdrop.

    Args:
        kind: what the painter looks it up by.
        owner: tells pictures of one kind apart.
        rect: where, layout space.
        detail: everything else that its look depends on.
        opaque: whether it hides what is below.
    """

    kind: str
    owner: Hashable
    rect: Rect
    detail: tuple[Hashable, ...] = ()
    opaque: bool = False


Painter = Callable[[Art, float], Content | SolidContent | None]
"""Makes the pixels of an art at a scale (output pixels per layout pixel)."""


class Item:
    """Something that stands on a layer and shows a tree of surfaces.

    Attributes:
        x, y: layout position of the surface's origin, unless `origin` says otherwise.
        popups: shown above the item, in the order they opened.
        takes_input: whether pointer, fingers and drags find it; popups answer for themselves.
    """

    takes_input = True

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.x = 0
        self.y = 0
        self.popups: list[Any] = []

    @property
    def visible(self) -> bool:
        """Whether it takes part in the picture and in input."""
        return self.surface.content is not None

    @property
    def origin(self) -> tuple[int, int]:
        """Layout position of the surface's origin."""
        return self.x, self.y

    def arts(self) -> tuple[list[Art], list[Art]]:
        """Return the compositor's own pictures below and above the surfaces."""
        return [], []

    def part_at(self, x: float, y: float) -> Any:
        """Return which part of the item's own decoration is at a layout point, or None."""
        return None

    def take_keyboard(self) -> None:
        """Have the keyboard, if it wants it: somebody pressed it, or it was just shown."""


class View:
    """One surface or art of an item, in layout space."""

    __slots__ = ("art", "item", "surface", "x", "y")

    def __init__(self, item: Any, surface: Surface | None, art: Art | None, x: int, y: int) -> None:
        self.item = item
        self.surface = surface
        self.art = art
        self.x = x
        self.y = y


class Hit(NamedTuple):
    """What lies at a point: a surface with the point in its space, or a part of an item's decoration."""

    surface: Surface | None
    sx: float
    sy: float
    item: Any
    part: Any = None
