"""How the pixels of an output find theirs in a buffer that is scaled, turned or mirrored.

Pure arithmetic, in pixman's 16.16 fixed point, so that every CPU path computes the same weights.
The CPU renderer imports it.

A node that is shown pixel for pixel needs none of this. Otherwise the buffer is read bilinearly, its edge
pixels continuing outside of the part that is shown, which makes enlarging smooth. Bilinear reading looks at
2 × 2 pixels, so a picture that shrinks to less than half its size is first reduced by whole factors, each
target pixel being the mean of 2 × 2: nothing is skipped, nothing flickers.

Between those, where a buffer drawn for scale 2 is shown at 1.25 to 1.75, bilinear reading is all there is, as
in wlroots and Weston: every pixel counts, but not all the same. A line of two pixels keeps 0.80 to 1.12 of
its light at 1.25, 0.89 to 1.11 at 1.5 and 0.97 to 1.06 at 1.75, depending on where it falls
(tests/render/test_cpu.py); single pixels, which such buffers hardly have, from 0.63 to 1.45. A wider filter
would even that out, and read four times as much. Programs that know fractional scales are not scaled.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
import numpy.typing as npt

from compositor.geometry import Rect, Transform
from compositor.model.node import Node
from compositor.record import record

ONE = 0x10000
_HALF = 0x8000
# Sizes and offsets closer than this are the same: half the resolution of a viewport's fixed-point numbers.
_TOLERANCE = 1 / 512
# Beyond this ratio pixels are skipped after all, so that the work stays within 32² reads per output pixel.
_MAX_RATIO = 32


@record(frozen=True)
class Sampling:
    """From an output pixel (x, y) of `dst`, counted from its top-left corner, to the buffer."""

    size: tuple[int, int]
    """Width and height of the content this was worked out for."""
    bounds: Rect
    """The part of the buffer that is shown, whole buffer pixels. Pixels outside are never looked at."""
    scaled: bool
    """False: whole pixels are only turned or mirrored."""
    transform: Transform
    reductions: tuple[tuple[int, int], ...]
    """Factors (x, y) by which `bounds` is reduced, one step after the other, before it is sampled."""
    matrix: tuple[int, int, int, int, int, int]
    """16.16 fixed point a, b, c, d, e, f: (x, y) shows (ax + by + c, dx + ey + f) of the reduced bounds."""


def sampling_of(node: Node, width: int, height: int) -> Sampling | None:
    """The sampling of a node with a content of width × height buffer pixels; None if pixel for pixel."""
    x, y, w, h = node.src
    dst = node.dst
    transform = node.transform
    if w == width and h == height and not (x or y or transform):
        _, _, across, down = dst
        if w == across and h == down:
            return None
    turned_width, turned_height = transform.size(width, height)
    whole = all(abs(value - round(value)) < _TOLERANCE for value in (x, y, w, h))
    inside = 0 <= round(x) <= round(x + w) <= turned_width and 0 <= round(y) <= round(y + h) <= turned_height
    scaled = not (whole and inside and round(w) == dst.width and round(h) == dst.height)
    if not scaled and transform == Transform.NORMAL:
        return None
    if not scaled:
        x, y, w, h = round(x), round(y), round(w), round(h)
    undo = transform.invert()
    ratio_x, ratio_y = w / dst.width, h / dst.height
    corner = undo.point(x, y, turned_width, turned_height)
    opposite = undo.point(x + w, y + h, turned_width, turned_height)
    left = min(max(floor(min(corner[0], opposite[0])), 0), width - 1)
    top = min(max(floor(min(corner[1], opposite[1])), 0), height - 1)
    right = max(min(ceil(max(corner[0], opposite[0])), width), left + 1)
    bottom = max(min(ceil(max(corner[1], opposite[1])), height), top + 1)
    bounds = Rect(left, top, right - left, bottom - top)

    # Along the axes of the buffer.
    ratios = (ratio_y, ratio_x) if transform.swaps_axes else (ratio_x, ratio_y)
    reductions = tuple(_reductions(*ratios)) if scaled else ()
    factor_x = factor_y = 1
    for step_x, step_y in reductions:
        factor_x *= step_x
        factor_y *= step_y
    along_x = undo.point(x + ratio_x, y, turned_width, turned_height)
    along_y = undo.point(x, y + ratio_y, turned_width, turned_height)
    matrix = (
        (along_x[0] - corner[0]) / factor_x,
        (along_y[0] - corner[0]) / factor_x,
        (corner[0] - left) / factor_x,
        (along_x[1] - corner[1]) / factor_y,
        (along_y[1] - corner[1]) / factor_y,
        (corner[1] - top) / factor_y,
    )
    a, b, c, d, e, f = (round(value * ONE) for value in matrix)
    return Sampling((width, height), bounds, scaled, transform, reductions, (a, b, c, d, e, f))


def _reductions(ratio_x: float, ratio_y: float) -> list[tuple[int, int]]:
    steps: list[tuple[int, int]] = []
    while ratio_x > 2 or ratio_y > 2:
        step_x = 2 * max(1, floor(ratio_x / _MAX_RATIO)) if ratio_x > 2 else 1
        step_y = 2 * max(1, floor(ratio_y / _MAX_RATIO)) if ratio_y > 2 else 1
        steps.append((step_x, step_y))
        ratio_x /= step_x
        ratio_y /= step_y
    return steps


def reduced_size(width: int, height: int, step: tuple[int, int]) -> tuple[int, int]:
    """Width and height after one step; what is left over counts as a whole pixel."""
    return -(-width // step[0]), -(-height // step[1])


def bilinear_axis(
    scale: int, offset: int, start: int, count: int, size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """Which buffer pixels `count` output pixels from `start` on show, along one axis.

    Args:
        scale, offset: of the matrix, for this axis.
        size: of the buffer along its axis; outside, the edge pixel continues.

    Returns:
        Index of the nearer and of the farther pixel, and the farther one's weight, 0 to 127 of 128.
        Source: pixman's bilinear filter keeps 7 bits of weight.
    """
    # Pixel centres: half a pixel in the output, half a pixel back in the buffer.
    position = (np.arange(start, start + count, dtype=np.int64) * scale) + (offset + (scale + 1 >> 1) - _HALF)
    first = position >> 16
    weight = (position >> 9 & 127).astype(np.uint32)
    return np.clip(first, 0, size - 1), np.clip(first + 1, 0, size - 1), weight
