"""zwp_text_input_manager_v1: the first of the protocols for text that is composed; weston-editor and Chromium
speak it. The model is that of version 3, so every input method serves both.

Differences, all of them here: it is activated for a surface instead of following the keyboard, a client
counts its states itself, and text and cursor come in events without a `done`. What has no counterpart in
input methods of today is taken and does nothing: panels, styles, actions and languages.

Source: text-input-unstable-v1.xml.
"""

from __future__ import annotations

from compositor.geometry import Rect
from compositor.model.seat.text_input import Composed, TextInput
from compositor.model.surface import Surface
from compositor.protocol.common import implementation_error
from compositor.protocol.text_input import COUNT, MAX_TEXT_BYTES, near
from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_seat.devices import MAX_PER_KIND, listening
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Array, Int, Interface, NewId, String, Uint, event, request

_FIRST_MOVED_PURPOSE = 9
"""From here on content purposes are one more in version 3, which has "pin" there."""


class ZwpTextInputV1(Interface, name="zwp_text_input_v1", version=1):
    """A client's text being edited.

    Attributes:
        model: None while not activated.
        wanted: the surface that it was activated for.
        entered: whether the client was told so.
        serial: the client's number of its newest state.
    """

    __slots__ = ("entered", "model", "serial", "wanted")

    model: TextInput | None
    wanted: Surface | None
    entered: bool
    serial: int

    @request()
    def activate(self, seat: WlSeat, surface: WlSurface) -> None:
        self._end()
        self.wanted = surface.surface
        self.model = seat.seat.text.add(self.client, self)
        seat.seat.text.catch_up(self.model)

    @request()
    def deactivate(self, seat: WlSeat) -> None:
        self._end()

    @request()
    def show_input_panel(self) -> None: ...

    @request()
    def hide_input_panel(self) -> None: ...

    @request()
    def reset(self) -> None:
        if self.model is not None:
            # The text changed by other means than the input method.
            self.model.set_cause(1)

    @request()
    def set_surrounding_text(self, text: String, cursor: Uint, anchor: Uint) -> None:
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise implementation_error(self, f"set_surrounding_text: more than {MAX_TEXT_BYTES} bytes")
        if self.model is not None:
            self.model.set_surrounding(text, cursor, anchor)

    @request()
    def set_content_type(self, hint: Uint, purpose: Uint) -> None:
        if self.model is not None:
            self.model.set_content(hint, purpose + (purpose >= _FIRST_MOVED_PURPOSE))

    @request()
    def set_cursor_rectangle(self, x: Int, y: Int, width: Int, height: Int) -> None:
        if self.model is not None:
            self.model.set_rect(Rect(near(x), near(y), max(0, near(width)), max(0, near(height))))

    @request()
    def set_preferred_language(self, language: String) -> None: ...

    @request()
    def commit_state(self, serial: Uint) -> None:
        self.serial = serial
        if self.model is not None:
            self.model.commit()

    @request()
    def invoke_action(self, button: Uint, index: Uint) -> None: ...

    @event(name="enter")
    def send_enter(self, surface: WlSurface) -> None:
        """The surface's text is edited."""

    @event(name="leave")
    def send_leave(self) -> None:
        """It is no longer."""

    @event()
    def modifiers_map(self, map: Array) -> None:
        """Names of modifiers in `keysym`, which is not used."""

    @event()
    def input_panel_state(self, state: Uint) -> None:
        """Whether a panel is shown; there is none."""

    @event()
    def preedit_string(self, serial: Uint, text: String, commit: String) -> None:
        """Text that is not final yet, and what becomes of it if the client goes on."""

    @event()
    def preedit_styling(self, index: Uint, length: Uint, style: Uint) -> None:
        """How a part of it looks."""

    @event()
    def preedit_cursor(self, index: Int) -> None:
        """Where the cursor is in the preedit text that follows; bytes."""

    @event()
    def commit_string(self, serial: Uint, text: String) -> None:
        """Text to insert."""

    @event()
    def cursor_position(self, index: Int, anchor: Int) -> None:
        """Where the cursor goes after the text that follows; bytes."""

    @event()
    def delete_surrounding_text(self, index: Int, length: Uint) -> None:
        """Bytes to remove when the text that follows is inserted, counted from the cursor."""

    @event()
    def keysym(self, serial: Uint, time: Uint, sym: Uint, state: Uint, modifiers: Uint) -> None:
        """A key by its meaning; keys go through wl_keyboard here."""

    @event()
    def language(self, serial: Uint, language: String) -> None:
        """Language of the input method."""

    @event()
    def text_direction(self, serial: Uint, direction: Uint) -> None:
        """Direction of its text."""

    # What the model tells (compositor.model.seat.text_input.TextInputListener)

    def enter(self, surface: Surface) -> None:
        """The keyboard is the client's: begin, if it is where the client wants to edit."""
        if surface is self.wanted and self.model is not None and listening(surface):
            self.entered = True
            self.send_enter(surface.resource)
            self.model.enable()
            self.model.commit()

    def leave(self, surface: Surface) -> None:
        """The keyboard is gone; the client has to activate it anew."""
        self._leave()

    def composed(self, composed: Composed, serial: int) -> None:
        """Hand on what the input method did; the serial of the model's is not the client's."""
        if composed.text is not None or composed.delete_before or composed.delete_after:
            if composed.delete_before or composed.delete_after:
                length = composed.delete_before + composed.delete_after
                self.delete_surrounding_text(-composed.delete_before, length)
            self.commit_string(self.serial, composed.text or "")
        text, begin, _ = composed.preedit or ("", 0, 0)
        if composed.preedit is not None:
            self.preedit_cursor(begin)
        # One message has no room for a long text twice; without the second, it is lost if the client goes on.
        kept = text if len(text.encode()) <= MAX_TEXT_BYTES // 2 else ""
        self.preedit_string(self.serial, text, kept)

    def _leave(self) -> None:
        if self.entered:
            self.entered = False
            self.wanted = None
            self.send_leave()

    def _end(self) -> None:
        """Edit no more. Harmless when repeated."""
        if self.model is not None:
            model, self.model = self.model, None
            model.destroy()
            self._leave()
        self.wanted = None

    def destroyed(self) -> None:
        self.client.data[COUNT] -= 1
        self.entered = False
        self._end()


class ZwpTextInputManagerV1(Interface, name="zwp_text_input_manager_v1", version=1):
    """Makes text inputs; neither has a destructor."""

    __slots__ = ()

    @request()
    def create_text_input(self, id: NewId[ZwpTextInputV1]) -> None:
        data = self.client.data
        if data.get(COUNT, 0) >= MAX_PER_KIND:
            raise implementation_error(self, f"more than {MAX_PER_KIND} text inputs")
        data[COUNT] = data.get(COUNT, 0) + 1
        resource = ZwpTextInputV1(self.client, id, self.version)
        resource.model = resource.wanted = None
        resource.entered = False
        resource.serial = 0
