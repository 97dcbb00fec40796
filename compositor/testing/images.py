"""Comparing pictures with golden ones that lie beside the test.

`assert_image` is what tests call; `compare` does the comparison and knows no
files. Exact mode compares channel by channel; perceptual mode asks whether a
person would see a difference, and forgives edges that are smoothed otherwise.

Source of the colour distance: Kotsarenko and Ramos, Measuring perceived color
difference using YIQ NTSC transmission color space in mobile applications, 2010.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from compositor.testing.errors import DriverError, ImageMismatch
from compositor.testing.picture import Image, load, save
from compositor.testing.settings import settings

Mode = Literal["exact", "perceptual"]
Rectangle = tuple[int, int, int, int]
Mask = npt.NDArray[np.bool_] | Sequence[Rectangle]

DEFAULT_THRESHOLD = 0.1
"""Perceptual difference, of 1 between black and white, that nobody sees."""

_FARTHEST = 35215.0
"""The greatest distance of two colours."""

_YIQ = np.array(
    [
        [0.29889531, 0.58662247, 0.11448223],
        [0.59597799, -0.27417610, -0.32180189],
        [0.21147017, -0.52261711, 0.31114694],
    ],
    np.float32,
)
_WEIGHTS = np.array([0.5053, 0.299, 0.1957], np.float32)


@dataclass(slots=True)
class Comparison:
    """What `compare` found.

    Attributes:
        different: (height, width) bool, which pixels differ; None when the sizes do.
        greatest: the greatest difference of a channel (exact) or colour (perceptual).
        problem: in words; empty when the pictures count as the same.
    """

    different: npt.NDArray[np.bool_] | None = None
    greatest: float = 0.0
    problem: str = ""

    @property
    def same(self) -> bool:
        """Whether the pictures count as the same."""
        return not self.problem


def _need_picture(image: object) -> None:
    if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 4:
        what = f"an array of shape {image.shape}" if isinstance(image, np.ndarray) else repr(image)
        raise DriverError(
            f"a picture is an array of (height, width, 4), as screenshot() returns it, not {what}"
        )


def _excluded(mask: Mask | None, height: int, width: int) -> npt.NDArray[np.bool_] | None:
    """Return (height, width) bool, True where pixels do not count."""
    if mask is None:
        return None
    if isinstance(mask, np.ndarray):
        if mask.shape != (height, width) or mask.dtype != np.bool_:
            raise ValueError(f"a mask of {mask.dtype} {mask.shape} for a picture of {(height, width)}")
        return mask
    excluded = np.zeros((height, width), np.bool_)
    if any(not isinstance(rect, Sequence) or len(rect) != 4 for rect in mask):
        raise ValueError(f"a mask is a list of rectangles (x, y, width, height), not {mask!r}")
    for x, y, rect_width, rect_height in mask:
        excluded[max(0, y) : max(0, y + rect_height), max(0, x) : max(0, x + rect_width)] = True
    return excluded


def _colour_distance(a: Image, b: Image) -> npt.NDArray[np.float32]:
    """Return (height, width) float32, 0 for equal colours to 1 for black and white."""
    difference = (_over_white(a) - _over_white(b)) @ _YIQ.T
    squares = (difference * difference) @ _WEIGHTS
    return np.sqrt(squares / _FARTHEST).astype(np.float32)


def _over_white(image: Image) -> npt.NDArray[np.float32]:
    colours = image[..., :3].astype(np.float32)
    if (image[..., 3] == 255).all():
        return colours
    alpha = image[..., 3:].astype(np.float32) / 255
    return (colours * alpha + 255 * (1 - alpha)).astype(np.float32)


def _smoothed_alike(
    a: Image, b: Image, different: npt.NDArray[np.bool_], threshold: float
) -> npt.NDArray[np.bool_]:
    """Return which of the different pixels lie within what their surroundings in the other picture span.

    A glyph's edge that is smoothed otherwise is a mixture of the same two colours, so that each
    channel stays between the least and the greatest of the neighbours in both directions.
    """
    slack = np.int16(threshold * 255)
    forgiven = different.copy()
    for one, other in ((a, b), (b, a)):
        low, high = _neighbourhood(other[..., :3])
        pixels = one[..., :3].astype(np.int16)
        inside = ((pixels >= low - slack) & (pixels <= high + slack)).all(axis=2)
        # On an even ground there is no edge, and nothing to forgive.
        edge = (high - low).max(axis=2) > 3 * slack
        forgiven &= inside & edge
    return forgiven


def _neighbourhood(pixels: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Return least and greatest value of each channel among a pixel and its eight neighbours."""
    height, width = pixels.shape[:2]
    padded = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="edge")
    low = pixels.copy()
    high = pixels.copy()
    for dy in range(3):
        for dx in range(3):
            shifted = padded[dy : dy + height, dx : dx + width]
            np.minimum(low, shifted, out=low)
            np.maximum(high, shifted, out=high)
    return low.astype(np.int16), high.astype(np.int16)


def compare(
    expected: Image,
    actual: Image,
    tolerance: float = 0,
    mask: Mask | None = None,
    mode: Mode = "exact",
    different_share: float = 0.0,
) -> Comparison:
    """Compare two pictures.

        before = window.screenshot()
        found = compare(before, window.screenshot(), different_share=0.01)
        assert found.same, found.problem

    Args:
        expected, actual: (height, width, 4) uint8 RGBA.
        tolerance: difference that does not count: of a channel, 0 to 255, in exact mode; of a colour,
            0 to 1, in perceptual mode, where 0 means `DEFAULT_THRESHOLD`.
        mask: where not to look: (height, width) bool, True where pixels do not count, or rectangles
            (x, y, width, height).
        mode: exact or perceptual.
        different_share: share of all pixels that may differ.
    """
    if mode not in ("exact", "perceptual"):
        raise ValueError(f"there is no mode {mode!r} (there are: exact, perceptual)")
    for image in (expected, actual):
        _need_picture(image)
    if expected.shape != actual.shape:
        sizes = ["×".join(str(side) for side in image.shape[1::-1]) for image in (expected, actual)]
        return Comparison(problem=f"it should be {sizes[0]} and is {sizes[1]}")
    height, width = actual.shape[:2]
    if mode == "exact":
        if mask is None and np.array_equal(expected, actual):
            return Comparison(np.zeros((height, width), np.bool_))
        difference = np.maximum(expected, actual) - np.minimum(expected, actual)
        distance: npt.NDArray[Any] = difference.max(axis=2)
        different = distance > tolerance
    else:
        threshold = tolerance or DEFAULT_THRESHOLD
        distance = _colour_distance(expected, actual)
        different = distance > threshold
        if different.any():
            different &= ~_smoothed_alike(expected, actual, different, threshold)
    excluded = _excluded(mask, height, width)
    if excluded is not None:
        different &= ~excluded
    count = int(np.count_nonzero(different))
    result = Comparison(different, float(distance[different].max()) if count else 0.0)
    if count > different_share * height * width:
        rows, columns = np.nonzero(different)
        unit = " of 255" if mode == "exact" else ""
        result.problem = (
            f"{count} of {height * width} pixels differ, by up to {result.greatest:.4g}{unit}, "
            f"within x {columns.min()} to {columns.max()} and y {rows.min()} to {rows.max()}"
        )
    return result


def assert_image(
    actual: Image,
    name: str | os.PathLike[str],
    tolerance: float = 0,
    mask: Mask | None = None,
    mode: Mode = "exact",
    different_share: float = 0.0,
) -> None:
    """Check that a picture equals the golden one.

        assert_image(window.screenshot(), "pictures/empty.png", mode="perceptual", mask=[(0, 0, 40, 20)])

    Args:
        actual: (height, width, 4) uint8 RGBA.
        name: file of the golden picture, relative to the folder of the test that calls.
        tolerance, mask, mode, different_share: see `compare`.

    Raises:
        ImageMismatch: if it does not, or if there is no golden picture; the text names the pictures
            that were written: the actual one and the difference. ``pytest --weddell-update-golden``
            accepts what is there instead.
    """
    _need_picture(actual)
    golden = Path(name)
    if not golden.is_absolute():
        golden = Path(sys._getframe(1).f_code.co_filename).resolve().parent / golden
    expected = load(golden) if golden.exists() else None
    if expected is not None:
        result = compare(expected, actual, tolerance, mask, mode, different_share)
        if result.same:
            return
    if settings.update:
        golden.parent.mkdir(parents=True, exist_ok=True)
        save(actual, golden)
        return
    folder = settings.artifacts or golden.parent
    folder.mkdir(parents=True, exist_ok=True)
    actual_path = folder / f"{golden.stem}.actual.png"
    save(actual, actual_path)
    settings.saved.append(actual_path)
    accept = "accept it with pytest --weddell-update-golden"
    if expected is None:
        raise ImageMismatch(
            f"there is no golden picture {golden}; the actual one is {actual_path} ({accept})"
        )
    from compositor.testing.difference import difference_picture

    diff_path = folder / f"{golden.stem}.diff.png"
    save(difference_picture(expected, actual, result.different), diff_path)
    settings.saved.append(diff_path)
    raise ImageMismatch(
        f"the picture is not {golden}: {result.problem}\n"
        f"actual:     {actual_path}\ndifference: {diff_path} (what differs is red)\n{accept}"
    )
