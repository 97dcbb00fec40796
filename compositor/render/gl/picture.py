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
from compositor.render.gl.atlas import Atlas, Slot
from compositor.render.gl.canvas import Canvas
from compositor.render.gl.plan import GlPlan, texels_shown
from compositor.render.gl.quads import Kind, Quads
from compositor.render.gl.texture import LAYOUTS, Graveyard, Source, Texture, Unpack
from compositor.render.sampling import ONE, Sampling, reduced_size

_2D = GL.GL_TEXTURE_2D
_bind = GL.glBindTexture

_MAX_VARIANTS = 4
# Textures of windows that grow get room to grow on; a multiple keeps drivers' rows aligned.
_STEP = 64


class Picture:
    """A texture and what it holds.

    Attributes:
        texture: may be larger than the content, and hold others beside it.
        x, y: where in the texture the content begins, texels.
        width, height, format: of the content it holds.
        version: counts uploads.
    """

    __slots__ = ("_slot", "format", "height", "owner", "texture", "variants", "version", "width", "x", "y")

    def __init__(self, owner: Pictures, texture: Texture, content: Content, slot: Slot | None = None) -> None:
        self.owner = owner
        self.texture = texture
        # Kept, so that the place stays this picture's.
        self._slot = slot
        self.x, self.y = (0, 0) if slot is None else (slot.x, slot.y)
        self.format: PixelFormat = content.format
        self.width = content.width
        self.height = content.height
        self.version = 0
        self.variants: dict[Sampling, tuple[int, list[Texture]]] = {}

    @property
    def shared(self) -> bool:
        """Whether the texture holds other pictures too."""
        return self._slot is not None

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
        self._atlas = Atlas(graveyard, max_size)
        self._unpack = Unpack()

    def show(self, node: Node, plan: GlPlan, clip: Sequence[Rect]) -> tuple[int, int, int] | None:
        """Bring what `clip` shows of a node up to date.

        Args:
            clip: output pixels.

        Returns:
            The name of the texture to draw the node from, and where in it the picture begins, texels.
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
            self._upload(picture, kept.source, Region.from_rects(r for r in shown if r.width).rects)
        else:
            picture = self._take(changes, content, kept.source)
        sampling = plan.sampling
        if sampling is None or not sampling.reductions:
            return picture.texture.name, picture.x, picture.y
        return self._reduced(picture, sampling).name, 0, 0

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
            parts: tuple[Rect, ...]
            if rects is None:
                parts = (whole,)
            elif len(rects) == 1:
                # Nearly always, and a region would take longer than the upload.
                part = rects[0].intersect(whole)
                parts = (part,) if part[2] else ()
            else:
                parts = Region.from_rects(rects).intersect(whole).rects
            self._upload(picture, source, parts)
        return picture

    def _fit(self, old: Picture | None, content: Content) -> Picture:
        """A picture for a content: the old one if it holds such contents, else one on its texture, or new."""
        if old is not None and old.holds(content):
            return old
        layout, channels = LAYOUTS[content.format]
        width, height = content.width, content.height
        slot = self._atlas.place(layout, channels, width, height)
        if slot is not None:
            return Picture(self, slot.texture, content, slot)
        texture = None if old is None or old.shared else old.texture
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

    def _upload(self, picture: Picture, source: Source, parts: Sequence[Rect]) -> None:
        if not parts:
            return
        _bind(_2D, picture.texture.name)
        layout = picture.texture.layout
        self.uploaded_bytes += source.upload(self._unpack, layout, parts, picture.x, picture.y)
        self.uploads += len(parts)
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
        bounds = sampling.bounds.translate(picture.x, picture.y)
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
