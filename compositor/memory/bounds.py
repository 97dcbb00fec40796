"""Rectangles of pixels inside a file: does every byte of one lie within a size?

Arithmetic and nothing else. The numbers come from clients; Python's integers do not overflow, yet what
exceeds an int32 is refused all the same, since C code further on would.
"""

from __future__ import annotations

from compositor.errors import WeddellError

INT32_MAX = 2**31 - 1


class BadRectangle(WeddellError):
    """A rectangle of pixels that does not lie within its file."""


def check_rectangle(
    size: int, offset: int, height: int, stride: int, width: int, pixel_bytes: int, alignment: int = 1
) -> int:
    """Check that `height` rows of `width` pixels lie within the first `size` bytes.

    The last row counts with its whole stride, as libwayland counts it. A stride need not be a multiple of
    a pixel (24-bit rows are padded to 4 bytes), only of what a pixel is made of.

    Args:
        size: bytes there are.
        offset: byte of the first pixel.
        height: rows.
        stride: bytes from one row to the next.
        width: pixels of a row.
        pixel_bytes: bytes of a pixel.
        alignment: bytes that `stride` must be a multiple of.

    Returns:
        The bytes of a row that hold pixels.

    Raises:
        BadRectangle: saying which number is wrong, and why.
    """
    if not 0 <= offset <= INT32_MAX:
        raise BadRectangle(f"offset {offset} is outside 0 to {INT32_MAX}")
    if not (0 < width <= INT32_MAX and 0 < height <= INT32_MAX):
        raise BadRectangle(f"{width}×{height} is not a size of pixels")
    if not 0 < stride <= INT32_MAX:
        raise BadRectangle(f"stride {stride} is outside 1 to {INT32_MAX}")
    row_bytes = width * pixel_bytes
    if stride < row_bytes:
        raise BadRectangle(f"stride {stride} is less than the {row_bytes} bytes of {width} pixels")
    if stride % alignment:
        raise BadRectangle(f"stride {stride} is not a multiple of {alignment} bytes")
    end = offset + stride * height
    if end > size:
        raise BadRectangle(f"{height} rows of {stride} bytes from {offset} end at {end}, past {size}")
    return row_bytes
