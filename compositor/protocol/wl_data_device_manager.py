"""wl_data_device_manager and what it makes: clipboard, and drag and drop.

Source: wayland.xml; errors as in wlroots (types/data_device) where the
protocol leaves them open.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from os import close as close_fd

from compositor.model.desktop import Desktop
from compositor.model.seat import Drag, Seat
from compositor.model.seat.drag import Target, TargetState
from compositor.model.seat.serials import newer
from compositor.model.selection import ALL_ACTIONS, DragAction, Selection, Source, SourceUse
from compositor.model.surface import Surface
from compositor.protocol.common import implementation_error
from compositor.protocol.wl_seat import SeatGlobal, WlSeat
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import (
    Client,
    Display,
    Fd,
    Fixed,
    Interface,
    NewId,
    NewObject,
    Resource,
    SendFd,
    String,
    Uint,
    event,
    request,
)

MAX_OFFER_CHARACTERS = 65_536
"""Of all types of a source: readers are sent them at once, and too much would disconnect them."""
MAX_DEVICES = 16
"""wl_data_device objects of one client; each is sent offers of its own."""

# A number: the complement of a flag has only the bits that the flag knows.
_ALL_ACTIONS = int(ALL_ACTIONS)


class ClientSource(Source):
    """A wl_data_source, as the model sees it."""

    def __init__(self, resource: WlDataSource) -> None:
        super().__init__(resource.client)
        self._resource = resource

    def send(self, mime_type: str, fd: int) -> None:
        """Have the client write."""
        if self._resource.alive:
            self._resource.send(mime_type, fd)
        else:
            close_fd(fd)

    def cancelled(self) -> None:
        """Tell the client; of drags only since version 3."""
        resource = self._resource
        if resource.alive and (self.use is not SourceUse.DRAG or resource.version >= 3):
            resource.cancelled()

    def target(self, mime_type: str | None) -> None:
        """Tell what the target takes."""
        if self._resource.alive:
            self._resource.target(mime_type)

    def action(self, action: DragAction) -> None:
        """Tell what a drop would do."""
        if self._resource.alive:
            self._resource.action(action)

    def drop_performed(self) -> None:
        """Tell that it was dropped."""
        if self._resource.alive:
            self._resource.dnd_drop_performed()

    def finished(self) -> None:
        """Tell that the target is done."""
        if self._resource.alive:
            self._resource.dnd_finished()


class WlDataOffer(Interface, name="wl_data_offer", version=4):
    """What a client may paste or receive by a drop.

    Attributes:
        source: of the selection it was made for; None for drags.
        target: the stay of the drag it was made for; None for selections.
    """

    __slots__ = ("source", "target")

    source: Source | None
    target: Target | None

    class Error(IntEnum):
        INVALID_FINISH = 0
        INVALID_ACTION_MASK = 1
        INVALID_ACTION = 2
        INVALID_OFFER = 3

    @request()
    def accept(self, serial: Uint, mime_type: String | None) -> None:
        if self.target is not None:
            self.target.accept(mime_type)

    @request()
    def receive(self, mime_type: String, fd: Fd) -> None:
        source = self.source if self.target is None else self.target.source
        if source is not None:
            source.request(mime_type, fd.take())

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def offer(self, mime_type: String) -> None:
        """One type it can give."""

    @request(since=3)
    def finish(self) -> None:
        target = self.target
        if target is None:
            raise self.error(self.Error.INVALID_FINISH, "finish: it is not an offer of a drag")
        if target.source is None:
            return
        if target.state is not TargetState.DROPPED or target.mime_type is None:
            why = "nothing was dropped yet" if target.state is TargetState.OVER else "no type was accepted"
            raise self.error(self.Error.INVALID_FINISH, f"finish: {why}")
        if target.action in (DragAction.NONE, DragAction.ASK):
            raise self.error(self.Error.INVALID_OFFER, f"finish: the action is {target.action.name}")
        target.finish()

    @request(since=3)
    def set_actions(self, dnd_actions: Uint, preferred_action: Uint) -> None:
        if dnd_actions & ~_ALL_ACTIONS:
            raise self.error(self.Error.INVALID_ACTION_MASK, f"set_actions: {dnd_actions:#x} is no mask")
        single = preferred_action & (preferred_action - 1) == 0
        if preferred_action and not (single and preferred_action & dnd_actions):
            text = f"set_actions: {preferred_action:#x} is not one of {dnd_actions:#x}"
            raise self.error(self.Error.INVALID_ACTION, text)
        if self.target is None:
            raise self.error(self.Error.INVALID_OFFER, "set_actions: it is not an offer of a drag")
        self.target.set_actions(DragAction(dnd_actions), DragAction(preferred_action))

    @event(since=3)
    def source_actions(self, source_actions: Uint) -> None:
        """What the source allows."""

    @event(since=3)
    def action(self, dnd_action: Uint) -> None:
        """What both sides agree on."""

    def send_action(self, action: DragAction) -> None:
        """Tell what both sides agree on (for compositor.model.seat.drag.Target)."""
        if self.alive:
            self.action(action)

    def destroyed(self) -> None:
        if self.target is not None:
            self.target.remove_offer(self)


class WlDataSource(Interface, name="wl_data_source", version=4):
    """What a client has to give.

    Attributes:
        source: the model of it.
    """

    __slots__ = ("source",)

    source: ClientSource

    class Error(IntEnum):
        INVALID_ACTION_MASK = 0
        INVALID_SOURCE = 1

    @request()
    def offer(self, mime_type: String) -> None:
        add_mime_type(self, self.source, mime_type)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def target(self, mime_type: String | None) -> None:
        """What the target takes, or nothing."""

    @event()
    def send(self, mime_type: String, fd: SendFd) -> None:
        """Write the data."""

    @event()
    def cancelled(self) -> None:
        """It will not be asked any more."""

    @request(since=3)
    def set_actions(self, dnd_actions: Uint) -> None:
        source = self.source
        if dnd_actions & ~_ALL_ACTIONS:
            raise self.error(self.Error.INVALID_ACTION_MASK, f"set_actions: {dnd_actions:#x} is no mask")
        if source.actions is not None:
            raise self.error(self.Error.INVALID_ACTION_MASK, "set_actions: called a second time")
        if source.use is not SourceUse.UNUSED:
            raise self.error(self.Error.INVALID_ACTION_MASK, "set_actions: the source is in use already")
        source.actions = DragAction(dnd_actions)

    @event(since=3)
    def dnd_drop_performed(self) -> None:
        """It was dropped."""

    @event(since=3)
    def dnd_finished(self) -> None:
        """The target is done."""

    @event(since=3)
    def action(self, dnd_action: Uint) -> None:
        """What a drop would do."""

    def destroyed(self) -> None:
        self.source.destroy()


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
            if model.actions is not None:
                text = "set_selection: it has actions, so it is for drags"
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


class WlDataDeviceManager(Interface, name="wl_data_device_manager", version=4):
    """Makes sources and devices."""

    __slots__ = ()

    class DndAction(IntFlag):
        NONE = 0
        COPY = 1
        MOVE = 2
        ASK = 4

    @request()
    def create_data_source(self, id: NewId[WlDataSource]) -> None:
        resource = WlDataSource(self.client, id, self.version)
        resource.source = ClientSource(resource)

    @request()
    def get_data_device(self, id: NewId[WlDataDevice], seat: WlSeat) -> None:
        device = WlDataDevice(self.client, id, self.version)
        device.room = data_devices(seat.entry)
        if not device.room.add(device):
            raise implementation_error(self, f"more than {MAX_DEVICES} data devices")

    @request(since=4, destructor=True)
    def release(self) -> None: ...


def add_mime_type(resource: Resource, source: Source, mime_type: str) -> None:
    """Add a type that a client offers, within the limits.

    Raises:
        ProtocolError: wl_display.error.implementation, for too many or too long a type.
    """
    limits = resource.client.display.limits
    if len(source.mime_types) >= limits.mime_types:
        raise implementation_error(resource, f"more than {limits.mime_types} types offered")
    if len(mime_type.encode()) > limits.string_bytes:
        raise implementation_error(resource, f"a type of more than {limits.string_bytes} bytes")
    if sum(map(len, source.mime_types)) + len(mime_type) > MAX_OFFER_CHARACTERS:
        raise implementation_error(resource, f"types of more than {MAX_OFFER_CHARACTERS} characters in all")
    source.offer(mime_type)


def may_set(seat: Seat, selection: Selection, client: Client, serial: int) -> bool:
    """Whether a client may set a selection: it names input of its own, none older than the last setter's."""
    if not seat.sent(client, serial):
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
        for device in devices:
            device.selection(None if source is None else device.make_offer(source, None))

    # Drags (compositor.model.seat.listeners.DragListener)

    def enter(self, drag: Drag, surface: Surface, serial: int, sx: float, sy: float) -> None:
        """Offer the dragged source to the surface's client."""
        self._dragged_over = list(self._devices.get(surface.client, []))
        for device in self._dragged_over:
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


def add_data_device_manager(display: Display, desktop: Desktop) -> None:
    """Announce it."""
    display.add_global(WlDataDeviceManager)
