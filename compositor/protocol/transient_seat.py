"""ext_transient_seat_manager_v1: seats for remote people. There is one seat here; more are denied.

Source: ext-transient-seat-v1.xml.
"""

from __future__ import annotations

from compositor.wire import Interface, NewId, Uint, event, request


class ExtTransientSeatManagerV1(Interface, name="ext_transient_seat_manager_v1", version=1):
    """Asked for seats."""

    __slots__ = ()

    @request()
    def create(self, seat: NewId[ExtTransientSeatV1]) -> None:
        # A window's keyboard focus is the desktop's, and the desktop has one seat.
        ExtTransientSeatV1(self.client, seat, self.version).denied()

    @request(destructor=True)
    def destroy(self) -> None: ...


class ExtTransientSeatV1(Interface, name="ext_transient_seat_v1", version=1):
    """A seat that was asked for."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def ready(self, global_name: Uint) -> None:
        """The seat is there."""

    @event()
    def denied(self) -> None:
        """There will be none."""
