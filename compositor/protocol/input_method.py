"""zwp_input_method_manager_v2: the program that composes text for others.

Source: input-method-unstable-v2.xml of the wlroots family.
"""

from __future__ import annotations

import os
from enum import IntEnum
from typing import Any

from compositor.geometry import Rect
from compositor.model.keymap import Keymap, Modifiers
from compositor.model.seat import Keyboard, KeyboardDevice, Seat
from compositor.model.seat.input_popup import INPUT_POPUP_ROLE, InputPopup
from compositor.model.seat.text_input import Composed, InputMethod, TextState, boundary
from compositor.protocol.common import implementation_error
from compositor.protocol.text_input import MAX_TEXT_BYTES
from compositor.protocol.wl_seat import SeatGlobal, WlKeyboard, WlSeat
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Int, Interface, NewId, SendFd, String, Uint, event, request


class ZwpInputMethodManagerV2(Interface, name="zwp_input_method_manager_v2", version=1):
    """Makes input methods."""

    __slots__ = ()

    @request()
    def get_input_method(self, seat: WlSeat, input_method: NewId[ZwpInputMethodV2]) -> None:
        ZwpInputMethodV2(self.client, input_method, self.version).start(seat.entry)

    @request(destructor=True)
    def destroy(self) -> None: ...


class ZwpInputMethodV2(Interface, name="zwp_input_method_v2", version=1):
    """The input method of a seat; inert if the seat had one already.

    Attributes:
        model: None while inert.
        composed: what the next commit hands over.
        children: popups and grabs, which end with it.
    """

    __slots__ = ("children", "composed", "entry", "model")

    entry: SeatGlobal
    model: InputMethod | None
    composed: Composed
    children: list[ZwpInputPopupSurfaceV2 | ZwpInputMethodKeyboardGrabV2]

    class Error(IntEnum):
        ROLE = 0

    def start(self, entry: SeatGlobal) -> None:
        """Become the seat's input method, if it has none."""
        self.entry = entry
        self.composed = Composed()
        self.children = []
        self.model = InputMethod(entry.seat.text, self.client, self)
        if not entry.seat.text.set_method(self.model):
            self.model = None
            self.unavailable()

    @event(name="activate")
    def send_activate(self) -> None:
        """Text is being edited."""

    @event(name="deactivate")
    def send_deactivate(self) -> None:
        """It is no longer."""

    @event()
    def surrounding_text(self, text: String, cursor: Uint, anchor: Uint) -> None:
        """Text around the cursor; positions in bytes."""

    @event()
    def text_change_cause(self, cause: Uint) -> None:
        """What changed it."""

    @event()
    def content_type(self, hint: Uint, purpose: Uint) -> None:
        """What sort of text it is."""

    @event(name="done")
    def send_done(self) -> None:
        """Apply the above."""

    @request()
    def commit_string(self, text: String) -> None:
        self._check(text, "commit_string")
        self._compose(text=text)

    @request()
    def set_preedit_string(self, text: String, cursor_begin: Int, cursor_end: Int) -> None:
        data = self._check(text, "set_preedit_string")
        if (cursor_begin, cursor_end) != (-1, -1):
            cursor_begin, cursor_end = boundary(data, cursor_begin), boundary(data, cursor_end)
        self._compose(preedit=(text, cursor_begin, cursor_end))

    @request()
    def delete_surrounding_text(self, before_length: Uint, after_length: Uint) -> None:
        self._compose(delete=(before_length, after_length))

    @request()
    def commit(self, serial: Uint) -> None:
        composed, self.composed = self.composed, Composed()
        if self.model is not None:
            self.model.commit(composed, serial)

    def _check(self, text: str, request: str) -> bytes:
        data = text.encode()
        if len(data) > MAX_TEXT_BYTES:
            raise implementation_error(self, f"{request}: more than {MAX_TEXT_BYTES} bytes")
        return data

    def _compose(
        self,
        preedit: tuple[str, int, int] | None = None,
        text: str | None = None,
        delete: tuple[int, int] | None = None,
    ) -> None:
        old = self.composed
        before, after = delete or (old.delete_before, old.delete_after)
        self.composed = Composed(
            old.preedit if preedit is None else preedit, old.text if text is None else text, before, after
        )

    @request()
    def get_input_popup_surface(self, id: NewId[ZwpInputPopupSurfaceV2], surface: WlSurface) -> None:
        resource = ZwpInputPopupSurfaceV2(self.client, id, self.version)
        popup = InputPopup(self.entry.seat.text, surface.surface, resource.tell)
        resource.popup = popup
        resource.owner = self
        resource.wl_surface = None
        if self.model is None:
            return
        if not surface.surface.set_role(INPUT_POPUP_ROLE, popup):
            raise self.error(self.Error.ROLE, f"get_input_popup_surface: {surface!r} has another role")
        resource.wl_surface = surface
        surface.set_role_object(resource)
        popup.start()
        self.children.append(resource)

    @request()
    def grab_keyboard(self, keyboard: NewId[ZwpInputMethodKeyboardGrabV2]) -> None:
        resource = ZwpInputMethodKeyboardGrabV2(self.client, keyboard, self.version)
        resource.entry = self.entry
        resource.owner = self
        resource.keymap_sent = resource.modifiers_sent = None
        if self.model is not None:
            resource.start()
            self.children.append(resource)

    @event()
    def unavailable(self) -> None:
        """The seat has another input method."""

    @request(destructor=True)
    def destroy(self) -> None: ...

    # What the model tells (compositor.model.seat.text_input.InputMethodListener)

    def activate(self) -> None:
        """Tell that text is being edited."""
        self.composed = Composed()
        self.send_activate()

    def deactivate(self) -> None:
        """Tell that it is no longer."""
        self.send_deactivate()

    def state(self, state: TextState, cause: int) -> None:
        """Tell what the text is like."""
        if state.surrounding is not None:
            self.surrounding_text(*state.surrounding)
        self.text_change_cause(cause)
        if state.content is not None:
            self.content_type(*state.content)

    def done(self) -> None:
        """Have it applied."""
        self.send_done()

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Nothing of the first version that the second knows."""

    def destroyed(self) -> None:
        for child in list(self.children):
            child.end()
        if self.model is not None:
            self.model.destroy()


class ZwpInputPopupSurfaceV2(Interface, name="zwp_input_popup_surface_v2", version=1):
    """A surface of the input method beside the text."""

    __slots__ = ("owner", "popup", "wl_surface")

    popup: InputPopup
    wl_surface: WlSurface | None
    owner: ZwpInputMethodV2

    @event()
    def text_input_rectangle(self, x: Int, y: Int, width: Int, height: Int) -> None:
        """Where the text cursor is; the popup's surface space."""

    @request(destructor=True)
    def destroy(self) -> None: ...

    def tell(self, rect_surface: Rect) -> None:
        """Tell where the text cursor is."""
        if self.alive:
            self.text_input_rectangle(*rect_surface)

    def end(self) -> None:
        """Show it no more. Harmless when repeated."""
        self.popup.destroy()
        if self in self.owner.children:
            self.owner.children.remove(self)

    def destroyed(self) -> None:
        self.end()
        surface = self.popup.surface
        if surface.role is self.popup:
            surface.clear_role_object()
        if self.wl_surface is not None and self.wl_surface.defunct == self.__repr__:
            self.wl_surface.set_role_object(None)


class ZwpInputMethodKeyboardGrabV2(Interface, name="zwp_input_method_keyboard_grab_v2", version=1):
    """The input method gets the keys instead of the clients (compositor.model.seat.keyboard.Interceptor)."""

    __slots__ = ("entry", "keymap_sent", "modifiers_sent", "owner")

    entry: SeatGlobal
    owner: ZwpInputMethodV2
    keymap_sent: Keymap | None
    modifiers_sent: Modifiers | None

    @event(name="keymap")
    def send_keymap(self, format: Uint, fd: SendFd, size: Uint) -> None:
        """What the keys mean."""

    @event(name="key")
    def send_key(self, serial: Uint, time: Uint, key: Uint, state: Uint) -> None:
        """A key (evdev code) changed."""

    @event(name="modifiers")
    def send_modifiers(
        self, serial: Uint, mods_depressed: Uint, mods_latched: Uint, mods_locked: Uint, group: Uint
    ) -> None:
        """Modifiers and group."""

    @request(destructor=True)
    def release(self) -> None: ...

    @event()
    def repeat_info(self, rate: Int, delay: Int) -> None:
        """Repeats per second, and milliseconds before the first."""

    @property
    def _keyboard(self) -> Keyboard:
        seat: Seat = self.entry.seat
        return seat.keyboard

    def start(self) -> None:
        """Take the keys, unless another grab has them."""
        keyboard = self._keyboard
        if keyboard.interceptor is None:
            self.repeat_changed()
            self._tell_keymap(keyboard.default_device)
            keyboard.intercept(self)
            self.modifiers(keyboard.default_device)

    def wants(self, device: KeyboardDevice) -> bool:
        """Take all keys but those that the input method plays itself: it hands back what it leaves alone."""
        return device.owner is not self.client

    def key(self, device: KeyboardDevice, time_ms: int, key: int, pressed: bool) -> None:
        """Tell of a key."""
        self._tell_keymap(device)
        self.send_key(self._keyboard.note(self.client), time_ms, key, int(pressed))

    def modifiers(self, device: KeyboardDevice) -> None:
        """Tell the modifiers if they have changed."""
        self._tell_keymap(device)
        modifiers = device.state.modifiers
        if modifiers != self.modifiers_sent:
            self.modifiers_sent = modifiers
            self.send_modifiers(self._keyboard.note(self.client), *modifiers)

    def _tell_keymap(self, device: KeyboardDevice) -> None:
        if device.keymap is not self.keymap_sent:
            self.keymap_sent = device.keymap
            message = self.entry.keyboard_sender.memory.get(device.keymap)
            self.send_keymap(WlKeyboard.KeymapFormat.XKB_V1, os.dup(message.fd), message.size)

    def repeat_changed(self) -> None:
        """Tell how keys repeat."""
        keyboard = self._keyboard
        self.repeat_info(keyboard.repeat_rate, keyboard.repeat_delay_ms)

    def end(self) -> None:
        """Give the keys back. Harmless when repeated."""
        if self._keyboard.interceptor is self:
            self._keyboard.intercept(None)
        if self in self.owner.children:
            self.owner.children.remove(self)

    def destroyed(self) -> None:
        self.end()
