"""Draws the cursor theme: cursors/<size>.png, one column of pictures each, and cursors/hotspots.json.

Every shape is a few strokes and polygons on a grid of 24 × 24, drawn large and averaged down: a dark body, a
light outline, a soft shadow. The PNGs use no row filter, so that a reader needs nothing but zlib
(`compositor/render/cursors.py`); colours are premultiplied there, not here.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

SIZES = (24, 32, 48, 64, 96)
GRID = 24
CANVAS = 768
"""Pixels drawn before averaging; a multiple of every size."""

INK, PAPER, RED, BLUE, GREEN = 0x131B30, 0xFFFFFF, 0xE5484D, 0x3E9BE9, 0x2FA96B
OUTLINE = 1.15
SHADOW_ALPHA = 0.42

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A stroke with round ends through points."""

    points: tuple[Point, ...]
    width: float = 2.0


@dataclass(frozen=True)
class Polygon:
    points: tuple[Point, ...]
    rounding: float = 0.35
    """Added around, with round corners."""


@dataclass(frozen=True)
class Disc:
    centre: Point
    radius: float


Part = Line | Polygon | Disc


@dataclass(frozen=True)
class Layer:
    """Parts of one colour. `bare` ones get no outline."""

    colour: int
    parts: tuple[Part, ...]
    bare: bool = False


@dataclass(frozen=True)
class Shape:
    """A cursor: layers bottom to top, and the point that points, in grid units."""

    hotspot: Point
    layers: tuple[Layer, ...] = field(default_factory=tuple)


def arc(centre: Point, radius: float, start: float, end: float, count: int = 48) -> tuple[Point, ...]:
    """Return points on a circle; degrees clockwise from the right."""
    angles = [math.radians(start + (end - start) * index / count) for index in range(count + 1)]
    return tuple((centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles)


def turned(parts: tuple[Part, ...], degrees: float, centre: Point = (12, 12)) -> tuple[Part, ...]:
    """Return the parts rotated clockwise."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def turn(point: Point) -> Point:
        x, y = point[0] - centre[0], point[1] - centre[1]
        return centre[0] + x * cosine - y * sine, centre[1] + x * sine + y * cosine

    result: list[Part] = []
    for part in parts:
        if isinstance(part, Disc):
            result.append(Disc(turn(part.centre), part.radius))
        elif isinstance(part, Line):
            result.append(Line(tuple(map(turn, part.points)), part.width))
        else:
            result.append(Polygon(tuple(map(turn, part.points)), part.rounding))
    return tuple(result)


def _head(x: float, y: float, size: float = 4.0) -> Polygon:
    """An arrow head that points right, its tip at a point."""
    return Polygon(((x, y), (x - size, y - size * 0.95), (x - size, y + size * 0.95)))


def _around(*parts: Part) -> tuple[Part, ...]:
    """The parts four times, in all directions."""
    return tuple(part for degrees in (0, 90, 180, 270) for part in turned(parts, degrees))


def _ink(*parts: Part) -> Layer:
    return Layer(INK, parts)


ARROW = Polygon(
    ((4.6, 3.2), (4.6, 18.2), (8.1, 15.0), (10.3, 20.2), (12.9, 19.1), (10.75, 14.1), (15.6, 14.1)), 0.3
)
SMALL_ARROW = Polygon(
    ((3.4, 2.6), (3.4, 14.6), (6.2, 12.0), (8.0, 16.3), (10.2, 15.4), (8.4, 11.3), (12.3, 11.3)), 0.3
)
TIP, SMALL_TIP = (4.4, 2.2), (3.2, 1.5)

DOUBLE: tuple[Part, ...] = (Line(((6, 12), (18, 12)), 2.2), _head(22, 12), *turned((_head(22, 12),), 180))
SINGLE: tuple[Part, ...] = (
    Line(((4, 12), (15, 12)), 2.2),
    _head(18.6, 12),
    Line(((21, 6.5), (21, 17.5)), 1.8),
)
FOUR: tuple[Part, ...] = (
    Line(((5, 12), (19, 12)), 2.0),
    Line(((12, 5), (12, 19)), 2.0),
    *_around(_head(22, 12, 3.4)),
)


def _badge(colour: int, *marks: Part, centre: Point = (16.6, 16.6), radius: float = 4.9) -> tuple[Layer, ...]:
    return Layer(colour, (Disc(centre, radius),)), Layer(PAPER, marks, bare=True)


def _plus(x: float, y: float, reach: float, width: float) -> tuple[Part, ...]:
    return Line(((x - reach, y), (x + reach, y)), width), Line(((x, y - reach), (x, y + reach)), width)


def _question(x: float, y: float, size: float, width: float) -> tuple[Part, ...]:
    hook = (*arc((x, y - size * 0.45), size * 0.42, 185, 405), (x, y + size * 0.22))
    return Line(hook, width), Disc((x, y + size * 0.72), width * 0.62)


def _spinner(centre: Point, radius: float, width: float) -> tuple[Layer, ...]:
    return (
        _ink(Line(arc(centre, radius, 0, 360), width)),
        Layer(0x3C4A6B, (Line(arc(centre, radius, 0, 360), width),), bare=True),
        Layer(BLUE, (Line(arc(centre, radius, -90, 60), width),), bare=True),
    )


def _hand(
    fingers: tuple[tuple[Point, Point], ...], thumb: tuple[Point, ...], seams: tuple[Line, ...]
) -> tuple[Layer, ...]:
    palm = Polygon(((8.6, 12.6), (19.2, 12.6), (19.2, 16.6), (17.4, 20.6), (10.8, 20.6), (8.6, 17.4)), 0.9)
    strokes = tuple(Line(finger, 2.9) for finger in fingers)
    return _ink(palm, *strokes, Line(thumb, 2.8)), Layer(0xB9C4DC, seams, bare=True)


def _seams(*tops: Point, bottom: float = 14.2) -> tuple[Line, ...]:
    return tuple(Line(((x, y), (x, bottom)), 0.55) for x, y in tops)


POINTING = _hand(
    (
        ((9.6, 4.2), (9.6, 14)),
        ((12.7, 9.4), (12.7, 14)),
        ((15.6, 10.0), (15.6, 14)),
        ((18.4, 11.2), (18.4, 15)),
    ),
    ((5.6, 12.6), (7.2, 14.8), (9.2, 17.6)),
    _seams((11.15, 10.2), (14.15, 10.6), (17.0, 11.4)),
)
OPEN_HAND = _hand(
    (
        ((9.2, 5.2), (9.7, 14)),
        ((12.5, 3.9), (12.6, 14)),
        ((15.7, 4.9), (15.5, 14)),
        ((18.7, 7.4), (18.3, 15)),
    ),
    ((5.0, 11.6), (7.0, 14.4), (9.2, 17.6)),
    _seams((11.1, 9.6), (14.1, 9.4), (16.95, 10.2)),
)
FIST = _hand(
    (
        ((9.6, 9.6), (9.6, 14)),
        ((12.6, 8.8), (12.6, 14)),
        ((15.5, 9.2), (15.5, 14)),
        ((18.3, 10.4), (18.3, 15)),
    ),
    ((6.6, 13.6), (7.6, 15.0), (9.2, 17.6)),
    _seams((11.1, 9.8), (14.05, 9.6), (16.9, 10.4), bottom=13.0),
)

_GLASS = (
    _ink(Line(arc((10, 10), 6, 0, 360), 2.2), Line(((14.6, 14.6), (20, 20)), 3.0)),
    Layer(0xF2F6FB, (Disc((10, 10), 5.0),), bare=True),
)
_IBEAM: tuple[Part, ...] = (
    Line(((12, 4.6), (12, 19.4)), 1.7),
    Line(((8.6, 3.4), (10.6, 3.6), (12, 5.0), (13.4, 3.6), (15.4, 3.4)), 1.7),
    Line(((8.6, 20.6), (10.6, 20.4), (12, 19.0), (13.4, 20.4), (15.4, 20.6)), 1.7),
)
_COLUMN: tuple[Part, ...] = (
    Line(((10.5, 5), (10.5, 19)), 1.6),
    Line(((13.5, 5), (13.5, 19)), 1.6),
    Line(((16, 12), (19, 12)), 1.9),
    _head(22.2, 12, 3.4),
    *turned((Line(((16, 12), (19, 12)), 1.9), _head(22.2, 12, 3.4)), 180),
)
_FORBIDDEN: tuple[Part, ...] = (
    Line(arc((12, 12), 7.6, 0, 360), 2.7),
    Line(((6.9, 6.9), (17.1, 17.1)), 2.7),
)

SHAPES: dict[str, Shape] = {
    "default": Shape(TIP, (_ink(ARROW),)),
    "context-menu": Shape(
        SMALL_TIP,
        (
            _ink(SMALL_ARROW),
            Layer(INK, (Polygon(((12, 12.6), (21, 12.6), (21, 21), (12, 21)), 0.7),)),
            Layer(PAPER, tuple(Line(((13.4, y), (19.6, y)), 1.1) for y in (14.4, 16.8, 19.2)), bare=True),
        ),
    ),
    "help": Shape(SMALL_TIP, (_ink(SMALL_ARROW), *_badge(BLUE, *_question(16.6, 16.3, 3.9, 1.25)))),
    "pointer": Shape((9.4, 2.6), POINTING),
    "progress": Shape(SMALL_TIP, (_ink(SMALL_ARROW), *_spinner((16.4, 16.4), 3.7, 2.3))),
    "wait": Shape((12, 12), _spinner((12, 12), 7.4, 3.2)),
    "cell": Shape((12, 12), (_ink(*_plus(12, 12, 7, 4.2)), Layer(PAPER, _plus(12, 12, 7, 1.8), bare=True))),
    "crosshair": Shape((12, 12), (_ink(*_around(Line(((15, 12), (21.5, 12)), 1.5)), Disc((12, 12), 0.85)),)),
    "text": Shape((12, 12), (_ink(*_IBEAM),)),
    "vertical-text": Shape((12, 12), (_ink(*turned(_IBEAM, 90)),)),
    "alias": Shape(
        SMALL_TIP,
        (
            _ink(SMALL_ARROW),
            *_badge(
                GREEN,
                Line((*arc((17.6, 19.1), 3.0, 180, 262, 12),), 1.25),
                Polygon(((19.7, 16.0), (17.0, 13.9), (17.0, 18.1)), 0.1),
            ),
        ),
    ),
    "copy": Shape(SMALL_TIP, (_ink(SMALL_ARROW), *_badge(GREEN, *_plus(16.6, 16.6, 2.6, 1.5)))),
    "move": Shape((12, 12), (_ink(*FOUR),)),
    "no-drop": Shape(SMALL_TIP, (_ink(SMALL_ARROW), *_badge(RED, Line(((14.2, 16.6), (19, 16.6)), 1.7)))),
    "not-allowed": Shape((12, 12), (Layer(RED, _FORBIDDEN),)),
    "grab": Shape((12.5, 12), OPEN_HAND),
    "grabbing": Shape((12.5, 12), FIST),
    **{
        f"{name}-resize": Shape((12, 12), (_ink(*turned(SINGLE, turn)),))
        for name, turn in (
            ("e", 0), ("n", 270), ("ne", 315), ("nw", 225), ("s", 90), ("se", 45), ("sw", 135), ("w", 180),
        )
    },
    **{
        f"{name}-resize": Shape((12, 12), (_ink(*turned(DOUBLE, turn)),))
        for name, turn in (("ew", 0), ("ns", 90), ("nesw", 315), ("nwse", 45))
    },
    "col-resize": Shape((12, 12), (_ink(*_COLUMN),)),
    "row-resize": Shape((12, 12), (_ink(*turned(_COLUMN, 90)),)),
    "all-scroll": Shape((12, 12), (_ink(Disc((12, 12), 2.2), *_around(_head(21.4, 12, 3.6))),)),
    "zoom-in": Shape((10, 10), (*_GLASS, Layer(INK, _plus(10, 10, 2.6, 1.4), bare=True))),
    "zoom-out": Shape((10, 10), (*_GLASS, Layer(INK, _plus(10, 10, 2.6, 1.4)[:1], bare=True))),
    "dnd-ask": Shape(SMALL_TIP, (_ink(SMALL_ARROW), *_badge(0x7A6AD8, *_question(16.6, 16.3, 3.9, 1.25)))),
    "all-resize": Shape((12, 12), (_ink(*FOUR, Disc((12, 12), 3.2)),)),
}  # fmt: skip
"""By CSS name, as in wp_cursor_shape_device_v1.shape, in the order of its values."""


def _draw(parts: tuple[Part, ...], grow: float) -> Image.Image:
    """Return the parts as white on black, grown by grid units on all sides."""
    image = Image.new("L", (CANVAS, CANVAS))
    ink = ImageDraw.Draw(image)
    unit = CANVAS / GRID

    def disc(point: Point, radius: float) -> None:
        x, y, r = point[0] * unit, point[1] * unit, radius * unit
        ink.ellipse((x - r, y - r, x + r, y + r), fill=255)

    def stroke(points: tuple[Point, ...], width: float) -> None:
        if width <= 0:
            return
        ink.line([(x * unit, y * unit) for x, y in points], fill=255, width=max(1, round(width * unit)))
        for point in points:
            disc(point, width / 2)

    for part in parts:
        if isinstance(part, Disc):
            disc(part.centre, part.radius + grow)
        elif isinstance(part, Line):
            stroke(part.points, part.width + 2 * grow)
        else:
            ink.polygon([(x * unit, y * unit) for x, y in part.points], fill=255)
            stroke((*part.points, part.points[0]), 2 * (part.rounding + grow))
    return image


def _coverage(image: Image.Image, size: int) -> npt.NDArray[np.float64]:
    return np.asarray(image.reduce(CANVAS // size), np.float64)[:, :, None] / 255


def _rgba(colour: int) -> npt.NDArray[np.float64]:
    return np.array([colour >> 16 & 255, colour >> 8 & 255, colour & 255, 255], np.float64) / 255


def draw(shape: Shape, size: int) -> npt.NDArray[np.uint8]:
    """Return (size, size, 4) RGBA, not premultiplied."""
    outlined = [layer for layer in shape.layers if not layer.bare]
    unit = CANVAS / GRID
    # Thin on small sizes would vanish, thick on large ones look crude.
    outline = OUTLINE * (1.0 if size <= 32 else 0.85)
    halo = Image.new("L", (CANVAS, CANVAS))
    for layer in outlined:
        halo.paste(255, mask=_draw(layer.parts, outline))
    shadow = Image.new("L", (CANVAS, CANVAS))
    shadow.paste(halo, (round(0.45 * unit), round(0.75 * unit)))
    shadow = shadow.filter(ImageFilter.GaussianBlur(0.75 * unit))
    picture = np.zeros((size, size, 4))
    steps: list[tuple[npt.NDArray[np.float64], int]] = [(_coverage(shadow, size) * SHADOW_ALPHA, 0)]
    for layer in shape.layers:
        if not layer.bare:
            # Each body's outline also parts it from the bodies below.
            steps.append((_coverage(_draw(layer.parts, outline), size), PAPER))
        steps.append((_coverage(_draw(layer.parts, 0), size), layer.colour))
    for coverage, colour in steps:
        picture = picture * (1 - coverage) + _rgba(colour) * coverage
    alpha = np.maximum(picture[:, :, 3:], 1e-9)
    picture[:, :, :3] = np.where(picture[:, :, 3:] > 0, picture[:, :, :3] / alpha, 0)
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def write_png(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    """Write (height, width, 4) RGBA with filter 0 in every row."""
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 4 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, 4 * width)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + chunk(b"IEND", b"")
    )


def atlas(size: int) -> npt.NDArray[np.uint8]:
    """Return all shapes of a size below each other."""
    return np.concatenate([draw(shape, size) for shape in SHAPES.values()])


def hotspots() -> dict[str, list[float]]:
    """Return the hot spot of every shape, as fractions of its size."""
    return {name: [round(value / GRID, 4) for value in shape.hotspot] for name, shape in SHAPES.items()}


if __name__ == "__main__":
    folder = Path(__file__).parent / "cursors"
    folder.mkdir(exist_ok=True)
    for size in SIZES:
        write_png(folder / f"{size}.png", atlas(size))
    (folder / "hotspots.json").write_text(json.dumps(hotspots(), indent=1) + "\n")
