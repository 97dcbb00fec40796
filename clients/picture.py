"""A picture viewer that stays sharp while its window is resized. Without a file it paints an evening itself.

Keys: F fullscreen, + and - zoom, 0 fit. Drag to move a zoomed picture, wheel to zoom.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from toolkit import BUTTON_LEFT, Canvas, Connection, KeyEvent, Window, palette
from toolkit.program import Options, parser, run

MOST_PIXELS = 64_000_000


def decode(name: str) -> Image.Image:
    """Read a picture file, with any transparency laid over the background."""
    try:
        with Image.open(name) as file:
            if file.width * file.height > MOST_PIXELS:
                raise argparse.ArgumentTypeError(f"{name}: more than {MOST_PIXELS // 10**6} million pixels")
            picture = file.convert("RGBA")
    except (OSError, Image.DecompressionBombError) as error:
        raise argparse.ArgumentTypeError(f"{name}: {error}") from None
    paper = Image.new("RGBA", picture.size, (0x14, 0x20, 0x3A, 255))
    return Image.alpha_composite(paper, picture).convert("RGB")


def noise(
    rng: np.random.Generator, length: int, roughness: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a mountain ridge: octaves of interpolated random heights, roughly 0 to 1."""
    x, heights, weight, total = np.linspace(0, 1, length), np.zeros(length), 1.0, 0.0
    for octave in range(2, 9):
        knots = 2**octave
        heights += weight * np.interp(x * knots, np.arange(knots + 1), rng.random(knots + 1))
        total += weight
        weight *= roughness
    return heights / total


def evening(seed: int, width: int = 1280, height: int = 800) -> Image.Image:
    """Return an Antarctic evening: sky, stars, aurora, ridges, the sea, and whoever lies on the ice."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shore = int(height * 0.70)
    stops = [0.0, 0.35, 0.55, 0.66, 0.70]
    sky = [(12, 18, 42), (30, 44, 92), (98, 84, 148), (226, 138, 124), (255, 202, 136)]
    rows = np.arange(height) / height
    picture = np.stack([np.interp(rows, stops, [c[i] for c in sky]) for i in range(3)], -1)[:, None, :]
    picture = np.repeat(picture, width, 1).astype(np.float32)
    for _ in range(420):  # stars, fewer toward the horizon
        sy, sx = int(height * 0.5 * rng.random() ** 1.6), int(rng.integers(width - 1))
        picture[sy, sx : sx + rng.integers(1, 3)] += 190 * rng.random() * (1 - sy / height * 1.7)
    for band, colour in enumerate(((70, 214, 160), (96, 180, 230), (140, 120, 230))):
        bend = height * (0.16 + 0.07 * band) + height * 0.15 * (noise(rng, width, 0.45) - 0.5)
        distance = (bend[None, :] - y) / height
        curtain = np.where(distance > 0, np.exp(-distance * 11), np.exp(distance * 60))
        rays = (0.45 + 0.55 * noise(rng, width, 0.85))[None, :] ** 2
        picture += (curtain * rays)[:, :, None] * np.float32(0.55 - 0.1 * band) * np.array(colour, np.float32)
    for ridge, (base, tall, colour) in enumerate(((0.66, 0.20, (88, 92, 150)), (0.70, 0.15, (56, 66, 118)))):
        top = height * base - height * tall * noise(rng, width, 0.5 + 0.04 * ridge) ** 1.6
        depth = np.clip(y - top[None, :] + 0.5, 0, 1)[:, :, None]
        snow = np.exp(-np.maximum(y - top[None, :], 0) / (height * 0.022))[:, :, None] * 0.75
        stone = np.array(colour, np.float32) * (1 - snow) + np.array((224, 216, 236), np.float32) * snow
        picture = picture * (1 - depth) + stone * depth
    sea = picture[shore - 1 : shore - 1 - (height - shore) : -1]  # the sky upside down, darker and rippled
    ripple = (np.sin(y[shore:] * 0.55 + 3 * np.sin(x[shore:] * 0.006)) * (y[shore:] - shore) * 0.05).astype(
        np.intp
    )
    columns = np.clip(x[shore:].astype(np.intp) + ripple, 0, width - 1)
    picture[shore:] = sea[(y[shore:] - shore).astype(np.intp), columns] * 0.62 + np.array(
        (6, 16, 34), np.float32
    )
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    floe = ice_and_seal(width, height)
    image.paste(floe, mask=floe)
    return image


def ice_and_seal(width: int, height: int) -> Image.Image:
    """Return an ice floe with a Weddell seal on it, drawn large and averaged down."""
    fine, unit = 2, height / 1000
    layer = Image.new("RGBA", (width * fine, height * fine))
    draw = ImageDraw.Draw(layer)

    def shape(points: list[tuple[float, float]], colour: tuple[int, int, int, int]) -> None:
        draw.polygon(
            [((width / 2 / unit + x) * unit * fine, y * unit * fine) for x, y in points], fill=colour
        )

    def oval(x: float, y: float, rx: float, ry: float, colour: tuple[int, int, int, int]) -> None:
        left = width / 2 / unit + x
        box = [
            (left - rx) * unit * fine,
            (y - ry) * unit * fine,
            (left + rx) * unit * fine,
            (y + ry) * unit * fine,
        ]
        draw.ellipse(box, fill=colour)

    shape([(-470, 858), (-380, 838), (-120, 826), (190, 830), (430, 850), (500, 866), (380, 898), (60, 912),
           (-250, 908), (-430, 888)], (150, 178, 214, 255))  # fmt: skip
    shape([(-470, 858), (-380, 838), (-120, 826), (190, 830), (430, 850), (500, 866), (330, 878), (40, 886),
           (-280, 880)], (236, 241, 248, 255))  # fmt: skip
    oval(10, 862, 255, 13, (178, 198, 226, 255))
    body, belly, dark = (74, 82, 104, 255), (128, 136, 156, 255), (30, 34, 50, 255)
    shape([(205, 842), (290, 806), (306, 820), (262, 848), (300, 862), (286, 874), (205, 862)], body)
    oval(-10, 824, 230, 44, body)
    oval(-170, 806, 74, 46, body)
    oval(-10, 842, 205, 22, belly)
    oval(-226, 806, 26, 20, belly)
    shape([(-110, 848), (-60, 848), (-84, 882), (-112, 876)], dark)
    for x, y in ((-40, 806), (20, 800), (70, 812), (-90, 812), (120, 806), (0, 816), (150, 818)):
        oval(x, y, 9, 5, (104, 112, 134, 255))
    oval(-202, 792, 6.5, 7, dark)
    oval(-204, 790, 2, 2, (236, 241, 248, 255))
    oval(-247, 800, 6, 4.5, dark)
    smile = [width / 2 - 246 * unit, 800 * unit, width / 2 - 206 * unit, 822 * unit]
    draw.arc([edge * fine for edge in smile], 40, 120, fill=dark, width=round(3 * unit * fine))
    return layer.reduce(fine)


class Picture(Window):
    """The window."""

    def __init__(self, connection: Connection, options: Options) -> None:
        title = options.title or (options.file and "Picture") or "An evening"
        super().__init__(connection, title, *options.size)
        self.source = options.file or evening(options.seed)
        self.zoom = 1.0  # of the fitted size
        self.centre = (0.5, 0.5)  # of the picture, at the window's centre
        self.held: tuple[float, float] | None = None
        self.rough = False  # shown in haste, to be drawn again when nothing moves

    def draw(self, canvas: Canvas) -> None:
        height, width = canvas.pixels.shape
        fit = min(width / self.source.width, height / self.source.height) * self.zoom
        if self.zoom == 1:
            self.centre = (0.5, 0.5)
        # The part of the picture that the window shows, in picture pixels, and where it lands.
        left = self.centre[0] * self.source.width - width / 2 / fit
        top = self.centre[1] * self.source.height - height / 2 / fit
        right, bottom = left + width / fit, top + height / fit
        box = (max(0.0, left), max(0.0, top), min(self.source.width, right), min(self.source.height, bottom))
        x, y = round((box[0] - left) * fit), round((box[1] - top) * fit)
        size = (
            max(1, min(round((box[2] - box[0]) * fit), width - x)),
            max(1, min(round((box[3] - box[1]) * fit), height - y)),
        )
        # While the size changes at every frame, averaging whole blocks first is quick and good enough.
        part = self.source.resize(size, Image.Resampling.BILINEAR, box, reducing_gap=1.0) if self.rough else \
            self.source.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3.0)  # fmt: skip
        if size != (width, height):
            canvas.clear(palette.NIGHT)
        shown = np.asarray(part).astype(np.uint32)
        pixels = shown[:, :, 0] << 16 | shown[:, :, 1] << 8 | shown[:, :, 2] | 0xFF000000
        canvas.pixels[y : y + size[1], x : x + size[0]] = pixels

    def resized(self) -> None:
        self.rough = self.frames > 0

    def on_frame(self) -> None:
        if self.rough:
            self.rough = False
            self.redraw()

    def magnify(self, factor: float) -> None:
        """Zoom in or out about the centre."""
        self.zoom = min(max(self.zoom * factor, 1.0), 16.0)
        self.rough = True
        self.redraw()

    def key(self, event: KeyEvent) -> None:
        if event.pressed and event.text == "f":
            self.toggle_fullscreen()
        elif event.pressed and event.text in ("+", "=", "-", "0"):
            self.magnify({"-": 0.8, "0": 0.001}.get(event.text, 1.25))

    def pointer_scroll(self, dx: float, dy: float) -> None:
        self.magnify(1.1 if dy < 0 else 1 / 1.1)

    def pointer_button(self, x: float, y: float, button: int, pressed: bool) -> None:
        if button == BUTTON_LEFT:
            self.held = (x, y) if pressed else None

    def pointer_move(self, x: float, y: float) -> None:
        if self.held is not None and self.zoom > 1:
            fit = min(self.width / self.source.width, self.height / self.source.height) * self.zoom
            cx = self.centre[0] - (x - self.held[0]) / fit / self.source.width
            cy = self.centre[1] - (y - self.held[1]) / fit / self.source.height
            self.held, self.centre, self.rough = (x, y), (min(max(cx, 0), 1), min(max(cy, 0), 1)), True
            self.redraw()


def main() -> int:
    """Run the program."""
    options = parser(__doc__.split("\n")[0], "640x400", "photo.jpg\n--seed 4   # another evening")
    options.add_argument("file", nargs="?", type=decode, help="picture file (any format Pillow reads)")
    return run(options.parse_args(), Picture)


if __name__ == "__main__":
    sys.exit(main())
