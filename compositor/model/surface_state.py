"""SurfaceState: what a client has said of a surface since its last commit.

Each part is headed by the request that sets it; `fields` says which parts are set.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntFlag
from typing import TYPE_CHECKING, Any, Protocol

from compositor.geometry import EMPTY_REGION, Rect, Region, Transform
from compositor.model.buffer import AnyContent, Buffer

if TYPE_CHECKING:
    from compositor.model.subsurface import Subsurface
    from compositor.model.surface import Surface


class Changed(IntFlag):
    """Which parts of a state were set since it was last applied."""

    BUFFER = 1
    OFFSET = 2
    DAMAGE = 4
    OPAQUE = 8
    INPUT = 16
    TRANSFORM = 32
    SCALE = 64
    CALLBACKS = 128
    VIEWPORT = 256
    EXTRA = 512
    CHILDREN = 1024
    TIMED = 2048


# Plain numbers for the hot path: an IntFlag operation costs ten times an int's.
BUFFER, OFFSET, DAMAGE, OPAQUE, INPUT, TRANSFORM, SCALE, CALLBACKS, VIEWPORT, EXTRA, CHILDREN, TIMED = (
    int(flag) for flag in Changed
)
SIZE = TRANSFORM | SCALE | VIEWPORT
"""What the surface's size depends on, besides the buffer's."""
RARE = SIZE | OFFSET | OPAQUE | INPUT | EXTRA | CHILDREN | TIMED
"""What few commits change."""


class Callback(Protocol):
    """What wl_surface.frame asked for."""

    def done(self, callback_data: int) -> None:
        """Tell the client that now is a good time to draw; milliseconds."""

    def retire(self) -> None:
        """Drop it unanswered: its surface is gone."""


Extra = tuple[Callable[[Any], None], Any, Callable[[Any], None] | None]
"""What applies a value, the value, and who hears that it was never applied."""


class SurfaceState:
    """One set of double-buffered state, each part headed by the request that sets it."""

    __slots__ = (
        "barrier_set",
        "barrier_wait",
        "buffer",
        "callbacks",
        "children",
        "content",
        "damage_buffer",
        "damage_surface",
        "destination",
        "dx",
        "dy",
        "extra",
        "fields",
        "held",
        "input",
        "not_before_ns",
        "opaque",
        "scale",
        "source",
        "transform",
        "tree",
    )

    def __init__(self) -> None:
        self.fields = 0
        # wl_surface.attach; content is what the commit captured of it
        self.buffer: Buffer | None = None
        self.content: AnyContent | None = None
        # wl_surface.attach before version 5, wl_surface.offset since
        self.dx = 0
        self.dy = 0
        # wl_surface.damage, wl_surface.damage_buffer
        self.damage_surface: list[Rect] = []
        self.damage_buffer: list[Rect] = []
        # wl_surface.set_opaque_region, surface space
        self.opaque = EMPTY_REGION
        # wl_surface.set_input_region, surface space; None is everything
        self.input: Region | None = None
        # wl_surface.set_buffer_transform, wl_surface.set_buffer_scale
        self.transform = Transform.NORMAL
        self.scale = 1
        # wl_surface.frame
        self.callbacks: list[Callback] = []
        # wp_viewport.set_source (surface space before cropping), wp_viewport.set_destination
        self.source: tuple[float, float, float, float] | None = None
        self.destination: tuple[int, int] | None = None
        # wl_subsurface.place_above and place_below of the children: the whole order
        self.children: tuple[list[Subsurface], list[Subsurface]] | None = None
        # wp_fifo_v1.set_barrier, wait_barrier; wp_commit_timer_v1.set_timestamp
        self.barrier_set = False
        self.barrier_wait = False
        self.not_before_ns = 0
        # commits of synchronized subsurfaces that belong to this one, while it waits; whether this is such
        self.tree: list[tuple[Surface, SurfaceState]] | None = None
        self.held = False
        # whatever other protocols double-buffer with the surface
        self.extra: dict[Any, Extra] = {}

    def set_extra(
        self,
        key: Any,
        apply: Callable[[Any], None],
        value: Any,
        drop: Callable[[Any], None] | None = None,
    ) -> None:
        """Have `apply(value)` called when this state is applied; the last value of a key counts.

        Args:
            drop: called with the value if a later commit replaces it before it was ever applied, or the
                surface is destroyed.
        """
        self.extra[key] = (apply, value, drop)
        self.fields |= EXTRA

    def merge(self, newer: SurfaceState) -> Buffer | None:
        """Take over what a later commit brings; returns the buffer that is not to be shown any more."""
        fields = newer.fields
        replaced: Buffer | None = None
        if fields & BUFFER:
            if self.fields & BUFFER:
                replaced = self.buffer
            self.buffer = newer.buffer
            self.content = newer.content
        self.dx += newer.dx
        self.dy += newer.dy
        for name, flag in (("opaque", OPAQUE), ("input", INPUT), ("transform", TRANSFORM), ("scale", SCALE)):
            if fields & flag:
                setattr(self, name, getattr(newer, name))
        if fields & VIEWPORT:
            self.source = newer.source
            self.destination = newer.destination
        if fields & CHILDREN:
            self.children = newer.children
        for rect in newer.damage_surface:
            self.add_damage(self.damage_surface, rect, 16)
        for rect in newer.damage_buffer:
            self.add_damage(self.damage_buffer, rect, 16)
        self.barrier_set |= newer.barrier_set
        self.barrier_wait |= newer.barrier_wait
        self.not_before_ns = max(self.not_before_ns, newer.not_before_ns)
        self.callbacks += newer.callbacks
        self.merge_extra(newer)
        self.fields |= fields
        return replaced

    def catch_up(self, surface: Surface) -> None:
        """Apply it to a surface in whose queue it waits, and all before it."""
        while self in surface.queued:
            first = surface.take_queued()
            first.held = False
            surface.apply(first)
        surface.scene.drain(surface)

    def merge_extra(self, newer: SurfaceState) -> None:
        """Take over what a later commit brings."""
        for key, entry in newer.extra.items():
            old = self.extra.get(key)
            if old is not None and old[2] is not None:
                old[2](old[1])
            self.extra[key] = entry

    def drop_extra(self) -> None:
        """The state will never be applied."""
        extra, self.extra = self.extra, {}
        for _, value, drop in extra.values():
            if drop is not None:
                drop(value)

    def add_damage(self, rects: list[Rect], rect: Rect, limit: int) -> None:
        """Add to one of the damage lists, which collapses to its bound when it grows past `limit`."""
        rects.append(rect)
        if len(rects) > limit:
            bound = rects[0]
            for other in rects:
                bound = bound.union(other)
            rects[:] = [bound]
        self.fields |= DAMAGE
