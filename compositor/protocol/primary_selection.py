"""zwp_primary_selection_device_manager_v1: what was selected last, for a click with the middle button.

Source: primary-selection-unstable-v1.xml. A source used a second time, for
which the protocol has no error, is let pass as in wlroots: it is what it was.
"""

from __future__ import annotations

from compositor.model.seat import Seat
from compositor.model.selection import Source
from compositor.model.surface import Surface
from compositor.protocol.common import implementation_error
from compositor.protocol.selection_common import MAX_DEVICES, HeldSource, takes_offers
from compositor.protocol.wl_data_device_manager import add_mime_type, may_set
from compositor.protocol.wl_seat import SeatGlobal, WlSeat
from compositor.wire import Client, Fd, Interface, NewId, NewObject, SendFd, String, Uint, event, request


class ZwpPrimarySelectionDeviceManagerV1(
    Interface, name="zwp_primary_selection_device_manager_v1", version=1
):
    """Makes sources and devices."""

    __slots__ = ()

    @request()
    def create_source(self, id: NewId[ZwpPrimarySelectionSourceV1]) -> None:
        resource = ZwpPrimarySelectionSourceV1(self.client, id, self.version)
        resource.source = HeldSource(resource)

    @request()
    def get_device(self, id: NewId[ZwpPrimarySelectionDeviceV1], seat: WlSeat) -> None:
        device = ZwpPrimarySelectionDeviceV1(self.client, id, self.version)
        device.room = _room(seat.entry)
        if not device.room.add(device):
            raise implementation_error(self, f"more than {MAX_DEVICES} devices")

    @request(destructor=True)
    def destroy(self) -> None: ...


class ZwpPrimarySelectionDeviceV1(Interface, name="zwp_primary_selection_device_v1", version=1):
    """A client's way to the primary selection of one seat."""

    __slots__ = ("room",)

    room: PrimaryDevices

    @request()
    def set_selection(self, source: ZwpPrimarySelectionSourceV1 | None, serial: Uint) -> None:
        seat = self.room.seat
        model = None if source is None else source.source
        if may_set(seat, seat.primary, self.client, serial):
            seat.primary.set(model, serial)
        elif model is not None and model is not seat.primary.source:
            model.cancelled()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def data_offer(self, offer: NewObject[ZwpPrimarySelectionOfferV1]) -> None:
        """An offer follows."""

    @event()
    def selection(self, id: ZwpPrimarySelectionOfferV1 | None) -> None:
        """What can be pasted."""

    def offer(self, source: Source | None) -> None:
        """Tell what can be pasted now."""
        if source is None:
            self.selection(None)
        elif takes_offers(self):
            offer = ZwpPrimarySelectionOfferV1(self.client, 0, self.version)
            offer.source = source
            self.data_offer(offer)
            for mime_type in source.mime_types:
                offer.offer(mime_type)
            self.selection(offer)

    def destroyed(self) -> None:
        self.room.remove(self)


class ZwpPrimarySelectionOfferV1(Interface, name="zwp_primary_selection_offer_v1", version=1):
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


class ZwpPrimarySelectionSourceV1(Interface, name="zwp_primary_selection_source_v1", version=1):
    """What a client has selected.

    Attributes:
        source: the model of it.
    """

    __slots__ = ("source",)

    source: HeldSource

    @request()
    def offer(self, mime_type: String) -> None:
        add_mime_type(self, self.source, mime_type)

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


class PrimaryDevices:
    """All devices of one seat: the client that has the keyboard is told of the primary selection."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self._devices: dict[Client, list[ZwpPrimarySelectionDeviceV1]] = {}
        seat.primary.on_change.append(self._changed)
        seat.keyboard.on_focus.append(self._focus_changed)

    def add(self, device: ZwpPrimarySelectionDeviceV1) -> bool:
        """A client made a device; False if it has too many already."""
        devices = self._devices.setdefault(device.client, [])
        if len(devices) >= MAX_DEVICES:
            return False
        devices.append(device)
        focused = self.seat.keyboard.focused
        if focused is not None and focused.client is device.client:
            device.offer(self.seat.primary.source)
        return True

    def remove(self, device: ZwpPrimarySelectionDeviceV1) -> None:
        """A device is gone."""
        devices = self._devices.get(device.client, [])
        if device in devices:
            devices.remove(device)
        if not devices:
            self._devices.pop(device.client, None)

    def _changed(self) -> None:
        focused = self.seat.keyboard.focused
        if focused is not None:
            self._tell(focused.client)

    def _focus_changed(self, old: Surface | None, new: Surface | None) -> None:
        if new is not None and (old is None or old.client is not new.client):
            self._tell(new.client)

    def _tell(self, client: Client) -> None:
        for device in list(self._devices.get(client, ())):
            device.offer(self.seat.primary.source)


def _room(entry: SeatGlobal) -> PrimaryDevices:
    """Return the devices of a seat."""
    room = entry.data.get(PrimaryDevices)
    if room is None:
        room = entry.data[PrimaryDevices] = PrimaryDevices(entry.seat)
    assert isinstance(room, PrimaryDevices)
    return room
