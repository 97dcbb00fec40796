"""The child checks in: how a parent recognises the child it started among all who connect.

There is a public socket that anybody can connect to, and a private pipe that only the child has. The
parent writes a random token and the socket's name to the pipe; the child connects and presents the token.
It works through any number of forks, where pids do not. A token is good once.

`Handshake` never waits: the owner of an event loop feeds it what arrives. `wait_for_child` is the same
for those who can wait. `check_in` is the child's side. Launchers and launched programs import it.

The presented token has the form of a Wayland message to object 0, which no client can send, so that a
Wayland socket can serve as the public one: look at the first four bytes.
"""

from __future__ import annotations

import enum
import errno
import os
import selectors
import socket
import struct
import time

from compositor.descriptor import Descriptor, close_socket
from compositor.errors import WeddellError

TOKEN_BYTES = 32
_OBJECT_OPCODE_SIZE = struct.Struct("=IHH")
CHECK_IN_BYTES = _OBJECT_OPCODE_SIZE.size + TOKEN_BYTES
"""Bytes of a check-in; what follows belongs to the connection."""

VARIABLE = "WEDDELL_HANDSHAKE"
"""Environment variable in which a launcher tells its child the number of the pipe's end."""

_PREFIX = _OBJECT_OPCODE_SIZE.pack(0, 0, CHECK_IN_BYTES)
_GREETING = struct.Struct("=I")
_MAX_NAME_BYTES = 108
_MAX_CANDIDATES = 64


class HandshakeError(WeddellError):
    """The handshake could not be completed."""


class BadCheckIn(WeddellError):
    """What a candidate sent is no check-in. Close it or treat it as a stranger; waiting goes on."""


class HandshakeState(enum.Enum):
    """Where a handshake stands."""

    WAITING = "waiting"
    CHECKED_IN = "checked in"
    """The child has presented its token."""
    GONE = "gone"
    """Every copy of the child's end is closed and nobody has checked in: there is no client."""


class CheckInReader:
    """Puts one candidate's check-in together, whatever pieces it arrives in.

    It holds at most `CHECK_IN_BYTES`, and refuses at the first byte that is wrong.
    """

    __slots__ = ("_data",)

    def __init__(self) -> None:
        self._data = bytearray()

    @property
    def missing(self) -> int:
        """Bytes still to come; read no more than these from the socket."""
        return CHECK_IN_BYTES - len(self._data)

    def feed(self, data: bytes) -> bytes | None:
        """Take what arrived.

        Returns:
            The token once it is whole, else None.

        Raises:
            BadCheckIn: if this is something else, or too much.
        """
        self._data += data
        start = self._data[: len(_PREFIX)]
        if not _PREFIX.startswith(start) or len(self._data) > CHECK_IN_BYTES:
            raise BadCheckIn("this is no check-in")
        return bytes(self._data[len(_PREFIX) :]) if not self.missing else None


class Handshake:
    """The parent's side, for one child. It owns its end of the pipe, and the child's until `started`.

    Register `fileno` for reading in the event loop and call `pipe_ready`; pass the tokens that candidates
    present to `present`. When both are ready at once, serve the candidates first: a child may check in
    and exit.

    Args:
        socket_name: path of the public socket; one that starts with a NUL is abstract.

    Raises:
        ValueError: if the name is too long for a socket.
    """

    __slots__ = ("_child_end", "_pipe", "_token", "state")

    state: HandshakeState

    def __init__(self, socket_name: str) -> None:
        name = os.fsencode(socket_name)
        if not 0 < len(name) < _MAX_NAME_BYTES:
            raise ValueError(f"{socket_name!r} is no name of a socket")
        self.state = HandshakeState.WAITING
        self._token = os.urandom(TOKEN_BYTES)
        # A socket pair, since the end of a pipe that is written to says nothing of the other side's end.
        self._pipe, child_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._pipe.setblocking(False)
        self._child_end = Descriptor(child_end.detach())
        # Fits into any socket buffer, so this cannot wait.
        self._pipe.sendall(_GREETING.pack(len(name)) + self._token + name)
        self._pipe.shutdown(socket.SHUT_WR)

    def fileno(self) -> int:
        """Return the parent's end, for a selector; -1 once it is closed."""
        return self._pipe.fileno()

    @property
    def child_end(self) -> int:
        """The descriptor that the child must inherit, under this number. See `VARIABLE`.

        Raises:
            ValueError: after `started`.
        """
        return self._child_end.fileno()

    def started(self) -> None:
        """Close our copy of the child's end, now that the child has its own: else it would never end."""
        self._child_end.close()

    def present(self, token: bytes) -> bool:
        """Check a token that a candidate presented, in a time that says nothing about it.

        Returns:
            Whether this is the child. True once, at most.
        """
        from hmac import compare_digest

        good = compare_digest(token, self._token) and self.state is HandshakeState.WAITING
        if good:
            self.state = HandshakeState.CHECKED_IN
            self._close_pipe()
        return good

    def pipe_ready(self) -> HandshakeState:
        """Hear whether the child is gone; to be called when the pipe is readable.

        Returns:
            The new state. What a child writes to the pipe is thrown away.
        """
        if self.state is HandshakeState.WAITING:
            try:
                ended = self._pipe.recv(4096) == b""
            except BlockingIOError:
                ended = False
            except OSError:
                ended = True
            if ended:
                self.state = HandshakeState.GONE
                self._close_pipe()
        return self.state

    def close(self) -> None:
        """Give up waiting."""
        if self.state is HandshakeState.WAITING:
            self.state = HandshakeState.GONE
        self._close_pipe()

    def __enter__(self) -> Handshake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _close_pipe(self) -> None:
        close_socket(self._pipe)
        self._child_end.close()


def wait_for_child(
    handshake: Handshake, listener: socket.socket, timeout: float | None = None
) -> socket.socket | None:
    """Wait for the child to check in.

    Strangers, malformed and wrong check-ins are closed and waiting goes on; candidates that say nothing
    hold nobody up. Past 64 of them the one that has waited longest is closed.

    Args:
        handshake: of a child that was started (`Handshake.started` was called).
        listener: the public socket; is non-blocking afterwards.
        timeout: seconds; None waits until the child checks in or is gone.

    Returns:
        The child's connection, blocking, positioned after the check-in; None if the child is gone, or the
        time is over.

    Raises:
        OSError: if the public socket fails.
    """
    if handshake.state is not HandshakeState.WAITING:
        return None
    listener.setblocking(False)
    deadline = None if timeout is None else time.monotonic() + timeout
    candidates: dict[socket.socket, CheckInReader] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(handshake, selectors.EVENT_READ)
        try:
            while handshake.state is HandshakeState.WAITING:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left < 0:
                    break
                ready = {key.fileobj for key, _ in selector.select(left)}
                # The pipe's end was seen before this, so a child that checked in and exited is heard first.
                _accept(listener, selector, candidates)
                for candidate in list(candidates):
                    if _hear(handshake, candidate, selector, candidates):
                        candidate.setblocking(True)
                        del candidates[candidate]
                        return candidate
                if handshake in ready:
                    handshake.pipe_ready()
            return None
        finally:
            for candidate in candidates:
                candidate.close()


def check_in(pipe: int | None = None, timeout: float | None = 30) -> socket.socket:
    """Connect to the parent's public socket and present the token: the child's side.

    The pipe is kept open until the token is sent and closed then.

    Args:
        pipe: the inherited end; named by the environment variable `VARIABLE` when not given. It is closed
            whatever happens.
        timeout: seconds to wait for the parent's greeting and for the connection.

    Returns:
        The connection, blocking; from here on it is an ordinary one.

    Raises:
        HandshakeError: if there is no pipe, or its other end is not a handshake's.
        OSError: if the socket cannot be reached.
    """
    if pipe is None:
        number = os.environ.pop(VARIABLE, "")
        if not number.isdecimal():
            raise HandshakeError(f"{VARIABLE} names no pipe: nobody waits for us")
        pipe = int(number)
    try:
        private = socket.socket(fileno=pipe)
    except OSError as error:
        raise HandshakeError(f"descriptor {pipe} is no pipe of a handshake: {error.strerror}") from error
    with private:
        private.set_inheritable(False)
        private.settimeout(timeout)
        (length,) = _GREETING.unpack(_exactly(private, _GREETING.size))
        if not 0 < length < _MAX_NAME_BYTES:
            raise HandshakeError("the greeting is not a handshake's")
        token = _exactly(private, TOKEN_BYTES)
        name = _exactly(private, length)
        public = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            public.settimeout(timeout)
            public.connect(name)
            public.sendall(_PREFIX + token)
            public.setblocking(True)
        except BaseException:
            public.close()
            raise
        return public


def _accept(
    listener: socket.socket, selector: selectors.BaseSelector, candidates: dict[socket.socket, CheckInReader]
) -> None:
    while True:
        try:
            candidate, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE) or not candidates:
                raise
            # Strangers hold the descriptors that the child needs.
            _drop(next(iter(candidates)), selector, candidates)
            continue
        candidate.setblocking(False)
        if len(candidates) >= _MAX_CANDIDATES:
            _drop(next(iter(candidates)), selector, candidates)
        candidates[candidate] = CheckInReader()
        selector.register(candidate, selectors.EVENT_READ)


def _hear(
    handshake: Handshake,
    candidate: socket.socket,
    selector: selectors.BaseSelector,
    candidates: dict[socket.socket, CheckInReader],
) -> bool:
    """Read what a candidate has sent; True if it is the child. One that is not is dropped."""
    reader = candidates[candidate]
    try:
        data = candidate.recv(reader.missing)
        token = reader.feed(data) if data else None
    except BlockingIOError:
        return False
    except (OSError, BadCheckIn):
        _drop(candidate, selector, candidates)
        return False
    if token is None and data:
        return False
    if token is not None and handshake.present(token):
        selector.unregister(candidate)
        return True
    _drop(candidate, selector, candidates)
    return False


def _drop(
    candidate: socket.socket, selector: selectors.BaseSelector, candidates: dict[socket.socket, CheckInReader]
) -> None:
    selector.unregister(candidate)
    del candidates[candidate]
    candidate.close()


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        try:
            more = sock.recv(size - len(data))
        except OSError as error:
            raise HandshakeError(f"the parent's greeting did not come: {error}") from error
        if not more:
            raise HandshakeError("the parent is gone")
        data += more
    return bytes(data)
