"""Files, pools and buffers, as a client makes them."""

from __future__ import annotations

import fcntl
import mmap
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from support.client import Client, Proxy

ARGB, XRGB = 0, 1
SHRINK = fcntl.F_SEAL_SHRINK


class Memory:
    """A memfd. `array` maps it for writing: it is never truncated by these helpers while mapped."""

    def __init__(self, size: int, seals: int = SHRINK, flags: int = os.MFD_ALLOW_SEALING) -> None:
        self.fd = os.memfd_create("test", os.MFD_CLOEXEC | flags)
        os.ftruncate(self.fd, size)
        if seals:
            fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, seals)
        self.size = size

    def array(self, dtype: Any = np.uint32) -> npt.NDArray[Any]:
        """Return the file's present contents, shared and writable."""
        # The mapping keeps a descriptor of its own.
        return np.frombuffer(mmap.mmap(self.fd, self.size), dtype)

    def write(self, data: bytes, offset: int = 0) -> None:
        """Write without mapping."""
        os.pwrite(self.fd, data, offset)

    def grow(self, size: int) -> None:
        """Make the file larger."""
        os.ftruncate(self.fd, size)
        self.size = size

    def close(self) -> None:
        """Close this side's descriptor."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class Buffer:
    """A wl_buffer in a pool of its own.

    Attributes:
        proxy: the wl_buffer.
        memory: its file.
    """

    def __init__(
        self,
        client: Client,
        width: int,
        height: int,
        color: int = 0xFF336699,
        format: int = XRGB,
        seals: int = SHRINK,
        flags: int = os.MFD_ALLOW_SEALING,
        flush: bool = True,
        twin: bool = False,
        keep_pool: bool = False,
    ) -> None:
        """Make one; another like it in the same pool with `twin`. The pool goes unless it is kept."""
        self.width = width
        self.height = height
        self.memory = Memory(width * height * 4, seals, flags)
        client.keep.append(self.memory)
        self.fill(color)
        pool = client.get("wl_shm").create_pool(self.memory.fd, self.memory.size)
        self.proxy: Proxy = pool.create_buffer(0, width, height, width * 4, format)
        if twin:
            pool.create_buffer(0, width, height, width * 4, format)
        if not keep_pool:
            pool.destroy()
        if flush:
            client.flush()

    @property
    def id(self) -> int:
        """Object id, so that a buffer can be given to a request."""
        return self.proxy.id

    @property
    def events(self) -> list[str]:
        """What came for the wl_buffer."""
        return self.proxy.events

    @property
    def releases(self) -> int:
        """How often it was released."""
        return self.proxy.count("release")

    def fill(self, color: int) -> None:
        """Paint all of it."""
        self.paint(np.full((self.height, self.width), color, np.uint32))

    def paint(self, pixels: npt.NDArray[np.uint32]) -> None:
        """Write pixels: (height, width) uint32."""
        assert (self.height, self.width) == pixels.shape
        self.memory.write(np.ascontiguousarray(pixels, np.uint32).tobytes())


def is_unsealable() -> dict[str, int]:
    """Return arguments for a `Buffer` or `Memory` whose file takes no seal."""
    return {"seals": 0, "flags": 0}
