"""The grab of open menus: only their client gets input, a press elsewhere closes them.

Source: xdg_popup.grab. While it lasts the keyboard goes to the topmost
grabbing popup, pointer and touch events go to surfaces of the popups' client
alone ("owner events").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.model.popup import Popup
from compositor.model.scene import Hit
from compositor.model.seat.pointer_grabs import DefaultGrab
from compositor.model.seat.touch_grabs import DefaultTouchGrab

if TYPE_CHECKING:
    from compositor.model.keymap import Modifiers
    from compositor.model.seat.seat import Seat
    from compositor.model.seat.touch import TouchPoint
    from compositor.model.surface import Surface


class PopupGrab:
    """One chain of grabbing popups of one client, bottom to top."""

    def __init__(self, seat: Seat, client: Any) -> None:
        self.seat = seat
        self.client = client
        self.popups: list[Popup] = []
        self._pointer = _PopupPointerGrab(self)
        self._touch = _PopupTouchGrab(self)

    def start(self) -> None:
        """Take pointer, keyboard and touch."""
        seat = self.seat
        seat.pointer.start_grab(self._pointer)
        seat.touch.start_grab(self._touch)
        seat.keyboard.start_grab(self)
        seat.pointer.refocus()

    def end(self) -> None:
        """Give them back."""
        seat = self.seat
        seat.keyboard.end_grab(self)
        seat.touch.end_grab(self._touch)
        seat.pointer.end_grab(self._pointer)

    def push(self, popup: Popup) -> None:
        """Put one more popup on top."""
        self.popups.append(popup)
        self.seat.keyboard.refocus()

    def remove(self, popup: Popup) -> bool:
        """A popup is gone; returns whether the chain is empty now."""
        if popup in self.popups:
            self.popups.remove(popup)
            self.seat.keyboard.refocus()
        return not self.popups

    def dismiss(self) -> None:
        """Close all of them, the topmost first."""
        for popup in reversed(list(self.popups)):
            popup.dismiss()

    # The keyboard's side

    def redirect(self, wanted: Surface | None) -> Surface | None:
        """Give the keyboard to the topmost popup."""
        for popup in reversed(self.popups):
            if popup.visible and popup.surface.alive:
                return popup.surface
        return wanted

    def key(self, time_ms: int, key: int, pressed: bool) -> bool:
        """Keep no key."""
        return False

    def modifiers(self, modifiers: Modifiers) -> bool:
        """Keep nothing."""
        return False


class _PopupPointerGrab(DefaultGrab):
    def __init__(self, owner: PopupGrab) -> None:
        super().__init__(owner.seat.pointer)
        self._owner = owner

    def reaches(self, surface: Surface) -> bool:
        return bool(surface.client is self._owner.client)

    def button(self, time_ms: int, button: int, pressed: bool, delivered: bool) -> None:
        pointer = self.pointer
        if pressed and not pointer.held:
            hit = self._look()
            if pointer.focus is None:
                # The click that closes a menu does nothing else but raise what was clicked.
                self._owner.dismiss()
                if hit is not None:
                    pointer.host.activate(hit.item)
                return
        if pressed:
            pointer.send_button(time_ms, button, True)
        else:
            super().button(time_ms, button, pressed, delivered)

    def cancel(self) -> None:
        self._owner.dismiss()


class _PopupTouchGrab(DefaultTouchGrab):
    def __init__(self, owner: PopupGrab) -> None:
        super().__init__(owner.seat.touch)
        self._owner = owner

    def down(self, time_ms: int, point: TouchPoint, hit: Hit | None) -> None:
        if hit is not None and hit.surface is not None and hit.surface.client is self._owner.client:
            self.touch.send_down(time_ms, point, hit.surface)
            return
        self._owner.dismiss()
        if hit is not None:
            self.touch.host.activate(hit.item)

    def cancel(self) -> None:
        self._owner.dismiss()
