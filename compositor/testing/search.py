"""Finding things in pictures: a smaller picture, or text.

`find_image` compares a part with every place of a picture at once, by Fourier transforms, and measures what
it finds once more pixel by pixel. `find_text` asks Tesseract, through pytesseract (``weddell[ocr]``).
Coordinates are pixels of the picture; in that of a window on a screen of scale 1 they are those of `click`.

Source of the first: the sum of squared differences as one correlation; see Lewis, Fast Normalized
Cross-Correlation, 1995, for the method.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from compositor.testing.errors import DriverError
from compositor.testing.picture import Image

if TYPE_CHECKING:
    from compositor.testing.window import Match

DEFAULT_TOLERANCE = 8.0
"""Difference, of 255, that smoothed edges and rounded colours stay below."""
_MOST_FOUND = 1000
_TEXT_SCALE = 3
"""Tesseract was made for print at 300 dots per inch; text on screens has a third of that."""


class Found(NamedTuple):
    """A place in a picture, pixels.

    Attributes:
        x, y, width, height: the rectangle.
        difference: from what was looked for: of a channel, 0 to 255, root mean square; for text how
            unsure the reader is, 0 to 100.
        text: what is written there, when text was looked for.
    """

    x: int
    y: int
    width: int
    height: int
    difference: float
    text: str = ""

    @property
    def center(self) -> tuple[float, float]:
        """The middle, for clicks."""
        return self.x + self.width / 2, self.y + self.height / 2


def find_images(image: Image, part: Image, tolerance: float = DEFAULT_TOLERANCE) -> list[Found]:
    """Return every place where a picture shows a part, the best first; places do not overlap.

    Args:
        image: (height, width, 4) uint8 RGBA, where to look.
        part: (height, width, 4) uint8 RGBA, what to look for; its pixels with alpha 0 do not count.
        tolerance: how much a channel may differ, of 255, root mean square over all of the part.

    Raises:
        DriverError: if nothing of the part counts.
    """
    height, width = part.shape[:2]
    counts = part[..., 3] > 0
    if not counts.any():
        raise DriverError("the part to look for is transparent all over: nothing of it counts")
    if height > image.shape[0] or width > image.shape[1]:
        return []
    distances = _distances(image, part, counts)
    # The transforms round; whatever is near enough is measured exactly.
    near = np.argwhere(distances <= (tolerance + 1) ** 2)
    # What is equally good is taken from the top left on, whatever the last digits say.
    order = np.argsort(np.round(distances[near[:, 0], near[:, 1]], 3), kind="stable")
    found: list[Found] = []
    wanted = part[..., :3][counts].astype(np.float64)
    for y, x in near[order].tolist():
        if any(abs(y - f.y) < height and abs(x - f.x) < width for f in found):
            continue
        there = image[y : y + height, x : x + width, :3][counts]
        difference = float(np.sqrt(np.mean((there - wanted) ** 2)))
        if difference <= tolerance:
            found.append(Found(x, y, width, height, difference))
            if len(found) >= _MOST_FOUND:
                break
    return sorted(found, key=lambda place: place.difference)


def _distances(image: Image, part: Image, counts: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return the mean squared difference of the part at each place it fits in.

    Returns:
        (rows, columns) float64, by the place of the part's top left corner.
    """
    shape = image.shape[0], image.shape[1]
    weights = counts.astype(np.float64)
    pixels = image[..., :3].astype(np.float64)
    wanted = part[..., :3].astype(np.float64) * weights[..., None]
    # Of |a - b|² only the mixed term and the weighted a² depend on the place; one transform takes both back.
    total = np.fft.rfft2((pixels * pixels).sum(axis=2)) * np.conj(np.fft.rfft2(weights, shape))
    for channel in range(3):
        mixed = np.fft.rfft2(pixels[..., channel]) * np.conj(np.fft.rfft2(wanted[..., channel], shape))
        total -= 2 * mixed
    squares = np.fft.irfft2(total, shape) + (wanted * wanted).sum()
    fits = squares[: shape[0] - part.shape[0] + 1, : shape[1] - part.shape[1] + 1]
    return np.asarray(fits / (3 * weights.sum()))


def find_image(image: Image, part: Image, tolerance: float = DEFAULT_TOLERANCE) -> Found | None:
    """Return the place where a picture shows a part best, or None.

        button = window.screenshot()[10:30, 20:60].copy()
        place = find_image(window.screenshot(), button)
        window.click(*place.center)

    Arguments and errors are those of `find_images`.
    """
    return next(iter(find_images(image, part, tolerance)), None)


def closest(image: Image, part: Image) -> Found | None:
    """Return the place that is least unlike a part, for messages; None if it does not fit in."""
    if part.shape[0] > image.shape[0] or part.shape[1] > image.shape[1]:
        return None
    distances = _distances(image, part, part[..., 3] > 0)
    y, x = np.unravel_index(int(distances.argmin()), distances.shape)
    difference = float(np.sqrt(max(0.0, distances[y, x])))
    return Found(int(x), int(y), part.shape[1], part.shape[0], difference)


def read_text(image: Image, language: str = "eng") -> list[list[Found]]:
    """Return the words that a picture shows, by line, as Tesseract reads them.

    Args:
        image: (height, width, 4) uint8 RGBA.
        language: Tesseract's name for it; several as ``eng+deu``.

    Raises:
        DriverError: if pytesseract, Tesseract or its data of the language is missing.
    """
    try:
        import pytesseract
    except ImportError:
        raise DriverError("reading text needs pytesseract: pip install 'weddell[ocr]'") from None
    from PIL import Image as Pillow

    picture = Pillow.fromarray(np.ascontiguousarray(image[..., :3]), "RGB").convert("L")
    if float(np.median(np.asarray(picture))) < 128:
        # It reads dark on light.
        picture = Pillow.eval(picture, lambda value: 255 - value)
    size = picture.width * _TEXT_SCALE, picture.height * _TEXT_SCALE
    picture = picture.resize(size, Pillow.Resampling.BICUBIC)
    try:
        data: dict[str, list[Any]] = pytesseract.image_to_data(
            picture, lang=language, config="--psm 11", output_type=pytesseract.Output.DICT
        )
    except pytesseract.TesseractNotFoundError:
        raise DriverError("reading text needs Tesseract (Debian package tesseract-ocr)") from None
    except pytesseract.TesseractError as error:
        raise DriverError(f"Tesseract cannot read {language!r}: {error}") from None
    lines: dict[tuple[int, int, int], list[Found]] = {}
    for number, text in enumerate(data["text"]):
        if not text.strip():
            continue
        x, y, width, height = (
            round(data[side][number] / _TEXT_SCALE) for side in ("left", "top", "width", "height")
        )
        line = data["block_num"][number], data["par_num"][number], data["line_num"][number]
        unsure = 100 - float(data["conf"][number])
        lines.setdefault(line, []).append(Found(x, y, width, height, unsure, text))
    return list(lines.values())


def find_text(image: Image, wanted: Match, language: str = "eng") -> Found | None:
    """Return where a picture shows a text, or None; text is read, so it has to be large and plain enough.

    Args:
        image: (height, width, 4) uint8 RGBA.
        wanted: words that stand beside each other in one line, or a compiled pattern that a line matches
            somewhere. Case counts.
        language: as `read_text`.

    Raises:
        DriverError: as `read_text`.
    """
    for words in read_text(image, language):
        line = " ".join(word.text for word in words)
        found = wanted.search(line) if isinstance(wanted, re.Pattern) else re.search(re.escape(wanted), line)
        if found is not None:
            return _cover(words, *found.span())
    return None


def _cover(words: list[Found], start: int, end: int) -> Found:
    """Return the rectangle around the words that lie within characters of their line."""
    place = 0
    covered = []
    for word in words:
        if place < end and place + len(word.text) > start:
            covered.append(word)
        place += len(word.text) + 1
    covered = covered or words
    x, y = min(w.x for w in covered), min(w.y for w in covered)
    right, bottom = max(w.x + w.width for w in covered), max(w.y + w.height for w in covered)
    unsure = max(w.difference for w in covered)
    return Found(x, y, right - x, bottom - y, unsure, " ".join(w.text for w in covered))
