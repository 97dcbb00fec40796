"""The compositor's clock. A manual one (``--clock manual``) moves only from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.testing.errors import WaitTimeout

if TYPE_CHECKING:
    from compositor.testing.compositor import Compositor


class Clock:
    """Time as an input: frames, key repeat and timeouts happen when it is advanced.

        compositor.clock.advance(500)
        first = window.screenshot()
        compositor.clock.advance_frames(3)
        second = window.screenshot()

    Needs a compositor that was made with ``clock="manual"``.
    """

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor

    @property
    def now_ms(self) -> float:
        """The compositor's time in milliseconds."""
        return float(self._compositor.call("clock.now")["now_ms"])

    def advance(self, ms: float) -> int:
        """Let so many milliseconds pass; returns how many frames were drawn.

        Raises:
            RequestRefused: if the clock is the real one.
        """
        return int(self._compositor.call("clock.advance", ms=ms)["frames"])

    def advance_frames(self, count: int = 1) -> int:
        """Let so many refreshes of the first output pass, one by one, programs answering in between."""
        info = self._compositor.call("outputs.list")[0]
        drawn = 0
        for _ in range(count):
            drawn += self.advance(1_000_000 / info["refresh_mhz"])
            self._compositor.wait_idle()
        return drawn

    def run_until_idle(self, limit_ms: float = 10_000) -> float:
        """Advance refresh by refresh until no frame is due and no program has anything to say.

        Returns:
            The milliseconds that passed.

        Raises:
            WaitTimeout: if something still moves after `limit_ms`.
        """
        interval = 1_000_000 / self._compositor.call("outputs.list")[0]["refresh_mhz"]
        passed = 0.0
        while self._compositor.wait_idle()["frames_pending"]:
            if passed >= limit_ms:
                raise WaitTimeout(f"frames are still due after {limit_ms:g} ms: something is animated")
            self.advance(interval)
            passed += interval
        return passed
