"""The picture of a difference: expected, actual, and what differs in red, with the worst place enlarged.

Made to be understood at a glance in a report: every place that differs has a frame around it, since a single
pixel is easily overlooked, and large pictures are scaled down in a way that loses none of the red.
`assert_image` writes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from compositor.testing.picture import Image

RED = (220, 0, 0)
_FRAME = (255, 140, 0)
_GROUND = (30, 36, 48)
_TEXT = (230, 233, 239)
_FAINT = (150, 158, 172)
_WIDEST = 640
_NARROWEST = 220
_GAP = 14
_LABEL = 26
_FONT_SIZE = 14
_BLOCK = 16
_MOST_FRAMES = 40
_AROUND = 8
_LARGEST_ZOOM = 12

Mask = npt.NDArray[np.bool_]
Box = tuple[int, int, int, int]
"""Left, top, right and bottom, pixels; the latter two outside."""


def difference_picture(expected: Image, actual: Image, different: Mask | None) -> Image:
    """Return expected and actual side by side, and what differs, with labels.

    Args:
        expected, actual: (height, width, 4) uint8 RGBA.
        different: (height, width) bool; None if the sizes differ, which is then all that is said.
    """
    labels = [f"expected  {_size(expected)}", f"actual  {_size(actual)}"]
    panels = [expected[..., :3], actual[..., :3]]
    if different is None:
        labels[1] += ", another size"
        return _board([(labels, [_fit(panel) for panel in panels])])
    count = int(np.count_nonzero(different))
    labels.append(f"{count} pixel differs" if count == 1 else f"{count} pixels differ")
    marked = _marked(actual, different)
    boxes = places(different)
    framed = [_framed(_fit(panel), boxes, panel.shape[1]) for panel in panels]
    framed.append(_framed(_fit(marked, different), boxes, marked.shape[1]))
    rows = [(labels, framed)]
    zoomed = _enlarged([*panels, marked], boxes, framed[0].shape[1]) if boxes else None
    if zoomed is not None:
        rows.append(zoomed)
    return _board(rows)


def places(different: Mask) -> list[Box]:
    """Return where pixels differ, those near each other in one box, the place with most of them first."""
    height, width = different.shape
    rows, columns = -(-height // _BLOCK), -(-width // _BLOCK)
    padded = np.zeros((rows * _BLOCK, columns * _BLOCK), np.bool_)
    padded[:height, :width] = different
    blocks: Mask = np.asarray(padded.reshape(rows, _BLOCK, columns, _BLOCK).any(axis=(1, 3)))
    found: list[tuple[int, Box]] = []
    while blocks.any():
        group = _group(blocks)
        y1, x1 = group.min(axis=0) * _BLOCK
        y2, x2 = (group.max(axis=0) + 1) * _BLOCK
        inside = different[y1:y2, x1:x2]
        ys, xs = np.nonzero(inside)
        box = int(x1 + xs.min()), int(y1 + ys.min()), int(x1 + xs.max()) + 1, int(y1 + ys.max()) + 1
        found.append((len(ys), box))
    found.sort(key=lambda entry: -entry[0])
    return [box for _, box in found]


def _group(blocks: Mask) -> npt.NDArray[np.intp]:
    """Take one group of neighbouring blocks out, and return their places."""
    rows, columns = blocks.shape
    waiting = [tuple(np.argwhere(blocks)[0].tolist())]
    blocks[waiting[0]] = False
    group = []
    while waiting:
        y, x = waiting.pop()
        group.append((y, x))
        for ny in range(max(0, y - 1), min(rows, y + 2)):
            for nx in range(max(0, x - 1), min(columns, x + 2)):
                if blocks[ny, nx]:
                    blocks[ny, nx] = False
                    waiting.append((ny, nx))
    return np.array(group)


def _size(image: Image) -> str:
    # Pillow's own font has no ×.
    return f"{image.shape[1]} x {image.shape[0]}"


def _marked(actual: Image, different: Mask) -> npt.NDArray[np.uint8]:
    """Return the picture in pale grey, with red pixels."""
    grey = (actual[..., :3].mean(axis=2, keepdims=True) / 3 + 170).astype(np.uint8)
    marked = np.repeat(grey, 3, axis=2)
    marked[different] = RED
    return marked


def _fit(panel: npt.NDArray[np.uint8], red: Mask | None = None) -> npt.NDArray[np.uint8]:
    """Return it at a size that is good to look at: whole factors up, any factor down; red stays red."""
    from PIL import Image as Pillow

    height, width = panel.shape[:2]
    factor = max(1, _NARROWEST // width)
    if factor > 1:
        return panel.repeat(factor, axis=0).repeat(factor, axis=1)
    if width <= _WIDEST:
        return panel
    size = _WIDEST, max(1, round(height * _WIDEST / width))
    scaled = np.asarray(Pillow.fromarray(np.ascontiguousarray(panel)).resize(size, Pillow.Resampling.BOX))
    if red is not None:
        scaled = scaled.copy()
        ys, xs = np.nonzero(red)
        scaled[ys * size[1] // height, xs * size[0] // width] = RED
    return scaled


def _framed(panel: npt.NDArray[np.uint8], boxes: list[Box], width: int) -> npt.NDArray[np.uint8]:
    """Draw a frame around each place, clear of it; boxes are in pixels of a picture that was so wide."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    scale = panel.shape[1] / width
    picture = Pillow.fromarray(np.ascontiguousarray(panel))
    draw = ImageDraw.Draw(picture)
    for x1, y1, x2, y2 in boxes[:_MOST_FRAMES]:
        frame = (x1 * scale - 6, y1 * scale - 6, x2 * scale + 5, y2 * scale + 5)
        draw.rectangle(frame, outline=_FRAME, width=2)
    return np.asarray(picture)


def _enlarged(
    panels: list[npt.NDArray[np.uint8]], boxes: list[Box], panel_width: int
) -> tuple[list[str], list[npt.NDArray[np.uint8]]] | None:
    """Return the place that differs most, enlarged, with labels; None if it is large enough already."""
    height, width = panels[0].shape[:2]
    x1, y1, x2, y2 = boxes[0]
    x1, y1 = max(0, x1 - _AROUND), max(0, y1 - _AROUND)
    x2, y2 = min(width, x2 + _AROUND), min(height, y2 + _AROUND)
    # Of a large place its corner says enough.
    factor = min(_LARGEST_ZOOM, max(3, panel_width // (x2 - x1)))
    x2, y2 = min(x2, x1 + panel_width // factor), min(y2, y1 + _WIDEST // factor)
    if factor <= 1.5 * panel_width / width:
        return None
    shown = [panel[y1:y2, x1:x2].repeat(factor, axis=0).repeat(factor, axis=1) for panel in panels]
    which = "" if len(boxes) == 1 else f", largest of {len(boxes)} places"
    return [f"from ({x1}, {y1}), {factor} times as large{which}", "", ""], shown


def _board(rows: list[tuple[list[str], list[npt.NDArray[np.uint8]]]]) -> Image:
    """Lay rows of panels out on a dark ground, each row under its labels."""
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    column = max(max(panel.shape[1] for _, panels in rows for panel in panels), _NARROWEST)
    columns = max(len(panels) for _, panels in rows)
    heights = [max(panel.shape[0] for panel in panels) for _, panels in rows]
    width = columns * (column + _GAP) + _GAP
    board = Pillow.new("RGBA", (width, sum(heights) + len(rows) * (_LABEL + _GAP) + _GAP), (*_GROUND, 255))
    draw = ImageDraw.Draw(board)
    font: Any = ImageFont.load_default(_FONT_SIZE)
    top = _GAP
    for number, (labels, panels) in enumerate(rows):
        for place, (label, panel) in enumerate(zip(labels, panels, strict=True)):
            left = _GAP + place * (column + _GAP)
            colour = _FAINT if number else _TEXT
            draw.text((left, top), label, (*colour, 255), font)
            board.paste(Pillow.fromarray(np.ascontiguousarray(panel)), (left, top + _LABEL))
        top += _LABEL + heights[number] + _GAP
    return np.asarray(board)
