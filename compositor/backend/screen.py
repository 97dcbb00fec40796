"""Screen: an output's pixels, and how a frame gets into them.

A frame that is one client's buffer is not copied anywhere. Otherwise the
renderer draws what is damaged, either with every frame or, where nobody
watches, when somebody looks: the picture is the same, the work is not. What
draws is imported when the first pixel is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.geometry import EMPTY_REGION, Rect, Region
from compositor.model.content import Content
from compositor.model.formats import XRGB8888
from compositor.model.node import Node
from compositor.model.output import Output
from compositor.model.scene import OutputScene, Scene

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from compositor.render.base import Renderer
    from compositor.render.framebuffer import Framebuffer
    from compositor.render.scanout import ScanoutDecision

BACKGROUND = 0xFF10151C
"""Where nothing is: XRGB8888."""


class Screen:
    """The frame of one output.

    Attributes:
        viewers: how many map the framebuffer live; while there are any, every frame is drawn into it.
        on_demand: whether drawing waits until somebody looks.
        last_scanout: why the last frame was or was not a client's buffer.
        stale: what is to be drawn when somebody looks; the output scene's `whole` itself when that is all.
        scans_out: whether what the scene's generation `decided_at` shows is one client's buffer.
        drawn, scanned_out, deferred: how many frames went which way.
    """

    __slots__ = (
        "_framebuffer",
        "decided_at",
        "deferred",
        "drawn",
        "last_scanout",
        "on_demand",
        "output",
        "renderer",
        "scanned_out",
        "scans_out",
        "scene",
        "stale",
        "viewers",
    )

    def __init__(self, output: Output, scene: Scene, renderer: Renderer, on_demand: bool) -> None:
        self.output = output
        self.scene = scene
        self.renderer = renderer
        self.on_demand = on_demand
        self.viewers = 0
        self.drawn = 0
        self.scanned_out = 0
        self.deferred = 0
        self.last_scanout: ScanoutDecision | None = None
        self.scans_out = False
        self._framebuffer: Framebuffer | None = None
        self.stale: Region = Region()
        self.decided_at = -1

    @property
    def framebuffer(self) -> Framebuffer:
        """The output's memory, made when first needed and anew when the mode changes."""
        width, height = self.output.pixel_size
        target = self._framebuffer
        if target is None or target.width != width or target.height != height:
            from compositor.render.framebuffer import Framebuffer

            if target is not None:
                target.close()
            target = self._framebuffer = Framebuffer(width, height, BACKGROUND)
            self.stale = Region.from_rect(Rect(0, 0, width, height))
        return target

    def frame(self, entry: OutputScene) -> None:
        """Make one frame: take the damage and draw it, scan out, or leave it for who looks."""
        damage = entry.take_damage()
        if not damage.rects:
            return
        if not self.viewers:
            if self.on_demand:
                if self.stale is not entry.whole:
                    self._add_stale(damage, entry.whole)
                self.deferred += 1
                return
            # Until the next layout only contents are swapped, for others of the same shape.
            if self.decided_at != self.scene.generation:
                self._decide(entry)
            if self.scans_out:
                if self.stale is not entry.whole:
                    self._add_stale(damage, entry.whole)
                self.scanned_out += 1
                return
        self._draw(entry, damage)

    def _decide(self, entry: OutputScene) -> None:
        from compositor.render.scanout import ScanoutResult, decide

        _, _, width, height = entry.rect
        decision = decide(entry.nodes, width, height)
        # Without the node: an output that is dark may never ask again, and would keep the memory of a client.
        self.last_scanout = decision if decision.node is None else decision._replace(node=None)
        self.scans_out = decision.result is ScanoutResult.SUCCESS
        self.decided_at = self.scene.generation

    def _add_stale(self, damage: Region, whole: Region) -> None:
        stale = self.stale
        if stale == whole:
            self.stale = whole
            return
        if damage == whole:
            self.stale = whole
            return
        merged = stale.union(damage)
        self.stale = merged if len(merged.rects) <= 64 else Region.from_rect(merged.bounds)

    def _draw(self, entry: OutputScene, damage: Region) -> None:
        target = self._framebuffer
        if target is None or target.width != entry.rect.width or target.height != entry.rect.height:
            target = self.framebuffer
        if self.stale.rects:
            damage = damage.union(self.stale)
            self.stale = EMPTY_REGION
        self.drawn += 1
        self.renderer.render(target, entry.nodes, damage, BACKGROUND)

    def look(self) -> Framebuffer:
        """Return the framebuffer with everything drawn that the scene shows now."""
        entry = self.scene.for_output(self.output)
        target = self.framebuffer
        damage = entry.take_damage()
        if damage or self.stale:
            self._draw(entry, damage)
        return target

    def pixels(self) -> npt.NDArray[np.uint32]:
        """Return what the output shows now: (height, width) uint32 XRGB8888, output pixels.

        It is the client's own buffer where that can stand for the frame, so copy it before the loop turns.
        """
        from compositor.render.scanout import ScanoutResult, decide

        entry = self.scene.for_output(self.output)
        width, height = self.output.pixel_size
        decision = decide(entry.nodes, width, height)
        if decision.result is ScanoutResult.SUCCESS:
            return decision.pixels
        return self.look().pixels

    def capture(self, overlay: list[Node] | None = None) -> npt.NDArray[np.uint32]:
        """Return a copy of what the output shows now, with more nodes on top (such as the cursor).

        Returns:
            (height, width) uint32 XRGB8888 with 0xff in the top byte, output pixels.
        """
        from compositor.render.capture import Canvas, read

        image = read(self.pixels())
        if overlay:
            canvas = Canvas(*self.output.pixel_size)
            canvas.pixels[:] = image
            base = Node(Content(image, XRGB8888), Rect(0, 0, canvas.width, canvas.height))
            area = Region.from_rects(node.dst for node in overlay)
            self.renderer.render(canvas, [base, *overlay], area, BACKGROUND)
            return canvas.pixels
        return image

    def close(self) -> None:
        """Give the memory back."""
        if self._framebuffer is not None:
            self._framebuffer.close()
            self._framebuffer = None
