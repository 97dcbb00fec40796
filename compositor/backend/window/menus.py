"""Menus over the desktop: a list to choose from by typing, arrows or the pointer.

One is open at a time. `shortcuts` opens them and gives them the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from compositor.backend.window.hud import PanelItem
from compositor.backend.window.panels import Panel, Row, Tone, panel_size, row_at
from compositor.model.desktop import Desktop

_WIDTH = 640
_COLUMN = 190
_ROWS = 12
_HINT = "type to search  ·  ↑ ↓  ·  Enter  ·  Esc"

_UP, _DOWN, _PAGE_UP, _PAGE_DOWN = 0xFF52, 0xFF54, 0xFF55, 0xFF56
_TAB, _BACK_TAB, _RETURN, _ENTER, _ESCAPE, _BACKSPACE = 0xFF09, 0xFE20, 0xFF0D, 0xFF8D, 0xFF1B, 0xFF08


class Entry(NamedTuple):
    """Something to choose."""

    name: str
    about: str
    choose: Callable[[], None]
    keys: bool = False
    """Whether the name is keys, with + between them."""


class Menu:
    """A list on the screen.

    Attributes:
        entries: what there is; those that have the typed text in their name are shown.
    """

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._item = PanelItem(desktop, self._place, self._pressed)
        self._title = ""
        self.entries: Sequence[Entry] = ()
        self._typed = ""
        self._selected = 0

    @property
    def open(self) -> bool:
        """Whether it is on the screen."""
        return self._item.shown

    def show(self, title: str, entries: Sequence[Entry], selected: int = 0) -> None:
        """Open it."""
        self._title = title
        self.entries = entries
        self._typed = ""
        self._selected = selected
        self._item.show()

    def close(self) -> None:
        """Take it away. Harmless when repeated."""
        self._item.hide()

    @property
    def matching(self) -> list[Entry]:
        """The entries that fit what was typed."""
        wanted = self._typed.lower()
        return [entry for entry in self.entries if wanted in entry.name.lower()]

    def key(self, keysym: int, char: str) -> None:
        """A key was pressed while the menu is open."""
        count = len(self.matching)
        steps = {_UP: -1, _BACK_TAB: -1, _DOWN: 1, _TAB: 1, _PAGE_UP: -_ROWS, _PAGE_DOWN: _ROWS}
        if keysym == _ESCAPE:
            self.close()
            return
        if keysym in (_RETURN, _ENTER):
            self._choose(self._selected)
            return
        if keysym in steps:
            step = steps[keysym]
            wanted = self._selected + step
            self._selected = wanted % max(count, 1) if abs(step) == 1 else max(0, min(wanted, count - 1))
        elif keysym == _BACKSPACE:
            self._typed = self._typed[:-1]
            self._selected = 0
        elif char and char.isprintable():
            self._typed += char
            self._selected = 0
        self._item.show()

    def _choose(self, index: int) -> None:
        matching = self.matching
        self.close()
        if 0 <= index < len(matching):
            matching[index].choose()

    def _first(self) -> int:
        return max(0, min(self._selected - _ROWS // 2, len(self.matching) - _ROWS))

    def _panel(self) -> Panel:
        first = self._first()
        shown = self.matching[first : first + _ROWS]
        rows = tuple(Row(entry.name, entry.about, keys=entry.keys) for entry in shown)
        title = f"{self._title}  {self._typed}▏" if self._typed else self._title
        selected = self._selected - first if shown else -1
        rows = rows or (Row("nothing fits", tone=Tone.DIM),)
        return Panel(title, rows, _HINT, _WIDTH, selected, large=True, column=_COLUMN)

    def _place(self) -> list[tuple[Panel, int, int]]:
        panel = self._panel()
        width, height = panel_size(panel)
        pointer = self._desktop.seat.pointer
        output = self._desktop.output_at(pointer.x, pointer.y) or next(iter(self._desktop.outputs), None)
        if output is None:
            return []
        area = output.rect_layout
        return [(panel, area.x + (area.width - width) // 2, area.y + max(0, (area.height - height) // 3))]

    def _pressed(self, panel: Panel, x: float, y: float) -> None:
        row = row_at(panel, y)
        if row is not None:
            self._choose(self._first() + row)
