"""A compositor in this process, under the manual clock: no thread, no sleep, no chance."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import termios
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.clock import ManualClock
from compositor.server import OutputSpec, Server, ServerOptions
from support.client import Client
from support.invariants import check_desktop

_PATIENCE = 1000
"""Turns of the loop in which clients have to be read."""


def _unread(sock: socket.socket) -> int:
    """Return how many bytes a socket holds for its reader."""
    return int.from_bytes(fcntl.ioctl(sock, termios.FIONREAD, bytes(4)), sys.byteorder)


class Stage:
    """A headless compositor without wallpaper, and its clients.

    Attributes:
        server, desktop, scene: the compositor's own.
        errors: (interface, code, text) of every protocol error it posted.
    """

    def __init__(self, runtime: Path, **options: Any) -> None:
        os.chmod(runtime, 0o700)
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        try:
            options = {"clock": "manual", "wallpaper": False, "outputs": [OutputSpec(320, 240)], **options}
            self.server = Server(ServerOptions(**options))
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before
        assert isinstance(self.server.clock, ManualClock)
        self.clock: ManualClock = self.server.clock
        self.desktop = self.server.desktop
        self.scene = self.desktop.scene
        self.clients: list[Client] = []
        self.errors: list[tuple[str, int, str]] = []
        self.bugs = 0
        self.server.display.on_error.append(
            lambda _, name, oid, e: self.errors.append((name, e.code, e.text))
        )
        self.server.loop.on_bug = self._bug

    def _bug(self) -> None:
        self.bugs += 1

    def connect(self) -> Client:
        """Return a new client."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        resource = self.server.adopt(ours)
        assert resource is not None
        client = Client(theirs, self.pump)
        theirs.setblocking(False)
        self.clients.append(client)
        return client

    def pump(self) -> None:
        """Let the compositor work until it has nothing left to do.

        Raises:
            AssertionError: if it does not read what a client has sent.
        """
        loop = self.server.loop
        loop.run_until_idle()
        # Whoever has had its share of a turn waits for the next. Who is in step is read with its frame.
        kept = self.server.cadence.kept
        before, tries = 0, 0
        while left := sum(_unread(each.sock) for each in self.server.display.clients if each not in kept):
            before, tries = left, tries + 1 if left == before else 0
            assert tries < _PATIENCE, f"nobody listens: {left} bytes that clients have sent are not read"
            loop.turn(block=False)
            loop.run_until_idle()

    def settle(self) -> None:
        """Have everybody's messages delivered."""
        for client in self.clients:
            if not client.closed:
                client.drain()

    def advance(self, ms: float) -> None:
        """Let time pass, deadline by deadline, and deliver what came of it."""
        self.settle()
        end = self.clock.now_ns() + round(ms * 1e6)
        timers = self.desktop.timers
        while True:
            deadline = timers.next_deadline()
            if deadline is None or deadline > end:
                break
            self.clock.set_ns(max(deadline, self.clock.now_ns()))
            if self.server.backend.on_due is None:
                timers.run_due(self.clock.now_ns())
            else:
                self.fall_due()
            self.settle()
        self.clock.set_ns(end)
        self.settle()

    def fall_due(self) -> None:
        """Have happen what is due, in a turn of the loop, as it does outside of tests."""
        timers, now = self.desktop.timers, self.clock.now_ns()
        self.server.loop.timers.call_at(0, lambda: timers.run_due(now))
        self.server.loop.turn(block=False)

    def frame(self) -> None:
        """Let one frame of 60 Hz pass."""
        self.advance(17)

    @property
    def output(self) -> Any:
        """The first output of the model."""
        return self.desktop.outputs[0]

    @property
    def window(self) -> Any:
        """The newest window of the model."""
        return self.desktop.windows[-1]

    def capture(self, index: int = 0) -> npt.NDArray[np.uint32]:
        """Return what an output shows: (height, width) uint32 XRGB8888, output pixels."""
        self.settle()
        return self.server.backend.screens[self.desktop.outputs[index]].capture()

    def pixel(self, x: int, y: int) -> int:
        """Return one pixel of the first output, without its top byte."""
        return int(self.capture()[y, x]) & 0xFFFFFF

    def check(self) -> None:
        """Fail if the compositor's state contradicts itself."""
        check_desktop(self.desktop, self.server.display)

    def close(self) -> None:
        """End, and fail if the compositor found a bug of its own or kept anything."""
        try:
            if not self.server_closed:
                self.settle()
                self.check()
        finally:
            bugs = self.bugs + self.server.display.bugs
            for client in self.clients:
                client.close()
            self.pump()
            left = list(self.server.display.clients)
            self.server.close()
        assert [] == left, "clients that hung up are still there"
        assert 0 == bugs, "the compositor logged bugs of its own"

    server_closed = False
