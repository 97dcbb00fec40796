"""What the kernel says of a process, checked against processes whose behaviour is known."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import process


def test_cpu_time_is_the_kernels_own_to_a_fraction_of_a_tick() -> None:
    before, clock = process.sample(os.getpid()), time.process_time_ns()
    while time.process_time_ns() - clock < 50_000_000:
        pass
    used = process.sample(os.getpid()).cpu_ns - before.cpu_ns
    assert 50_000_000 <= used < 60_000_000


def test_each_wait_counts_as_one_wakeup() -> None:
    echo = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", echo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as child:
        assert child.stdin is not None and child.stdout is not None

        def ask() -> None:
            child.stdin.write("x\n")  # type: ignore[union-attr]
            assert child.stdout.readline() == "x\n"  # type: ignore[union-attr]
            # Preempted before it has gone to wait, the child would find the next line there.
            while not asleep(child.pid):
                os.sched_yield()

        ask()
        before = process.sample(child.pid).voluntary_switches
        for _ in range(20):
            ask()
        switches = process.sample(child.pid).voluntary_switches - before
        child.stdin.close()
    assert 20 <= switches <= 25


def asleep(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_memory_of_a_process_is_seen() -> None:
    before = process.sample(os.getpid()).rss_kib
    # Fresh pages: what the allocator gives might be there already.
    ballast = mmap.mmap(-1, 32 << 20)
    ballast.write(b"\1" * len(ballast))
    after = process.sample(os.getpid()).rss_kib
    assert 30 << 10 <= after - before <= 80 << 10
    assert process.peak_rss_kib(os.getpid()) >= after
    assert 0 < process.private_kib(os.getpid()) <= after + 1024
