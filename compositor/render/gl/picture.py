"""Pictures: contents as textures, kept up to date with no more than what has changed.

A surface has one picture, whichever of its buffers it shows; what it has to read is in `Node.changes`.
Contents of which nobody keeps that account are read again wherever they are drawn. The GL renderer
imports it.
"""

from __future__ import annotations

from collections.abc import Sequence

from compositor.geometry import EMPTY_RECT, Rect, Region
from compositor.model.changes import Changes
from compositor.model.content import Content
from compositor.model.formats import PixelFormat
from compositor.model.node import Node
from compositor.render.gl.api import GL
from compositor.render.gl.canvas import Canvas
from compositor.render.gl.plan import GlPlan, texels_shown
from compositor.render.gl.quads import Kind, Quads
from compositor.render.gl.texture import LAYOUTS, Graveyard, Source, Texture
from compositor.render.sampling import ONE, Sampling, reduced_size

_MAX_VARIANTS = 4
# Textures of windows that grow get room to grow on; a multiple keeps drivers' rows aligned.
_STEP = 64


class Picture:
    """A texture and what it holds.

    Attributes:
        texture: may be larger than the content.
        width, height, format: of the content it holds.
        version: counts uploads.
    """

    __slots__ = ("format", "height", "owner", "texture", "variants", "version", "width")

    def __init__(self, owner: Pictures, texture: Texture, content: Content) -> None:
        self.owner = owner
        self.texture = texture
        self.format: PixelFormat = content.format
        self.width = content.width
        self.height = content.height
        self.version = 0
        self.variants: dict[Sampling, tuple[int, list[Texture]]] = {}

    def holds(self, content: Content) -> bool:
        """Whether it is of the content's size and format."""
        return self.format is content.format and (self.width, self.height) == (content.width, content.height)


class _Kept:
    """What is kept of a content in its cache."""

    __slots__ = ("owner", "picture", "source")

    def __init__(self, owner: Pictures, source: Source) -> None:
        self.owner = owner
        self.source = source
        self.picture: Picture | None = None


class Pictures:
    """All pictures of a renderer.

    Attributes:
        uploaded_bytes: since the beginning.
        uploads: calls of the driver's since the beginning.
        max_size: of a texture, texels along an axis.
    """

    def __init__(self, graveyard: Graveyard, max_size: int) -> None:
        self.graveyard = graveyard
        self.max_size = max_size
        self.uploaded_bytes = 0
        self.uploads = 0
        self._quads: Quads | None = None

    def show(self, node: Node, plan: GlPlan, clip: Sequence[Rect]) -> Texture | None:
        """Return the texture to draw a node from, up to date in what `clip` shows of it.

        Args:
            clip: output pixels.

        Returns:
            None if the content is too large for a texture.
        """
        content = node.content
        assert isinstance(content, Content)
        if content.width > self.max_size or content.height > self.max_size:
            return None
        kept = content.cache
        if not isinstance(kept, _Kept) or kept.owner is not self:
            content.cache = kept = _Kept(self, Source(content.pixels, content.format.bytes_per_pixel))
        changes = node.changes
        if changes is None:
            picture = self._fit(kept.picture, content)
            kept.picture = picture
            shown = [texels_shown(plan, part.intersect(plan.rect)) for part in clip]
            self._upload(picture, kept.source, Region.from_rects(r for r in shown if r.width))
        else:
            picture = self._take(changes, content, kept.source)
        sampling = plan.sampling
        if sampling is None or not sampling.reductions:
            return picture.texture
        return self._reduced(picture, sampling)

    def _take(self, changes: Changes, content: Content, source: Source) -> Picture:
        old = changes.cache
        if not isinstance(old, Picture) or old.owner is not self:
            old = None
        picture = self._fit(old, content)
        if picture is not old:
            changes.cache = picture
            changes.add_all()
        if changes.pending:
            rects = changes.take()
            whole = Rect(0, 0, content.width, content.height)
            region = Region.from_rect(whole) if rects is None else Region.from_rects(rects).intersect(whole)
            self._upload(picture, source, region)
        return picture

    def _fit(self, old: Picture | None, content: Content) -> Picture:
        """A picture for a content: the old one if it holds such contents, else one on its texture, or new."""
        if old is not None and old.holds(content):
            return old
        layout, channels = LAYOUTS[content.format]
        width, height = content.width, content.height
        texture = None if old is None else old.texture
        if (
            texture is None
            or texture.layout != layout
            or texture.width < width
            or texture.height < height
            or texture.width * texture.height > 4 * width * height + 65_536
        ):
            if texture is not None:
                # It was resized and may be so again.
                width = min(-(-(width + width // 8) // _STEP) * _STEP, self.max_size)
                height = min(-(-(height + height // 8) // _STEP) * _STEP, self.max_size)
            texture = Texture(self.graveyard, layout, width, height)
        texture.swizzle(channels)
        return Picture(self, texture, content)

    def _upload(self, picture: Picture, source: Source, region: Region) -> None:
        if not region:
            return
        GL.glBindTexture(GL.GL_TEXTURE_2D, picture.texture.name)
        self.uploaded_bytes += source.upload(picture.texture.layout, region.rects)
        self.uploads += len(region.rects)
        picture.version += 1

    def _reduced(self, picture: Picture, sampling: Sampling) -> Texture:
        """The shown part of a picture after the reductions of a sampling."""
        found = picture.variants.get(sampling)
        if found is not None and found[0] == picture.version:
            return found[1][-1]
        if self._quads is None:
            self._quads = Quads()
        if found is None and len(picture.variants) >= _MAX_VARIANTS:
            picture.variants.clear()
        texture = picture.texture
        bounds = sampling.bounds
        kept = [] if found is None else found[1]
        made: list[Texture] = []
        for number, step in enumerate(sampling.reductions):
            width, height = reduced_size(bounds.width, bounds.height, step)
            canvas = Canvas(self.graveyard, width, height, kept[number] if kept else None)
            canvas.bind()
            self._quads.begin(width, height)
            tail = (
                *(step[0] * ONE, 0, 0, 255),
                *(0, step[1] * ONE, 0, 1),
                *(bounds.x, bounds.y, bounds.x2, bounds.y2),
                *(0, 0, 0, 0),
                *EMPTY_RECT,
            )
            self._quads.add(Kind.SCALED, texture.name, False, Rect(0, 0, width, height), tail)
            self._quads.end()
            texture = canvas.texture
            made.append(texture)
            canvas.delete()
            bounds = Rect(0, 0, width, height)
        picture.variants[sampling] = (picture.version, made)
        return texture

    def delete(self) -> None:
        """Give back what is not kept by contents; the context is current."""
        if self._quads is not None:
            self._quads.delete()
            self._quads = None
