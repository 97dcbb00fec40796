"""Writing what a driver has copied to a reader that nobody vouches for.

The reader's descriptor comes from any client. It is used only if it is a pipe
or a socket, without ever waiting for it, for no longer than `MAX_SECONDS`,
and a little at a time so that a fast reader leaves the others their turn.
Only the clipboard methods import this.
"""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from typing import Any

from compositor.clock import RealClock
from compositor.descriptor import DISKS, close_own, close_socket, mounted_type, socket_of
from compositor.timers import Timer

MAX_SECONDS = 60
BYTES_PER_TURN = 1 << 20
_O_ACCMODE = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
_NAMED_PIPE_MOUNTS = DISKS | {"tmpfs"}


class Unwritable(Exception):
    """The descriptor is none that may be written to."""


class Pipe:
    """A pipe, opened anew: O_NONBLOCK belongs to the open file, and in the client's it could be cleared.

    Raises:
        OSError: nobody reads it, or it cannot be opened.
    """

    def __init__(self, fd: int) -> None:
        self.fd = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)

    def write(self, data: memoryview) -> int:
        """Write what fits."""
        return os.write(self.fd, data)

    def close(self) -> None:
        """Let go of it."""
        close_own(self.fd)


class Socket:
    """A socket, written to with MSG_DONTWAIT, whatever its flags say."""

    def __init__(self, fd: int) -> None:
        self._sock = socket_of(os.dup(fd))
        self.fd = self._sock.fileno()

    def write(self, data: memoryview) -> int:
        """Write what fits."""
        return self._sock.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)

    def close(self) -> None:
        """Let go of it."""
        close_socket(self._sock)


def open_writer(fd: int) -> Pipe | Socket:
    """Return a way to write to the pipe or socket behind `fd`, which stays the caller's.

    Raises:
        Unwritable: it is anything else, or nobody reads it.
    """
    try:
        kind = os.readlink(f"/proc/self/fd/{fd}")
        if kind.startswith("socket:["):
            return Socket(fd)
        if fcntl.fcntl(fd, fcntl.F_GETFL) & _O_ACCMODE == os.O_RDONLY:
            # Opening it anew would give more than was handed over.
            raise Unwritable("it is not open for writing")
        if kind.startswith("pipe:[") or _is_named_pipe(fd):
            return Pipe(fd)
    except OSError as error:
        raise Unwritable(error.strerror or str(error)) from None
    raise Unwritable("it is neither pipe nor socket")


def _is_named_pipe(fd: int) -> bool:
    # fstat(2) may never return where the file system is a program: so its name comes first.
    return mounted_type(fd) in _NAMED_PIPE_MOUNTS and stat.S_ISFIFO(os.fstat(fd).st_mode)


class Transfer:
    """One reader being served.

    Args:
        loop: the event loop.
        fd: of the reader; stays the caller's.
        data: the bytes.

    Raises:
        Unwritable: as `open_writer`.
    """

    def __init__(self, loop: Any, fd: int, data: memoryview) -> None:
        self._loop = loop
        self._rest = data
        self._writer = open_writer(fd)
        deadline = RealClock().now_ns() + MAX_SECONDS * 1_000_000_000
        self._timer: Timer = loop.timers.call_at(deadline, self.stop)
        self.done = False
        try:
            loop.add_writer(self._writer.fd, self._writable)
        except OSError:
            self.stop()

    def _writable(self) -> None:
        budget = BYTES_PER_TURN
        try:
            while self._rest and budget > 0:
                count = self._writer.write(self._rest[:budget])
                self._rest = self._rest[count:]
                budget -= count
        except BlockingIOError:
            return
        except OSError:
            # The reader has lost interest.
            self.stop()
            return
        if not self._rest:
            self.stop()

    def stop(self) -> None:
        """Write no more. Harmless when repeated."""
        if not self.done:
            self.done = True
            self._timer.cancel()
            self._loop.remove(self._writer.fd)
            self._writer.close()
