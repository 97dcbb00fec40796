"""A pad for a few lines of text: caret, selection, clipboard, wrapped lines, the server's key repeat.

Keys: arrows, Home and End, with Shift to select and Ctrl for words; Ctrl+A, C, X, V.
"""

from __future__ import annotations

import argparse
import sys
from bisect import bisect
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from toolkit import BUTTON_LEFT, Box, Canvas, Clipboard, Connection, KeyEvent, Mod, Window, palette
from toolkit.canvas import text_width
from toolkit.program import Options, parser, run

SIZE, LINE, PAD, FOOT = 17, 26, 22, 32  # font, line height, margin, status line; surface pixels
WELCOME = "Type here.\nSelect with Shift or the mouse; copy, cut and paste with Ctrl+C, X, V.\n\n"

Place = tuple[int, int]  # line, column
Row = tuple[int, int, int]  # line, and the columns it begins and ends at: a line is as many rows as it needs


@lru_cache(None)
def advance(character: str) -> float:
    """Return how far a character moves the pen."""
    return text_width(character, SIZE)


@lru_cache(4096)
def breaks(line: str, width: float) -> tuple[int, ...]:
    """Return the columns at which a line's rows begin, after a space if there is one, and the line's end."""
    found, start, used = [0], 0, 0.0
    for column, character in enumerate(line):
        used += advance(character)
        if used > width and character != " " and column > start:
            space = line.rfind(" ", start, column)
            start = space + 1 if space >= start else column
            used = sum(map(advance, line[start : column + 1]))
            found.append(start)
    return (*found, len(line))


class Text:
    """Lines with a caret and an anchor: what lies between the two is selected. No pixels."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.caret: Place = (len(self.lines) - 1, len(self.lines[-1]))
        self.anchor = self.caret

    @property
    def selection(self) -> tuple[Place, Place]:
        """The selected range, its start first."""
        return min(self.caret, self.anchor), max(self.caret, self.anchor)

    def selected(self) -> str:
        """Return the selected text."""
        (top, left), (bottom, right) = self.selection
        if top == bottom:
            return self.lines[top][left:right]
        return "\n".join([self.lines[top][left:], *self.lines[top + 1 : bottom], self.lines[bottom][:right]])

    def insert(self, text: str) -> None:
        """Put text in place of the selection; the caret goes behind it."""
        (top, left), (bottom, right) = self.selection
        new = (self.lines[top][:left] + text.replace("\r\n", "\n")).split("\n")
        self.caret = self.anchor = (top + len(new) - 1, len(new[-1]))
        new[-1] += self.lines[bottom][right:]
        self.lines[top : bottom + 1] = new

    def delete(self, step: int, word: bool) -> None:
        """Delete the selection, or else what the caret passes by a step back (-1) or forward (1)."""
        if self.caret == self.anchor:
            self.caret = self.beside(self.caret, step, word)
        self.insert("")

    def beside(self, place: Place, step: int, word: bool = False) -> Place:
        """Return the place one character or word back or forward, across line ends."""
        row, column = place
        line = self.lines[row]
        if not 0 <= column + step <= len(line):
            row += step
            if not 0 <= row < len(self.lines):
                return place
            return row, 0 if step > 0 else len(self.lines[row])
        column += step
        look = -1 if step < 0 else 0
        while (
            word
            and 0 < column < len(line)
            and not (
                line[column - 1].isalnum() < line[column].isalnum()
                if look
                else line[column - 1].isalnum() > line[column].isalnum()
            )
        ):
            column += step
        return row, column

    def move(self, to: Place, select: bool) -> None:
        """Move the caret; the anchor stays behind when selecting."""
        self.caret = to
        if not select:
            self.anchor = to


class Textpad(Window):
    """The window."""

    def __init__(self, connection: Connection, options: Options) -> None:
        super().__init__(connection, options.title or "Textpad", *options.size, smallest=(240, 140))
        self.cursor = "text"
        self.text = Text(options.file if options.file is not None else WELCOME)
        self.clipboard = Clipboard(connection)
        self.scroll = 0.0  # surface pixels above the top line shown
        self.dragging = False
        self.lit = False

    # Where things are

    def rows(self) -> list[Row]:
        """Return the rows that the text fills at this width."""
        width = self.width - 2 * PAD
        return [
            (number, start, end)
            for number, line in enumerate(self.text.lines)
            for start, end in pairwise(breaks(line, width))
        ]

    def row_of(self, place: Place) -> int:
        """Return the row that a place is in."""
        return bisect([(line, start) for line, start, _ in self.rows()], place) - 1

    def top_of(self, row: int) -> int:
        """Return a row's top in the content."""
        return round(PAD + row * LINE - self.scroll)

    def x_of(self, row: Row, column: int) -> float:
        """Return where a column of a row begins in the content."""
        return PAD + text_width(self.text.lines[row[0]][row[1] : column], SIZE)

    def place_at(self, x: float, y: float) -> Place:
        """Return the place nearest to a point."""
        rows = self.rows()
        row = rows[min(max(int((y - PAD + self.scroll) // LINE), 0), len(rows) - 1)]
        line, start, end = row
        # The end of a row that goes on below is the beginning of the next one.
        last = end if end == len(self.text.lines[line]) else end - 1
        middles = [(self.x_of(row, n) + self.x_of(row, n + 1)) / 2 for n in range(start, last)]
        return line, start + bisect(middles, x)

    def show_rows(self, first: int, last: int) -> None:
        """Have these rows redrawn, and the status line."""
        top = max(0, self.top_of(first))
        bottom = min(self.height - FOOT, self.top_of(last + 1))
        self.redraw(Box(0, top, self.width, max(0, bottom - top)))
        self.redraw(Box(0, self.height - FOOT, self.width, FOOT))

    def touched(self) -> set[int]:
        """Return the rows of caret and anchor."""
        return {self.row_of(self.text.caret), self.row_of(self.text.anchor)}

    def changed(self, rows: set[int], below: bool = False) -> None:
        """Have redrawn what the latest step touched, and keep the caret in view."""
        row = self.row_of(self.text.caret)
        top, bottom = row * LINE, (row + 1) * LINE
        room = self.height - FOOT - 2 * PAD
        scroll = min(max(self.scroll, bottom - room), top) if room > LINE else top
        if scroll != self.scroll:
            self.scroll = max(0.0, scroll)
            self.redraw()
        rows = rows | self.touched()
        self.show_rows(min(rows), 10**6 if below else max(rows))

    # Input

    def key(self, event: KeyEvent) -> None:
        if not event.pressed:
            return
        text, before, rows = self.text, self.touched(), self.rows()
        lines = len(text.lines)
        shift, ctrl = bool(event.modifiers & Mod.SHIFT), bool(event.modifiers & Mod.CTRL)
        at = self.row_of(text.caret)
        line, start, end = rows[at]
        if event.ctrl("a"):
            text.anchor, text.caret = (0, 0), (lines - 1, len(text.lines[-1]))
        elif (event.ctrl("c") or event.ctrl("x")) and text.selected():
            self.clipboard.copy(text.selected())
            if event.ctrl("x"):
                text.insert("")
        elif event.ctrl("v"):
            self.clipboard.paste(self.pasted)
        elif event.keysym in ("Left", "Right"):
            text.move(text.beside(text.caret, 1 if event.keysym == "Right" else -1, ctrl), shift)
        elif event.keysym in ("Up", "Down"):
            x, at = self.x_of(rows[at], text.caret[1]), at + (1 if event.keysym == "Down" else -1)
            text.move(self.place_at(x, self.top_of(at)) if 0 <= at < len(rows) else text.caret, shift)
        elif event.keysym in ("Home", "End"):
            last = end if end == len(text.lines[line]) else end - 1
            text.move((line, start if event.keysym == "Home" else last), shift)
        elif event.keysym in ("BackSpace", "Delete"):
            text.delete(-1 if event.keysym == "BackSpace" else 1, ctrl)
        elif event.text:
            text.insert("    " if event.text == "\t" else event.text)
        self.changed(before, below=self.rows() != rows)

    def pasted(self, received: str) -> None:
        """Take text from the clipboard."""
        self.text.insert(received)
        self.changed(set(), below=True)

    def on_frame(self) -> None:
        if self.connection.seat is not None and self.connection.seat.keyboard is not None:
            self.connection.seat.keyboard.on_frame(self)

    def focused(self, has_focus: bool) -> None:
        self.lit = has_focus
        self.changed(set())

    def pointer_button(self, x: float, y: float, button: int, pressed: bool) -> None:
        if button == BUTTON_LEFT:
            self.dragging = pressed
            if pressed:
                before = self.touched()
                self.text.move(self.place_at(x, y), select=False)
                self.changed(before)

    def pointer_move(self, x: float, y: float) -> None:
        if self.dragging and self.place_at(x, y) != self.text.caret:
            before = self.touched()
            self.text.move(self.place_at(x, y), select=True)
            self.changed(before)

    def pointer_scroll(self, dx: float, dy: float) -> None:
        most = max(0, len(self.rows()) * LINE - (self.height - FOOT - 2 * PAD))
        self.scroll = min(max(self.scroll + dy, 0), most)
        self.redraw()

    # Drawing

    def draw(self, canvas: Canvas) -> None:
        canvas.clear(palette.NIGHT)
        first, last = self.text.selection
        rows = self.rows()
        above = max(0, int((self.scroll - PAD) // LINE))
        for at in range(above, min(len(rows), above + self.height // LINE + 2)):
            row, y = rows[at], self.top_of(at)
            line, start, end = row
            if first != last and first <= (line, end) and last >= (line, start):
                left = self.x_of(row, first[1] if first > (line, start) else start)
                # What goes on behind the row's end is shown to go on.
                right = self.x_of(row, last[1]) if last <= (line, end) else self.x_of(row, end) + 7
                canvas.fill(left, y, right - left, LINE, palette.CURRENT)
            canvas.text(PAD, y + 19, self.text.lines[line][start:end], SIZE, palette.ICE)
        line, column = self.text.caret
        at = self.row_of(self.text.caret)
        if self.lit:
            canvas.fill(round(self.x_of(rows[at], column)) - 1, self.top_of(at) + 3, 2, LINE - 6, palette.SUN)
        canvas.fill(0, self.height - FOOT, self.width, FOOT, palette.DEEP)
        status = f"line {line + 1}, column {column + 1}"
        chosen = len(self.text.selected())
        canvas.text(
            PAD, self.height - 11, status + (f"   {chosen} selected" if chosen else ""), 13, palette.MIST
        )


def content(name: str) -> str:
    """Read a text file."""
    try:
        return Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name}: {error.strerror}") from None


def main() -> int:
    """Run the program."""
    options = parser(
        __doc__.split("\n")[0], "620x360", "README.md   # begin with this file's text; it is not written"
    )
    options.add_argument("file", nargs="?", type=content, help="text file to begin with")
    return run(options.parse_args(), Textpad)


if __name__ == "__main__":
    sys.exit(main())
