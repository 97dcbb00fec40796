"""The named socket that clients connect to, and the lock that makes the name ours.

Same rules as libwayland's wl_display_add_socket (wayland-server.c): the
socket lies in $XDG_RUNTIME_DIR, beside it ``NAME.lock`` held by flock(2).
A name whose lock is held is in use and is not stolen; a socket without a
holder is left over from a crash and is removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Sequence

from compositor.descriptor import close_own, close_socket
from compositor.errors import ConfigError
from compositor.runtime import runtime_dir

_MAX_PATH_BYTES = 107
_HIGHEST = 99


class NameLock:
    """The right to a socket name, held by flock on ``NAME.lock``.

    Raises:
        BlockingIOError: if another process holds it.
        ConfigError: if the lock file cannot be made.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1
        while self._fd < 0:
            try:
                fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            except OSError as error:
                raise ConfigError(f"cannot make {path}: {error.strerror}") from None
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The holder before us may have unlinked the file between our open and our lock.
                if os.stat(path).st_ino == os.fstat(fd).st_ino:
                    self._fd, fd = fd, -1
            except FileNotFoundError:
                pass
            except BlockingIOError:
                raise
            except OSError as error:
                raise ConfigError(f"cannot lock {path}: {error.strerror}") from None
            finally:
                if fd >= 0:
                    close_own(fd)

    @property
    def held(self) -> bool:
        """Whether the name is still ours: somebody may have removed the file, and another made a new one."""
        try:
            return _identity(os.stat(self._path)) == _identity(os.fstat(self._fd))
        except OSError:
            return False

    def release(self) -> None:
        """Give the name up. Harmless when repeated."""
        if self._fd >= 0:
            try:
                if self.held:
                    _unlink(self._path)
            except OSError:
                # It stays, and with its descriptor closed nobody holds it.
                pass
            close_own(self._fd)
            self._fd = -1


class ListeningSocket:
    """A listening Unix socket under a name that is ours alone."""

    def __init__(self, path: str) -> None:
        """Lock the name and listen.

        Raises:
            BlockingIOError: if the name is in use.
            ConfigError: if the path is too long or cannot be made.
        """
        if len(os.fsencode(path)) > _MAX_PATH_BYTES:
            raise ConfigError(f"the socket's path is longer than {_MAX_PATH_BYTES} bytes: {path}")
        self.path = path
        self._lock = NameLock(_lock_path(path))
        try:
            self.sock, self._file = _listen(path)
        except BaseException:
            self._lock.release()
            raise

    @classmethod
    def open(cls, name: str | None = None) -> ListeningSocket:
        """Listen on `name` in the runtime directory, or on the first free ``wayland-N``.

        Raises:
            ConfigError: if the name is in use or unusable.
        """
        directory = runtime_dir()
        if name is not None:
            if not name or "/" in name or name in (".", ".."):
                raise ConfigError(f"{name!r} is no socket name: it must be a plain file name")
            try:
                return cls(os.path.join(directory, name))
            except BlockingIOError:
                raise ConfigError(
                    f"the socket name {name} is in use by another compositor (choose another with --socket)"
                ) from None
        for number in range(1, _HIGHEST + 1):
            try:
                return cls(os.path.join(directory, f"wayland-{number}"))
            except BlockingIOError:
                continue
        raise ConfigError(f"wayland-1 to wayland-{_HIGHEST} are all in use in {directory}")

    @property
    def name(self) -> str:
        """What clients put into WAYLAND_DISPLAY."""
        return os.path.basename(self.path)

    @property
    def reachable(self) -> bool:
        """Whether the socket's file is still there: somebody may have removed it, or its folder."""
        try:
            return self._lock.held and _identity(os.stat(self.path)) == self._file
        except OSError:
            return False

    def renew(self) -> bool:
        """Listen anew where the file is gone; `fileno` is another afterwards.

        Returns:
            Whether that was so. Connections that waited on the socket before are lost.

        Raises:
            ConfigError: if the folder is not there, or another compositor has taken the name meanwhile; this
                one stays as it was.
        """
        if self.reachable:
            return False
        lock = self._lock
        if not lock.held:
            try:
                lock = NameLock(_lock_path(self.path))
            except BlockingIOError:
                raise ConfigError(f"{self.path} belongs to another compositor by now") from None
        try:
            sock, file = _listen(self.path)
        except BaseException:
            if lock is not self._lock:
                lock.release()
            raise
        if lock is not self._lock:
            self._lock.release()
        close_socket(self.sock)
        self.sock, self._file, self._lock = sock, file, lock
        return True

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self.sock.fileno()

    def accept(self) -> socket.socket | None:
        """Accept one connection, or return None when nobody waits."""
        return _accept(self.sock)

    def close(self) -> None:
        """Stop listening and remove socket and lock."""
        close_socket(self.sock)
        try:
            if _identity(os.stat(self.path)) == self._file:
                os.unlink(self.path)
        except OSError:
            pass
        self._lock.release()


def remove_left_over(path: str, others: Sequence[str] = ()) -> bool:
    """Remove what a compositor that was killed has left of its name, unless somebody has the name by now.

    Args:
        path: of the Wayland socket.
        others: sockets that go with it.

    Returns:
        Whether there was something, and all of it is gone.
    """
    lock_path = _lock_path(path)
    try:
        if not os.path.exists(lock_path):
            # Removed in order, or with its folder.
            return False
        lock = NameLock(lock_path)
    except (OSError, ConfigError):
        return False
    try:
        for left in (path, *others):
            _unlink(left)
    except OSError:
        return False
    finally:
        lock.release()
    return True


class AbstractSocket:
    """A listening Unix socket without a file: its name is no path, has no mode, and ends with it.

    Only the credentials of those who connect protect it. libwayland's clients cannot reach it by
    WAYLAND_DISPLAY; it serves those that connect by themselves. Source: unix(7), "abstract".
    """

    def __init__(self, name: str) -> None:
        """Listen.

        Args:
            name: without the "@" that people write in front of it.

        Raises:
            ConfigError: if the name is in use or unusable.
        """
        address = b"\0" + os.fsencode(name)
        if not name or len(address) > _MAX_PATH_BYTES:
            raise ConfigError(f"@{name} is no name of a socket: 1 to {_MAX_PATH_BYTES - 1} bytes")
        self.name = "@" + name
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            self.sock.setblocking(False)
            self.sock.bind(address)
            self.sock.listen(4096)
        except OSError as error:
            close_socket(self.sock)
            raise ConfigError(f"cannot listen on {self.name}: {error.strerror}") from None

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self.sock.fileno()

    def accept(self) -> socket.socket | None:
        """Accept one connection, or return None when nobody waits."""
        return _accept(self.sock)

    def close(self) -> None:
        """Stop listening."""
        close_socket(self.sock)


def _lock_path(path: str) -> str:
    return path + ".lock"


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _listen(path: str) -> tuple[socket.socket, tuple[int, int]]:
    """Listen at a path whose lock is ours, and return the socket and what identifies its file.

    Raises:
        ConfigError: if that cannot be; nothing is left there.
    """
    try:
        _unlink(path)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            sock.setblocking(False)
            # Only the mask makes the mode right from the first moment on.
            mask = os.umask(0o177)
            try:
                sock.bind(path)
            finally:
                os.umask(mask)
            try:
                file = _identity(os.stat(path))
                sock.listen(4096)
            except BaseException:
                _unlink(path)
                raise
        except BaseException:
            close_socket(sock)
            raise
    except OSError as error:
        raise ConfigError(f"cannot listen on {path}: {error.strerror}") from None
    return sock, file


def _accept(sock: socket.socket) -> socket.socket | None:
    try:
        connection, _ = sock.accept()
    except (BlockingIOError, ConnectionAbortedError, InterruptedError):
        return None
    return connection
