"""Seals: what a file of memory promises about itself for the rest of its life.

Reading, adding and creating, and nothing about what a seal is good for: that is `judge`'s affair.
A seal belongs to the file, not to a descriptor; it can be added and never removed, so what was read once
stays true. Anybody may import this module.

Source: memfd_create(2), fcntl(2) "File Sealing".
"""

from __future__ import annotations

import enum
import errno
import fcntl
import os

from compositor.descriptor import close_own

# memfd_create(2): Linux 6.3; the os module has no name for it.
_MFD_NOEXEC_SEAL = 0x8
_FLAGS = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING


class Seal(enum.IntFlag):
    """What a sealed file refuses from everybody, its creator included."""

    SEAL = fcntl.F_SEAL_SEAL
    """Further seals."""
    SHRINK = fcntl.F_SEAL_SHRINK
    """Becoming smaller: ftruncate, open with O_TRUNC."""
    GROW = fcntl.F_SEAL_GROW
    """Becoming larger: ftruncate, fallocate, a write past the end."""
    WRITE = fcntl.F_SEAL_WRITE
    """Changing its bytes in any way; cannot be added while a writable shared mapping exists."""
    FUTURE_WRITE = 0x10
    """Changing its bytes, except through writable mappings that exist already (Linux 5.1)."""
    EXEC = 0x20
    """Changing its x permission bits (Linux 6.3)."""

    def __str__(self) -> str:
        return self.name or "none"


FROZEN = Seal.SHRINK | Seal.GROW | Seal.WRITE | Seal.SEAL
"""A file that nobody can change in any way."""

LAYOUT = Seal.SHRINK | Seal.GROW | Seal.SEAL
"""A file whose bytes may change and whose size may not."""


def get_seals(fd: int) -> Seal:
    """Return the seals of the file that `fd` opens.

    A file of memory that was not made to be sealed answers `Seal.SEAL` alone: the "no" of shm_open(3)
    files and of memfds made without MFD_ALLOW_SEALING.

    Raises:
        OSError: EINVAL if the file is not memory (no file system is asked, so this never waits);
            EBADF if `fd` is not open, or open with O_PATH.
    """
    return Seal(fcntl.fcntl(fd, fcntl.F_GET_SEALS))


def add_seals(fd: int, seals: Seal) -> None:
    """Add `seals` to the file that `fd` opens; those it has already do no harm.

    Raises:
        OSError: EPERM if `fd` is not open for writing or the file has `Seal.SEAL`; EBUSY for `Seal.WRITE`
            while a writable shared mapping exists; EINVAL if the file cannot be sealed.
    """
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, int(seals))


def create_memfd(name: str, size: int = 0, *, seals: Seal | None = None, noexec: bool = True) -> int:
    """Create memory that has no name in any file system and can be sealed.

    Its pages exist when this returns, so that running out of memory is an exception here and not a
    SIGBUS for whoever touches them first.

    Args:
        name: shown as ``/memfd:NAME`` in /proc; serves people only.
        size: bytes.
        seals: added once the file has its size.
        noexec: have the kernel (Linux 6.3) make sure that it can never be executed; it tells of that with
            `Seal.EXEC`.

    Returns:
        A descriptor open for reading and writing, close-on-exec, that the caller owns.

    Raises:
        OSError: with what was being created in its text.
    """
    try:
        fd = os.memfd_create(name, _FLAGS | _MFD_NOEXEC_SEAL if noexec else _FLAGS)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        fd = os.memfd_create(name, _FLAGS)
    try:
        if size:
            allocate(fd, 0, size)
        if seals is not None:
            add_seals(fd, seals)
    except BaseException:
        close_own(fd)
        raise
    return fd


def allocate(fd: int, offset: int, length: int) -> None:
    """Make the pages of a byte range exist, growing the file where the range passes its end.

    Raises:
        OSError: ENOSPC, ENOMEM or EFBIG when there is no room, EPERM when a seal forbids it; the file
            is then as large as before.
    """
    try:
        os.posix_fallocate(fd, offset, length)
    except OSError as error:
        text = f"no room for {length} bytes of shared memory at {offset}: {error.strerror}"
        raise OSError(error.errno, text) from error
