"""Pictures and scenes for the tests of rendering."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect, Region, Transform
from compositor.model import formats
from compositor.model.content import Content, SolidContent
from compositor.model.formats import FORMATS, PixelFormat
from compositor.model.node import Node

Pixels = npt.NDArray[np.uint32]


def picture(seed: int, width: int, height: int, format: PixelFormat, pad: int = 0) -> Content:
    """Random pixels of a format: valid premultiplied colours, any unused bits, rows `pad` pixels longer."""
    rng = np.random.default_rng(seed)
    columns = width + pad
    if format.dtype == np.uint16:
        pixels = rng.integers(0, 1 << 16, (height, columns), np.uint16)
    elif format.bytes_per_pixel == 3:
        pixels = rng.integers(0, 256, (height, columns, 3), np.uint8)
    elif "2101010" in format.name:
        alpha = rng.integers(0, 4, (height, columns), np.uint32)
        limit = alpha * 341 if format.has_alpha else np.full_like(alpha, 1023)
        pixels = alpha << 30
        for shift in (0, 10, 20):
            pixels |= rng.integers(0, 1 << 20, (height, columns), np.uint32) % (limit + 1) << shift
    else:
        alpha = rng.integers(0, 256, (height, columns), np.uint32)
        # Half the pixels at the extremes, where mistakes in rounding show.
        alpha[rng.random(alpha.shape) < 0.25] = 0
        alpha[rng.random(alpha.shape) < 0.25] = 255
        limit = alpha if format.has_alpha else np.full_like(alpha, 255)
        pixels = alpha << 24
        for shift in (0, 8, 16):
            pixels |= rng.integers(0, 1 << 20, (height, columns), np.uint32) % (limit + 1) << shift
    pixels = pixels[:, :width]
    pixels.flags.writeable = False
    return Content(pixels, format)


def random_scene(seed: int, width: int, height: int) -> tuple[list[Node], Region]:
    """Nodes of every kind, some reaching out of the output, and a damage region."""
    rng = random.Random(seed)

    def rect(least: int = 1) -> Rect:
        return Rect(
            rng.randint(-20, width - 5),
            rng.randint(-20, height - 5),
            rng.randint(least, width),
            rng.randint(least, height),
        )

    nodes = []
    for _ in range(rng.randint(0, 9)):
        kind = rng.choice(["plain", "plain", "turned", "scaled", "cropped", "solid"])
        alpha = rng.choice([1.0, 1.0, 1.0, 0.0, 0.4, 0.97])
        transform = Transform.NORMAL if kind == "plain" else rng.choice(list(Transform))
        dst = rect()
        if kind == "solid":
            channels = [rng.random() for _ in range(4)]
            content: Content | SolidContent = SolidContent(
                *channels[:3], alpha=rng.choice([1.0, channels[3]])
            )
            nodes.append(Node(content, dst, alpha=alpha))
            continue
        chosen = rng.choice([formats.ARGB8888, formats.XRGB8888, *FORMATS.values()])
        src = None
        size = transform.size(dst.width, dst.height)
        if kind == "scaled":
            size = (rng.randint(1, 150), rng.randint(1, 150))
        elif kind == "cropped":
            left, top = rng.randint(0, 9), rng.randint(0, 9)
            size = transform.size(dst.width + 12, dst.height + 12)
            fraction = rng.choice([0, 0, 0.5])
            src = (left + fraction, top + fraction, float(dst.width), float(dst.height))
        picked = picture(rng.randint(0, 99), *size, chosen, pad=rng.choice([0, 0, 1, 4]))
        opaque = None
        if chosen.has_alpha and rng.random() < 0.3:
            # A client that promises what is not so: both ways must believe it in the same places.
            opaque = Region.from_rects([rect().intersect(dst) for _ in range(rng.randint(1, 3))])
        nodes.append(Node(picked, dst, src, transform, alpha, opaque))
    parts = [rect() for _ in range(rng.choice([0, 1, 1, 2, 5]))]
    damage = Region.from_rects(parts) if rng.random() < 0.7 else Region.from_rect(Rect(0, 0, width, height))
    return nodes, damage


def difference(a: Pixels, b: Pixels) -> int:
    """The largest difference of any channel of any pixel."""
    wide_a, wide_b = (np.ascontiguousarray(p).view(np.uint8).astype(np.int16) for p in (a, b))
    return int(np.abs(wide_a - wide_b).max(initial=0))


def mask(region: Region, width: int, height: int) -> npt.NDArray[np.bool_]:
    """Which pixels of an output belong to a region."""
    inside = np.zeros((height, width), bool)
    for x, y, w, h in region.intersect(Rect(0, 0, width, height)).rects:
        inside[y : y + h, x : x + w] = True
    return inside


def fresh(nodes: list[Node]) -> None:
    """Forget what a renderer has kept, so that another starts from nothing."""
    for node in nodes:
        node.plan = None
        node.content.cache = None
