"""Surfaces that get the compositor's own shortcuts as well: remote desktops, virtual machines.

A person takes the shortcuts back, and gives them again, with Super+Escape.
Source: keyboard-shortcuts-inhibit-unstable-v1.xml.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.model.seat.codes import KEY_ESC

if TYPE_CHECKING:
    from compositor.model.keymap import KeyboardState
    from compositor.model.seat.seat import Seat
    from compositor.model.surface import Surface


class Inhibitor:
    """One surface's wish.

    Attributes:
        surface: that wants the shortcuts while it has the keyboard.
        refused: whether the person has taken them back.
    """

    __slots__ = ("_room", "_tell", "refused", "surface")

    def __init__(self, room: ShortcutInhibitors, surface: Surface, tell: Callable[[bool], None]) -> None:
        self._room = room
        self._tell = tell
        self.surface = surface
        self.refused = False

    def tell(self, active: bool) -> None:
        """Tell the client."""
        self._tell(active)

    def destroy(self) -> None:
        """The client is done with it. Harmless when repeated."""
        self._room.remove(self)


class ShortcutInhibitors:
    """All inhibitors of one seat, no more than one to a surface."""

    def __init__(self, seat: Seat) -> None:
        self._keyboard = seat.keyboard
        self._of: dict[Surface, Inhibitor] = {}
        self._focused: Surface | None = seat.keyboard.focused
        seat.keyboard.on_focus.append(self._focus_changed)

    def add(self, surface: Surface, tell: Callable[[bool], None]) -> Inhibitor | None:
        """Let a surface have the shortcuts; None if it has an inhibitor. `check` has to follow."""
        if surface in self._of:
            return None
        inhibitor = self._of[surface] = Inhibitor(self, surface, tell)
        surface.on_destroy.append(self._surface_destroyed)
        return inhibitor

    def remove(self, inhibitor: Inhibitor) -> None:
        """Forget one, untold. Harmless when repeated."""
        surface = inhibitor.surface
        if self._of.get(surface) is inhibitor:
            del self._of[surface]
            surface.on_destroy.remove(self._surface_destroyed)
            self._set(False if surface is self._focused else self._keyboard.inhibited)

    def check(self) -> None:
        """Find out anew whether the surface that has the keyboard has an inhibitor."""
        inhibitor = self._of.get(self._focused) if self._focused is not None else None
        active = inhibitor is not None and not inhibitor.refused
        self._set(active)
        self._keyboard.override = self._toggle if self._of else None
        if inhibitor is not None and active:
            inhibitor.tell(True)

    def _set(self, inhibited: bool) -> None:
        self._keyboard.inhibited = inhibited

    def _focus_changed(self, old: Surface | None, new: Surface | None) -> None:
        self._focused = new
        if self._of or self._keyboard.inhibited:
            self.check()

    def _toggle(self, key: int, pressed: bool, state: KeyboardState) -> bool:
        """Keep Super+Escape while the surface that has the keyboard has an inhibitor."""
        inhibitor = self._of.get(self._focused) if self._focused is not None else None
        if inhibitor is None or key != KEY_ESC or not pressed or not self._keyboard.super_held:
            return False
        inhibitor.refused = not inhibitor.refused
        self._set(not inhibitor.refused)
        inhibitor.tell(not inhibitor.refused)
        return True

    def _surface_destroyed(self, surface: Surface) -> None:
        self.remove(self._of[surface])
