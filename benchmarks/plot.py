"""The bar chart of docs/performance.md, drawn with Pillow.

One group per load, one bar per compositor, length = CPU time per frame. Imported by run.py and document.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from benchmarks import report
from benchmarks.loads import LOADS
from benchmarks.measure import Measurement

#: Everything is drawn this much larger and then reduced, which smooths edges.
SCALE = 3
WIDTH = 1000
MARGIN = 28
LABEL_WIDTH = 370
BAR, BAR_GAP, GROUP_GAP = 15, 3, 16
HEADER = 92
FOOTER = 44

PAPER = (255, 255, 255)
INK = (32, 38, 46)
FAINT = (112, 120, 130)
GRID = (228, 231, 235)
COLOURS = {
    "weddell-drawing": (29, 105, 150),
    "weddell": (148, 196, 222),
    "sway": (154, 165, 177),
    "weston": (205, 211, 218),
}
LEGEND = {"weddell-drawing": "Weddell drawing every frame", "weddell": "Weddell drawing on demand"}

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw(
    measurements: Sequence[Measurement], loads: Sequence[str], compositors: Sequence[str]
) -> Image.Image:
    """A chart of CPU time per frame. ``loads`` that count something other than frames are left out."""
    shown = [name for name in loads if LOADS[name].unit == "frame"]
    order = [name for name in COLOURS if name in compositors]
    costs = {(load, c): report.cpu_us(measurements, c, load) for load in shown for c in order}
    values = [cost / 1000 for cost in costs.values() if cost]
    ticks = axis_ticks(max(values))
    group = len(order) * (BAR + BAR_GAP) - BAR_GAP + GROUP_GAP
    height = HEADER + group * len(shown) + FOOTER
    image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    canvas = _Canvas(ImageDraw.Draw(image))

    canvas.text(MARGIN, 18, "Compositor CPU time per frame", 20, INK)
    canvas.text(MARGIN, 46, "milliseconds; shorter is better", 13, FAINT)
    x = float(WIDTH - MARGIN)
    for name in reversed(order):
        label = LEGEND.get(name, name.title())
        x -= canvas.width(label, 13)
        canvas.text(x, 24, label, 13, INK)
        x -= 18
        canvas.box(x, 26, 12, 12, COLOURS[name])
        x -= 18

    left, right = MARGIN + LABEL_WIDTH, WIDTH - MARGIN - 52

    def position(ms: float) -> float:
        return left + (right - left) * ms / ticks[-1]

    for tick in ticks:
        canvas.box(position(tick), HEADER - 10, 1, height - HEADER - FOOTER + 10, GRID)
        label = f"{tick:g}"
        canvas.text(position(tick) - canvas.width(label, 12) / 2, height - FOOTER + 6, label, 12, FAINT)

    for row, load in enumerate(shown):
        top = HEADER + row * group
        middle = top + (group - GROUP_GAP) / 2
        label = LOADS[load].title.replace("×", "x")  # Pillow's own font has no ×
        canvas.text(left - 14 - canvas.width(label, 13), middle - 8, label, 13, INK)
        for i, name in enumerate(order):
            y = top + i * (BAR + BAR_GAP)
            cost = costs[load, name]
            if cost is None:
                canvas.text(left + 4, y, "not possible", 11, FAINT)
                continue
            end = position(cost / 1000)
            canvas.box(left, y, end - left, BAR, COLOURS[name])
            canvas.text(end + 6, y, f"{cost / 1000:.2f}", 11, INK if name in report.SUBJECTS else FAINT)
    return image.resize((WIDTH, height), Image.Resampling.BOX)


def axis_ticks(most: float) -> list[float]:
    """From 0 in even 1-2-5 steps, at most eight of them, to the first at or above ``most`` > 0."""
    steps = (mantissa * 10.0**exponent for exponent in range(-4, 6) for mantissa in (1, 2, 5))
    step = next(step for step in steps if most / step <= 8)
    return [round(i * step, 6) for i in range(math.ceil(most / step) + 1)]


class _Canvas:
    """Drawing in unscaled pixels."""

    def __init__(self, pen: ImageDraw.ImageDraw) -> None:
        self._pen = pen
        self._fonts: dict[int, Font] = {}

    def font(self, size: int) -> Font:
        if size not in self._fonts:
            self._fonts[size] = ImageFont.load_default(size * SCALE)
        return self._fonts[size]

    def width(self, text: str, size: int) -> float:
        return self._pen.textlength(text, self.font(size)) / SCALE

    def text(self, x: float, y: float, text: str, size: int, colour: tuple[int, int, int]) -> None:
        self._pen.text((x * SCALE, y * SCALE), text, colour, self.font(size))

    def box(self, x: float, y: float, width: float, height: float, colour: tuple[int, int, int]) -> None:
        corners = (x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1)
        self._pen.rectangle(corners, colour)
