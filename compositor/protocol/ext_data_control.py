"""ext_data_control_manager_v1: clipboard managers and tools. See `data_control`.

Source: ext-data-control-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.selection import Source
from compositor.protocol.data_control import Device, control_devices, offer_type
from compositor.protocol.selection_common import HeldSource
from compositor.protocol.wl_seat import WlSeat
from compositor.wire import Fd, Interface, NewId, NewObject, SendFd, String, event, request


class ExtDataControlManagerV1(Interface, name="ext_data_control_manager_v1", version=1):
    """Makes sources and devices."""

    __slots__ = ()

    @request()
    def create_data_source(self, id: NewId[ExtDataControlSourceV1]) -> None:
        resource = ExtDataControlSourceV1(self.client, id, self.version)
        resource.source = HeldSource(resource)

    @request()
    def get_data_device(self, id: NewId[ExtDataControlDeviceV1], seat: WlSeat) -> None:
        resource = ExtDataControlDeviceV1(self.client, id, self.version)
        resource.start(seat)

    @request(destructor=True)
    def destroy(self) -> None: ...


class ExtDataControlDeviceV1(Interface, name="ext_data_control_device_v1", version=1):
    """A client's way to both selections of one seat."""

    __slots__ = ("device",)

    device: Device

    class Error(IntEnum):
        USED_SOURCE = 1

    @request()
    def set_selection(self, source: ExtDataControlSourceV1 | None) -> None:
        self.device.set(self.device.room.seat.selection, source)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def data_offer(self, id: NewObject[ExtDataControlOfferV1]) -> None:
        """An offer follows."""

    @event()
    def selection(self, id: ExtDataControlOfferV1 | None) -> None:
        """What the clipboard holds."""

    @event()
    def finished(self) -> None:
        """The seat is gone."""

    @event()
    def primary_selection(self, id: ExtDataControlOfferV1 | None) -> None:
        """What is selected."""

    @request()
    def set_primary_selection(self, source: ExtDataControlSourceV1 | None) -> None:
        self.device.set(self.device.room.seat.primary, source)

    def start(self, seat: WlSeat) -> None:
        """Tell of both selections from now on."""
        self.device = Device(self, self._make_offer, self.selection, self.primary_selection)  # type: ignore[arg-type]
        control_devices(seat.entry).add(self.device)

    def _make_offer(self, source: Source) -> ExtDataControlOfferV1:
        offer = ExtDataControlOfferV1(self.client, 0, self.version)
        offer.source = source
        self.data_offer(offer)
        return offer

    def destroyed(self) -> None:
        self.device.room.remove(self.device)


class ExtDataControlSourceV1(Interface, name="ext_data_control_source_v1", version=1):
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


class ExtDataControlOfferV1(Interface, name="ext_data_control_offer_v1", version=1):
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
