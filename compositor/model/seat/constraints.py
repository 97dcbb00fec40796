"""Pointer constraints: a surface that has the pointer holds it in place, or within a region.

A constraint waits until its surface has pointer and keyboard and the pointer
is inside its region; it ends when either goes elsewhere. Source:
pointer-constraints-unstable-v1.xml, which leaves the conditions to us; that
the keyboard is one of them lets a person get out by changing the window.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from math import floor
from typing import TYPE_CHECKING, Any

from compositor.geometry import Rect, Region
from compositor.model.popup import Popup
from compositor.model.seat.confine import confined, nearest_point

if TYPE_CHECKING:
    from compositor.model.seat.seat import Seat
    from compositor.model.surface import Surface


class Hold(Enum):
    """What a constraint does to the pointer."""

    LOCK = "stays where it is"
    CONFINE = "stays within the region"


class ConstraintState(Enum):
    """How far a constraint has come."""

    WAITING = "waiting"
    ACTIVE = "active"
    DEFUNCT = "defunct"


class Constraint:
    """One wish of a client to hold the pointer.

    Attributes:
        surface: that has to have the pointer.
        hold: what it does.
        region: surface space, of the current state; None is all of the input region.
        hint: where the client shows its own cursor, surface space, or None.
        oneshot: whether it is over once it was active.
    """

    __slots__ = ("_changed", "_room", "hint", "hold", "oneshot", "region", "state", "surface")

    def __init__(
        self,
        room: PointerConstraints,
        surface: Surface,
        hold: Hold,
        region: Region | None,
        oneshot: bool,
        changed: Callable[[bool], None],
    ) -> None:
        self._room = room
        self._changed = changed
        self.surface = surface
        self.hold = hold
        self.region = region
        self.hint: tuple[float, float] | None = None
        self.oneshot = oneshot
        self.state = ConstraintState.WAITING

    @property
    def locks(self) -> bool:
        """Whether the pointer stays where it is (Pointer.constraint)."""
        return self.hold is Hold.LOCK

    @property
    def effective(self) -> Region:
        """Where the pointer may be, surface space."""
        surface = self.surface
        area = Region.from_rect(Rect(0, 0, surface.width, surface.height))
        if surface.input is not None:
            area = area.intersect(surface.input)
        return area if self.region is None else area.intersect(self.region)

    def apply(self, x: float, y: float) -> tuple[float, float] | None:
        """Return where a pointer on its way to a layout point may go (Pointer.constraint)."""
        offset = self.surface.view_offset()
        if self.hold is Hold.LOCK or offset is None:
            return None
        ox, oy = offset
        pointer = self._room.seat.pointer
        point = confined(self.effective, pointer.x - ox, pointer.y - oy, x - ox, y - oy)
        return None if point is None else (point[0] + ox, point[1] + oy)

    # Double-buffered with the surface

    def set_region(self, region: Region | None) -> None:
        """Have another region when the surface commits."""
        if self.state is not ConstraintState.DEFUNCT:
            self.surface.pending.set_extra(("constraint region", self), self._apply_region, region)

    def _apply_region(self, region: Region | None) -> None:
        self.region = region

    def set_hint(self, x: float, y: float) -> None:
        """Have another position for the pointer after the lock when the surface commits."""
        if self.state is not ConstraintState.DEFUNCT:
            self.surface.pending.set_extra(("constraint hint", self), self._apply_hint, (x, y))

    def _apply_hint(self, hint: tuple[float, float]) -> None:
        self.hint = hint

    def destroy(self) -> None:
        """The client is done with it; the pointer goes where the client showed it. Harmless when repeated."""
        active = self.state is ConstraintState.ACTIVE
        self._room.remove(self)
        if active and self.hold is Hold.LOCK:
            self._warp_to_hint()

    def _warp_to_hint(self) -> None:
        surface, offset = self.surface, self.surface.view_offset()
        if self.hint is None or offset is None:
            return
        x, y = self.hint
        if 0 <= x < surface.width and 0 <= y < surface.height:
            self._room.seat.pointer.warp(x + offset[0], y + offset[1])

    def tell(self) -> None:
        """Tell the client whether it is active now."""
        self._changed(self.state is ConstraintState.ACTIVE)


class PointerConstraints:
    """All constraints of one seat, no more than one to a surface.

    Attributes:
        active: the one that holds the pointer, or None.
    """

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.active: Constraint | None = None
        self._of: dict[Surface, Constraint] = {}
        self._keyboard: Surface | None = seat.keyboard.focused
        seat.keyboard.on_focus.append(self._keyboard_moved)
        seat.pointer.on_focus.append(self._pointer_focus)

    def add(
        self,
        surface: Surface,
        hold: Hold,
        region: Region | None,
        oneshot: bool,
        changed: Callable[[bool], None],
    ) -> Constraint | None:
        """Wish to hold the pointer on a surface; None if that has a constraint already.

        `check` has to follow, once `changed` can be called.
        """
        if surface in self._of:
            return None
        constraint = Constraint(self, surface, hold, region, oneshot, changed)
        self._of[surface] = constraint
        surface.watch_commits(self._committed)
        surface.on_destroy.append(self._surface_destroyed)
        if len(self._of) == 1:
            self.seat.pointer.on_moved.append(self.check)
        return constraint

    def remove(self, constraint: Constraint) -> None:
        """Forget a constraint, untold. Harmless when repeated."""
        surface = constraint.surface
        if self._of.get(surface) is not constraint:
            return
        del self._of[surface]
        surface.unwatch_commits(self._committed)
        surface.on_destroy.remove(self._surface_destroyed)
        if not self._of:
            self.seat.pointer.on_moved.remove(self.check)
        constraint.state = ConstraintState.DEFUNCT
        if self.active is constraint:
            self.active = None
            self.seat.pointer.constraint = None

    # What it depends on

    def check(self) -> None:
        """Find out anew which constraint holds, after anything has changed that they depend on."""
        pointer = self.seat.pointer
        active = self.active
        if active is not None:
            if self._may_hold(active):
                return
            self._deactivate(active)
        constraint = self._of.get(pointer.focus) if pointer.focus is not None else None
        if constraint is not None and self._may_hold(constraint) and self._inside(constraint):
            constraint.state = ConstraintState.ACTIVE
            self.active = constraint
            pointer.constraint = constraint
            constraint.tell()

    def _may_hold(self, constraint: Constraint) -> bool:
        surface = constraint.surface
        if surface is not self.seat.pointer.focus or self._keyboard is None:
            return False
        return _item(surface) is _item(self._keyboard)

    def _inside(self, constraint: Constraint) -> bool:
        offset = constraint.surface.view_offset()
        if offset is None:
            return False
        pointer = self.seat.pointer
        return constraint.effective.contains(floor(pointer.x - offset[0]), floor(pointer.y - offset[1]))

    def _deactivate(self, constraint: Constraint) -> None:
        if constraint.oneshot:
            self.remove(constraint)
        else:
            constraint.state = ConstraintState.WAITING
            self.active = None
            self.seat.pointer.constraint = None
        constraint.tell()

    def _pointer_focus(self, old: Surface | None, new: Surface | None) -> None:
        if self._of:
            self.check()

    def _keyboard_moved(self, old: Surface | None, new: Surface | None) -> None:
        self._keyboard = new
        if self._of:
            self.check()

    def _committed(self, surface: Surface) -> None:
        active = self.active
        if active is None or active.surface is not surface:
            self.check()
        elif active.hold is Hold.CONFINE and not self._inside(active):
            self._bring_inside(active)

    def _bring_inside(self, constraint: Constraint) -> None:
        """Set the pointer into a region that it has been left out of, or give up an empty one."""
        pointer = self.seat.pointer
        offset = constraint.surface.view_offset()
        point = None
        if offset is not None:
            point = nearest_point(constraint.effective, pointer.x - offset[0], pointer.y - offset[1])
        if offset is None or point is None:
            self._deactivate(constraint)
        else:
            pointer.warp(point[0] + offset[0], point[1] + offset[1])

    def _surface_destroyed(self, surface: Surface) -> None:
        constraint = self._of[surface]
        active = constraint.state is ConstraintState.ACTIVE
        self.remove(constraint)
        if active:
            constraint.tell()


def _item(surface: Surface) -> Any:
    """Return the window, or whatever else stands in the scene, that a surface belongs to."""
    role: Any = surface.root().role
    while isinstance(role, Popup) and role.parent is not None:
        role = role.parent
    return role
