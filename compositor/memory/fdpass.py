"""Bytes and descriptors over a Unix stream socket, without losing or leaking either.

A stream has no message boundaries: both functions go on until the payload is whole. Blocking sockets
only (a timeout set on the socket is kept); the compositor's loop, which never blocks, has its own code.
Anybody may import it.

Source: unix(7) SCM_RIGHTS, recvmsg(2) MSG_CTRUNC.
"""

from __future__ import annotations

import array
import socket
from collections.abc import Sequence

from compositor.descriptor import Descriptor
from compositor.errors import WeddellError

MAX_FDS = 253
"""Descriptors that one message can carry (SCM_MAX_FD)."""

_FD_BYTES = array.array("i").itemsize


class BrokenMessage(WeddellError):
    """A message that did not arrive whole. Everything received with it has been closed."""


def send_fds(sock: socket.socket, payload: bytes | memoryview, fds: Sequence[int] = ()) -> None:
    """Send all of `payload`, with `fds` beside its first byte.

    Args:
        sock: a connected Unix stream socket, blocking.
        payload: at least one byte, since descriptors need a byte to travel with.
        fds: descriptors to duplicate into the receiver; they stay the caller's.

    Raises:
        ValueError: for an empty payload or more than `MAX_FDS` descriptors.
        OSError: if sending fails; the receiver may have got a part.
    """
    rest = memoryview(payload).cast("B")
    if not rest:
        raise ValueError("a message needs at least one byte")
    if len(fds) > MAX_FDS:
        raise ValueError(f"{len(fds)} descriptors in one message; {MAX_FDS} can travel")
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    sent = sock.sendmsg([rest], ancillary, socket.MSG_NOSIGNAL)
    rest = rest[sent:]
    while rest:
        sent = sock.send(rest, socket.MSG_NOSIGNAL)
        rest = rest[sent:]


def recv_fds(sock: socket.socket, size: int, max_fds: int = 0) -> tuple[bytes, list[Descriptor]]:
    """Receive exactly `size` bytes and the descriptors that came with them.

    Args:
        sock: a connected Unix stream socket, blocking.
        size: bytes, at least 1.
        max_fds: descriptors allowed in all.

    Returns:
        The bytes, and the descriptors in the order sent: close-on-exec, each closed when its owner is
        dropped unless `Descriptor.take` was called.

    Raises:
        BrokenMessage: if the other side closed in the middle, or sent more descriptors than allowed.
        EOFError: if it closed before the first byte.
        OSError: if receiving fails or the socket's timeout passes.
    """
    if size < 1:
        raise ValueError(f"a message of {size} bytes")
    payload = bytearray(size)
    rest = memoryview(payload)
    received: list[Descriptor] = []
    try:
        while rest:
            # Room for one too many: a sender that passes more is told so, not silently cut.
            room = socket.CMSG_SPACE(min(max_fds - len(received) + 1, MAX_FDS) * _FD_BYTES)
            got, ancillary, flags, _ = sock.recvmsg_into([rest], room, socket.MSG_CMSG_CLOEXEC)
            received += map(Descriptor, _passed(ancillary))
            if flags & socket.MSG_CTRUNC or len(received) > max_fds:
                raise BrokenMessage(f"more than {max_fds} descriptors, or too many are open here")
            if got == 0:
                if len(rest) == size and not received:
                    raise EOFError("the other side closed the connection")
                raise BrokenMessage(f"the other side closed with {len(rest)} of {size} bytes missing")
            rest = rest[got:]
    except BaseException:
        close_all(received)
        raise
    return bytes(payload), received


def close_all(descriptors: Sequence[Descriptor]) -> None:
    """Close every one of them."""
    for descriptor in descriptors:
        descriptor.close()


def _passed(ancillary: Sequence[tuple[int, int, bytes]]) -> array.array[int]:
    """The descriptors among control messages. The last may have been cut in the middle of a number."""
    numbers = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers.frombytes(data[: len(data) - len(data) % _FD_BYTES])
    return numbers
