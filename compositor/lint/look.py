"""Look: what a commit brings, seen before it is handled; and how pixels are compared.

Used by the lint alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from compositor.geometry import Rect
from compositor.memory import BadRectangle, ShortRead
from compositor.model.content import Content
from compositor.model.surface import BUFFER, SCALE, TRANSFORM, VIEWPORT
from compositor.protocol.shm_copy import CopiedBuffer

if TYPE_CHECKING:
    import numpy.typing as npt

    from compositor.model.buffer import Buffer
    from compositor.model.formats import PixelFormat
    from compositor.model.surface import Surface
    from compositor.protocol.wl_surface import WlSurface
    from compositor.wire import Client


class Look:
    """A wl_surface.commit that has arrived and not been handled.

    Attributes:
        resource, surface, client: whose it is.
        fields: which parts of the pending state are set.
        attached: whether it brings a buffer; `buffer` is that, or None.
        shape: transform, scale, source and destination that will hold.
        acked: whether a configure was acknowledged since the surface's last commit.
        busy: requests of the client since the surface's last commit that are not about showing pixels.
    """

    def __init__(self, resource: WlSurface) -> None:
        surface = resource.surface
        pending = surface.pending
        self.resource = resource
        self.surface: Surface = surface
        self.client: Client = resource.client
        self.fields = pending.fields
        self.attached = bool(pending.fields & BUFFER)
        self.buffer: Buffer | None = pending.buffer if self.attached else None
        self.shape = (
            surface.newest(TRANSFORM).transform,
            surface.newest(SCALE).scale,
            surface.newest(VIEWPORT).source,
            surface.newest(VIEWPORT).destination,
        )
        self.acked = False
        self.busy = 0

    @cached_property
    def pixels(self) -> npt.NDArray[Any] | None:
        """A private copy of what the buffer holds now; None where it has no pixels or cannot be read."""
        return None if self.buffer is None else copy_pixels(self.buffer)

    @property
    def format(self) -> PixelFormat | None:
        """Of the buffer's pixels."""
        return None if self.buffer is None else format_of(self.buffer)


def format_of(buffer: Buffer) -> PixelFormat | None:
    """Return the format of a buffer; None for a single colour."""
    if isinstance(buffer, CopiedBuffer):
        return buffer.format
    return buffer.content.format if isinstance(buffer.content, Content) else None


def copy_pixels(buffer: Buffer) -> npt.NDArray[Any] | None:
    """Return a private copy of a buffer's pixels, shaped as `Content.pixels`; None if there are none."""
    if isinstance(buffer, CopiedBuffer):
        colours = (3,) if buffer.format.bytes_per_pixel == 3 else ()
        out = np.empty((buffer.height, buffer.width, *colours), buffer.format.dtype)
        try:
            buffer.shared.pool.read_rows(out, buffer.offset, buffer.stride, 0, buffer.height)
        except (ShortRead, BadRectangle, ValueError):
            # The commit itself will find that out and say so.
            return None
        return out
    return np.array(buffer.content.pixels) if isinstance(buffer.content, Content) else None


def difference(
    old: npt.NDArray[Any], new: npt.NDArray[Any], format: PixelFormat
) -> npt.NDArray[np.bool_] | None:
    """Return which pixels differ, (height, width), or None if none does.

    Alpha that a format lacks does not count.
    """
    if old.ndim == 3:
        changed: npt.NDArray[np.bool_] = (old != new).any(axis=2)
    else:
        changed = old != new
        if format.bytes_per_pixel == 4 and not format.has_alpha and changed.any():
            changed = ((old ^ new) & np.uint32(_COLOURS.get(format.name, 0x00FF_FFFF))) != 0
    return changed if changed.any() else None


def bounds(mask: npt.NDArray[np.bool_]) -> Rect:
    """Return the smallest rectangle around the pixels that are set, of which there are some."""
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return Rect(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)


def show(rect: Rect) -> str:
    """Return a rectangle as people read it."""
    return f"{rect.width}x{rect.height} at {rect.x}, {rect.y}"


_COLOURS = {"XRGB2101010": 0x3FFF_FFFF, "XBGR2101010": 0x3FFF_FFFF}
