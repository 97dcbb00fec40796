"""Scrolling: what happened on each axis within one frame.

A wheel gives high-resolution steps (120 to a notch), a touchpad distances
and an end. Both are collected here until the frame, since a frame carries
one source and at most one step count per axis. Clients that know only whole
notches are served by `NotchCounter`.
"""

from __future__ import annotations

from enum import IntEnum


class Axis(IntEnum):
    """Direction of a scroll; the numbers are evdev's and Wayland's order."""

    VERTICAL = 0
    HORIZONTAL = 1


class AxisSource(IntEnum):
    """What scrolled; numbered as wl_pointer.axis_source."""

    WHEEL = 0
    FINGER = 1
    CONTINUOUS = 2
    WHEEL_TILT = 3


NOTCH = 120
"""High-resolution units of one wheel click."""
NOTCH_DISTANCE = 15.0
"""Distance of one wheel click, layout pixels: what the other compositors send, so that pages scroll alike."""


class AxisState:
    """One axis within one frame.

    Attributes:
        value: distance, layout pixels.
        value120: high-resolution steps of a wheel.
        notches, notch_value: whole notches completed, and the distance they stand for, for
            clients that know nothing finer; a part of a notch waits for the rest.
        inverted: whether the device moved against the scroll (natural scrolling).
        moved, stopped: whether it scrolled, and whether the scroll ended.
    """

    __slots__ = ("inverted", "moved", "notch_value", "notches", "stopped", "value", "value120")

    def __init__(self) -> None:
        self.value = 0.0
        self.value120 = 0
        self.notches = 0
        self.notch_value = 0.0
        self.inverted = False
        self.moved = False
        self.stopped = False


class AxisFrame:
    """Both axes within one frame, by `Axis`, and what scrolled them."""

    __slots__ = ("axes", "source")

    def __init__(self) -> None:
        self.source: AxisSource | None = None
        self.axes = (AxisState(), AxisState())


class NotchCounter:
    """Adds high-resolution steps up to whole notches, for one axis.

    The remainder is forgotten when the direction turns: half a notch up must
    not make the next notch down late.
    """

    __slots__ = ("_rest", "_value")

    def __init__(self) -> None:
        self._rest = 0
        self._value = 0.0

    def add(self, state: AxisState) -> None:
        """Fill in the notches of a frame."""
        if not state.value120:
            state.notch_value = state.value
            return
        if self._rest * state.value120 < 0:
            self.reset()
        rest = self._rest + state.value120
        value = self._value + state.value
        state.notches = int(rest / NOTCH)
        self._rest = rest - state.notches * NOTCH
        if state.notches:
            state.notch_value = value
            value = 0.0
        self._value = value

    def reset(self) -> None:
        """Forget what is left of a notch."""
        self._rest = 0
        self._value = 0.0
