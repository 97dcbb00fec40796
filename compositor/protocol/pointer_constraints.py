"""zwp_pointer_constraints_v1: programs that hold the pointer in place, or within a region.

Source: pointer-constraints-unstable-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.seat.constraints import Constraint, Hold, PointerConstraints
from compositor.protocol.common import implementation_error
from compositor.protocol.wl_seat import SeatGlobal, WlPointer
from compositor.protocol.wl_surface import WlRegion, WlSurface
from compositor.wire import Fixed, Interface, NewId, Uint, event, request


class ZwpPointerConstraintsV1(Interface, name="zwp_pointer_constraints_v1", version=1):
    """Makes locks and confinements."""

    __slots__ = ()

    class Error(IntEnum):
        ALREADY_CONSTRAINED = 1

    class Lifetime(IntEnum):
        ONESHOT = 1
        PERSISTENT = 2

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def lock_pointer(
        self,
        id: NewId[ZwpLockedPointerV1],
        surface: WlSurface,
        pointer: WlPointer,
        region: WlRegion | None,
        lifetime: Uint,
    ) -> None:
        resource = ZwpLockedPointerV1(self.client, id, self.version)
        resource.constraint = None
        self._constrain(resource, Hold.LOCK, surface, pointer, region, lifetime)

    @request()
    def confine_pointer(
        self,
        id: NewId[ZwpConfinedPointerV1],
        surface: WlSurface,
        pointer: WlPointer,
        region: WlRegion | None,
        lifetime: Uint,
    ) -> None:
        resource = ZwpConfinedPointerV1(self.client, id, self.version)
        resource.constraint = None
        self._constrain(resource, Hold.CONFINE, surface, pointer, region, lifetime)

    def _constrain(
        self,
        resource: ZwpLockedPointerV1 | ZwpConfinedPointerV1,
        hold: Hold,
        surface: WlSurface,
        pointer: WlPointer,
        region: WlRegion | None,
        lifetime: int,
    ) -> None:
        if lifetime not in (self.Lifetime.ONESHOT, self.Lifetime.PERSISTENT):
            raise implementation_error(self, f"{lifetime} is no lifetime")
        room = _constraints(pointer.entry)
        area = None if region is None else region.region
        oneshot = lifetime == self.Lifetime.ONESHOT
        constraint = room.add(surface.surface, hold, area, oneshot, resource.changed)
        if constraint is None:
            raise self.error(self.Error.ALREADY_CONSTRAINED, f"{surface!r} has a constraint already")
        resource.constraint = constraint
        room.check()


class ZwpLockedPointerV1(Interface, name="zwp_locked_pointer_v1", version=1):
    """A wish to hold the pointer in place."""

    __slots__ = ("constraint",)

    constraint: Constraint | None

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_cursor_position_hint(self, surface_x: Fixed, surface_y: Fixed) -> None:
        assert self.constraint is not None
        self.constraint.set_hint(surface_x, surface_y)

    @request()
    def set_region(self, region: WlRegion | None) -> None:
        assert self.constraint is not None
        self.constraint.set_region(None if region is None else region.region)

    @event()
    def locked(self) -> None:
        """The pointer stays from now on."""

    @event()
    def unlocked(self) -> None:
        """It is free again."""

    def changed(self, active: bool) -> None:
        """Tell how things stand."""
        if self.alive:
            if active:
                self.locked()
            else:
                self.unlocked()

    def destroyed(self) -> None:
        if self.constraint is not None:
            self.constraint.destroy()


class ZwpConfinedPointerV1(Interface, name="zwp_confined_pointer_v1", version=1):
    """A wish to hold the pointer within a region."""

    __slots__ = ("constraint",)

    constraint: Constraint | None

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_region(self, region: WlRegion | None) -> None:
        assert self.constraint is not None
        self.constraint.set_region(None if region is None else region.region)

    @event()
    def confined(self) -> None:
        """The pointer stays within the region from now on."""

    @event()
    def unconfined(self) -> None:
        """It is free again."""

    def changed(self, active: bool) -> None:
        """Tell how things stand."""
        if self.alive:
            if active:
                self.confined()
            else:
                self.unconfined()

    def destroyed(self) -> None:
        if self.constraint is not None:
            self.constraint.destroy()


def _constraints(entry: SeatGlobal) -> PointerConstraints:
    """Return the constraints of a seat."""
    room = entry.data.get(PointerConstraints)
    if room is None:
        room = entry.data[PointerConstraints] = PointerConstraints(entry.seat)
    assert isinstance(room, PointerConstraints)
    return room
