"""Drawing into a wl_shm buffer: antialiased shapes by distance fields, text by Pillow, all in numpy.

Coordinates are surface pixels (floats welcome); the canvas multiplies them by its scale. Every call is
clipped, so a program may draw its whole scene and pay only for the part that needs repair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .boxes import Box

Pixels = NDArray[np.uint32]
Coverage = NDArray[np.float32]


@lru_cache(maxsize=32)
def font(size_px: float) -> ImageFont.FreeTypeFont:
    """Return Pillow's bundled scalable face at `size_px` pixels."""
    face = ImageFont.load_default(size_px)
    assert isinstance(face, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return face


@lru_cache(maxsize=32)
def _system_font(size_px: float) -> ImageFont.FreeTypeFont | None:
    """Return a face of the system for what the bundled one lacks (all but ASCII); None without one."""
    for name in ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf"):
        try:
            return ImageFont.truetype(name, size_px)
        except OSError:
            continue
    return None


@lru_cache(maxsize=1024)
def _bundled(character: str) -> bool:
    """Return whether the bundled face has this character."""
    face = font(16)
    return bytes(face.getmask(character)) != bytes(face.getmask("\uffff"))


def _runs(text: str, size_px: float) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """Split text into stretches of one face."""
    other = None if text.isascii() else _system_font(size_px)
    if other is None:
        return [(text, font(size_px))]
    runs = groupby(text, _bundled)
    return [("".join(part), font(size_px) if ours else other) for ours, part in runs]


@lru_cache(maxsize=256)
def _text_mask(text: str, size_px: float) -> tuple[NDArray[np.uint8], int, int]:
    """Return coverage, 0 to 255, and where its corner lies relative to the pen on the baseline."""
    runs, pen, places = _runs(text, size_px), 0.0, []
    left, top, right, bottom = 0, 0, 1, 1
    for part, face in runs:
        box = face.getbbox(part, anchor="ls")
        left, right = min(left, int(pen + box[0])), max(right, math.ceil(pen + box[2]))
        top, bottom = min(top, int(box[1])), max(bottom, int(box[3]))
        places.append(pen)
        pen += face.getlength(part)
    image = Image.new("L", (right - left, bottom - top))
    draw = ImageDraw.Draw(image)
    for (part, face), x in zip(runs, places, strict=True):
        draw.text((x - left, -top), part, fill=255, font=face, anchor="ls")
    return np.asarray(image), left, top


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Return the advance of `text` in pixels at font size `size`."""
    return float(sum(face.getlength(part) for part, face in _runs(text, size)))


class _Grid(NamedTuple):
    """Pixel centres in surface pixels: x (width,) and y (height, 1) float32, for the buffer pixels `box`."""

    box: Box
    x: Coverage
    y: Coverage


class Canvas:
    """Buffer pixels (height, width) uint32, premultiplied ARGB8888 or XRGB8888, with a scale and a clip."""

    __slots__ = ("clip", "pixels", "scale")

    def __init__(self, pixels: Pixels, scale: float = 1.0, clip: Box | None = None) -> None:
        self.pixels = pixels
        self.scale = scale
        self.clip = clip if clip is not None else Box(0, 0, pixels.shape[1], pixels.shape[0])  # buffer pixels

    @property
    def width(self) -> float:
        """Width in surface pixels."""
        return float(self.pixels.shape[1] / self.scale)

    @property
    def height(self) -> float:
        """Height in surface pixels."""
        return float(self.pixels.shape[0] / self.scale)

    def clear(self, colour: int) -> None:
        """Replace everything within the clip, alpha included."""
        clip = self.clip
        self.pixels[clip.y : clip.y2, clip.x : clip.x2] = premultiplied(colour)

    def fill(self, x: float, y: float, width: float, height: float, colour: int) -> None:
        """Blend a box with its edges rounded to whole buffer pixels."""
        s = self.scale
        x1, y1 = round(x * s), round(y * s)
        box = Box(x1, y1, round((x + width) * s) - x1, round((y + height) * s) - y1).intersection(self.clip)
        if box.empty:
            return
        if colour >> 24 == 255:
            self.pixels[box.y : box.y2, box.x : box.x2] = colour
        else:
            self._blend(box, np.ones((1, 1), np.float32), colour)

    def rounded(self, x: float, y: float, width: float, height: float, radius: float, colour: int) -> None:
        """Blend a box with round corners."""
        top, bottom = math.ceil((y + radius) * self.scale), math.floor((y + height - radius) * self.scale)
        sides = x * self.scale, (x + width) * self.scale
        if bottom - top > 16 and all(edge == round(edge) for edge in sides) and colour >> 24 == 255:
            # Between its corners such a box is plain, and a plain fill is much cheaper.
            whole = self.clip
            self.fill(x, top / self.scale, width, (bottom - top) / self.scale, colour)
            for strip in (Box(whole.x, whole.y, whole.width, top - whole.y),
                          Box(whole.x, bottom, whole.width, whole.y2 - bottom)):  # fmt: skip
                self.clip = strip.intersection(whole)
                self._rounded(x, y, width, height, radius, colour)
            self.clip = whole
        else:
            self._rounded(x, y, width, height, radius, colour)

    def _rounded(self, x: float, y: float, width: float, height: float, radius: float, colour: int) -> None:
        if (grid := self._grid(x, y, width, height)) is not None:
            px, py = grid.x - (x + width / 2), grid.y - (y + height / 2)
            self._cover(grid, _box_distance(px, py, width / 2, height / 2, radius), colour)

    def frame(
        self, x: float, y: float, width: float, height: float, radius: float, line: float, colour: int
    ) -> None:
        """Blend the outline of a box with round corners, `line` wide, inside it."""
        if (grid := self._grid(x, y, width, height)) is not None:
            px, py, half = grid.x - (x + width / 2), grid.y - (y + height / 2), line / 2
            inner = _box_distance(px, py, width / 2 - half, height / 2 - half, radius - half)
            self._cover(grid, np.abs(inner) - np.float32(half), colour)

    def disc(self, x: float, y: float, radius: float, colour: int) -> None:
        """Blend a filled circle."""
        if (grid := self._grid(x - radius, y - radius, 2 * radius, 2 * radius)) is not None:
            self._cover(grid, _centre_distance(grid, x, y) - np.float32(radius), colour)

    def ring(self, x: float, y: float, radius: float, line: float, colour: int) -> None:
        """Blend a circle's outline, `line` wide, centred on the radius."""
        outer = radius + line / 2
        if (grid := self._grid(x - outer, y - outer, 2 * outer, 2 * outer)) is not None:
            self._cover(grid, np.abs(_centre_distance(grid, x, y) - radius) - line / 2, colour)

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float, colour: int) -> None:
        """Blend a straight stroke with round ends."""
        left, top = min(x1, x2) - width / 2, min(y1, y2) - width / 2
        grid = self._grid(left, top, abs(x2 - x1) + width, abs(y2 - y1) + width)
        if grid is not None:
            self._cover(grid, _segment_distance(grid.x, grid.y, x1, y1, x2, y2) - width / 2, colour)

    def polyline(self, points: Sequence[tuple[float, float]], width: float, colour: int) -> None:
        """Blend one stroke through all points, with round ends and joints; it covers nothing twice."""
        xs, ys = zip(*points, strict=True)
        left, top = min(xs) - width / 2, min(ys) - width / 2
        grid = self._grid(left, top, max(xs) + width / 2 - left, max(ys) + width / 2 - top)
        if grid is not None:
            distance = np.full((grid.y.size, grid.x.size), np.inf, np.float32)
            for (x1, y1), (x2, y2) in pairwise(points):
                np.minimum(distance, _segment_distance(grid.x, grid.y, x1, y1, x2, y2), out=distance)
            self._cover(grid, distance - np.float32(width / 2), colour)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: int,
        align: float = 0.0,
        within: float | None = None,
    ) -> None:
        """Blend one line of text with its baseline at y; `align` 0, 0.5, 1: x is its start, middle, end.

        What would be wider than `within` surface pixels is written smaller.
        """
        if not text:
            return
        if within is not None:
            size = min(size, size * max(within, 1.0) / text_width(text, size))
        s = self.scale
        pen = x * s - align * text_width(text, size * s)
        mask, left, top = _text_mask(text, size * s)
        whole = Box(round(pen) + left, round(y * s) + top, mask.shape[1], mask.shape[0])
        box = whole.intersection(self.clip)
        if not box.empty:
            part = mask[box.y - whole.y : box.y2 - whole.y, box.x - whole.x : box.x2 - whole.x]
            self._blend(box, part * np.float32(1 / 255), colour)

    def image(self, pixels: Pixels, x: float, y: float) -> None:
        """Copy buffer pixels with their corner at (x, y); nothing is blended or scaled."""
        whole = Box(round(x * self.scale), round(y * self.scale), pixels.shape[1], pixels.shape[0])
        box = whole.intersection(self.clip)
        if not box.empty:
            part = pixels[box.y - whole.y : box.y2 - whole.y, box.x - whole.x : box.x2 - whole.x]
            self.pixels[box.y : box.y2, box.x : box.x2] = part

    def mask(self, coverage: Coverage, x: int, y: int, colour: int) -> None:
        """Blend `colour` through coverage (height, width) 0..1 with its corner at buffer pixel (x, y)."""
        box = Box(x, y, coverage.shape[1], coverage.shape[0]).intersection(self.clip)
        if not box.empty:
            self._blend(box, coverage[box.y - y : box.y2 - y, box.x - x : box.x2 - x], colour)

    def _grid(self, x: float, y: float, width: float, height: float) -> _Grid | None:
        """Return the pixels a shape within this box may touch; None when the clip leaves none."""
        s = self.scale
        x1, y1 = math.floor(x * s) - 1, math.floor(y * s) - 1
        box = Box(x1, y1, math.ceil((x + width) * s) + 1 - x1, math.ceil((y + height) * s) + 1 - y1)
        box = box.intersection(self.clip)
        if box.empty:
            return None
        across = (np.arange(box.x, box.x2, dtype=np.float32) + np.float32(0.5)) / np.float32(s)
        down = (np.arange(box.y, box.y2, dtype=np.float32) + np.float32(0.5)) / np.float32(s)
        return _Grid(box, across, down[:, None])

    def _cover(self, grid: _Grid, distance: Coverage, colour: int) -> None:
        """Blend where the distance from a shape is negative, with its edge one pixel soft."""
        self._blend(grid.box, np.clip(np.float32(0.5) - distance * np.float32(self.scale), 0, 1), colour)

    def _blend(self, box: Box, coverage: Coverage, colour: int) -> None:
        alpha = np.float32((colour >> 24) / 255.0)
        source = np.array([colour & 255, colour >> 8 & 255, colour >> 16 & 255, 255], np.float32) * alpha
        target = channels(self.pixels[box.y : box.y2, box.x : box.x2])
        cover = coverage[:, :, None]
        mixed = target * (1 - cover * alpha)
        mixed += source * cover + np.float32(0.5)
        target[:] = mixed.astype(np.uint8)


def premultiplied(colour: int) -> int:
    """Return 0xAARRGGBB with its colour multiplied by its alpha."""
    alpha = colour >> 24
    if alpha == 255:
        return colour
    red, green, blue = ((colour >> s & 255) * alpha // 255 for s in (16, 8, 0))
    return alpha << 24 | red << 16 | green << 8 | blue


def channels(pixels: Pixels) -> NDArray[np.uint8]:
    """Return the same memory as (height, width, 4) uint8: blue, green, red, alpha."""
    return pixels.view(np.uint8).reshape(*pixels.shape, 4)


def _segment_distance(px: Coverage, py: Coverage, x1: float, y1: float, x2: float, y2: float) -> Coverage:
    """Return each point's distance from the segment (x1, y1)-(x2, y2)."""
    dx, dy = x2 - x1, y2 - y1
    length2 = dx * dx + dy * dy
    along = np.clip(((px - x1) * dx + (py - y1) * dy) / length2, 0, 1) if length2 else np.float32(0)
    distance: Coverage = np.hypot(px - (x1 + along * dx), py - (y1 + along * dy))
    return distance


def _box_distance(px: Coverage, py: Coverage, half_x: float, half_y: float, radius: float) -> Coverage:
    qx, qy = np.abs(px) - (half_x - radius), np.abs(py) - (half_y - radius)
    outside = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
    distance: Coverage = outside + np.minimum(np.maximum(qx, qy), 0) - np.float32(radius)
    return distance


def _centre_distance(grid: _Grid, x: float, y: float) -> Coverage:
    distance: Coverage = np.hypot(grid.x - x, grid.y - y)
    return distance
