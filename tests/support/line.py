"""An interface with every kind of argument, and a connection to speak it over."""

from __future__ import annotations

import os
import socket
from enum import IntEnum
from typing import Any

from compositor.limits import Limits
from compositor.wire import (
    AnyNewId,
    Array,
    Display,
    Fd,
    Fixed,
    Int,
    Interface,
    NewId,
    NewObject,
    Resource,
    SendFd,
    String,
    Uint,
    event,
    request,
)
from support import wire


class Thing(Interface, name="test_thing", version=3):
    """One request and one event for each kind of argument."""

    __slots__ = ("calls", "gone")

    class Error(IntEnum):
        BAD = 7

    def __init__(self, client: Any, oid: int, version: int) -> None:
        super().__init__(client, oid, version)
        self.calls: list[tuple[Any, ...]] = []
        self.gone = 0

    @request()
    def numbers(self, i: Int, u: Uint, f: Fixed) -> None:
        self.calls.append((i, u, f))

    @request()
    def text(self, s: String, maybe: String | None) -> None:
        self.calls.append((s, maybe))

    @request()
    def data(self, a: Array, after: Uint) -> None:
        self.calls.append((a, after))

    @request()
    def things(self, thing: Thing, maybe: Thing | None, anything: Resource) -> None:
        self.calls.append((thing, maybe, anything))

    @request()
    def files(self, first: Fd, number: Uint, second: Fd) -> None:
        self.calls.append((os.fstat(first.fileno()).st_ino, number, os.fstat(second.fileno()).st_ino))

    @request()
    def make(self, id: NewId[Thing]) -> None:
        self.calls.append((Thing(self.client, id, self.version),))

    @request()
    def bind(self, id: AnyNewId) -> None:
        self.calls.append(id)

    @request(destructor=True)
    def destroy(self) -> None:
        self.calls.append(("destroy",))

    @request(since=3)
    def newer(self) -> None:
        self.calls.append(("newer",))

    @request()
    def fail(self, how: Uint) -> None:
        if how:
            raise self.error(self.Error.BAD, f"failed {how}")
        raise RuntimeError("a bug on purpose")

    @request()
    def keep(self, file: Fd) -> None:
        self.calls.append((file.take(),))

    @event()
    def told_numbers(self, i: Int, u: Uint, f: Fixed) -> None: ...

    @event()
    def told_text(self, s: String, maybe: String | None) -> None: ...

    @event()
    def told_data(self, a: Array) -> None: ...

    @event()
    def told_things(self, thing: Thing, maybe: Thing | None) -> None: ...

    @event()
    def told_file(self, number: Uint, file: SendFd) -> None: ...

    @event()
    def told_new(self, thing: NewObject[Thing]) -> None: ...

    @event(since=2)
    def told_newer(self, file: SendFd) -> None: ...

    @event(destructor=True)
    def over(self, code: Uint) -> None: ...

    def destroyed(self) -> None:
        self.gone += 1


class Fleeting(Interface, name="test_fleeting", version=1):
    """Ends with an event and has no cleanup of its own, which takes the short way."""

    __slots__ = ()

    @event(destructor=True)
    def over(self, code: Uint) -> None: ...


class Line:
    """Both ends of a connection: the compositor's client, and a socket for raw bytes."""

    def __init__(self, limits: Limits | None = None) -> None:
        ours, self.sock = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.setblocking(False)
        self.display = Display(limits)
        self.client = self.display.add_client(ours)
        self.errors: list[tuple[str, int, int, str]] = []
        self.display.on_error.append(lambda _, name, oid, e: self.errors.append((name, oid, e.code, e.text)))

    def thing(self, oid: int = 2, version: int = 3) -> Thing:
        return Thing(self.client, oid, version)

    def serve(self, data: bytes, fds: list[int] | None = None) -> None:
        """Send bytes and let the compositor read until there is nothing more."""
        if fds:
            socket.send_fds(self.sock, [data], fds)
        else:
            self.sock.sendall(data)
        while self.client.alive and self.unread():
            self.client.readable()
        self.display.flush()

    def unread(self) -> bool:
        try:
            return bool(self.client.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return False

    def heard(self) -> bytes:
        """Flush and return every byte that the compositor sent."""
        self.display.flush()
        data = b""
        try:
            while part := self.sock.recv(1 << 20):
                data += part
        except BlockingIOError:
            pass
        return data

    def heard_with_fds(self) -> tuple[bytes, list[int]]:
        self.display.flush()
        data, fds = b"", []
        try:
            while True:
                part, some, flags, _ = socket.recv_fds(self.sock, 1 << 20, 28)
                assert not flags & socket.MSG_CTRUNC
                if not part:
                    break
                data += part
                fds += some
        except BlockingIOError:
            pass
        return data, fds

    def close(self) -> None:
        self.display.close()
        self.sock.close()


def opcode(name: str) -> int:
    """Return a request's opcode."""
    return next(m.opcode for m in Thing.REQUESTS if m.name == name)


def ask(name: str, *parts: bytes, oid: int = 2) -> bytes:
    """Return a request of `Thing`."""
    return wire.message(oid, opcode(name), *parts)
