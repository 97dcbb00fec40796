"""A window that takes a new size at every frame, and draws how its one sealed pool grows along.

The memory is sealed against shrinking and nothing else: it can grow under the compositor's eyes, and the
compositor can trust every size it has seen. No new pool is ever made.
"""

from __future__ import annotations

import math
import sys
from collections import deque

import numpy as np
from toolkit import Canvas, Connection, Window, palette
from toolkit.program import Options, parser, run

from compositor.memory import get_seals

HISTORY = 240  # frames shown in the graph


class Resizer(Window):
    """The window. Its size follows a slow curve from `smallest` to the size asked for."""

    def __init__(self, connection: Connection, options: Options) -> None:
        super().__init__(connection, options.title or "Resizer", 320, 220, smallest=(300, 200))
        self.most = options.size
        self.step = 0
        self.graph: deque[tuple[int, int, bool]] = deque(maxlen=HISTORY)  # in use, pool bytes, grew
        self.grown = 0

    def on_frame(self) -> None:
        self.step += 1
        # Ever wider swings, so that there is always something left to grow to for a while.
        swing = min(1.0, 0.25 + self.step / 900)
        width = 300 + (self.most[0] - 300) * swing * (0.5 - 0.5 * math.cos(self.step / 47))
        height = 200 + (self.most[1] - 200) * swing * (0.5 - 0.5 * math.cos(self.step / 31))
        if not (self.maximized or self.fullscreen):
            self.resize(round(width), round(height))
        self.redraw()

    def draw(self, canvas: Canvas) -> None:
        if canvas.clip.y == 0:  # once a frame, not once for the title bar and once for the rest
            self.note()
        width, height = self.width, self.height
        canvas.clear(palette.NIGHT)
        canvas.text(22, 46, f"{width} x {height}", 30, palette.ICE)
        memory = self.swapchain.memory
        seals = (get_seals(memory.fd).name or "") if memory is not None else ""
        canvas.text(22, 72, "sealed: " + seals.replace("|", ", "), 14, palette.AURORA)
        canvas.text(width - 22, 46, f"{self.swapchain.pool_bytes / 2**20:.2f} MiB", 16, palette.SUN, align=1)
        growths = self.swapchain.growths
        canvas.text(
            width - 22, 72, f"{growths} growth" + ("s" if growths != 1 else ""), 14, palette.MIST, align=1
        )
        self.draw_graph(canvas, 22, 92, width - 44, height - 92 - 22)

    def note(self) -> None:
        """Remember this frame for the graph."""
        chain = self.swapchain
        self.graph.append((chain.used_bytes, chain.pool_bytes, chain.growths > self.grown))
        self.grown = self.swapchain.growths

    def draw_graph(self, canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
        """Draw pool bytes over time, what is in use below them, and a mark at each growth."""
        canvas.rounded(x, y, width, height, 8, palette.DEEP)
        columns, rows = round((width - 16) * canvas.scale), round((height - 16) * canvas.scale)
        entry = np.arange(columns) * HISTORY // columns - (HISTORY - len(self.graph))
        empty = entry < 0
        used, pool, grew = (
            np.array(values)[np.maximum(entry, 0)] for values in zip(*self.graph, strict=True)
        )
        per_byte = rows / (pool.max() * 1.1)
        down = rows - np.arange(rows)[:, None]  # height of each pixel above the base
        picture = np.where(down > pool * per_byte, palette.DEEP, palette.SEA).astype(np.uint32)
        picture[down <= used * per_byte] = palette.GLACIER
        picture[np.abs(down - pool * per_byte) < canvas.scale] = palette.SUN
        picture[:, empty] = palette.DEEP
        canvas.image(picture, x + 8, y + 8)
        first = np.flatnonzero(grew & (entry != np.roll(entry, 1)) & ~empty)
        for column in first:
            height_px = (rows - pool[column] * per_byte) / canvas.scale
            canvas.disc(x + 8 + column / canvas.scale, y + 8 + height_px, 4, palette.SUN)


def main() -> int:
    """Run the program."""
    return run(parser(__doc__.split("\n")[0], "720x520", "--frames 600 --json").parse_args(), Resizer)


if __name__ == "__main__":
    sys.exit(main())
