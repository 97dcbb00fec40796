"""What the kernel says of a process, checked against processes whose behaviour is known."""

from __future__ import annotations

import os
import subprocess
import sys
import time

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

        ask()
        before = process.sample(child.pid)
        for _ in range(20):
            ask()
        waits = process.sample(child.pid).voluntary_switches - before.voluntary_switches
        child.stdin.close()
    # On a busy machine the next line may be there before the child has gone to wait.
    assert 10 <= waits <= 25


def test_memory_of_a_process_is_seen() -> None:
    before = process.sample(os.getpid()).rss_kib
    ballast = b"\1" * (32 << 20)
    after = process.sample(os.getpid()).rss_kib
    assert len(ballast) == 32 << 20
    assert 30 << 10 <= after - before <= 40 << 10
    assert process.peak_rss_kib(os.getpid()) >= after
    assert 0 < process.private_kib(os.getpid()) <= after + 1024
