"""Canvas: a picture kept by the driver, to be drawn into part by part.

It is what makes drawing only the damage safe: a window's own buffers come and go, this stays. The GL
renderer makes canvases for windows, and for frames that are read back into memory.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect
from compositor.model import formats
from compositor.render.gl.api import GL, GlError, new_name
from compositor.render.gl.texture import LAYOUTS, Graveyard, Texture

_OPAQUE = np.uint32(0xFF000000)


class Canvas:
    """A texture that is drawn into.

    Row 0 of the texture is the first row of the picture.

    Args:
        texture: one of that size to draw into; a new one if None.

    Attributes:
        width, height: pixels.
        texture: the pixels, in the bytes of XRGB8888; OpenGL's red is blue.
    """

    __slots__ = ("_framebuffer", "height", "texture", "width")

    def __init__(self, graveyard: Graveyard, width: int, height: int, texture: Texture | None = None) -> None:
        self.width = width
        self.height = height
        self.texture = texture or Texture(graveyard, LAYOUTS[formats.ARGB8888][0], width, height)
        self._framebuffer = new_name(GL.glGenFramebuffers)
        self.bind()
        GL.glFramebufferTexture2D(
            GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_TEXTURE_2D, self.texture.name, 0
        )
        status = GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER)
        if status != GL.GL_FRAMEBUFFER_COMPLETE:
            raise GlError(f"a picture of {width}×{height} pixels cannot be drawn into (status {status:#x})")

    def bind(self) -> None:
        """Draw into it from now on."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._framebuffer)

    def read(self, rects: Iterable[Rect], pixels: npt.NDArray[np.uint32], opaque: bool = True) -> int:
        """Copy rectangles to the same place in memory; returns bytes.

        Args:
            rects: canvas pixels, within both.
            pixels: (height, width) XRGB8888, rows without gaps.
            opaque: whether the unused byte becomes 0xff; else it is whatever clients put there.
        """
        self.bind()
        address = pixels.__array_interface__["data"][0]
        stride = pixels.strides[0]
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 4)
        GL.glPixelStorei(GL.GL_PACK_ROW_LENGTH, stride // 4)
        size = 0
        for x, y, width, height in rects:
            at = address + y * stride + x * 4
            GL.glReadPixels(x, y, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, at)
            if opaque:
                pixels[y : y + height, x : x + width] |= _OPAQUE
            size += width * height * 4
        return size

    def delete(self) -> None:
        """Give it back; its context is current."""
        GL.glDeleteFramebuffers(1, GL.GLuint(self._framebuffer))
