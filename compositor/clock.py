"""Time as an input: the real clock, and one that moves only when told to.

Everything in the compositor that depends on time (frame pacing, key repeat,
ping, presentation times) asks one `Clock`. With the manual clock nothing of
it happens until the driver advances time. Anybody may import this module.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where the compositor gets its time from."""

    manual: bool

    def now_ns(self) -> int:
        """Return monotonic time in nanoseconds (CLOCK_MONOTONIC for the real clock)."""
        ...


class RealClock:
    """CLOCK_MONOTONIC."""

    __slots__ = ()
    manual = False

    # The C function itself: it is asked several times a frame.
    now_ns = staticmethod(time.monotonic_ns)


class ManualClock:
    """A clock that stands still until `set_ns` moves it.

    It starts at one second, so that a time of zero can still mean "never".
    """

    __slots__ = ("_now_ns",)
    manual = True

    def __init__(self, start_ns: int = 1_000_000_000) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        """Return the time that was set last, in nanoseconds."""
        return self._now_ns

    def set_ns(self, now_ns: int) -> None:
        """Move the clock to `now_ns`.

        Raises:
            ValueError: if that would move it backwards.
        """
        if now_ns < self._now_ns:
            raise ValueError(f"time cannot go back from {self._now_ns} to {now_ns} ns")
        self._now_ns = now_ns
