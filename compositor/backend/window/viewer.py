"""A window on a compositor that nobody sees: its output live, and input back to it.

A program of its own, beside the compositor: it maps the output's framebuffer, which the kernel keeps it from
changing, and sends what people do over the control socket. The command `weddell view` is this.
"""

from __future__ import annotations

import contextlib
import select
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from compositor.backend.window.keys import evdev_code, without_repeats
from compositor.backend.window.plainwindow import PlainWindow
from compositor.backend.window.sharedimage import shared_memory
from compositor.backend.window.x11 import Connection
from compositor.backend.window.xinput import XInput
from compositor.descriptor import Descriptor
from compositor.errors import WeddellError
from compositor.geometry import Rect, Region
from compositor.logs import Log
from compositor.memory import ResourceMap

log = Log(__name__)

Pixels = npt.NDArray[np.uint32]

_BUTTONS = {1: 0x110, 2: 0x112, 3: 0x111, 8: 0x113, 9: 0x114}
_WHEEL = {4: (0, -1), 5: (0, 1), 6: (-1, 0), 7: (1, 0)}
_BAND = 32
"""Rows that are compared, and sent, together."""


class ControlConnection(Protocol):
    """A driver's connection to the control socket, such as `compositor.testing.connection.Connection`."""

    def call(self, method: str, **params: Any) -> Any:
        """Send a request and return its result."""
        ...

    def exchange(self, method: str, params: dict[str, Any]) -> tuple[Any, list[Descriptor]]:
        """Send a request and return its result and the descriptors that came along."""
        ...

    def next_event(self, timeout_s: float | None = None) -> dict[str, Any] | None:
        """Return the next event, or None when none came in time."""
        ...

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        ...


class LiveFrame:
    """An output's framebuffer, mapped read-only.

    Attributes:
        pixels: (height, width) uint32 XRGB8888, output pixels; what is shown at any moment.
    """

    def __init__(self, control: ControlConnection, output: str) -> None:
        facts, descriptors = control.exchange("output.map", {"output": output})
        self.pixels: Pixels = ResourceMap.of(facts, descriptors[facts["fd"]]).view()


def changed(now: Pixels, before: Pixels) -> list[Rect]:
    """Return where two frames of a size differ: bands of rows, each from its first to its last difference."""
    height = len(now)
    found = []
    for top in range(0, height, _BAND):
        differs = (now[top : top + _BAND] != before[top : top + _BAND]).any(axis=0)
        columns = np.flatnonzero(differs)
        if len(columns):
            left, right = int(columns[0]), int(columns[-1]) + 1
            found.append(Rect(left, top, right - left, min(_BAND, height - top)))
    return found


class Viewer:
    """The window, and what keeps it up to date.

    Args:
        output: name; the first one if None.
        control: stays the caller's to close.
    """

    def __init__(self, control: ControlConnection, output: str | None = None) -> None:
        self._control = control
        facts = self._facts(output)
        self._output: str = facts["name"]
        self._connection = Connection()
        memory = shared_memory(self._connection)
        self._window = PlainWindow(self._connection, facts["width"], facts["height"], memory)
        self._window.set_title(f"Weddell — {self._output}")
        self._window.set_class("Weddell")
        self._window.set_protocols(("WM_DELETE_WINDOW",))
        self._window.fix_size()
        self._connection.handlers[self._window.outer] = self._event
        without_repeats(self._connection)
        self._pointers = XInput(self._connection, self._moved, self._pressed, self._scrolled)
        self._connection.generic = self._pointers.handle
        self._pointers.select(self._window.inner)
        self._pointer: tuple[float, float] | None = None
        # What is held down through this window: keys, buttons.
        self._down: set[int] = set()
        self._buttons: set[int] = set()
        self._ended = False
        self._control.call("events.subscribe", kinds=["frame", "output"])
        self._map()

    def _facts(self, output: str | None) -> dict[str, Any]:
        for facts in self._control.call("outputs.list"):
            if output in (None, facts["name"]):
                return dict(facts)
        raise WeddellError(f"there is no output {output!r}" if output else "there is no output")

    def _map(self) -> None:
        facts = self._facts(self._output)
        self._x, self._y, self._scale = facts["x"], facts["y"], facts["scale"]
        self._frame = LiveFrame(self._control, self._output)
        height, width = self._frame.pixels.shape
        if (width, height) != (self._window.width, self._window.height):
            self._window.resize(width, height)
        self._shown: Pixels | None = None

    def run(self) -> None:
        """Show it until the window is closed or the compositor ends."""
        poll = select.poll()
        poll.register(self._connection.fd, select.POLLIN)
        poll.register(self._control.fileno(), select.POLLIN)
        try:
            while not self._ended and not self._connection.broken:
                self._connection.flush()
                if not self._connection.queued:
                    poll.poll()
                self._connection.pump()
                self._move_pointer()
                self._hear()
                self._show()
        finally:
            # Whoever leaves takes the hands off; what is gone already hears nothing of it.
            with contextlib.suppress(WeddellError):
                self._let_go()
            self._window.close()
            self._connection.close()

    def _let_go(self) -> None:
        for key in sorted(self._down):
            self._key(key, False)
        for button in sorted(self._buttons):
            self._button(button, False)

    def _hear(self) -> None:
        remap = False
        while (event := self._control.next_event(0)) is not None:
            if event.get("output") != self._output:
                continue
            if event["event"] == "output.changed":
                remap = True
            elif event["event"] == "output.removed":
                self._ended = True
        if remap and not self._ended:
            self._map()

    def _show(self) -> None:
        """Send the X server what differs from what it has."""
        now = self._frame.pixels
        if self._ended or self._connection.broken:
            return
        if self._shown is None or self._shown.shape != now.shape:
            self._shown = now.copy()
            whole = Rect(0, 0, now.shape[1], now.shape[0])
            self._window.show(self._shown, Region.from_rect(whole))
            return
        rects = changed(now, self._shown)
        for x, y, width, height in rects:
            self._shown[y : y + height, x : x + width] = now[y : y + height, x : x + width]
        if rects:
            self._window.show(self._shown, Region.from_rects(rects))

    # Input

    def _event(self, event: Any) -> None:
        x = self._connection.x
        if event.type in (x.KeyPress, x.KeyRelease):
            self._key(evdev_code(event.xkey.keycode), event.type == x.KeyPress)
        elif event.type == x.FocusOut:
            self._let_go()
        elif event.type == x.Expose:
            self._shown = None
        elif event.type == self._window.shown_event:
            self._window.shown()
        elif event.type == x.ClientMessage:
            self._ended = event.xclient.data.l[0] == self._connection.atom("WM_DELETE_WINDOW")
        elif not self._pointers.available and event.type == x.MotionNotify:
            self._moved(0, event.xmotion.x, event.xmotion.y)
        elif not self._pointers.available and event.type in (x.ButtonPress, x.ButtonRelease):
            self._pressed(0, event.xbutton.button, event.type == x.ButtonPress)

    def _key(self, key: int, pressed: bool) -> None:
        if not 0 < key < 248 or pressed is (key in self._down):
            return
        (self._down.add if pressed else self._down.discard)(key)
        self._control.call("keyboard.key", key=key, pressed=pressed)

    def _moved(self, window: int, x: float, y: float) -> None:
        # Only the last of many is sent, before anything that depends on it.
        self._pointer = (self._x + x / self._scale, self._y + y / self._scale)

    def _move_pointer(self) -> None:
        if self._pointer is not None:
            x, y = self._pointer
            self._pointer = None
            self._control.call("pointer.move", x=x, y=y)

    def _pressed(self, window: int, button: int, pressed: bool) -> None:
        self._move_pointer()
        wheel = _WHEEL.get(button)
        if wheel is not None:
            if pressed:
                self._scrolled(window, *wheel)
        elif button in _BUTTONS:
            self._button(_BUTTONS[button], pressed)

    def _button(self, button: int, pressed: bool) -> None:
        (self._buttons.add if pressed else self._buttons.discard)(button)
        self._control.call("pointer.button", button=button, pressed=pressed)

    def _scrolled(self, window: int, right: float, down: float) -> None:
        self._move_pointer()
        self._control.call("pointer.axis", dx=right, dy=down, source="wheel")


def view(control: ControlConnection, output: str | None = None) -> int:
    """Show an output of a running compositor in a window until that is closed; returns the exit status.

    Raises:
        compositor.backend.window.x11.NoDisplay: there is no desktop to show it on.
        WeddellError: there is no such output, or the compositor does not answer.
    """
    Viewer(control, output).run()
    return 0
