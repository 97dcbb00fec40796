"""WindowFrame: title bars, borders and shadows of windows that leave them to us, and what their parts do.

It places arts for the painter and answers the pointer; where the parts are is
`compositor.model.decoration`'s, how they look `compositor.render.decoration`'s.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from compositor.model import decoration
from compositor.model.decoration import DecorationLayout, Part, TitlebarLook
from compositor.model.scene import Art
from compositor.model.seat.codes import BTN_LEFT, BTN_RIGHT
from compositor.model.seat.cursor import DEFAULT_SHAPE
from compositor.model.toplevel_state import TILED
from compositor.model.window import Window

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop

_DOUBLE_CLICK_MS = 400


@lru_cache(maxsize=256)
def _layout(width: int, height: int, floating: bool, resizable: bool) -> DecorationLayout:
    return decoration.layout(width, height, floating, resizable)


class WindowFrame:
    """Decorates windows (compositor.model.desktop.Decorator)."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        # By number: a window that is gone must not be kept.
        self._last_press: tuple[int | None, int] = (None, 0)
        desktop.seat.pointer.on_hover.append(self._hovered)

    def _hovered(self, *hovers: tuple[Any, Any]) -> None:
        """Draw a button anew that the pointer enters or leaves, and show what can be dragged."""
        if any(isinstance(part, Part) and part.button for _, part in hovers):
            self._desktop.scene.invalidate()
        pointer = self._desktop.seat.pointer
        part = hovers[-1][1]
        if isinstance(part, Part):
            pointer.cursor.set_shape(part.cursor)
        elif pointer.focus is None and pointer.grab is pointer.default_grab:
            # Neither over a decoration nor over a surface.
            pointer.cursor.set_shape(DEFAULT_SHAPE)

    @staticmethod
    def _floating(window: Window) -> bool:
        return not (window.maximized or window.states & TILED)

    @staticmethod
    def _resizable(window: Window) -> bool:
        return window.max_size == (0, 0) or window.max_size != window.min_size

    def layout_of(self, window: Window) -> DecorationLayout | None:
        """Return where the parts are, relative to the window geometry; None for one without decoration."""
        if not window.server_decorated or window.fullscreen or window.geometry.empty:
            return None
        return _layout(window.width, window.height, self._floating(window), self._resizable(window))

    def extents(self, window: Window) -> tuple[int, int, int, int]:
        """Return the layout pixels that the decoration takes on the (left, top, right, bottom)."""
        if not window.server_decorated or window.fullscreen:
            return 0, 0, 0, 0
        return decoration.extents(self._floating(window))

    def decorate(self, window: Window, below: list[Art], above: list[Art]) -> None:
        """Add the pictures of one window."""
        layout = self.layout_of(window)
        if layout is None:
            return
        x, y = window.x, window.y
        active = window.activated
        if layout.floating:
            size = decoration.shadow_size(layout.frame)
            for piece, rect in decoration.shadow_rects(layout.frame).items():
                detail = (piece, active, *size)
                below.append(Art("shadow", (window.id, piece), rect.translate(x, y), detail))
        for index, rect in enumerate(layout.borders):
            art = Art("border", (window.id, index), rect.translate(x, y), (active,), opaque=True)
            below.append(art)
        item, part = self._desktop.seat.pointer.hover
        hovered = part if item is window and isinstance(part, Part) and part.button else None
        look = TitlebarLook(
            window.title or window.app_id,
            active,
            window.maximized,
            window.responsive,
            hovered,
            layout.floating,
            layout.resizable,
        )
        bar = layout.titlebar.translate(x, y)
        # The corners of a floating window are rounded.
        below.append(Art("titlebar", window.id, bar, tuple(look), opaque=not layout.floating))

    def part_at(self, window: Window, x: float, y: float) -> Part | None:
        """Return which part is at a layout point, or None."""
        layout = self.layout_of(window)
        return None if layout is None else layout.part_at(x - window.x, y - window.y)

    def press(self, window: Window, part: Part, button: int) -> None:
        """A button (evdev code) went down on a part."""
        seat = self._desktop.seat
        if button == BTN_RIGHT and part is Part.TITLE:
            seat.press_part(lambda: window.set_minimized(True))
        elif button != BTN_LEFT:
            return
        elif part.edges:
            self._desktop.begin_resize(window, part.edges)
        elif part is Part.CLOSE:
            seat.press_part(window.close)
        elif part is Part.MAXIMIZE:
            seat.press_part(lambda: window.set_maximized(not window.maximized))
        elif part is Part.MINIMIZE:
            seat.press_part(lambda: window.set_minimized(True))
        else:
            self._press_title(window)

    def _press_title(self, window: Window) -> None:
        now = self._desktop.now_ms()
        last, when = self._last_press
        if last == window.id and now - when < _DOUBLE_CLICK_MS and self._resizable(window):
            self._last_press = (None, 0)
            window.set_maximized(not window.maximized)
        else:
            self._last_press = (window.id, now)
            self._desktop.begin_move(window)
