"""Pacing: commits that wait for their time, or for the frame before them to be shown.

A state whose constraints are not met waits in the surface's queue, and all
commits after it wait behind it. A tree of surfaces is applied as a whole: the
times of synchronized subsurfaces hold the commit of their parent back, which
takes what they had committed by then along into the wait. Their barriers
count for nothing, as wp_fifo_v1.wait_barrier demands.
Source: fifo-v1.xml, commit-timing-v1.xml, wl_subsurface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.clock import Clock
from compositor.timers import Timer, TimerQueue

if TYPE_CHECKING:
    from compositor.model.output import Output
    from compositor.model.surface import Surface, SurfaceState

HIDDEN_BARRIER_NS = 100_000_000
"""A surface that nobody sees gets on at this pace, so that its client is not stuck."""


class Pacing:
    """Barriers and waiting commits of all surfaces.

    Attributes:
        barriers: surfaces whose commits wait for the frame before them, and when they are let go unseen.
    """

    def __init__(self, clock: Clock, timers: TimerQueue) -> None:
        self._clock = clock
        self._timers = timers
        self.barriers: dict[Surface, Timer] = {}
        self._waiting: dict[Surface, Timer | None] = {}

    def hold(self, surface: Surface, state: SurfaceState) -> bool:
        """Queue a commit whose time has not come; False if it may be applied now."""
        children = _latest(surface) if surface.scene.timed and surface.branches else 0
        early = children > self._clock.now_ns()
        if not (early or surface.queued or self._blocked(surface, state)):
            return False
        state.not_before_ns = max(state.not_before_ns, children)
        state.tree = _take_along(surface)
        surface.queued = (*surface.queued, state)
        if surface not in self._waiting:
            self._waiting[surface] = None
        self._arm(surface)
        return True

    def _blocked(self, surface: Surface, state: SurfaceState) -> bool:
        if state.held:
            return True
        if state.barrier_wait and surface in self.barriers:
            return True
        return state.not_before_ns > self._clock.now_ns()

    def applied(self, surface: Surface, state: SurfaceState) -> None:
        """A commit with constraints is being applied: it may set a barrier of its own."""
        if state.barrier_set:
            old = self.barriers.pop(surface, None)
            if old is not None:
                old.cancel()
            deadline = self._clock.now_ns() + HIDDEN_BARRIER_NS
            self.barriers[surface] = self._timers.call_at(deadline, lambda: self._clear(surface))
            for entry, _, _ in surface.nodes:
                entry.output.schedule()
        state.barrier_set = state.barrier_wait = False
        state.not_before_ns = 0

    def _clear(self, surface: Surface) -> None:
        timer = self.barriers.pop(surface, None)
        if timer is not None:
            timer.cancel()
            self.drain(surface)

    def presented(self, output: Output) -> None:
        """The output has shown a frame: what is on it may go on."""
        for surface in [s for s in self.barriers if s.nodes and s.nodes[0][0].output is output]:
            self._clear(surface)

    def drain(self, surface: Surface) -> None:
        """Apply what need not wait any more, in order."""
        while surface.queued and not self._blocked(surface, surface.queued[0]):
            surface.apply(surface.take_queued())
        self._arm(surface)

    def _arm(self, surface: Surface) -> None:
        """Wait for the time of the first commit in the queue, if it is time that it waits for."""
        timer: Any = self._waiting.get(surface)
        if timer is not None:
            timer.cancel()
        if not surface.queued:
            self._waiting.pop(surface, None)
            return
        first = surface.queued[0]
        now = self._clock.now_ns()
        self._waiting[surface] = (
            self._timers.call_at(first.not_before_ns, lambda: self.drain(surface))
            if first.not_before_ns > now and not first.held
            else None
        )

    def waits_for(self, surface: Surface) -> str:
        """Say what will let the first commit in a surface's queue go; empty if nothing will."""
        if surface.queued and surface.queued[0].barrier_wait and surface in self.barriers:
            return "barrier"
        return "time" if self._waiting.get(surface) is not None else ""

    def forget(self, surface: Surface) -> None:
        """A surface is destroyed."""
        for timer in (self.barriers.pop(surface, None), self._waiting.pop(surface, None)):
            if timer is not None:
                timer.cancel()


def _synchronized(surface: Surface) -> list[Surface]:
    """Return the children whose commits wait for those of a surface and that have made one."""
    return [
        child.surface
        for child in surface.branches
        if child.surface.cached is not None and child.surface.synchronized
    ]


def _latest(surface: Surface) -> int:
    """Return the time before which no commit that waits for one of the surface may be shown, or 0."""
    latest = 0
    for child in _synchronized(surface):
        assert child.cached is not None
        times = [state.not_before_ns for state in (child.cached, *child.queued)]
        latest = max(latest, *times, _latest(child))
    return latest


def _take_along(surface: Surface) -> list[tuple[Surface, SurfaceState]]:
    """Put what children have committed into their queues, to be applied with a commit of the surface."""
    taken: list[tuple[Surface, SurfaceState]] = []
    for child in _synchronized(surface):
        state = child.take_cached()
        assert state is not None
        state.tree = _take_along(child)
        state.held = True
        state.barrier_wait = False
        child.queued = (*child.queued, state)
        taken.append((child, state))
    return taken
