"""A loop of a few lines, and a raw driver: bytes and descriptors over a real socket."""

from __future__ import annotations

import array
import json
import os
import selectors
import socket

import pytest

from compositor.control.connection import ControlConnection
from compositor.control.registry import Registry


class SmallLoop:
    """Just enough of an event loop: `turn` serves what is ready now."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()

    def _set(self, fd, event, callback):
        try:
            key = self.selector.get_key(fd)
        except KeyError:
            self.selector.register(fd, event, {event: callback})
        else:
            self.selector.modify(fd, key.events | event, {**key.data, event: callback})

    def add_reader(self, fd, callback):
        self._set(fd, selectors.EVENT_READ, callback)

    def add_writer(self, fd, callback):
        self._set(fd, selectors.EVENT_WRITE, callback)

    def remove(self, fd):
        self.selector.unregister(fd)

    def turn(self, timeout=0):
        ready = self.selector.select(timeout)
        for key, events in ready:
            for event, callback in dict(key.data).items():
                if events & event and key.fd in self.selector.get_map():
                    callback()
        return bool(ready)

    def run(self):
        while self.turn():
            pass


class RawDriver:
    """The other end of a control connection."""

    def __init__(self, loop, sock):
        self.loop = loop
        self.sock = sock
        self.buffer = b""
        self.fds = []

    def send(self, data, fds=()):
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        assert len(data) == self.sock.sendmsg([data], rights)
        self.loop.run()

    def request(self, method, fds=(), id=1, **params):
        message = {"jsonrpc": "2.0", "id": id, "method": method, "params": params}
        if fds:
            message["fds"] = len(fds)
        self.send(json.dumps(message).encode() + b"\n", fds)
        return self.line()

    def line(self):
        """The next whole line, or None when none is there; "closed" when the other end closed."""
        self.loop.run()
        while b"\n" not in self.buffer:
            try:
                # Not socket.recv_fds, which loses its flags.
                data, ancillary, _, _ = self.sock.recvmsg(65536, 256, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            except ConnectionResetError:
                return "closed"
            for _, _, payload in ancillary:
                self.fds += array.array("i", payload)
            if not data:
                return "closed"
            self.buffer += data
            self.loop.run()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)


def open_descriptors():
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def loop():
    return SmallLoop()


@pytest.fixture
def connect(loop):
    """Connect a raw driver to namespaces."""
    drivers = []

    def connect(*namespaces):
        ours, theirs = socket.socketpair()
        connection = ControlConnection(loop, Registry(namespaces), ours)
        driver = RawDriver(loop, theirs)
        driver.connection = connection
        drivers.append(driver)
        return driver

    yield connect
    for driver in drivers:
        driver.sock.close()
        driver.connection.close("the test ends")
