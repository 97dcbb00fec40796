"""The honest client: a program that draws a frame for every frame callback, and says how many it has had.

Run by the siege as a process of its own, so that nothing else that runs can be mistaken for the
compositor being slow. Usage: honest.py SOCKET. A line on stdin is answered with a line: frames so
far, and the time of the answer in nanoseconds of CLOCK_MONOTONIC.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support.client import Client
from support.pixels import Buffer
from support.windows import Toplevel

WIDTH, HEIGHT = 320, 200
KEYBOARD = 2
"""Of wl_seat.capabilities."""


class Honest:
    """One window, three buffers, and damage all over."""

    def __init__(self, path: str) -> None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(path)
        self.client = Client(sock, timeout_s=20)
        self.window = Toplevel(self.client)
        self.window.toplevel.set_title("honest")
        self.window.xdg_surface.on_event = self._configured
        self.window.show(WIDTH, HEIGHT)
        self.buffers = [Buffer(self.client, WIDTH, HEIGHT, 0xFF00FF00 + shade) for shade in range(3)]
        # What is made once for everybody, such as a keymap, is then there before anybody counts.
        seat = self.client.get("wl_seat") if "wl_seat" in self.client.globals else None
        self.client.roundtrip()
        if seat is not None and seat.last("capabilities")[0] & KEYBOARD:
            seat.get_keyboard()
        wm_base = self.client.get("xdg_wm_base")
        wm_base.on_event = lambda name, values: wm_base.pong(values[0])
        self.frames = 0
        self._draw()

    def _configured(self, name: str, values: tuple[Any, ...]) -> None:
        if self.window.buffer is not None:
            self.window.xdg_surface.ack_configure(values[0])

    def _draw(self) -> None:
        callback = self.window.surface.frame()
        callback.on_event = self._done
        self.window.attach(self.buffers[self.frames % 3])
        self.client.flush()

    def _done(self, name: str, values: tuple[Any, ...]) -> None:
        self.frames += 1
        self._draw()

    def run(self) -> None:
        """Draw and answer until stdin ends."""
        client = self.client
        while True:
            ready, _, _ = select.select([client.sock, sys.stdin], [], [])
            if client.sock in ready and not client.receive(wait=True):
                sys.exit(f"the honest client lost its connection: {client.error}")
            client.flush()
            for proxy in (*client.objects.values(), client.display):
                proxy.take()
            client.events.clear()
            client.deleted.clear()
            client.received_bytes = b""
            while client.fds:
                os.close(client.fds.pop())
            if sys.stdin in ready:
                if not sys.stdin.readline():
                    return
                print(self.frames, time.monotonic_ns(), flush=True)


if __name__ == "__main__":
    Honest(sys.argv[1]).run()
