"""zwp_keyboard_shortcuts_inhibit_manager_v1: surfaces that get the compositor's own shortcuts as well.

Source: keyboard-shortcuts-inhibit-unstable-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.seat.shortcuts import Inhibitor, ShortcutInhibitors
from compositor.protocol.wl_seat import SeatGlobal, WlSeat
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, event, request


class ZwpKeyboardShortcutsInhibitManagerV1(
    Interface, name="zwp_keyboard_shortcuts_inhibit_manager_v1", version=1
):
    """Makes inhibitors."""

    __slots__ = ()

    class Error(IntEnum):
        ALREADY_INHIBITED = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def inhibit_shortcuts(
        self, id: NewId[ZwpKeyboardShortcutsInhibitorV1], surface: WlSurface, seat: WlSeat
    ) -> None:
        resource = ZwpKeyboardShortcutsInhibitorV1(self.client, id, self.version)
        room = _inhibitors(seat.entry)
        resource.inhibitor = room.add(surface.surface, resource.changed)
        if resource.inhibitor is None:
            raise self.error(self.Error.ALREADY_INHIBITED, f"{surface!r} has an inhibitor already")
        room.check()


class ZwpKeyboardShortcutsInhibitorV1(Interface, name="zwp_keyboard_shortcuts_inhibitor_v1", version=1):
    """One surface's wish."""

    __slots__ = ("inhibitor",)

    inhibitor: Inhibitor | None

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def active(self) -> None:
        """The surface gets every key."""

    @event()
    def inactive(self) -> None:
        """The person has taken the shortcuts back."""

    def changed(self, active: bool) -> None:
        """Tell how things stand."""
        if active:
            self.active()
        else:
            self.inactive()

    def destroyed(self) -> None:
        if self.inhibitor is not None:
            self.inhibitor.destroy()


def _inhibitors(entry: SeatGlobal) -> ShortcutInhibitors:
    """Return the inhibitors of a seat."""
    room = entry.data.get(ShortcutInhibitors)
    if room is None:
        room = entry.data[ShortcutInhibitors] = ShortcutInhibitors(entry.seat)
    assert isinstance(room, ShortcutInhibitors)
    return room
