"""Surface: a rectangle of a client's pixels and its double-buffered state.

A request changes `pending`; `commit` moves what changed to the current state,
or to `cached` while the surface is a synchronized subsurface. The scene gives
a shown surface its nodes, and a commit that changes nothing but pixels goes
straight to them.
"""

from __future__ import annotations

from collections.abc import Collection
from math import ceil
from typing import TYPE_CHECKING

from compositor.model.buffer import Buffer
from compositor.model.changes import note_changes
from compositor.model.content import Content, SolidContent
from compositor.model.damage import Areas, add_straight, from_buffer, from_surface
from compositor.model.surface_base import Role, SurfaceBase
from compositor.model.surface_state import (
    BUFFER,
    CALLBACKS,
    CHILDREN,
    DAMAGE,
    EXTRA,
    INPUT,
    OFFSET,
    OPAQUE,
    RARE,
    SCALE,
    SIZE,
    TIMED,
    TRANSFORM,
    VIEWPORT,
    Callback,
    SurfaceState,
)

if TYPE_CHECKING:
    from compositor.model.subsurface import Subsurface

__all__ = [
    "BUFFER",
    "CALLBACKS",
    "CHILDREN",
    "DAMAGE",
    "INPUT",
    "MAX_SIDE_PX",
    "OFFSET",
    "OPAQUE",
    "SCALE",
    "TIMED",
    "TRANSFORM",
    "VIEWPORT",
    "Role",
    "Surface",
    "SurfaceState",
]

MAX_SIDE_PX = 65_536
"""A surface counts as no larger than this, however far a viewport stretches it: nobody shows more."""


_NO_FLIP = ~(BUFFER | DAMAGE | CALLBACKS)


class Surface(SurfaceBase):
    """A client's surface, and what its commits do."""

    __slots__ = ()

    def view_offset(self) -> tuple[int, int] | None:
        """Return where the surface's origin is in the layout, or None when it is not shown."""
        view = self.scene.view_of(self)
        return None if view is None else (view.x, view.y)

    # Commit

    def new_size(self, state: SurfaceState) -> tuple[float, float]:
        """Return the surface size that applying `state` would give, not yet rounded.

        (0, 0) without a buffer. It is fractional when the buffer's size is no multiple of the scale,
        or a viewport's source without destination has no whole size: the protocol's error to post.
        """
        fields = state.fields
        buffer = state.buffer if fields & BUFFER else self.buffer
        if buffer is None:
            return 0, 0
        transform = state.transform if fields & TRANSFORM else self.transform
        scale = state.scale if fields & SCALE else self.scale
        source = state.source if fields & VIEWPORT else self.source
        destination = state.destination if fields & VIEWPORT else self.destination
        if destination is not None:
            return destination
        if source is not None:
            return source[2], source[3]
        width, height = buffer.width, buffer.height
        if transform.swaps_axes:
            width, height = height, width
        return (width, height) if scale == 1 else (width / scale, height / scale)

    def commit(self) -> None:
        """Apply the pending state, or keep it for the parent's commit.

        The caller has checked the state; only copying pixels can still fail.

        Raises:
            CaptureError: where the buffer's memory turned out to be too small.
        """
        state = self.pending
        shown, buffer = self.buffer, state.buffer
        if (
            buffer is not None
            and shown is not None
            and not state.fields & _NO_FLIP
            and buffer.width == shown.width
            and buffer.height == shown.height
        ):
            damage = state.damage_buffer + state.damage_surface
            if self.flip(buffer, damage, state.callbacks):
                state.fields = 0
                state.buffer = None
                state.damage_buffer.clear()
                state.damage_surface.clear()
                state.callbacks.clear()
                return
        wait = self.subsurface is not None and self.synchronized
        timed = bool(state.fields & TIMED or self.queued or self.scene.timed)
        if buffer is not None and state.fields & BUFFER:
            if buffer.copies:
                self._capture(state, wait or timed)
            else:
                buffer.locks += 1
                state.content = buffer.content
        if wait:
            self._cache(state)
        elif self.cached is not None:
            self._cache(state)
            self.free_cached()
        elif timed and self.scene.hold(self, state):
            self.pending = SurfaceState()
        else:
            self.apply(state)

    def flip(self, buffer: Buffer, damage: Areas, callbacks: Collection[Callback]) -> bool:
        """Apply what nearly all commits are: another buffer of the same shape, damage, frame callbacks.

        It does what `_capture` and `apply` do for those; False, with nothing done, if this one is not such.
        `damage` is x, y, width, height in buffer pixels.
        """
        old, content = self.content, buffer.content
        child = self.subsurface
        if (
            old is None
            or self.cached is not None
            or self.queued
            or self.on_commit
            or self.children_above
            or self.children_below
            or self.changes is not None
        ):
            return False
        if child is not None:
            parent = child.parent
            # One that lies directly in a window asks nobody further up.
            if child.sync or (parent is not None and parent.subsurface is not None and self.synchronized):
                return False
        nodes = self.nodes
        for _, _, straight in nodes:
            if not straight:
                return False
        if buffer.copies:
            # Without a node it is not known whether damage of the surface is damage of the buffer.
            if not nodes or not buffer.show_in(old, damage):
                return False
            content = old
        elif type(old) is not Content:
            return False
        elif content is not old:
            if (
                type(content) is not Content
                or content.width != old.width
                or content.height != old.height
                or content.format is not old.format
            ):
                return False
            self.content = content
        buffer.locks += 1
        previous, self.buffer = self.buffer, buffer
        for entry, node, _ in nodes:
            node.content = content
            add_straight(entry, damage, node.dst)
        if callbacks:
            self.callbacks += callbacks
            if nodes and damage:
                # The damage has asked for a frame already.
                self.scene.waiting[self] = None
            else:
                self.scene.wants_frame(self)
        if previous is not None:
            previous.unlock()
        if not self.steady:
            role = self.role
            if role is not None and role is not child:
                role.committed(self)
        return True

    def _capture(self, state: SurfaceState, wait: bool) -> None:
        buffer = state.buffer
        assert buffer is not None
        # Pixels of a cached state must not show before their time: those get an array of their own.
        previous = None if wait or self.cached is not None else self.content
        simple = self.scale == 1 and self.transform == 0 and self.source is None and self.destination is None
        simple = simple and not state.fields & SIZE
        if state.damage_surface and not simple:
            damage = None
        else:
            damage = state.damage_buffer + state.damage_surface
        buffer.lock()
        try:
            state.content = buffer.capture(previous, damage)
        except BaseException:
            buffer.locks -= 1
            raise

    def _cache(self, state: SurfaceState) -> None:
        """Merge the pending state into the cached one."""
        cached = self.cached
        child = self.subsurface
        if child is not None and child.parent is not None:
            child.parent.awaited = True
        if state.not_before_ns:
            self.scene.timed[self] = None
        if cached is None:
            self.cached = state
            self.pending = SurfaceState()
            if child is not None and child.parent is not None:
                child.parent.scene.touch()
            return
        replaced = cached.merge(state)
        if replaced is not None:
            replaced.unlock()
        self.pending = SurfaceState()

    def apply_cached(self) -> None:
        """Apply what was committed while the surface waited for its parent, with the parent's commit."""
        cached = self.take_cached()
        if cached is not None:
            self.apply(cached)

    def free_cached(self) -> None:
        """Apply what was committed while the surface waited for its parent, which it does no longer."""
        cached = self.take_cached()
        if cached is not None and not (
            (cached.fields & TIMED or self.queued or self.scene.timed) and self.scene.hold(self, cached)
        ):
            self.apply(cached)

    def take_cached(self) -> SurfaceState | None:
        """Return what waits for the parent's commit, which the caller sees to from now on."""
        cached, self.cached = self.cached, None
        if cached is not None and cached.fields & TIMED:
            self.scene.timed.pop(self, None)
        return cached

    def apply(self, state: SurfaceState) -> None:
        """Make a state the current one. Cannot fail."""
        fields = state.fields
        state.fields = 0
        if fields & RARE:
            self._apply_rare(state, fields)
        if fields & BUFFER:
            self._apply_buffer(state, fields)
        elif fields & SIZE:
            self._resize()
        if fields & DAMAGE:
            if self.nodes:
                self._damage(state)
            if self.changes is not None:
                note_changes(self, self.changes, state)
            state.damage_buffer.clear()
            state.damage_surface.clear()
        if fields & CALLBACKS:
            self.callbacks += state.callbacks
            state.callbacks.clear()
            self.scene.wants_frame(self)
        tree = state.tree
        if tree is None:
            if self.awaited:
                self._apply_awaited()
        else:
            state.tree = None
            for surface, held in tree:
                held.catch_up(surface)
        role = self.role
        if role is not None:
            role.committed(self)
        if self.on_commit:
            for hook in self.on_commit:
                hook(self)
        if fields & OFFSET:
            self.dx = self.dy = 0

    def _apply_awaited(self) -> None:
        """Apply what children have committed and waits for a commit of this surface."""
        self.awaited = False
        for group in (self.children_below, self.children_above):
            for child in group:
                if child.surface.cached is not None:
                    if child.surface.synchronized:
                        child.surface.apply_cached()
                    else:
                        self.awaited = True

    def _apply_rare(self, state: SurfaceState, fields: int) -> None:
        if fields & OFFSET:
            self.dx, self.dy = state.dx, state.dy
            state.dx = state.dy = 0
        if fields & TRANSFORM:
            self.transform = state.transform
        if fields & SCALE:
            self.scale = state.scale
        if fields & VIEWPORT:
            self.source = state.source
            self.destination = state.destination
        if fields & OPAQUE and self.opaque != state.opaque:
            self.opaque = state.opaque
            self.scene.invalidate()
        if fields & INPUT:
            self.input = state.input
            self.scene.touch()
        if fields & TIMED:
            self.scene.released(self, state)
        if fields & CHILDREN and state.children is not None:
            self._apply_children(*state.children)
            state.children = None
        if fields & EXTRA:
            extra, state.extra = state.extra, {}
            for apply, value, _ in extra.values():
                apply(value)

    def _apply_children(self, below: list[Subsurface], above: list[Subsurface]) -> None:
        self.steady = False
        self.awaited = True
        self.children_below = tuple([c for c in below if c.parent is self])
        self.children_above = tuple([c for c in above if c.parent is self])
        self.scene.invalidate()

    def _apply_buffer(self, state: SurfaceState, fields: int) -> None:
        old_buffer, old = self.buffer, self.content
        buffer = self.buffer = state.buffer
        content = self.content = state.content if buffer is not None else None
        state.buffer = state.content = None
        if content is not old or fields & SIZE:
            if (
                old is None
                or content is None
                or fields & SIZE
                or isinstance(content, SolidContent)
                or isinstance(old, SolidContent)
                or content.width != old.width
                or content.height != old.height
                or content.format is not old.format
            ):
                self._resize()
            else:
                for _, node, _ in self.nodes:
                    node.content = content
        if old_buffer is not None:
            old_buffer.unlock()
        if content is None and old is not None:
            for hook in list(self.on_unmap):
                hook(self)

    def _resize(self) -> None:
        """Note that the geometry changed: the surface has to be laid out anew, or the scene."""
        buffer = self.buffer
        if (
            buffer is not None
            and self.scale == 1
            and self.source is None
            and self.destination is None
            and not self.transform
        ):
            width: float = buffer.width
            height: float = buffer.height
        else:
            width, height = self.new_size(_NO_CHANGE)
        self.width = min(ceil(width), MAX_SIDE_PX)
        self.height = min(ceil(height), MAX_SIDE_PX)
        for output, node, _ in self.nodes:
            output.damage_rect(node.dst)
        if self.changes is not None:
            self.changes.add_all()
        if self.keeps_place and self.content is not None:
            self.scene.resized(self)
        else:
            self.scene.invalidate()

    def _damage(self, state: SurfaceState) -> None:
        """Hand the damage to the outputs that show the surface, in their pixels."""
        for output, node, straight in self.nodes:
            if straight:
                # One buffer pixel is one output pixel, and both lists mean the same.
                if state.damage_buffer:
                    add_straight(output, state.damage_buffer, node.dst)
                if state.damage_surface:
                    add_straight(output, state.damage_surface, node.dst)
                continue
            for rect in state.damage_buffer:
                output.damage_rect(from_buffer(rect, node))
            for rect in state.damage_surface:
                output.damage_rect(from_surface(rect, self.width, self.height, node.dst))

    # Release

    def send_done(self, time_ms: int) -> None:
        """Answer every frame callback that waits."""
        callbacks, self.callbacks = self.callbacks, []
        for callback in callbacks:
            callback.done(time_ms)

    def destroy(self) -> None:
        """The client is done with the surface, or gone. Harmless when repeated."""
        if not self.alive:
            return
        self.alive = False
        for hook in list(self.on_destroy):
            hook(self)
        role, self.role = self.role, None
        if role is not None:
            role.surface_destroyed(self)
        for state in self.queued:
            for surface, _ in state.tree or ():
                self.scene.let_loose(surface)
        for child in list(self.branches):
            child.parent_destroyed()
        self.branches.clear()
        self.children_below = self.children_above = ()
        states = [self.pending, *self.queued]
        if self.cached is not None:
            states.append(self.cached)
        for state in states:
            state.drop_extra()
            for callback in state.callbacks:
                callback.retire()
        for callback in self.callbacks:
            callback.retire()
        self.callbacks = []
        for state in states:
            if state is not self.pending and state.buffer is not None:
                state.buffer.unlock()
        self.queued = ()
        if self.buffer is not None:
            self.buffer.unlock()
        self.cached = None
        self.buffer = self.content = None
        self.pending = SurfaceState()
        self.width = self.height = 0
        self.scene.surface_gone(self)


_NO_CHANGE = SurfaceState()
