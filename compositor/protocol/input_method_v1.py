"""zwp_input_method_v1: the program that composes text for others, of the first version, and its panels.

The global is the input method itself; the seat has one, of either version. It
composes for text inputs of any version: what only those of version 1 know
goes to them alone, but for `keysym`, which is pressed as a key of the keyboard
that has it. Source: input-method-unstable-v1.xml.
"""

from __future__ import annotations

import os
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from compositor.model.keymap import Keymap, Modifiers
from compositor.model.seat import Keyboard, KeyboardDevice, Seat
from compositor.model.seat.input_panel import InputPanel
from compositor.model.seat.input_popup import INPUT_POPUP_ROLE, InputPopup
from compositor.model.seat.text_input import Composed, InputMethod, TextState
from compositor.protocol.common import desktop_of, implementation_error
from compositor.protocol.text_input import MAX_TEXT_BYTES
from compositor.protocol.wl_output import WlOutput
from compositor.protocol.wl_seat import SeatGlobal, WlKeyboard
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Array, Client, Int, Interface, NewId, NewObject, String, Uint, event, request

if TYPE_CHECKING:
    from compositor.geometry import Rect

MAX_CONTEXTS = 64
"""Contexts of one input method that it has not destroyed; beyond, it hears of no text."""
_DIGITS, _PIN = 2, 9
"""zwp_text_input_v3.content_purpose; the first version has no pin, and one number less for what follows."""


class ZwpInputMethodV1(Interface, name="zwp_input_method_v1", version=1):
    """The input method of the seat; it hears of nothing if the seat had one already.

    Attributes:
        model: of the input method.
        context: of the text that is edited, or None.
        contexts: how many the client holds.
    """

    __slots__ = ("context", "contexts", "device", "entry", "model")

    entry: SeatGlobal
    model: InputMethod
    context: ZwpInputMethodContextV1 | None
    contexts: int
    device: KeyboardDevice | None

    def start(self, entry: SeatGlobal) -> None:
        """Become the seat's input method, if it has none."""
        self.entry = entry
        self.context = self.device = None
        self.contexts = 0
        self.model = InputMethod(entry.seat.text, self.client, self)
        entry.seat.text.set_method(self.model)

    @event(name="activate")
    def send_activate(self, id: NewObject[ZwpInputMethodContextV1]) -> None:
        """Text is being edited."""

    @event(name="deactivate")
    def send_deactivate(self, context: ZwpInputMethodContextV1) -> None:
        """It is no longer."""

    @property
    def seat(self) -> Seat:
        """Where it composes."""
        return self.entry.seat

    def forward(self) -> KeyboardDevice:
        """Return the keyboard on which it hands back keys that it leaves alone."""
        keymap = self.seat.keyboard.default_device.keymap
        if self.device is None:
            self.device = KeyboardDevice(keymap, self.client, manual=True)
        elif self.device.keymap is not keymap:
            self.seat.keyboard.set_keymap(keymap, self.device)
        return self.device

    # What the model tells (compositor.model.seat.text_input.InputMethodListener)

    def activate(self) -> None:
        """Tell that text is being edited."""
        self._leave()
        if self.alive and self.contexts < MAX_CONTEXTS:
            self.context = ZwpInputMethodContextV1(self.client, 0, self.version)
            self.context.start(self)
            self.send_activate(self.context)

    def deactivate(self) -> None:
        """Tell that it is no longer."""
        self._leave()

    def _leave(self) -> None:
        context, self.context = self.context, None
        if context is not None:
            context.end()
            if self.alive and context.alive:
                self.send_deactivate(context)

    def state(self, state: TextState, cause: int) -> None:
        """Tell what the text is like."""
        context = self.context
        if context is None or not context.alive:
            return
        if state.surrounding is not None:
            context.surrounding_text(*state.surrounding)
        if state.content is not None:
            hint, purpose = state.content
            context.content_type(hint, _DIGITS if purpose == _PIN else purpose - (purpose > _PIN))

    def done(self) -> None:
        """Have it applied."""
        active = self.seat.text.active
        if self.context is not None and self.context.alive and active is not None:
            self.context.commit_state(active.commits if active.number is None else active.number)

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Send an event of this version alone."""
        if self.context is not None and self.context.alive:
            getattr(self.context, name)(*arguments)

    def destroyed(self) -> None:
        self._leave()
        self.model.destroy()
        if self.device is not None:
            self.seat.keyboard.remove_device(self.device)


class ZwpInputMethodContextV1(Interface, name="zwp_input_method_context_v1", version=1):
    """One text being edited; inert once that is over.

    Attributes:
        method: None once it is over.
        delete, cursor: what the next text brings along: bytes before and after, and the preedit's cursor.
    """

    __slots__ = ("cursor", "delete", "grab", "method", "owner")

    owner: ZwpInputMethodV1
    method: ZwpInputMethodV1 | None
    delete: tuple[int, int]
    cursor: int | None
    grab: KeyboardGrab | None

    def start(self, method: ZwpInputMethodV1) -> None:
        """Belong to an input method."""
        self.owner = self.method = method
        self.delete = (0, 0)
        self.cursor = self.grab = None
        method.contexts += 1

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def commit_string(self, serial: Uint, text: String) -> None:
        self._check(text, "commit_string")
        (before, after), self.delete = self.delete, (0, 0)
        self._hand_over(Composed(None, text, before, after, known=serial))

    @request()
    def preedit_string(self, serial: Uint, text: String, commit: String) -> None:
        size = self._check(text, "preedit_string")
        self._check(commit, "preedit_string")
        cursor, self.cursor = self.cursor, None
        place = size if cursor is None else max(-1, min(cursor, size))
        self._hand_over(Composed((text, place, place), fallback=commit, known=serial))

    @request()
    def preedit_styling(self, index: Uint, length: Uint, style: Uint) -> None:
        self._pass_on("preedit_styling", index, length, style)

    @request()
    def preedit_cursor(self, index: Int) -> None:
        self.cursor = index

    @request()
    def delete_surrounding_text(self, index: Int, length: Uint) -> None:
        self.delete = max(0, -index), max(0, index + length)

    @request()
    def cursor_position(self, index: Int, anchor: Int) -> None:
        self._pass_on("cursor_position", index, anchor)

    @request()
    def modifiers_map(self, map: Array) -> None:
        if len(map) > MAX_TEXT_BYTES:
            raise implementation_error(self, f"modifiers_map: more than {MAX_TEXT_BYTES} bytes")
        self._pass_on("modifiers_map", map)

    @request()
    def keysym(self, serial: Uint, time: Uint, sym: Uint, state: Uint, modifiers: Uint) -> None:
        if self.method is None:
            return
        active = self.method.seat.text.active
        if active is not None and active.number is not None:
            self._pass_on("keysym", serial, time, sym, state, modifiers)
            return
        device = self.method.forward()
        plain = device.keymap.new_state()
        key = next((key for key in device.keymap.keys if plain.keysym(key) == sym), None)
        if key is not None:
            self.method.seat.keyboard.key(key, bool(state), device=device)

    @request()
    def grab_keyboard(self, keyboard: NewId[WlKeyboard]) -> None:
        resource = WlKeyboard(self.client, keyboard, 1)
        resource.entry = self.owner.entry
        resource.keymap_sent = None
        if self.method is not None and self.grab is None:
            self.grab = KeyboardGrab(self.owner.entry, resource)
            self.grab.start()

    @request()
    def key(self, serial: Uint, time: Uint, key: Uint, state: Uint) -> None:
        if self.method is not None:
            self.method.seat.keyboard.key(key, bool(state), device=self.method.forward())

    @request()
    def modifiers(
        self, serial: Uint, mods_depressed: Uint, mods_latched: Uint, mods_locked: Uint, group: Uint
    ) -> None:
        if self.method is not None:
            self.method.seat.keyboard.set_modifiers(
                mods_depressed, mods_latched, mods_locked, group, self.method.forward()
            )

    @request()
    def language(self, serial: Uint, language: String) -> None:
        self._check(language, "language")
        self._pass_on("language", serial, language)

    @request()
    def text_direction(self, serial: Uint, direction: Uint) -> None:
        self._pass_on("text_direction", serial, direction)

    @event()
    def surrounding_text(self, text: String, cursor: Uint, anchor: Uint) -> None:
        """Text around the cursor; positions in bytes."""

    @event()
    def reset(self) -> None:
        """What was composed is void."""

    @event()
    def content_type(self, hint: Uint, purpose: Uint) -> None:
        """What sort of text it is."""

    @event()
    def invoke_action(self, button: Uint, index: Uint) -> None:
        """The preedit was clicked."""

    @event()
    def commit_state(self, serial: Uint) -> None:
        """The above is the state of this number."""

    @event()
    def preferred_language(self, language: String) -> None:
        """What the program would like to be written."""

    def _check(self, text: str, name: str) -> int:
        size = len(text.encode())
        if size > MAX_TEXT_BYTES:
            raise implementation_error(self, f"{name}: more than {MAX_TEXT_BYTES} bytes")
        return size

    def _hand_over(self, composed: Composed) -> None:
        if self.method is not None:
            self.method.model.hand_over(composed)

    def _pass_on(self, name: str, *arguments: Any) -> None:
        if self.method is not None:
            self.method.model.extra(name, arguments)

    def end(self) -> None:
        """The text is edited no longer. Harmless when repeated."""
        self.method = None
        if self.grab is not None:
            self.grab.end()
            self.grab = None

    def destroyed(self) -> None:
        self.end()
        self.owner.contexts -= 1
        if self.owner.context is self:
            self.owner.context = None


class KeyboardGrab:
    """The input method gets the keys instead of the clients (compositor.model.seat.keyboard.Interceptor)."""

    def __init__(self, entry: SeatGlobal, resource: WlKeyboard) -> None:
        self._entry = entry
        self._resource = resource
        self._keymap_sent: Keymap | None = None
        self._modifiers_sent: Modifiers | None = None

    @property
    def _keyboard(self) -> Keyboard:
        return self._entry.seat.keyboard

    def start(self) -> None:
        """Take the keys, unless another grab has them."""
        if self._keyboard.interceptor is None:
            self._keyboard.intercept(self)
            self.modifiers(self._keyboard.default_device)

    def wants(self, device: KeyboardDevice) -> bool:
        """Take all keys but those that the input method hands back."""
        return self._resource.alive and device.owner is not self._resource.client

    def key(self, device: KeyboardDevice, time_ms: int, key: int, pressed: bool) -> None:
        """Tell of a key."""
        self._tell_keymap(device)
        self._resource.key(self._keyboard.note(self._resource.client), time_ms, key, int(pressed))

    def modifiers(self, device: KeyboardDevice) -> None:
        """Tell the modifiers if they have changed."""
        self._tell_keymap(device)
        modifiers = device.state.modifiers
        if modifiers != self._modifiers_sent and self._resource.alive:
            self._modifiers_sent = modifiers
            self._resource.modifiers(self._keyboard.note(self._resource.client), *modifiers)

    def _tell_keymap(self, device: KeyboardDevice) -> None:
        if device.keymap is not self._keymap_sent and self._resource.alive:
            self._keymap_sent = device.keymap
            message = self._entry.keyboard_sender.memory.get(device.keymap)
            self._resource.keymap(WlKeyboard.KeymapFormat.XKB_V1, os.dup(message.fd), message.size)

    def repeat_changed(self) -> None:
        """The keyboard is of version 1, which is not told."""

    def end(self) -> None:
        """Give the keys back. Harmless when repeated."""
        if self._keyboard.interceptor is self:
            self._keyboard.intercept(None)


class ZwpInputPanelV1(Interface, name="zwp_input_panel_v1", version=1):
    """Makes keyboards on the screen, and what is shown beside the text."""

    __slots__ = ()

    @request()
    def get_input_panel_surface(self, id: NewId[ZwpInputPanelSurfaceV1], surface: WlSurface) -> None:
        if not surface.surface.set_role(INPUT_POPUP_ROLE, None) or surface.surface.role is not None:
            raise implementation_error(self, f"get_input_panel_surface: {surface!r} has another role")
        resource = ZwpInputPanelSurfaceV1(self.client, id, self.version)
        resource.wl_surface = surface
        resource.item = None


class ZwpInputPanelSurfaceV1(Interface, name="zwp_input_panel_surface_v1", version=1):
    """A surface of the input method."""

    __slots__ = ("item", "wl_surface")

    wl_surface: WlSurface
    item: InputPanel | InputPopup | None

    class Position(IntEnum):
        CENTER_BOTTOM = 0

    @request()
    def set_toplevel(self, output: WlOutput, position: Uint) -> None:
        if position != self.Position.CENTER_BOTTOM:
            raise implementation_error(self, f"set_toplevel: {position} is no position")
        surface = self.wl_surface.surface
        self._become(InputPanel(desktop_of(self).seat.text, surface, output.output))

    @request()
    def set_overlay_panel(self) -> None:
        self._become(InputPopup(desktop_of(self).seat.text, self.wl_surface.surface, self._told))

    def _become(self, item: InputPanel | InputPopup) -> None:
        if not self.wl_surface.alive:
            return
        if self.item is not None:
            self.item.destroy()
        self.item = self.wl_surface.surface.role = item
        item.start()

    def _told(self, rect_surface: Rect) -> None:
        """The first version does not tell where the text cursor is."""

    def destroyed(self) -> None:
        if self.item is not None:
            self.item.destroy()
            surface = self.item.surface
            if surface.role is self.item:
                surface.clear_role_object()


def bind_input_method(client: Client, oid: int, version: int) -> ZwpInputMethodV1:
    """Bind the input method, which is the global itself."""
    resource = ZwpInputMethodV1(client, oid, version)
    resource.start(client.display.shared["seat"])
    return resource
