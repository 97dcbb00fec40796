"""wp_commit_timing_manager_v1: commits that are not shown before a time.

Source: commit-timing-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.surface import TIMED, Surface
from compositor.protocol.extension import claim, release
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, Uint, request

_KIND = "commit_timing"
_SECOND_NS = 1_000_000_000


class WpCommitTimingManagerV1(Interface, name="wp_commit_timing_manager_v1", version=1):
    """Makes commit timers."""

    __slots__ = ()

    class Error(IntEnum):
        COMMIT_TIMER_EXISTS = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_timer(self, id: NewId[WpCommitTimerV1], surface: WlSurface) -> None:
        resource = WpCommitTimerV1(self.client, id, self.version)
        resource.surface = surface.surface
        if not claim(surface.surface, _KIND, resource):
            raise self.error(self.Error.COMMIT_TIMER_EXISTS, f"{surface!r} has one already")


class WpCommitTimerV1(Interface, name="wp_commit_timer_v1", version=1):
    """The time of one surface's next commit."""

    __slots__ = ("surface",)

    surface: Surface

    class Error(IntEnum):
        INVALID_TIMESTAMP = 0
        TIMESTAMP_EXISTS = 1
        SURFACE_DESTROYED = 2

    @request()
    def set_timestamp(self, tv_sec_hi: Uint, tv_sec_lo: Uint, tv_nsec: Uint) -> None:
        if not self.surface.alive:
            raise self.error(self.Error.SURFACE_DESTROYED, "set_timestamp: its surface was destroyed")
        if tv_nsec >= _SECOND_NS:
            raise self.error(self.Error.INVALID_TIMESTAMP, f"set_timestamp: {tv_nsec} ns is over a second")
        pending = self.surface.pending
        if pending.not_before_ns:
            raise self.error(self.Error.TIMESTAMP_EXISTS, "set_timestamp: the commit has a time already")
        # 0 stands for no time; the first nanosecond is as long ago.
        pending.not_before_ns = max(1, (tv_sec_hi << 32 | tv_sec_lo) * _SECOND_NS + tv_nsec)
        pending.fields |= TIMED

    @request(destructor=True)
    def destroy(self) -> None: ...

    def destroyed(self) -> None:
        release(self.surface, _KIND, self)
