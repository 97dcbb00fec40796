"""WindowScreen: the frame of an output that is shown in a window.

With OpenGL the frame is a canvas of the driver's; it is read into memory when somebody asks for the pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from compositor.backend.screen import BACKGROUND, Screen
from compositor.geometry import Rect, Region
from compositor.model.node import Node
from compositor.model.output import Output
from compositor.model.scene import OutputScene, Scene
from compositor.render.base import Renderer
from compositor.render.colours import Colours
from compositor.render.framebuffer import Framebuffer
from compositor.render.gl.errors import GlError

if TYPE_CHECKING:
    from compositor.backend.window.glwindow import GlWindow
    from compositor.backend.window.hostwindow import HostWindow

Overlay = Callable[[OutputScene, list[Node], Region], tuple[list[Node], Region, Region]]
"""Called with nodes and damage of a frame; returns both with its own additions, and where those are."""


class WindowScreen(Screen):
    """Draws frames and has its window show them.

    Args:
        trouble: called when OpenGL has failed; calls `replace` before it returns.

    Attributes:
        window: where it is shown.
        colours: changes to the colours of what is shown; not of what is captured.
        overlays: add to what is shown, in order; captures go without.
    """

    def __init__(
        self,
        output: Output,
        scene: Scene,
        renderer: Renderer,
        window: HostWindow,
        trouble: Callable[[GlError], None],
    ) -> None:
        super().__init__(output, scene, renderer, on_demand=False)
        self.window = window
        self.colours = Colours()
        self.overlays: list[Overlay] = []
        # Where overlays have drawn into the canvas.
        self._touched = Region()
        self._show_all = True
        self._trouble = trouble

    @property
    def _gl(self) -> GlWindow | None:
        window: Any = self.window
        return window if hasattr(window, "present") else None

    def set_colours(self, colours: Colours) -> None:
        """Change the colours of the whole output; without OpenGL nothing changes."""
        if colours != self.colours:
            self.colours = colours
            self._show_all = True
            self.output.schedule()

    def exposed(self) -> None:
        """The host has lost what was shown."""
        self._show_all = True
        self.output.schedule()

    def replace(self, renderer: Renderer, window: HostWindow) -> None:
        """Go on with another renderer in another window of the same size."""
        self.renderer = renderer
        self.window = window
        self.stale = Region.from_rect(Rect(0, 0, *self.output.pixel_size))
        self.exposed()

    def frame(self, entry: OutputScene) -> None:
        connection = self.window.connection
        if connection.broken:
            return
        damage = entry.take_damage()
        nodes = entry.nodes
        touched = Region()
        for overlay in self.overlays:
            nodes, damage, more = overlay(entry, nodes, damage)
            touched = touched.union(more)
        if self._touched:
            damage = damage.union(self._touched)
        self._touched = touched
        try:
            self._make(entry, nodes, damage)
        except GlError as error:
            if connection.broken:
                return
            self._trouble(error)
            self._make(entry, nodes, damage)

    def _make(self, entry: OutputScene, nodes: Sequence[Node], damage: Region) -> None:
        if damage or (self._gl is None and self.stale):
            self._draw_nodes(nodes, damage)
        if self._show_all:
            self._show_all = False
            self._show(Region.from_rect(entry.rect))
        elif damage:
            self._show(damage.intersect(entry.rect))

    def _draw(self, entry: OutputScene, damage: Region) -> None:
        self._draw_nodes(entry.nodes, damage)

    def _draw_nodes(self, nodes: Sequence[Node], damage: Region) -> None:
        window = self._gl
        if window is None:
            target = self.framebuffer
            damage = damage.union(self.stale)
            self.stale = Region()
            self.drawn += 1
            self.renderer.render(target, nodes, damage, BACKGROUND)
            return
        canvas, new = window.target()
        if new:
            damage = Region.from_rect(Rect(0, 0, canvas.width, canvas.height))
            self._show_all = True
        self.drawn += 1
        window.renderer.draw(canvas, nodes, damage, BACKGROUND)
        self._add_stale(damage, Region.from_rect(Rect(0, 0, canvas.width, canvas.height)))
        if self.viewers:
            self._read()

    def _show(self, region: Region) -> None:
        window = self._gl
        if window is not None:
            window.present(region, self.colours)
        elif self.framebuffer.pixels.shape == (self.window.height, self.window.width):
            self.window.show(self.framebuffer.pixels, region)

    def _read(self) -> None:
        """Bring the framebuffer in memory up to date with the canvas."""
        window = self._gl
        target = self.framebuffer
        if window is None or not self.stale:
            return
        canvas, new = window.target()
        if not new and (canvas.width, canvas.height) == (target.width, target.height):
            stale, self.stale = self.stale, Region()
            window.renderer.read(canvas, stale, target)

    def look(self) -> Framebuffer:
        if self._gl is None:
            return self._look_at_memory()
        try:
            entry = self.scene.for_output(self.output)
            if entry.damage or self._touched:
                self._draw(entry, entry.take_damage().union(self._touched))
                self._touched = Region()
                # It is shown with the next frame.
                self.exposed()
            self._read()
        except GlError as error:
            self._trouble(error)
            return self._look_at_memory()
        return self.framebuffer

    def _look_at_memory(self) -> Framebuffer:
        if self.scene.for_output(self.output).damage or self._touched:
            self.stale = self.stale.union(self._touched)
            self._touched = Region()
            self.exposed()
        return super().look()

    def pixels(self) -> npt.NDArray[np.uint32]:
        return self.look().pixels

    def close(self) -> None:
        super().close()
        self.window.close()
