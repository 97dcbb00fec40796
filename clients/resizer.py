"""A window that takes a new size at every frame, and draws how its one sealed pool grows along.

The memory is sealed against shrinking and nothing else: it can grow under the compositor's eyes, and the
compositor can trust every size it has seen. No new pool is ever made.
"""

from __future__ import annotations

import math
import sys
from collections import deque

from toolkit import Canvas, Connection, Window, palette
from toolkit.program import Options, parser, run

from compositor.memory import get_seals

HISTORY = 240  # frames shown in the graph


class Resizer(Window):
    """The window. Its size follows a slow curve from `smallest` to the size asked for."""

    def __init__(self, connection: Connection, options: Options) -> None:
        super().__init__(connection, options.title or "Resizer", 320, 220, smallest=(240, 180))
        self.most = options.size
        self.step = 0
        self.graph: deque[tuple[int, int, bool]] = deque(maxlen=HISTORY)  # in use, pool bytes, grew
        self.grown = 0

    def on_frame(self) -> None:
        self.step += 1
        # Ever wider swings, so that there is always something left to grow to for a while.
        swing = min(1.0, 0.25 + self.step / 900)
        width = 240 + (self.most[0] - 240) * swing * (0.5 - 0.5 * math.cos(self.step / 47))
        height = 180 + (self.most[1] - 180) * swing * (0.5 - 0.5 * math.cos(self.step / 31))
        if not (self.maximized or self.fullscreen):
            self.resize(round(width), round(height))
        self.redraw()

    def draw(self, canvas: Canvas) -> None:
        if canvas.clip.y == 0:  # once a frame, not once for the title bar and once for the rest
            self.note(canvas)
        width, height = self.width, self.height
        canvas.clear(palette.NIGHT)
        canvas.text(22, 46, f"{width} x {height}", 30, palette.ICE)
        memory = self.swapchain.memory
        seals = get_seals(memory.fd).name if memory is not None else ""
        canvas.text(22, 72, f"sealed {seals}", 14, palette.AURORA)
        canvas.text(width - 22, 46, f"{self.swapchain.pool_bytes / 2**20:.2f} MiB", 16, palette.SUN, align=1)
        growths = self.swapchain.growths
        canvas.text(
            width - 22, 72, f"{growths} growth" + ("s" if growths != 1 else ""), 14, palette.MIST, align=1
        )
        self.draw_graph(canvas, 22, 92, width - 44, height - 92 - 22)

    def note(self, canvas: Canvas) -> None:
        """Remember this frame for the graph."""
        used = canvas.pixels.size * 4 * self.swapchain.slots
        self.graph.append((used, self.swapchain.pool_bytes, self.swapchain.growths > self.grown))
        self.grown = self.swapchain.growths

    def draw_graph(self, canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
        """Draw pool bytes over time, what is in use below them, and a mark at each growth."""
        canvas.rounded(x, y, width, height, 8, palette.DEEP)
        top = max(pool for _, pool, _ in self.graph) * 1.12
        step = width / HISTORY
        base = y + height - 8
        for index, (used, pool, grew) in enumerate(self.graph, HISTORY - len(self.graph)):
            left, right = x + index * step, x + (index + 1) * step
            pool_y, used_y = base - (height - 16) * pool / top, base - (height - 16) * used / top
            canvas.fill(left, pool_y, right - left, base - pool_y, palette.SEA)
            canvas.fill(left, used_y, right - left, base - used_y, palette.GLACIER)
            canvas.fill(left, pool_y, right - left, 2, palette.SUN)
            if grew:
                canvas.disc(left, pool_y + 1, 4, palette.SUN)


def main() -> int:
    """Run the program."""
    return run(parser(__doc__.split("\n")[0], "720x520", "--frames 600 --json").parse_args(), Resizer)


if __name__ == "__main__":
    sys.exit(main())
