"""The scenes of the reference images, and the program that draws the images anew.

`python tests/render/reference_scenes.py` writes assets/reference/*.png with the numpy path. Look at them
before committing: they are what the tests take for right.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from compositor.geometry import Rect, Region, Transform
from compositor.locate import assets_dir
from compositor.model import formats
from compositor.model.content import Content, SolidContent
from compositor.model.formats import PixelFormat
from compositor.model.node import Node
from compositor.render import capture
from compositor.render.cpu import CpuRenderer

WIDTH, HEIGHT = 160, 120
Pixels = np.ndarray


def letter(size: int = 32) -> Pixels:
    """A letter F on a gradient, the same in no two orientations: (size, size) ARGB8888, opaque."""
    ramp = np.arange(size, dtype=np.uint32) * 255 // (size - 1)
    pixels = 0xFF000040 | ramp[None, :] << 16 | ramp[:, None] << 8
    unit = size // 8
    for x, y, w, h in ((2, 1, 1, 6), (2, 1, 4, 1), (2, 3, 3, 1)):
        pixels[y * unit : (y + h) * unit, x * unit : (x + w) * unit] = 0xFFFFFFFF
    return pixels.astype(np.uint32)


def disc(size: int, colour: tuple[int, int, int]) -> Pixels:
    """A disc with a soft edge: (size, size) premultiplied ARGB8888."""
    axis = np.arange(size) + 0.5 - size / 2
    alpha = np.clip((size / 2 - np.hypot(axis[None, :], axis[:, None])) * 8 / size * 2, 0, 1)
    pixels = np.floor(alpha * 255 + 0.5).astype(np.uint32) << 24
    for channel, shift in zip(colour, (16, 8, 0), strict=True):
        pixels |= np.floor(alpha * channel).astype(np.uint32) << shift
    return pixels


def zone_plate(size: int) -> Pixels:
    """Rings that get finer outwards, up to one pixel: what shows every fault of scaling."""
    axis = np.arange(size, dtype=float) - size / 2
    phase = (axis[None, :] ** 2 + axis[:, None] ** 2) * math.pi / size
    grey = np.floor(127.5 + 127.5 * np.cos(phase) + 0.5).astype(np.uint32)
    return 0xFF000000 | grey * 0x010101


def encode(pixels: Pixels, format: PixelFormat) -> Content:
    """Opaque ARGB8888 pixels in another format."""
    red, green, blue = (pixels >> shift & 255 for shift in (16, 8, 0))
    if format is formats.RGB565:
        data: Pixels = (red >> 3 << 11 | green >> 2 << 5 | blue >> 3).astype(np.uint16)
    elif format is formats.RGB888:
        data = np.stack([blue, green, red], axis=-1).astype(np.uint8)
    elif format is formats.BGR888:
        data = np.stack([red, green, blue], axis=-1).astype(np.uint8)
    else:
        if "BGR" in format.name:
            red, blue = blue, red
        if "2101010" in format.name:
            red, green, blue = (channel << 2 | channel >> 6 for channel in (red, green, blue))
            data = 3 << 30 | red << 20 | green << 10 | blue
        else:
            data = 255 << 24 | red << 16 | green << 8 | blue
        data = data.astype(np.uint32)
    return Content(data, format)


def windows() -> list[Node]:
    """Overlapping windows, opaque and not, one fading, one with a promised opaque part."""
    return [
        Node(encode(letter(64), formats.XRGB8888), Rect(10, 10, 64, 64)),
        Node(Content(disc(64, (255, 64, 0)), formats.ARGB8888), Rect(48, 30, 64, 64)),
        Node(SolidContent(0, 0.25, 0.25, 0.5), Rect(90, -10, 40, 100)),
        Node(encode(letter(64), formats.XRGB8888), Rect(100, 50, 64, 64), alpha=0.6),
        Node(
            Content(disc(48, (64, 128, 255)), formats.ARGB8888),
            Rect(-16, 80, 48, 48),
            opaque=Region.from_rect(Rect(0, 96, 16, 16)),
        ),
    ]


def transforms() -> list[Node]:
    """The letter as each of the eight buffer transforms shows it, one to one and scaled."""
    nodes = []
    for transform in Transform:
        x, y = transform % 4 * 40, transform // 4 * 60
        nodes.append(Node(encode(letter(), formats.XRGB8888), Rect(x + 4, y + 4, 32, 32), None, transform))
        part = (8.0, 4.0, 16.0, 12.0)
        nodes.append(Node(encode(letter(), formats.ARGB8888), Rect(x + 4, y + 38, 32, 20), part, transform))
    return nodes


def scaling() -> list[Node]:
    """A zone plate enlarged, shrunk a little, by half and by a lot; a disc between odd sizes."""
    plate = Content(zone_plate(128), formats.XRGB8888)
    return [
        Node(plate, Rect(2, 2, 60, 60)),
        Node(plate, Rect(64, 2, 91, 91)),
        Node(plate, Rect(2, 64, 21, 21)),
        Node(plate, Rect(25, 64, 37, 37), (48.5, 48.25, 31.0, 31.5)),
        Node(Content(disc(50, (0, 255, 128)), formats.ARGB8888), Rect(30, 80, 101, 37)),
    ]


def pixel_formats() -> list[Node]:
    """The letter in every format, which should look nearly the same each time."""
    return [
        Node(encode(letter(), entry), Rect(index % 4 * 40 + 4, index // 4 * 40 + 4, 32, 32))
        for index, entry in enumerate(formats.FORMATS.values())
    ]


SCENES: dict[str, Callable[[], list[Node]]] = {
    "windows": windows,
    "transforms": transforms,
    "scaling": scaling,
    "formats": pixel_formats,
}
BACKGROUND = 0x305070


def drawn(renderer: CpuRenderer, scene: str) -> Pixels:
    """The scene as (HEIGHT, WIDTH, 4) uint8 RGBA."""
    canvas = capture.Canvas(WIDTH, HEIGHT)
    renderer.render(canvas, SCENES[scene](), Region.from_rect(Rect(0, 0, WIDTH, HEIGHT)), BACKGROUND)
    return capture.to_rgba(canvas.pixels)


def main() -> None:
    folder = assets_dir() / "reference"
    for scene in SCENES:
        Image.fromarray(drawn(CpuRenderer(use_pixman=False), scene)).convert("RGB").save(
            folder / f"{scene}.png", optimize=True
        )


if __name__ == "__main__":
    main()
