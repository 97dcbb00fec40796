"""Pointer: where it is, which surface has it, which buttons are down.

Devices call `move_to`, `move_by`, `button`, `axis` and then `frame`; the grab
that is active decides who hears of it. Changes of the scene call `refocus`.
Positions are layout pixels. The desktop, backends and the control socket use
it; clients are told through a `PointerListener`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from compositor.model.seat.axis import NOTCH, NOTCH_DISTANCE, Axis, AxisFrame, AxisSource, NotchCounter
from compositor.model.seat.cursor import DEFAULT_SHAPE, Cursor
from compositor.model.seat.host import FIXED_LIMIT, Client, Host, bounded
from compositor.model.seat.pointer_grabs import DefaultGrab, PointerGrab

if TYPE_CHECKING:
    from compositor.model.seat.listeners import PointerListener
    from compositor.model.seat.seat import Seat
    from compositor.model.surface import Surface


class PointerConstraint(Protocol):
    """Holds the pointer at a place or within a region."""

    @property
    def locks(self) -> bool:
        """Whether it holds it at a place, so that only ways are told."""

    def apply(self, x: float, y: float) -> tuple[float, float] | None:
        """Return where a pointer on its way to (x, y) may go, or None when it must stay."""


class Pointer:
    """The pointer of a seat.

    Attributes:
        x, y: layout pixels.
        focus: the surface that hears of it, or None.
        focus_serial: serial of the last enter, which set_cursor has to name.
        sx, sy: what the focus was told last, surface space.
        buttons: what is down (evdev codes), and whether the press went to the focus.
        held: how many of them did: while there is one, the focus stays (implicit grab).
        grab_serial, grab_button: of the press that began the implicit grab.
        listener: tells clients; None while nobody does.
        hover: the item and the part of its decoration under the pointer, or (None, None).
        on_focus: called with the old and the new focus, after both were told.
        on_hover: called with the old and the new `hover`.
        on_relative: called with the time, and the way the device went, accelerated and as it came.
        on_moved: called with nothing after each change of position.
        constraint: bounds motion while set.
    """

    __slots__ = (
        "_axis",
        "_counters",
        "_grabs",
        "_open",
        "buttons",
        "constraint",
        "cursor",
        "default_grab",
        "focus",
        "focus_serial",
        "grab",
        "grab_button",
        "grab_serial",
        "held",
        "host",
        "hover",
        "listener",
        "on_focus",
        "on_hover",
        "on_moved",
        "on_relative",
        "seat",
        "sx",
        "sy",
        "x",
        "y",
    )

    def __init__(self, seat: Seat, host: Host) -> None:
        self.seat = seat
        self.host = host
        self.x = 0.0
        self.y = 0.0
        self.sx = 0.0
        self.sy = 0.0
        self.focus: Surface | None = None
        self.focus_serial = 0
        self.buttons: dict[int, bool] = {}
        self.held = 0
        self.grab_serial = 0
        self.grab_button = 0
        self.cursor = Cursor()
        self.listener: PointerListener | None = None
        self.on_focus: list[Callable[[Surface | None, Surface | None], None]] = []
        self.hover: tuple[Any, Any] = (None, None)
        self.on_hover: list[Callable[[tuple[Any, Any], tuple[Any, Any]], None]] = []
        self.on_relative: list[Callable[[int, float, float, float, float], None]] = []
        self.on_moved: list[Callable[[], None]] = []
        self.constraint: PointerConstraint | None = None
        self.default_grab = DefaultGrab(self)
        self.grab: PointerGrab = self.default_grab
        self._grabs: list[PointerGrab] = []
        self._axis: AxisFrame | None = None
        self._counters = (NotchCounter(), NotchCounter())
        # Whether clients were told something that no frame has closed yet.
        self._open = False

    # What devices do

    def move_to(self, x: float, y: float, time_ms: int | None = None) -> None:
        """Go to a layout point, as near as outputs and constraints allow."""
        if time_ms is None:
            time_ms = self.host.now_ms()
        if self.on_relative:
            dx, dy = x - self.x, y - self.y
            for hook in self.on_relative:
                hook(time_ms, dx, dy, dx, dy)
        self._go(x, y, time_ms)

    def move_by(
        self,
        dx: float,
        dy: float,
        time_ms: int | None = None,
        *,
        unaccelerated: tuple[float, float] | None = None,
    ) -> None:
        """Go a way, layout pixels; `unaccelerated` is what the device itself said."""
        if time_ms is None:
            time_ms = self.host.now_ms()
        if self.on_relative:
            raw_x, raw_y = unaccelerated or (dx, dy)
            for hook in self.on_relative:
                hook(time_ms, dx, dy, raw_x, raw_y)
        self._go(self.x + dx, self.y + dy, time_ms)

    def _go(self, x: float, y: float, time_ms: int) -> None:
        if self.constraint is not None:
            allowed = self.constraint.apply(x, y)
            if allowed is None:
                self.seat.active()
                return
            x, y = allowed
        self.x, self.y = self.host.clamp(x, y)
        self.grab.motion(time_ms)
        self.seat.active()
        for hook in self.on_moved:
            hook()

    def warp(self, x: float, y: float) -> None:
        """Set the pointer elsewhere without a device having moved."""
        self.x, self.y = self.host.clamp(x, y)
        self.grab.refocus()
        for hook in self.on_moved:
            hook()

    def button(self, button: int, pressed: bool, time_ms: int | None = None) -> None:
        """Press or release a button (evdev code); what it is already is ignored."""
        if pressed is (button in self.buttons):
            return
        if time_ms is None:
            time_ms = self.host.now_ms()
        self.seat.active()
        if pressed:
            self.buttons[button] = False
            self.grab.button(time_ms, button, True, False)
        else:
            delivered = self.buttons.pop(button)
            if delivered:
                self.held -= 1
            self.grab.button(time_ms, button, False, delivered)

    def axis(
        self,
        axis: Axis,
        value: float | None = None,
        *,
        value120: int = 0,
        source: AxisSource | None = None,
        inverted: bool = False,
    ) -> None:
        """Scroll; takes effect with the next `frame`.

        Args:
            axis: which way.
            value: distance in layout pixels; by default what `value120` stands for.
            value120: steps of a wheel, 120 to a notch.
            source: what scrolled, if known.
            inverted: the device moved against the scroll.
        """
        frame = self._axis_frame(source)
        state = frame.axes[axis]
        state.value += value if value is not None else value120 * NOTCH_DISTANCE / NOTCH
        state.value120 += value120
        state.inverted = inverted
        state.moved = True

    def axis_stop(self, axis: Axis, source: AxisSource | None = None) -> None:
        """The scroll along an axis has ended: the finger left the touchpad."""
        self._axis_frame(source).axes[axis].stopped = True

    def _axis_frame(self, source: AxisSource | None) -> AxisFrame:
        frame = self._axis
        if frame is not None and source is not None and frame.source not in (None, source):
            # A frame has one source.
            self.frame()
            frame = None
        if frame is None:
            frame = self._axis = AxisFrame()
        if source is not None:
            frame.source = source
        return frame

    def frame(self, time_ms: int | None = None) -> None:
        """End a group of events that belong together."""
        frame = self._axis
        if frame is not None:
            self._axis = None
            for state, counter in zip(frame.axes, self._counters, strict=True):
                counter.add(state)
            self.seat.active()
            self.grab.axis(self.host.now_ms() if time_ms is None else time_ms, frame)
        if self._open:
            self._open = False
            if self.listener is not None and self.focus is not None:
                self.listener.frame()

    # What the scene does

    def refocus(self) -> None:
        """Find out anew what is under the pointer; called when anything in the scene changed."""
        x, y = self.host.clamp(self.x, self.y)
        if x != self.x or y != self.y:
            # Its output is gone.
            self.warp(x, y)
        else:
            self.grab.refocus()

    # What grabs do

    def set_focus(self, surface: Surface | None, sx: float = 0.0, sy: float = 0.0) -> None:
        """Give the pointer to a surface; its client and the last one are told, each in a frame."""
        old = self.focus
        if surface is not None and not surface.alive:
            # It is being destroyed, and stays in the scene until the next layout.
            surface = None
        if surface is old:
            return
        listener = self.listener
        if old is not None:
            self._close_frame()
            old.on_destroy.remove(self._focus_destroyed)
            self.focus = None
            self.forget_buttons()
            if listener is not None:
                listener.leave(old, self.note(old.client))
        if surface is not None:
            self.set_hover(None, None)
            self.focus = surface
            self.sx, self.sy = bounded(sx), bounded(sy)
            surface.on_destroy.append(self._focus_destroyed)
            if old is None or old.client is not surface.client:
                # The picture is the new client's to choose; until then nobody's is shown.
                self.cursor.set_shape(DEFAULT_SHAPE)
            for counter in self._counters:
                counter.reset()
            self.focus_serial = self.note(surface.client)
            if listener is not None:
                listener.enter(surface, self.focus_serial, self.sx, self.sy)
                listener.frame()
        for hook in self.on_focus:
            hook(old, surface)

    def set_hover(self, item: Any, part: Any) -> None:
        """Note which part of a decoration is under the pointer."""
        old, new = self.hover, (item, part)
        if old != new:
            self.hover = new
            for hook in self.on_hover:
                hook(old, new)

    def send_motion(self, time_ms: int, sx: float, sy: float) -> None:
        """Tell the focus where the pointer is."""
        if not (-FIXED_LIMIT < sx < FIXED_LIMIT and -FIXED_LIMIT < sy < FIXED_LIMIT):
            sx, sy = bounded(sx), bounded(sy)
        self.sx = sx
        self.sy = sy
        if self.listener is not None:
            self.listener.motion(time_ms, sx, sy)
            self._open = True

    def send_warp(self, sx: float, sy: float) -> None:
        """Tell the focus that it moved under the pointer, if it did."""
        sx, sy = bounded(sx), bounded(sy)
        if sx == self.sx and sy == self.sy:
            return
        self.sx = sx
        self.sy = sy
        if self.listener is not None:
            self._close_frame()
            self.listener.warp(self.host.now_ms(), sx, sy)
            self.listener.frame()

    def send_button(self, time_ms: int, button: int, pressed: bool) -> None:
        """Tell the focus of a button; a first press begins the implicit grab."""
        focus = self.focus
        assert focus is not None
        serial = self.note(focus.client)
        if pressed:
            self.buttons[button] = True
            self.held += 1
            if self.held == 1:
                self.grab_serial = serial
                self.grab_button = button
        if self.listener is not None:
            self.listener.button(serial, time_ms, button, pressed)
            self._open = True

    def send_axis(self, time_ms: int, frame: AxisFrame) -> None:
        """Tell the focus what was scrolled."""
        if self.listener is not None and self.focus is not None:
            self.listener.axis(time_ms, frame)
            self._open = True

    def start_grab(self, grab: PointerGrab) -> None:
        """Let `grab` decide from now on, until it ends."""
        self._grabs.append(grab)
        self.grab = grab

    def end_grab(self, grab: PointerGrab) -> None:
        """Take a grab off the stack, topmost or not. Harmless when repeated."""
        if grab in self._grabs:
            self._grabs.remove(grab)
            self.grab = self._grabs[-1] if self._grabs else self.default_grab
            self.grab.refocus()

    def cancel_grabs(self) -> None:
        """Have every grab give up, the newest first."""
        for grab in reversed(list(self._grabs)):
            grab.cancel()

    def forget_buttons(self) -> None:
        """End the implicit grab: releases of what is down go to nobody."""
        if self.held:
            self.held = 0
            for button in self.buttons:
                self.buttons[button] = False

    def open_frame(self) -> None:
        """The focus was told something besides that a frame has to close."""
        self._open = True

    def _close_frame(self) -> None:
        if self._open:
            self._open = False
            if self.listener is not None:
                self.listener.frame()

    def _focus_destroyed(self, surface: Surface) -> None:
        # The scene still holds the surface: what is under the pointer now, its next layout tells.
        self.set_focus(None)

    def note(self, client: Client) -> int:
        """Return a new serial that `client` is about to be sent."""
        return self.seat.serials.note(self.host.next_serial(), client)

    # What requests ask

    def set_cursor(
        self, client: Client, serial: int, surface: Surface | None, hotspot_x: int, hotspot_y: int
    ) -> bool:
        """Change the cursor on behalf of a client.

        It takes effect only while the client has the pointer and names the last enter, except that the
        present cursor's surface may always get a new hotspot (wl_pointer.set_cursor).

        Returns:
            False if the surface has another role: wl_pointer.error.role.
        """
        ours = surface is not None and surface is self.cursor.state.surface
        allowed = ours or self._may_choose(client, serial)
        if surface is None:
            if allowed:
                self.cursor.hide()
            return True
        if allowed:
            return self.cursor.set_surface(surface, hotspot_x, hotspot_y)
        return self.cursor.claim(surface)

    def set_shape(self, client: Client, serial: int, shape: str) -> None:
        """Show a named cursor on behalf of a client, under the same conditions."""
        if self._may_choose(client, serial):
            self.cursor.set_shape(shape)

    def _may_choose(self, client: Client, serial: int) -> bool:
        if serial != self.focus_serial:
            return False
        drag = self.seat.drag
        if drag is not None:
            # No surface has the pointer, and the cursor shows what a drop would do (wl_data_source.action).
            return bool(drag.client is client)
        return self.focus is not None and self.focus.client is client

    def began_grab(self, client: Client, serial: int) -> bool:
        """Whether the implicit grab that is under way began with that serial, on that client's surface."""
        focus = self.focus
        return self.held > 0 and serial == self.grab_serial and focus is not None and focus.client is client
