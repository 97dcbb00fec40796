"""zwp_text_input_manager_v1: clients that edit text, as they did before the third version.

A text input is a `TextInput` of the model like one of version 3, so that any
input method composes for it; what only this version knows (styles, the
language, a keyboard on the screen) reaches input methods of version 1 alone.
Source: text-input-unstable-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from compositor.geometry import Rect
from compositor.model.seat import Seat
from compositor.model.seat.text_input import Composed, TextInput
from compositor.model.surface import Surface
from compositor.protocol.common import count_down, count_up, implementation_error
from compositor.protocol.text_input import MAX_TEXT_BYTES, near
from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_seat.devices import MAX_PER_KIND, listening
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Array, Int, Interface, NewId, String, Uint, event, request

_COUNT = "text inputs of version 1"
PIN = 9
"""zwp_text_input_v3.content_purpose.pin, which the first version lacks: what follows has one number less."""


class ZwpTextInputV1(Interface, name="zwp_text_input_v1", version=1):
    """A client's text being edited.

    Attributes:
        model: at the seat that it was activated for last, or None.
        wanted: the surface that it was activated for.
        entered: whether the client was told that it is edited.
    """

    __slots__ = ("entered", "model", "number", "seat", "wanted")

    model: TextInput | None
    seat: Seat | None
    wanted: Surface | None
    entered: bool
    number: int

    class ContentHint(IntEnum):
        NONE = 0
        DEFAULT = 7
        PASSWORD = 192
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

    class ContentPurpose(IntEnum):
        NORMAL = 0
        ALPHA = 1
        DIGITS = 2
        NUMBER = 3
        PHONE = 4
        URL = 5
        EMAIL = 6
        NAME_ = 7
        PASSWORD = 8
        DATE = 9
        TIME = 10
        DATETIME = 11
        TERMINAL = 12

    class PreeditStyle(IntEnum):
        DEFAULT = 0
        NONE = 1
        ACTIVE = 2
        INACTIVE = 3
        HIGHLIGHT = 4
        UNDERLINE = 5
        SELECTION = 6
        INCORRECT = 7

    class TextDirection(IntEnum):
        AUTO = 0
        LTR = 1
        RTL = 2

    def start(self) -> None:
        """Edit nothing yet."""
        self.model = self.seat = self.wanted = None
        self.entered = False
        self.number = 0

    @request()
    def activate(self, seat: WlSeat, surface: WlSurface) -> None:
        self._end()
        self.wanted = surface.surface
        if self.model is None or self.seat is not seat.seat:
            if self.model is not None:
                self.model.destroy()
            self.seat = seat.seat
            self.model = seat.seat.text.add(self.client, self)
            self.model.number = self.number
            seat.seat.text.catch_up(self.model)
        elif self.model.focus is self.wanted:
            self._begin()

    @request()
    def deactivate(self, seat: WlSeat) -> None:
        if seat.seat is self.seat:
            self._end()

    @request()
    def show_input_panel(self) -> None:
        self._want_panel(True)

    @request()
    def hide_input_panel(self) -> None:
        self._want_panel(False)

    def _want_panel(self, wanted: bool) -> None:
        if self.seat is not None and self.seat.text.active is self.model:
            self.seat.text.want_panel(wanted)

    @request()
    def reset(self) -> None:
        self._tell_method("reset")

    @request()
    def set_surrounding_text(self, text: String, cursor: Uint, anchor: Uint) -> None:
        self._check(text, "set_surrounding_text")
        if self.model is not None:
            self.model.set_surrounding(text, cursor, anchor)

    @request()
    def set_content_type(self, hint: Uint, purpose: Uint) -> None:
        if self.model is not None:
            self.model.set_content(hint, purpose + (purpose >= PIN))

    @request()
    def set_cursor_rectangle(self, x: Int, y: Int, width: Int, height: Int) -> None:
        if self.model is not None:
            self.model.set_rect(Rect(near(x), near(y), max(0, near(width)), max(0, near(height))))

    @request()
    def set_preferred_language(self, language: String) -> None:
        self._check(language, "set_preferred_language")
        self._tell_method("preferred_language", language)

    @request()
    def commit_state(self, serial: Uint) -> None:
        self.number = serial
        if self.model is not None:
            self.model.number = serial
            self.model.commit()

    @request()
    def invoke_action(self, button: Uint, index: Uint) -> None:
        self._tell_method("invoke_action", button, index)

    def _check(self, text: str, name: str) -> None:
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise implementation_error(self, f"{name}: more than {MAX_TEXT_BYTES} bytes")

    def _tell_method(self, name: str, *arguments: Any) -> None:
        if self.model is not None:
            self.model.extra(name, arguments)

    @event(name="enter")
    def send_enter(self, surface: WlSurface) -> None:
        """Text is edited from now on."""

    @event(name="leave")
    def send_leave(self) -> None:
        """It is no longer."""

    @event()
    def modifiers_map(self, map: Array) -> None:
        """Names of the modifiers that `keysym` has."""

    @event()
    def input_panel_state(self, state: Uint) -> None:
        """Whether a keyboard is on the screen."""

    @event()
    def preedit_string(self, serial: Uint, text: String, commit: String) -> None:
        """Text that is not final yet, and what to make of it when it is left."""

    @event()
    def preedit_styling(self, index: Uint, length: Uint, style: Uint) -> None:
        """How part of it looks, in bytes."""

    @event()
    def preedit_cursor(self, index: Int) -> None:
        """Where the cursor is in it, in bytes; negative for nowhere."""

    @event()
    def commit_string(self, serial: Uint, text: String) -> None:
        """Text to insert."""

    @event()
    def cursor_position(self, index: Int, anchor: Int) -> None:
        """Where the cursor goes with it."""

    @event()
    def delete_surrounding_text(self, index: Int, length: Uint) -> None:
        """Bytes to remove with it, from the cursor."""

    @event()
    def keysym(self, serial: Uint, time: Uint, sym: Uint, state: Uint, modifiers: Uint) -> None:
        """A key that no keyboard has."""

    @event()
    def language(self, serial: Uint, language: String) -> None:
        """The language of the text."""

    @event()
    def text_direction(self, serial: Uint, direction: Uint) -> None:
        """Which way it goes."""

    # What the model tells (compositor.model.seat.text_input.TextInputListener)

    def enter(self, surface: Surface) -> None:
        """The client's surface has the keyboard: edit, if it was activated for that one."""
        if surface is self.wanted and self.model is not None and self.model.focus is surface:
            self._begin()

    def leave(self, surface: Surface) -> None:
        """It has it no longer: the client has to activate it anew."""
        if self.entered:
            self.entered = False
            self.wanted = None
            self.send_leave()

    def _begin(self) -> None:
        assert self.model is not None and self.seat is not None and self.wanted is not None
        self.model.enable()
        self.model.commit()
        if self.model.enabled and listening(self.wanted):
            self.entered = True
            self.seat.text.want_panel(False)
            self.send_enter(self.wanted.resource)

    def _end(self) -> None:
        self.wanted = None
        if self.model is not None and self.entered:
            self.model.disable()
            self.model.commit()
            self.entered = False
            self.send_leave()

    def composed(self, composed: Composed, serial: int) -> None:
        """Hand on what the input method did."""
        number = self.number if composed.known is None else composed.known
        if composed.delete_before or composed.delete_after:
            length = composed.delete_before + composed.delete_after
            self.delete_surrounding_text(-min(composed.delete_before, 2**31), min(length, 2**32 - 1))
            self.commit_string(number, composed.text or "")
        elif composed.text is not None:
            self.commit_string(number, composed.text)
        if composed.preedit is not None:
            text, begin, _ = composed.preedit
            self.preedit_cursor(begin)
            self.preedit_string(number, text, composed.fallback)
        elif composed.text is None:
            self.preedit_string(number, "", "")

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Send an event of this version alone."""
        getattr(self, name)(*arguments)

    def destroyed(self) -> None:
        count_down(self, _COUNT)
        if self.model is not None:
            self.model.destroy()


class ZwpTextInputManagerV1(Interface, name="zwp_text_input_manager_v1", version=1):
    """Makes text inputs."""

    __slots__ = ()

    @request()
    def create_text_input(self, id: NewId[ZwpTextInputV1]) -> None:
        count_up(self, _COUNT, MAX_PER_KIND)
        ZwpTextInputV1(self.client, id, self.version).start()
