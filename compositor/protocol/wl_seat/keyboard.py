"""wl_keyboard."""

from __future__ import annotations

import os
from array import array
from collections import OrderedDict
from enum import IntEnum
from typing import TYPE_CHECKING

from compositor.model.seat.keyboard import Keyboard
from compositor.model.surface import Surface
from compositor.protocol.wl_seat.devices import NO_DEVICES, DeviceTable, listening
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Array, Int, Interface, SendFd, Uint, event, request

if TYPE_CHECKING:
    from compositor.memory import FrozenMessage
    from compositor.model.keymap import Keymap, Modifiers
    from compositor.protocol.wl_seat.seat import SeatGlobal

_KEYMAPS_KEPT = 8


class WlKeyboard(Interface, name="wl_keyboard", version=11):
    """A client's way to hear of the keyboard.

    Attributes:
        keymap: the one it was sent last.
    """

    __slots__ = ("entry", "keymap_sent")

    entry: SeatGlobal
    keymap_sent: Keymap | None

    class KeymapFormat(IntEnum):
        NO_KEYMAP = 0
        XKB_V1 = 1

    class KeyState(IntEnum):
        RELEASED = 0
        PRESSED = 1
        REPEATED = 2

    @event()
    def keymap(self, format: Uint, fd: SendFd, size: Uint) -> None:
        """The keymap, in memory that nobody can change."""

    @event()
    def enter(self, serial: Uint, surface: WlSurface, keys: Array) -> None:
        """The surface has got the keyboard; keys that are down."""

    @event()
    def leave(self, serial: Uint, surface: WlSurface) -> None:
        """The surface has lost it."""

    @event()
    def key(self, serial: Uint, time: Uint, key: Uint, state: Uint) -> None:
        """A key (evdev code) changed."""

    @event()
    def modifiers(
        self, serial: Uint, mods_depressed: Uint, mods_latched: Uint, mods_locked: Uint, group: Uint
    ) -> None:
        """Modifiers and group."""

    @request(since=3, destructor=True)
    def release(self) -> None: ...

    @event(since=4)
    def repeat_info(self, rate: Int, delay: Int) -> None:
        """Repeats per second, and milliseconds before the first."""

    def destroyed(self) -> None:
        keyboards = self.entry.table.of(self.client).keyboards
        if self in keyboards:
            keyboards.remove(self)


class KeymapMemory:
    """One frozen memfd per keymap, shared by all clients. Source: wl_keyboard.keymap."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: OrderedDict[Keymap, FrozenMessage] = OrderedDict()

    def get(self, keymap: Keymap) -> FrozenMessage:
        """Return the keymap's text with its NUL, sealed against every change."""
        message = self._kept.get(keymap)
        if message is None:
            from compositor.memory import freeze

            message = self._kept[keymap] = freeze(keymap.text + b"\0", "weddell-keymap")
            if len(self._kept) > _KEYMAPS_KEPT:
                self._kept.popitem(last=False)[1].close()
        self._kept.move_to_end(keymap)
        return message


class KeyboardSender:
    """Tells the client that has the keyboard (compositor.model.seat.listeners.KeyboardListener).

    Attributes:
        memory: the keymaps that were sent.
    """

    def __init__(self, table: DeviceTable, keyboard: Keyboard) -> None:
        self._table = table
        self._keyboard = keyboard
        self.memory = KeymapMemory()
        self._to: list[WlKeyboard] = NO_DEVICES.keyboards

    def enter(self, surface: Surface, serial: int, keys: list[int]) -> None:
        """Tell the surface's client from now on."""
        self._to = self._table.of(surface.client).keyboards
        self.keymap_changed()
        for keyboard in self._to:
            keyboard.enter(serial, surface.resource, array("I", keys).tobytes())

    def leave(self, surface: Surface, serial: int) -> None:
        """Tell nobody from now on."""
        to, self._to = self._to, NO_DEVICES.keyboards
        if listening(surface):
            for keyboard in to:
                keyboard.leave(serial, surface.resource)

    def key(self, serial: int, time_ms: int, key: int, pressed: bool) -> None:
        """Tell of a key."""
        for keyboard in self._to:
            keyboard.key(serial, time_ms, key, int(pressed))

    def modifiers(self, serial: int, modifiers: Modifiers) -> None:
        """Tell the modifiers."""
        for keyboard in self._to:
            keyboard.modifiers(serial, *modifiers)

    def keymap_changed(self) -> None:
        """Send the keymap to those who need it now; others get it before their next enter."""
        for keyboard in self._to:
            self.send_keymap(keyboard)

    def send_keymap(self, keyboard: WlKeyboard) -> None:
        """Send the present keymap unless the client has it."""
        keymap = self._keyboard.keymap
        if keyboard.keymap_sent is not keymap:
            keyboard.keymap_sent = keymap
            message = self.memory.get(keymap)
            keyboard.keymap(WlKeyboard.KeymapFormat.XKB_V1, os.dup(message.fd), message.size)

    def repeat_changed(self) -> None:
        """Tell every client."""
        model = self._keyboard
        for devices in self._table.all():
            for keyboard in devices.keyboards:
                keyboard.repeat_info(model.repeat_rate, model.repeat_delay_ms)

    def catch_up(self, keyboard: WlKeyboard) -> None:
        """Tell a keyboard that was created late how things stand."""
        model = self._keyboard
        keyboard.repeat_info(model.repeat_rate, model.repeat_delay_ms)
        self.send_keymap(keyboard)
        focus = model.focused
        if focus is not None and focus.client is keyboard.client and listening(focus):
            keyboard.enter(model.focus_serial, focus.resource, array("I", model.pressed).tobytes())
            keyboard.modifiers(model.note(focus.client), *model.modifiers)
