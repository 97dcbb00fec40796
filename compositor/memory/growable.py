"""A buffer that its maker draws into, shares, and makes larger while others read.

The producer's side of `pool`: memory that is sealed against shrinking before anybody else can see it. It
sends nothing by itself. Demo clients and tests import it.
"""

from __future__ import annotations

import mmap
from typing import Any

import numpy.typing as npt

from compositor.descriptor import Descriptor
from compositor.memory.mapping import ByteArray, byte_array, map_shared, pixel_view
from compositor.memory.seals import Seal, add_seals, allocate, create_memfd


class GrowableBuffer:
    """Shared memory that can grow and never shrink.

    Its pages exist: drawing cannot fault for want of memory.

    Args:
        size: bytes, at least 1.
        name: shown in /proc, for people.

    Raises:
        OSError: if there is no room.
    """

    __slots__ = ("_contents", "_file", "growths", "size")

    size: int
    """Bytes."""
    growths: int
    """How often it was made larger."""

    def __init__(self, size: int, name: str = "weddell-buffer") -> None:
        if size < 1:
            raise ValueError(f"a buffer of {size} bytes")
        # Sealed while empty: at no moment is there a file that others could shrink.
        # SHRINK and nothing else: what a consumer needs, and no promise beyond it.
        self._file = Descriptor(create_memfd(name, seals=Seal.SHRINK, noexec=False))
        try:
            self._contents: ByteArray | None = self._extend(0, size)
        except BaseException:
            self._file.close()
            raise
        self.size = size
        self.growths = 0

    @property
    def fd(self) -> int:
        """The descriptor to send; stays the buffer's.

        Raises:
            ValueError: if the buffer is closed.
        """
        return self._file.fileno()

    def fileno(self) -> int:
        """Same as `fd`, so that the buffer can stand where a descriptor is wanted."""
        return self._file.fileno()

    @property
    def contents(self) -> ByteArray:
        """(size,) uint8, writable; keeps the mapping of this size alive.

        Raises:
            ValueError: if the buffer is closed.
        """
        if self._contents is None:
            raise ValueError("the buffer is closed")
        return self._contents

    def grow(self, size: int) -> None:
        """Make it larger. Views that exist stay valid and go on showing the same bytes.

        Args:
            size: bytes, not fewer than now.

        Raises:
            OSError: if there is no room; the buffer is then as before.
            ValueError: if it would shrink, or is closed.
        """
        if size < self.size:
            raise ValueError(f"a buffer of {self.size} bytes cannot shrink to {size}")
        if size == self.size:
            return
        self._contents = self._extend(self.size, size)
        self.size = size
        self.growths += 1

    def seal(self, seals: Seal = Seal.GROW | Seal.SEAL) -> None:
        """Add seals beyond SHRINK, for a buffer that is to grow no more.

        Raises:
            OSError: if the file has `Seal.SEAL` already, or (EBUSY) for `Seal.WRITE`: it is mapped.
        """
        add_seals(self.fd, seals)

    def view(
        self, offset: int, height: int, stride: int, width: int, dtype: npt.DTypeLike
    ) -> npt.NDArray[Any]:
        """Return a rectangle of pixels to draw into, without copying.

        Args:
            offset: byte of the first pixel.
            height: rows.
            stride: bytes from one row to the next.
            width: pixels of a row.
            dtype: of one pixel. A subarray type such as ``(np.uint8, (3,))`` gives a third axis.

        Returns:
            (height, width) of `dtype`, buffer pixels, writable. It survives `grow` and `close`.

        Raises:
            BadRectangle: if the rectangle does not lie within the buffer.
            ValueError: if the buffer is closed.
        """
        return pixel_view(self.contents, offset, height, stride, width, dtype)

    def close(self) -> None:
        """Close the descriptor and let go of the mapping; views that exist stay valid."""
        self._contents = None
        self._file.close()

    def __enter__(self) -> GrowableBuffer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _extend(self, old: int, new: int) -> ByteArray:
        """Make the pages of bytes `old` to `new` exist and map the first `new` bytes."""
        fd = self._file.fileno()
        allocate(fd, old, new - old)
        return byte_array(map_shared(fd, new, mmap.PROT_READ | mmap.PROT_WRITE))
