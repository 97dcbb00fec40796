"""A pad for a few lines of text: caret, selection, clipboard, the server's key repeat.

Keys: arrows, Home and End, with Shift to select and Ctrl for words; Ctrl+A, C, X, V.
"""

from __future__ import annotations

import argparse
import sys
from bisect import bisect
from pathlib import Path

from toolkit import BUTTON_LEFT, Box, Canvas, Clipboard, Connection, KeyEvent, Mod, Window, palette
from toolkit.canvas import text_width
from toolkit.program import Options, parser, run

SIZE, LINE, PAD, FOOT = 17, 26, 22, 32  # font, line height, margin, status line; surface pixels
WELCOME = "Type here.\nSelect with Shift or the mouse; copy, cut and paste with Ctrl+C, X, V.\n\n"

Place = tuple[int, int]  # line, column


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

    def top_of(self, row: int) -> int:
        """Return a line's top in the content."""
        return round(PAD + row * LINE - self.scroll)

    def column_x(self, row: int, column: int) -> float:
        """Return where a column begins in the content."""
        return PAD + text_width(self.text.lines[row][:column], SIZE)

    def place_at(self, x: float, y: float) -> Place:
        """Return the place nearest to a point."""
        row = min(max(int((y - PAD + self.scroll) // LINE), 0), len(self.text.lines) - 1)
        line = self.text.lines[row]
        middles = [(self.column_x(row, n) + self.column_x(row, n + 1)) / 2 for n in range(len(line))]
        return row, bisect(middles, x)

    def show_lines(self, first: int, last: int) -> None:
        """Have these lines redrawn, and the status line."""
        top = max(0, self.top_of(first))
        bottom = min(self.height - FOOT, self.top_of(last + 1))
        self.redraw(Box(0, top, self.width, max(0, bottom - top)))
        self.redraw(Box(0, self.height - FOOT, self.width, FOOT))

    def changed(self, rows: set[int], below: bool = False) -> None:
        """Have redrawn what the latest step touched, and keep the caret in view."""
        top, bottom = self.text.caret[0] * LINE, (self.text.caret[0] + 1) * LINE
        room = self.height - FOOT - 2 * PAD
        scroll = min(max(self.scroll, bottom - room), top) if room > LINE else top
        if scroll != self.scroll:
            self.scroll = max(0.0, scroll)
            self.redraw()
        rows = rows | {self.text.caret[0], self.text.anchor[0]}
        self.show_lines(min(rows), 10**6 if below else max(rows))

    # Input

    def key(self, event: KeyEvent) -> None:
        if not event.pressed:
            return
        text, before = self.text, {self.text.caret[0], self.text.anchor[0]}
        lines = len(text.lines)
        shift, ctrl = bool(event.modifiers & Mod.SHIFT), bool(event.modifiers & Mod.CTRL)
        row, column = text.caret
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
            x, row = self.column_x(row, column), row + (1 if event.keysym == "Down" else -1)
            text.move(self.place_at(x, self.top_of(row)) if 0 <= row < lines else text.caret, shift)
        elif event.keysym in ("Home", "End"):
            text.move((row, 0 if event.keysym == "Home" else len(text.lines[row])), shift)
        elif event.keysym in ("BackSpace", "Delete"):
            text.delete(-1 if event.keysym == "BackSpace" else 1, ctrl)
        elif event.text:
            text.insert("    " if event.text == "\t" else event.text)
        self.changed(before, below=len(text.lines) != lines)

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
                before = {self.text.caret[0], self.text.anchor[0]}
                self.text.move(self.place_at(x, y), select=False)
                self.changed(before)

    def pointer_move(self, x: float, y: float) -> None:
        if self.dragging and self.place_at(x, y) != self.text.caret:
            before = {self.text.caret[0]}
            self.text.move(self.place_at(x, y), select=True)
            self.changed(before)

    def pointer_scroll(self, dx: float, dy: float) -> None:
        most = max(0, len(self.text.lines) * LINE - (self.height - FOOT - 2 * PAD))
        self.scroll = min(max(self.scroll + dy, 0), most)
        self.redraw()

    # Drawing

    def draw(self, canvas: Canvas) -> None:
        canvas.clear(palette.NIGHT)
        (top, left), (bottom, right) = self.text.selection
        first = max(0, int((self.scroll - PAD) // LINE))
        for row in range(first, min(len(self.text.lines), first + self.height // LINE + 2)):
            line, y = self.text.lines[row], self.top_of(row)
            if top <= row <= bottom and (top, left) != (bottom, right):
                start = self.column_x(row, left) if row == top else PAD
                end = self.column_x(row, right) if row == bottom else self.column_x(row, len(line)) + 7
                canvas.fill(start, y, end - start, LINE, palette.CURRENT)
            canvas.text(PAD, y + 19, line, SIZE, palette.ICE)
        row, column = self.text.caret
        if self.lit:
            canvas.fill(round(self.column_x(row, column)) - 1, self.top_of(row) + 3, 2, LINE - 6, palette.SUN)
        canvas.fill(0, self.height - FOOT, self.width, FOOT, palette.DEEP)
        status = f"line {row + 1}, column {column + 1}"
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
