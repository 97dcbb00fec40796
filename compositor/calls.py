"""System calls of the hot paths: waiting, receiving, sending, looking at a file and closing it.

What the standard library offers for them does more than is asked for here, and each frame pays for it: a
select(2) of one descriptor makes lists and tuples, a recvmsg(2) that brings no descriptors makes a list and
an address, an fstat(2) an object with twenty attributes. Where the compiled modules were built
(`compositor.native`), the calls are made directly; this module has the same in Python.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import sys
import time
from typing import TYPE_CHECKING

FDS_PER_RECVMSG = 253
"""What the kernel passes in one message (unix(7), SCM_MAX_FD)."""
ANCILLARY_BYTES = socket.CMSG_SPACE(4 * FDS_PER_RECVMSG)
# Plain numbers: an operation on the enum members costs as much as a whole event.
RECEIVE = int(socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC)
SEND = int(socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
TRUNCATED = int(socket.MSG_CTRUNC)
"""Of `Line.flags`: descriptors were lost, since there were more than fit."""
NOTHING = -1
"""Of `Line.lone`: nothing came beside the bytes."""
MORE = -2
"""Of `Line.lone`: something else came beside them, or was lost: see `Line.ancillary` and `Line.flags`."""
_RIGHTS = (socket.SOL_SOCKET, socket.SCM_RIGHTS)
_MOST_SELECTED = 1024
"""select(2) takes no higher numbers (FD_SETSIZE)."""

Ancillary = list[tuple[int, int, bytes]]
"""Level, type and payload of each control message, as `socket.recvmsg` has them."""


class _Line:
    """One connection's socket.

    Args:
        sock: not blocking; it stays the caller's, who closes the line before it.
        room: what is received goes here.

    Attributes:
        ancillary: what came beside the bytes of the last `receive`; empty nearly always.
        lone: the descriptor that came, if it was one and nothing else; `NOTHING` or `MORE` otherwise. It is
            what `ancillary` tells as well, and whoever called `receive` owns it.
        flags: of the last `receive`.
    """

    __slots__ = ("_receive", "_room", "_send", "ancillary", "flags", "lone")

    ancillary: Ancillary
    lone: int
    flags: int

    def __init__(self, sock: socket.socket, room: memoryview) -> None:
        self._receive = sock.recvmsg_into
        self._send = sock.send
        self._room = room
        self.ancillary = []
        self.lone = NOTHING
        self.flags = 0

    def receive(self, start: int, most: int) -> int:
        """Receive up to `most` bytes to `start` in the room, and descriptors.

        Returns:
            How many bytes came; -1 if there is nothing yet.

        Raises:
            OSError: as recvmsg(2) does otherwise.
        """
        try:
            count, self.ancillary, self.flags, _ = self._receive(
                [self._room[start : start + most]], ANCILLARY_BYTES, RECEIVE
            )
        except BlockingIOError:
            return -1
        if self.ancillary or self.flags & TRUNCATED:
            self.lone = _lone(self.ancillary, self.flags)
        else:
            self.lone = NOTHING
        return count

    def send(self, data: bytes | bytearray) -> int:
        """Send what the peer's socket has room for; returns how many bytes that were.

        Raises:
            OSError: as send(2) does; BlockingIOError if there is no room.
        """
        return self._send(data, SEND)

    def close(self) -> None:
        """The socket is about to be closed. Harmless when repeated."""


def _lone(ancillary: Ancillary, flags: int) -> int:
    if len(ancillary) == 1 and not flags & TRUNCATED:
        *kind, payload = ancillary[0]
        if tuple(kind) == _RIGHTS and len(payload) == 4:
            return int.from_bytes(payload, sys.byteorder)
    return MORE


def _seals(fd: int) -> int:
    """Return the seal bits of a file of memory, -1 for any other file, and for none."""
    try:
        return fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    except (OSError, ValueError):
        return -1


def _look(fd: int) -> tuple[int, int, int, int]:
    """Look at a file of memory.

    Returns:
        Its seal bits, the status flags of the descriptor (fcntl(2), F_GETFL), the device it lies on and its
        size in bytes (fstat(2)). -1 for each if it is not a file of memory, or none at all.
    """
    try:
        seals = fcntl.fcntl(fd, fcntl.F_GET_SEALS)
        flags = fcntl.fcntl(fd, fcntl.F_GETFL)
        found = os.fstat(fd)
    except (OSError, ValueError):
        return (-1, -1, -1, -1)
    return (seals, flags, found.st_dev, found.st_size)


def _close(fd: int) -> int:
    """Close a descriptor. Linux has given its number back even if close(2) fails; 0 is returned.

    Raises:
        OSError: EBADF, the mark of a bug: somebody else has closed it.
    """
    try:
        os.close(fd)
    except OSError as error:
        if error.errno == errno.EBADF:
            raise
    return 0


def _wait(fd: int, timeout_ns: int) -> bool:
    """Wait until `fd` can be read, or the time is over; returns whether it can.

    A signal may end it before that.

    Args:
        timeout_ns: nanoseconds, 0 to look only.
    """
    return _wait_either(fd, -1, timeout_ns) != 0


def _wait_either(fd: int, other: int, timeout_ns: int) -> int:
    """Wait until one of two descriptors can be read, or the time is over; as `wait`.

    Args:
        other: the second, or -1 for none.

    Returns:
        0 if neither can, 1 for the first, 2 for the other, 3 for both.
    """
    watched = (fd,) if other < 0 else (fd, other)
    if max(watched) < _MOST_SELECTED:
        ready = select.select(watched, (), (), timeout_ns / 1e9)[0]
    else:
        poll = select.poll()
        for number in watched:
            poll.register(number, select.POLLIN)
        ready = [found for found, _ in poll.poll(timeout_ns / 1e6)]
    return (fd in ready) | (other in ready) << 1


if TYPE_CHECKING:
    Line = _Line
    wait = _wait
    wait_either = _wait_either
    now_ns = time.monotonic_ns
    seals = _seals
    look = _look
    close = _close
else:
    try:
        from compositor.native.calls import Line, close, look, now_ns, seals, wait, wait_either
    except ImportError:
        Line, wait, wait_either, now_ns = _Line, _wait, _wait_either, time.monotonic_ns
        seals, look, close = _seals, _look, _close

__all__ = [
    "ANCILLARY_BYTES",
    "FDS_PER_RECVMSG",
    "MORE",
    "NOTHING",
    "RECEIVE",
    "SEND",
    "TRUNCATED",
    "Ancillary",
    "Line",
    "close",
    "look",
    "now_ns",
    "seals",
    "wait",
    "wait_either",
]
