"""Transform: the eight values of `wl_output.transform` as mappings of rectangles and points.

The mapping is the one a compositor applies to show a buffer: with
`wl_surface.set_buffer_transform(t)`, a rectangle of the buffer appears on the surface at
`t.rect(rect_buffer, buffer_width, buffer_height)`, and a rectangle of the surface is found in the buffer
with `t.invert()` and the surface's size. It equals `wlr_box_transform` of wlroots.
Anybody may import it, through `compositor.geometry`.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.geometry.rect import Rect


class Transform(IntEnum):
    """A turn by a multiple of 90 degrees, followed by a flip about the vertical axis if FLIPPED.

    The numbers are those on the wire. The protocol's wording describes the *content* of the buffer
    (ROTATE_90: drawn turned by 90 degrees counter-clockwise); the mapping undoes that, so it turns
    clockwise: ROTATE_90 brings the buffer's top-left corner to the top right.

    Source: `wl_output.transform`, `wl_surface.set_buffer_transform`.
    """

    NORMAL = 0
    ROTATE_90 = 1
    ROTATE_180 = 2
    ROTATE_270 = 3
    FLIPPED = 4
    FLIPPED_90 = 5
    FLIPPED_180 = 6
    FLIPPED_270 = 7

    @property
    def swaps_axes(self) -> bool:
        """Whether width and height change places."""
        return bool(self & 1)

    def invert(self) -> Transform:
        """The transform that undoes this one. Flips undo themselves."""
        return _INVERSE[self]

    def compose(self, other: Transform) -> Transform:
        """This one first, then `other`: `a.compose(b).rect(r) == b.rect(a.rect(r))` with matching sizes.

        wlroots composes in terms of content, the inverse mapping; the same value there is
        `wlr_output_transform_compose(other, self)`.
        """
        flipped = (self ^ other) & 4
        turned = (self - other if self & 4 else self + other) & 3
        return Transform(flipped | turned)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The size of a width × height area after the transform."""
        return (height, width) if self & 1 else (width, height)

    def rect(self, rect: Rect, width: int, height: int) -> Rect:
        """Where a rectangle of a width × height area lies after the area is transformed."""
        if self == 0:
            return rect
        x, y, w, h = rect
        right = width - x - w
        bottom = height - y - h
        match self:
            case Transform.ROTATE_90:
                return Rect(bottom, x, h, w)
            case Transform.ROTATE_180:
                return Rect(right, bottom, w, h)
            case Transform.ROTATE_270:
                return Rect(y, right, h, w)
            case Transform.FLIPPED:
                return Rect(right, y, w, h)
            case Transform.FLIPPED_90:
                return Rect(y, x, h, w)
            case Transform.FLIPPED_180:
                return Rect(x, bottom, w, h)
            case _:
                return Rect(bottom, right, h, w)

    def point(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """Where a point of a width × height area lies after the area is transformed.

        A point has no extent: pixel (0, 0) covers the points from 0 to 1, so use `rect` for pixels.
        """
        match self:
            case Transform.NORMAL:
                return x, y
            case Transform.ROTATE_90:
                return height - y, x
            case Transform.ROTATE_180:
                return width - x, height - y
            case Transform.ROTATE_270:
                return y, width - x
            case Transform.FLIPPED:
                return width - x, y
            case Transform.FLIPPED_90:
                return y, x
            case Transform.FLIPPED_180:
                return x, height - y
            case _:
                return height - y, width - x


_INVERSE = (
    Transform.NORMAL,
    Transform.ROTATE_270,
    Transform.ROTATE_180,
    Transform.ROTATE_90,
    Transform.FLIPPED,
    Transform.FLIPPED_90,
    Transform.FLIPPED_180,
    Transform.FLIPPED_270,
)
