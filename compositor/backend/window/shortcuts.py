"""Keyboard shortcuts of the window backend, and what they do.

Each works with Super, and with Ctrl and Alt where the host keeps Super for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from compositor.backend.window.inspector import Inspector
from compositor.backend.window.menus import Entry, Menu
from compositor.backend.window.programs import programs
from compositor.model.desktop import Desktop
from compositor.model.window import Window
from compositor.render.colours import DAYLIGHT_K, NIGHT_K, Colours

if TYPE_CHECKING:
    from compositor.model.keymap import KeyboardState

_MODIFIERS = range(0xFFE1, 0xFFEF)
_MORE_MODIFIERS = (0xFE03, 0xFE08, 0xFE0A, 0xFE0C, 0xFE0E, 0xFF7E, 0xFF7F)


class Shortcut(NamedTuple):
    """A key, and what it does together with Super or Ctrl and Alt."""

    keysym: int
    name: str
    about: str
    action: Callable[[], None]


class Shortcuts:
    """Watches the keyboard for shortcuts, and keeps what belongs to an open menu from clients.

    Args:
        launch: starts a program.
        set_colours: changes the colours of all outputs.
        flash: switches flashes on with the inspector, and off with None.
    """

    def __init__(
        self,
        desktop: Desktop,
        launch: Callable[[Sequence[str]], Any],
        set_colours: Callable[[Colours], None],
        flash: Callable[[Inspector | None], None],
    ) -> None:
        self._desktop = desktop
        self._launch = launch
        self._set_colours = set_colours
        self._flash = flash
        self.colours = Colours()
        self.menu = Menu(desktop)
        self.inspector = Inspector(desktop)
        self.table = (
            Shortcut(ord("h"), "H", "these shortcuts", self.show_help),
            Shortcut(0x20, "Space", "start a program", self.show_programs),
            Shortcut(0xFF09, "Tab", "choose a window", self.show_windows),
            Shortcut(ord("i"), "I", "inspector: pools, seals, frames, damage", self.toggle_inspector),
            Shortcut(ord("v"), "V", "colours as other eyes see them", self.next_vision),
            Shortcut(ord("n"), "N", "night light", self.toggle_night),
            Shortcut(ord("m"), "M", "maximize the window, or undo it", self.toggle_maximized),
            Shortcut(ord("q"), "Q", "close the window", self.close_window),
        )
        desktop.seat.keyboard.filters.append(self._keep)

    def _keep(self, key: int, pressed: bool, state: KeyboardState) -> bool:
        """Whether a key is not for clients (a filter of the seat's keyboard)."""
        keysym = state.keysym(key)
        if keysym in _MODIFIERS or keysym in _MORE_MODIFIERS:
            return False
        held = state.super or (state.ctrl and state.alt)
        shortcut = next((s for s in self.table if held and s.keysym == _lower(keysym)), None)
        if shortcut is not None:
            if pressed:
                shortcut.action()
            return True
        if not self.menu.open:
            return False
        if pressed:
            self.menu.key(keysym, self._desktop.seat.keyboard.keymap.char(keysym))
        return True

    # What they do

    def show_help(self) -> None:
        """List the shortcuts."""
        entries = [Entry(f"Super+{s.name}", s.about, s.action, keys=True) for s in self.table]
        self.menu.show("Shortcuts  (Ctrl+Alt does instead of Super)", entries)

    def show_programs(self) -> None:
        """Offer programs to start."""
        entries = [Entry(p.name, p.about, lambda p=p: self._start(p.argv)) for p in programs()]  # type: ignore[misc]
        self.menu.show("Start", entries)

    def _start(self, argv: Sequence[str]) -> None:
        self._launch(argv)

    def show_windows(self) -> None:
        """Offer the windows, the one used before this one first; again: go on to the next."""
        if self.menu.open:
            self.menu.key(0xFF54, "")
            return
        recent = list(reversed(self._desktop.focus_history))
        windows = recent + [w for w in self._desktop.windows if w.mapped and w not in recent]
        entries = [
            Entry(w.title or w.app_id or f"window {w.id}", w.app_id, lambda w=w: self._desktop.activate(w))  # type: ignore[misc]
            for w in windows
        ]
        self.menu.show("Windows", entries, 1 if len(entries) > 1 else 0)

    def toggle_inspector(self) -> None:
        """Show or hide what is known of each window."""
        self.menu.close()
        self.inspector.toggle()
        self._flash(self.inspector if self.inspector.on else None)

    def next_vision(self) -> None:
        """Show the outputs as other eyes see them: deuteranopia, protanopia, tritanopia, and back."""
        self.change_colours(self.colours._replace(vision=self.colours.vision.next))

    def toggle_night(self) -> None:
        """Make the light warmer, or undo it."""
        night = self.colours.temperature_k != DAYLIGHT_K
        self.change_colours(self.colours._replace(temperature_k=DAYLIGHT_K if night else NIGHT_K))

    def change_colours(self, colours: Colours) -> None:
        """Show all outputs in other colours."""
        self.colours = colours
        self._set_colours(colours)

    def _focused(self) -> Window | None:
        return self._desktop.focused

    def toggle_maximized(self) -> None:
        """Maximize the focused window, or undo it."""
        window = self._focused()
        if window is not None:
            window.set_maximized(not window.maximized)

    def close_window(self) -> None:
        """Ask the focused window to close."""
        window = self._focused()
        if window is not None:
            window.close()


def _lower(keysym: int) -> int:
    return keysym + 32 if 0x41 <= keysym <= 0x5A else keysym
