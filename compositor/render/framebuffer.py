"""Framebuffer: the pixels of one output, which viewers may map and nobody else may change.

The memory is a memfd whose only writable mapping is ours: it is sealed FUTURE_WRITE after it was mapped,
so that a viewer holding the descriptor can map it for reading and in no other way, even by reopening it.
Backends make framebuffers, renderers draw into them, the control socket passes the descriptor on.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from typing import Any

import numpy as np
import numpy.typing as npt

# Linux 5.1; the fcntl module has no name for it before Python 3.13. Source: fcntl(2).
_F_SEAL_FUTURE_WRITE = 0x10
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | _F_SEAL_FUTURE_WRITE | fcntl.F_SEAL_SEAL


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
        self.fd = os.memfd_create("weddell-output", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            # fallocate, not truncate: running out of memory is an exception here and a SIGBUS later.
            os.posix_fallocate(self.fd, 0, width * height * 4)
            # The order matters: FUTURE_WRITE refuses every writable mapping but those that exist.
            memory = mmap.mmap(self.fd, width * height * 4)
            fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, _SEALS)
        except BaseException:
            os.close(self.fd)
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
            os.close(self.fd)
            self.fd = -1
