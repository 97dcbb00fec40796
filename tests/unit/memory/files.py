"""Files that a stranger might send, one maker per kind. Each returns a descriptor that the caller owns."""

from __future__ import annotations

import ctypes
import os
import tempfile
import uuid

from compositor.memory import Seal, add_seals

MFD_HUGETLB = 0x4


NO_SEALS = Seal(0)


def memfd(size: int, seals: Seal = NO_SEALS, *, sealable: bool = True) -> int:
    """A memfd with holes, as a careless or hostile client makes it."""
    flags = os.MFD_CLOEXEC | (os.MFD_ALLOW_SEALING if sealable else 0)
    fd = os.memfd_create("stranger", flags)
    os.ftruncate(fd, size)
    if seals:
        add_seals(fd, seals)
    return fd


def reopened(fd: int, flags: int) -> int:
    """Another descriptor of the same file, with other rights; `fd` is closed."""
    other = os.open(f"/proc/self/fd/{fd}", flags | os.O_CLOEXEC)
    os.close(fd)
    return other


def shm_file(size: int) -> int:
    """What shm_open(3) gives: a file on the tmpfs at /dev/shm, unlinked."""
    path = f"/dev/shm/weddell-test-{uuid.uuid4()}"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.unlink(path)
    os.ftruncate(fd, size)
    return fd


def disk_file(size: int) -> int:
    """An unlinked file in the temporary directory."""
    fd, path = tempfile.mkstemp()
    os.unlink(path)
    os.ftruncate(fd, size)
    return fd


def hugetlb_memfd(seals: Seal = Seal.SHRINK) -> int:
    """A sealed memfd of huge pages, 2 MiB. The pages need not exist."""
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING | MFD_HUGETLB
    fd = os.memfd_create("stranger-huge", flags)
    os.ftruncate(fd, 2 << 20)
    add_seals(fd, seals)
    return fd


def punch(fd: int, size: int) -> int:
    """Make the first bytes of a file a hole (fallocate(2), PUNCH_HOLE); return errno, 0 if it went well."""
    libc = ctypes.CDLL(None, use_errno=True)
    failed = libc.fallocate(fd, 3, ctypes.c_int64(0), ctypes.c_int64(size))
    return ctypes.get_errno() if failed else 0
