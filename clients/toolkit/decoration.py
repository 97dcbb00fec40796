"""A modest title bar for compositors that draw none: title, three buttons, and edges to resize by."""

from __future__ import annotations

from enum import Enum, auto

from . import palette
from .boxes import Box
from .canvas import Canvas, text_width

HEIGHT = 34
"""The title bar's height, surface pixels."""

EDGE = 6
"""How far inside the window its edges can be grabbed, surface pixels."""

_BUTTON = 34  # from one button's centre to the next
_CURSORS = {
    1: "ns-resize", 2: "ns-resize", 4: "ew-resize", 8: "ew-resize",
    5: "nwse-resize", 10: "nwse-resize", 6: "nesw-resize", 9: "nesw-resize",
}  # fmt: skip


class Part(Enum):
    """What lies at a point of a decorated window."""

    CONTENT = auto()
    BAR = auto()
    MINIMIZE = auto()
    MAXIMIZE = auto()
    CLOSE = auto()


_BUTTONS = (Part.CLOSE, Part.MAXIMIZE, Part.MINIMIZE)  # from the right


def part_at(x: float, y: float, width: int) -> Part:
    """Return the part at a point of a window `width` wide; whole-surface coordinates."""
    if not 0 <= y < HEIGHT:
        return Part.CONTENT
    index = int((width - x) // _BUTTON)
    return _BUTTONS[index] if 0 <= index < len(_BUTTONS) else Part.BAR


def edges_at(x: float, y: float, width: int, height: int) -> int:
    """Return the xdg_toplevel.resize_edge grabbed at a point, 0 for none; whole-surface coordinates."""
    vertical = 1 if y < EDGE else 2 if y >= height - EDGE else 0
    horizontal = 4 if x < EDGE else 8 if x >= width - EDGE else 0
    return vertical | horizontal


def cursor_for(edges: int) -> str:
    """Return the cursor shape for a resize edge."""
    return _CURSORS.get(edges, "default")


def button_box(part: Part, width: int) -> Box:
    """Return where a button is drawn; whole-surface coordinates."""
    return Box(width - (_BUTTONS.index(part) + 1) * _BUTTON, 0, _BUTTON, HEIGHT)


def draw_bar(canvas: Canvas, title: str, active: bool, hovered: Part, maximized: bool) -> None:
    """Draw the title bar into the top rows of the whole surface."""
    width = int(canvas.width)
    canvas.fill(0, 0, width, HEIGHT, palette.DEEP if active else palette.NIGHT)
    canvas.fill(0, HEIGHT - 1, width, 1, palette.SEA)
    ink = palette.ICE if active else palette.MIST
    room = width - 3 * _BUTTON - 24
    while title and text_width(title, 14) > room:
        title = title.rstrip("…")[:-1] + "…" if len(title) > 1 else ""
    middle = min(width / 2, 12 + room - text_width(title, 14) / 2)
    canvas.text(middle, 22, title, 14, ink, align=0.5)
    for part in _BUTTONS:
        box = button_box(part, width)
        x, y = box.x + box.width / 2, HEIGHT / 2 - 0.5
        ink = palette.ICE if active else palette.MIST
        if hovered is part:
            canvas.disc(x, y, 12, palette.KRILL if part is Part.CLOSE else palette.CURRENT)
            ink = palette.NIGHT if part is Part.CLOSE else palette.ICE
        if part is Part.CLOSE:
            canvas.line(x - 4, y - 4, x + 4, y + 4, 1.5, ink)
            canvas.line(x - 4, y + 4, x + 4, y - 4, 1.5, ink)
        elif part is Part.MAXIMIZE:
            size = 3.5 if maximized else 4.5
            canvas.frame(x - size, y - size, 2 * size, 2 * size, 1.5, 1.5, ink)
        else:
            canvas.line(x - 4.5, y, x + 4.5, y, 1.5, ink)
