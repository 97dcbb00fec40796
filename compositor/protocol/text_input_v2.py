"""zwp_text_input_manager_v2: clients that edit text, as Qt 5 does.

A text input is a `TextInput` of the model like those of the versions before and after, so that any input
method composes for it; what version 3 does not know (styles, the language, a keyboard on the screen) reaches
input methods of version 1 alone. Source: text-input-unstable-v2.xml of KWayland and Qt.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from compositor.geometry import EMPTY_RECT, Rect
from compositor.model.seat import Seat
from compositor.model.seat.text_input import Composed, TextInput
from compositor.model.surface import Surface
from compositor.protocol.common import count_down, count_up, implementation_error
from compositor.protocol.text_input import MAX_TEXT_BYTES, near
from compositor.protocol.text_input_v1 import PIN, ZwpTextInputV1
from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_seat.devices import MAX_PER_KIND, listening
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Array, Int, Interface, NewId, String, Uint, event, request

_COUNT = "text inputs of version 2"
_NUMBERED = {"keysym", "language", "text_direction"}
"""What the first version, but not the second, tells with the number of the state that it answers."""


class ZwpTextInputV2(Interface, name="zwp_text_input_v2", version=1):
    """A client's text being edited.

    Attributes:
        enabled: surfaces in which text is edited whenever they have the keyboard.
        serial: of the newest enter event.
    """

    __slots__ = ("enabled", "model", "seat", "serial")

    model: TextInput
    seat: Seat
    enabled: set[Surface]
    serial: int

    class ContentHint(IntEnum):
        NONE = 0
        AUTO_COMPLETION = 1
        AUTO_CORRECTION = 2
        AUTO_CAPITALIZATION = 4
        LOWERCASE = 8
        UPPERCASE = 16
        TITLECASE = 32
        HIDDEN_TEXT = 64
        SENSITIVE_DATA = 128
        LATIN = 256
        MULTILINE = 512

    ContentPurpose = ZwpTextInputV1.ContentPurpose

    class UpdateState(IntEnum):
        CHANGE = 0
        FULL = 1
        RESET = 2
        ENTER = 3

    class InputPanelVisibility(IntEnum):
        HIDDEN = 0
        VISIBLE = 1

    PreeditStyle = ZwpTextInputV1.PreeditStyle
    TextDirection = ZwpTextInputV1.TextDirection

    def start(self, seat: Seat) -> None:
        """Follow the keyboard of a seat."""
        self.seat = seat
        self.enabled = set()
        self.serial = 0
        self.model = seat.text.add(self.client, self)
        seat.text.catch_up(self.model)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def enable(self, surface: WlSurface) -> None:
        model = surface.surface
        if model not in self.enabled:
            self.enabled.add(model)
            model.on_destroy.append(self._surface_gone)
            if self.model.focus is model:
                self._begin()

    @request()
    def disable(self, surface: WlSurface) -> None:
        model = surface.surface
        if model in self.enabled:
            self._forget(model)
            if self.model.focus is model:
                self.model.disable()
                self.model.commit()

    def _begin(self) -> None:
        self.model.enable()
        self.model.commit()

    def _surface_gone(self, surface: Surface) -> None:
        self._forget(surface)

    def _forget(self, surface: Surface) -> None:
        self.enabled.discard(surface)
        surface.on_destroy.remove(self._surface_gone)

    @request()
    def show_input_panel(self) -> None:
        self._want_panel(True)

    @request()
    def hide_input_panel(self) -> None:
        self._want_panel(False)

    def _want_panel(self, wanted: bool) -> None:
        if self.seat.text.active is self.model:
            self.seat.text.want_panel(wanted)

    @request()
    def set_surrounding_text(self, text: String, cursor: Int, anchor: Int) -> None:
        self._check(text, "set_surrounding_text")
        self.model.set_surrounding(text, cursor, anchor)

    @request()
    def set_content_type(self, hint: Uint, purpose: Uint) -> None:
        self.model.set_content(hint, purpose + (purpose >= PIN))

    @request()
    def set_cursor_rectangle(self, x: Int, y: Int, width: Int, height: Int) -> None:
        self.model.set_rect(Rect(near(x), near(y), max(0, near(width)), max(0, near(height))))

    @request()
    def set_preferred_language(self, language: String) -> None:
        self._check(language, "set_preferred_language")
        self.model.extra("preferred_language", (language,))

    def _check(self, text: str, name: str) -> None:
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise implementation_error(self, f"{name}: more than {MAX_TEXT_BYTES} bytes")

    @request()
    def update_state(self, serial: Uint, reason: Uint) -> None:
        self.model.number = serial
        if reason == self.UpdateState.RESET:
            self.model.extra("reset", ())
        self.model.set_cause(int(reason != self.UpdateState.CHANGE))
        self.model.commit()

    @event(name="enter")
    def send_enter(self, serial: Uint, surface: WlSurface) -> None:
        """The surface has the keyboard."""

    @event(name="leave")
    def send_leave(self, serial: Uint, surface: WlSurface) -> None:
        """It has it no longer."""

    @event()
    def input_panel_state(self, state: Uint, x: Int, y: Int, width: Int, height: Int) -> None:
        """Whether a keyboard is on the screen, and what of the surface it covers."""

    @event()
    def preedit_string(self, text: String, commit: String) -> None:
        """Text that is not final yet, and what to make of it when it is left."""

    @event()
    def preedit_styling(self, index: Uint, length: Uint, style: Uint) -> None:
        """How part of it looks, in bytes."""

    @event()
    def preedit_cursor(self, index: Int) -> None:
        """Where the cursor is in it, in bytes; negative for nowhere."""

    @event()
    def commit_string(self, text: String) -> None:
        """Text to insert."""

    @event()
    def cursor_position(self, index: Int, anchor: Int) -> None:
        """Where the cursor goes with it."""

    @event()
    def delete_surrounding_text(self, before_length: Uint, after_length: Uint) -> None:
        """Bytes to remove with it."""

    @event()
    def modifiers_map(self, map: Array) -> None:
        """Names of the modifiers that `keysym` has."""

    @event()
    def keysym(self, time: Uint, sym: Uint, state: Uint, modifiers: Uint) -> None:
        """A key that no keyboard has."""

    @event()
    def language(self, language: String) -> None:
        """The language of the text."""

    @event()
    def text_direction(self, direction: Uint) -> None:
        """Which way it goes."""

    @event()
    def configure_surrounding_text(self, before_cursor: Int, after_cursor: Int) -> None:
        """Never sent: no input method asks for less than all."""

    @event()
    def input_method_changed(self, serial: Uint, flags: Uint) -> None:
        """Never sent: whoever comes is told what was said last."""

    # What the model tells (compositor.model.seat.text_input.TextInputListener)

    def enter(self, surface: Surface) -> None:
        """Tell of the keyboard."""
        if listening(surface):
            self.serial = self.model.number = self.client.display.next_serial()
            self.send_enter(self.serial, surface.resource)
            if surface in self.enabled:
                self._begin()

    def leave(self, surface: Surface) -> None:
        """Tell of its loss."""
        if listening(surface):
            self.send_leave(self.client.display.next_serial(), surface.resource)

    def composed(self, composed: Composed, serial: int) -> None:
        """Hand on what the input method did."""
        if composed.delete_before or composed.delete_after:
            self.delete_surrounding_text(composed.delete_before, composed.delete_after)
            self.commit_string(composed.text or "")
        elif composed.text is not None:
            self.commit_string(composed.text)
        if composed.preedit is not None:
            text, begin, _ = composed.preedit
            self.preedit_cursor(begin)
            self.preedit_string(text, composed.fallback)
        elif composed.text is None:
            self.preedit_string("", "")

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Send an event that the third version has not."""
        if name == "input_panel_state":
            arguments = (*arguments, *self._covered(arguments[0]))
        getattr(self, name)(*(arguments[1:] if name in _NUMBERED else arguments))

    def _covered(self, shown: int) -> Rect:
        """Return what the keyboards on the screen cover of the surface, surface space."""
        surface, covered = self.model.focus, EMPTY_RECT
        offset = surface.view_offset() if surface is not None else None
        if surface is None or offset is None or not shown:
            return covered
        for panel in self.seat.text.panels:
            x, y = panel.origin
            there = Rect(x - offset[0], y - offset[1], panel.surface.width, panel.surface.height)
            covered = covered.union(there.intersect(Rect(0, 0, surface.width, surface.height)))
        return covered

    def destroyed(self) -> None:
        count_down(self, _COUNT)
        for surface in list(self.enabled):
            self._forget(surface)
        self.model.destroy()


class ZwpTextInputManagerV2(Interface, name="zwp_text_input_manager_v2", version=1):
    """Makes text inputs."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_text_input(self, id: NewId[ZwpTextInputV2], seat: WlSeat) -> None:
        count_up(self, _COUNT, MAX_PER_KIND)
        ZwpTextInputV2(self.client, id, self.version).start(seat.seat)
