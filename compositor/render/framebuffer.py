"""Framebuffer: the pixels of one output, which viewers may map and nobody else may change.

The memory is an anonymous object that is read-only for everybody but us: a viewer holding a descriptor of it
can map it for reading and in no other way, even by reopening it. Backends make framebuffers, renderers draw
into them, the control socket grants them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.memory import Access, AnonymousObject


class Framebuffer:
    """Pixels of an output in shared memory.

    Args:
        width, height: output pixels, at least 1.
        background: XRGB8888 colour of all pixels at first.
    """

    __slots__ = ("cache", "height", "object", "pixels", "width")

    width: int
    height: int
    object: AnonymousObject
    """The memory, for grants to viewers; owned by the framebuffer."""
    pixels: npt.NDArray[np.uint32]
    """(height, width) uint32, XRGB8888, output pixels, contiguous. The unused byte is always 0xff."""
    cache: Any
    """What a renderer made for this target. Only renderers touch it."""

    def __init__(self, width: int, height: int, background: int = 0xFF000000) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a framebuffer of {width}×{height} pixels")
        self.width = width
        self.height = height
        self.cache = None
        self.object = AnonymousObject(width * height * 4, Access.READ_ONLY, "weddell-output")
        self.pixels = self.object.contents.view(np.uint32).reshape(height, width)
        self.pixels.fill(background | 0xFF000000)

    @property
    def stride(self) -> int:
        """Bytes from one row to the next."""
        return self.width * 4

    @property
    def size(self) -> int:
        """Bytes of the whole framebuffer, which starts at offset 0 of the memory."""
        return self.object.size

    def close(self) -> None:
        """Close the descriptor; the pixels stay valid for whoever still holds the array."""
        self.object.close()
