"""zwp_relative_pointer_manager_v1: the way that the pointer's device went, whether or not the pointer did.

Source: relative-pointer-unstable-v1.xml.
"""

from __future__ import annotations

from compositor.model.seat.host import bounded
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_seat import SeatGlobal, WlPointer
from compositor.protocol.wl_seat.devices import keep
from compositor.wire import Client, Fixed, Interface, NewId, Uint, event, request


class ZwpRelativePointerManagerV1(Interface, name="zwp_relative_pointer_manager_v1", version=1):
    """Makes relative pointers."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_relative_pointer(self, id: NewId[ZwpRelativePointerV1], pointer: WlPointer) -> None:
        resource = ZwpRelativePointerV1(self.client, id, self.version)
        resource.room = _room(pointer.entry)
        resource.room.add(resource)


class ZwpRelativePointerV1(Interface, name="zwp_relative_pointer_v1", version=1):
    """A client's way to hear of motion as such."""

    __slots__ = ("room",)

    room: RelativePointers

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def relative_motion(
        self, utime_hi: Uint, utime_lo: Uint, dx: Fixed, dy: Fixed, dx_unaccel: Fixed, dy_unaccel: Fixed
    ) -> None:
        """The device moved; microseconds, layout pixels, and what the device itself said."""

    def destroyed(self) -> None:
        self.room.remove(self)


class RelativePointers:
    """All relative pointers of one seat: those of the client that has the pointer are told."""

    def __init__(self, entry: SeatGlobal) -> None:
        self._pointer = entry.seat.pointer
        self._of: dict[Client, list[ZwpRelativePointerV1]] = {}

    def add(self, resource: ZwpRelativePointerV1) -> None:
        """A client made one.

        Raises:
            ProtocolError: wl_display.error.implementation, if it has too many.
        """
        if not self._of:
            self._pointer.on_relative.append(self._moved)
        keep(resource, self._of.setdefault(resource.client, []), resource)

    def remove(self, resource: ZwpRelativePointerV1) -> None:
        """One is gone. Harmless when repeated."""
        resources = self._of.get(resource.client)
        if resources is None or resource not in resources:
            return
        resources.remove(resource)
        if not resources:
            del self._of[resource.client]
        if not self._of:
            self._pointer.on_relative.remove(self._moved)

    def _moved(self, time_ms: int, dx: float, dy: float, raw_dx: float, raw_dy: float) -> None:
        focus = self._pointer.focus
        resources = self._of.get(focus.client) if focus is not None else None
        if not resources or not (dx or dy or raw_dx or raw_dy):
            return
        time_us = desktop_of(resources[0]).clock.now_ns() // 1000
        for resource in resources:
            resource.relative_motion(
                time_us >> 32 & 0xFFFF_FFFF,
                time_us & 0xFFFF_FFFF,
                *(bounded(distance) for distance in (dx, dy, raw_dx, raw_dy)),
            )
        # It belongs to a frame also when the pointer itself stays where it is.
        self._pointer.open_frame()


def _room(entry: SeatGlobal) -> RelativePointers:
    """Return the relative pointers of a seat."""
    room = entry.data.get(RelativePointers)
    if room is None:
        room = entry.data[RelativePointers] = RelativePointers(entry)
    assert isinstance(room, RelativePointers)
    return room
