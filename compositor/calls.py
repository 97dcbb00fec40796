"""System calls of the hot paths: waiting, receiving, sending.

What the standard library offers for them does more than is asked for here, and each frame pays for it: a
select(2) of one descriptor makes lists and tuples, a recvmsg(2) that brings no descriptors makes a list and
an address. Where the compiled modules were built (`compositor.native`), the calls are made directly; this
module has the same in Python.
"""

from __future__ import annotations

import select
import socket
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
        flags: of the last `receive`.
    """

    __slots__ = ("_receive", "_room", "_send", "ancillary", "flags")

    ancillary: Ancillary
    flags: int

    def __init__(self, sock: socket.socket, room: memoryview) -> None:
        self._receive = sock.recvmsg_into
        self._send = sock.send
        self._room = room
        self.ancillary = []
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
        return count

    def send(self, data: bytes | bytearray) -> int:
        """Send what the peer's socket has room for; returns how many bytes that were.

        Raises:
            OSError: as send(2) does; BlockingIOError if there is no room.
        """
        return self._send(data, SEND)

    def close(self) -> None:
        """The socket is about to be closed. Harmless when repeated."""


def _wait(fd: int, timeout_ns: int) -> bool:
    """Wait until `fd` can be read, or the time is over; returns whether it can.

    A signal may end it before that.

    Args:
        timeout_ns: nanoseconds, 0 to look only.
    """
    if fd >= _MOST_SELECTED:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(timeout_ns / 1e6))
    return bool(select.select((fd,), (), (), timeout_ns / 1e9)[0])


if TYPE_CHECKING:
    Line = _Line
    wait = _wait
    now_ns = time.monotonic_ns
else:
    try:
        from compositor.native.calls import Line, now_ns, wait
    except ImportError:
        Line, wait, now_ns = _Line, _wait, time.monotonic_ns

__all__ = [
    "ANCILLARY_BYTES",
    "FDS_PER_RECVMSG",
    "RECEIVE",
    "SEND",
    "TRUNCATED",
    "Ancillary",
    "Line",
    "now_ns",
    "wait",
]
