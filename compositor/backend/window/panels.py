"""Panels: text of the compositor's own over everything else. What they say, their size, their pixels.

Values that know no window; `hud` puts them on the screen.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from compositor.model.content import Content
from compositor.model.decoration import METRICS
from compositor.model.formats import ARGB8888
from compositor.render.text import draw_line, elide, text_width


class Tone(Enum):
    """What a piece of text says about itself; the value is its colour, 0xRRGGBB."""

    NORMAL = 0xE8EDF6
    DIM = 0x93A0B8
    GOOD = 0x86D9A0
    WARN = 0xFFC266
    BAD = 0xFF7A78
    ACCENT = 0xFFA866


class Row(NamedTuple):
    """One line: text at the left, and at the right.

    Attributes:
        keys: whether the text at the left is keys, with + between them, to be shown as such.
    """

    left: str
    right: str = ""
    tone: Tone = Tone.NORMAL
    right_tone: Tone = Tone.DIM
    keys: bool = False


class Panel(NamedTuple):
    """A box of lines.

    Attributes:
        width: layout pixels; 0 for as wide as its text.
        selected: the row that stands out; -1 for none.
        large: for reading from afar: menus, help.
        column: where the right texts begin, layout pixels; 0 lets them end at the right.
    """

    title: str
    rows: tuple[Row, ...]
    hint: str = ""
    width: int = 0
    selected: int = -1
    large: bool = False
    column: int = 0


_GAP = 24
_RADIUS = METRICS.corner_radius
_MAX_WIDTH = 900
_BACKGROUND = (0xFF, 0x11, 0x18, 0x2A)
_EDGE = (0xFF, 0x33, 0x40, 0x5E)
_SELECTED = (0xFF, 0x2A, 0x3D, 0x6B)
_KEY = (0xFF, 0x22, 0x2D, 0x49)
_KEY_EDGE = (0xFF, 0x4A, 0x5A, 0x82)
_SELECTED_RADIUS = 6
_KEY_RADIUS = 5
_KEY_PADDING = 7
_KEY_GAP = 6


def _font(panel: Panel) -> int:
    return 15 if panel.large else 12


def _line(panel: Panel) -> int:
    return 32 if panel.large else 18


def _padding(panel: Panel) -> int:
    return 16 if panel.large else 10


def panel_size(panel: Panel) -> tuple[int, int]:
    """Return width and height, layout pixels."""
    font = _font(panel)
    lines = len(panel.rows) + bool(panel.title) + bool(panel.hint)
    padding = _padding(panel)
    height = lines * _line(panel) + 2 * padding
    if panel.width:
        return panel.width, height
    width = max(text_width(panel.title, font), text_width(panel.hint, font))
    for row in panel.rows:
        both = text_width(row.left, font) + (text_width(row.right, font) + _GAP if row.right else 0)
        width = max(width, both)
    return min(width + 2 * padding, _MAX_WIDTH), height


def row_at(panel: Panel, y: float) -> int | None:
    """Return which row is at a height, layout pixels from the panel's top."""
    index = int((y - _padding(panel)) // _line(panel)) - bool(panel.title)
    return index if 0 <= index < len(panel.rows) else None


def draw_panel(panel: Panel, scale: float) -> Content:
    """Draw a panel: premultiplied ARGB8888, output pixels at a scale."""
    width, height = (max(1, round(side * scale)) for side in panel_size(panel))
    padding, line = _padding(panel) * scale, _line(panel) * scale
    font = max(6, round(_font(panel) * scale))
    pixels = np.empty((height, width, 4), np.float32)
    pixels[:] = _rgba(_BACKGROUND)
    top = padding
    rows = [Row(panel.title, "", Tone.ACCENT)] if panel.title else []
    rows += panel.rows
    if panel.hint:
        rows.append(Row(panel.hint, "", Tone.DIM))
    for number, row in enumerate(rows):
        if panel.selected >= 0 and number == panel.selected + bool(panel.title):
            inset = round(padding / 2)
            box = (inset, round(top), width - 2 * inset, round(top + line) - round(top))
            _fill(pixels, box, _SELECTED_RADIUS * scale, _SELECTED)
        _draw_row(pixels, panel, row, font, top, scale)
        top += line
    edge, inside = _outline(width, height, _RADIUS * scale, max(1.0, scale))
    pixels += (np.array(_rgba(_EDGE), np.float32) - pixels) * edge[..., None]
    pixels *= inside[..., None]
    bytes4 = np.floor(pixels * 255 + 0.5).astype(np.uint8)
    argb = bytes4.view(np.uint32)[..., 0]
    argb.flags.writeable = False
    return Content(argb, ARGB8888)


def _draw_row(
    pixels: npt.NDArray[np.float32], panel: Panel, row: Row, font: int, top: float, scale: float
) -> None:
    width = pixels.shape[1]
    padding, line, gap = _padding(panel) * scale, _line(panel) * scale, _GAP * scale
    inner = width - 2 * padding
    if panel.column and row.right:
        start = padding + panel.column * scale
        shown = elide(row.right, font, int(width - padding - start))
        room = start - padding - gap / 2
        _write(pixels, shown, font, start, top, line, row.right_tone)
    elif row.right:
        right = text_width(row.right, font)
        room = inner - right - gap
        _write(pixels, row.right, font, width - padding - right, top, line, row.right_tone)
    else:
        room = inner
    if row.keys:
        _draw_keys(pixels, row.left.split("+"), font, padding, top, line, scale)
    else:
        _write(pixels, elide(row.left, font, int(room)), font, padding, top, line, row.tone)


def _draw_keys(
    pixels: npt.NDArray[np.float32],
    names: list[str],
    font: int,
    x: float,
    top: float,
    line: float,
    scale: float,
) -> None:
    """Draw keys as they look on a keyboard."""
    small = max(6, round(font * 0.87))
    height = round(line - 8 * scale)
    y = round(top + (line - height) / 2 + scale)
    for name in names:
        length = text_width(name, small)
        width = max(round(length + 2 * _KEY_PADDING * scale), height)
        edge = max(1, round(scale))
        radius = _KEY_RADIUS * scale
        _fill(pixels, (round(x), y, width, height), radius, _KEY_EDGE)
        # The lower edge is thicker: a key stands out.
        inner = (round(x) + edge, y + edge, width - 2 * edge, height - 3 * edge)
        _fill(pixels, inner, max(0.0, radius - edge), _KEY)
        _write(pixels, name, small, round(x) + (width - length) / 2, y - edge, height, Tone.NORMAL)
        x += width + _KEY_GAP * scale


def _fill(
    pixels: npt.NDArray[np.float32],
    box: tuple[int, int, int, int],
    radius: float,
    argb: tuple[int, int, int, int],
) -> None:
    """Fill a box with round corners: x, y, width, height in output pixels, within the picture."""
    x, y, width, height = box
    if width <= 0 or height <= 0:
        return
    _, inside = _outline(width, height, min(radius, width / 2, height / 2), 0.0)
    part = pixels[y : y + height, x : x + width]
    part += (np.array(_rgba(argb), np.float32) - part) * inside[: part.shape[0], : part.shape[1], None]


def _rgba(argb: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
    """Premultiplied blue, green, red, alpha, 0 to 1: the order in memory."""
    alpha, red, green, blue = (value / 255 for value in argb)
    return blue * alpha, green * alpha, red * alpha, alpha


def _write(
    pixels: npt.NDArray[np.float32], text: str, font: int, x: float, top: float, line: float, tone: Tone
) -> None:
    if not text:
        return
    coverage = draw_line(text, font).coverage
    y = round(top + (line - coverage.shape[0]) / 2)
    left = round(x)
    part = pixels[max(y, 0) : y + coverage.shape[0], left : left + coverage.shape[1]]
    mask = coverage[max(-y, 0) :][: part.shape[0], : part.shape[1], None] / np.float32(255)
    colour = _rgba((255, tone.value >> 16, tone.value >> 8 & 255, tone.value & 255))
    part += (np.array(colour, np.float32) - part) * mask


def _outline(
    width: int, height: int, radius: float, thickness: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """How much of each pixel belongs to the edge, and how much lies within the rounded box."""
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2) - width / 2 + radius
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2) - height / 2 + radius
    beyond = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None])
    distance = beyond + np.minimum(np.maximum(x[None, :], y[:, None]), 0) - radius
    inside = np.clip(0.5 - distance, 0, 1)
    edge = np.clip(0.5 + distance + thickness, 0, 1)
    return edge, inside
