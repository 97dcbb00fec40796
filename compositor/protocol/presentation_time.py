"""wp_presentation: when a commit was really shown.

Source: presentation-time.xml.
"""

from __future__ import annotations

import time
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

from compositor.model.output import Output
from compositor.model.surface import Surface
from compositor.protocol.common import desktop_of, implementation_error
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Client, Interface, NewId, Uint, event, request

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.protocol.wl_output import WlOutput

_KEY = "presentation"


class WpPresentation(Interface, name="wp_presentation", version=2):
    """Makes feedback objects."""

    __slots__ = ()

    class Error(IntEnum):
        INVALID_TIMESTAMP = 0
        INVALID_FLAG = 1

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def feedback(self, surface: WlSurface, callback: NewId[WpPresentationFeedback]) -> None:
        resource = WpPresentationFeedback(self.client, callback, self.version)
        resource.surface = surface.surface
        pending = surface.surface.pending
        waiting = pending.extra.get(_KEY)
        group: list[WpPresentationFeedback] = waiting[1] if waiting is not None else []
        group.append(resource)
        if len(group) > self.client.display.limits.frame_callbacks:
            raise implementation_error(self, f"{len(group)} feedbacks for one commit")
        tracker = desktop_of(self).presentation
        pending.set_extra(_KEY, tracker.applied, group, discard)

    @event()
    def clock_id(self, clk_id: Uint) -> None:
        """Tell which clock the times are of."""


class WpPresentationFeedback(Interface, name="wp_presentation_feedback", version=2):
    """The promise of an answer for one commit."""

    __slots__ = ("surface",)

    surface: Surface

    class Kind(IntFlag):
        VSYNC = 1
        HW_CLOCK = 2
        HW_COMPLETION = 4
        ZERO_COPY = 8

    @event()
    def sync_output(self, output: WlOutput) -> None:
        """The output that the time is of."""

    @event(destructor=True)
    def presented(
        self,
        tv_sec_hi: Uint,
        tv_sec_lo: Uint,
        tv_nsec: Uint,
        refresh: Uint,
        seq_hi: Uint,
        seq_lo: Uint,
        flags: Uint,
    ) -> None:
        """The commit was shown."""

    @event(destructor=True)
    def discarded(self) -> None:
        """The commit was never shown."""


def discard(group: list[WpPresentationFeedback]) -> None:
    """Answer for a commit that was never shown."""
    for feedback in group:
        if feedback.alive:
            feedback.discarded()


class PresentationTracker:
    """Feedbacks of commits that are current and have not been shown yet."""

    def __init__(self, desktop: Desktop) -> None:
        self._waiting: dict[Surface, list[WpPresentationFeedback]] = {}
        self._hooks = desktop.scene.on_presented

    def applied(self, group: list[WpPresentationFeedback]) -> None:
        """A commit with feedbacks has become current: those of the commit before were not shown."""
        surface = group[0].surface
        self.superseded(surface)
        if not self._waiting:
            self._hooks.append(self.presented)
        self._waiting[surface] = group
        for entry, _, _ in surface.nodes:
            # The answer comes with a frame, also if nothing was damaged.
            entry.output.schedule()
        surface.watch_commits(self._next_commit)
        surface.on_destroy.append(self.superseded)

    def _next_commit(self, surface: Surface) -> None:
        # The hook runs for the commit that brought the feedbacks as well; only later ones replace it.
        group = self._waiting.get(surface)
        if group is None:
            surface.unwatch_commits(self._next_commit)
            return
        if surface.data.pop("presentation_seen", None) is not None:
            self.superseded(surface)
        else:
            surface.data["presentation_seen"] = True

    def superseded(self, surface: Surface) -> None:
        """What waits for a surface will not be shown."""
        discard(self._forget(surface))

    def _forget(self, surface: Surface) -> list[WpPresentationFeedback]:
        group = self._waiting.pop(surface, [])
        if group and not self._waiting:
            self._hooks.remove(self.presented)
        surface.data.pop("presentation_seen", None)
        if self._next_commit in surface.on_commit:
            surface.unwatch_commits(self._next_commit)
        if self.superseded in surface.on_destroy:
            surface.on_destroy.remove(self.superseded)
        return group

    def presented(self, output: Output, now_ns: int) -> None:
        """An output has shown a frame: answer for what is on it."""
        shown = [s for s in self._waiting if s.nodes and s.nodes[0][0].output is output]
        if not shown:
            return
        seconds, nanoseconds = divmod(now_ns, 1_000_000_000)
        number = output.retrace(now_ns)
        for surface in shown:
            for feedback in self._forget(surface):
                if not feedback.alive:
                    continue
                if output.resource is not None:
                    for resource in output.resource.of_client(feedback.client):
                        feedback.sync_output(resource)
                feedback.presented(
                    seconds >> 32,
                    seconds & 0xFFFF_FFFF,
                    nanoseconds,
                    output.refresh_ns,
                    number >> 32,
                    number & 0xFFFF_FFFF,
                    output.presentation_flags,
                )


def bind_presentation(client: Client, oid: int, version: int) -> WpPresentation:
    """Bind wp_presentation and tell its clock."""
    resource = WpPresentation(client, oid, version)
    desktop = desktop_of(resource)
    if desktop.presentation is None:
        desktop.presentation = PresentationTracker(desktop)
    resource.clock_id(time.CLOCK_MONOTONIC)
    return resource
