"""Textures, and how rows of a client's buffer get into them.

The driver reads the mapping itself: nothing is copied on the way where the rows lie as OpenGL can take
them. Deleting waits until the context is current again. The GL renderer imports it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect
from compositor.model import formats
from compositor.model.formats import PixelFormat
from compositor.render.gl.api import GL, new_name

# Where OpenGL's red is our blue: see `LAYOUTS`.
_BGRA = (GL.GL_RED, GL.GL_GREEN, GL.GL_BLUE, GL.GL_ALPHA)
_BGRX = (GL.GL_RED, GL.GL_GREEN, GL.GL_BLUE, GL.GL_ONE)
_RGBA = (GL.GL_BLUE, GL.GL_GREEN, GL.GL_RED, GL.GL_ALPHA)
_RGBX = (GL.GL_BLUE, GL.GL_GREEN, GL.GL_RED, GL.GL_ONE)
_upload = GL.glTexSubImage2D
_2D = GL.GL_TEXTURE_2D
_BYTES = (GL.GL_RGBA8, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE)
_TRIPLES = (GL.GL_RGB8, GL.GL_RGB, GL.GL_UNSIGNED_BYTE)
_TENS = (GL.GL_RGB10_A2, GL.GL_RGBA, GL.GL_UNSIGNED_INT_2_10_10_10_REV)

Layout = tuple[int, int, int]
"""Internal format, format and type, as glTexImage2D takes them."""

LAYOUTS: dict[PixelFormat, tuple[Layout, tuple[int, int, int, int]]] = {
    formats.ARGB8888: (_BYTES, _BGRA),
    formats.XRGB8888: (_BYTES, _BGRX),
    formats.ABGR8888: (_BYTES, _RGBA),
    formats.XBGR8888: (_BYTES, _RGBX),
    formats.RGB565: ((GL.GL_RGB8, GL.GL_RGB, GL.GL_UNSIGNED_SHORT_5_6_5), _RGBX),
    formats.RGB888: (_TRIPLES, _BGRX),
    formats.BGR888: (_TRIPLES, _RGBX),
    formats.XRGB2101010: (_TENS, _BGRX),
    formats.ARGB2101010: (_TENS, _BGRA),
    formats.XBGR2101010: (_TENS, _RGBX),
    formats.ABGR2101010: (_TENS, _RGBA),
}
"""How each format is uploaded, byte for byte, and where a shader finds blue, green, red and alpha.

All drawing goes on in this order: canvases have the bytes of ARGB8888, so that most pixels can be copied as
they are. Only the last step, to the screen, puts red where OpenGL has it.
"""


class Graveyard:
    """Textures that wait to be deleted, and how many there are in all.

    Attributes:
        alive: textures made and not deleted yet.
    """

    def __init__(self) -> None:
        self.alive = 0
        self._dead: list[int] = []

    def new(self) -> int:
        """Return a new texture's name."""
        self.alive += 1
        return new_name(GL.glGenTextures)

    def bury(self, name: int) -> None:
        """Have a texture deleted when a context is current; callable at any time."""
        self._dead.append(name)

    def empty(self) -> None:
        """Delete what waits; the context is current."""
        if self._dead:
            dead, self._dead = self._dead, []
            GL.glDeleteTextures(len(dead), (GL.GLuint * len(dead))(*dead))
            self.alive -= len(dead)


class Texture:
    """One texture; it is deleted some time after the object is gone.

    Attributes:
        name: OpenGL's.
        width, height: allocated, texels.
    """

    __slots__ = ("_graveyard", "height", "layout", "name", "width")

    def __init__(self, graveyard: Graveyard, layout: Layout, width: int, height: int) -> None:
        self._graveyard = graveyard
        self.layout = layout
        self.width = width
        self.height = height
        self.name = graveyard.new()
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.name)
        internal, channels, element = layout
        GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, internal, width, height, 0, channels, element, None)
        for parameter, value in (
            (GL.GL_TEXTURE_MIN_FILTER, GL.GL_NEAREST),
            (GL.GL_TEXTURE_MAG_FILTER, GL.GL_NEAREST),
            (GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE),
            (GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE),
            (GL.GL_TEXTURE_MAX_LEVEL, 0),
        ):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, parameter, value)

    def swizzle(self, channels: tuple[int, int, int, int]) -> None:
        """Say where a shader finds blue, green, red and alpha."""
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.name)
        GL.glTexParameteriv(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_SWIZZLE_RGBA, (GL.GLint * 4)(*channels))

    def __del__(self) -> None:
        self._graveyard.bury(self.name)


class Unpack:
    """How a context reads rows from memory, set only when that changes."""

    __slots__ = ("_alignment", "_row_length")

    def __init__(self) -> None:
        self._row_length = 0
        self._alignment = 4

    def set(self, row_length: int, alignment: int) -> None:
        """Read rows of that many pixels, each beginning at a multiple of that many bytes."""
        if row_length != self._row_length:
            self._row_length = row_length
            GL.glPixelStorei(GL.GL_UNPACK_ROW_LENGTH, row_length)
        if alignment != self._alignment:
            self._alignment = alignment
            GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, alignment)


class Source:
    """Pixels in memory as glTexSubImage2D reads them.

    Args:
        pixels: as in `Content.pixels`; kept, so that the memory stays.
        bytes_per_pixel: of its format.
    """

    __slots__ = ("_address", "_pixels", "_step", "alignment", "bytes_per_pixel", "row_length", "stride")

    def __init__(self, pixels: npt.NDArray[Any], bytes_per_pixel: int) -> None:
        self._pixels = pixels
        self.bytes_per_pixel = bytes_per_pixel
        self.stride = int(pixels.strides[0])
        self._address: int = pixels.__array_interface__["data"][0]
        width = pixels.shape[1]
        inner = pixels.strides[1:]
        packed = inner == ((bytes_per_pixel,) if pixels.ndim == 2 else (bytes_per_pixel, 1))
        self.row_length, self.alignment = width, 0
        if not packed or self.stride < width * bytes_per_pixel:
            return
        if self.stride % bytes_per_pixel == 0:
            self.row_length, self.alignment = self.stride // bytes_per_pixel, 1
            return
        # Rows of 3-byte pixels usually end at a multiple of 4 bytes.
        for alignment in (2, 4, 8):
            if -(-width * bytes_per_pixel // alignment) * alignment == self.stride:
                self.alignment = alignment
                return

    def upload(
        self, unpack: Unpack, layout: Layout, rects: Iterable[Rect], left: int = 0, top: int = 0
    ) -> int:
        """Upload rectangles of the buffer to the bound texture; returns bytes.

        Args:
            unpack: of the current context.
            rects: buffer pixels, within the buffer.
            left, top: where in the texture the buffer's first pixel goes, texels.
        """
        _, channels, element = layout
        size = 0
        if self.alignment:
            unpack.set(self.row_length, self.alignment)
            for x, y, width, height in rects:
                at = self._address + y * self.stride + x * self.bytes_per_pixel
                _upload(_2D, 0, left + x, top + y, width, height, channels, element, at)
                size += width * height
            return size * self.bytes_per_pixel
        # Rows that no setting of OpenGL's describes: strides chosen to be odd.
        unpack.set(0, 1)
        for x, y, width, height in rects:
            part = np.ascontiguousarray(self._pixels[y : y + height, x : x + width])
            at = part.ctypes.data
            _upload(_2D, 0, left + x, top + y, width, height, channels, element, at)
            size += width * height
        return size * self.bytes_per_pixel
