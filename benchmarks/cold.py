"""One paced frame with cold caches: ``python -m benchmarks.cold``.

Between two frames at 60 Hz a compositor sleeps, and other programs have the caches. What a frame costs then
is how much code and data it touches, many times what the same frame costs back to back. One process, one
socket pair, a fullscreen window that submits its next buffer on every frame, the server's own loop. Before
each of the two wake-ups of a frame the caches are filled with something else, outside the clock.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import report
from benchmarks.messages import ROOT_HEIGHT, ROOT_WIDTH, Bench, bench, encode

if TYPE_CHECKING:
    from compositor.server import Server

_THRASH_BYTES = 96 << 20
_HZ = 8
"""Slow enough that the caches can be filled between two wake-ups of a frame."""


class ColdBench(Bench):
    """A fullscreen window with two buffers."""

    def __init__(self, server: Server) -> None:
        super().__init__(server, 0)
        self._other = np.ones(_THRASH_BYTES // 8, np.int64)
        self._calls: list[int] = []

    def advance(self) -> None:
        """Wait for the frame that is due, and have the loop make it."""
        deadline = self.server.loop.timers.next_deadline()
        if deadline is not None and deadline - time.monotonic_ns() < 1_000_000_000:
            time.sleep(max(0.0, (deadline - time.monotonic_ns()) / 1e9))
        self.server.loop.turn(block=False)

    def _thrash(self, cold: bool) -> None:
        if cold:
            self._other += 1

    def steps(self) -> list[bytes]:
        """Bytes of a frame for each of the two buffers of the root surface."""
        peer = self.peer
        pool, buffers = self.pool, []
        for _ in range(2):
            buffers.append(peer.new_id())
            peer.request(pool, 0, buffers[-1], 0, ROOT_WIDTH, ROOT_HEIGHT, 4 * ROOT_WIDTH, 1)
        callback = peer.new_id()
        peer.send()
        return [
            encode(self.root, 1, buffer, 0, 0)
            + encode(self.root, 9, 0, 0, ROOT_WIDTH, ROOT_HEIGHT)
            + encode(self.root, 3, callback)
            + encode(self.root, 6)
            for buffer in buffers
        ]

    def cold_frame(self, message: bytes, cold: bool) -> tuple[int, int]:
        """One frame; CPU ns of the commit's wake-up and of the frame's."""
        loop = self.server.loop
        self.peer.sock.sendall(message)
        self._thrash(cold)
        began = time.thread_time_ns()
        loop.turn(block=False)
        commit = time.thread_time_ns() - began
        deadline = loop.timers.next_deadline()
        if deadline is None:
            # It has rested so long that the frame came at once.
            assert self.peer.read_all(), "no frame came"
            return commit, 0
        self._thrash(cold)
        while time.monotonic_ns() < deadline:
            pass
        began = time.thread_time_ns()
        loop.turn(block=False)
        frame = time.thread_time_ns() - began
        assert self.peer.read_all(), "no frame came"
        return commit, frame


def measure(frames: int, cold: bool) -> tuple[float, float]:
    """Median µs of the two wake-ups of a frame."""
    with bench(0, draw=True, clock="real", make=ColdBench, hz=_HZ) as made:
        assert isinstance(made, ColdBench)
        steps = made.steps()
        for number in range(10):
            made.cold_frame(steps[number % 2], False)
        times = [made.cold_frame(steps[number % 2], cold) for number in range(frames)]
    commit, frame = (statistics.median(part) / 1e3 for part in zip(*times, strict=True))
    return commit, frame


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    command_line = argparse.ArgumentParser(
        prog="python -m benchmarks.cold",
        description="CPU time of one paced fullscreen frame with cold and with warm caches, µs.",
    )
    command_line.add_argument("--frames", type=int, default=40, help="the median is shown (default 40)")
    options = command_line.parse_args(arguments)
    rows = []
    for cold in (True, False):
        commit, frame = measure(options.frames, cold)
        rows.append(["cold" if cold else "warm", f"{commit:.0f}", f"{frame:.0f}", f"{commit + frame:.0f}"])
    print(report.table(["caches", "commit µs", "frame µs", "both µs"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
