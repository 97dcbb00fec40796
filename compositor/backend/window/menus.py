"""Menus over the desktop: a list to choose from by typing, arrows or the pointer.

One is open at a time. `shortcuts` opens them and gives them the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from compositor.backend.window.hud import PanelItem
from compositor.backend.window.panels import Panel, Row, Tone, panel_size, row_at
from compositor.geometry import EMPTY_RECT, Rect
from compositor.model.desktop import Desktop

_WIDTH = 640
_MARGIN = 16
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
        count, page = len(self.matching), self._rows(self._area())
        steps = {_UP: -1, _BACK_TAB: -1, _DOWN: 1, _TAB: 1, _PAGE_UP: -page, _PAGE_DOWN: page}
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

    def _area(self) -> Rect:
        """Return the output that it is shown on, layout space."""
        pointer = self._desktop.seat.pointer
        output = self._desktop.output_at(pointer.x, pointer.y) or next(iter(self._desktop.outputs), None)
        return EMPTY_RECT if output is None else output.rect_layout

    @staticmethod
    def _rows(area: Rect) -> int:
        """Return how many entries find room at once."""
        _, one = panel_size(Panel("title", (Row("entry"),), _HINT, large=True))
        _, two = panel_size(Panel("title", (Row("entry"), Row("entry")), _HINT, large=True))
        return max(1, min(_ROWS, 1 + (area.height - 2 * _MARGIN - one) // (two - one)))

    def _first(self, rows: int) -> int:
        return max(0, min(self._selected - rows // 2, len(self.matching) - rows))

    def _panel(self, area: Rect) -> Panel:
        count = self._rows(area)
        first = self._first(count)
        shown = self.matching[first : first + count]
        rows = tuple(Row(entry.name, entry.about, keys=entry.keys) for entry in shown)
        title = f"{self._title}  {self._typed}▏" if self._typed else self._title
        selected = self._selected - first if shown else -1
        rows = rows or (Row("nothing fits", tone=Tone.DIM),)
        width = min(_WIDTH, area.width - 2 * _MARGIN)
        return Panel(title, rows, _HINT, width, selected, large=True, column=_COLUMN)

    def _place(self) -> list[tuple[Panel, int, int]]:
        area = self._area()
        if area.width <= 2 * _MARGIN:
            return []
        panel = self._panel(area)
        width, height = panel_size(panel)
        return [(panel, area.x + (area.width - width) // 2, area.y + max(0, (area.height - height) // 3))]

    def _pressed(self, panel: Panel, x: float, y: float) -> None:
        row = row_at(panel, y)
        if row is not None:
            self._choose(self._first(self._rows(self._area())) + row)
