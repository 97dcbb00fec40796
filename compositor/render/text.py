"""Lines of text as coverage, in Pillow's own font, with the system's fonts for what that lacks.

Pillow is imported with the first call. Everything is cached: a title is drawn again for every frame of a
resize.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

ELLIPSIS = "…"
MAX_CHARACTERS = 512
"""More of a line is not looked at; no output is that wide."""

_FALLBACKS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc",
    "NotoEmoji-Regular.ttf",
    "Symbola.ttf",
)


class Line(NamedTuple):
    """A line of text.

    Attributes:
        coverage: (height, width) uint8, read-only; the height depends on the size alone.
        baseline: row of the baseline.
    """

    coverage: npt.NDArray[np.uint8]
    baseline: int


class _Face:
    """A font at one size, and which characters it has."""

    def __init__(self, font: FreeTypeFont) -> None:
        self.font = font
        self._missing = self._picture("\uffff")

    def _picture(self, char: str) -> tuple[bytes, tuple[int, int]]:
        mask = self.font.getmask(char)
        return bytes(mask), mask.size

    def has(self, char: str) -> bool:
        """Whether the character looks different from one that no font has."""
        return char.isspace() or self._picture(char) != self._missing


@cache
def _face(size_px: int) -> _Face:
    from PIL import ImageFont
    from PIL.ImageFont import FreeTypeFont

    font = ImageFont.load_default(size_px)
    assert isinstance(font, FreeTypeFont)
    return _Face(font)


@cache
def _fallback(name: str, size_px: int) -> _Face | None:
    from PIL import ImageFont

    try:
        return _Face(ImageFont.truetype(name, size_px))
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _face_of(char: str, size_px: int) -> _Face:
    own = _face(size_px)
    if own.has(char):
        return own
    for name in _FALLBACKS:
        face = _fallback(name, size_px)
        if face is not None and face.has(char):
            return face
    return own


def plain(text: str) -> str:
    """Return the text on one line, without what would not be shown."""
    text = " ".join(text[:MAX_CHARACTERS].split())
    return "".join(char for char in text if char.isprintable())


def _runs(text: str, size_px: int) -> list[tuple[_Face, str]]:
    runs: list[tuple[_Face, str]] = []
    for char in text:
        face = _face_of(char, size_px)
        if runs and runs[-1][0] is face:
            runs[-1] = face, runs[-1][1] + char
        else:
            runs.append((face, char))
    return runs


@lru_cache(maxsize=1024)
def text_width(text: str, size_px: int) -> int:
    """Return the width of a line, pixels."""
    return round(sum(face.font.getlength(run) for face, run in _runs(text, size_px)))


@lru_cache(maxsize=512)
def elide(text: str, size_px: int, width: int) -> str:
    """Return the text, or as much of it as fits a width with an ellipsis; "" if not even that fits."""
    text = plain(text)
    if text_width(text, size_px) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + ELLIPSIS, size_px) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS if low else ""


@lru_cache(maxsize=64)
def draw_line(text: str, size_px: int) -> Line:
    """Return a line of text, drawn as it is: see `plain` and `elide`."""
    from PIL import Image, ImageDraw

    ascent, descent = _face(size_px).font.getmetrics()
    # Fallback fonts and accents reach higher and lower than the font's own letters.
    baseline, height = ascent + size_px // 3, ascent + descent + 2 * (size_px // 3)
    image = Image.new("L", (max(1, text_width(text, size_px) + 2), height))
    pen = ImageDraw.Draw(image)
    x = 0.0
    for face, run in _runs(text, size_px):
        pen.text((x, baseline), run, fill=255, font=face.font, anchor="ls")
        x += face.font.getlength(run)
    coverage = np.array(image, np.uint8)
    coverage.flags.writeable = False
    return Line(coverage, baseline)
