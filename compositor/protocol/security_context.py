"""wp_security_context_manager_v1: a sandbox gets a socket of its own, and its clients no privileged globals.

Source: security-context-v1.xml.
"""

from __future__ import annotations

import os
import socket
from enum import IntEnum

from compositor.descriptor import Descriptor, close_socket, socket_of
from compositor.model.sandbox import Sandbox
from compositor.protocol.common import desktop_of, implementation_error
from compositor.wire import Fd, Interface, NewId, String, request


class WpSecurityContextManagerV1(Interface, name="wp_security_context_manager_v1", version=1):
    """Makes security contexts."""

    __slots__ = ()

    class Error(IntEnum):
        INVALID_LISTEN_FD = 1
        NESTED = 2

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def create_listener(self, id: NewId[WpSecurityContextV1], listen_fd: Fd, close_fd: Fd) -> None:
        if self.client.sandbox is not None:
            raise self.error(self.Error.NESTED, "create_listener from inside a sandbox")
        listening = _listening_socket(listen_fd)
        if listening is None:
            raise self.error(self.Error.INVALID_LISTEN_FD, "create_listener: not a listening Unix socket")
        try:
            if _kind(close_fd).startswith(("/", "(")):
                # Waiting for a file is asking its file system.
                raise implementation_error(self, "create_listener: close_fd is neither a pipe nor a socket")
            resource = WpSecurityContextV1(self.client, id, self.version)
        except BaseException:
            close_socket(listening)
            raise
        resource.listening = listening
        resource.closing = Descriptor(close_fd.take())
        resource.names = {}
        resource.committed = False


def _kind(fd: Descriptor) -> str:
    """Return what a descriptor is without asking its file system, which may be a stranger's program."""
    return os.readlink(f"/proc/self/fd/{fd.fileno()}")


def _listening_socket(fd: Descriptor) -> socket.socket | None:
    """Return the socket, taken over, if it is a Unix stream socket that listens."""
    if not _kind(fd).startswith("socket:"):
        return None
    sock = socket_of(fd.take())
    try:
        if (
            sock.family == socket.AF_UNIX
            and sock.type == socket.SOCK_STREAM
            and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        ):
            return sock
    except BaseException:
        close_socket(sock)
        raise
    close_socket(sock)
    return None


class WpSecurityContextV1(Interface, name="wp_security_context_v1", version=1):
    """A sandbox that is being described."""

    __slots__ = ("closing", "committed", "listening", "names")

    listening: socket.socket
    closing: Descriptor
    names: dict[str, str]
    committed: bool

    class Error(IntEnum):
        ALREADY_USED = 1
        ALREADY_SET = 2
        INVALID_METADATA = 3

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_sandbox_engine(self, name: String) -> None:
        self._set("engine", name)

    @request()
    def set_app_id(self, app_id: String) -> None:
        self._set("app_id", app_id)

    @request()
    def set_instance_id(self, instance_id: String) -> None:
        self._set("instance_id", instance_id)

    def _set(self, key: str, value: str) -> None:
        self._check(f"set_{key}")
        if key in self.names:
            raise self.error(self.Error.ALREADY_SET, f"{key} was set already")
        if len(value.encode()) > self.client.display.limits.string_bytes:
            raise self.error(self.Error.INVALID_METADATA, f"{key} is too long")
        self.names[key] = value

    def _check(self, name: str) -> None:
        if self.committed:
            raise self.error(self.Error.ALREADY_USED, f"{name} after commit")

    @request()
    def commit(self) -> None:
        self._check("commit")
        self.committed = True
        host = desktop_of(self).sandboxes
        if host is None or not host.listen(self.listening, self.closing, Sandbox(**self.names)):
            raise implementation_error(self, "commit: the context cannot be kept")

    def destroyed(self) -> None:
        if not self.committed:
            close_socket(self.listening)
            self.closing.close()
