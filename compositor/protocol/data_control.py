"""What the two data control protocols share: programs that manage the selections without a window.

ext_data_control_v1 is wlr_data_control_unstable_v1 under another name; each
has classes of its own (`ext_data_control`, `wlr_data_control`) whose requests
end here. Source: ext-data-control-v1.xml, wlr-data-control-unstable-v1.xml.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from compositor.model.seat import Seat
from compositor.model.selection import Selection, Source, SourceUse
from compositor.protocol.common import implementation_error
from compositor.protocol.selection_common import MAX_DEVICES, HeldSource, SourceResource, takes_offers
from compositor.protocol.wl_data_device_manager import add_mime_type
from compositor.protocol.wl_seat import SeatGlobal
from compositor.wire import Client, Resource


class SourceError(IntEnum):
    """Error of a source."""

    INVALID_OFFER = 1


class DeviceError(IntEnum):
    """Error of a device."""

    USED_SOURCE = 1


class OfferResource(Protocol):
    """An offer, of either protocol."""

    def offer(self, mime_type: str) -> None: ...


class Held(SourceResource, Protocol):
    """A source, of either protocol."""

    source: HeldSource


class Device:
    """A data control device, of either protocol.

    Args:
        resource: the protocol object.
        make: makes an offer of a source and introduces it.
        selection, primary: send what can be pasted; `primary` is None where the version has none.
    """

    def __init__(
        self,
        resource: Resource,
        make: Callable[[Source], OfferResource],
        selection: Callable[[OfferResource | None], None],
        primary: Callable[[OfferResource | None], None] | None,
    ) -> None:
        self.resource = resource
        self._make = make
        self._selection = selection
        self._primary = primary
        self.room: ControlDevices

    def tell_selection(self) -> None:
        """Tell what the clipboard holds."""
        self._tell(self.room.seat.selection, self._selection)

    def tell_primary(self) -> None:
        """Tell what the primary selection is."""
        if self._primary is not None:
            self._tell(self.room.seat.primary, self._primary)

    def _tell(self, selection: Selection, send: Callable[[OfferResource | None], None]) -> None:
        source = selection.source
        if source is None:
            send(None)
        elif takes_offers(self.resource):
            offer = self._make(source)
            for mime_type in source.mime_types:
                offer.offer(mime_type)
            send(offer)

    def set(self, selection: Selection, held: Held | None) -> None:
        """Set a selection on behalf of the client, which needs no input to prove itself.

        Raises:
            ProtocolError: used_source.
        """
        source = None if held is None else held.source
        if source is not None and source.use is not SourceUse.UNUSED:
            text = f"set_selection: {held!r} was used before"
            raise self.resource.error(DeviceError.USED_SOURCE, text)
        selection.set(source, self.resource.client.display.next_serial())


def offer_type(resource: Resource, source: HeldSource, mime_type: str) -> None:
    """Add a type that a client offers.

    Raises:
        ProtocolError: invalid_offer, once the source was used.
    """
    if source.use is not SourceUse.UNUSED:
        raise resource.error(SourceError.INVALID_OFFER, "offer: the source was given away already")
    add_mime_type(resource, source, mime_type)


class ControlDevices:
    """All data control devices of one seat: each is told of every change, whoever has the keyboard."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self._devices: list[Device] = []
        seat.selection.on_change.append(self._selection_changed)
        seat.primary.on_change.append(self._primary_changed)

    def add(self, device: Device) -> None:
        """A client made a device: it hears of both selections at once.

        Raises:
            ProtocolError: wl_display.error.implementation, if it has too many.
        """
        device.room = self
        if self._count(device.resource.client) >= MAX_DEVICES:
            raise implementation_error(device.resource, f"more than {MAX_DEVICES} devices")
        self._devices.append(device)
        device.tell_selection()
        device.tell_primary()

    def _count(self, client: Client) -> int:
        return sum(device.resource.client is client for device in self._devices)

    def remove(self, device: Device) -> None:
        """A device is gone. Harmless for one that was refused."""
        if device in self._devices:
            self._devices.remove(device)

    def _selection_changed(self) -> None:
        for device in list(self._devices):
            device.tell_selection()

    def _primary_changed(self) -> None:
        for device in list(self._devices):
            device.tell_primary()


def control_devices(entry: SeatGlobal) -> ControlDevices:
    """Return the data control devices of a seat."""
    room = entry.data.get(ControlDevices)
    if room is None:
        room = entry.data[ControlDevices] = ControlDevices(entry.seat)
    assert isinstance(room, ControlDevices)
    return room
