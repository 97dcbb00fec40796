"""What a paced frame costs at the least: ``python -m benchmarks.floor``.

A compositor sleeps until a frame is due, reads what its client has sent, and answers. That alone, with
nothing done about it, in C and in Python, beside a whole compositor: what is between the two loops is the
price of waking up an interpreter, and no compositor in Python costs less than the second.
"""

from __future__ import annotations

import argparse
import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks import process, report, toolchain
from benchmarks.compositors import COMPOSITORS
from benchmarks.loads import LOADS
from benchmarks.measure import measure

PERIOD_NS = 16_666_667
_COMMIT, _ANSWER = bytes(64), bytes(32)


def loop(frames: int) -> int:
    """The loop in Python; returns CPU ns per frame."""
    ours, theirs = socket.socketpair()
    if not os.fork():
        ours.close()
        try:
            while theirs.send(_COMMIT) and theirs.recv(4096):
                pass
        finally:
            os._exit(0)
    theirs.close()
    epoll = select.epoll()
    epoll.register(ours.fileno(), 0)
    buffer = memoryview(bytearray(65_536))
    due = time.monotonic_ns() + PERIOD_NS
    before = process.sample(os.getpid()).cpu_ns
    for _ in range(frames):
        epoll.poll(max(0.0, (due - time.monotonic_ns()) / 1e9))
        ours.recvmsg_into([buffer], socket.CMSG_SPACE(4 * 28))
        ours.send(_ANSWER)
        due += PERIOD_NS
    return (process.sample(os.getpid()).cpu_ns - before) // frames


def in_c(frames: int) -> int:
    """The loop in C; returns CPU ns per frame."""
    command = [str(toolchain.program("floor")), str(frames), str(PERIOD_NS)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def in_python(frames: int) -> int:
    """The loop in a Python of its own; returns CPU ns per frame."""
    command = [sys.executable, "-m", "benchmarks.floor", "--loop", str(frames)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure by turns and print a table."""
    command_line = argparse.ArgumentParser(
        prog="python -m benchmarks.floor",
        description="CPU time of a paced frame: loops that do nothing, and compositors with one window.",
    )
    command_line.add_argument("--frames", type=int, default=120, help="per run (default 120)")
    command_line.add_argument("--runs", type=int, default=5, help="medians are shown (default 5)")
    command_line.add_argument("--loop", type=int, metavar="FRAMES", help=argparse.SUPPRESS)
    options = command_line.parse_args(arguments)
    if options.loop:
        print(loop(options.loop))
        return 0
    names = {"loop in C": in_c, "loop in Python": in_python}
    compositors = [c for c in map(COMPOSITORS.__getitem__, ("sway", "weddell-drawing")) if not c.missing()]
    found: dict[str, list[float]] = {name: [] for name in [*names, *[c.name for c in compositors]]}
    for _ in range(options.runs):
        for name, run in names.items():
            found[name].append(run(options.frames) / 1e3)
        for compositor in compositors:
            seen = measure(compositor, LOADS["fullscreen"], seconds=options.frames / 60)
            found[compositor.name].append(seen.cpu_us)
    medians = {name: statistics.median(times) for name, times in found.items()}
    least = medians["loop in C"]
    rows = [[name, f"{value:.0f}", f"{value / least:.1f}"] for name, value in medians.items()]
    print(report.table(["paced frame", "CPU µs", "÷ loop in C"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
