"""Pictures that the compositor froze: checked, then read in place as numpy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.descriptor import Descriptor
from compositor.memory import open_frozen
from compositor.testing.errors import DriverError

Image = npt.NDArray[np.uint8]


def open_picture(result: dict[str, Any], descriptors: Sequence[Descriptor]) -> Image:
    """Return the picture of a `capture` request.

    Args:
        result: its width, height, stride in bytes and format.
        descriptors: what came with it; the first is the picture's and is taken.

    Returns:
        (height, width, 4) uint8 RGBA, not premultiplied, read-only. The memory is sealed
        SHRINK, GROW, WRITE and SEAL: neither side can change it any more.

    Raises:
        DriverError: if the format is another one.
        WeddellError: if the memory is not frozen.
    """
    if result["format"] != "ABGR8888" or len(descriptors) != 1:
        raise DriverError(f"a picture in the format {result['format']} with {len(descriptors)} descriptors")
    width, height, stride = result["width"], result["height"], result["stride"]
    with open_frozen(descriptors[0].take()) as message:
        pixels = message.view(0, height, stride, width, np.uint32)
    return pixels.view(np.uint8).reshape(height, width, 4)


def save(image: Image, path: Any) -> None:
    """Write a picture to a file; its name's ending says the format."""
    from PIL import Image as PillowImage

    picture = PillowImage.fromarray(np.ascontiguousarray(image), "RGBA")
    if str(path).lower().endswith((".jpg", ".jpeg", ".jfif")):
        # JPEG knows no alpha.
        picture = picture.convert("RGB")
    picture.save(path)


def load(path: Any) -> Image:
    """Read a picture file: (height, width, 4) uint8 RGBA."""
    from PIL import Image as PillowImage

    with PillowImage.open(path) as image:
        return np.asarray(image.convert("RGBA"))
