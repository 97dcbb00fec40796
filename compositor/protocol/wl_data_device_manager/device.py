"""wl_data_device: clipboard and drags of one seat, and what tells clients of them."""

from __future__ import annotations

from enum import IntEnum

from compositor.model.seat import Seat
from compositor.model.seat.drag import Drag
from compositor.model.seat.serials import newer
from compositor.model.seat.target import Target
from compositor.model.selection import DragAction, Selection, Source, SourceUse
from compositor.model.surface import Surface
from compositor.protocol.selection_common import takes_offers
from compositor.protocol.wl_data_device_manager.offer import WlDataOffer
from compositor.protocol.wl_data_device_manager.source import WlDataSource
from compositor.protocol.wl_seat import SeatGlobal
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Client, Fixed, Interface, NewObject, Uint, event, request

MAX_DEVICES = 16
"""wl_data_device objects of one client; each is sent offers of its own."""


class WlDataDevice(Interface, name="wl_data_device", version=4):
    """A client's way to the clipboard and the drags of one seat."""

    __slots__ = ("room",)

    room: DataDevices

    class Error(IntEnum):
        ROLE = 0
        USED_SOURCE = 1

    @request()
    def start_drag(
        self, source: WlDataSource | None, origin: WlSurface, icon: WlSurface | None, serial: Uint
    ) -> None:
        model = None if source is None else source.source
        if model is not None and model.use is not SourceUse.UNUSED:
            raise self.error(self.Error.USED_SOURCE, f"start_drag: {source!r} was used before")
        seat = self.room.seat
        picture = None
        if icon is not None:
            picture = seat.claim_icon(icon.surface)
            if picture is None:
                raise self.error(self.Error.ROLE, f"start_drag: {icon!r} has another role")
        if seat.start_drag(model, self.client, picture, serial) is None and model is not None:
            model.use = SourceUse.DRAG
            model.cancelled()

    @request()
    def set_selection(self, source: WlDataSource | None, serial: Uint) -> None:
        selection = self.room.seat.selection
        model = None if source is None else source.source
        if source is not None and model is not None:
            if model.actions is not None or model.toplevel_drag is not None:
                text = "set_selection: it has actions or carries a window, so it is for drags"
                raise source.error(WlDataSource.Error.INVALID_SOURCE, text)
            if model.use is not SourceUse.UNUSED and model is not selection.source:
                raise self.error(self.Error.USED_SOURCE, f"set_selection: {source!r} was used before")
            model.use = SourceUse.SELECTION
        if may_set(self.room.seat, selection, self.client, serial):
            selection.set(model, serial)
        elif model is not None and model is not selection.source:
            model.cancelled()

    @event()
    def data_offer(self, id: NewObject[WlDataOffer]) -> None:
        """An offer follows."""

    @event()
    def enter(self, serial: Uint, surface: WlSurface, x: Fixed, y: Fixed, id: WlDataOffer | None) -> None:
        """A drag is over the surface."""

    @event()
    def leave(self) -> None:
        """It is no longer."""

    @event()
    def motion(self, time: Uint, x: Fixed, y: Fixed) -> None:
        """It moved; surface space."""

    @event()
    def drop(self) -> None:
        """It ended here."""

    @event()
    def selection(self, id: WlDataOffer | None) -> None:
        """What can be pasted."""

    @request(since=2, destructor=True)
    def release(self) -> None: ...

    def make_offer(self, source: Source, target: Target | None) -> WlDataOffer:
        """Introduce an offer of `source` to the client."""
        offer = WlDataOffer(self.client, 0, self.version)
        offer.source = source if target is None else None
        offer.target = target
        self.data_offer(offer)
        for mime_type in source.mime_types:
            offer.offer(mime_type)
        return offer

    def destroyed(self) -> None:
        self.room.remove(self)


def may_set(seat: Seat, selection: Selection, client: Client, serial: int) -> bool:
    """Whether a client may set a selection: it names input of its own, none older than the last setter's.

    Programs of old name none (``--legacy-shell``); of those only the second half is asked, as Weston does.
    """
    if not seat.sent(client, serial) and not client.display.context.lenient:
        return False
    return selection.source is None or not newer(selection.serial, serial)


class DataDevices:
    """All wl_data_device of one seat; tells them of selection and drags."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self._devices: dict[Client, list[WlDataDevice]] = {}
        self._dragged_over: list[WlDataDevice] = []
        seat.selection.on_change.append(self._selection_changed)
        seat.keyboard.on_focus.append(self._focus_changed)
        seat.drag_listener = self

    def add(self, device: WlDataDevice) -> bool:
        """A client made a device; if it has the keyboard it hears of the selection at once.

        Returns:
            False if it has too many already.
        """
        devices = self._devices.setdefault(device.client, [])
        if len(devices) >= MAX_DEVICES:
            return False
        devices.append(device)
        focused = self.seat.keyboard.focused
        if focused is not None and focused.client is device.client:
            self._send_selection([device])
        return True

    def remove(self, device: WlDataDevice) -> None:
        """A device is gone."""
        devices = self._devices.get(device.client, [])
        if device in devices:
            devices.remove(device)
        if not devices:
            self._devices.pop(device.client, None)
        if device in self._dragged_over:
            self._dragged_over.remove(device)

    # Selection

    def _selection_changed(self) -> None:
        focused = self.seat.keyboard.focused
        if focused is not None:
            self._send_selection(self._devices.get(focused.client, []))

    def _focus_changed(self, old: Surface | None, new: Surface | None) -> None:
        if new is not None and (old is None or old.client is not new.client):
            self._send_selection(self._devices.get(new.client, []))

    def _send_selection(self, devices: list[WlDataDevice]) -> None:
        source = self.seat.selection.source
        for device in list(devices):
            if source is None:
                device.selection(None)
            elif takes_offers(device):
                device.selection(device.make_offer(source, None))

    # Drags (compositor.model.seat.listeners.DragListener)

    def enter(self, drag: Drag, surface: Surface, serial: int, sx: float, sy: float) -> None:
        """Offer the dragged source to the surface's client."""
        self._dragged_over = [d for d in self._devices.get(surface.client, ()) if takes_offers(d)]
        for device in list(self._dragged_over):
            offer = None
            if drag.source is not None and drag.target is not None:
                offer = device.make_offer(drag.source, drag.target)
                actions = drag.source.actions
                offer.source_actions(DragAction.COPY if actions is None else actions)
            device.enter(serial, surface.resource, sx, sy, offer)
            if offer is not None and drag.target is not None:
                drag.target.add_offer(offer, negotiates=device.version >= 3)

    def leave(self, drag: Drag) -> None:
        """Tell that the drag went elsewhere, or has ended."""
        devices, self._dragged_over = self._dragged_over, []
        for device in devices:
            device.leave()

    def motion(self, drag: Drag, time_ms: int, sx: float, sy: float) -> None:
        """Tell where it is."""
        for device in self._dragged_over:
            device.motion(time_ms, sx, sy)

    def drop(self, drag: Drag) -> None:
        """Tell that it ended here."""
        for device in self._dragged_over:
            device.drop()


def data_devices(entry: SeatGlobal) -> DataDevices:
    """Return the devices of a seat."""
    room = entry.data.get(DataDevices)
    if room is None:
        room = entry.data[DataDevices] = DataDevices(entry.seat)
    assert isinstance(room, DataDevices)
    return room
