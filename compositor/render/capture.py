"""Screenshots: copies of what is or could be seen, frozen for the way out.

The control socket imports it. A copy never changes afterwards, however lively its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect, Region
from compositor.memory import FrozenMessage, freeze
from compositor.model.node import Node
from compositor.render.base import Renderer

Pixels = npt.NDArray[np.uint32]


class Canvas:
    """Memory off screen to draw into, transparent at first.

    Args:
        width, height: output pixels, at least 1.
    """

    __slots__ = ("cache", "height", "pixels", "width")

    pixels: Pixels
    """(height, width) uint32, premultiplied ARGB8888."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.pixels = np.zeros((height, width), np.uint32)
        self.cache: Any = None


def read(pixels: Pixels, rect: Rect | None = None) -> Pixels:
    """Copy what an output shows.

    Args:
        pixels: of its framebuffer, or of the buffer that is scanned out (`ScanoutDecision.pixels`).
        rect: output pixels; cut to what there is; everything if None.

    Returns:
        (height, width) uint32 XRGB8888, the unused byte 0xff.
    """
    height, width = pixels.shape
    x, y, w, h = Rect(0, 0, width, height).intersect(rect or Rect(0, 0, width, height))
    return np.bitwise_or(pixels[y : y + h, x : x + w], np.uint32(0xFF000000))


def draw(renderer: Renderer, nodes: Iterable[Node], area: Rect) -> Pixels:
    """Draw nodes by themselves, with nothing behind them.

    Args:
        nodes: bottom to top; not changed.
        area: output pixels; what of the nodes lies within is drawn.

    Returns:
        (area.height, area.width) uint32, premultiplied ARGB8888, transparent where no node is.
    """
    canvas = Canvas(area.width, area.height)
    renderer.compose(canvas, [_moved(node, -area.x, -area.y) for node in nodes], whole(canvas), 0)
    return canvas.pixels


def whole(canvas: Canvas) -> Region:
    """All of a canvas, as damage."""
    return Region.from_rect(Rect(0, 0, canvas.width, canvas.height))


def _moved(node: Node, dx: int, dy: int) -> Node:
    """The node elsewhere, as its client drew it: with all corners."""
    return Node(
        node.content,
        node.dst.translate(dx, dy),
        node.src,
        node.transform,
        node.alpha,
        node.opaque.translate(dx, dy),
    )


def to_rgba(pixels: Pixels) -> npt.NDArray[np.uint8]:
    """Premultiplied ARGB8888 as straight RGBA, the form of image files.

    Returns:
        (height, width, 4) uint8: red, green, blue, alpha; 0 throughout where alpha is 0.
    """
    result = np.empty((*pixels.shape, 4), np.uint8)
    alpha = pixels >> np.uint32(24)
    result[..., 3] = alpha
    for channel, shift in enumerate((16, 8, 0)):
        result[..., channel] = pixels >> np.uint32(shift) & np.uint32(255)
    translucent = alpha != 255
    if translucent.any():
        part = result[translucent].astype(np.uint32)
        divisor = np.maximum(part[:, 3:], 1)
        colours = (part[:, :3] * 255 + divisor // 2) // divisor
        part[:, :3] = np.where(part[:, 3:] == 0, 0, np.minimum(colours, 255))
        result[translucent] = part
    return result


def freeze_image(image: npt.NDArray[Any]) -> FrozenMessage:
    """An image in memory that nobody can change any more, rows without padding.

    Raises:
        OSError: there is no room.
    """
    return freeze(image, "weddell-screenshot")
