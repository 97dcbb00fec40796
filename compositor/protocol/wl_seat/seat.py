"""wl_seat and its global."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any

from compositor.model.desktop import Desktop
from compositor.model.seat import Seat
from compositor.model.surface import Surface
from compositor.protocol.wl_seat.devices import DeviceTable, keep
from compositor.protocol.wl_seat.keyboard import KeyboardSender, WlKeyboard
from compositor.protocol.wl_seat.pointer import PointerSender, WlPointer
from compositor.protocol.wl_seat.touch import TouchSender, WlTouch
from compositor.wire import Client, Display, Interface, NewId, String, Uint, event, request

if TYPE_CHECKING:
    from compositor.model.popup import Popup


class WlSeat(Interface, name="wl_seat", version=11):
    """A client's way to the devices of one person.

    Attributes:
        entry: the global it was bound from.
        seat: the model.
    """

    __slots__ = ("entry", "seat")

    entry: SeatGlobal
    seat: Seat

    class Capability(IntFlag):
        POINTER = 1
        KEYBOARD = 2
        TOUCH = 4

    class Error(IntEnum):
        MISSING_CAPABILITY = 0

    @event()
    def capabilities(self, capabilities: Uint) -> None:
        """What devices there are."""

    @request()
    def get_pointer(self, id: NewId[WlPointer]) -> None:
        self._require(self.Capability.POINTER, "get_pointer")
        pointer = WlPointer(self.client, id, self.version)
        pointer.entry = self.entry
        keep(self, self.entry.table.of(self.client).pointers, pointer)
        pointer.catch_up()

    @request()
    def get_keyboard(self, id: NewId[WlKeyboard]) -> None:
        self._require(self.Capability.KEYBOARD, "get_keyboard")
        keyboard = WlKeyboard(self.client, id, self.version)
        keyboard.entry = self.entry
        keyboard.keymap_sent = None
        keep(self, self.entry.table.of(self.client).keyboards, keyboard)
        self.entry.keyboard_sender.catch_up(keyboard)

    @request()
    def get_touch(self, id: NewId[WlTouch]) -> None:
        self._require(self.Capability.TOUCH, "get_touch")
        touch = WlTouch(self.client, id, self.version)
        touch.entry = self.entry
        keep(self, self.entry.table.of(self.client).touches, touch)

    @event(since=2, name="name")
    def name_(self, name: String) -> None:
        """Name, unique among seats."""

    @request(since=5, destructor=True)
    def release(self) -> None: ...

    def _require(self, capability: Capability, request: str) -> None:
        if not self.entry.ever & capability:
            text = f"{request}: the seat never had the capability {capability.name}"
            raise self.error(self.Error.MISSING_CAPABILITY, text)

    def destroyed(self) -> None:
        if self in self.entry.bound:
            self.entry.bound.remove(self)

    # What other protocols ask

    def grab_serial_valid(self, serial: int, surface: Surface) -> bool:
        """Whether the serial is of the press on the surface's client that is still held."""
        return self.seat.began_grab(surface.client, serial)

    def topmost_popup(self) -> Popup | None:
        """Return the popup that has the grab of this client, or None."""
        grab = self.seat.popup_grab
        return grab.popups[-1] if grab is not None and grab.client is self.client and grab.popups else None

    def grab_popup(self, popup: Popup, serial: int) -> None:
        """Have a popup take the input over once it is mapped, or dismiss it where nothing asked for it.

        Source: xdg_popup.grab.
        """
        if self.seat.sent(self.client, serial):
            popup.grabbed = True
        else:
            popup.dismiss()


class SeatGlobal:
    """The global of one seat, who bound it, and what tells their devices.

    Attributes:
        capabilities: what is announced; `set_capabilities` changes it.
        ever: what was announced at any time.
        table: the devices of all clients.
        data: what other protocols keep per seat, by their own keys.
    """

    def __init__(self, display: Display, seat: Seat) -> None:
        self.display = display
        self.seat = seat
        self.capabilities = WlSeat.Capability.POINTER | WlSeat.Capability.KEYBOARD | WlSeat.Capability.TOUCH
        self.ever = self.capabilities
        self.bound: list[WlSeat] = []
        self.table = DeviceTable()
        self.data: dict[Any, Any] = {}
        self.keyboard_sender = KeyboardSender(self.table, seat.keyboard)
        seat.pointer.listener = PointerSender(self.table)
        seat.keyboard.listener = self.keyboard_sender
        seat.touch.listener = TouchSender(self.table)
        self.entry = display.add_global(WlSeat, self._bind)
        display.on_client_gone.append(self._client_gone)

    def _bind(self, client: Client, oid: int, version: int) -> WlSeat:
        resource = WlSeat(client, oid, version)
        resource.entry = self
        resource.seat = self.seat
        self.bound.append(resource)
        resource.name_(self.seat.name)
        resource.capabilities(self.capabilities)
        return resource

    def set_capabilities(self, capabilities: WlSeat.Capability) -> None:
        """Announce other devices from now on."""
        if capabilities != self.capabilities:
            self.capabilities = capabilities
            self.ever |= capabilities
            for resource in self.bound:
                resource.capabilities(capabilities)

    def remove(self) -> None:
        """Take the seat away."""
        self.display.remove_global(self.entry)
        self.display.on_client_gone.remove(self._client_gone)

    def _client_gone(self, client: Client) -> None:
        # Its surfaces lose their foci after this, which notes more serials.
        client.on_close.append(lambda: self.seat.forget_client(client))


def add_seat(display: Display, desktop: Desktop) -> SeatGlobal:
    """Announce the desktop's seat."""
    entry = display.shared["seat"] = SeatGlobal(display, desktop.seat)
    return entry
