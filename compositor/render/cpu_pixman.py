"""Drawing with libpixman.

Images that read a content in place are made once and kept in `Content.cache`; they hold the content's
array, and with it the mapping, so they are as safe to read as the content itself. What pixman cannot read
well is converted first, what it cannot read at all is left to numpy. The CPU renderer imports it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.geometry import EMPTY_RECT, Region
from compositor.model.content import Content, SolidContent
from compositor.model.formats import XRGB8888, PixelFormat
from compositor.model.node import Node
from compositor.render import cpu_numpy
from compositor.render.convert import to_argb
from compositor.render.pixman import (
    A8R8G8B8,
    CODES,
    MAX_SIZE,
    OP_OVER,
    OP_SRC,
    X8R8G8B8,
    Image,
    Pixman,
    can_read,
)
from compositor.render.sampling import ONE, Sampling, reduced_size
from compositor.render.schedule import Clip, Place, Plan, Rehearsed

Pixels = npt.NDArray[np.uint32]
_Pointer = ctypes.c_void_p

# Colours and ways to show one content are few; clients that make many must not make us keep them.
_MAX_COLOURS = 256
_MAX_VARIANTS = 8


class Source:
    """A content as it is drawn; kept in `Content.cache`.

    Attributes:
        images: keeps what the two pointers stand for; None while they were not made.
        blend: heeds alpha.
        opaque: takes every pixel as opaque.
        direct: whether the two exist and may be drawn one for one.
        variants: images that read it through a sampling.
        raster: what draws it without pixman, or None; see `cpu_direct`.
    """

    __slots__ = ("blend", "direct", "images", "opaque", "raster", "variants")

    def __init__(self) -> None:
        self.images: tuple[Image | None, Image | None] | None = None
        self.blend: _Pointer | None = None
        self.opaque: _Pointer | None = None
        self.direct = False
        self.variants: dict[tuple[Sampling, bool], Image] = {}
        self.raster: Any = None

    def set_images(self, blend: Image | None, opaque: Image | None) -> None:
        """Have it drawn from images, or say that none can be made."""
        self.images = (blend, opaque)
        self.blend = blend.pointer if blend else None
        self.opaque = opaque.pointer if opaque else None
        self.direct = blend is not None


class Target:
    """A framebuffer as it is drawn into; kept in its `cache`.

    Attributes:
        rehearsed: the schedule of the last frame.
        raster, score: what draws that without pixman, or None; see `cpu_direct`.
    """

    __slots__ = ("image", "pixels", "pointer", "raster", "rehearsed", "score")

    def __init__(self, pixman: Pixman, pixels: Pixels) -> None:
        self.pixels = pixels
        self.image = pixman.image(A8R8G8B8, pixels)
        self.pointer = self.image.pointer
        self.rehearsed = Rehearsed()
        self.raster: Any = None
        self.score: Any = None


class PixmanPainter:
    """Draws jobs with pixman, bottom to top."""

    __slots__ = ("_colours", "_masks", "_pixman")

    def __init__(self, pixman: Pixman) -> None:
        self._pixman = pixman
        self._masks: dict[int, Image] = {}
        self._colours: dict[int, Image] = {}

    def paint(self, target: Any, nodes: Sequence[Node], damage: Region, background: int) -> None:
        """Draw a frame.

        Args:
            target: has pixels (premultiplied ARGB8888) and cache.
            nodes: bottom to top.
            damage: output pixels, within the target, not empty.
            background: ARGB8888 pixel where there is no node.
        """
        goal = target.cache
        if not isinstance(goal, Target) or goal.pixels is not target.pixels:
            target.cache = goal = Target(self._pixman, target.pixels)
        try:
            self._paint(goal, nodes, damage, background)
        except BaseException:
            # Nobody knows what the clip is.
            goal.rehearsed = Rehearsed()
            raise

    def _paint(self, goal: Target, nodes: Sequence[Node], damage: Region, background: int) -> None:
        rehearsed = goal.rehearsed
        set_clip = self._pixman.clip
        # After a frame the clip is the damage of that.
        if not rehearsed.fits(nodes, damage):
            set_clip(goal.image, damage.rects)
        if rehearsed.rest:
            cpu_numpy.fill(goal.pixels, rehearsed.rest, background)
        if not self._paint_places(goal, nodes, damage, rehearsed.places):
            # Against the rules; anew, with plans for what there is.
            goal.rehearsed = Rehearsed()
            self._paint(goal, nodes, damage, background)
        elif not rehearsed.places:
            # Where nothing is left to show, nothing is left behind.
            goal.rehearsed = Rehearsed()

    def _paint_places(
        self, goal: Target, nodes: Sequence[Node], damage: Region, places: Sequence[Place]
    ) -> bool:
        """Draw some of a schedule, the clip being the damage.

        Returns:
            False if a content has another size than was planned with.
        """
        set_clip = self._pixman.clip
        composite = self._pixman.composite
        pointer = goal.pointer
        for index, plan, clip in places:
            node = nodes[index]
            if clip is not None:
                set_clip(goal.image, clip)
            content = node.content
            if content.width != plan.width or content.height != plan.height:
                return False
            if content.waits:
                content.ready()
            source = content.cache
            if type(source) is not Source or source.images is None:
                source = self._source(content)
            if source.direct and plan.sampling is None:
                mask = None if plan.alpha == 255 else self._mask(plan.alpha)
                for heed_alpha, sx, sy, dx, dy, width, height in plan.pieces:
                    if heed_alpha:
                        composite(OP_OVER, source.blend, mask, pointer, sx, sy, 0, 0, dx, dy, width, height)
                    else:
                        composite(OP_SRC, source.opaque, None, pointer, sx, sy, 0, 0, dx, dy, width, height)
            else:
                self._paint_indirect(goal, node, plan, source, damage.rects if clip is None else clip)
            if clip is not None:
                set_clip(goal.image, damage.rects)
        return True

    def _paint_indirect(self, goal: Target, node: Node, plan: Plan, source: Source, clip: Clip) -> None:
        """Draw what is scaled, turned or in a format that must be converted."""
        content = node.content
        assert isinstance(content, Content)
        sampling = plan.sampling
        if sampling is None:
            # Convert no more than can be seen.
            shown = EMPTY_RECT
            for part in clip:
                shown = shown.union(part.intersect(plan.rect))
            if not shown.width:
                return
            _, sx, sy, dx, dy, _, _ = plan.pieces[0]
            left, top = shown.x - dx + sx, shown.y - dy + sy
            pixels = content.pixels[top : top + shown.height, left : left + shown.width]
        else:
            left = top = 0
            bounds = sampling.bounds
            # Turning XRGB8888 by 90° takes numpy 1.7 ms and pixman 4.5 ms (1920 × 1080).
            turned = content.format is XRGB8888 and not sampling.scaled and plan.alpha == 255
            if turned or bounds.width > MAX_SIZE or bounds.height > MAX_SIZE:
                cpu_numpy.draw(goal.pixels, node, plan, clip)
                return
            pixels = content.pixels[bounds.y : bounds.y2, bounds.x : bounds.x2]
        images: dict[bool, Image] = {}
        mask = None if plan.alpha == 255 else self._mask(plan.alpha)
        for heed_alpha, sx, sy, dx, dy, width, height in plan.pieces:
            image = images.get(heed_alpha)
            if image is None:
                image = self._image(source, pixels, content.format, sampling, heed_alpha)
                images[heed_alpha] = image
            operator = OP_OVER if heed_alpha else OP_SRC
            self._pixman.composite(
                operator,
                image.pointer,
                mask,
                goal.pointer,
                sx - left,
                sy - top,
                0,
                0,
                dx,
                dy,
                width,
                height,
            )

    def _image(
        self,
        source: Source,
        pixels: npt.NDArray[Any],
        format: PixelFormat,
        sampling: Sampling | None,
        heed_alpha: bool,
    ) -> Image:
        """An image of the shown part of a content that is read through the sampling."""
        pixman = self._pixman
        if sampling is not None and (kept := source.variants.get((sampling, heed_alpha))):
            return kept
        in_place = format in CODES and can_read(pixels)
        if in_place:
            image = pixman.image(CODES[format][0 if heed_alpha else 1], pixels)
        else:
            argb = to_argb(pixels, format)
            image = pixman.image(A8R8G8B8 if heed_alpha else X8R8G8B8, argb)
        if sampling is None:
            return image
        width, height = sampling.bounds.width, sampling.bounds.height
        for step in sampling.reductions:
            pixman.sample(image, (step[0] * ONE, 0, 0, 0, step[1] * ONE, 0), True)
            width, height = reduced_size(width, height, step)
            smaller = pixman.image(A8R8G8B8, np.empty((height, width), np.uint32))
            pixman.composite(OP_SRC, image.pointer, None, smaller.pointer, 0, 0, 0, 0, 0, 0, width, height)
            image = smaller
        pixman.sample(image, sampling.matrix, sampling.scaled)
        if in_place and not sampling.reductions:
            if len(source.variants) >= _MAX_VARIANTS:
                source.variants.clear()
            source.variants[sampling, heed_alpha] = image
        return image

    def _source(self, content: Content | SolidContent) -> Source:
        """Give a content's source the images that it is drawn from."""
        source = content.cache
        if type(source) is not Source:
            content.cache = source = Source()
        if isinstance(content, SolidContent):
            source.set_images(self._colour(content.argb), self._colour(content.argb | 0xFF000000))
            return source
        codes = CODES.get(content.format)
        if codes is None or not can_read(content.pixels):
            source.set_images(None, None)
            return source
        blend = self._pixman.image(codes[0], content.pixels)
        opaque = blend if codes[0] == codes[1] else self._pixman.image(codes[1], content.pixels)
        source.set_images(blend, opaque)
        return source

    def _colour(self, argb: int) -> Image:
        image = self._colours.get(argb)
        if image is None:
            if len(self._colours) >= _MAX_COLOURS:
                self._colours.clear()
            self._colours[argb] = image = self._pixman.solid(argb)
        return image

    def _mask(self, alpha: int) -> _Pointer:
        image = self._masks.get(alpha)
        if image is None:
            self._masks[alpha] = image = self._pixman.solid(alpha << 24)
        return image.pointer

    def close(self) -> None:
        self._masks.clear()
        self._colours.clear()
