"""What a surface shows now: pixels that somebody else may be writing, or one colour.

The holder keeps the pixels readable for as long as the object lives; nothing here maps, copies or draws.
Protocol handlers make contents, nodes carry them, renderers read them.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any, ClassVar

from compositor.model.formats import PixelFormat

if TYPE_CHECKING:
    import numpy.typing as npt


class Content:
    """The pixels of one buffer.

    Args:
        pixels: read-only array in buffer pixels, untransformed: (height, width) uint32 for formats of 4
            bytes, (height, width) uint16 for 2 bytes, (height, width, 3) uint8 for 3 bytes. It may be a
            view of memory a client writes to at any time: its values may change between two reads. The
            array stays the same for the content's life; other memory means another content.
        format: how to read them.
    """

    __slots__ = ("cache", "format", "height", "pixels", "width")

    waits: ClassVar[bool] = False
    """Whether `ready` has something to do. For renderers that read the memory without asking for `pixels`."""
    pixels: npt.NDArray[Any]
    format: PixelFormat
    width: int
    """Buffer pixels."""
    height: int
    """Buffer pixels."""
    cache: object | None
    """What a renderer made for this content, such as a pixman image. Only renderers touch it."""

    def __init__(self, pixels: npt.NDArray[Any], format: PixelFormat) -> None:
        self.pixels = pixels
        self.format = format
        self.height = pixels.shape[0]
        self.width = pixels.shape[1]
        self.cache = None

    def ready(self) -> None:
        """Bring `pixels` up to date, where they are a copy."""


class SolidContent:
    """One colour all over: a single-pixel buffer, or a colour layer of the compositor's own.

    Args:
        red, green, blue, alpha: 0 to 1, colours premultiplied by alpha. Values outside are clamped, and
            colours to alpha, so that every instance is a valid colour.
    """

    __slots__ = ("alpha", "argb", "blue", "cache", "green", "red")

    waits: ClassVar[bool] = False
    width: ClassVar[int] = 0
    """No buffer pixels: a colour has no size."""
    height: ClassVar[int] = 0
    red: float
    green: float
    blue: float
    alpha: float
    argb: int
    """The colour as a premultiplied ARGB8888 pixel."""
    cache: object | None
    """As for `Content`."""

    def __init__(self, red: float, green: float, blue: float, alpha: float = 1.0) -> None:
        self.alpha = alpha = min(max(alpha, 0.0), 1.0)
        self.red = red = min(max(red, 0.0), alpha)
        self.green = green = min(max(green, 0.0), alpha)
        self.blue = blue = min(max(blue, 0.0), alpha)
        self.cache = None
        self.argb = 0
        for channel in (alpha, red, green, blue):
            self.argb = self.argb << 8 | floor(channel * 255 + 0.5)

    def ready(self) -> None:
        """A colour is."""
