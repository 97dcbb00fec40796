"""The control socket itself: ``<socket name>.ctl`` beside the Wayland socket, for the same user only."""

from __future__ import annotations

import array
import contextlib
import os
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.descriptor import close_own, close_socket
from compositor.errors import ConfigError
from compositor.logs import Log

if TYPE_CHECKING:
    from compositor.control.connection import ControlConnection, Loop
    from compositor.control.registry import Registry

log = Log(__name__)

SUFFIX = ".ctl"
MAX_CONNECTIONS = 128
_MAX_PATH_BYTES = 107
_REST_NS = 100_000_000
"""How long to wait when the system has no room for a connection."""


class ControlListener:
    """Accepts drivers.

    The name is ours: whoever makes this holds the lock on the Wayland
    socket's name, so a socket found at the path is left over and is removed.

    Args:
        loop: the event loop.
        registry: makes the methods that drivers may call; asked when the first one comes.
        path: where to listen.

    Raises:
        ConfigError: if that fails.
    """

    def __init__(self, loop: Loop, registry: Callable[[], Registry], path: str) -> None:
        self.path = path
        self.connections: list[ControlConnection] = []
        self._loop = loop
        self._make_registry = registry
        self._registry: Registry | None = None
        self._listen()

    def _listen(self) -> None:
        path = self.path
        self._sock = socket.socket(
            socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        )
        self._inode: int | None = None
        directory = -1
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            address = path
            if len(os.fsencode(address)) > _MAX_PATH_BYTES:
                # Four bytes longer than the Wayland socket's: go through the folder's descriptor.
                directory = os.open(os.path.dirname(path), os.O_PATH | os.O_CLOEXEC)
                address = f"/proc/self/fd/{directory}/{os.path.basename(path)}"
            # bind(2) gives the file its mode through the umask: it is never open, not even for a moment.
            mask = os.umask(0o177)
            try:
                self._sock.bind(address)
            finally:
                os.umask(mask)
            self._inode = os.stat(path).st_ino
            self._sock.listen(64)
            self._loop.add_reader(self._sock.fileno(), self._accept)
        except OSError as error:
            self._remove()
            raise ConfigError(f"cannot listen on {path}: {error.strerror}") from None
        finally:
            if directory >= 0:
                close_own(directory)

    def renew(self) -> None:
        """Listen anew where the file is gone, once the Wayland socket has its name again.

        Raises:
            ConfigError: if that fails.
        """
        self._loop.remove(self._sock.fileno())
        self._remove()
        self._listen()

    def _accept(self) -> None:
        try:
            sock, _ = self._sock.accept()
        except (BlockingIOError, ConnectionAbortedError, InterruptedError):
            return
        except OSError as error:
            log.warning("control socket: cannot accept: %s", error.strerror)
            # Who waits keeps the socket ready: without a rest the loop would spin.
            fd = self._sock.fileno()
            self._loop.remove(fd)
            self._loop.timers.call_at(time.monotonic_ns() + _REST_NS, lambda: self._resume(fd))
            return
        if not same_user(sock):
            log.warning("control socket: refused another user")
            close_socket(sock)
        elif len(self.connections) >= MAX_CONNECTIONS:
            log.warning("control socket: %d drivers are connected already", MAX_CONNECTIONS)
            close_socket(sock)
        else:
            self._add(sock)

    def _resume(self, fd: int) -> None:
        if fd == self._sock.fileno():
            self._loop.add_reader(fd, self._accept)

    def _add(self, sock: socket.socket) -> None:
        # Imported when the first driver comes, so that starting does not wait for it.
        from compositor.control.connection import ControlConnection

        if self._registry is None:
            self._registry = self._make_registry()
        connection = ControlConnection(self._loop, self._registry, sock)
        self.connections.append(connection)
        connection.on_close.append(lambda: self.connections.remove(connection))

    def close(self) -> None:
        """Disconnect everybody and remove the socket. Harmless when repeated."""
        if self._sock.fileno() < 0:
            return
        for connection in list(self.connections):
            connection.flush()
            connection.close("the compositor ends")
        self._loop.remove(self._sock.fileno())
        self._remove()

    def _remove(self) -> None:
        close_socket(self._sock)
        try:
            # None: it was bound just now, and the name is ours.
            if self._inode is None or os.stat(self.path).st_ino == self._inode:
                os.unlink(self.path)
        except OSError:
            pass


def _peer_uid(sock: socket.socket) -> int:
    """Return the user at the other end, as of when it connected. Source: unix(7) SO_PEERCRED."""
    credentials = array.array("i")
    credentials.frombytes(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return credentials[1]


def same_user(sock: socket.socket) -> bool:
    """Whether the other end is the user we are."""
    return _peer_uid(sock) == os.geteuid()
