"""Screenshots: copies of what is or could be seen, frozen for the way out.

The control socket imports it. A copy never changes afterwards, however lively its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect, Region
from compositor.memory import FrozenMessage, freeze_parts
from compositor.model.capture import Glance
from compositor.model.node import Node
from compositor.render.base import Renderer
from compositor.render.scanout import ScanoutResult, decide

Pixels = npt.NDArray[np.uint32]

_CACHED_PIXELS = 1 << 15
_OPAQUE = np.uint32(0xFF000000)
_TURNED = np.dtype(np.uint32).newbyteorder()
_EIGHT = np.uint32(8)
_TWENTY_FOUR = np.uint32(24)


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


def glance(renderer: Renderer, nodes: Sequence[Node], area: Rect) -> Glance:
    """Show the same as `draw`, without drawing where one opaque buffer is all that there is."""
    moved = [_moved(node, -area.x, -area.y) for node in nodes]
    decision = decide(moved, area.width, area.height)
    if decision.result is ScanoutResult.SUCCESS:
        return Glance(decision.pixels, True)
    return Glance(draw(renderer, nodes, area), False)


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


def to_rgba(pixels: Pixels, opaque: bool = False) -> npt.NDArray[np.uint8]:
    """Premultiplied ARGB8888, or XRGB8888 if it is opaque, as straight RGBA, the form of image files.

    Returns:
        (height, width, 4) uint8: red, green, blue, alpha; 0 throughout where alpha is 0.
    """
    result = np.empty(pixels.shape, np.uint32)
    done = 0
    for rows in _rgba_rows(pixels, opaque):
        result[done : done + len(rows)] = rows
        done += len(rows)
    return result.view(np.uint8).reshape(*pixels.shape, 4)


def freeze_rgba(pixels: Pixels, opaque: bool = False) -> FrozenMessage:
    """Premultiplied ARGB8888, or XRGB8888, as straight RGBA in memory that nobody can change any more.

    Args:
        pixels: somebody may write to them meanwhile; each is read once.
        opaque: whether their highest byte means nothing.

    Raises:
        OSError: there is no room.
    """
    return freeze_parts(_rgba_rows(pixels, opaque), "weddell-screenshot")


def _rgba_rows(pixels: Pixels, opaque: bool = False) -> Iterator[Pixels]:
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
        # ARGB turned round is BGRA; what is left is to bring A to the front.
        np.copyto(result, word.view(_TURNED))
        if opaque:
            np.right_shift(result, _EIGHT, result)
            np.bitwise_or(result, _OPAQUE, result)
        else:
            np.left_shift(result, _TWENTY_FOUR, part)
            np.right_shift(result, _EIGHT, result)
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
