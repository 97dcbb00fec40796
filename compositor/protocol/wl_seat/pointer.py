"""wl_pointer."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from compositor.model.seat.axis import Axis, AxisFrame, AxisSource, AxisState
from compositor.model.seat.host import bounded
from compositor.model.surface import Surface
from compositor.protocol.wl_seat.devices import NO_DEVICES, DeviceTable, listening
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Fixed, Int, Interface, Uint, event, request

if TYPE_CHECKING:
    from compositor.protocol.wl_seat.seat import SeatGlobal


class WlPointer(Interface, name="wl_pointer", version=11):
    """A client's way to hear of the pointer."""

    __slots__ = ("entry",)

    entry: SeatGlobal

    class Error(IntEnum):
        ROLE = 0

    class ButtonState(IntEnum):
        RELEASED = 0
        PRESSED = 1

    class Axis(IntEnum):
        VERTICAL_SCROLL = 0
        HORIZONTAL_SCROLL = 1

    class AxisSource(IntEnum):
        WHEEL = 0
        FINGER = 1
        CONTINUOUS = 2
        WHEEL_TILT = 3

    class AxisRelativeDirection(IntEnum):
        IDENTICAL = 0
        INVERTED = 1

    @request()
    def set_cursor(self, serial: Uint, surface: WlSurface | None, hotspot_x: Int, hotspot_y: Int) -> None:
        pointer = self.entry.seat.pointer
        model = None if surface is None else surface.surface
        if not pointer.set_cursor(self.client, serial, model, hotspot_x, hotspot_y):
            raise self.error(self.Error.ROLE, f"set_cursor: {surface!r} has another role")

    @event()
    def enter(self, serial: Uint, surface: WlSurface, surface_x: Fixed, surface_y: Fixed) -> None:
        """The surface has got the pointer."""

    @event()
    def leave(self, serial: Uint, surface: WlSurface) -> None:
        """The surface has lost it."""

    @event()
    def motion(self, time: Uint, surface_x: Fixed, surface_y: Fixed) -> None:
        """The pointer moved; surface space."""

    @event()
    def button(self, serial: Uint, time: Uint, button: Uint, state: Uint) -> None:
        """A button (evdev code) changed."""

    @event()
    def axis(self, time: Uint, axis: Uint, value: Fixed) -> None:
        """Something was scrolled; surface space."""

    @request(since=3, destructor=True)
    def release(self) -> None: ...

    @event(since=5)
    def frame(self) -> None:
        """The events since the last frame belong together."""

    @event(since=5)
    def axis_source(self, axis_source: Uint) -> None:
        """What scrolled, for the whole frame."""

    @event(since=5)
    def axis_stop(self, time: Uint, axis: Uint) -> None:
        """The scroll has ended."""

    @event(since=5)
    def axis_discrete(self, axis: Uint, discrete: Int) -> None:
        """Whole notches; not sent since version 8."""

    @event(since=8)
    def axis_value120(self, axis: Uint, value120: Int) -> None:
        """Steps of 1/120 of a notch."""

    @event(since=9)
    def axis_relative_direction(self, axis: Uint, direction: Uint) -> None:
        """Whether the device moved with the scroll or against it."""

    @event(since=11)
    def warp(self, surface_x: Fixed, surface_y: Fixed) -> None:
        """The pointer is elsewhere without a device having moved; surface space."""

    def catch_up(self) -> None:
        """Tell a pointer that was created late where it is."""
        pointer = self.entry.seat.pointer
        focus = pointer.focus
        if focus is not None and focus.client is self.client and listening(focus):
            self.enter(pointer.focus_serial, focus.resource, pointer.sx, pointer.sy)
            self.frame()

    def destroyed(self) -> None:
        pointers = self.entry.table.of(self.client).pointers
        if self in pointers:
            pointers.remove(self)


class PointerSender:
    """Tells the client that has the pointer (compositor.model.seat.listeners.PointerListener)."""

    __slots__ = ("_table", "_to")

    def __init__(self, table: DeviceTable) -> None:
        self._table = table
        self._to: list[WlPointer] = NO_DEVICES.pointers

    def enter(self, surface: Surface, serial: int, sx: float, sy: float) -> None:
        """Tell the surface's client from now on."""
        self._to = self._table.of(surface.client).pointers
        for pointer in self._to:
            pointer.enter(serial, surface.resource, sx, sy)

    def leave(self, surface: Surface, serial: int) -> None:
        """Tell nobody from now on."""
        to, self._to = self._to, NO_DEVICES.pointers
        if listening(surface):
            for pointer in to:
                pointer.leave(serial, surface.resource)
                pointer.frame()

    def motion(self, time_ms: int, sx: float, sy: float) -> None:
        """Tell a position."""
        for pointer in self._to:
            pointer.motion(time_ms, sx, sy)

    def warp(self, time_ms: int, sx: float, sy: float) -> None:
        """Tell a position that no device caused; older clients hear of motion."""
        for pointer in self._to:
            if pointer.version >= 11:
                pointer.warp(sx, sy)
            else:
                pointer.motion(time_ms, sx, sy)

    def button(self, serial: int, time_ms: int, button: int, pressed: bool) -> None:
        """Tell of a button."""
        for pointer in self._to:
            pointer.button(serial, time_ms, button, int(pressed))

    def frame(self) -> None:
        """End a frame."""
        for pointer in self._to:
            pointer.frame()

    def axis(self, time_ms: int, frame: AxisFrame) -> None:
        """Tell what was scrolled, to each client what its version knows."""
        for pointer in self._to:
            told = False
            for axis in Axis:
                state = frame.axes[axis]
                moved = _told_value(state, pointer.version)
                if moved is None and not state.stopped:
                    continue
                if not told and frame.source is not None:
                    told = True
                    pointer.axis_source(_told_source(frame.source, pointer.version))
                if moved is not None:
                    pointer.axis_relative_direction(axis, int(state.inverted))
                    if pointer.version >= 8:
                        if state.value120:
                            pointer.axis_value120(axis, state.value120)
                    elif state.notches:
                        pointer.axis_discrete(axis, state.notches)
                    pointer.axis(time_ms, axis, bounded(moved))
                if state.stopped:
                    pointer.axis_stop(time_ms, axis)


def _told_value(state: AxisState, version: int) -> float | None:
    """Return the distance to tell a client of that version, or None for nothing.

    Clients before version 8 count whole notches; a distance without one
    would make them scroll twice, so it waits for the notch, as in wlroots.
    """
    if not state.moved:
        return None
    if version >= 8:
        return state.value if state.value or state.value120 else None
    if state.value120 and not state.notches:
        return None
    return state.notch_value or None


def _told_source(source: AxisSource, version: int) -> int:
    """Return the source in the words of that version: a tilted wheel is a wheel before version 6."""
    if source is AxisSource.WHEEL_TILT and version < 6:
        return AxisSource.WHEEL
    return source
