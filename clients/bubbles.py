"""Soap bubbles on the bare desktop: a window without frame or background, only as solid as its bubbles.

Click a bubble to pop it, drag with the right button to move them all. Clicks between bubbles go to whatever
lies below, for the input region follows the bubbles.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from toolkit import BUTTON_LEFT, BUTTON_RIGHT, Box, Canvas, Connection, Window, boxes, palette
from toolkit.canvas import channels
from toolkit.program import Options, parser, run

RADII = (16, 22, 30, 40, 54)  # surface pixels
TINTS = (palette.GLACIER, palette.DUSK, palette.AURORA, palette.KRILL)
POP_MS = 220
GROW_MS = 700
STEPS = 8  # of growing and popping

Sprite = NDArray[np.uint16]


@lru_cache(maxsize=256)
def sprite(radius: float, tint: int, pop: int) -> Sprite:
    """Return a bubble (side, side, 4) premultiplied blue, green, red, alpha; `pop` 0 is whole, STEPS gone."""
    side = 2 * math.ceil(radius) + 2
    y, x = (np.mgrid[0:side, 0:side].astype(np.float32) + 0.5 - side / 2) / radius
    r = np.hypot(x, y)
    inside = np.clip((1 - r) * radius + 0.5, 0, 1)
    rim = np.exp(-(((r - 0.93) / 0.09) ** 2))
    shine = np.exp(-(((x + 0.42) / 0.20) ** 2 + ((y + 0.46) / 0.13) ** 2) * 1.6)
    shine += 0.4 * np.exp(-(((x - 0.45) / 0.16) ** 2 + ((y - 0.52) / 0.10) ** 2))
    film = 0.5 + 0.5 * np.sin(5 * x + 4 * y + 3 * r * r)  # the colours of a thin film, drifting across
    other = palette.mix(tint, palette.SUN, 0.55)
    colour = np.stack([
        (tint >> shift & 255) * film + (other >> shift & 255) * (1 - film) for shift in (0, 8, 16)
    ], -1)  # fmt: skip
    alpha = (0.10 + 0.20 * r**3 + 0.62 * rim) * inside
    white = np.clip(shine, 0, 0.92) * inside
    if pop:  # a widening hole
        gone = np.clip((r - pop / STEPS) * radius * 0.35, 0, 1)
        alpha, white = alpha * gone, white * gone
    out = np.empty((side, side, 4), np.float32)
    out[:, :, :3] = colour * alpha[:, :, None] * (1 - white[:, :, None]) + 255 * white[:, :, None]
    out[:, :, 3] = 255 * (alpha * (1 - white) + white)
    return (out + 0.5).astype(np.uint16)


@dataclass(slots=True)
class Bubble:
    """One bubble: where it starts, how it rises and sways."""

    x: float
    y: float
    radius: int
    tint: int
    speed: float  # surface pixels a second, upward
    phase: float
    born_ms: int
    popped_ms: int | None = None
    grown: int = STEPS
    at: tuple[float, float] = (0.0, 0.0)
    box: Box = field(default=Box(0, 0, 0, 0))  # surface pixels

    @property
    def size(self) -> float:
        """The radius so far."""
        return self.radius * self.grown / STEPS

    def place(self, time_ms: int, width: float, height: float) -> None:
        """Move to where it is at this time, growing at first; at the top it pops by itself.

        The edges of the window are walls: one that becomes smaller pushes its bubbles along.
        """
        seconds = (time_ms - self.born_ms) / 1000
        self.grown = max(1, min(STEPS, (time_ms - self.born_ms) * STEPS // GROW_MS))
        y = self.y - seconds * self.speed
        x = self.x + 14 * math.sin(seconds * 0.9 + self.phase) + 5 * math.sin(seconds * 2.3 + self.phase * 2)
        half = math.ceil(self.size) + 1
        self.at = x, y = min(max(x, half), max(half, width - half)), min(y, max(half, height - half))
        self.box = Box(round(x) - half, round(y) - half, 2 * half, 2 * half)
        if y < self.radius + 8:
            self.popped_ms = time_ms


class Bubbles(Window):
    """The window: nothing but bubbles."""

    def __init__(self, connection: Connection, options: Options) -> None:
        super().__init__(connection, options.title or "Bubbles", *options.size, opaque=False, decorated=False)
        self.rng = np.random.default_rng(options.seed)
        self.bubbles = [self.blow(scattered=True) for _ in range(options.count)]
        self.solid: list[Box] = []

    def blow(self, scattered: bool = False) -> Bubble:
        """Return a new bubble, near the bottom or anywhere."""
        radius = int(self.rng.choice(RADII, p=(0.3, 0.26, 0.2, 0.14, 0.1)))
        across, up, phase, pace = (float(number) for number in self.rng.random(4))
        x = radius + 22 + across * max(0, self.width - 2 * radius - 44)
        room = max(0, self.height - 2 * radius - 16)
        y = self.height - radius - 4 - up * room * (1.0 if scattered else 0.25)
        tint = TINTS[int(self.rng.integers(len(TINTS)))]
        born_ms = self.time_ms - (GROW_MS if scattered else 0)
        bubble = Bubble(x, y, radius, tint, 14 + pace * 26, phase * 2 * math.pi, born_ms)
        bubble.place(self.time_ms, self.width, self.height)
        return bubble

    def resized(self) -> None:
        # The first picture of a smaller window is drawn before the next `on_frame`.
        for bubble in self.bubbles:
            if bubble.popped_ms is None:
                bubble.place(self.time_ms, self.width, self.height)

    def on_frame(self) -> None:
        for index, bubble in enumerate(self.bubbles):
            self.redraw(bubble.box)
            if bubble.popped_ms is None:
                bubble.place(self.time_ms, self.width, self.height)
            elif self.time_ms - bubble.popped_ms >= POP_MS:
                bubble = self.bubbles[index] = self.blow()
            self.redraw(bubble.box)

    def before_commit(self) -> None:
        super().before_commit()
        # A disc is near enough three boxes; the region is sent only when it has changed.
        solid = []
        for bubble in self.bubbles:
            if bubble.popped_ms is None:
                (x, y), r = bubble.at, bubble.size
                for wide, tall in ((0.96, 0.38), (0.72, 0.72), (0.38, 0.96)):
                    solid.append(boxes.around([(x - r * wide, y - r * tall), (x + r * wide, y + r * tall)]))
        if solid != self.solid:
            self.solid = solid
            region = self.connection.compositor.create_region()
            for box in solid:
                region.add(*box)
            self.wl.set_input_region(region)
            region.destroy()

    def draw(self, canvas: Canvas) -> None:
        canvas.clear(0)
        for bubble in self.bubbles:
            pop = 0
            if bubble.popped_ms is not None:
                pop = min(STEPS, 1 + (self.time_ms - bubble.popped_ms) * STEPS // POP_MS)
            source = sprite(bubble.size * canvas.scale, bubble.tint, pop)
            corner = bubble.box.scaled(canvas.scale)
            box = Box(corner.x, corner.y, source.shape[1], source.shape[0])
            shown = box.intersection(canvas.clip)
            if not shown.empty:
                source = source[shown.y - box.y : shown.y2 - box.y, shown.x - box.x : shown.x2 - box.x]
                height, width = source.shape[:2]
                target = channels(canvas.pixels[shown.y : shown.y + height, shown.x : shown.x + width])
                target[:] = source + target * (255 - source[:, :, 3:]) // 255

    def bubble_at(self, x: float, y: float) -> Bubble | None:
        """Return the topmost whole bubble at a point."""
        for bubble in reversed(self.bubbles):
            if bubble.popped_ms is None and math.dist((x, y), bubble.at) <= bubble.size:
                return bubble
        return None

    def pop(self, x: float, y: float) -> None:
        """Pop the bubble at a point."""
        if (bubble := self.bubble_at(x, y)) is not None:
            bubble.popped_ms = self.time_ms

    def pointer_button(self, x: float, y: float, button: int, pressed: bool) -> None:
        if pressed and button == BUTTON_LEFT:
            self.pop(x, y)
        elif pressed and button == BUTTON_RIGHT:
            self.move()

    def touch_down(self, finger: int, x: float, y: float) -> None:
        self.pop(x, y)

    def cursor_at(self, x: float, y: float) -> str:
        return "pointer" if self.bubble_at(x, y) else "default"


def main() -> int:
    """Run the program."""
    options = parser(__doc__.split("\n")[0], "520x420", "--count 40 --size 900x600")
    options.add_argument("--count", type=int, default=16, metavar="N", help="how many bubbles (default 16)")
    return run(options.parse_args(), Bubbles)


if __name__ == "__main__":
    sys.exit(main())
