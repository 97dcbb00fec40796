"""Every pixel format as premultiplied ARGB8888.

The slow, plain way, for formats that no faster path reads, and for captures. Renderers import it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.model import formats
from compositor.model.formats import PixelFormat

_U = np.uint32
_OPAQUE = _U(0xFF000000)
_BYTE = _U(0xFF)

# (bit of red, bit of green, bit of blue) in the word of a format with channels of 10 bits.
_TEN_BITS = {
    formats.XRGB2101010: (20, 10, 0),
    formats.ARGB2101010: (20, 10, 0),
    formats.XBGR2101010: (0, 10, 20),
    formats.ABGR2101010: (0, 10, 20),
}


def to_argb(pixels: npt.NDArray[Any], format: PixelFormat) -> npt.NDArray[np.uint32]:
    """A fresh copy of the pixels as ARGB8888.

    Args:
        pixels: as in `Content.pixels`; any strides.
        format: of the pixels. Channels of 5 and 6 bits are widened by repeating their high bits, those of
            10 bits lose the two lowest.

    Returns:
        (height, width) uint32, premultiplied, alpha 0xff throughout if the format has none.
    """
    if format is formats.RGB888 or format is formats.BGR888:
        bytes4 = np.empty((*pixels.shape[:2], 4), np.uint8)
        # Little endian: RGB888 lies in memory as blue, green, red, as ARGB8888 does.
        bytes4[..., :3] = pixels if format is formats.RGB888 else pixels[..., ::-1]
        bytes4[..., 3] = 255
        return bytes4.view(np.uint32)[..., 0]
    # A copy first: the alpha and the colours of a pixel must be of one moment.
    word: npt.NDArray[np.uint32] = pixels.astype(np.uint32)
    if format is formats.ARGB8888:
        return word
    if format is formats.XRGB8888:
        return word | _OPAQUE
    if format is formats.RGB565:
        red, green, blue = word >> _U(11), word >> _U(5) & _U(63), word & _U(31)
        red = red << _U(3) | red >> _U(2)
        green = green << _U(2) | green >> _U(4)
        blue = blue << _U(3) | blue >> _U(2)
        opaque: npt.NDArray[np.uint32] = red << _U(16) | green << _U(8) | blue | _OPAQUE
        return opaque
    if format in _TEN_BITS:
        red_bit, green_bit, blue_bit = _TEN_BITS[format]
        result = (word >> _U(red_bit + 2) & _BYTE) << _U(16)
        result |= (word >> _U(green_bit + 2) & _BYTE) << _U(8)
        result |= word >> _U(blue_bit + 2) & _BYTE
        # Two bits of alpha: 0, 85, 170, 255.
        result |= (word >> _U(30)) * _U(85 << 24) if format.has_alpha else _OPAQUE
        return result
    # ABGR8888 and XBGR8888: swap red and blue.
    result = word & _U(0xFF00FF00)
    result |= word >> _U(16) & _BYTE
    result |= (word & _BYTE) << _U(16)
    if not format.has_alpha:
        result |= _OPAQUE
    return result
