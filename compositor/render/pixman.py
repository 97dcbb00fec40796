"""libpixman through its C API: the few calls the CPU renderer makes.

The library is an option: `load()` answers None where the system has none. Only the CPU renderer imports
this. The hot call, `composite`, is a bare ctypes function without `argtypes`: measured per call of a 16 × 16
copy 0.38 µs, against 0.58 µs through cffi and 1.14 µs with `argtypes` (benchmarks/render.py prints it). Its
pointers must therefore be `c_void_p` objects or None, its numbers ints of 32 bits.

Source: pixman.h of pixman 0.42.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterable
from typing import Any

import numpy.typing as npt

from compositor.geometry import Rect
from compositor.model import formats
from compositor.model.formats import PixelFormat

OP_SRC = 1
OP_OVER = 3
_REPEAT_PAD = 2
_FILTER_NEAREST = 3
_FILTER_BILINEAR = 4
_ARGB, _ABGR = 2, 3

MAX_SIZE = 0x7FFE
"""Images wider or higher than this are silently not drawn (`analyze_extent`)."""


def _code(bits: int, order: int, alpha: int, red: int, green: int, blue: int) -> int:
    """PIXMAN_FORMAT: like the DRM formats, named from the highest bit of a native-endian word."""
    return bits << 24 | order << 16 | alpha << 12 | red << 8 | green << 4 | blue


A8R8G8B8 = _code(32, _ARGB, 8, 8, 8, 8)
X8R8G8B8 = _code(32, _ARGB, 0, 8, 8, 8)
_A8B8G8R8 = _code(32, _ABGR, 8, 8, 8, 8)
_X8B8G8R8 = _code(32, _ABGR, 0, 8, 8, 8)
_R5G6B5 = _code(16, _ARGB, 0, 5, 6, 5)
_R8G8B8 = _code(24, _ARGB, 0, 8, 8, 8)
_B8G8R8 = _code(24, _ABGR, 0, 8, 8, 8)

CODES: dict[PixelFormat, tuple[int, int]] = {
    formats.ARGB8888: (A8R8G8B8, X8R8G8B8),
    formats.XRGB8888: (X8R8G8B8, X8R8G8B8),
    formats.ABGR8888: (_A8B8G8R8, _X8B8G8R8),
    formats.XBGR8888: (_X8B8G8R8, _X8B8G8R8),
    formats.RGB565: (_R5G6B5, _R5G6B5),
    formats.RGB888: (_R8G8B8, _R8G8B8),
    formats.BGR888: (_B8G8R8, _B8G8R8),
}
"""Formats that pixman reads well: its code with and without heeding alpha. It also knows those of 10 bits
per channel, but at 19 ms for 1920 × 1080, as it works in floats; converting them first is faster."""


class Image:
    """A pixman image, and the array whose memory it uses. Freed with the object."""

    __slots__ = ("_unref", "pixels", "pointer")

    def __init__(self, pointer: int | None, pixels: object, unref: Any) -> None:
        if not pointer:
            raise MemoryError("pixman could not create an image")
        self.pointer = ctypes.c_void_p(pointer)
        self.pixels = pixels
        self._unref = unref

    def __del__(self) -> None:
        # Absent when __init__ raised.
        unref = getattr(self, "_unref", None)
        if unref is not None:
            unref(self.pointer)


class _Box(ctypes.Structure):
    _fields_ = [
        ("x1", ctypes.c_int32),
        ("y1", ctypes.c_int32),
        ("x2", ctypes.c_int32),
        ("y2", ctypes.c_int32),
    ]


class _Region(ctypes.Structure):
    _fields_ = [("extents", _Box), ("data", ctypes.c_void_p)]


class Pixman:
    """The library. `composite(op, source, mask, target, sx, sy, mx, my, dx, dy, width, height)` is
    `pixman_image_composite32` itself.
    """

    __slots__ = ("_library", "_set_clip", "_unref", "composite", "version")

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        pointer, number = ctypes.c_void_p, ctypes.c_int
        library.pixman_version_string.restype = ctypes.c_char_p
        create = library.pixman_image_create_bits_no_clear
        create.restype = pointer
        create.argtypes = [ctypes.c_uint32, number, number, pointer, number]
        library.pixman_image_create_solid_fill.restype = pointer
        library.pixman_image_create_solid_fill.argtypes = [pointer]
        library.pixman_image_set_transform.argtypes = [pointer, pointer]
        library.pixman_image_set_filter.argtypes = [pointer, number, pointer, number]
        library.pixman_image_set_repeat.argtypes = [pointer, number]
        library.pixman_region32_init_rects.argtypes = [pointer, pointer, number]
        library.pixman_region32_fini.argtypes = [pointer]
        self._unref = library.pixman_image_unref
        self._unref.restype = number
        self._unref.argtypes = [pointer]
        self._set_clip = library.pixman_image_set_clip_region32
        self._set_clip.argtypes = [pointer, pointer]
        self.composite: Any = library.pixman_image_composite32
        self.composite.restype = None
        self.version = library.pixman_version_string().decode()

    def image(self, code: int, pixels: npt.NDArray[Any]) -> Image:
        """An image that reads (or, as a target, writes) the array's memory; see `can_read`."""
        height, width = pixels.shape[:2]
        address = pixels.__array_interface__["data"][0]
        pointer = self._library.pixman_image_create_bits_no_clear(
            code, width, height, address, pixels.strides[0]
        )
        return Image(pointer, pixels, self._unref)

    def solid(self, argb: int) -> Image:
        """An endless image of one premultiplied ARGB8888 colour."""
        # pixman_color_t: red, green, blue, alpha of 16 bits.
        colour = (ctypes.c_uint16 * 4)(*[(argb >> shift & 255) * 0x101 for shift in (16, 8, 0, 24)])
        return Image(self._library.pixman_image_create_solid_fill(colour), None, self._unref)

    def sample(self, image: Image, matrix: tuple[int, ...], bilinear: bool) -> None:
        """Let the image be read through a transformation, its edge pixels continuing outside.

        Args:
            matrix: a, b, c, d, e, f in 16.16 fixed point: target (x, y) shows source (ax+by+c, dx+ey+f).
        """
        values = (ctypes.c_int32 * 9)(*matrix, 0, 0, 0x10000)
        self._library.pixman_image_set_transform(image.pointer, values)
        mode = _FILTER_BILINEAR if bilinear else _FILTER_NEAREST
        self._library.pixman_image_set_filter(image.pointer, mode, None, 0)
        self._library.pixman_image_set_repeat(image.pointer, _REPEAT_PAD)

    def clip(self, image: Image, rects: Iterable[Rect]) -> None:
        """Let drawing into the image change nothing outside the rectangles."""
        boxes = [_Box(x, y, x + w, y + h) for x, y, w, h in rects]
        region = _Region()
        self._library.pixman_region32_init_rects(
            ctypes.byref(region), (_Box * len(boxes))(*boxes), len(boxes)
        )
        self._set_clip(image.pointer, ctypes.byref(region))
        self._library.pixman_region32_fini(ctypes.byref(region))


def can_read(pixels: npt.NDArray[Any]) -> bool:
    """Whether pixman can read the array in place: it counts rows in 32-bit words, and sizes in 16 bits."""
    height, width = pixels.shape[:2]
    row = pixels.strides[0]
    return (
        0 < width <= MAX_SIZE
        and 0 < height <= MAX_SIZE
        and row > 0
        and row % 4 == 0
        and pixels.__array_interface__["data"][0] % 4 == 0
        and pixels[0].flags.c_contiguous
    )


@functools.cache
def load() -> Pixman | None:
    """The system's libpixman, or None when it has none that will do."""
    try:
        return Pixman(ctypes.CDLL("libpixman-1.so.0"))
    except (OSError, AttributeError):
        return None
