"""Cursors of our own, by their CSS names: the shapes of wp_cursor_shape_v1.

`assets/cursors/` holds them in a few sizes; other sizes are averaged from a larger one. A file is read when a
size is first asked for, in less than 3 ms and without Pillow. Contents are shared and read-only.
"""

from __future__ import annotations

import json
import zlib
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from compositor.locate import assets_dir

DEFAULT = "default"
SIZES = (24, 32, 48, 64, 96)
"""Pixels that a file exists for; cursors are square."""
MAX_SIZE = 512

CursorImage = tuple[npt.NDArray[np.uint32], int, int]
"""Pixels (size, size) uint32, ARGB8888 premultiplied, read-only; hot spot x and y in these pixels."""


@cache
def _hotspots() -> dict[str, tuple[float, float]]:
    """Hot spots as fractions of the size, in the order of the pictures."""
    found = json.loads((assets_dir() / "cursors" / "hotspots.json").read_text())
    return {name: (x, y) for name, (x, y) in found.items()}


@cache
def _atlas(size: int) -> npt.NDArray[np.uint8]:
    """(shapes, size, size, 4) BGRA premultiplied."""
    data = (assets_dir() / "cursors" / f"{size}.png").read_bytes()
    compressed = b""
    position = 8
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        if data[position + 4 : position + 8] == b"IDAT":
            compressed += data[position + 8 : position + 8 + length]
        position += 12 + length
    # The script that writes them filters no row: after one zero byte come plain RGBA pixels.
    rows = np.frombuffer(zlib.decompress(compressed), np.uint8).reshape(-1, 1 + 4 * size)
    rgba = rows[:, 1:].reshape(-1, size, size, 4).astype(np.uint16)
    bgra = rgba[..., [2, 1, 0, 3]]
    bgra[..., :3] = (bgra[..., :3] * bgra[..., 3:] + 127) // 255
    return bgra.astype(np.uint8)


def names() -> tuple[str, ...]:
    """Return the shapes there are, in the order of wp_cursor_shape_device_v1.shape from 1 on."""
    return tuple(_hotspots())


@lru_cache(maxsize=64)
def cursor_image(name: str, size: int) -> CursorImage:
    """Return a cursor's picture and hot spot.

    Args:
        name: CSS name ("ew-resize"); underscores will do; the arrow for a name that we lack.
        size: pixels on each side, 1 to `MAX_SIZE`; 24 is usual at scale 1.

    Raises:
        ValueError: for a size out of bounds.
    """
    if not 1 <= size <= MAX_SIZE:
        raise ValueError(f"a cursor of {size} pixels: 1 to {MAX_SIZE} are possible")
    hotspots = _hotspots()
    name = name.replace("_", "-")
    if name not in hotspots:
        name = DEFAULT
    stored = next((candidate for candidate in SIZES if candidate >= size), SIZES[-1])
    picture = _atlas(stored)[list(hotspots).index(name)]
    if stored != size:
        picture = _resampled(picture, size)
    pixels = np.ascontiguousarray(picture).view(np.uint32)[:, :, 0]
    pixels.flags.writeable = False
    x, y = hotspots[name]
    return pixels, min(int(x * size + 0.5), size - 1), min(int(y * size + 0.5), size - 1)


def _resampled(picture: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    weights = _weights(picture.shape[0], size)
    # Premultiplied colours may be averaged as they are.
    mixed = np.einsum("ij,jkc,lk->ilc", weights, picture.astype(np.float64), weights, optimize=True)
    return np.asarray(np.floor(mixed + 0.5).astype(np.uint8))


def _weights(old: int, new: int) -> npt.NDArray[np.float64]:
    """(new, old): how much of each old pixel lies in each new one; rows add up to 1."""
    edges = np.linspace(0, old, new + 1)
    cells = np.arange(old)
    covered = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    covered = np.maximum(covered, 0)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True))
