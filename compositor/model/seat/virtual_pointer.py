"""A pointer that a program plays: what it holds down, and what it does until the frame ends.

The seat's pointer is shared by all devices, so each collects its own frame
here: two that scroll at once do not mix. The protocol room imports it.
Source: zwlr_virtual_pointer_v1.frame, "the set of events that logically belong together".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from compositor.geometry import Rect
from compositor.model.seat.axis import NOTCH, Axis, AxisSource
from compositor.model.seat.codes import KEY_CNT
from compositor.model.seat.pointer import Pointer

MAX_WAITING = 256
"""Motions and buttons in one frame; more of them do not wait for its end."""


class _Scroll:
    __slots__ = ("moved", "stopped", "value", "value120")

    def __init__(self) -> None:
        self.value = 0.0
        self.value120 = 0
        self.moved = False
        self.stopped = False


class VirtualPointer:
    """One device of a seat's pointer.

    Args:
        pointer: of the seat.
    """

    __slots__ = ("_axes", "_held", "_pointer", "_source", "_waiting")

    def __init__(self, pointer: Pointer) -> None:
        self._pointer = pointer
        self._held: set[int] = set()
        self._axes: dict[Axis, _Scroll] = {}
        self._source: AxisSource | None = None
        self._waiting: list[Callable[[], None]] = []

    def _wait(self, act: Callable[[], None]) -> None:
        self._waiting.append(act)
        if len(self._waiting) >= MAX_WAITING:
            self._act()

    def _act(self) -> None:
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def move_by(self, dx: float, dy: float) -> None:
        """Go a way, layout pixels."""
        self._wait(partial(self._pointer.move_by, dx, dy))

    def move_within(self, area_layout: Rect, x: float, y: float) -> None:
        """Go to a place of an area: (0, 0) is its top left, (1, 1) its bottom right corner."""
        x, y = max(0.0, min(x, 1.0)), max(0.0, min(y, 1.0))
        to_x, to_y = area_layout.x + x * area_layout.width, area_layout.y + y * area_layout.height
        self._wait(partial(self._pointer.move_to, to_x, to_y))

    def button(self, button: int, pressed: bool) -> None:
        """Press or release a button (evdev code); one that another device holds stays that one's."""
        if 0 <= button < KEY_CNT:
            self._wait(partial(self._press, button, pressed))

    def _press(self, button: int, pressed: bool) -> None:
        pointer = self._pointer
        if pressed:
            if button not in pointer.buttons:
                self._held.add(button)
                pointer.button(button, True)
        elif button in self._held:
            self._held.discard(button)
            pointer.button(button, False)

    def source(self, source: AxisSource) -> None:
        """Say what scrolls in this frame."""
        self._source = source

    def axis(self, axis: Axis, value: float, steps: int = 0) -> None:
        """Scroll in this frame: a distance in layout pixels, and whole notches of a wheel."""
        scroll = self._axes.setdefault(axis, _Scroll())
        scroll.moved = True
        scroll.value += value
        # What no wheel does in one frame is cut off, so that it fits the events.
        scroll.value120 = max(-(2**24), min(scroll.value120 + steps * NOTCH, 2**24))

    def axis_stop(self, axis: Axis) -> None:
        """The scroll along an axis ends with this frame."""
        self._axes.setdefault(axis, _Scroll()).stopped = True

    def frame(self) -> None:
        """End a group of events that belong together."""
        pointer = self._pointer
        axes, self._axes = self._axes, {}
        source = self._source
        if axes:
            # Until something scrolls it is kept: programs say it once, ahead of all frames (wayvnc).
            self._source = None
        self._act()
        for axis, scroll in axes.items():
            if source is None and scroll.value120:
                source = AxisSource.WHEEL
            if scroll.moved:
                pointer.axis(axis, scroll.value, value120=scroll.value120, source=source)
            if scroll.stopped:
                pointer.axis_stop(axis, source)
        pointer.frame()

    def remove(self) -> None:
        """The device is gone: what it holds is released. Harmless when repeated."""
        self._waiting.clear()
        held, self._held = sorted(self._held), set()
        for button in held:
            self._pointer.button(button, False)
        if held:
            self._pointer.frame()
