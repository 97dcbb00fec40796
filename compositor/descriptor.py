"""A file descriptor that somebody owns.

An integer does not say who must close it; a `Descriptor` does. It is closed
when its owner lets go of it, unless the number was taken out. Closing never
waits, whoever made the file: see `close_fd`. Anybody may import this module, which is one of those that may
be compiled (`compositor.native`): with every frame of some programs a file comes and one goes.
"""

from __future__ import annotations

import os
import socket

from compositor.calls import close, seals

DISKS = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "overlay"})
"""File systems on disks that answer by themselves and soon."""

_PROMPT = DISKS | {"tmpfs", "ramfs", "devtmpfs", "devpts", "proc", "sysfs"}


def close_own(fd: int) -> int:
    """Close a descriptor of our own making. Returns 0: there is nothing to be done about what fails.

    Raises:
        OSError: EBADF, the mark of a bug: somebody else has closed it.
    """
    return close(fd)


def close_socket(sock: socket.socket) -> None:
    """Close a socket, as `close_own` does. Harmless when repeated."""
    fd = sock.detach()
    if fd >= 0:
        close_own(fd)


def socket_of(fd: int) -> socket.socket:
    """Return the socket that a descriptor opens, which belongs to it from this call on, whatever its outcome.

    Raises:
        OSError: if it is none, or the system has no room to say what it is.
    """
    try:
        return socket.socket(fileno=fd)
    except BaseException:
        close_own(fd)
        raise


def close_fd(fd: int) -> None:
    """Close a descriptor that may be a stranger's, without ever waiting; errors as `close_own`.

    close(2) asks the file system to flush, and a file system can be a program of the stranger's that
    never answers (measured with FUSE: fstat, fstatfs and close all hang). Such a file is closed by a
    thread of its own; every other at once.
    """
    # Memory, which no file system can make us wait for, is nearly all that there is to close.
    if seals(fd) < 0 and not _closes_promptly(fd):
        try:
            import threading

            threading.Thread(target=_close_quietly, args=(fd,), name="close", daemon=True).start()
        except (RuntimeError, OSError, ImportError):
            pass  # No thread to be had: better a descriptor too many than a wait for ever.
        return
    close_own(fd)


def mounted_type(fd: int) -> str | None:
    """Return the type of the file system that `fd`'s file lies on, without asking that file system.

    Returns:
        For example "ext4". None if it is not mounted in our mount namespace: pipes, sockets and memfds
        are not, and neither is a mount of another namespace. Such a one is not to be trusted: an overlay
        that a client made over its own FUSE mount would call itself "overlay" there.

    Raises:
        OSError: if /proc cannot be read.

    Source: proc_pid_fdinfo(5), proc_pid_mountinfo(5).
    """
    mount_id = b""
    with open(f"/proc/self/fdinfo/{fd}", "rb") as file:
        for line in file:
            if line.startswith(b"mnt_id:"):
                mount_id = line[7:].strip()
    with open("/proc/self/mountinfo", "rb") as file:
        for line in file:
            if line.split(b" ", 1)[0] == mount_id:
                return line.partition(b" - ")[2].split(b" ", 1)[0].decode("ascii", "replace")
    return None


def _closes_promptly(fd: int) -> bool:
    try:
        # "pipe:[1]", "socket:[1]", "anon_inode:[eventfd]"; what lies in a file system begins with "/",
        # or with "(unreachable)" where it is mounted elsewhere.
        path = os.readlink(f"/proc/self/fd/{fd}")
        return path[:1] not in ("/", "(") or mounted_type(fd) in _PROMPT
    except OSError:
        return True  # Not open, or no /proc to ask: close(2) says the rest.


def _close_quietly(fd: int) -> None:
    try:
        os.close(fd)
    except OSError:
        pass  # The file system's last words, with nobody left to hear them.


class Descriptor:
    """Owner of one open file descriptor.

    After `close` or `take` the number is forgotten, so that a second close
    can never hit an unrelated file that was given the same number.

    Attributes:
        number: the number, -1 once it was closed or taken. Nobody else sets it.
    """

    __slots__ = ("number",)

    def __cinit__(self, *_: object) -> None:
        # Where this is compiled, the number is 0 before `__init__`, which may be refused what it takes.
        self.number = -1

    def __init__(self, fd: int) -> None:
        self.number = fd

    def fileno(self) -> int:
        """Return the number, still owned here.

        Raises:
            ValueError: if it was closed or taken.
        """
        if self.number < 0:
            raise ValueError("the descriptor was closed or taken")
        return self.number

    @property
    def closed(self) -> bool:
        """Whether it was closed or taken."""
        return self.number < 0

    def take(self) -> int:
        """Return the number and leave closing it to the caller.

        Raises:
            ValueError: if it was closed or taken.
        """
        fd, self.number = self.number, -1
        if fd < 0:
            raise ValueError("the descriptor was closed or taken")
        return fd

    def close(self) -> None:
        """Close it if it is still owned; harmless otherwise."""
        fd, self.number = self.number, -1
        if fd >= 0:
            close_fd(fd)

    def __enter__(self) -> Descriptor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self.number >= 0:
            self.close()
