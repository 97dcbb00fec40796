"""A pad to draw on with the pointer or several fingers; only what a stroke touched is damaged.

Keys: 1 to 6 choose a colour, [ and ] the width, C clears.
"""

from __future__ import annotations

import sys

import numpy as np
from toolkit import BUTTON_LEFT, BUTTON_RIGHT, Box, Canvas, Connection, KeyEvent, Window, boxes, palette
from toolkit.program import Options, parser, run

BAR = 56  # the palette's width, surface pixels
PAPER = 0xFFF4F1EA
INKS = (0xFF1E2B45, 0xFF2F7FC1, 0xFF2FA37C, 0xFFE9A93A, 0xFFE8694E, 0xFF7E6AD6)
WIDTHS = (2.5, 5.0, 9.0, 16.0)
ERASER = 28.0

Point = tuple[float, float]


class Stroke:
    """One pointer's or finger's way over the paper, smoothed: through the middles between its points."""

    def __init__(self, start: Point, ink: int, width: float) -> None:
        self.ink = ink
        self.width = width
        self.corner = start  # the latest raw point
        self.end = start  # where the drawn line ends

    def reach(self, to: Point) -> list[Point]:
        """Take the next raw point; return the line to draw, from the old end to the new one."""
        start, corner = self.end, self.corner
        middle = ((corner[0] + to[0]) / 2, (corner[1] + to[1]) / 2)
        self.corner, self.end = to, middle
        steps = max(2, min(12, round(abs(to[0] - start[0]) + abs(to[1] - start[1])) // 5))
        line = []
        for step in range(steps + 1):  # a quadratic curve with the raw point as its control
            t = step / steps
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            line.append(
                (a * start[0] + b * corner[0] + c * middle[0], a * start[1] + b * corner[1] + c * middle[1])
            )
        return line


class Paint(Window):
    """The window: a palette at the left, paper for the rest."""

    def __init__(self, connection: Connection, options: Options) -> None:
        super().__init__(connection, options.title or "Paint", *options.size, smallest=(240, 330))
        self.cursor = "crosshair"
        self.ink = 1
        self.nib = 1
        self.strokes: dict[int, Stroke] = {}  # by finger; the pointer is -1
        self.paper = np.full((1, 1), PAPER, np.uint32)  # buffer pixels; grows with the window, never shrinks
        self.blank = True

    # The paper

    def resized(self) -> None:
        height, width = round(self.height * self.scale), round((self.width - BAR) * self.scale)
        old = self.paper
        if height > old.shape[0] or width > old.shape[1]:
            self.paper = np.full((max(height, old.shape[0]), max(width, old.shape[1])), PAPER, np.uint32)
            self.paper[: old.shape[0], : old.shape[1]] = old

    def begin(self, finger: int, x: float, y: float, erase: bool = False) -> None:
        """Put a pointer or finger down."""
        if x < BAR:
            self.choose(x, y)
            return
        ink, width = (PAPER, ERASER) if erase else (INKS[self.ink], WIDTHS[self.nib])
        self.strokes[finger] = Stroke((x - BAR, y), ink, width)
        if self.blank:
            self.blank = False
            self.redraw()
        self.follow(finger, x, y)

    def follow(self, finger: int, x: float, y: float) -> None:
        """Draw on to (x, y), if that finger is down."""
        stroke = self.strokes.get(finger)
        if stroke is None:
            return
        line = stroke.reach((x - BAR, y))
        Canvas(self.paper, self.scale).polyline(line, stroke.width, stroke.ink)
        self.redraw(boxes.around(line, stroke.width / 2 + 1).moved(BAR, 0))

    def lift(self, finger: int) -> None:
        """Take it off, drawing the rest of the line to where it was."""
        stroke = self.strokes.get(finger)
        if stroke is not None:
            self.follow(finger, stroke.corner[0] + BAR, stroke.corner[1])
            del self.strokes[finger]

    def clear(self) -> None:
        """Take a new sheet."""
        self.paper[:] = PAPER
        self.blank = True
        self.redraw()

    # The palette

    def wells(self) -> list[tuple[float, float, float]]:
        """Return centre and radius of the colours, then of the widths."""
        colours = [(BAR / 2, 32.0 + 34 * n, 12.0) for n in range(len(INKS))]
        top = 32.0 + 34 * len(INKS) + 14
        return colours + [(BAR / 2, top + 26 * n, 11.0) for n in range(len(WIDTHS))]

    def choose(self, x: float, y: float) -> None:
        """Take the colour or width at a point of the palette."""
        for index, (cx, cy, r) in enumerate(self.wells()):
            if (x - cx) ** 2 + (y - cy) ** 2 <= (r + 4) ** 2:
                if index < len(INKS):
                    self.ink = index
                else:
                    self.nib = index - len(INKS)
        self.redraw(Box(0, 0, BAR, self.height))

    def draw(self, canvas: Canvas) -> None:
        canvas.image(self.paper, BAR, 0)
        if self.blank:
            x = BAR + (self.width - BAR) / 2
            y, room = self.height / 2, self.width - BAR - 32
            canvas.text(x, y - 13, "Draw here", 20, 0xFF9AA4B5, align=0.5, within=room)
            hints = ("with the pointer or with fingers;", "the right button erases")
            for line, hint in enumerate(hints):
                canvas.text(x, y + 14 + 22 * line, hint, 14, 0xFFB9C0CC, align=0.5, within=room)
        if canvas.clip.x >= BAR * self.scale:
            return
        canvas.fill(0, 0, BAR, self.height, palette.DEEP)
        wells = self.wells()
        for index, ink in enumerate(INKS):
            x, y, r = wells[index]
            canvas.disc(x, y, r, ink)
            canvas.ring(x, y, r, 1.2, palette.faded(palette.ICE, 0.25))
            if index == self.ink:
                canvas.ring(x, y, r + 4.5, 2, palette.ICE)
        for index, width in enumerate(WIDTHS):
            x, y, r = wells[len(INKS) + index]
            if index == self.nib:
                canvas.rounded(x - 16, y - 12, 32, 24, 8, palette.SEA)
            canvas.line(
                x - 8, y, x + 8, y, min(width, 12), palette.ICE if index == self.nib else palette.MIST
            )

    # Input

    def pointer_button(self, x: float, y: float, button: int, pressed: bool) -> None:
        if button in (BUTTON_LEFT, BUTTON_RIGHT):
            self.begin(-1, x, y, erase=button == BUTTON_RIGHT) if pressed else self.lift(-1)

    def pointer_move(self, x: float, y: float) -> None:
        self.cursor = "crosshair" if x >= BAR else "default"
        self.follow(-1, x, y)

    def touch_down(self, finger: int, x: float, y: float) -> None:
        self.begin(finger, x, y)

    def touch_move(self, finger: int, x: float, y: float) -> None:
        self.follow(finger, x, y)

    def touch_up(self, finger: int) -> None:
        self.lift(finger)

    def key(self, event: KeyEvent) -> None:
        if not event.pressed:
            return
        if event.text.isdecimal() and 1 <= int(event.text) <= len(INKS):
            self.ink = int(event.text) - 1
        elif event.text in ("[", "]"):
            self.nib = min(max(self.nib + (1 if event.text == "]" else -1), 0), len(WIDTHS) - 1)
        elif event.text == "c":
            self.clear()
        self.redraw(Box(0, 0, BAR, self.height))


def main() -> int:
    """Run the program."""
    return run(parser(__doc__.split("\n")[0], "640x440").parse_args(), Paint)


if __name__ == "__main__":
    sys.exit(main())
