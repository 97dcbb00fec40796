"""Gives windows the decoration that they leave to us, and acts when its parts are pressed.

Pixels are `compositor.render.decoration`'s; places are `compositor.model.decoration`'s. Whoever builds the
desktop sets one as `Desktop.decorator` and adds `hover` to the pointer's `on_hover`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from compositor.geometry import Rect
from compositor.model.decoration import (
    DecorationLayout,
    Part,
    TitlebarLook,
    extents,
    layout,
    shadow_rects,
)
from compositor.model.desktop import Desktop
from compositor.model.scene import Art
from compositor.model.seat.codes import BTN_LEFT
from compositor.model.window import TILED, Window

DOUBLE_CLICK_MS = 400

_layout = lru_cache(maxsize=256)(layout)
_shadow_rects = lru_cache(maxsize=256)(shadow_rects)


class WindowDecorator:
    """Title bars, borders and shadows for all windows that want them; see `desktop.Decorator`."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        # The title bar pressed last, and when: a second press soon after is a double click.
        self._pressed: tuple[Window, int] | None = None

    def extents(self, window: Window) -> tuple[int, int, int, int]:
        """Return the layout pixels it takes on the (left, top, right, bottom)."""
        if not window.server_decorated or window.fullscreen:
            return (0, 0, 0, 0)
        return extents(_floating(window))

    def layout(self, window: Window) -> DecorationLayout:
        """Return where the parts of a decorated window are, relative to its geometry."""
        return _layout(window.width, window.height, _floating(window), _resizable(window))

    def decorate(self, window: Window, below: list[Art], above: list[Art]) -> None:
        """Add the pictures of one window."""
        if not window.server_decorated or window.fullscreen or window.width <= 0 or window.height <= 0:
            return
        places = self.layout(window)
        x, y, active = window.x, window.y, window.activated

        def art(kind: str, owner: Any, rect: Rect, detail: tuple[Any, ...], opaque: bool) -> None:
            below.append(Art(kind, (window.id, owner), rect.translate(x, y), detail, opaque))

        if places.floating:
            for piece, rect in _shadow_rects(places.frame).items():
                art("shadow", piece, rect, (piece, active), False)
            for index, rect in enumerate(places.borders):
                art("border", index, rect, (active,), True)
        hovered = window.hovered_part
        look = TitlebarLook(
            window.title or window.app_id,
            active,
            window.maximized,
            window.responsive,
            hovered if isinstance(hovered, Part) and hovered.button else None,
            places.floating,
            places.resizable,
        )
        art("titlebar", "titlebar", places.titlebar, tuple(look), not places.floating)

    def part_at(self, window: Window, x: float, y: float) -> Part | None:
        """Return which part of the decoration is at a layout point, or None."""
        if not window.server_decorated or window.fullscreen:
            return None
        return self.layout(window).part_at(x - window.x, y - window.y)

    def press(self, window: Window, part: Any, button: int) -> None:
        """A button (evdev code) went down on a part."""
        if button != BTN_LEFT or not isinstance(part, Part):
            return
        seat = self.desktop.seat
        if part.button:
            seat.press_part(lambda: self._act(window, part))
        elif part.edges:
            self.desktop.begin_resize(window, part.edges)
        elif self._is_double(window):
            if _resizable(window):
                window.set_maximized(not window.maximized)
        else:
            self.desktop.begin_move(window)

    def _is_double(self, window: Window) -> bool:
        now = self.desktop.clock.now_ns() // 1_000_000
        before, self._pressed = self._pressed, (window, now)
        if before is None or before[0] is not window or now - before[1] > DOUBLE_CLICK_MS:
            return False
        self._pressed = None
        return True

    @staticmethod
    def _act(window: Window, part: Part) -> None:
        match part:
            case Part.CLOSE:
                window.close()
            case Part.MAXIMIZE:
                window.set_maximized(not window.maximized)
            case Part.MINIMIZE:
                window.set_minimized(True)

    def hover(self, old: tuple[Any, Any], new: tuple[Any, Any]) -> None:
        """The pointer went from a part of a decoration to another; (None, None) is elsewhere."""
        for (item, _), part in ((old, None), (new, new[1])):
            if isinstance(item, Window):
                item.hovered_part = part
        self.desktop.scene.invalidate()
        # Away from all decorations the cursor is whoever's surface the pointer came to.
        part = new[1]
        pointer = self.desktop.seat.pointer
        if isinstance(part, Part):
            pointer.cursor.set_shape(part.cursor)
        elif pointer.focus is None:
            pointer.cursor.set_shape(Part.TITLE.cursor)


def _floating(window: Window) -> bool:
    return not (window.maximized or window.states & TILED)


def _resizable(window: Window) -> bool:
    return not window.max_size[0] or window.min_size != window.max_size
