"""Input of the host, given to the seat: keys, pointer, buttons, wheels; and the pointer held for games.

The backend passes it the events of its windows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compositor.backend.window.hostwindow import HostWindow
from compositor.backend.window.keys import evdev_code, host_locks
from compositor.backend.window.x11 import Connection
from compositor.backend.window.xinput import XInput
from compositor.model.desktop import Desktop
from compositor.model.output import Output
from compositor.model.seat import Axis, AxisSource
from compositor.model.seat.axis import NOTCH

_BUTTONS = {1: 0x110, 2: 0x112, 3: 0x111, 8: 0x113, 9: 0x114, 10: 0x115, 11: 0x116, 12: 0x117}
"""evdev codes of X buttons: left, middle, right, side, extra, forward, back, task."""
_WHEEL = {4: (Axis.VERTICAL, -1), 5: (Axis.VERTICAL, 1), 6: (Axis.HORIZONTAL, -1), 7: (Axis.HORIZONTAL, 1)}
_NOTIFY_INFERIOR = 2

Find = Callable[[int], "tuple[Output, HostWindow] | None"]
"""Returns which output and window an X window belongs to."""


class HostInput:
    """Turns X events into input of the seat.

    Attributes:
        focused: whether a window of ours has the host's keyboard.
        on_focus: called with it when it changes.
        on_lock: called with whether the host's pointer is held in place, before that happens and after.
    """

    def __init__(self, connection: Connection, desktop: Desktop, find: Find) -> None:
        self._connection = connection
        self._desktop = desktop
        self._find = find
        self.focused = False
        self.on_focus: list[Callable[[bool], None]] = []
        self.on_lock: list[Callable[[bool], None]] = []
        # The window that holds the host's pointer while a client has it confined or, further, locked.
        self._held: HostWindow | None = None
        self._locked = False
        # Without XInput: where the pointer is put back to, whether it is on its way there, where it was.
        self._centre = (0, 0)
        self._warped = False
        self._last: tuple[float, float] | None = None
        self.pointers = XInput(
            connection, self._smooth_motion, self._smooth_button, self._smooth_scroll, self._went
        )
        connection.generic = self.pointers.handle
        x = connection.x
        self._handlers: dict[int, Callable[[Any, Output, HostWindow], None]] = {
            x.KeyPress: lambda event, output, window: self._key(event, True),
            x.KeyRelease: lambda event, output, window: self._key(event, False),
            x.FocusIn: lambda event, output, window: self._focus(event, True),
            x.FocusOut: lambda event, output, window: self._focus(event, False),
        }
        if not self.pointers.available:
            self._handlers[x.MotionNotify] = self._core_motion
            self._handlers[x.ButtonPress] = lambda event, *place: self._core_button(event, True, *place)
            self._handlers[x.ButtonRelease] = lambda event, *place: self._core_button(event, False, *place)

    def handle(self, event: Any, output: Output, window: HostWindow) -> bool:
        """See to an event; False if it is none of ours."""
        handler = self._handlers.get(event.type)
        if handler is None:
            return False
        handler(event, output, window)
        return True

    def watch(self, window: HostWindow) -> None:
        """Ask for the events that a window needs to be steered."""
        self.pointers.select(window.inner)

    # Keyboard

    def _key(self, event: Any, pressed: bool) -> None:
        code = evdev_code(event.xkey.keycode)
        if code > 0:
            self._desktop.seat.keyboard.key(code, pressed)

    def _focus(self, event: Any, focused: bool) -> None:
        if event.xfocus.detail == _NOTIFY_INFERIOR:
            # From one of our windows to its own child.
            return
        keyboard = self._desktop.seat.keyboard
        if focused:
            locks = host_locks(self._connection)
            keyboard.set_modifiers(0, 0, locks.locked, locks.group)
        else:
            keyboard.release_all(keyboard.default_device)
            self.let_go()
        if focused is not self.focused:
            self.focused = focused
            for hook in self.on_focus:
                hook(focused)

    # Pointer

    def _core_motion(self, event: Any, output: Output, window: HostWindow) -> None:
        self._moved(output, window, event.xmotion.x, event.xmotion.y)

    def _core_button(self, event: Any, pressed: bool, output: Output, window: HostWindow) -> None:
        self._pressed(output, window, event.xbutton.button, pressed)

    def _smooth_motion(self, xid: int, x: float, y: float) -> None:
        found = self._find(xid)
        if found is not None:
            self._moved(*found, x, y)

    def _smooth_button(self, xid: int, button: int, pressed: bool) -> None:
        found = self._find(xid)
        if found is not None:
            self._pressed(*found, button, pressed)

    def _smooth_scroll(self, xid: int, right: float, down: float) -> None:
        if self._find(xid) is None:
            return
        pointer = self._desktop.seat.pointer
        for axis, notches in ((Axis.HORIZONTAL, right), (Axis.VERTICAL, down)):
            steps = round(notches * NOTCH)
            if steps:
                pointer.axis(axis, value120=steps, source=AxisSource.WHEEL)
        pointer.frame()

    def _moved(self, output: Output, window: HostWindow, x: float, y: float) -> None:
        pointer = self._desktop.seat.pointer
        if pointer.constraint is not None and pointer.constraint.locks:
            # Only ways count, and only while the host's keyboard is ours.
            if window is self._held and not self.pointers.available:
                self._moved_held(output, window, x, y)
            return
        place = output.x + x / output.scale, output.y + y / output.scale
        if place == (pointer.x, pointer.y):
            # A wheel that turns says where it is, too.
            return
        pointer.move_to(*place)
        pointer.frame()
        if window is self._held:
            self._bring_back(output, window, place)

    def _pressed(self, output: Output, window: HostWindow, button: int, pressed: bool) -> None:
        pointer = self._desktop.seat.pointer
        wheel = _WHEEL.get(button)
        if wheel is not None:
            if pressed:
                pointer.axis(wheel[0], value120=wheel[1] * NOTCH, source=AxisSource.WHEEL)
                pointer.frame()
            return
        code = _BUTTONS.get(button)
        if code is not None:
            pointer.button(code, pressed)
            pointer.frame()

    # Held

    def update_hold(self) -> None:
        """Hold the host's pointer while a client has it locked or confined, and let it go after."""
        constraint = self._desktop.seat.pointer.constraint
        wanted = constraint is not None and self.focused
        locks = constraint is not None and constraint.locks
        if self._held is not None and (not wanted or locks is not self._locked):
            self.let_go()
        if wanted and self._held is None:
            self._hold(locks)

    def _hold(self, locks: bool) -> None:
        pointer = self._desktop.seat.pointer
        output = self._desktop.output_at(pointer.x, pointer.y)
        window = None if output is None else self._window_of(output)
        if window is None or not window.confine():
            return
        self._held = window
        self._locked = locks
        if locks:
            # Its cursor is hidden first: else Xwayland does not ask its compositor to lock the pointer.
            self._tell_locked()
            self.pointers.watch_ways(True)
            self._last = None
            self._recentre(window)

    def _tell_locked(self) -> None:
        for hook in self.on_lock:
            hook(self._locked)

    def _window_of(self, output: Output) -> HostWindow | None:
        for xid in self._connection.handlers:
            found = self._find(xid)
            if found is not None and found[0] is output:
                return found[1]
        return None

    def _bring_back(self, output: Output, window: HostWindow, place: tuple[float, float]) -> None:
        """Have the host's pointer stop where ours did, on its way to a layout point."""
        pointer = self._desktop.seat.pointer
        if max(abs(pointer.x - place[0]), abs(pointer.y - place[1])) * output.scale >= 1:
            self._put_back(output, window)

    def _put_back(self, output: Output, window: HostWindow) -> None:
        pointer = self._desktop.seat.pointer
        x, y = (pointer.x - output.x) * output.scale, (pointer.y - output.y) * output.scale
        window.warp(round(x), round(y))

    def _went(self, way: tuple[float, float], raw: tuple[float, float]) -> None:
        """A device has gone a way, pixels: what is told while the pointer is locked."""
        found = None if self._held is None else self._find(self._held.inner)
        if found is None or not self._locked:
            return
        scale, pointer = found[0].scale, self._desktop.seat.pointer
        pointer.move_by(way[0] / scale, way[1] / scale, unaccelerated=raw)
        pointer.frame()

    def _recentre(self, window: HostWindow) -> None:
        self._centre = (window.width // 2, window.height // 2)
        self._warped = True
        window.warp(*self._centre)

    def _moved_held(self, output: Output, window: HostWindow, x: float, y: float) -> None:
        """Without XInput: the host's pointer tells ways, and is put back into the middle near the edge."""
        if self._warped and (round(x), round(y)) == self._centre:
            # It has arrived there; what was on its way before that has been counted.
            self._warped = False
            self._last = (x, y)
            return
        last, self._last = self._last, (x, y)
        if last is None:
            return
        way = x - last[0], y - last[1]
        if any(way):
            self._went(way, way)
        near_x, near_y = window.width // 4, window.height // 4
        if abs(x - self._centre[0]) > near_x or abs(y - self._centre[1]) > near_y:
            self._recentre(window)

    def let_go(self) -> None:
        """Give the host its pointer back, where ours is. Harmless when it has it."""
        window, self._held = self._held, None
        if window is None or window.closed or self._connection.broken:
            return
        window.release()
        found = self._find(window.inner)
        if self._locked:
            self._locked = False
            self.pointers.watch_ways(False)
            if found is not None:
                self._put_back(found[0], window)
            self._tell_locked()
