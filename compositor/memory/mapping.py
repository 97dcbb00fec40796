"""A mapping: the first bytes of a judged file, to be looked at and nothing else.

It has one size for life; a pool that grows gets another, of the same memory where there is room. It does
not judge: whoever makes one has asked `judge` about exactly this size. It is unmapped when the last numpy
view of it is gone, and never earlier: nothing here closes or resizes an mmap (``mmap.resize`` would
truncate the owner's file).
"""

from __future__ import annotations

import mmap
import sys
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from compositor.memory.bounds import check_rectangle
from compositor.memory.filekind import Refused
from compositor.memory.room import Room

ByteArray: TypeAlias = npt.NDArray[np.uint8]


def map_shared(fd: int, size: int, prot: int) -> mmap.mmap:
    """Map the first `size` bytes of a file, shared.

    The mapping costs no descriptor on Python 3.13 and later; before, mmap keeps a duplicate.
    """
    if sys.version_info >= (3, 13):
        return mmap.mmap(fd, size, mmap.MAP_SHARED, prot, trackfd=False)
    return mmap.mmap(fd, size, mmap.MAP_SHARED, prot)


def byte_array(memory: mmap.mmap) -> ByteArray:
    """Return all bytes of an mmap, from which every view is made.

    ``numpy.ndarray(buffer=memory)`` would let go of its hold on the mmap at once, so that closing the mmap
    would pull the pages from under the array (measured, numpy 2.4); ``frombuffer`` keeps the hold.
    """
    return np.frombuffer(memory, np.uint8)


class Mapping:
    """`size` bytes of a file, read-only.

    The bytes may change while they are read, whoever wrote them last; the number of them may not.

    Args:
        fd: open for reading; stays the caller's and may be closed afterwards.
        size: bytes; the file must have them for ever.

    Raises:
        Refused: if the kernel will not map it.
    """

    __slots__ = ("_room", "contents", "size", "whole")

    contents: ByteArray
    """(size,) uint8, read-only; keeps the mapping alive."""
    size: int
    whole: ByteArray
    """What all views keep alive, and those of other sizes that share the memory."""

    def __init__(self, fd: int, size: int) -> None:
        try:
            memory = map_shared(fd, size, mmap.PROT_READ)
        except PermissionError:
            # Before Linux 6.7 a file with F_SEAL_WRITE takes no shared mapping at all. Its bytes are
            # final, so a private one shows the same.
            try:
                memory = mmap.mmap(fd, size, mmap.MAP_PRIVATE, mmap.PROT_READ)
            except OSError as error:
                raise Refused(f"it cannot be mapped: {error.strerror}") from error
        except OSError as error:
            raise Refused(f"it cannot be mapped: {error.strerror}") from error
        except ValueError as error:
            # Python compares with fstat once more: a second lock, which the judge makes unreachable.
            raise Refused(f"it cannot be mapped: {error}") from error
        self.contents = self.whole = byte_array(memory)
        self.size = size
        self._room: Room | None = None

    @property
    def areas(self) -> int:
        """How many areas of address space it takes; Linux gives a process 65,530 (vm.max_map_count)."""
        return 1 if self._room is None else 2

    def grown(self, fd: int, size: int) -> Mapping:
        """Return a mapping of more bytes of the same file.

        The first time there is room made for twice as much; growth within that maps what is new.

        Args:
            fd: of the same file, open for reading.
            size: bytes, not fewer than now; the file must have them for ever.

        Raises:
            Refused: if the kernel will not map it.
        """
        if size == self.size:
            return self
        room = self._room
        try:
            if room is None or room.size < size:
                room = Room(2 * size)
            room.extend(fd, size)
        except (OSError, ValueError, OverflowError):
            # No room, or a file whose seals forbid a shared mapping: as if there were no mapping yet.
            return Mapping(fd, size)
        mapping = Mapping.__new__(Mapping)
        mapping._room, mapping.size = room, size
        mapping.whole = room.contents
        mapping.contents = room.contents[:size]
        return mapping


def pixel_view(
    memory: ByteArray, offset: int, height: int, stride: int, width: int, dtype: npt.DTypeLike
) -> npt.NDArray[Any]:
    """Return a rectangle of pixels in a mapping, without copying.

    Args:
        memory: all bytes of the mapping; decides whether the view can be written.
        offset: byte of the first pixel.
        height: rows.
        stride: bytes from one row to the next.
        width: pixels of a row.
        dtype: of one pixel. A subarray type such as ``(np.uint8, (3,))`` gives a third axis.

    Returns:
        (height, width) of `dtype`, buffer pixels; its bytes may change under you. It keeps the mapping
        alive.

    Raises:
        BadRectangle: if it does not lie within `memory`, or the numbers make no sense.
    """
    kind = np.dtype(dtype)
    check_rectangle(memory.size, offset, height, stride, width, kind.itemsize, kind.base.itemsize)
    return np.ndarray((height, width), kind, memory, offset, (stride, kind.itemsize))
