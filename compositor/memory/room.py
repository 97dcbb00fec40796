"""Room: address space for a file that grows, so that growing maps what is new and nothing else.

To map a file anew at every size makes the kernel find each page again: a fifth of what a window costs that
is resized live (measured). Python's mmap maps no more than there is and cannot be extended for reading, so
here an anonymous mmap keeps the addresses, and the file is laid over the beginning of it, as far as it was
judged and no further. Views of every size are views of the same memory.

It does not judge, nor decide how large: `mapping` does. Source: mmap(2), MAP_FIXED.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.memory.filekind import libc

_PAGE = mmap.PAGESIZE
_MAP_FIXED = 0x10

# Rooms in which the kernel left a hole that may be somebody else's by now: never unmapped.
_spoiled: list[Room] = []


class Room:
    """Addresses for `size` bytes.

    Args:
        size: bytes, rounded up to pages.

    Attributes:
        size: bytes that there is room for.
        contents: (size,) uint8, read-only. Only what `extend` has mapped is the file's; the rest is nothing
            yet. It keeps the addresses, and the file mapped.

    Raises:
        OSError: there is no address space.
    """

    __slots__ = ("_address", "_mapped", "contents", "size")

    contents: npt.NDArray[np.uint8]

    def __init__(self, size: int) -> None:
        self.size = _pages(size)
        memory = mmap.mmap(-1, self.size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ)
        # See `mapping.byte_array`: it holds on to the mmap.
        self.contents = np.frombuffer(memory, np.uint8)
        self._address: int = self.contents.__array_interface__["data"][0]
        self._mapped = 0

    def extend(self, fd: int, size: int) -> None:
        """Map the file's bytes up to `size`; those that are mapped stay as they are.

        Args:
            fd: always of the same file, open for reading.
            size: bytes, not more than there is room for; the file must have them for ever.

        Raises:
            OSError: the kernel will not; what was mapped stays so.
        """
        start, end = self._mapped, _pages(size)
        if end <= start:
            return
        try:
            _map(self._address + start, end - start, mmap.MAP_SHARED, fd, start)
        except OSError:
            self._mend(start)
            raise
        self._mapped = end

    def _mend(self, start: int) -> None:
        """A kernel may have unmapped what it then failed to map: keep the addresses ours."""
        try:
            _map(self._address + start, self.size - start, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
        except OSError:
            _spoiled.append(self)


def _pages(size: int) -> int:
    return -(-size // _PAGE) * _PAGE


@functools.cache
def _mapper() -> Any:
    mapper = libc().mmap
    mapper.restype = ctypes.c_void_p
    integers = (ctypes.c_int,) * 3
    mapper.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *integers, ctypes.c_long)
    return mapper


def _map(address: int, size: int, flags: int, fd: int, offset: int) -> None:
    """Map for reading, in place of what is there."""
    if _mapper()(address, size, mmap.PROT_READ, flags | _MAP_FIXED, fd, offset) != address:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
