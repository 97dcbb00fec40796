"""Text input: what a client says of the text being edited, and the input method that composes it.

Text inputs follow the keyboard's focus; one of them at a time is enabled, and
its state goes to the input method, whose text comes back. Source:
text-input-unstable-v3.xml, input-method-unstable-v2.xml. The protocol room
implements the listeners; indices into text are bytes of UTF-8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from compositor.geometry import Rect
from compositor.model.seat.serials import newer
from compositor.record import record

if TYPE_CHECKING:
    from compositor.model.seat.input_panel import InputPanel
    from compositor.model.seat.input_popup import InputPopup
    from compositor.model.seat.seat import Seat
    from compositor.model.surface import Surface


@record(frozen=True)
class TextState:
    """What a client says of its text, each part None while it says nothing.

    Attributes:
        surrounding: text around the cursor, and the cursor's and the selection's other end in it.
        content: hint and purpose.
        rect: where the cursor is, surface space.
    """

    surrounding: tuple[str, int, int] | None = None
    content: tuple[int, int] | None = None
    rect: Rect | None = None


@record(frozen=True)
class Composed:
    """What an input method does to the text with one commit; None and 0 are nothing.

    Attributes:
        preedit: text not yet final, and begin and end of the cursor in it.
        text: to be inserted.
        delete_before, delete_after: bytes around the cursor to remove.
        fallback: what becomes of the preedit if the text is left before it is final.
        known: the client's number of the state that this answers, where the input method says so.
    """

    preedit: tuple[str, int, int] | None = None
    text: str | None = None
    delete_before: int = 0
    delete_after: int = 0
    fallback: str = ""
    known: int | None = None


class TextInputListener(Protocol):
    """Tells the client that edits the text."""

    def enter(self, surface: Surface) -> None:
        """Its surface has the keyboard."""

    def leave(self, surface: Surface) -> None:
        """It has it no longer."""

    def composed(self, composed: Composed, serial: int) -> None:
        """Apply what the input method did; `serial` is the number of commits so far."""

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Hand on what only the first version of the protocol knows, by the name of its event."""


class InputMethodListener(Protocol):
    """Tells the client that composes text. Everything takes effect with `done`."""

    def activate(self) -> None:
        """Text is being edited: all that was said before is void."""

    def deactivate(self) -> None:
        """It is no longer."""

    def state(self, state: TextState, cause: int) -> None:
        """What the text is like, and what changed it."""

    def done(self) -> None:
        """Apply the above."""

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Hand on what only the first version of the protocol knows, by the name of its event."""


class TextInput:
    """One text input of a client.

    Attributes:
        focus: the client's surface that has the keyboard, or None.
        enabled: whether text is edited there.
        current: what the client said last.
        cause: of the change that it said last.
        commits: how often it committed, modulo 2**32.
        number: what its client calls the state that it said last, in the first version of the protocol; None
            in later ones, which count the commits.
    """

    def __init__(self, room: TextInputs, client: Any, listener: TextInputListener) -> None:
        self._room = room
        self.client = client
        self.listener = listener
        self.focus: Surface | None = None
        self.enabled = False
        self.current = TextState()
        self.commits = 0
        self.number: int | None = None
        self.cause = 0
        self._forget_pending()

    def _forget_pending(self) -> None:
        self._enable: bool | None = None
        self._surrounding: tuple[str, int, int] | None = None
        self._content: tuple[int, int] | None = None
        self._rect: Rect | None = None
        self._cause = 0

    def enable(self) -> None:
        """Begin to edit with the next commit; what was said before is void."""
        self._forget_pending()
        self._enable = True

    def disable(self) -> None:
        """End it with the next commit."""
        self._forget_pending()
        self._enable = False

    def set_surrounding(self, text: str, cursor: int, anchor: int) -> None:
        """Tell the text around the cursor."""
        data = text.encode()
        self._surrounding = text, boundary(data, cursor), boundary(data, anchor)

    def set_cause(self, cause: int) -> None:
        """Tell what changed the text: 0 the input method, 1 anything else."""
        self._cause = cause

    def set_content(self, hint: int, purpose: int) -> None:
        """Tell what sort of text it is."""
        self._content = hint, purpose

    def set_rect(self, rect_surface: Rect) -> None:
        """Tell where the cursor is."""
        self._rect = rect_surface

    def commit(self) -> None:
        """Apply what was said. Without the keyboard, or beside another that is enabled, it counts only."""
        self.commits = (self.commits + 1) % 2**32
        enable, cause = self._enable, self._cause
        self.cause = cause
        said = TextState(self._surrounding, self._content, self._rect)
        self._forget_pending()
        if self.focus is None:
            return
        if enable:
            if self._room.active not in (None, self):
                return
            self.enabled = True
            self.current = said
            self._room.activate(self, cause)
        elif enable is False:
            self._stop()
        elif self.enabled:
            old = self.current
            self.current = TextState(
                said.surrounding or old.surrounding, said.content or old.content, said.rect or old.rect
            )
            self._room.update(self, cause)

    def _stop(self) -> None:
        if self.enabled:
            self.enabled = False
            self.current = TextState()
            self._room.deactivate(self)

    def set_focus(self, surface: Surface | None) -> None:
        """The keyboard went to another surface; None is one of another client."""
        old, self.focus = self.focus, None
        # What was said since the last enter event, or before the first, is void.
        self._forget_pending()
        if old is not None:
            self._stop()
            self.listener.leave(old)
        self.focus = surface
        if surface is not None:
            self.listener.enter(surface)

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Hand on to the input method what only the first versions of the protocols know."""
        method = self._room.method
        if self.enabled and method is not None and method.active:
            method.listener.extra(name, arguments)

    def destroy(self) -> None:
        """The client is done with it. Harmless when repeated."""
        self._stop()
        self._room.remove(self)


class InputMethod:
    """The program that composes text for one seat.

    Attributes:
        active: whether text is being edited.
        sent: how many times it was told `done`, modulo 2**32.
    """

    def __init__(self, room: TextInputs, client: Any, listener: InputMethodListener) -> None:
        self._room = room
        self.client = client
        self.listener = listener
        self.active = False
        self.sent = 0
        self._valid_from = 0

    def activate(self, state: TextState, cause: int) -> None:
        """Text is being edited from now on."""
        self.active = True
        self.listener.activate()
        self.update(state, cause)
        self._valid_from = self.sent

    def update(self, state: TextState, cause: int) -> None:
        """Something of the text has changed."""
        self.listener.state(state, cause)
        self._done()

    def deactivate(self) -> None:
        """Nothing is edited any more."""
        self.active = False
        self.listener.deactivate()
        self._done()

    def _done(self) -> None:
        self.sent = (self.sent + 1) % 2**32
        self.listener.done()

    def commit(self, composed: Composed, serial: int) -> None:
        """Hand text over to the client that edits.

        Args:
            serial: how many `done` the input method knew of. What it made for an earlier text input
                does not go to this one.
        """
        target = self._room.active
        if self.active and target is not None and not newer(self._valid_from, serial):
            target.listener.composed(composed, target.commits)

    def hand_over(self, composed: Composed) -> None:
        """Hand text over to the client that edits now, whatever the input method knew of."""
        self.commit(composed, self.sent)

    def extra(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Hand on to the text input what only the first versions of the protocols know."""
        target = self._room.active
        if self.active and target is not None:
            target.listener.extra(name, arguments)

    def destroy(self) -> None:
        """The program is gone. Harmless when repeated."""
        self.active = False
        self._room.set_method(None, self)


class TextInputs:
    """All text inputs of a seat, and its input method.

    Attributes:
        active: the text input that is enabled and has the keyboard, or None.
        method: the input method, or None.
        popups: what the input method shows beside the text.
        panel_wanted: whether a keyboard on the screen is to be shown while text is edited.
        panels: such keyboards.
    """

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.active: TextInput | None = None
        self.method: InputMethod | None = None
        self.popups: list[InputPopup] = []
        self.panels: list[InputPanel] = []
        self.panel_wanted = True
        self._inputs: list[TextInput] = []
        seat.keyboard.on_focus.append(self._left)
        seat.keyboard.on_entered.append(self._entered)

    def add(self, client: Any, listener: TextInputListener) -> TextInput:
        """A client made a text input; `catch_up` has to follow once its listener works."""
        made = TextInput(self, client, listener)
        self._inputs.append(made)
        return made

    def catch_up(self, text_input: TextInput) -> None:
        """Tell a new text input of the keyboard that its client has already."""
        focused = self.seat.keyboard.focused
        if focused is not None and focused.client is text_input.client:
            text_input.set_focus(focused)

    def remove(self, text_input: TextInput) -> None:
        """Forget a text input. Harmless when repeated."""
        if text_input in self._inputs:
            self._inputs.remove(text_input)

    def _left(self, old: Surface | None, new: Surface | None) -> None:
        for text_input in list(self._inputs):
            if text_input.focus is not None:
                text_input.set_focus(None)

    def _entered(self, surface: Surface) -> None:
        # After wl_keyboard.enter: foot takes an enter before it for a mistake.
        for text_input in list(self._inputs):
            if text_input.client is surface.client:
                text_input.set_focus(surface)

    # From text inputs to the input method

    def activate(self, text_input: TextInput, cause: int) -> None:
        """A text input was enabled, perhaps anew."""
        self.active = text_input
        self.panel_wanted = True
        if self.method is not None:
            self.method.activate(text_input.current, cause)
        self._lay_out()

    def update(self, text_input: TextInput, cause: int) -> None:
        """The active text input said something."""
        if self.method is not None:
            self.method.update(text_input.current, cause)
        self._lay_out()

    def deactivate(self, text_input: TextInput) -> None:
        """A text input was disabled, or lost the keyboard."""
        if self.active is text_input:
            self.active = None
            if self.method is not None:
                self.method.deactivate()
            self._lay_out()

    def want_panel(self, wanted: bool) -> None:
        """Show a keyboard on the screen while text is edited, or do not."""
        if wanted is not self.panel_wanted:
            self.panel_wanted = wanted
            self._lay_out()

    def _lay_out(self) -> None:
        if self.popups or self.panels:
            self.seat.host.scene.invalidate()
        for panel in self.panels:
            panel.tell()

    def set_method(self, method: InputMethod | None, expected: InputMethod | None = None) -> bool:
        """Have another input method, if the present one is `expected`; returns whether it is so now."""
        if self.method is not expected:
            return False
        self.method = method
        if method is not None and self.active is not None:
            method.activate(self.active.current, self.active.cause)
        self._lay_out()
        return True


def boundary(data: bytes, index: int) -> int:
    """Return an index into UTF-8 that a client can use: within the text, at the first byte of a character."""
    index = max(0, min(index, len(data)))
    while index < len(data) and data[index] & 0xC0 == 0x80:
        index += 1
    return index
