"""Frozen messages: bytes that nobody can change any more, passed without a copy.

A message is written into a memfd, the memfd is sealed against every change, and its descriptor is sent.
The receiver checks the seals and reads in place: neither side can alter, shrink or grow it. Screenshots,
recorded frames, keymaps and large payloads of the control socket travel like this. Anybody may import it.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from compositor.descriptor import Descriptor
from compositor.memory import filekind
from compositor.memory.bounds import BadRectangle
from compositor.memory.filekind import Refused
from compositor.memory.mapping import ByteArray, Mapping, byte_array, map_shared, pixel_view
from compositor.memory.seals import FROZEN, Seal, add_seals, create_memfd

BytesLike: TypeAlias = bytes | bytearray | memoryview | npt.NDArray[Any]

_NOTHING = np.frombuffer(b"", np.uint8)
# st_blocks counts in these whatever the file system. Source: inode(7).
_BLOCK_BYTES = 512


class FrozenMessage:
    """A message in memory that is sealed SHRINK, GROW, WRITE and SEAL.

    Made by `freeze`, `FrozenMessageBuilder.seal` and `open_frozen`; that one exists proves the seals. It
    owns its descriptor. Once `contents` was asked for, closing it leaves the contents readable.
    """

    __slots__ = ("_contents", "_file", "size")

    size: int
    """Bytes."""

    def __init__(self, file: Descriptor, size: int) -> None:
        self._file = file
        self._contents: ByteArray | None = None
        self.size = size

    @property
    def fd(self) -> int:
        """The descriptor to send; stays the message's.

        Raises:
            ValueError: if the message is closed.
        """
        return self._file.fileno()

    def fileno(self) -> int:
        """Same as `fd`, so that the message can stand where a descriptor is wanted."""
        return self._file.fileno()

    @property
    def contents(self) -> ByteArray:
        """(size,) uint8, read-only and final, without copying; mapped when first asked for.

        Raises:
            ValueError: if the message was closed before.
        """
        if self._contents is None:
            fd = self._file.fileno()
            self._contents = Mapping(fd, self.size).contents if self.size else _NOTHING
        return self._contents

    @property
    def memory(self) -> memoryview:
        """`contents` as a memoryview, for parsers."""
        return self.contents.data

    def tobytes(self) -> bytes:
        """Return a copy of the contents."""
        return self.contents.tobytes()

    def array(self, dtype: npt.DTypeLike, shape: int | tuple[int, ...], offset: int = 0) -> npt.NDArray[Any]:
        """Return part of the contents as a contiguous array, without copying.

        Args:
            dtype: of an element.
            shape: of the array.
            offset: byte of its first element.

        Returns:
            A read-only array.

        Raises:
            BadRectangle: if it does not lie within the message.
            ValueError: if the message was closed before.
        """
        return _array(self.contents, dtype, shape, offset)

    def view(
        self, offset: int, height: int, stride: int, width: int, dtype: npt.DTypeLike
    ) -> npt.NDArray[Any]:
        """Return a rectangle of pixels, without copying; arguments and errors as `Pool.view`.

        Returns:
            (height, width) of `dtype`, buffer pixels, read-only and final.
        """
        return pixel_view(self.contents, offset, height, stride, width, dtype)

    def take(self) -> int:
        """Return the descriptor and leave closing it to the caller."""
        return self._file.take()

    def close(self) -> None:
        """Close the descriptor and let go of the mapping; views that exist stay valid."""
        self._contents = None
        self._file.close()

    def __enter__(self) -> FrozenMessage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FrozenMessageBuilder:
    """A message that is being written, in place.

    Args:
        size: bytes, at least 1.
        name: shown in /proc, for people.

    Raises:
        OSError: if there is no room.
    """

    __slots__ = ("_file", "_memory", "size")

    size: int
    """Bytes."""

    def __init__(self, size: int, name: str = "weddell-message") -> None:
        if size < 1:
            raise ValueError(f"a message of {size} bytes")
        self._file = Descriptor(create_memfd(name, size))
        self._memory = map_shared(self._file.fileno(), size, mmap.PROT_READ | mmap.PROT_WRITE)
        self.size = size

    @property
    def memory(self) -> memoryview:
        """All bytes, writable, zero at first. Release it before `seal`."""
        return memoryview(self._memory)

    def array(self, dtype: npt.DTypeLike, shape: int | tuple[int, ...], offset: int = 0) -> npt.NDArray[Any]:
        """Return part of the contents as a contiguous writable array. Drop it before `seal`."""
        return _array(byte_array(self._memory), dtype, shape, offset)

    def view(
        self, offset: int, height: int, stride: int, width: int, dtype: npt.DTypeLike
    ) -> npt.NDArray[Any]:
        """Return a rectangle of pixels to draw into; arguments as `Pool.view`. Drop it before `seal`."""
        return pixel_view(byte_array(self._memory), offset, height, stride, width, dtype)

    def seal(self) -> FrozenMessage:
        """Freeze what was written; the builder is empty afterwards.

        Raises:
            BufferError: while a view of the contents is alive: it could still write. Drop it, try again.
            ValueError: if the message was sealed or dropped before.
        """
        fd = self._file.fileno()
        try:
            self._memory.close()
        except BufferError as error:
            raise BufferError("a view of the message is alive and could still write to it") from error
        add_seals(fd, FROZEN)
        return FrozenMessage(Descriptor(self._file.take()), self.size)

    def close(self) -> None:
        """Give the message up; views that exist stay valid."""
        self._file.close()

    def __enter__(self) -> FrozenMessageBuilder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def freeze(data: BytesLike, name: str = "weddell-message") -> FrozenMessage:
    """Copy `data` into memory that nobody can change any more.

    Args:
        data: bytes, a contiguous buffer, or an array.
        name: shown in /proc, for people.

    Raises:
        OSError: if there is no room.
    """
    return freeze_parts((data,), name)


def freeze_parts(parts: Iterable[BytesLike], name: str = "weddell-message") -> FrozenMessage:
    """Copy several pieces, one after the other, into memory that nobody can change any more.

    Args:
        parts: as `freeze` takes them; each is copied before the next is asked for.
        name: shown in /proc, for people.

    Raises:
        OSError: if there is no room.
    """
    file = Descriptor(create_memfd(name))
    size = 0
    try:
        fd = file.fileno()
        for data in parts:
            rest = np.ascontiguousarray(data).data if isinstance(data, np.ndarray) else memoryview(data)
            if not rest.nbytes:
                continue
            size += rest.nbytes
            rest = rest.cast("B")
            # write(2) rather than a mapping: it makes the pages as it fills them, and leaves no mapping
            # behind that would stand in the way of F_SEAL_WRITE.
            while rest:
                rest = rest[os.write(fd, rest) :]
        add_seals(fd, FROZEN)
    except BaseException:
        file.close()
        raise
    return FrozenMessage(file, size)


def open_frozen(fd: int, *, max_size: int = 1 << 30) -> FrozenMessage:
    """Take a descriptor that somebody sent for a message that is frozen, or refuse it.

    Args:
        fd: belongs to this function, and then to the message, whatever the outcome.
        max_size: bytes that a message may have.

    Raises:
        Refused: if one of the seals is missing; if it is not plain memory, or too large; if it has holes:
            reading those would allocate memory on the reader's account, and no page of a file sealed
            against writing can be taken out again.
    """
    file = Descriptor(fd)
    try:
        missing = FROZEN & ~Seal(filekind.shmem_seals(fd) or 0)
        if missing:
            raise Refused(f"it is not frozen: {missing!s} missing")
        status = os.fstat(fd)
        if status.st_dev != filekind.memfd_device():
            raise Refused("it is not a plain memfd")
        if status.st_size > max_size:
            raise Refused(f"it has {status.st_size} bytes, more than {max_size}")
        if status.st_blocks * _BLOCK_BYTES < status.st_size:
            raise Refused("it has holes")
        # Every check above holds for ever, since the seals were seen first.
        return FrozenMessage(file, status.st_size)
    except BaseException:
        file.close()
        raise


def _array(
    memory: ByteArray, dtype: npt.DTypeLike, shape: int | tuple[int, ...], offset: int
) -> npt.NDArray[Any]:
    kind = np.dtype(dtype)
    sides = (shape,) if isinstance(shape, int) else shape
    length = kind.itemsize
    for side in sides:
        if side < 0:
            raise BadRectangle(f"an array of shape {sides}")
        length *= side
    if offset < 0 or offset + length > memory.size:
        raise BadRectangle(f"{length} bytes from {offset} do not lie within {memory.size}")
    return np.ndarray(sides, kind, memory, offset)
