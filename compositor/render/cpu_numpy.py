"""Drawing with numpy alone: the reference for the pixman path, and its stand-in.

The CPU renderer imports it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect, Transform
from compositor.model import formats
from compositor.model.content import SolidContent
from compositor.model.formats import PixelFormat
from compositor.model.node import Node
from compositor.render.blend import over
from compositor.render.convert import to_argb
from compositor.render.sampling import ONE, Sampling, bilinear_axis, reduced_size
from compositor.render.schedule import Clip, Plan

Pixels = npt.NDArray[np.uint32]

_OPAQUE = np.uint32(0xFF000000)
_BLOCK = 16


def fill(target: Pixels, clip: Clip, argb: int) -> None:
    """Set every pixel of the clip to one value."""
    for x, y, width, height in clip:
        target[y : y + height, x : x + width] = argb


def draw(target: Pixels, node: Node, plan: Plan, clip: Clip) -> None:
    """Draw one node into the clip.

    Args:
        target: (height, width) premultiplied ARGB8888, output pixels.
        clip: output pixels, within the target.
    """
    content = node.content
    sampling = plan.sampling
    if isinstance(content, SolidContent):
        _draw_solid(target, content, plan, clip)
        return
    pixels, pixel_format = content.pixels, content.format
    if sampling is not None:
        pixels = pixels[sampling.bounds.y : sampling.bounds.y2, sampling.bounds.x : sampling.bounds.x2]
        if sampling.scaled:
            pixels, pixel_format = reduced(pixels, pixel_format, sampling)
        else:
            pixels = upright(pixels, sampling.transform)
    for heed_alpha, sx, sy, dx, dy, width, height in plan.pieces:
        piece = Rect(dx, dy, width, height)
        for part in clip:
            x, y, w, h = part.intersect(piece)
            if w:
                sx1, sy1 = sx + x - dx, sy + y - dy
                if sampling is not None and sampling.scaled:
                    source: npt.NDArray[Any] = _scaled(pixels, sampling, Rect(sx1, sy1, w, h))
                else:
                    source = pixels[sy1 : sy1 + h, sx1 : sx1 + w]
                _put(target[y : y + h, x : x + w], source, pixel_format, heed_alpha, plan.alpha)


def _draw_solid(target: Pixels, content: SolidContent, plan: Plan, clip: Clip) -> None:
    for heed_alpha, _, _, dx, dy, width, height in plan.pieces:
        for part in clip:
            x, y, w, h = part.intersect(Rect(dx, dy, width, height))
            if w and not heed_alpha:
                target[y : y + h, x : x + w] = content.argb | 0xFF000000
            elif w:
                over(target[y : y + h, x : x + w], np.uint32(content.argb), plan.alpha)


def _put(target: Pixels, source: npt.NDArray[Any], format: PixelFormat, heed_alpha: bool, alpha: int) -> None:
    """Draw pixels of any format one for one."""
    if format is not formats.ARGB8888 and format is not formats.XRGB8888:
        source = to_argb(source, format)
    has_alpha = heed_alpha and format.has_alpha
    if has_alpha or alpha != 255:
        over(target, source, alpha, has_alpha)
    else:
        np.bitwise_or(source, _OPAQUE, out=target)


def upright(pixels: npt.NDArray[Any], transform: Transform) -> npt.NDArray[Any]:
    """A view of buffer pixels with the buffer's transform undone."""
    turned = np.rot90(pixels, -(transform & 3))
    return turned[:, ::-1] if transform & 4 else turned


def reduced(pixels: npt.NDArray[Any], format: PixelFormat, sampling: Sampling) -> tuple[Pixels, PixelFormat]:
    """A copy of the shown part as ARGB8888 (or XRGB8888), after the reductions of the sampling."""
    argb = to_argb(pixels, format)
    for step in sampling.reductions:
        height, width = argb.shape
        new_width, new_height = reduced_size(width, height, step)
        argb = _bilinear(
            argb,
            bilinear_axis(step[0] * ONE, 0, 0, new_width, width),
            bilinear_axis(step[1] * ONE, 0, 0, new_height, height),
        )
    return argb, formats.ARGB8888 if format.has_alpha else formats.XRGB8888


def _scaled(pixels: Pixels, sampling: Sampling, part: Rect) -> Pixels:
    """What the sampling shows in a rectangle of `dst` pixels, counted from the corner of `dst`."""
    a, b, c, d, e, f = sampling.matrix
    height, width = pixels.shape
    if sampling.transform.swaps_axes:
        columns = bilinear_axis(b, c, part.y, part.height, width)
        rows = bilinear_axis(d, f, part.x, part.width, height)
        return _bilinear(pixels, columns, rows).T
    columns = bilinear_axis(a, c, part.x, part.width, width)
    rows = bilinear_axis(e, f, part.y, part.height, height)
    return _bilinear(pixels, columns, rows)


_Axis = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint32]]


def _bilinear(pixels: Pixels, columns: _Axis, rows: _Axis) -> Pixels:
    """Mix 2 × 2 pixels of ARGB8888 for each row and column, truncating as pixman does."""
    left, right, weight_x = columns
    upper, lower, weight_y = rows
    channels = pixels.view(np.uint8).reshape(*pixels.shape, 4)
    result = np.empty((len(upper), len(left), 4), np.uint8)
    far_x = weight_x[None, :, None]
    near_x = 128 - far_x
    for top in range(0, len(upper), _BLOCK):
        rows_now = slice(top, top + _BLOCK)
        far_y = weight_y[rows_now, None, None]
        above, below = channels[upper[rows_now]], channels[lower[rows_now]]
        mixed = (above[:, left] * near_x + above[:, right] * far_x) * (128 - far_y)
        mixed += (below[:, left] * near_x + below[:, right] * far_x) * far_y
        result[rows_now] = mixed >> 14
    return result.view(np.uint32)[..., 0]
