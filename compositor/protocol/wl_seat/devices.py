"""Which devices of a seat each client holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from compositor.model.surface import Surface
from compositor.protocol.common import implementation_error
from compositor.wire import Resource

if TYPE_CHECKING:
    from compositor.protocol.wl_seat.keyboard import WlKeyboard
    from compositor.protocol.wl_seat.pointer import WlPointer
    from compositor.protocol.wl_seat.touch import WlTouch
    from compositor.wire import Client

R = TypeVar("R", bound=Resource)


class Devices:
    """The resources that one client has of one seat.

    The lists stay the same objects for the client's life: whoever sends to a
    focus keeps the list and reaches devices created later as well.
    """

    __slots__ = ("keyboards", "pointers", "touches")

    def __init__(self) -> None:
        self.pointers: list[WlPointer] = []
        self.keyboards: list[WlKeyboard] = []
        self.touches: list[WlTouch] = []


MAX_PER_KIND = 256
"""Pointers, say, of one client and seat: every event is sent to each of them (toolkits make one to three)."""

NO_DEVICES = Devices()
"""Of a client that has bound nothing."""


def keep(seat: Resource, devices: list[R], device: R) -> None:
    """Add a device to those that its client has.

    Raises:
        ProtocolError: wl_display.error.implementation, if it has too many.
    """
    if len(devices) >= MAX_PER_KIND:
        raise implementation_error(seat, f"more than {MAX_PER_KIND} devices of a kind")
    devices.append(device)


def listening(surface: Surface) -> bool:
    """Whether the client can still be told about the surface.

    A client that gets an event naming an id which `delete_id` has freed
    disconnects (libwayland, connection.c, wl_closure_lookup_objects).
    """
    resource = surface.resource
    return resource is not None and bool(resource.alive)


class DeviceTable:
    """`Devices` by client, for one seat."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: dict[Client, Devices] = {}

    def of(self, client: Client) -> Devices:
        """Return what a client has; made when first asked for, gone with the client."""
        devices = self._of.get(client)
        if devices is None:
            if not client.alive:
                return NO_DEVICES
            devices = self._of[client] = Devices()
            client.on_close.append(lambda: self._of.pop(client, None))
        return devices

    def all(self) -> list[Devices]:
        """Return what every client has."""
        return list(self._of.values())
