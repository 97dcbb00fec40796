"""A flower of light that opens and turns: every pixel anew in every frame, all of it numpy look-ups.

The picture is a sum of soft petal rings. Angle and radius of each pixel never change between frames of one
size, so they are kept as indices; a frame is a few table look-ups per ring and one from brightness to colour.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import NDArray
from toolkit import Canvas, Connection, Window, palette
from toolkit.program import Options, parser, run

ANGLES = 1024  # steps of a full turn
LEVELS = 512  # brightness steps of one ring, and of the whole
# Of each ring: petals, size, how deep its petals are cut, speed of turning (turns a minute), brightness.
RINGS = (
    (5, 0.96, 0.42, 1.6, 0.50),
    (8, 0.72, 0.34, -2.4, 0.52),
    (5, 0.47, 0.30, 3.4, 0.62),
    (13, 0.25, 0.20, -5.0, 0.80),
    (1, 0.09, 0.0, 0.0, 0.75),
)


def gradient(stops: list[tuple[float, int]], length: int) -> NDArray[np.uint32]:
    """Return `length` opaque colours through the stops (position 0 to 1, colour)."""
    at = np.linspace(0, 1, length)
    places = [place for place, _ in stops]
    out: NDArray[np.uint32] = np.full(length, 255, np.uint32)
    for shift in (16, 8, 0):
        channel = np.interp(at, places, [colour >> shift & 255 for _, colour in stops])
        out = out << np.uint32(8) | channel.round().astype(np.uint32)
    return out


class Flower(Window):
    """The window; `phase` (from the seed) is where its turning starts."""

    def __init__(self, connection: Connection, options: Options) -> None:
        super().__init__(connection, options.title or "Flower", *options.size)
        self.animated = True
        self.phases = np.random.default_rng(options.seed).random(len(RINGS)) * 2 * math.pi
        violet, night = 0xFF2C2A5E, palette.NIGHT
        self.colours = gradient(
            [(0, night), (0.16, 0xFF1A2350), (0.34, violet), (0.5, palette.DUSK), (0.66, palette.KRILL),
             (0.82, palette.SUN), (1, palette.ICE)], LEVELS * 2,
        )  # fmt: skip
        # A petal glows at its rim, fades inward to a faint body, and falls off quickly outside.
        u = np.linspace(0, 2, LEVELS)
        rim = np.exp(-(((u - 0.93) / np.where(u < 0.93, 0.20, 0.055)) ** 2))
        body = 0.55 * np.clip(1 - u, 0, 1) ** 0.5
        self.profile = (rim + body) * (LEVELS * 0.9)
        self.turn = np.linspace(0, 2 * math.pi, ANGLES, endpoint=False)

    def resized(self) -> None:
        # Each pixel's angle (index) and radius (1 at the nearest edge, in profile steps).
        width, height = round(self.width * self.scale), round(self.height * self.scale)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        x -= (width - 1) / 2
        y -= (height - 1) / 2
        self.angle = (np.arctan2(y, x) * (ANGLES / (2 * math.pi))).astype(np.intp) % ANGLES
        self.radius = np.hypot(x, y) * np.float32(2 / min(width, height) * LEVELS / 2)
        self.light = np.empty((height, width), np.uint16)
        self.index = np.empty((height, width), np.intp)
        self.reach = np.empty((height, width), np.float32)

    def draw(self, canvas: Canvas) -> None:
        time = self.time_ms / 60000  # minutes
        self.light[:] = 0
        for ring, (petals, size, depth, speed, brightness) in enumerate(RINGS):
            turned = self.turn + 2 * math.pi * speed * time + self.phases[ring]
            breath = 1 + 0.07 * math.sin(2 * math.pi * time * 12 + ring * 1.3)
            edge = size * breath * (1 - depth * (0.5 - 0.5 * np.cos(petals * turned)) ** 0.8)
            np.take((1 / edge).astype(np.float32), self.angle, out=self.reach)
            np.multiply(self.reach, self.radius, out=self.reach)
            np.minimum(self.reach, LEVELS - 1, out=self.reach)
            self.index[:] = self.reach
            self.light += np.take((self.profile * brightness).astype(np.uint16), self.index)
        np.minimum(self.light, LEVELS * 2 - 1, out=self.light)
        np.take(self.colours, self.light, out=canvas.pixels)


def main() -> int:
    """Run the program."""
    options = parser(
        __doc__.split("\n")[0], "400x400", "--size 600x600 --seed 7   # another flower"
    ).parse_args()
    return run(options, Flower)


if __name__ == "__main__":
    sys.exit(main())
