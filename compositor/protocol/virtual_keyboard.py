"""zwp_virtual_keyboard_manager_v1: keyboards that programs play.

Source: virtual-keyboard-unstable-v1.xml of the wlroots family.
"""

from __future__ import annotations

import os
from enum import IntEnum

from compositor.memory.judgement import Refused, SealPolicy, judge
from compositor.model.keymap import Keymap, KeymapError, keymap_from_text
from compositor.model.keymap.hostile import MAX_TEXT_BYTES
from compositor.model.seat import Keyboard, KeyboardDevice
from compositor.protocol.common import implementation_error
from compositor.protocol.wl_seat import WlKeyboard, WlSeat
from compositor.wire import Fd, Interface, NewId, Uint, request

MAX_KEYBOARDS = 64
"""Of one client; each may hold a compiled keymap."""
_COUNT = "virtual_keyboards"


class ZwpVirtualKeyboardV1(Interface, name="zwp_virtual_keyboard_v1", version=1):
    """One keyboard that a client plays.

    Times of requests are not handed on: their base is the client's own, and one seat's events keep to
    one clock.

    Attributes:
        keyboard: of the seat.
        device: the model of it; None before the first keymap.
    """

    __slots__ = ("device", "keyboard")

    keyboard: Keyboard
    device: KeyboardDevice | None

    class Error(IntEnum):
        NO_KEYMAP = 0

    @request()
    def keymap(self, format: Uint, fd: Fd, size: Uint) -> None:
        if format != WlKeyboard.KeymapFormat.XKB_V1:
            raise implementation_error(self, f"keymap: format {format} is not xkb_v1")
        keymap = self._compile(self._read(fd.fileno(), size))
        if self.device is None:
            self.device = KeyboardDevice(keymap, self.client, manual=True)
        else:
            self.keyboard.set_keymap(keymap, self.device)

    def _read(self, fd: int, size: int) -> bytes:
        """Copy the text: whatever the file is, nobody can make us wait or fault."""
        if size > MAX_TEXT_BYTES + 1:
            raise implementation_error(self, f"keymap: {size} bytes; at most {MAX_TEXT_BYTES} are read")
        try:
            judge(fd, size, SealPolicy.COPY)
            text = os.pread(fd, size, 0)
        except (Refused, OSError) as error:
            raise implementation_error(self, f"keymap: the file is refused: {error}") from None
        # The size may count the terminating NUL or not; what lies behind it is not the keymap's.
        return text.partition(b"\0")[0]

    def _compile(self, text: bytes) -> Keymap:
        for known in (self.keyboard.default_device, self.keyboard.device, self.device):
            # An input method hands back what it was sent: clients need not be told of another keymap.
            if known is not None and known.keymap.text.rstrip(b"\0") == text:
                return known.keymap
        try:
            return keymap_from_text(text)
        except KeymapError as error:
            raise implementation_error(self, f"keymap: {error}") from None

    @request()
    def key(self, time: Uint, key: Uint, state: Uint) -> None:
        pressed = bool(state)
        self.keyboard.key(key, pressed, device=self._device("key"))

    @request()
    def modifiers(self, mods_depressed: Uint, mods_latched: Uint, mods_locked: Uint, group: Uint) -> None:
        device = self._device("modifiers")
        self.keyboard.set_modifiers(mods_depressed, mods_latched, mods_locked, group, device)

    def _device(self, request: str) -> KeyboardDevice:
        if self.device is None:
            raise self.error(self.Error.NO_KEYMAP, f"{request}: no keymap was set")
        return self.device

    @request(destructor=True)
    def destroy(self) -> None: ...

    def destroyed(self) -> None:
        self.client.data[_COUNT] -= 1
        if self.device is not None:
            self.keyboard.remove_device(self.device)


class ZwpVirtualKeyboardManagerV1(Interface, name="zwp_virtual_keyboard_manager_v1", version=1):
    """Makes virtual keyboards."""

    __slots__ = ()

    class Error(IntEnum):
        UNAUTHORIZED = 0

    @request()
    def create_virtual_keyboard(self, seat: WlSeat, id: NewId[ZwpVirtualKeyboardV1]) -> None:
        data = self.client.data
        if data.get(_COUNT, 0) >= MAX_KEYBOARDS:
            raise implementation_error(self, f"more than {MAX_KEYBOARDS} virtual keyboards")
        resource = ZwpVirtualKeyboardV1(self.client, id, self.version)
        resource.keyboard = seat.seat.keyboard
        resource.device = None
        data[_COUNT] = data.get(_COUNT, 0) + 1
