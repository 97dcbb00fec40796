"""Where the parts of a window's decoration are: title bar, buttons, edges to drag, shadow. No pixels.

All rectangles are layout pixels relative to the top-left corner of the window geometry, so the title bar lies
at negative y. `compositor.render.decoration` draws what this places.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from compositor.geometry import Rect
from compositor.model.toplevel_state import ResizeEdge
from compositor.record import NamedTuple, record

if TYPE_CHECKING:
    from compositor.model.item import Art
    from compositor.model.window import Window


@record(frozen=True)
class DecorationMetrics:
    """Sizes, layout pixels."""

    titlebar_height: int = 30
    border: int = 1
    """Around a floating window, beside and below."""
    corner_radius: int = 10
    """Of the title bar's upper corners."""
    button_width: int = 28
    """Of the area that answers; its height is the title bar's."""
    padding: int = 5
    """Between buttons and the end of the title bar."""
    resize_margin: int = 8
    """Outside the frame, where edges can be taken."""
    resize_inset: int = 3
    """Inside the title bar, where its upper edge can be taken."""
    corner_reach: int = 18
    """How far from a corner both edges are taken."""
    shadow_radius: int = 30
    """How far the shadow reaches beyond the frame on each side."""
    shadow_drop: int = 9
    """How far it lies below the window."""


METRICS = DecorationMetrics()


class Part(Enum):
    """What the pointer can be over."""

    TITLE = "title"
    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"
    CLOSE = "close"
    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"
    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"

    @property
    def edges(self) -> ResizeEdge:
        """Which edges it drags, xdg_toplevel.resize_edge; NONE for title and buttons."""
        return _EDGES.get(self, ResizeEdge.NONE)

    @property
    def button(self) -> bool:
        """Whether it is one of the three buttons."""
        return self in BUTTONS

    @property
    def cursor(self) -> str:
        """The cursor to show over it, by CSS name."""
        return _CURSORS.get(self, "default")


BUTTONS = (Part.CLOSE, Part.MAXIMIZE, Part.MINIMIZE)
"""From the right."""

_EDGES = {
    Part.TOP: ResizeEdge.TOP,
    Part.BOTTOM: ResizeEdge.BOTTOM,
    Part.LEFT: ResizeEdge.LEFT,
    Part.RIGHT: ResizeEdge.RIGHT,
    Part.TOP_LEFT: ResizeEdge.TOP | ResizeEdge.LEFT,
    Part.TOP_RIGHT: ResizeEdge.TOP | ResizeEdge.RIGHT,
    Part.BOTTOM_LEFT: ResizeEdge.BOTTOM | ResizeEdge.LEFT,
    Part.BOTTOM_RIGHT: ResizeEdge.BOTTOM | ResizeEdge.RIGHT,
}
_PARTS = {edges: part for part, edges in _EDGES.items()}
_CURSORS = {
    Part.TOP: "n-resize",
    Part.BOTTOM: "s-resize",
    Part.LEFT: "w-resize",
    Part.RIGHT: "e-resize",
    Part.TOP_LEFT: "nw-resize",
    Part.TOP_RIGHT: "ne-resize",
    Part.BOTTOM_LEFT: "sw-resize",
    Part.BOTTOM_RIGHT: "se-resize",
}


class Extents(NamedTuple):
    """How far the decoration's solid part goes beyond the window geometry."""

    left: int
    top: int
    right: int
    bottom: int


def extents(floating: bool, metrics: DecorationMetrics = METRICS) -> Extents:
    """Return the extents; a window that is maximized or tiled (not floating) has a title bar alone."""
    border = metrics.border if floating else 0
    return Extents(border, metrics.titlebar_height, border, border)


class DecorationLayout(NamedTuple):
    """Where everything is for one size of window.

    Attributes:
        frame: title bar, borders and window.
        titlebar: as wide as the frame.
        buttons: those that there is room for.
        borders: left, right, bottom; none unless floating.
        title: what is left for text.
    """

    frame: Rect
    titlebar: Rect
    buttons: dict[Part, Rect]
    borders: tuple[Rect, ...]
    title: Rect
    floating: bool
    resizable: bool
    metrics: DecorationMetrics

    def part_at(self, x: float, y: float) -> Part | None:
        """Return what a point is over, or None: the window itself, or nothing."""
        if self.floating and self.resizable and (edges := self._edges_at(x, y)):
            return _PARTS[edges]
        if not self.titlebar.contains(x, y):
            return None
        for part, rect in self.buttons.items():
            if rect.contains(x, y):
                return part
        return Part.TITLE

    def _edges_at(self, x: float, y: float) -> ResizeEdge:
        frame, metrics = self.frame, self.metrics
        margin, reach = metrics.resize_margin, metrics.corner_reach
        left, right = x - frame.x, frame.x2 - x
        top, bottom = y - frame.y, frame.y2 - y
        if min(left, right, top, bottom) < -margin:
            return ResizeEdge.NONE
        border = metrics.border
        if not (left < border or right <= border or bottom <= border or top < metrics.resize_inset):
            return ResizeEdge.NONE
        edges = ResizeEdge.NONE
        if min(left, right) < reach:
            edges |= ResizeEdge.LEFT if left < right else ResizeEdge.RIGHT
        if min(top, bottom) < reach:
            edges |= ResizeEdge.TOP if top < bottom else ResizeEdge.BOTTOM
        return edges


def layout(
    width: int,
    height: int,
    floating: bool = True,
    resizable: bool = True,
    metrics: DecorationMetrics = METRICS,
) -> DecorationLayout:
    """Place the decoration of a window.

    Args:
        width, height: of the window geometry, layout pixels.
        floating: neither maximized nor tiled.
        resizable: whether the edges can be dragged and there is a button to maximize.
    """
    left, top, right, bottom = extents(floating, metrics)
    frame = Rect(-left, -top, width + left + right, height + top + bottom)
    titlebar = Rect(frame.x, frame.y, frame.width, metrics.titlebar_height)
    buttons: dict[Part, Rect] = {}
    x = titlebar.x2 - metrics.padding
    for part in BUTTONS:
        if part is Part.MAXIMIZE and not resizable:
            continue
        # The title bar has to stay large enough to be dragged.
        if x - metrics.button_width < titlebar.x + metrics.button_width:
            break
        x -= metrics.button_width
        buttons[part] = Rect(x, titlebar.y, metrics.button_width, titlebar.height)
    margin = metrics.padding * 2
    title = Rect(titlebar.x + margin, titlebar.y, max(0, x - titlebar.x - 2 * margin), titlebar.height)
    borders: tuple[Rect, ...] = ()
    if floating and metrics.border:
        border = metrics.border
        borders = (
            Rect(-border, 0, border, height),
            Rect(width, 0, border, height),
            Rect(-border, height, width + 2 * border, border),
        )
    return DecorationLayout(frame, titlebar, buttons, borders, title, floating, resizable, metrics)


class ShadowPiece(Enum):
    """The eight pieces of a shadow. Corners keep their size, the others are as long as the frame's sides."""

    TOP_LEFT = "top-left"
    TOP = "top"
    TOP_RIGHT = "top-right"
    LEFT = "left"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom-right"


def shadow_reach(metrics: DecorationMetrics = METRICS) -> Extents:
    """Return how far beyond the frame the shadow goes, layout pixels."""
    radius, drop = metrics.shadow_radius, metrics.shadow_drop
    return Extents(radius, radius - drop, radius, radius + drop)


def shadow_corner(width: int, height: int, metrics: DecorationMetrics = METRICS) -> int:
    """Return how far into a frame the corner pieces go: as far as the corner shows in the shadow."""
    return max(0, min(metrics.shadow_radius + metrics.shadow_drop, width // 2, height // 2))


def shadow_size(frame: Rect, metrics: DecorationMetrics = METRICS) -> tuple[int, int]:
    """Return the width and height of a frame as far as its shadow depends on them: large ones are alike."""
    enough = 2 * (metrics.shadow_radius + metrics.shadow_drop)
    return min(frame.width, enough), min(frame.height, enough)


def shadow_rects(frame: Rect, metrics: DecorationMetrics = METRICS) -> dict[ShadowPiece, Rect]:
    """Return where the pieces of a frame's shadow lie; empty ones are left out."""
    reach, corner = shadow_reach(metrics), shadow_corner(frame.width, frame.height, metrics)
    xs = (frame.x - reach.left, frame.x + corner, frame.x2 - corner, frame.x2 + reach.right)
    ys = (frame.y - reach.top, frame.y + corner, frame.y2 - corner, frame.y2 + reach.bottom)
    middle_w, middle_h = xs[2] - xs[1], ys[2] - ys[1]
    left, right, top, bottom = xs[1] - xs[0], xs[3] - xs[2], ys[1] - ys[0], ys[3] - ys[2]
    pieces = {
        ShadowPiece.TOP_LEFT: Rect(xs[0], ys[0], left, top),
        ShadowPiece.TOP: Rect(xs[1], ys[0], middle_w, reach.top),
        ShadowPiece.TOP_RIGHT: Rect(xs[2], ys[0], right, top),
        ShadowPiece.LEFT: Rect(xs[0], ys[1], reach.left, middle_h),
        ShadowPiece.RIGHT: Rect(frame.x2, ys[1], reach.right, middle_h),
        ShadowPiece.BOTTOM_LEFT: Rect(xs[0], ys[2], left, bottom),
        ShadowPiece.BOTTOM: Rect(xs[1], frame.y2, middle_w, reach.bottom),
        ShadowPiece.BOTTOM_RIGHT: Rect(xs[2], ys[2], right, bottom),
    }
    return {piece: rect for piece, rect in pieces.items() if rect.width > 0 and rect.height > 0}


class TitlebarLook(NamedTuple):
    """Everything that a title bar's picture depends on, but for its width, scale and colours."""

    title: str = ""
    active: bool = True
    maximized: bool = False
    responsive: bool = True
    hovered: Part | None = None
    floating: bool = True
    resizable: bool = True


class Decorator(Protocol):
    """Knows the title bars that we draw."""

    def extents(self, window: Window) -> tuple[int, int, int, int]:
        """Return the layout pixels it takes on the (left, top, right, bottom)."""

    def decorate(self, window: Window, below: list[Art], above: list[Art]) -> None:
        """Add the pictures of one window."""

    def part_at(self, window: Window, x: float, y: float) -> Any:
        """Return which part of the decoration is at a layout point, or None."""

    def press(self, window: Window, part: Any, button: int) -> None:
        """A button (evdev code) went down on a part."""
