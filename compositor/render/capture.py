"""Screenshots: copies of what is or could be seen, frozen for the way out.

The control socket imports it. A copy never changes afterwards, however lively its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect, Region
from compositor.memory import FrozenMessage, freeze_parts
from compositor.model.node import Node
from compositor.render.base import Renderer

Pixels = npt.NDArray[np.uint32]

_CACHED_PIXELS = 1 << 15
_ALPHA_GREEN = np.uint32(0xFF00FF00)
_OPAQUE = np.uint32(0xFF000000)
_BYTE = np.uint32(0xFF)
_SIXTEEN = np.uint32(16)


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
    result = np.empty(pixels.shape, np.uint32)
    done = 0
    for rows in _rgba_rows(pixels):
        result[done : done + len(rows)] = rows
        done += len(rows)
    return result.view(np.uint8).reshape(*pixels.shape, 4)


def freeze_rgba(pixels: Pixels) -> FrozenMessage:
    """Premultiplied ARGB8888 as straight RGBA in memory that nobody can change any more.

    Raises:
        OSError: there is no room.
    """
    return freeze_parts(_rgba_rows(pixels), "weddell-screenshot")


def _rgba_rows(pixels: Pixels) -> Iterator[Pixels]:
    """Yield some rows after the other as words of A, B, G and R; each is written over by the next.

    So few that they stay in the processor's cache while they are worked on: that is most of the speed.
    """
    height, width = pixels.shape
    step = max(1, _CACHED_PIXELS // max(1, width))
    done = np.empty((min(step, height), width), np.uint32)
    other = np.empty_like(done)
    for top in range(0, height, step):
        word = pixels[top : top + step]
        result, part = done[: len(word)], other[: len(word)]
        np.bitwise_and(word, _ALPHA_GREEN, result)
        np.right_shift(word, _SIXTEEN, part)
        np.bitwise_and(part, _BYTE, part)
        np.bitwise_or(result, part, result)
        np.bitwise_and(word, _BYTE, part)
        np.left_shift(part, _SIXTEEN, part)
        np.bitwise_or(result, part, result)
        if result.min() < _OPAQUE:
            _divide_by_alpha(result)
        yield result


def _divide_by_alpha(rows: Pixels) -> None:
    """Make colours that were multiplied by alpha whole again, in place."""
    channels = rows.view(np.uint8).reshape(*rows.shape, 4)
    translucent = channels[..., 3] != 255
    part = channels[translucent].astype(np.uint32)
    divisor = np.maximum(part[:, 3:], 1)
    colours = (part[:, :3] * 255 + divisor // 2) // divisor
    part[:, :3] = np.where(part[:, 3:] == 0, 0, np.minimum(colours, 255))
    channels[translucent] = part
