"""GlRenderer: frames drawn with OpenGL.

Into memory, as every renderer; or into canvases that a window shows. Backends make it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from compositor.geometry import EMPTY_RECT, Rect, Region
from compositor.model.content import Content, SolidContent
from compositor.model.formats import ARGB8888
from compositor.model.node import Node
from compositor.render import capture
from compositor.render.base import Target
from compositor.render.cpu import CpuRenderer
from compositor.render.gl.api import GL, GlError, check, limit
from compositor.render.gl.canvas import Canvas
from compositor.render.gl.context import Context, OffscreenContext
from compositor.render.gl.picture import Pictures
from compositor.render.gl.plan import GlPlan, Tail, plan_of, signed
from compositor.render.gl.quads import Kind, Quads
from compositor.render.gl.texture import Graveyard
from compositor.render.sampling import ONE
from compositor.render.schedule import Clip, schedule

_LEAST_COPY = 64 * 64
"""Pixels from which on copying them is quicker than drawing them."""


class GlRenderer:
    """Draws frames with OpenGL 3.3.

    Args:
        context: to draw with; the renderer closes it. Without one it makes its own, off screen.

    Attributes:
        name: for people.
        pictures: the textures of contents.
        graveyard: counts textures.
        max_size: of a frame, pixels along an axis.

    Raises:
        GlError: OpenGL cannot be had.
    """

    def __init__(self, context: Context | None = None) -> None:
        self.context = context or OffscreenContext()
        self.context.make_current()
        self.name = f"gl ({self.context.description})"
        self.graveyard = Graveyard()
        self.max_size = limit(GL.GL_MAX_TEXTURE_SIZE)
        self.pictures = Pictures(self.graveyard, self.max_size)
        self._quads = Quads()
        self._scratch: Canvas | None = None
        self._cpu: CpuRenderer | None = None
        check("making ready")

    @property
    def textures(self) -> int:
        """How many textures there are."""
        return self.graveyard.alive

    def render(
        self, target: Target, nodes: Sequence[Node], damage: Region, background: int = 0xFF000000
    ) -> None:
        """See `Renderer.render`. The alpha byte of every pixel drawn is 0xff.

        Raises:
            GlError: OpenGL has failed; of the target, nothing or all of the damage is drawn.
        """
        damage = damage.intersect(Rect(0, 0, target.width, target.height))
        if not damage.rects:
            return
        self.context.make_current()
        scratch = self._scratch
        if scratch is None or (scratch.width, scratch.height) != (target.width, target.height):
            if scratch is not None:
                scratch.delete()
            self._scratch = scratch = self.new_canvas(target.width, target.height)
        self.draw(scratch, nodes, damage, background)
        scratch.read(damage.rects, target.pixels)
        check("reading a frame")

    def compose(self, target: Target, nodes: Sequence[Node], damage: Region, background: int) -> None:
        """See `Renderer.compose`. The CPU does it: for single pictures whose alpha must be exact."""
        self._on_cpu().compose(target, nodes, damage, background)

    def _on_cpu(self) -> CpuRenderer:
        if self._cpu is None:
            self._cpu = CpuRenderer()
        return self._cpu

    def new_canvas(self, width: int, height: int) -> Canvas:
        """Return a canvas, its pixels undefined.

        Raises:
            GlError: it is too large.
        """
        if max(width, height) > self.max_size:
            raise GlError(f"a frame of {width}×{height} pixels; OpenGL allows {self.max_size}")
        self.context.make_current()
        return Canvas(self.graveyard, width, height)

    def draw(self, canvas: Canvas, nodes: Sequence[Node], damage: Region, background: int) -> None:
        """Draw the damaged part of a canvas, which stays the current context's target.

        Args:
            nodes: bottom to top.
            damage: canvas pixels.
            background: XRGB8888.

        Raises:
            GlError: OpenGL has failed.
        """
        damage = damage.intersect(Rect(0, 0, canvas.width, canvas.height))
        if not damage.rects:
            return
        self.context.make_current()
        self.graveyard.empty()
        for node in nodes:
            plan_of(node)
        jobs, rest = schedule(nodes, damage)
        quads = self._quads
        quads.begin(canvas.width, canvas.height, canvas.texture.name)
        try:
            tail = _solid_tail(background)
            for rect in rest:
                quads.add(Kind.SOLID, 0, False, rect, tail)
            for node, plan, clip in jobs:
                assert type(plan) is GlPlan
                self._add(node, plan, damage.rects if clip is None else clip)
            canvas.bind()
            quads.end()
        finally:
            quads.drop()
        check("drawing a frame")

    def _add(self, node: Node, plan: GlPlan, clip: Clip) -> None:
        if not plan.parts:
            return
        texture = 0
        kind = Kind.SOLID
        rounded = Kind.ROUNDED_SOLID
        content = node.content
        if isinstance(content, Content):
            shown = self.pictures.show(node, plan, clip)
            if shown is None:
                self._add_drawn_by_cpu(node, plan, clip)
                return
            texture, left, top = shown
            plan.move_to(left, top)
            kind = Kind.SCALED if plan.scaled else Kind.COPY
            rounded = Kind.ROUNDED_SCALED if plan.scaled else Kind.ROUNDED_COPY
        elif plan.shadow:
            kind = rounded = Kind.SHADOW
        quads = self._quads
        copy = plan.copy if quads.can_copy else None
        has_alpha = plan.alpha != 255 or plan.rounded
        if not has_alpha:
            has_alpha = content.alpha < 1 if isinstance(content, SolidContent) else content.format.has_alpha
        for heed_alpha, piece, tail in plan.parts:
            chosen = rounded if heed_alpha and plan.rounded else kind
            blend = heed_alpha and has_alpha
            copied = copy is not None and not blend and chosen is Kind.COPY
            for part in clip:
                rect = piece if part == piece or part.contains_rect(piece) else part.intersect(piece)
                if not rect[2]:
                    continue
                if copied and copy is not None and rect[2] * rect[3] >= _LEAST_COPY:
                    quads.copy(texture, rect.x + copy[0], rect.y + copy[1], rect)
                else:
                    quads.add(chosen, texture, blend, rect, tail)

    def _add_drawn_by_cpu(self, node: Node, plan: GlPlan, clip: Clip) -> None:
        """Add a node whose buffer no texture can hold: its pixels on this output are drawn into one."""
        area = EMPTY_RECT
        for part in clip:
            area = area.union(part.intersect(plan.rect))
        if not area.width:
            return
        pixels = capture.draw(self._on_cpu(), [node], area)
        stand_in = Node(Content(pixels, ARGB8888), area)
        stand_in.corner_radius = node.corner_radius
        stand_in.frame = node.frame or node.dst
        self._add(stand_in, plan_of(stand_in), clip)

    def read(self, canvas: Canvas, region: Region, target: Target) -> None:
        """Copy a part of a canvas to the same place of a target of its size.

        Raises:
            GlError: OpenGL has failed.
        """
        self.context.make_current()
        canvas.read(region.intersect(Rect(0, 0, canvas.width, canvas.height)).rects, target.pixels)
        check("reading a frame")

    def delete_canvas(self, canvas: Canvas) -> None:
        """Give a canvas back; of a lost context it is gone already."""
        with contextlib.suppress(GlError):
            self.context.make_current()
            canvas.delete()

    def close(self) -> None:
        """Give back what the renderer holds. Textures of contents go with the context."""
        if self._cpu is not None:
            self._cpu.close()
        # Of a lost context there is nothing left to give back.
        with contextlib.suppress(GlError):
            self.context.make_current()
            if self._scratch is not None:
                self._scratch.delete()
                self._scratch = None
            self.pictures.delete()
            self._quads.delete()
            self.graveyard.empty()
        self.context.close()


def _solid_tail(argb: int) -> Tail:
    return (ONE, 0, 0, 255, 0, ONE, 0, 0, 0, 0, 0, 0, 0, 0, 0, signed(argb & 0xFFFFFFFF), *EMPTY_RECT)
