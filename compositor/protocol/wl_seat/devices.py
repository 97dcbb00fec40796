"""Which devices of a seat each client holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.model.surface import Surface

if TYPE_CHECKING:
    from compositor.protocol.wl_seat.keyboard import WlKeyboard
    from compositor.protocol.wl_seat.pointer import WlPointer
    from compositor.protocol.wl_seat.touch import WlTouch
    from compositor.wire import Client


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


NO_DEVICES = Devices()
"""Of a client that has bound nothing."""


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
