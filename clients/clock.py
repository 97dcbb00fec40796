"""An analog clock whose second hand sweeps; every edge is drawn four times too large and averaged down.

Only the second hand's surroundings are damaged in a frame, and the other hands once a second. The time of day
is read once, at the start (or given with --time); from there on frame callbacks move the hands.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw
from toolkit import Box, Canvas, Connection, Window, boxes, palette
from toolkit.canvas import Coverage, Pixels
from toolkit.program import Options, parser, run

FINE = 4  # supersampling, in each direction
DAY_MS = 24 * 3600 * 1000

Points = tuple[tuple[float, float], ...]


def time_of_day(text: str) -> int:
    """Parse HH:MM or HH:MM:SS to milliseconds since midnight."""
    match = re.fullmatch(r"(\d{1,2}):(\d\d)(?::(\d\d))?", text)
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (24, 0, 0)
    if hour > 23 or minute > 59 or second > 59:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 10:09:30")
    return ((hour * 60 + minute) * 60 + second) * 1000


@lru_cache(maxsize=8)
def polygon(points: Points, box: Box) -> Coverage:
    """Return the coverage of a polygon (buffer pixels) within `box`, by supersampling."""
    image = Image.new("L", (box.width * FINE, box.height * FINE))
    ImageDraw.Draw(image).polygon([((x - box.x) * FINE, (y - box.y) * FINE) for x, y in points], fill=255)
    return np.asarray(image.reduce(FINE), np.float32) / np.float32(255)


class Clock(Window):
    """The window; all lengths below are fractions of the dial's radius."""

    def __init__(self, connection: Connection, options: Options) -> None:
        super().__init__(connection, options.title or "Clock", *options.size, smallest=(120, 120))
        now = time.localtime()
        self.start_ms = options.time if options.time is not None else (
            (now.tm_hour * 60 + now.tm_min) * 60 + now.tm_sec) * 1000  # fmt: skip
        self.shown_second = -1

    @property
    def now_ms(self) -> int:
        """Milliseconds since midnight, by frame time."""
        return (self.start_ms + self.time_ms) % DAY_MS

    def hands(self) -> list[tuple[Points, int]]:
        """Return the hands as polygons (buffer pixels of the content) with their colours, bottom first."""
        second = self.now_ms / 1000
        whole = math.floor(second)  # hour and minute hands step with the seconds
        return [
            (self.hand(whole / 43200, 0.52, 0.12, 0.046, 0.030), palette.ICE),
            (self.hand(whole / 3600, 0.78, 0.12, 0.034, 0.020), palette.ICE),
            (self.hand(second / 60, 0.86, 0.20, 0.013, 0.006), palette.KRILL),
        ]

    def hand(self, turn: float, length: float, tail: float, base: float, tip: float) -> Points:
        """Return a slender polygon pointing at `turn` (0 to 1, clockwise from twelve)."""
        sin, cos = math.sin(2 * math.pi * turn), math.cos(2 * math.pi * turn)
        shape = [(-tip, length - tip), (0, length), (tip, length - tip), (base, 0), (base * 0.7, -tail),
                 (-base * 0.7, -tail), (-base, 0)]  # fmt: skip
        r = self.radius
        return tuple((self.cx + (x * cos + y * sin) * r, self.cy + (x * sin - y * cos) * r) for x, y in shape)

    def resized(self) -> None:
        width, height = self.width * self.scale, self.height * self.scale
        self.cx, self.cy, self.radius = width / 2, height / 2, min(width, height) * 0.46
        self.face = self.draw_face(round(width), round(height))
        self.last_box = Box(0, 0, 0, 0)

    def draw_face(self, width: int, height: int) -> Pixels:
        """Return the dial without hands as buffer pixels; drawn once per size."""
        pixels = np.full((height, width), palette.NIGHT, np.uint32)
        canvas = Canvas(pixels)
        cx, cy, r = self.cx, self.cy, self.radius
        canvas.disc(cx, cy, r, palette.CURRENT)
        canvas.disc(cx, cy, r * 0.985, palette.DEEP)
        canvas.disc(cx, cy, r * 0.70, palette.mix(palette.DEEP, palette.NIGHT, 0.45))
        for tick in range(60):
            sin, cos = math.sin(tick * math.pi / 30), math.cos(tick * math.pi / 30)
            hour = tick % 5 == 0
            inner, thick, colour = (0.89, 0.016, palette.GLACIER) if hour else (0.925, 0.007, palette.CURRENT)
            canvas.line(cx + sin * r * inner, cy - cos * r * inner, cx + sin * r * 0.95, cy - cos * r * 0.95,
                        thick * r, colour)  # fmt: skip
            if hour:
                x, y = cx + sin * r * 0.79, cy - cos * r * 0.79
                strong = tick % 15 == 0
                size = r * (0.13 if strong else 0.095)
                canvas.text(x, y + size * 0.36, str(tick // 5 or 12), size,
                            palette.ICE if strong else palette.MIST, align=0.5)  # fmt: skip
        canvas.text(cx, cy + r * 0.40, "WEDDELL", r * 0.062, palette.MIST, align=0.5)
        return pixels

    def second_box(self) -> Box:
        """Return the box around the second hand, surface pixels."""
        points = self.hands()[-1][0]
        return boxes.around([(x / self.scale, y / self.scale) for x, y in points], margin=2)

    def on_frame(self) -> None:
        box = self.second_box()
        second = self.now_ms // 1000
        if second != self.shown_second:
            self.shown_second = second
            reach = round(self.radius / self.scale * 0.8)
            middle = Box(
                round(self.cx / self.scale) - reach, round(self.cy / self.scale) - reach, 2 * reach, 2 * reach
            )
            self.redraw(middle)
        self.redraw(self.last_box)
        self.redraw(box)
        self.last_box = box

    def draw(self, canvas: Canvas) -> None:
        canvas.image(self.face, 0, 0)
        dark = palette.faded(0xFF000000, 0.28)
        for points, colour in self.hands():
            box = boxes.around(points, margin=1)
            coverage = polygon(points, box)
            canvas.mask(coverage, box.x, box.y + max(1, round(self.radius * 0.012)), dark)
            canvas.mask(coverage, box.x, box.y, colour)
        x, y, r = self.cx / self.scale, self.cy / self.scale, self.radius / self.scale
        canvas.disc(x, y, r * 0.036, palette.KRILL)
        canvas.disc(x, y, r * 0.014, palette.NIGHT)


def main() -> int:
    """Run the program."""
    options = parser(__doc__.split("\n")[0], "360x360", "--time 10:09:36   # the same picture every time")
    options.add_argument("--time", type=time_of_day, metavar="HH:MM[:SS]", help="start at this time of day")
    return run(options.parse_args(), Clock)


if __name__ == "__main__":
    sys.exit(main())
