"""What sort of file a stranger's descriptor opens, found out without asking the file.

A file system can be a program (FUSE) or another machine (NFS), and then fstat(2), fstatfs(2) or a read
may wait for ever. So nothing here makes the kernel call into a file system before its type is known:
F_GET_SEALS looks at the inode's kind only, and every other file's mount is looked up in our own mount
table. For `judge`; everybody else asks that.
"""

from __future__ import annotations

import errno
import fcntl
import functools
import os
import stat
from typing import TYPE_CHECKING

from compositor.descriptor import DISKS, close_own, mounted_type
from compositor.errors import WeddellError

if TYPE_CHECKING:
    from ctypes import CDLL

_HUGETLBFS_MAGIC = 0x958458F6
_TMPFS_MAGIC = 0x01021994


class Refused(WeddellError):
    """A file that is not safe to share, or not what its owner said.

    Attributes:
        reason: one clause saying why, for the protocol error and the log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@functools.cache
def libc() -> CDLL:
    """Return the C library; what reaches it is imported when memory is first looked at."""
    from ctypes import CDLL

    return CDLL(None, use_errno=True)


@functools.cache
def memfd_device() -> int:
    """Return the st_dev of the mount that this kernel makes plain memfds on.

    Hugetlbfs memory and every mounted tmpfs lie on other devices. There is one such mount per kernel,
    whatever the namespaces (measured), so the answer is kept.
    """
    fd = os.memfd_create("device", os.MFD_CLOEXEC)
    try:
        return os.fstat(fd).st_dev
    finally:
        close_own(fd)


@functools.cache
def holes_can_fault() -> bool:
    """Whether reading a hole of a memfd through a mapping may raise SIGBUS on this machine.

    A hole is filled when it is first touched. Under vm.overcommit_memory=2 that page is charged against
    a commit limit, and at the limit the touch is a SIGBUS; no seal helps, since a client may punch holes
    at any time. There nothing of a client is mapped: preadv(2) reads zeros from a hole and charges
    nothing. Source: mm/shmem.c, shmem_inode_acct_blocks.
    """
    try:
        with open("/proc/sys/vm/overcommit_memory", "rb") as file:
            return file.read().strip() == b"2"
    except OSError:
        return False


def shmem_seals(fd: int) -> int | None:
    """Return the seal bits of a file of memory, or None for any other file.

    Raises:
        Refused: if the descriptor is not open for any use (O_PATH).
    """
    try:
        return fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    except OSError as error:
        if error.errno == errno.EINVAL:
            return None
        raise Refused(f"its seals cannot be read: {error.strerror}") from error


def check_memory(fd: int) -> None:
    """Refuse memory of huge pages, whose holes fault when no huge page is free.

    For files of which `shmem_seals` answered, so that fstatfs(2) cannot wait.

    Raises:
        Refused: if it is not shmem.
    """
    import ctypes

    answer = ctypes.create_string_buffer(256)
    if libc().fstatfs(fd, answer) != 0:
        raise Refused(f"fstatfs failed: {os.strerror(ctypes.get_errno())}")
    magic = ctypes.c_long.from_buffer(answer).value & 0xFFFFFFFF
    if magic == _HUGETLBFS_MAGIC:
        raise Refused("it is memory of huge pages, whose holes may fault whatever is sealed")
    if magic != _TMPFS_MAGIC:
        raise Refused(f"it is memory of an unknown kind (file system {magic:#x})")


def check_disk_file(fd: int) -> None:
    """Refuse what is not a regular file on one of the file systems of `DISKS`.

    For files of which `shmem_seals` answered None.

    Raises:
        Refused: naming what it is instead.
    """
    try:
        file_system = mounted_type(fd)
    except OSError as error:
        raise Refused(f"where it lies cannot be looked up in /proc: {error.strerror}") from error
    if file_system is None:
        raise Refused("it is neither memory nor a file of a file system that is mounted here")
    if file_system not in DISKS:
        raise Refused(f"it lies on {file_system}, which can keep a reader waiting")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise Refused("it is not a regular file")
