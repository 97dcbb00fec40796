"""A compositor in a process of its own, an honest client, and whoever attacks them.

Everything goes over the real socket. After each attack the compositor must be
the same process, have logged no bug, hold the descriptors it held before, and
the honest client's frames must have gone on.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from pathlib import Path
from typing import Any

from compositor.testing import Compositor
from support.client import Client
from support.pixels import Buffer
from support.windows import Toplevel

DEADLINE_S = 20.0


class Honest:
    """A window that draws a frame for every frame callback."""

    def __init__(self, client: Client) -> None:
        self.client = client
        # With a keyboard, so that the keymap is made.
        client.get("wl_seat").get_keyboard()
        self.window = Toplevel(client).show(60, 40, 0xFF00FF00)
        self.buffers = [Buffer(client, 60, 40, 0xFF00FF00 + shade) for shade in range(3)]
        self.drawn = 0

    def frames(self, count: int) -> None:
        """Draw so many frames, each when its callback comes.

        Raises:
            ConnectionLost: if the compositor gave up on us.
        """
        for _ in range(count):
            callback = self.window.surface.frame()
            buffer = self.buffers[self.drawn % len(self.buffers)]
            self.window.surface.attach(buffer, 0, 0)
            self.window.surface.damage(0, 0, 60, 40)
            self.window.surface.commit()
            self.client.flush()
            deadline = time.monotonic() + DEADLINE_S
            while not callback.events:
                assert self.client.receive(wait=True), f"no frame callback after frame {self.drawn}"
                assert time.monotonic() < deadline
            self.drawn += 1
        self.client.roundtrip()


class Arena:
    """One compositor for many attacks."""

    def __init__(self, *options: str) -> None:
        # Nobody here is privileged: whoever may lock the session may also hide the honest client.
        arguments = ["--privileged", "launched", "--limit", "copied_bytes=256M", *options]
        self.compositor = Compositor(outputs=["640x480"], arguments=arguments, timeout_s=DEADLINE_S)
        self.pid = self.compositor.pid
        self.honest = Honest(self.connect())
        self.honest.frames(2)
        self.look()
        self._log_read = 0

    def connect(self) -> Client:
        """Return a new client."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(self.compositor.socket)
        return Client(sock, timeout_s=DEADLINE_S)

    def look(self) -> Any:
        """Have the compositor draw everything and return the picture."""
        return self.compositor.screenshot()

    def files(self) -> Counter[str]:
        """Return what the compositor's descriptors open, sockets and the like without their numbers."""
        found: Counter[str] = Counter()
        folder = Path(f"/proc/{self.pid}/fd")
        for name in os.listdir(folder):
            try:
                found[os.readlink(folder / name).split("[")[0]] += 1
            except FileNotFoundError:
                pass
        return found

    def status(self, key: str) -> str:
        """Return one line of the compositor's /proc status."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return line.split(":")[1].strip()
        raise KeyError(key)

    def resident_bytes(self) -> int:
        """Return the memory that the compositor holds."""
        return int(self.status("VmRSS").split()[0]) * 1024

    def check(self, before: Counter[str]) -> None:
        """Fail unless the compositor came through as it was.

        Args:
            before: of `files`, before the attack.
        """
        self.honest.frames(3)
        self.look()
        assert self.pid == self.compositor.pid
        new = self.compositor.log[self._log_read :]
        self._log_read += len(new)
        assert "bug:" not in new, new
        assert "Traceback" not in new, new
        deadline = time.monotonic() + DEADLINE_S
        # A connection's end may still be on its way through the compositor's loop.
        while left := self.files() - before:
            assert time.monotonic() < deadline, f"left open: {left}"
            self.honest.frames(1)

    def close(self) -> None:
        """End it."""
        self.honest.client.close()
        self.compositor.close()
