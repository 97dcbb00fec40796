"""The picture behind everything, at the size of an output.

`assets/wallpaper.jpg` is scaled to cover and given a fine grain, without which its soft gradients would show
bands. Pillow is imported with the first call, for those that never look. Measured at 1920 × 1080: see
`tests/render/test_wallpaper.py`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from compositor.locate import assets_dir

_GRAIN = 3
"""Brightest grain, in 256ths."""
_TILE = 256
_OPAQUE = np.uint32(0xFF000000)


@lru_cache(maxsize=4)
def wallpaper(width: int, height: int) -> npt.NDArray[np.uint32]:
    """Return the wallpaper for an output.

    Args:
        width, height: output pixels, at least 1.

    Returns:
        (height, width) uint32, XRGB8888 with the unused byte 0xff, read-only, shared by all who ask.
    """
    from PIL import Image

    with Image.open(assets_dir() / "wallpaper.jpg") as file:
        # Lets the decoder leave out what a small output would not show.
        file.draft("RGB", (width, height))
        image = file.convert("RGB")
    scale = max(width / image.width, height / image.height)
    if (width, height) != image.size:
        shown = min(width / scale, image.width), min(height / scale, image.height)
        left, top = (image.width - shown[0]) / 2, (image.height - shown[1]) / 2
        box = (left, top, left + shown[0], top + shown[1])
        image = image.resize((width, height), Image.Resampling.BICUBIC, box)
    # Room for the grain: no channel may overflow into the next.
    image = image.point([min(value, 255 - _GRAIN) for value in range(256)] * 3)
    pixels = np.frombuffer(image.tobytes("raw", "BGRX"), np.uint32).reshape(height, width) | _OPAQUE
    grain = _grain()
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            part = pixels[top : top + _TILE, left : left + _TILE]
            part += grain[: part.shape[0], : part.shape[1]]
    pixels.flags.writeable = False
    return pixels


@lru_cache(maxsize=1)
def _grain() -> npt.NDArray[np.uint32]:
    values = np.random.default_rng(1823).integers(0, _GRAIN, (_TILE, _TILE), np.uint32, endpoint=True)
    return values * np.uint32(0x010101)
