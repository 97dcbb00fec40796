"""The pixel formats of `wl_shm` that buffers may have.

A table and nothing else; how pixels are read is the renderer's affair. Protocol handlers, renderers and
the model import it. All formats are little endian: a name lists the channels of a pixel from its highest
bit to its lowest, so XRGB8888 lies in memory as blue, green, red, unused.

Source: `wl_shm.format`; its codes other than 0 and 1 are those of drm_fourcc.h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.record import record

if TYPE_CHECKING:
    import numpy as np


@record(frozen=True)
class PixelFormat:
    """One format: its code in `wl_shm`, and the shape of its pixels in memory."""

    code: int
    """0 for ARGB8888, 1 for XRGB8888, else the DRM four-character code."""
    name: str
    bytes_per_pixel: int
    has_alpha: bool
    """Whether colours are premultiplied by an alpha channel; otherwise every pixel is opaque."""
    element: str
    """numpy's name for the type of one array element: a pixel, or a byte of a 24-bit pixel (arrays of shape
    (height, width, 3))."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type that `element` names; numpy is imported only when pixels are at hand."""
        from numpy import dtype

        return dtype(self.element)


def fourcc(text: str) -> int:
    """The DRM code that four characters spell."""
    return int.from_bytes(text.encode("ascii"), "little")


_WORD = "u4"
_HALF = "u2"
_BYTE = "u1"

ARGB8888 = PixelFormat(0, "ARGB8888", 4, True, _WORD)
XRGB8888 = PixelFormat(1, "XRGB8888", 4, False, _WORD)
ABGR8888 = PixelFormat(fourcc("AB24"), "ABGR8888", 4, True, _WORD)
XBGR8888 = PixelFormat(fourcc("XB24"), "XBGR8888", 4, False, _WORD)
RGB565 = PixelFormat(fourcc("RG16"), "RGB565", 2, False, _HALF)
RGB888 = PixelFormat(fourcc("RG24"), "RGB888", 3, False, _BYTE)
BGR888 = PixelFormat(fourcc("BG24"), "BGR888", 3, False, _BYTE)
XRGB2101010 = PixelFormat(fourcc("XR30"), "XRGB2101010", 4, False, _WORD)
ARGB2101010 = PixelFormat(fourcc("AR30"), "ARGB2101010", 4, True, _WORD)
XBGR2101010 = PixelFormat(fourcc("XB30"), "XBGR2101010", 4, False, _WORD)
ABGR2101010 = PixelFormat(fourcc("AB30"), "ABGR2101010", 4, True, _WORD)

FORMATS: dict[int, PixelFormat] = {
    entry.code: entry
    for entry in (
        ARGB8888,
        XRGB8888,
        ABGR8888,
        XBGR8888,
        RGB565,
        RGB888,
        BGR888,
        XRGB2101010,
        ARGB2101010,
        XBGR2101010,
        ABGR2101010,
    )
}
"""Every format by its code, in the order in which they are announced."""
