"""zwlr_data_control_manager_v1: clipboard managers and tools. See `data_control`.

Source: wlr-data-control-unstable-v1.xml of wlr-protocols.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.selection import Source
from compositor.protocol.data_control import Device, control_devices, offer_type
from compositor.protocol.selection_common import HeldSource
from compositor.protocol.wl_seat import WlSeat
from compositor.wire import Fd, Interface, NewId, NewObject, SendFd, String, event, request


class ZwlrDataControlManagerV1(Interface, name="zwlr_data_control_manager_v1", version=2):
    """Makes sources and devices."""

    __slots__ = ()

    @request()
    def create_data_source(self, id: NewId[ZwlrDataControlSourceV1]) -> None:
        resource = ZwlrDataControlSourceV1(self.client, id, self.version)
        resource.source = HeldSource(resource)

    @request()
    def get_data_device(self, id: NewId[ZwlrDataControlDeviceV1], seat: WlSeat) -> None:
        resource = ZwlrDataControlDeviceV1(self.client, id, self.version)
        resource.start(seat)

    @request(destructor=True)
    def destroy(self) -> None: ...


class ZwlrDataControlDeviceV1(Interface, name="zwlr_data_control_device_v1", version=2):
    """A client's way to both selections of one seat."""

    __slots__ = ("device",)

    device: Device

    class Error(IntEnum):
        USED_SOURCE = 1

    @request()
    def set_selection(self, source: ZwlrDataControlSourceV1 | None) -> None:
        self.device.set(self.device.room.seat.selection, source)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def data_offer(self, id: NewObject[ZwlrDataControlOfferV1]) -> None:
        """An offer follows."""

    @event()
    def selection(self, id: ZwlrDataControlOfferV1 | None) -> None:
        """What the clipboard holds."""

    @event()
    def finished(self) -> None:
        """The seat is gone."""

    @event(since=2)
    def primary_selection(self, id: ZwlrDataControlOfferV1 | None) -> None:
        """What is selected."""

    @request(since=2)
    def set_primary_selection(self, source: ZwlrDataControlSourceV1 | None) -> None:
        self.device.set(self.device.room.seat.primary, source)

    def start(self, seat: WlSeat) -> None:
        """Tell of both selections from now on."""
        primary = self.primary_selection if self.version >= 2 else None
        self.device = Device(self, self._make_offer, self.selection, primary)  # type: ignore[arg-type]
        control_devices(seat.entry).add(self.device)

    def _make_offer(self, source: Source) -> ZwlrDataControlOfferV1:
        offer = ZwlrDataControlOfferV1(self.client, 0, self.version)
        offer.source = source
        self.data_offer(offer)
        return offer

    def destroyed(self) -> None:
        self.device.room.remove(self.device)


class ZwlrDataControlSourceV1(Interface, name="zwlr_data_control_source_v1", version=1):
    """What a client has to give.

    Attributes:
        source: the model of it.
    """

    __slots__ = ("source",)

    source: HeldSource

    class Error(IntEnum):
        INVALID_OFFER = 1

    @request()
    def offer(self, mime_type: String) -> None:
        offer_type(self, self.source, mime_type)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def send(self, mime_type: String, fd: SendFd) -> None:
        """Write the data."""

    @event()
    def cancelled(self) -> None:
        """It will not be asked any more."""

    def destroyed(self) -> None:
        self.source.destroy()


class ZwlrDataControlOfferV1(Interface, name="zwlr_data_control_offer_v1", version=1):
    """What a client may paste."""

    __slots__ = ("source",)

    source: Source

    @request()
    def receive(self, mime_type: String, fd: Fd) -> None:
        self.source.request(mime_type, fd.take())

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def offer(self, mime_type: String) -> None:
        """One type it can give."""
