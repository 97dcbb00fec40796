"""Anonymous objects: memory without a name whose maker decides who may do what with it.

The layout of an object is sealed: nobody, its owner included, can change its size. Its bytes can be
changed by everybody who has it (READ_WRITE), or by its owner alone (READ_ONLY). The owner can take the
contents back from everybody. Who gets an object is the affair of `grants`. Anybody may import it.

What QNX's secure buffers can and Linux cannot: unmap another process. Taking back is *discarding* here:
peers keep their mapping, read zeros, and do not fault.
"""

from __future__ import annotations

import enum
import mmap
import os
from typing import Any

import numpy.typing as npt

from compositor.descriptor import Descriptor
from compositor.memory import filekind
from compositor.memory.filekind import Refused
from compositor.memory.mapping import byte_array, map_shared, pixel_view
from compositor.memory.seals import LAYOUT, Seal, add_seals, create_memfd

PAGE = mmap.PAGESIZE


class Access(enum.Enum):
    """What others may do with an object. An object has one access for life.

    A read-only descriptor alone means nothing: its holder can open the same file for writing through
    /proc. Only a seal keeps it from that, and a seal holds for everybody.
    """

    READ_ONLY = "read-only"
    READ_WRITE = "read-write"


class AnonymousObject:
    """Memory that its owner shares, and can take back.

    Args:
        size: bytes, at least 1.
        access: what those it is granted to may do.
        name: shown in /proc, for people.

    Raises:
        OSError: if there is no room.
    """

    __slots__ = ("_file", "_memory", "access", "revoked", "size")

    access: Access
    size: int
    """Bytes; final."""
    revoked: bool
    """Whether `revoke` was called."""

    def __init__(self, size: int, access: Access = Access.READ_ONLY, name: str = "weddell-object") -> None:
        if size < 1:
            raise ValueError(f"an object of {size} bytes")
        self.access = access
        self.size = size
        self.revoked = False
        self._file = Descriptor(create_memfd(name, size))
        self._memory: mmap.mmap | None = map_shared(
            self._file.fileno(), size, mmap.PROT_READ | mmap.PROT_WRITE
        )
        # After the mapping, which is the last writable one that a READ_ONLY object ever has.
        sealed = LAYOUT | Seal.FUTURE_WRITE if access is Access.READ_ONLY else LAYOUT
        add_seals(self._file.fileno(), sealed)

    @property
    def fd(self) -> int:
        """The owner's descriptor; grants are made from it.

        Raises:
            ValueError: if the object is closed.
        """
        return self._file.fileno()

    @property
    def contents(self) -> npt.NDArray[Any]:
        """(size,) uint8, writable, for the owner.

        Raises:
            ValueError: if the object is closed.
        """
        return byte_array(self._mapped())

    def view(
        self, offset: int, height: int, stride: int, width: int, dtype: npt.DTypeLike
    ) -> npt.NDArray[Any]:
        """Return a rectangle of pixels for the owner to draw into; arguments and errors as `Pool.view`."""
        return pixel_view(self.contents, offset, height, stride, width, dtype)

    def open(self) -> Descriptor:
        """Return a descriptor to give away, which can do what `access` says and no more.

        Raises:
            ValueError: if the object was revoked or closed.
        """
        if self.revoked:
            raise ValueError("the object was revoked")
        if self.access is Access.READ_ONLY:
            return reopen_read_only(self.fd)
        return Descriptor(os.dup(self.fd))

    def discard(self, offset: int = 0, size: int | None = None) -> None:
        """Turn part of the contents into zeros, for everybody.

        The pages of a READ_WRITE object go back to the system. Those of a READ_ONLY object stay: the seal
        that keeps others from writing also keeps everybody from punching holes (measured, EPERM), so they
        are overwritten.

        Args:
            offset: byte to start at, a multiple of `PAGE`.
            size: bytes, a multiple of `PAGE` unless it reaches the end; the rest when not given.

        Raises:
            ValueError: if the range is not one of whole pages in the object.
        """
        length = self.size - offset if size is None else size
        check_range(self.size, offset, length)
        if self.access is Access.READ_WRITE:
            # Through our mapping rather than fallocate(2), which Python lacks; the kernel does the same.
            self._mapped().madvise(mmap.MADV_REMOVE, offset, length)
        else:
            self.contents[offset : offset + length] = 0

    def revoke(self) -> None:
        """Take the contents back from everybody, and give out no more descriptors.

        Those who hold a READ_WRITE object can still write to each other through it: Linux cannot take a
        mapping away from another process.
        """
        self.discard()
        self.revoked = True

    def close(self) -> None:
        """Close the owner's descriptor and let go of its mapping; views and grants stay valid."""
        self._memory = None
        self._file.close()

    def __enter__(self) -> AnonymousObject:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _mapped(self) -> mmap.mmap:
        if self._memory is None:
            raise ValueError("the object is closed")
        return self._memory


def check_range(total: int, offset: int, size: int) -> None:
    """Check that a range starts at a page and ends at one or at the end.

    Raises:
        ValueError: if it does not, or does not lie within `total`.
    """
    end = offset + size
    if offset < 0 or size < 1 or end > total:
        raise ValueError(f"{size} bytes from {offset} do not lie within {total}")
    if offset % PAGE or (end % PAGE and end != total):
        raise ValueError(f"{size} bytes from {offset} are not whole pages of {PAGE} bytes")


def reopen_read_only(fd: int) -> Descriptor:
    """Return a second descriptor of a memfd that can never be used to write to it.

    Raises:
        Refused: if the file lacks the seals that make this true: without WRITE or FUTURE_WRITE its holder
            could reopen it for writing through /proc/self/fd.
        OSError: if /proc is not there.
    """
    seals = filekind.shmem_seals(fd) or 0
    if not seals & (Seal.WRITE | Seal.FUTURE_WRITE):
        raise Refused("it lacks WRITE and FUTURE_WRITE: a read-only descriptor could be made writable")
    return Descriptor(os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC))
