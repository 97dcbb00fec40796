"""The cursor: by name where the compositor knows names (wp_cursor_shape), else a small surface of our own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pywayland.protocol.cursor_shape_v1 import WpCursorShapeDeviceV1
from pywayland.protocol.wayland import WlShm

from . import palette
from .canvas import Pixels
from .connection import Connection
from .swapchain import Swapchain

SIZE = 24
"""Width and height of our own cursors, surface pixels."""

Outline = list[tuple[float, float]]

_ARROW: Outline = [(4, 2), (4, 19), (8.4, 15.2), (11.2, 21.4), (14.2, 20.1), (11.5, 14.1), (17, 14)]
_IBEAM: Outline = [
    (8, 3),
    (16, 3),
    (16, 5),
    (13, 5),
    (13, 19),
    (16, 19),
    (16, 21),
    (8, 21),
    (8, 19),
    (11, 19),
    (11, 5),
    (8, 5),
]
_CROSS: Outline = [
    (11, 3),
    (13, 3),
    (13, 11),
    (21, 11),
    (21, 13),
    (13, 13),
    (13, 21),
    (11, 21),
    (11, 13),
    (3, 13),
    (3, 11),
    (11, 11),
]
_DOUBLE: Outline = [
    (3, 12),
    (8, 7),
    (8, 11),
    (16, 11),
    (16, 7),
    (21, 12),
    (16, 17),
    (16, 13),
    (8, 13),
    (8, 17),
]
_TURNS = {"ew-resize": 0, "nwse-resize": 45, "ns-resize": 90, "nesw-resize": 135}


def draw_cursor(shape: str, scale: int) -> tuple[Pixels, int, int]:
    """Return a cursor's premultiplied pixels (SIZE * scale square) and its hot spot in surface pixels."""
    fine = 4 * scale
    points, hot, turn = _ARROW, (4, 2), 0
    if shape in ("text", "vertical-text"):
        points, hot = _IBEAM, (12, 12)
    elif shape in ("crosshair", "cell"):
        points, hot = _CROSS, (12, 12)
    elif shape in _TURNS:
        points, hot, turn = _DOUBLE, (12, 12), _TURNS[shape]
    image = Image.new("L", (SIZE * fine, SIZE * fine))
    outline = [(x * fine, y * fine) for x, y in points]
    ImageDraw.Draw(image).polygon(outline, fill=255)
    image = image.rotate(-turn)
    inner = np.asarray(image.reduce(4), np.float32) / np.float32(255)
    halo = np.zeros_like(inner)
    for dy in range(-scale, scale + 1):
        for dx in range(-scale, scale + 1):
            halo = np.maximum(halo, np.roll(inner, (dy, dx), (0, 1)))
    pixels: NDArray[np.float32] = np.zeros((SIZE * scale, SIZE * scale, 4), np.float32)
    for coverage, colour in ((halo, palette.ICE), (inner, palette.NIGHT)):
        source = np.array([colour & 255, colour >> 8 & 255, colour >> 16 & 255, 255], np.float32)
        pixels = pixels * (1 - coverage[:, :, None]) + source * coverage[:, :, None]
    return (pixels + 0.5).astype(np.uint8).view(np.uint32)[:, :, 0], *hot


class Cursor:
    """What the pointer looks like over our surfaces."""

    def __init__(self, connection: Connection, pointer: Any) -> None:
        self._connection = connection
        self._pointer = pointer
        self._shown: tuple[int, str] | None = None
        self._surface: Any = None
        self._swapchain: Swapchain | None = None
        self._device: Any = None
        if connection.cursor_shape is not None:
            self._device = connection.cursor_shape.get_pointer(pointer)

    def show(self, serial: int, shape: str) -> None:
        """Show a shape, by its CSS name, for the pointer that entered with `serial`."""
        if self._shown == (serial, shape):
            return
        self._shown = serial, shape
        if self._device is not None:
            self._device.set_shape(serial, WpCursorShapeDeviceV1.shape[shape.replace("-", "_")])
        else:
            self._show_own(serial, shape)

    def _show_own(self, serial: int, shape: str) -> None:
        scale = max((output.scale for output in self._connection.outputs.values()), default=1)
        if self._surface is None:
            self._surface = self._connection.compositor.create_surface()
        if self._swapchain is None:
            self._swapchain = Swapchain(self._connection, "cursor", int(WlShm.format.argb8888))
        pixels, x, y = draw_cursor(shape, scale)
        self._pointer.set_cursor(serial, self._surface, x, y)
        slot = self._swapchain.acquire(SIZE * scale, SIZE * scale)
        if slot is None:
            return  # shapes changed faster than the compositor releases: keep the old picture
        slot.pixels[:] = pixels
        self._surface.set_buffer_scale(scale)
        self._surface.attach(slot.buffer, 0, 0)
        self._surface.damage(0, 0, SIZE, SIZE)
        self._surface.commit()
        self._swapchain.present(slot, [])
