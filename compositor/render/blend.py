"""Premultiplied OVER on packed pixels with numpy.

Channels are treated two at a time in one 32-bit word (0x00RR00BB and 0x00AA00GG), in blocks of rows small
enough to stay in the cache; rounding and saturation are pixman's. Renderers import it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint32]

_BLOCK = 16
_PAIR = np.uint32(0x00FF00FF)
_HALF = np.uint32(0x00800080)
_CARRY = np.uint32(0x00010001)
_EIGHT = np.uint32(8)
_ALPHA_SHIFT = np.uint32(24)
_OPAQUE = np.uint32(0xFF000000)
_FULL = np.uint32(255)


def over(target: Pixels, source: Pixels | np.uint32, alpha: int = 255, has_alpha: bool = True) -> None:
    """Draw `source` over `target`.

    Args:
        target: (height, width) premultiplied ARGB8888, changed in place.
        source: the same shape or one pixel for all, premultiplied ARGB8888; read once, so it may change
            meanwhile. Colours above alpha, which are invalid, saturate.
        alpha: 0 to 255, multiplies the source.
        has_alpha: False to take the source as opaque, whatever its alpha byte says.
    """
    height, width = target.shape
    rows = min(height, _BLOCK)
    pixels, pair, high, inverse, work = (np.empty((rows, width), np.uint32) for _ in range(5))
    for top in range(0, height, _BLOCK):
        goal = target[top : top + _BLOCK]
        if len(goal) < rows:
            rows = len(goal)
            pixels, pair, high, inverse, work = (a[:rows] for a in (pixels, pair, high, inverse, work))
        np.copyto(pixels, source[top : top + _BLOCK] if isinstance(source, np.ndarray) else source)
        if not has_alpha:
            np.bitwise_or(pixels, _OPAQUE, out=pixels)
        # Red and blue of the source in `pair`, alpha and green in `high`.
        np.bitwise_and(pixels, _PAIR, out=pair)
        np.right_shift(pixels, _EIGHT, out=high)
        np.bitwise_and(high, _PAIR, out=high)
        if alpha != 255:
            _scale(pair, np.uint32(alpha), work)
            _scale(high, np.uint32(alpha), work)
        np.right_shift(high, np.uint32(16), out=inverse)
        np.subtract(_FULL, inverse, out=inverse)
        np.bitwise_and(goal, _PAIR, out=pixels)
        _scale(pixels, inverse, work)
        _add(pair, pixels, work)
        np.right_shift(goal, _EIGHT, out=pixels)
        np.bitwise_and(pixels, _PAIR, out=pixels)
        _scale(pixels, inverse, work)
        _add(high, pixels, work)
        np.left_shift(high, _EIGHT, out=high)
        np.bitwise_or(pair, high, out=goal)


def _scale(pair: Pixels, factor: Pixels | np.uint32, work: Pixels) -> None:
    """Multiply both channels by factor / 255, rounding to nearest."""
    np.multiply(pair, factor, out=pair)
    np.add(pair, _HALF, out=pair)
    np.right_shift(pair, _EIGHT, out=work)
    np.bitwise_and(work, _PAIR, out=work)
    np.add(pair, work, out=pair)
    np.right_shift(pair, _EIGHT, out=pair)
    np.bitwise_and(pair, _PAIR, out=pair)


def _add(pair: Pixels, other: Pixels, work: Pixels) -> None:
    """Add channel by channel, at most 255."""
    np.add(pair, other, out=pair)
    np.right_shift(pair, _EIGHT, out=work)
    np.bitwise_and(work, _CARRY, out=work)
    np.multiply(work, _FULL, out=work)
    np.bitwise_or(pair, work, out=pair)
    np.bitwise_and(pair, _PAIR, out=pair)
