"""Idle: since when nobody has used the seat, and who wants to know.

A surface that shows a film inhibits idleness for as long as it is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.timers import Timer

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.model.surface import Surface


class IdleWatch:
    """One timeout. It has no timer while it is idle already or inhibited."""

    __slots__ = ("_heed", "_idle", "_monitor", "_on_idle", "_on_resume", "_timeout_ns", "_timer")

    def __init__(
        self,
        monitor: IdleMonitor,
        timeout_ns: int,
        heed_inhibitors: bool,
        on_idle: Callable[[], None],
        on_resume: Callable[[], None],
    ) -> None:
        self._monitor = monitor
        self._timeout_ns = timeout_ns
        self._heed = heed_inhibitors
        self._on_idle = on_idle
        self._on_resume = on_resume
        self._timer: Timer | None = None
        self._idle = False
        self._wait()

    def _wait(self) -> None:
        if self._timer is None and not self._idle and not (self._heed and self._monitor.inhibited):
            deadline = max(self._monitor.now_ns(), self._monitor.last_active_ns) + self._timeout_ns
            self._timer = self._monitor.call_at(deadline, self._due)

    def _due(self) -> None:
        self._timer = None
        if self._heed and self._monitor.inhibited:
            return
        # Activity since then only moved the time, not the timer: input is frequent, timers are not.
        deadline = self._monitor.last_active_ns + self._timeout_ns
        if deadline > self._monitor.now_ns():
            self._timer = self._monitor.call_at(deadline, self._due)
            return
        self._idle = True
        self._on_idle()

    def active(self) -> None:
        """Somebody did something."""
        if self._idle:
            self._idle = False
            self._on_resume()
        self._wait()

    def inhibited_changed(self) -> None:
        """Inhibitors came or went."""
        if self._heed and self._monitor.inhibited:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._idle:
                self._idle = False
                self._on_resume()
        else:
            self._wait()

    def stop(self) -> None:
        """Nobody wants to know any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._monitor.forget(self)


class IdleMonitor:
    """Activity of the seat, watches and inhibitors."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.last_active_ns = desktop.clock.now_ns()
        self._watches: dict[IdleWatch, None] = {}
        self._inhibitors: Counter[Surface] = Counter()
        self._was_inhibited = False
        desktop.scene.on_layout.append(self._look)

    def now_ns(self) -> int:
        """Return the desktop's time."""
        return self._desktop.clock.now_ns()

    def call_at(self, deadline_ns: int, callback: Callable[[], None]) -> Timer:
        """Set a timer on the desktop's clock."""
        return self._desktop.timers.call_at(deadline_ns, callback)

    def active(self) -> None:
        """Somebody did something."""
        self.last_active_ns = self.now_ns()
        for watch in list(self._watches):
            watch.active()

    def watch(
        self,
        timeout_ms: int,
        heed_inhibitors: bool,
        on_idle: Callable[[], None],
        on_resume: Callable[[], None],
    ) -> IdleWatch:
        """Call `on_idle` after so long without activity, and `on_resume` when it is over."""
        watch = IdleWatch(self, timeout_ms * 1_000_000, heed_inhibitors, on_idle, on_resume)
        self._watches[watch] = None
        return watch

    def forget(self, watch: IdleWatch) -> None:
        """Drop a watch. Harmless when repeated."""
        self._watches.pop(watch, None)

    @property
    def inhibited(self) -> bool:
        """Whether an inhibiting surface is seen."""
        return any(surface.nodes for surface in self._inhibitors)

    def add_inhibitor(self, surface: Surface) -> None:
        """Let a surface inhibit while it is seen."""
        self._inhibitors[surface] += 1
        self._look()

    def remove_inhibitor(self, surface: Surface) -> None:
        """Take one inhibitor of the surface back."""
        if surface in self._inhibitors:
            self._inhibitors[surface] -= 1
            if not self._inhibitors[surface]:
                del self._inhibitors[surface]
                if self._was_inhibited:
                    self._look()

    def _look(self) -> None:
        if not self._inhibitors and not self._was_inhibited:
            return
        inhibited = self.inhibited
        if inhibited != self._was_inhibited:
            self._was_inhibited = inhibited
            if not inhibited:
                self.last_active_ns = self.now_ns()
            for watch in list(self._watches):
                watch.inhibited_changed()
