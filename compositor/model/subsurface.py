"""Subsurface: the role of a surface that lies in its parent and may wait for the parent's commits.

Source: wl_subcompositor and wl_subsurface.
"""

from __future__ import annotations

from compositor.model.surface import CHILDREN, Surface, SurfaceState


class Subsurface:
    """One parent's child.

    Attributes:
        parent: None once the parent is destroyed; the child is then not shown.
        x, y: of its origin in the parent's surface space.
        sync: whether it was told to wait for the parent (the default).
    """

    __slots__ = ("parent", "surface", "sync", "x", "y")

    def __init__(self, surface: Surface, parent: Surface) -> None:
        self.surface = surface
        self.parent: Surface | None = parent
        self.x = 0
        self.y = 0
        self.sync = True
        surface.subsurface = self
        parent.branches[self] = None
        _grow(parent, surface.levels + 1)
        # The child joins the stack with the parent's next commit, on top (get_subsurface).
        _, above = pending_children(parent)
        above.append(self)
        parent.pending.fields |= CHILDREN

    def set_position(self, x: int, y: int) -> None:
        """Move it when the parent commits."""
        if self.parent is not None:
            self.parent.pending.set_extra(("position", self), self._apply_position, (x, y))

    def _apply_position(self, position: tuple[int, int]) -> None:
        if (self.x, self.y) != position:
            self.x, self.y = position
            self.surface.scene.invalidate()

    def place(self, reference: Surface, above: bool) -> bool:
        """Put it next to a sibling or the parent when the parent commits; False if it is neither."""
        parent = self.parent
        if parent is None:
            return True
        lower, upper = pending_children(parent)
        target: list[Subsurface]
        if reference is parent:
            self._leave(lower, upper)
            if above:
                upper.insert(0, self)
            else:
                lower.append(self)
        else:
            sibling = reference.subsurface
            if sibling is None or sibling.parent is not parent or sibling is self:
                return False
            target = lower if sibling in lower else upper
            if sibling not in target:
                return False
            self._leave(lower, upper)
            target.insert(target.index(sibling) + above, self)
        parent.pending.fields |= CHILDREN
        return True

    def _leave(self, lower: list[Subsurface], upper: list[Subsurface]) -> None:
        for group in (lower, upper):
            if self in group:
                group.remove(self)

    def set_sync(self, sync: bool) -> None:
        """Make it wait for the parent, or not; what waited is applied when nothing holds it any more."""
        self.sync = sync
        if not sync:
            _apply_free(self.surface)

    def committed(self, surface: Surface) -> None:
        """Nothing of the role is double-buffered with its own surface."""

    def surface_destroyed(self, surface: Surface) -> None:
        """The surface goes before its role."""
        self.destroy()

    def parent_destroyed(self) -> None:
        """The parent goes: the child stays unmapped for ever, and its commits wait for nobody."""
        self.parent = None
        _apply_free(self.surface)
        self.surface.scene.invalidate()

    def destroy(self) -> None:
        """Take the child out of its parent at once (wl_subsurface.destroy). Harmless when repeated."""
        surface, parent = self.surface, self.parent
        if surface.subsurface is self:
            surface.subsurface = None
        if parent is None:
            return
        self.parent = None
        parent.branches.pop(self, None)
        parent.steady = False
        if not parent.branches:
            parent.levels = 0
        parent.children_below = tuple([child for child in parent.children_below if child is not self])
        parent.children_above = tuple([child for child in parent.children_above if child is not self])
        states = [parent.pending, *parent.queued]
        if parent.cached is not None:
            states.append(parent.cached)
        for state in states:
            state.extra.pop(("position", self), None)
            if state.children is not None:
                self._leave(*state.children)
        if surface.alive:
            surface.scene.let_loose(surface)
            _apply_free(surface)
        surface.scene.invalidate()


def pending_children(parent: Surface) -> tuple[list[Subsurface], list[Subsurface]]:
    """Return the order of children that the parent's next commit makes current, to be edited."""
    pending = parent.pending
    if pending.children is None:
        before = parent.newest(CHILDREN)
        if not isinstance(before, SurfaceState) or before.children is None:
            pending.children = (list(parent.children_below), list(parent.children_above))
        else:
            lower, upper = before.children
            pending.children = (list(lower), list(upper))
    return pending.children


def _apply_free(surface: Surface) -> None:
    """Apply cached states from here down as far as nothing is synchronized."""
    if surface.synchronized:
        return
    surface.free_cached()
    for child in (*surface.children_below, *surface.children_above):
        _apply_free(child.surface)


def _grow(surface: Surface, levels: int) -> None:
    """Note a tree of so many levels below a surface, and what that means for those above it."""
    above: Surface | None = surface
    while above is not None and above.levels < levels:
        above.levels = levels
        levels += 1
        above = above.subsurface.parent if above.subsurface is not None else None


def depth(surface: Surface) -> int:
    """Return how many surfaces lie above this one in its tree."""
    count = 0
    child = surface.subsurface
    while child is not None and child.parent is not None:
        count += 1
        child = child.parent.subsurface
    return count


def is_ancestor(candidate: Surface, surface: Surface) -> bool:
    """Whether `candidate` is `surface` or above it in its tree."""
    current: Surface | None = surface
    while current is not None:
        if current is candidate:
            return True
        child = current.subsurface
        current = child.parent if child is not None else None
    return False
