"""Paints wallpaper.jpg: dusk over the Weddell Sea, ice floes under the last light, a seal on one of them.

The same numbers come out every time. The fine grain that keeps the gradients from banding is not in the file:
`compositor/render/wallpaper.py` adds it at the size shown.
"""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1920, 1080
FINE = 2
"""Shapes are drawn this many times larger."""
HORIZON = 0.56
SUN = (0.64, HORIZON + 0.012)

SEAL = (1230.0, 830.0, 108.0)
"""Where the seal's belly rests, and its length, pixels."""

Picture = npt.NDArray[np.float32]
"""(height, width, 3), 0 to 1, sRGB."""

_SKY = (
    (0.00, 0x101A38),
    (0.22, 0x1D2A55),
    (0.42, 0x394378),
    (0.60, 0x6C5C92),
    (0.75, 0xAD7798),
    (0.87, 0xE39C91),
    (0.95, 0xF8C09A),
    (1.00, 0xFFDCB0),
)
_SEA = (
    (0.00, 0xF0B7A0),
    (0.04, 0xC08E9E),
    (0.12, 0x7F6C98),
    (0.28, 0x424F84),
    (0.55, 0x24376A),
    (1.00, 0x101D42),
)


def rgb(colour: int) -> Picture:
    """Return 0xRRGGBB as three floats."""
    return np.array([colour >> 16 & 255, colour >> 8 & 255, colour & 255], np.float32) / np.float32(255)


def ramp(stops: tuple[tuple[float, int], ...], positions: npt.NDArray[np.float32]) -> Picture:
    """Return the colours of a gradient at positions (any shape), joined smoothly."""
    where = np.array([stop for stop, _ in stops])
    colours = np.stack([rgb(colour) for _, colour in stops])
    fine = np.linspace(0, 1, 1025)
    table = np.stack([np.interp(fine, where, colours[:, channel]) for channel in range(3)], axis=1)
    # A moving average rounds the corners at the stops.
    kernel = np.hanning(97)[1:-1]
    kernel /= kernel.sum()
    padded = np.pad(table, ((47, 47), (0, 0)), mode="edge")
    table = np.stack([np.convolve(padded[:, channel], kernel, "valid") for channel in range(3)], axis=1)
    return np.asarray(table[np.clip(positions * 1024, 0, 1024).astype(int)], np.float32)


def smooth_noise(random: Random, count: int, length: int) -> npt.NDArray[np.float32]:
    """Return `length` values between 0 and 1 that swing softly through `count` random ones."""
    points = np.array([random.random() for _ in range(count + 3)])
    x = np.linspace(0, count, length, endpoint=False)
    whole = x.astype(int)
    t = x - whole
    t = t * t * (3 - 2 * t)
    return np.asarray(points[whole] * (1 - t) + points[whole + 1] * t, np.float32)


def over(below: Picture, above: Picture, coverage: npt.NDArray[np.float32]) -> Picture:
    """Return `above` laid over `below` where `coverage` (height, width) says."""
    return np.asarray(below + (above - below) * coverage[:, :, None], np.float32)


def backdrop() -> Picture:
    """Return sky and open water."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    x, y = x / WIDTH, y / HEIGHT
    sky = ramp(_SKY, np.clip(y / HORIZON, 0, 1))
    sea = ramp(_SEA, np.clip((y - HORIZON) / (1 - HORIZON), 0, 1))
    picture = np.where((y < HORIZON)[:, :, None], sky, sea)
    aspect = WIDTH / HEIGHT
    dx, dy = (x - SUN[0]) * aspect, y - SUN[1]
    glow = np.exp(-(dx**2 / 0.30 + dy**2 / 0.030)) * 0.42 + np.exp(-(dx**2 + dy**2 * 3) / 0.012) * 0.5
    above = (y < HORIZON).astype(np.float32)
    picture += (rgb(0xFFD9A0) - picture) * (glow * above)[:, :, None]
    # The light's path over the water widens towards us.
    depth = np.clip((y - HORIZON) / (1 - HORIZON), 0, 1)
    path = np.exp(-((dx / (0.10 + 0.42 * depth)) ** 2)) * np.exp(-depth * 3.2) * 0.62
    picture += (rgb(0xFFC9A0) - picture) * (path * (1 - above))[:, :, None]
    return np.asarray(picture, np.float32)


def stars(picture: Picture, random: Random) -> None:
    """Put a few faint stars where the sky is dark."""
    for _ in range(150):
        x, y = random.random() * WIDTH, random.random() ** 1.6 * HEIGHT * 0.34
        strength = (0.12 + 0.55 * random.random() ** 4) * (1 - y / (HEIGHT * 0.36))
        radius = 0.45 + 0.5 * random.random()
        left, top = int(x) - 3, int(y) - 3
        if left < 0 or top < 0 or left > WIDTH - 7:
            continue
        sy, sx = np.mgrid[top : top + 7, left : left + 7]
        spot = np.exp(-((sx - x) ** 2 + (sy - y) ** 2) / (2 * radius**2)) * strength
        area = picture[top : top + 7, left : left + 7]
        area += (1 - area) * spot[:, :, None].astype(np.float32)


def clouds(picture: Picture, random: Random) -> Picture:
    """Draw long thin bands of cloud, lit from below."""
    for _ in range(22):
        level = HORIZON * (0.45 + 0.48 * random.random())
        centre, reach = random.random() * 1.2 - 0.1, 0.10 + 0.25 * random.random()
        thickness = 0.0022 + 0.006 * random.random()
        x = np.linspace(0, 1, WIDTH, dtype=np.float32)
        wave = (smooth_noise(random, 9, WIDTH) - 0.5) * 0.014
        along = np.exp(-(((x - centre) / reach) ** 2) * 2) * (0.35 + 0.65 * smooth_noise(random, 16, WIDTH))
        y = np.arange(HEIGHT, dtype=np.float32)[:, None] / HEIGHT
        coverage = np.exp(-(((y - level - wave) / thickness) ** 2)) * along * (0.10 + 0.22 * random.random())
        near_light = math.exp(-(((centre - SUN[0]) * 2.4) ** 2)) * (level / HORIZON) ** 2
        colour = rgb(0x5C4F86) * (1 - near_light) + rgb(0xFFC3A0) * near_light
        picture = over(picture, np.broadcast_to(colour, picture.shape), coverage.astype(np.float32))
    return picture


def mask(draw_on: npt.NDArray[np.uint8] | Image.Image) -> npt.NDArray[np.float32]:
    """Return a fine drawing as coverage at the size of the picture."""
    image = draw_on if isinstance(draw_on, Image.Image) else Image.fromarray(draw_on)
    return np.asarray(image.reduce(FINE), np.float32) / np.float32(255)


def bergs(picture: Picture, random: Random) -> Picture:
    """Draw tabular icebergs and the edge of the shelf at the horizon, the farthest first."""
    fine_width = WIDTH * FINE
    for layer, (height, colour, count) in enumerate(
        ((0.018, 0xC48F9E, 5), (0.034, 0x9678A0, 6), (0.052, 0x66619A, 4))
    ):
        profile = np.zeros(fine_width, np.float32)
        for _ in range(count):
            centre, half = random.random() * fine_width, (0.03 + 0.09 * random.random()) * fine_width
            if layer == 2 and abs(centre / fine_width - SUN[0]) < 0.2:
                # The light stays free.
                centre = (0.12 if centre < SUN[0] * fine_width else 0.95) * fine_width
            x = (np.arange(fine_width) - centre) / half
            tall = 0.45 + 0.55 * random.random()
            slope = 0.008 + 0.05 * random.random() ** 2
            tilt = (random.random() - 0.5) * 0.3
            top = (1 + tilt * x) * np.clip((1 - np.abs(x)) / slope, 0, 1)
            rough = (
                0.84
                + 0.10 * smooth_noise(random, 90, fine_width)
                + 0.06 * smooth_noise(random, 400, fine_width)
            )
            profile = np.maximum(profile, (top * tall * rough).astype(np.float32))
        edge = (HORIZON - profile * height) * HEIGHT * FINE
        rows = np.arange(HEIGHT * FINE, dtype=np.float32)[:, None]
        bottom = HORIZON * HEIGHT * FINE
        shape = ((rows >= edge) & (rows < bottom + 1)).astype(np.uint8) * 255
        # Snow on top catches the sky.
        cap = ((rows >= edge) & (rows < edge + 5 + 3 * layer) & (edge < bottom - 6)).astype(np.uint8) * 255
        base = np.broadcast_to(rgb(colour), picture.shape)
        snow = np.broadcast_to(rgb(0xF6CDB9) if layer < 2 else rgb(0xB7A3C6), picture.shape)
        picture = over(picture, base, mask(shape) * 0.92)
        picture = over(picture, snow, mask(cap) * 0.75)
    # Haze where ice and water meet.
    y = np.arange(HEIGHT, dtype=np.float32)[:, None] / HEIGHT
    haze = np.exp(-(((y - HORIZON) / 0.010) ** 2)) * 0.55 * np.ones((1, WIDTH), np.float32)
    return over(picture, np.broadcast_to(rgb(0xF3B9A6), picture.shape), haze.astype(np.float32))


def floe(random: Random) -> list[tuple[float, float]]:
    """Return the outline of a floe around 0, 0 with a radius near 1, in the plane of the water."""
    count = random.randrange(7, 13)
    turn = random.random() * math.tau
    points = []
    for index in range(count):
        angle = turn + (index + 0.7 * random.random()) / count * math.tau
        radius = 0.74 + 0.26 * random.random()
        points.append((math.cos(angle) * radius, math.sin(angle) * radius))
    return points


def rounded(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Cut the corners of a polygon (Chaikin), a little."""
    for _ in range(2):
        cut = []
        for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
            cut += [
                (ax * 0.86 + bx * 0.14, ay * 0.86 + by * 0.14),
                (ax * 0.14 + bx * 0.86, ay * 0.14 + by * 0.86),
            ]
        points = cut
    return points


def mixed(a: int, b: int, t: float) -> tuple[int, int, int]:
    """Return the colour between two, as Pillow wants it."""
    red, green, blue = (int(v) for v in np.round((rgb(a) * (1 - t) + rgb(b) * t) * 255))
    return red, green, blue


def floes(picture: Picture, random: Random) -> Picture:
    """Cover the water with drifting ice in perspective, and lay a seal on one floe."""
    placed: list[tuple[float, float, float]] = []
    for target, tries in ((1.0, 60), (0.55, 700), (0.28, 2600), (0.13, 4200), (0.07, 2500)):
        for _ in range(tries):
            z = 1.08 + (44 if target > 0.2 else 12) * random.random() ** 2.2
            x = (random.random() - 0.5) * z * 2.5
            radius = target * (0.65 + 0.5 * random.random())
            if all(math.hypot(x - ox, z - oz) > (radius + other) * 1.01 for ox, oz, other in placed):
                placed.append((x, z, radius))
    placed.sort(key=lambda item: -item[1])
    size = (WIDTH * FINE, HEIGHT * FINE)
    drop = (1 - HORIZON) * HEIGHT * FINE
    colours = Image.new("RGB", size)
    cover = Image.new("L", size)
    ink, shape = ImageDraw.Draw(colours), ImageDraw.Draw(cover)
    reflections = Image.new("L", size)
    mirror = ImageDraw.Draw(reflections)
    for x, z, radius in placed:
        outline = rounded(floe(random))
        ground = [(x + px * radius, z + pz * radius) for px, pz in outline]
        if min(pz for _, pz in ground) < 0.9:
            continue
        flat = [(size[0] * (0.5 + px / pz * 0.42), HORIZON * size[1] + drop / pz) for px, pz in ground]
        thick = max(1.2, 26 * FINE / z * (0.35 + radius * 0.5) * 0.55)
        away = min(1.0, (z - 1) / 11)
        screen_x = 0.5 + x / z * 0.42
        warm = math.exp(-(((screen_x - SUN[0]) * 3.0) ** 2)) * (0.35 + 0.65 * away)
        shade = random.random() * 0.10
        top = mixed(0x93A9D2, 0xC2AFCB, min(1, away * 1.1))
        top = mixed((top[0] << 16) + (top[1] << 8) + top[2], 0xFFD3B4, min(0.9, warm * 0.95))
        top = mixed((top[0] << 16) + (top[1] << 8) + top[2], 0x3C4F86, shade + 0.16 * (1 - away))
        snow = mixed((top[0] << 16) + (top[1] << 8) + top[2], 0xFFF0E8, 0.09)
        mx = sum(px for px, _ in flat) / len(flat)
        my = sum(py for _, py in flat) / len(flat)
        side = mixed((top[0] << 16) + (top[1] << 8) + top[2], 0x1E3266, 0.62)
        lower = [(px, py + thick) for px, py in flat]
        mirror.polygon([(px, py + thick * 2.6) for px, py in flat], fill=110)
        ink.polygon(lower, fill=side)
        shape.polygon(lower, fill=255)
        low = [point for pair in zip(flat, lower, strict=True) for point in pair]
        ink.polygon(low, fill=side)
        ink.polygon(flat, fill=top)
        # Old snow, a little in from the edge.
        ink.polygon([(mx + (px - mx) * 0.82, my + (py - my) * 0.78) for px, py in flat], fill=snow)
        shape.polygon(flat, fill=255)
    soft = reflections.filter(ImageFilter.GaussianBlur(5 * FINE))
    picture = over(picture, np.broadcast_to(rgb(0x0E1A3C), picture.shape), mask(soft) * 0.62)
    tops = np.asarray(colours.reduce(FINE), np.float32) / np.float32(255)
    coverage = mask(cover)
    # Edges mix with black of the empty canvas: undo it.
    tops = tops / np.maximum(coverage, 1e-3)[:, :, None]
    return over(picture, np.clip(tops, 0, 1), coverage)


def seal(picture: Picture, x: float, y: float, length: float) -> Picture:
    """Draw a resting seal, seen from the side; `x`, `y` is the middle of its belly, all in pixels."""
    size = (WIDTH * FINE, HEIGHT * FINE)
    image = Image.new("L", size)
    body = [
        (-0.50, -0.05), (-0.57, -0.16), (-0.51, -0.13), (-0.47, -0.19), (-0.43, -0.09), (-0.30, -0.15),
        (-0.10, -0.24), (0.12, -0.27), (0.28, -0.26), (0.36, -0.31), (0.44, -0.34), (0.51, -0.30),
        (0.545, -0.235), (0.53, -0.205), (0.46, -0.18), (0.42, -0.10), (0.34, -0.03), (0.26, -0.02),
        (0.22, 0.03), (0.14, 0.035), (0.17, -0.01), (0.0, 0.0), (-0.25, 0.0),
    ]  # fmt: skip
    points = rounded([((x + px * length) * FINE, (y + py * length) * FINE) for px, py in body])
    ImageDraw.Draw(image).polygon(points, fill=255)
    shadow = Image.new("L", size)
    corners = [x - length * 0.55, y - length * 0.05, x + length * 0.42, y + length * 0.06]
    ImageDraw.Draw(shadow).ellipse([corner * FINE for corner in corners], fill=150)
    soft = mask(shadow.filter(ImageFilter.GaussianBlur(2 * FINE)))
    picture = over(picture, np.broadcast_to(rgb(0x33437A), picture.shape), soft)
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    light = np.clip((y - rows) / (length * 0.34), 0, 1)[:, :, None] ** 1.5 * np.ones(
        (1, WIDTH, 1), np.float32
    )
    coat = rgb(0x232B52) * (1 - light) + rgb(0x7B6A8E) * light
    return over(picture, coat.astype(np.float32), mask(image))


def paint() -> Picture:
    """Return the picture."""
    picture = backdrop()
    stars(picture, Random(11))
    picture = clouds(picture, Random(5))
    picture = bergs(picture, Random(23))
    picture = floes(picture, Random(8))
    picture = seal(picture, *SEAL)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    corner = ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2) * 0.30
    return np.clip(picture * (1 - corner)[:, :, None], 0, 1)


if __name__ == "__main__":
    image = Image.fromarray(np.round(paint() * 255).astype(np.uint8))
    image.save(Path(__file__).parent / "wallpaper.jpg", quality=93, method=6)
