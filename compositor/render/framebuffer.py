"""Framebuffer: the pixels of one output, which viewers may map and nobody else may change.

The memory is a memfd whose only writable mapping is ours: it is sealed FUTURE_WRITE after it was mapped,
so that a viewer holding the descriptor can map it for reading and in no other way, even by reopening it.
Backends make framebuffers, renderers draw into them, the control socket passes the descriptor on.
"""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.descriptor import close_own
from compositor.memory import LAYOUT, Seal, add_seals, create_memfd
from compositor.memory.mapping import map_shared


class Framebuffer:
    """Pixels of an output in shared memory.

    Args:
        width, height: output pixels, at least 1.
        background: XRGB8888 colour of all pixels at first.
    """

    __slots__ = ("cache", "fd", "height", "pixels", "width")

    width: int
    height: int
    fd: int
    """The memfd, for viewers; ours to close. -1 once closed."""
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
        self.fd = create_memfd("weddell-output", width * height * 4)
        try:
            # The order matters: FUTURE_WRITE refuses every writable mapping but those that exist.
            memory = map_shared(self.fd, width * height * 4, mmap.PROT_READ | mmap.PROT_WRITE)
            add_seals(self.fd, LAYOUT | Seal.FUTURE_WRITE)
        except BaseException:
            close_own(self.fd)
            self.fd = -1
            raise
        self.pixels = np.frombuffer(memory, np.uint32).reshape(height, width)
        self.pixels.fill(background | 0xFF000000)

    @property
    def stride(self) -> int:
        """Bytes from one row to the next."""
        return self.width * 4

    @property
    def size(self) -> int:
        """Bytes of the whole framebuffer, which starts at offset 0 of the memfd."""
        return self.width * self.height * 4

    def close(self) -> None:
        """Close the descriptor; the pixels stay valid for whoever still holds the array."""
        if self.fd >= 0:
            close_own(self.fd)
            self.fd = -1
