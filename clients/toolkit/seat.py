"""The seat: pointer, touch and keyboard of the first wl_seat, routed to the surface they are over.

Making a Seat binds the global and waits for its capabilities, so make it right after the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pywayland.protocol.wayland import WlSeat

from .connection import Connection
from .cursor import Cursor
from .keyboard import Keyboard

if TYPE_CHECKING:
    from .surface import Surface

BUTTON_LEFT, BUTTON_RIGHT, BUTTON_MIDDLE = 0x110, 0x111, 0x112
"""evdev codes, linux/input-event-codes.h."""


class Pointer:
    """A wl_pointer. Events take effect together at wl_pointer.frame, as they belong together."""

    def __init__(self, connection: Connection, proxy: Any, framed: bool) -> None:
        self.focus: Surface | None = None
        self.x = 0.0  # whole surface, surface pixels
        self.y = 0.0
        self.serial = 0  # of the latest enter or button
        self.cursor = Cursor(connection, proxy)
        self._enter_serial = 0
        self._framed = framed
        self._queue: list[Callable[[], None]] = []
        self._scroll = [0.0, 0.0]
        for name in ("enter", "leave", "motion", "button", "axis", "frame"):
            proxy.dispatcher[name] = getattr(self, "_on_" + name)

    def refresh_cursor(self) -> None:
        """Show the cursor its surface wants at this place."""
        if self.focus is not None:
            self.cursor.show(self._enter_serial, self.focus.cursor_at(self.x, self.y))

    def _later(self, action: Callable[[], None]) -> None:
        self._queue.append(action)
        if not self._framed:
            self._on_frame(None)

    def _on_enter(self, proxy: Any, serial: int, surface: Any, x: float, y: float) -> None:
        def act() -> None:
            self.focus = surface.user_data if surface is not None else None
            self._enter_serial = self.serial = serial
            self._move(x, y)

        self._later(act)

    def _on_leave(self, proxy: Any, serial: int, surface: Any) -> None:
        def act() -> None:
            if self.focus is not None:
                self.focus.route_leave()
            self.focus = None

        self._later(act)

    def _on_motion(self, proxy: Any, time_ms: int, x: float, y: float) -> None:
        self._later(lambda: self._move(x, y))

    def _move(self, x: float, y: float) -> None:
        self.x, self.y = x, y
        if self.focus is not None:
            self.focus.route_move(x, y)
            self.refresh_cursor()

    def _on_button(self, proxy: Any, serial: int, time_ms: int, button: int, state: int) -> None:
        def act() -> None:
            self.serial = serial
            if self.focus is not None:
                self.focus.route_button(self.x, self.y, button, state != 0, time_ms)
            self.refresh_cursor()

        self._later(act)

    def _on_axis(self, proxy: Any, time_ms: int, axis: int, value: float) -> None:
        self._scroll[0 if axis == 1 else 1] += value
        if not self._framed:
            self._on_frame(None)

    def _on_frame(self, proxy: Any) -> None:
        queue, self._queue = self._queue, []
        for action in queue:
            action()
        (dx, dy), self._scroll = self._scroll, [0.0, 0.0]
        if (dx or dy) and self.focus is not None:
            self.focus.pointer_scroll(dx, dy)


class Touch:
    """A wl_touch: each finger belongs to the surface it landed on."""

    def __init__(self, proxy: Any) -> None:
        self.serial = 0
        self._fingers: dict[int, Surface] = {}
        for name in ("down", "up", "motion", "cancel"):
            proxy.dispatcher[name] = getattr(self, "_on_" + name)

    def forget(self, surface: Surface) -> None:
        """Drop the fingers on a surface that is going away."""
        self._fingers = {finger: target for finger, target in self._fingers.items() if target is not surface}

    def _on_down(
        self, proxy: Any, serial: int, time_ms: int, surface: Any, finger: int, x: float, y: float
    ) -> None:
        target: Surface | None = surface.user_data if surface is not None else None
        self.serial = serial
        if target is not None:
            self._fingers[finger] = target
            target.route_touch(finger, x, y)

    def _on_up(self, proxy: Any, serial: int, time_ms: int, finger: int) -> None:
        if (target := self._fingers.pop(finger, None)) is not None:
            target.touch_up(finger)

    def _on_motion(self, proxy: Any, time_ms: int, finger: int, x: float, y: float) -> None:
        if (target := self._fingers.get(finger)) is not None:
            target.touch_move(finger, x, y - target.inset)

    def _on_cancel(self, proxy: Any) -> None:
        for finger, target in self._fingers.items():
            target.touch_up(finger)
        self._fingers.clear()


class Seat:
    """The first seat's devices, each None while the seat has none of its kind."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.proxy = connection.bind(WlSeat, 9)
        self.pointer: Pointer | None = None
        self.keyboard: Keyboard | None = None
        self.touch: Touch | None = None
        self._devices: dict[str, Any] = {}
        if self.proxy is not None:
            self.proxy.dispatcher["capabilities"] = self._on_capabilities
        connection.seat = self
        connection.roundtrip()

    @property
    def serial(self) -> int:
        """The serial of the latest key, button or touch: what a grab or a selection must name."""
        serials = [
            device.serial for device in (self.pointer, self.keyboard, self.touch) if device is not None
        ]
        # Serials wrap; the latest is the one furthest ahead of the others.
        latest = 0
        for serial in serials:
            if not latest or (serial - latest) & 0xFFFFFFFF < 0x80000000:
                latest = serial
        return latest

    def forget(self, surface: Surface) -> None:
        """Drop every focus on a surface that is going away."""
        if self.pointer is not None and self.pointer.focus is surface:
            self.pointer.focus = None
        if self.keyboard is not None and self.keyboard.focus is surface:
            self.keyboard.focus = None
        if self.touch is not None:
            self.touch.forget(surface)

    def _on_capabilities(self, proxy: Any, capabilities: int) -> None:
        if capabilities & WlSeat.capability.pointer and self.pointer is None:
            device = self._devices["pointer"] = proxy.get_pointer()
            self.pointer = Pointer(self.connection, device, self.connection.version("wl_seat") >= 5)
        if capabilities & WlSeat.capability.keyboard and self.keyboard is None:
            self._devices["keyboard"] = proxy.get_keyboard()
            self.keyboard = Keyboard(self._devices["keyboard"])
        if capabilities & WlSeat.capability.touch and self.touch is None:
            self._devices["touch"] = proxy.get_touch()
            self.touch = Touch(self._devices["touch"])
        for name, bit in (("pointer", 1), ("keyboard", 2), ("touch", 4)):
            if not capabilities & bit and name in self._devices:
                setattr(self, name, None)
                device = self._devices.pop(name)
                device.release() if self.connection.version("wl_seat") >= 3 else device._destroy()
