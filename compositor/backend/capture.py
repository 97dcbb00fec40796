"""Copies of what is or could be seen: of outputs, windows and the cursor.

The server installs one on the desktop; the capture protocols and the control
socket ask it, so that everybody gets the same picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from compositor.geometry import Rect
from compositor.model.capture import CursorPicture, Glance
from compositor.model.content import Content
from compositor.model.desktop import Desktop
from compositor.model.formats import ARGB8888
from compositor.model.item import Item
from compositor.model.node import Node
from compositor.model.output import Output
from compositor.model.window import Window

if TYPE_CHECKING:
    from compositor.model.capture import Pixels

CURSOR_SIZE = 24
"""Layout pixels of a named cursor's sides."""


class Screens(Protocol):
    """A backend, as far as captures need it."""

    renderer: Any
    screens: dict[Output, Any]


class ScreenCapture:
    """Makes copies; see `compositor.model.capture.Capturer` for what each method gives."""

    def __init__(self, desktop: Desktop, backend: Screens) -> None:
        self._desktop = desktop
        self._backend = backend

    def output(self, output: Output, cursor: bool) -> Pixels:
        """Return what an output shows now: (height, width) XRGB8888, logical orientation."""
        pixels: Pixels = self._backend.screens[output].capture(self.cursor_nodes(output) if cursor else None)
        return pixels

    def window(self, window: Window, cursor: bool = False) -> Pixels:
        """Return a window by itself, with or without the cursor: (height, width) premultiplied ARGB8888."""
        from compositor.render.capture import draw

        nodes, place = self._nodes(window)
        if cursor:
            nodes += self.cursor_nodes(place)
        return draw(self._backend.renderer, nodes, Rect(0, 0, place.width, place.height))

    def glance_window(self, window: Window) -> Glance:
        """Return what `window` does, to be read at once: it may be the client's own buffer."""
        from compositor.render.capture import glance

        nodes, place = self._nodes(window)
        return glance(self._backend.renderer, nodes, Rect(0, 0, place.width, place.height))

    def glance_output(self, output: Output, cursor: bool) -> Glance:
        """Return what `output` does, to be read at once: it may be the framebuffer or a client's buffer."""
        nodes = self.cursor_nodes(output) if cursor else None
        screen = self._backend.screens[output]
        return Glance(screen.capture(nodes) if nodes else screen.pixels(), True)

    def _nodes(self, window: Window) -> tuple[list[Node], Output]:
        place = self._place(window)
        return self._desktop.scene.nodes_of(window, place), place

    def window_size(self, window: Window) -> tuple[int, int]:
        """Return width and height of what `window` gives."""
        place = self._place(window)
        return place.width, place.height

    @staticmethod
    def _place(window: Window) -> Output:
        """Return a screen that shows nothing but the window's place."""
        shown = window.surface.outputs
        scale = shown[0].scale if shown else 1.0
        rect = window.rect_layout
        width, height = max(1, round(rect.width * scale)), max(1, round(rect.height * scale))
        return Output("capture", width, height, scale=scale, x=rect.x, y=rect.y)

    # The cursor

    def cursor_nodes(self, output: Output) -> list[Node]:
        """Return the cursor as it would be drawn on an output, output pixels."""
        pointer = self._desktop.seat.pointer
        state = pointer.cursor.state
        if state.surface is not None:
            item = Item(state.surface)
            item.x = round(pointer.x) - state.hotspot_x
            item.y = round(pointer.y) - state.hotspot_y
            width, height = output.pixel_size
            place = Output("capture", width, height, scale=output.scale, x=output.x, y=output.y)
            return list(self._desktop.scene.nodes_of(item, place))
        picture = self.cursor(output.scale)
        if picture is None:
            return []
        height, width = picture.pixels.shape
        x = round((pointer.x - output.x) * output.scale) - picture.hotspot_x
        y = round((pointer.y - output.y) * output.scale) - picture.hotspot_y
        rect = Rect(x, y, width, height)
        if not rect.intersects(Rect(0, 0, *output.pixel_size)):
            return []
        return [Node(Content(picture.pixels, ARGB8888), rect)]

    def cursor_rects(self, output: Output) -> list[Rect]:
        """Return where the cursor is on an output, output pixels."""
        return [node.dst for node in self.cursor_nodes(output)]

    def cursor(self, scale: float) -> CursorPicture | None:
        """Return the cursor at a scale, or None while it is hidden."""
        state = self._desktop.seat.pointer.cursor.state
        surface = state.surface
        if surface is None:
            if state.shape is None:
                return None
            from compositor.render.cursors import MAX_SIZE, cursor_image

            size = max(1, min(round(CURSOR_SIZE * scale), MAX_SIZE))
            return CursorPicture(*cursor_image(state.shape, size))
        if surface.content is None:
            return None
        width, height = max(1, round(surface.width * scale)), max(1, round(surface.height * scale))
        nodes = self._desktop.scene.nodes_of(Item(surface), Output("capture", width, height, scale=scale))
        from compositor.render.capture import draw

        pixels = draw(self._backend.renderer, nodes, Rect(0, 0, width, height))
        return CursorPicture(pixels, round(state.hotspot_x * scale), round(state.hotspot_y * scale))
