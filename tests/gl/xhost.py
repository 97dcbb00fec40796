"""An X server for a test: Xvfb, its screen as an array, and xdotool."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pytest

T = TypeVar("T")
WIDTH, HEIGHT = 1400, 1000


def wait_for(probe: Callable[[], T | None], what: str, timeout_s: float = 15.0) -> T:
    """Return the first answer that is not None or False."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = probe()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout_s:g} s for {what}", pytrace=False)
        time.sleep(0.02)


def attach(socket: Path, log: Path) -> Any:
    """Return a driver of a compositor that was started by hand, once it answers."""
    from compositor.testing import Compositor
    from compositor.testing.errors import ConnectionFailed

    def answers() -> Any:
        # Between the socket's name and its listening there is a moment.
        with contextlib.suppress(ConnectionFailed):
            return Compositor.attach(str(socket), timeout_s=30)

    return wait_for(answers, f"the compositor; its log: {log}", 30)


class XHost:
    """A running Xvfb.

    Attributes:
        display: for DISPLAY.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        for program, package in (("Xvfb", "xvfb"), ("xdotool", "xdotool")):
            if shutil.which(program) is None:
                pytest.skip(f"{program} is not installed (apt-get install {package})")
        self.folder = folder
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            [
                "Xvfb",
                *("-displayfd", str(write_end), "-fbdir", str(folder), "-nolisten", "tcp", "-noreset"),
                *("-screen", "0", f"{WIDTH}x{HEIGHT}x24", *options),
            ],
            pass_fds=(write_end,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as reader:
            ready, _, _ = select.select([reader], [], [], 20)
            number = reader.readline().strip() if ready else ""
        if not number:
            self.close()
            pytest.fail("Xvfb did not start")
        self.display = f":{number}"
        # The server draws its pointer into the screen: out of the way.
        self.xdotool("mousemove", WIDTH - 1, HEIGHT - 1)

    def run(self, *arguments: str) -> str:
        """Run a program on the display and return what it prints."""
        env = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(arguments, env=env, capture_output=True, text=True, timeout=30, check=True)
        return done.stdout

    def xdotool(self, *arguments: Any) -> str:
        """Run xdotool."""
        return self.run("xdotool", *(str(a) for a in arguments))

    def windows(self, name: str = "Weddell") -> list[int]:
        """Return the windows whose name has that in it."""
        try:
            return [int(line) for line in self.xdotool("search", "--onlyvisible", "--name", name).split()]
        except subprocess.CalledProcessError:
            return []

    def ask_to_close(self, window: int) -> None:
        """Send what a window manager sends when its close button is pressed."""
        self.tell(window, "WM_PROTOCOLS", "WM_DELETE_WINDOW")

    def tell(self, window: int, kind: str, what: str = "") -> None:
        """Send a window a message of a kind; what is the name of an atom."""
        from pyglet.libs.x11 import xlib

        display = xlib.XOpenDisplay(self.display.encode())
        event = xlib.XEvent()
        event.xclient.type = xlib.ClientMessage
        event.xclient.window = window
        event.xclient.message_type = xlib.XInternAtom(display, kind.encode(), False)
        event.xclient.format = 32
        if what:
            event.xclient.data.l[0] = xlib.XInternAtom(display, what.encode(), False)
        xlib.XSendEvent(display, window, False, 0, event)
        xlib.XCloseDisplay(display)

    def take_focus(self) -> Callable[[], None]:
        """Open a small window of another program and give it the keyboard; returns what closes it."""
        from pyglet.libs.x11 import xlib

        display = xlib.XOpenDisplay(self.display.encode())
        window = xlib.XCreateSimpleWindow(
            display, xlib.XDefaultRootWindow(display), WIDTH - 40, 0, 40, 40, 0, 0, 0
        )
        xlib.XMapRaised(display, window)
        xlib.XSync(display, False)
        xlib.XSetInputFocus(display, window, xlib.RevertToParent, xlib.CurrentTime)
        xlib.XSync(display, False)
        return lambda: xlib.XCloseDisplay(display)

    def screen(self) -> npt.NDArray[np.uint32]:
        """Return what is on the screen: (HEIGHT, WIDTH) uint32, the top byte 0xff."""
        data = (self.folder / "Xvfb_screen0").read_bytes()
        header = struct.unpack(">25I", data[:100])
        offset = header[0] + header[19] * 12
        rows = np.frombuffer(data, np.uint32, header[5] * header[12] // 4, offset)
        return rows.reshape(header[5], -1)[:, : header[4]] | np.uint32(0xFF000000)

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
