"""SurfaceBase: what a surface is, apart from what becomes of commits (`compositor.model.surface`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from compositor.geometry import EMPTY_REGION, Rect, Region, Transform
from compositor.model.buffer import AnyContent, Buffer
from compositor.model.changes import Changes
from compositor.model.surface_state import Callback, SurfaceState

if TYPE_CHECKING:
    from compositor.model.node import Node
    from compositor.model.scene import OutputScene, Scene
    from compositor.model.subsurface import Subsurface
    from compositor.model.surface import Surface


class Role(Protocol):
    """What a surface is used for. A surface has one role for its whole life."""

    def committed(self, surface: Surface) -> None:
        """The surface has applied a state."""

    def surface_destroyed(self, surface: Surface) -> None:
        """The surface is going away before its role."""


class Ordinary:
    """What every commit looks at, in memory that lies together.

    A thousand surfaces are more than the caches hold, and then each line of memory that is looked at costs as
    much as a function call. So what is empty nearly always is a tuple: all empty ones are the same.
    """

    __slots__ = (
        "awaited",
        "buffer",
        "cached",
        "callbacks",
        "changes",
        "children_above",
        "children_below",
        "content",
        "nodes",
        "on_commit",
        "pending",
        "queued",
        "role",
        "scale",
        "scene",
        "source",
        "steady",
        "subsurface",
    )


class SurfaceBase(Ordinary):
    """What a surface is: its present state, its role, and its place in the tree.

    Attributes:
        client: identity of the owner; surfaces of one client have the same.
        resource: the wl_surface, or None once that is destroyed.
        width, height: size in surface space, 0 without a buffer.
        content: what it shows, or None.
        nodes: where the scene draws it: the output's list, the node in it, and whether a buffer pixel
            is an output pixel there.
        branches: every child, also those that no commit of this surface has put into the stack yet.
        awaited: whether a child may have committed what waits for a commit of this surface.
        extent: of the tree below, with the scene's generation that it is of; see `tree_bounds`.
        levels: how deep the tree below has been since it has children.
        steady: whether the role has nothing to check or to do when pixels alone are committed, of the same
            shape. The role sets it; whoever asks the client for something takes it back.
        changes: what a renderer that keeps copies has not read; None where none does.
        keeps_place: whether a change of its size moves nothing but what its role says. The role sets it.
    """

    __slots__ = (
        "alive",
        "alpha",
        "branches",
        "client",
        "data",
        "destination",
        "dx",
        "dy",
        "extent",
        "height",
        "input",
        "keeps_place",
        "levels",
        "on_destroy",
        "on_outputs",
        "on_unmap",
        "opaque",
        "outputs",
        "resource",
        "role_name",
        "transform",
        "view",
        "width",
    )

    def __init__(self, client: Any, scene: Scene) -> None:
        self.client = client
        self.scene = scene
        self.resource: Any = None
        self.alive = True
        self.pending = SurfaceState()
        self.cached: SurfaceState | None = None
        self.queued: tuple[SurfaceState, ...] = ()
        # Current state.
        self.buffer: Buffer | None = None
        self.content: AnyContent | None = None
        self.width = 0
        self.height = 0
        self.dx = 0
        self.dy = 0
        self.opaque = EMPTY_REGION
        self.input: Region | None = None
        self.transform = Transform.NORMAL
        self.scale = 1
        self.source: tuple[float, float, float, float] | None = None
        self.destination: tuple[int, int] | None = None
        self.alpha = 1.0
        self.callbacks: list[Callback] = []
        # Tree.
        self.children_below: tuple[Subsurface, ...] = ()
        self.children_above: tuple[Subsurface, ...] = ()
        self.branches: dict[Subsurface, None] = {}
        self.awaited = False
        self.extent: tuple[int, Rect] | None = None
        self.levels = 0
        self.subsurface: Subsurface | None = None
        self.role_name: str | None = None
        self.role: Role | None = None
        self.steady = False
        # What the scene made of it.
        self.nodes: tuple[tuple[OutputScene, Node, bool], ...] = ()
        self.changes: Changes | None = None
        self.view: Any = None
        self.keeps_place = False
        self.outputs: list[Any] = []
        # Who wants to know.
        self.on_destroy: list[Callable[[Any], None]] = []
        self.on_unmap: list[Callable[[Any], None]] = []
        self.on_commit: tuple[Callable[[Any], None], ...] = ()
        self.on_outputs: Callable[[Any, bool], None] | None = None
        self.data: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"Surface({self.resource!r}, {self.role_name}, {self.width}x{self.height})"

    def watch_commits(self, hook: Callable[[Any], None]) -> None:
        """Call `hook` with the surface whenever it has applied a state."""
        self.on_commit = (*self.on_commit, hook)

    def unwatch_commits(self, hook: Callable[[Any], None]) -> None:
        """Take `watch_commits` back, once."""
        hooks = list(self.on_commit)
        hooks.remove(hook)
        self.on_commit = tuple(hooks)

    def take_queued(self) -> SurfaceState:
        """Return the first commit of those that wait, which does so no more."""
        first, *rest = self.queued
        self.queued = tuple(rest)
        return first

    # Roles and the tree

    def set_role(self, name: str, role: Role | None) -> bool:
        """Give the surface its role; False when it has another one already, which it keeps."""
        if self.role_name not in (None, name) or (self.role is not None and role is not self.role):
            return False
        self.role_name = name
        self.role = role
        return True

    def clear_role_object(self) -> None:
        """The role object is gone; the role's name stays for ever."""
        self.role = None
        self.steady = False

    @property
    def mapped(self) -> bool:
        """Whether it has content and every surface above it in its tree has."""
        surface: SurfaceBase = self
        while surface.content is not None:
            if surface.subsurface is None:
                return surface.role_name is not None
            if surface.subsurface.parent is None:
                return False
            surface = surface.subsurface.parent
        return False

    def root(self) -> SurfaceBase:
        """Return the top of its tree of subsurfaces."""
        surface: SurfaceBase = self
        while surface.subsurface is not None and surface.subsurface.parent is not None:
            surface = surface.subsurface.parent
        return surface

    @property
    def synchronized(self) -> bool:
        """Whether its commits wait for its parent's (wl_subsurface.set_sync)."""
        child = self.subsurface
        # A child that has outlived its parent has nothing to wait for.
        while child is not None and child.parent is not None:
            if child.sync:
                return True
            child = child.parent.subsurface
        return False

    def newest(self, part: int) -> SurfaceState | SurfaceBase:
        """Return who holds the newest value of a part of the state: a commit that waits, or the surface."""
        waiting = [self.pending, *reversed(self.queued)]
        if self.cached is not None:
            waiting.insert(1, self.cached)
        for state in waiting:
            if state.fields & part:
                return state
        return self

    def accepts_input(self, x: float, y: float) -> bool:
        """Whether a point in surface space belongs to the surface's input region."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return False
        return self.input is None or self.input.contains(int(x), int(y))

    def set_alpha(self, alpha: float) -> None:
        """Multiply the whole surface's alpha, 0 to 1; part of a commit."""
        if alpha != self.alpha:
            self.alpha = alpha
            self.scene.invalidate()
