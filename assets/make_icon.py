"""Draws icon.png: the face of a Weddell seal above the ice, 256 × 256."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

SIZE = 256
FINE = 8
"""Drawn this many times larger and averaged down."""

Box = tuple[float, float, float, float]


def colour(value: int) -> tuple[int, int, int]:
    """Return 0xRRGGBB as Pillow wants it."""
    return value >> 16 & 255, value >> 8 & 255, value & 255


def blank() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return an empty mask and its pen."""
    image = Image.new("L", (SIZE * FINE, SIZE * FINE))
    return image, ImageDraw.Draw(image)


def ellipse(*box: float) -> Image.Image:
    """Return the mask of an ellipse given by left, top, right, bottom."""
    image, pen = blank()
    pen.ellipse([value * FINE for value in box], fill=255)
    return image


def blob(centre: tuple[float, float], width: float, height: float, power: float) -> Image.Image:
    """Return the mask of a superellipse: 2 is round, more is squarer."""
    image, pen = blank()
    points = []
    for index in range(720):
        angle = index / 720 * math.tau
        cosine, sine = math.cos(angle), math.sin(angle)
        x = centre[0] + width * math.copysign(abs(cosine) ** (2 / power), cosine)
        y = centre[1] + height * math.copysign(abs(sine) ** (2 / power), sine)
        points.append((x * FINE, y * FINE))
    pen.polygon(points, fill=255)
    return image


def stroke(points: list[tuple[float, float]], width: float) -> Image.Image:
    """Return the mask of a line with round ends."""
    image, pen = blank()
    pen.line([(x * FINE, y * FINE) for x, y in points], fill=255, width=round(width * FINE), joint="curve")
    for x, y in (points[0], points[-1]):
        radius = width / 2
        pen.ellipse([v * FINE for v in (x - radius, y - radius, x + radius, y + radius)], fill=255)
    return image


def curve(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return points of a quadratic Bézier curve."""
    points = []
    for index in range(33):
        t = index / 32
        points.append(
            tuple(p * (1 - t) ** 2 + q * 2 * t * (1 - t) + r * t * t for p, q, r in zip(a, b, c, strict=True))
        )
    return [(x, y) for x, y in points]


def gradient(stops: tuple[tuple[float, int], ...]) -> Image.Image:
    """Return a picture that changes colour from top to bottom."""
    rows = np.linspace(0, 1, SIZE * FINE)
    where = [stop for stop, _ in stops]
    channels = [np.interp(rows, where, [colour(value)[index] for _, value in stops]) for index in range(3)]
    column: npt.NDArray[np.uint8] = np.stack(channels, axis=1)[:, None, :].round().astype(np.uint8)
    return Image.fromarray(column).resize((SIZE * FINE, SIZE * FINE))


def within(mask: Image.Image, other: Image.Image) -> Image.Image:
    """Return what two masks have in common."""
    return Image.composite(mask, Image.new("L", mask.size), other)


def soft(mask: Image.Image, radius: float) -> Image.Image:
    """Return the mask blurred."""
    return mask.filter(ImageFilter.GaussianBlur(radius * FINE))


def faint(mask: Image.Image, strength: float) -> Image.Image:
    """Return the mask weakened."""
    return mask.point([round(value * strength) for value in range(256)])


def paint() -> Image.Image:
    """Return the icon, RGBA."""
    tile = blob((128, 128), 118, 118, 4.6)
    picture = gradient(
        ((0.0, 0x1B2A5A), (0.42, 0x6A5C94), (0.66, 0xE69F92), (0.74, 0xFFD3A6), (1.0, 0xFFD3A6))
    )

    def lay(value: int, mask: Image.Image) -> None:
        picture.paste(colour(value), mask=within(mask, tile))

    lay(0xFFE9C4, faint(soft(ellipse(150, 120, 250, 220), 16), 0.75))
    # Water, and two floes behind.
    sea, pen = blank()
    pen.rectangle([0, 176 * FINE, SIZE * FINE, SIZE * FINE], fill=255)
    picture.paste(
        gradient(((0.0, 0xB98A9E), (0.69, 0xB98A9E), (0.80, 0x4A5590), (1.0, 0x16244F))),
        mask=within(sea, tile),
    )
    for box in ((20, 186, 66, 196), (196, 184, 242, 193)):
        lay(0xE9DCE6, ellipse(*box))
    # The seal: body, then head.
    body = blob((128, 238), 76, 74, 2.3)
    head = blob((128, 128), 65, 58, 2.25)
    seal = Image.composite(Image.new("L", body.size, 255), body, head)
    lay(0x0C1636, faint(soft(seal, 5), 0.45))
    picture.paste(
        gradient(((0.0, 0x8392B4), (0.3, 0x73829F), (0.62, 0x515E82), (1.0, 0x39456A))),
        mask=within(seal, tile),
    )
    # Light from the right, the pale belly, and the spots of the species.
    rim = within(faint(soft(ellipse(150, 66, 214, 190), 12), 0.55), seal)
    lay(0xE8B8AC, rim)
    lay(0xC4CEDF, within(faint(soft(blob((128, 238), 44, 60, 2.2), 5), 0.9), body))
    for x, y, width, height in (
        (88, 92, 9, 6), (108, 80, 6, 4), (152, 82, 7, 5), (172, 98, 6, 5), (131, 88, 5, 4), (76, 112, 5, 4),
        (66, 214, 8, 11), (82, 196, 5, 6), (190, 212, 8, 11), (176, 196, 5, 6), (60, 236, 5, 7),
        (197, 236, 5, 7),
    ):  # fmt: skip
        lay(
            0xB4C0D8,
            within(faint(soft(ellipse(x - width, y - height, x + width, y + height), 0.8), 0.6), seal),
        )
    # Muzzle.
    muzzle = Image.composite(
        Image.new("L", body.size, 255), blob((107, 152), 29, 23, 2.2), blob((149, 152), 29, 23, 2.2)
    )
    lay(0x2A3559, within(faint(soft(muzzle, 3), 0.35), head))
    lay(0xD5DCEA, within(muzzle, seal))
    lay(0xF1F4FA, within(faint(soft(blob((104, 145), 15, 9, 2), 4), 0.9), muzzle))
    lay(0xF1F4FA, within(faint(soft(blob((150, 145), 15, 9, 2), 4), 0.9), muzzle))
    nose, pen = blank()
    outline = curve((112, 127), (128, 120), (144, 127))
    outline += curve((144, 130), (136, 142), (128, 143)) + curve((128, 143), (120, 142), (112, 130))
    pen.polygon([(x * FINE, y * FINE) for x, y in outline], fill=255)
    lay(0x1A2342, nose)
    lay(0x6B789C, faint(soft(ellipse(118, 126, 132, 131), 1.2), 0.8))
    lay(0x2A3559, stroke([(128, 142), (128, 150)], 2.6))
    lay(0x2A3559, stroke(curve((128, 150), (119, 163), (106, 157)), 2.8))
    lay(0x2A3559, stroke(curve((128, 150), (137, 163), (150, 157)), 2.8))
    for x, y in ((97, 150), (103, 157), (92, 157), (159, 150), (153, 157), (164, 157)):
        lay(0x7B88A8, ellipse(x - 1.5, y - 1.5, x + 1.5, y + 1.5))
    for side in (-1, 1):
        for rise, reach in ((-8, 58), (0, 61), (8, 57)):
            start = (128 + side * 38, 152 + rise * 0.5)
            middle = (128 + side * 54, 150 + rise * 0.8)
            end = (128 + side * (reach + 13), 154 + rise * 2.1)
            lay(0xF4F6FB, faint(stroke(curve(start, middle, end), 1.5), 0.8))
    # Eyes: large and dark, with the sky in them.
    for x in (91, 165):
        lay(0xAEBBD3, faint(soft(ellipse(x - 17, 98, x + 17, 132), 3), 0.6))
        lay(0x11182E, ellipse(x - 13, 101, x + 13, 128))
        lay(0x4A4470, faint(soft(ellipse(x - 8, 115, x + 8, 126), 2), 0.9))
        lay(0xFFFFFF, ellipse(x - 7, 104, x + 1.5, 112.5))
        lay(0xFFFFFF, faint(ellipse(x + 3, 116, x + 7.5, 120.5), 0.75))
    # The ice it leans on.
    ice = blob((128, 262), 108, 38, 2.6)
    lay(0x0C1636, faint(soft(blob((128, 256), 104, 38, 2.6), 5), 0.4))
    picture.paste(gradient(((0.0, 0xF6F1F4), (0.88, 0xF8F3F5), (1.0, 0xB9C6E2))), mask=within(ice, tile))
    for x, turn in ((84, -1), (172, 1)):
        # Flippers over the edge.
        flipper = blob((x, 231), 21, 10, 2.1).rotate(-12 * turn, center=(x * FINE, 231 * FINE))
        lay(0x0C1636, faint(soft(flipper, 3), 0.3))
        lay(0x4A577C, flipper)
        for offset in (-7, 0, 7):
            lay(0x34406A, within(stroke([(x + offset, 233), (x + offset - turn * 1.5, 241)], 1.3), flipper))
    picture.putalpha(tile)
    # Averaging must not mix in the colour of what is outside.
    reduced = np.asarray(picture.convert("RGB").reduce(FINE), np.uint8)
    return Image.fromarray(np.dstack([reduced, np.asarray(tile.reduce(FINE), np.uint8)]))


if __name__ == "__main__":
    paint().save(Path(__file__).parent / "icon.png", optimize=True)
