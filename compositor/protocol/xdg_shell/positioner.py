"""xdg_positioner: the rules for a popup's place."""

from __future__ import annotations

from enum import IntEnum

from compositor.geometry import Rect
from compositor.model.positioner import Adjust, Edge, Positioner
from compositor.wire import Int, Interface, Uint, request

_FAR = 1 << 24


class XdgPositioner(Interface, name="xdg_positioner", version=7):
    """Rules that a client puts together before it makes a popup."""

    __slots__ = ("rules",)

    rules: Positioner

    class Error(IntEnum):
        INVALID_INPUT = 0

    class Anchor(IntEnum):
        NONE = 0
        TOP = 1
        BOTTOM = 2
        LEFT = 3
        RIGHT = 4
        TOP_LEFT = 5
        BOTTOM_LEFT = 6
        TOP_RIGHT = 7
        BOTTOM_RIGHT = 8

    class Gravity(IntEnum):
        NONE = 0
        TOP = 1
        BOTTOM = 2
        LEFT = 3
        RIGHT = 4
        TOP_LEFT = 5
        BOTTOM_LEFT = 6
        TOP_RIGHT = 7
        BOTTOM_RIGHT = 8

    class ConstraintAdjustment(IntEnum):
        NONE = 0
        SLIDE_X = 1
        SLIDE_Y = 2
        FLIP_X = 4
        FLIP_Y = 8
        RESIZE_X = 16
        RESIZE_Y = 32

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_size(self, width: Int, height: Int) -> None:
        if width < 1 or height < 1:
            raise self.error(self.Error.INVALID_INPUT, f"set_size: {width}x{height} is not positive")
        self.rules.width, self.rules.height = _cut(width), _cut(height)

    @request()
    def set_anchor_rect(self, x: Int, y: Int, width: Int, height: Int) -> None:
        if width < 0 or height < 0:
            raise self.error(self.Error.INVALID_INPUT, f"set_anchor_rect: {width}x{height} is negative")
        self.rules.anchor_rect = Rect(_cut(x), _cut(y), _cut(width), _cut(height))

    @request()
    def set_anchor(self, anchor: Uint) -> None:
        if anchor > 8:
            raise self.error(self.Error.INVALID_INPUT, f"set_anchor: {anchor} is no anchor")
        self.rules.anchor = Edge(anchor)

    @request()
    def set_gravity(self, gravity: Uint) -> None:
        if gravity > 8:
            raise self.error(self.Error.INVALID_INPUT, f"set_gravity: {gravity} is no gravity")
        self.rules.gravity = Edge(gravity)

    @request()
    def set_constraint_adjustment(self, constraint_adjustment: Uint) -> None:
        self.rules.adjustment = Adjust(constraint_adjustment & 63)

    @request()
    def set_offset(self, x: Int, y: Int) -> None:
        self.rules.dx, self.rules.dy = _cut(x), _cut(y)

    @request(since=3)
    def set_reactive(self) -> None:
        self.rules.reactive = True

    @request(since=3)
    def set_parent_size(self, parent_width: Int, parent_height: Int) -> None:
        self.rules.parent_width, self.rules.parent_height = parent_width, parent_height

    @request(since=3)
    def set_parent_configure(self, serial: Uint) -> None:
        self.rules.parent_serial = serial


def _cut(value: int) -> int:
    """Return a number that stays a number of 32 bits when a few are added."""
    return max(-_FAR, min(value, _FAR))
