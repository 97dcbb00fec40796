"""A video player with a test reel: the film is a desynchronized subsurface of a window that seldom changes.

The film is always 480x270; wp_viewporter scales it to the window, and without one it keeps its size.
Keys: space pauses, left and right skip; clicking the bar jumps there.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from toolkit import BUTTON_LEFT, Box, Canvas, Connection, KeyEvent, Subsurface, Window, boxes, palette
from toolkit.canvas import Pixels
from toolkit.program import Options, parser, run

WIDTH, HEIGHT = 480, 270  # of the film, pixels
RATE = 25  # its frames a second
SCENES = ((3, "leader"), (4, "bars"), (5, "waves"))  # seconds, what is shown
LENGTH_MS = sum(seconds for seconds, _ in SCENES) * 1000
BAR = 46  # the controls' height, surface pixels
BARS = (0xFFEAEAEA, 0xFFE8D44D, 0xFF4FC6D8, 0xFF55C26A, 0xFFC65BC0, 0xFFD9534F, 0xFF4B63D6)


class Film(Subsurface):
    """The moving picture."""

    def __init__(self, player: Player) -> None:
        super().__init__(player, "film", WIDTH, HEIGHT, synchronized=False)
        self.player = player
        self.shown = -1  # film frame
        self.picture = np.zeros((HEIGHT, WIDTH), np.uint32)  # of that frame
        if self.viewport is None and self.connection.viewporter is not None:
            self.viewport = self.connection.viewporter.get_viewport(self.wl)
        if self.viewport is not None:
            self.buffer_size = WIDTH, HEIGHT
        self.y, self.x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)

    def fit(self, width: int, height: int) -> None:
        """Take the largest 16:9 place in the middle of this much room."""
        if self.viewport is not None:
            scale = min(width / WIDTH, height / HEIGHT)
            self.resize(round(WIDTH * scale), round(HEIGHT * scale))
        self.place((width - self.width) // 2, (height - self.height) // 2)

    def on_frame(self) -> None:
        self.player.clock(self.time_ms)
        if self.player.position_ms * RATE // 1000 != self.shown:
            before = self.develop()
            changed = self.picture != before
            if changed.any():
                rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
                x, y = int(columns[0]), int(rows[0])
                # Film pixels are buffer pixels, whatever the window's scale.
                boxes.add(self._damage, Box(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y))
                return
        if self.player.playing:
            self.tick()

    def draw(self, canvas: Canvas) -> None:
        if self.shown < 0:
            self.develop()
        clip = canvas.clip
        rows, columns = slice(clip.y, clip.y2), slice(clip.x, clip.x2)
        canvas.pixels[rows, columns] = self.picture[rows, columns]

    def develop(self) -> Pixels:
        """Draw the frame that is due; returns the one before."""
        before, self.picture = self.picture, np.zeros((HEIGHT, WIDTH), np.uint32)
        self.shown = self.player.position_ms * RATE // 1000
        time, start = self.shown / RATE, 0
        flat = Canvas(self.picture)
        for seconds, name in SCENES:
            if time < start + seconds or (seconds, name) == SCENES[-1]:
                getattr(self, name)(flat, time - start)
                break
            start += seconds
        if name != "leader":
            flat.rounded(12, 12, 116, 24, 5, 0xB0000000)
            flat.text(70, 29, timecode(self.shown), 14, 0xFFFFFFFF, align=0.5)
        return before

    def leader(self, canvas: Canvas, time: float) -> None:
        """Count down: a clock hand wipes the disc once a second."""
        canvas.clear(0xFFB9B4A6)
        cx, cy = WIDTH / 2, HEIGHT / 2
        turn = (np.arctan2(self.x - cx, cy - self.y) / (2 * math.pi)) % 1
        wiped = (time % 1 - turn) * (2 * math.pi) * np.hypot(self.x - cx, self.y - cy) + 0.5
        canvas.mask(np.clip(wiped, 0, 1), 0, 0, 0xFF8E897C)
        canvas.fill(0, cy - 1, WIDTH, 2, 0xFF3A3833)
        canvas.fill(cx - 1, 0, 2, HEIGHT, 0xFF3A3833)
        for radius in (104, 88):
            canvas.ring(cx, cy, radius, 3, 0xFFF3EFE2)
        canvas.text(cx, cy + 45, str(3 - int(time)), 128, 0xFF26241F, align=0.5)

    def bars(self, canvas: Canvas, time: float) -> None:
        """Colour bars, with a sweeping line that shows every skipped frame."""
        edges = [round(WIDTH * n / len(BARS)) for n in range(len(BARS) + 1)]
        for left, right, colour in zip(edges, edges[1:], BARS, strict=False):
            canvas.fill(left, 0, right - left, 190, colour)
        grey = (np.arange(WIDTH, dtype=np.uint32) * 255 // (WIDTH - 1)) * 0x010101 | 0xFF000000
        canvas.pixels[190:222] = grey
        canvas.fill(0, 222, WIDTH, HEIGHT - 222, 0xFF101318)
        x = time / 4 * (WIDTH - 12) + 6
        canvas.fill(x - 1, 0, 3, 222, 0xFFFFFFFF)
        canvas.disc(x, 246, 8, palette.KRILL)

    def waves(self, canvas: Canvas, time: float) -> None:
        """Rings from two drifting centres, in the colours of an aurora."""
        ax, ay = WIDTH * (0.5 + 0.3 * math.sin(time)), HEIGHT * (0.5 + 0.3 * math.cos(1.3 * time))
        bx, by = WIDTH * (0.5 + 0.3 * math.cos(0.8 * time)), HEIGHT * (0.5 + 0.3 * math.sin(1.1 * time))
        wave = np.sin(np.hypot(self.x - ax, self.y - ay) * 0.09 - time * 5)
        wave += np.sin(np.hypot(self.x - bx, self.y - by) * 0.07 + time * 3)
        index = ((wave + 2) * 63).astype(np.uint8)
        canvas.pixels[:] = WAVE_COLOURS[index]


WAVE_COLOURS = np.array([
    palette.mix(palette.NIGHT, palette.DUSK, n / 128) if n < 128 else
    palette.mix(palette.DUSK, palette.AURORA, n / 128 - 1)
    for n in range(256)
], np.uint32)  # fmt: skip


def timecode(frame: int) -> str:
    """Return minutes:seconds:frames."""
    return f"{frame // RATE // 60:02}:{frame // RATE % 60:02}:{frame % RATE:02}"


class Player(Window):
    """The window: black around the film, controls below."""

    def __init__(self, connection: Connection, options: Options) -> None:
        width, height = options.size
        super().__init__(connection, options.title or "Test reel", width, height + BAR, smallest=(240, 200))
        self.position_ms = 0
        self.playing = True
        self.last_ms = 0
        self.film = Film(self)

    def clock(self, time_ms: int) -> None:
        """Let film time pass; the film's frame callbacks are its clock."""
        if self.playing:
            before = self.position_ms
            self.position_ms = (self.position_ms + time_ms - self.last_ms) % LENGTH_MS
            start, end = sorted((self.bar_end(before), self.bar_end(self.position_ms)))
            if start != end:
                y = self.height - BAR
                self.redraw(Box(self.track()[0] + start - 9, y, end - start + 18, BAR))
                self.redraw(Box(self.width - 110, y, 110, BAR))
        self.last_ms = time_ms

    @property
    def controls(self) -> Box:
        """Where the controls are."""
        return Box(0, self.height - BAR, self.width, BAR)

    def track(self) -> tuple[int, int]:
        """Return where the progress bar begins and how long it is."""
        return 52, max(1, self.width - 52 - 118)

    def bar_end(self, position_ms: int) -> int:
        """Return how much of the track is filled, in pixels."""
        return self.track()[1] * position_ms // LENGTH_MS

    def resized(self) -> None:
        self.film.fit(self.width, self.height - BAR)

    def draw(self, canvas: Canvas) -> None:
        canvas.fill(0, 0, self.width, self.height - BAR, 0xFF000000)
        canvas.fill(0, self.height - BAR, self.width, BAR, palette.DEEP)
        y = self.height - BAR / 2
        if self.playing:
            for x in (21, 29):
                canvas.rounded(x, y - 8, 4.5, 16, 1.5, palette.ICE)
        else:
            for n in range(8):
                canvas.line(21 + 1.6 * n, y - 8 + n, 21 + 1.6 * n, y + 8 - n, 2, palette.ICE)
        left, length = self.track()
        end = self.bar_end(self.position_ms)
        canvas.rounded(left, y - 2.5, length, 5, 2.5, palette.CURRENT)
        canvas.rounded(left, y - 2.5, max(5, end), 5, 2.5, palette.AURORA)
        canvas.disc(left + end, y, 7, palette.ICE)
        text = f"{self.position_ms / 1000:.1f} / {LENGTH_MS / 1000:.0f} s"
        canvas.text(self.width - 20, y + 5, text, 13, palette.MIST, align=1)

    def seek(self, position_ms: int) -> None:
        """Jump there."""
        self.position_ms = position_ms % LENGTH_MS
        self.film.shown = -1
        self.film.redraw()
        self.redraw(self.controls)

    def toggle(self) -> None:
        """Pause or go on."""
        self.playing = not self.playing
        self.film.tick()
        self.redraw(self.controls)

    def key(self, event: KeyEvent) -> None:
        if event.pressed and event.text == " ":
            self.toggle()
        elif event.pressed and event.keysym in ("Left", "Right"):
            self.seek(self.position_ms + (1000 if event.keysym == "Right" else -1000))

    def pointer_button(self, x: float, y: float, button: int, pressed: bool) -> None:
        left, length = self.track()
        if button == BUTTON_LEFT and pressed and y >= self.height - BAR:
            if x < left - 8:
                self.toggle()
            elif x <= left + length:
                self.seek(round((x - left) / length * (LENGTH_MS - 1)))


def main() -> int:
    """Run the program."""
    return run(parser(__doc__.split("\n")[0], "640x360", "--size 480x270").parse_args(), Player)


if __name__ == "__main__":
    sys.exit(main())
