"""Node: one thing to draw on one output, as the scene hands it to a renderer.

A node says what and where; damage and stacking are the caller's. The scene makes nodes, renderers read
them.
"""

from __future__ import annotations

from compositor.geometry import EMPTY_REGION, Rect, Region, Transform
from compositor.model.changes import Changes
from compositor.model.content import Content, SolidContent


class Node:
    """A content and its place in an output.

    `content` may be replaced between frames by another of the same size and format without further
    notice (clients flip between buffers). Whoever changes anything else sets `plan` to None.

    Args:
        content: what to show.
        dst: where, in output pixels (logical orientation). Never empty in a list given to a renderer.
        src: the part that is shown: x, y, width, height in buffer pixels after `transform` is undone, all
            of it if None. It lies within the content.
        transform: what the client did to its pixels (`wl_surface.set_buffer_transform`); drawing undoes it.
        alpha: 0 to 1, multiplies the content's own.
        opaque: the part of `dst` known to hide what is below, absolute output pixels. A promise: a renderer
            may ignore the alpha of pixels in it. Ignored when `alpha` is below 1. If None: all of `dst`
            when the content has no alpha channel, else nothing.
        corner_radius: of the rounded corners to cut, output pixels; renderers without shaders ignore it.
            Whoever sets it leaves the corners out of `opaque`.
    """

    __slots__ = (
        "alpha",
        "changes",
        "content",
        "corner_radius",
        "dst",
        "frame",
        "opaque",
        "plan",
        "shadow",
        "src",
        "transform",
    )

    changes: Changes | None
    """What of the content a renderer that keeps copies has not read yet. None if nobody keeps account: it
    reads what it draws."""
    frame: Rect | None
    """Whose corners `corner_radius` cuts, output pixels: a window is drawn as several nodes. None: `dst`."""
    shadow: tuple[int, int] | None
    """Reach and drop of a soft shadow, output pixels: the node shows, in the colour of its content, a part of
    what `frame` casts. Only for renderers with shaders."""
    plan: object | None
    """What a renderer worked out for this geometry. Only renderers assign anything but None."""

    def __init__(
        self,
        content: Content | SolidContent,
        dst: Rect,
        src: tuple[float, float, float, float] | None = None,
        transform: Transform = Transform.NORMAL,
        alpha: float = 1.0,
        opaque: Region | None = None,
        corner_radius: int = 0,
    ) -> None:
        if isinstance(content, SolidContent):
            whole = (0.0, 0.0, 1.0, 1.0)
            solid = content.alpha >= 1.0
        else:
            width, height = content.width, content.height
            if transform & 1:
                width, height = height, width
            whole = (0.0, 0.0, float(width), float(height))
            solid = not content.format.has_alpha
        if opaque is None:
            opaque = Region.from_rect(dst) if solid else EMPTY_REGION
        self.content = content
        self.dst = dst
        self.src = whole if src is None else src
        self.transform = transform
        self.alpha = alpha
        self.opaque = opaque
        self.corner_radius = corner_radius
        self.shadow = None
        self.frame = None
        self.changes = None
        self.plan = None
