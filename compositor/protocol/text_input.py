"""zwp_text_input_manager_v3: clients that edit text, and let an input method compose it.

Source: text-input-unstable-v3.xml.
"""

from __future__ import annotations

from typing import Any

from compositor.geometry import Rect
from compositor.model.seat.text_input import Composed, TextInput
from compositor.model.surface import Surface
from compositor.protocol.common import implementation_error
from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_seat.devices import MAX_PER_KIND, listening
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Int, Interface, NewId, String, Uint, event, request

MAX_TEXT_BYTES = 4000
"""Of any text: what the protocols allow, so that it fits one message."""
_COUNT = "text_inputs"


class ZwpTextInputV3(Interface, name="zwp_text_input_v3", version=1):
    """A client's text being edited."""

    __slots__ = ("model",)

    model: TextInput

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def enable(self) -> None:
        self.model.enable()

    @request()
    def disable(self) -> None:
        self.model.disable()

    @request()
    def set_surrounding_text(self, text: String, cursor: Int, anchor: Int) -> None:
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise implementation_error(self, f"set_surrounding_text: more than {MAX_TEXT_BYTES} bytes")
        self.model.set_surrounding(text, cursor, anchor)

    @request()
    def set_text_change_cause(self, cause: Uint) -> None:
        self.model.set_cause(cause)

    @request()
    def set_content_type(self, hint: Uint, purpose: Uint) -> None:
        self.model.set_content(hint, purpose)

    @request()
    def set_cursor_rectangle(self, x: Int, y: Int, width: Int, height: Int) -> None:
        self.model.set_rect(Rect(near(x), near(y), max(0, near(width)), max(0, near(height))))

    @request()
    def commit(self) -> None:
        self.model.commit()

    @event(name="enter")
    def send_enter(self, surface: WlSurface) -> None:
        """The surface has the keyboard."""

    @event(name="leave")
    def send_leave(self, surface: WlSurface) -> None:
        """It has it no longer."""

    @event()
    def preedit_string(self, text: String | None, cursor_begin: Int, cursor_end: Int) -> None:
        """Text that is not final yet."""

    @event()
    def commit_string(self, text: String | None) -> None:
        """Text to insert."""

    @event()
    def delete_surrounding_text(self, before_length: Uint, after_length: Uint) -> None:
        """Bytes to remove."""

    @event()
    def done(self, serial: Uint) -> None:
        """Apply the above."""

    # What the model tells (compositor.model.seat.text_input.TextInputListener)

    def enter(self, surface: Surface) -> None:
        """Tell of the keyboard."""
        if listening(surface):
            self.send_enter(surface.resource)

    def leave(self, surface: Surface) -> None:
        """Tell of its loss."""
        if listening(surface):
            self.send_leave(surface.resource)

    def composed(self, composed: Composed, serial: int) -> None:
        """Hand on what the input method did."""
        if composed.preedit is not None:
            text, begin, end = composed.preedit
            self.preedit_string(text or None, begin, end)
        if composed.text is not None:
            self.commit_string(composed.text)
        if composed.delete_before or composed.delete_after:
            self.delete_surrounding_text(composed.delete_before, composed.delete_after)
        self.done(serial)

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Nothing of the first version that the third knows."""

    def destroyed(self) -> None:
        self.client.data[_COUNT] -= 1
        self.model.destroy()


class ZwpTextInputManagerV3(Interface, name="zwp_text_input_manager_v3", version=1):
    """Makes text inputs."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_text_input(self, id: NewId[ZwpTextInputV3], seat: WlSeat) -> None:
        data = self.client.data
        if data.get(_COUNT, 0) >= MAX_PER_KIND:
            raise implementation_error(self, f"more than {MAX_PER_KIND} text inputs")
        data[_COUNT] = data.get(_COUNT, 0) + 1
        resource = ZwpTextInputV3(self.client, id, self.version)
        resource.model = seat.seat.text.add(self.client, resource)
        seat.seat.text.catch_up(resource.model)


def near(coordinate: int) -> int:
    """Return a coordinate without what no surface can reach."""
    return max(-(1 << 24), min(coordinate, 1 << 24))
