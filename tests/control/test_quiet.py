"""Whether programs rest is asked of the kernel: real processes, observed from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from compositor.clock import RealClock
from compositor.control.quiet import Look, QuietWatch, look_at_processes
from compositor.timers import TimerQueue


@pytest.fixture
def start():
    running = []

    def start(script):
        pipe = subprocess.PIPE
        process = subprocess.Popen(["sh", "-c", script], stdin=pipe, stdout=pipe, start_new_session=True)
        running.append(process)
        return process

    yield start
    for process in running:
        # With all that it started: some of these scripts never rest.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def rest(pids, timeout_s=10):
    """Look until two looks in a row find the same and nobody running."""
    deadline = time.monotonic() + timeout_s
    last = None
    while time.monotonic() < deadline:
        look = look_at_processes(pids)
        if not look.busy and last == look:
            return look
        last = look
    raise AssertionError(f"never at rest: {last}")


def test_a_process_that_waits_rests(start):
    process = start("read line")
    assert rest([process.pid]) == look_at_processes([process.pid])


def test_a_process_that_runs_is_named(start):
    process = start("while :; do :; done")
    deadline = time.monotonic() + 10
    busy = ""
    while not busy and time.monotonic() < deadline:
        busy = look_at_processes([process.pid]).busy
    assert f"process {process.pid} (sh) is running" == busy


def test_having_run_in_between_shows_even_if_both_looks_find_it_asleep(start):
    process = start("while read line; do echo answer; done")
    before = rest([process.pid])
    process.stdin.write(b"x\n")
    process.stdin.flush()
    assert b"answer\n" == process.stdout.readline()
    assert before.activity != rest([process.pid]).activity


def test_what_a_process_started_counts_as_well(start):
    process = start("(while :; do :; done) & echo $!; wait")
    child = int(process.stdout.readline())
    deadline = time.monotonic() + 10
    busy = ""
    # At first it may be the one that started it.
    while not busy.startswith(f"process {child} ") and time.monotonic() < deadline:
        busy = look_at_processes([process.pid]).busy
    assert busy.startswith(f"process {child} ")


def test_a_process_that_is_gone_is_no_concern():
    assert "" == look_at_processes([2**22 - 1]).busy


def run(timers, until, timeout_s=10):
    clock = RealClock()
    deadline = time.monotonic() + timeout_s
    while not until() and time.monotonic() < deadline:
        timers.run_due(clock.now_ns())


def test_the_watch_ends_once_two_looks_agree():
    timers, answers = TimerQueue(), []
    looks = iter(
        [Look((1, 0), ""), Look((2, 0), ""), Look((2, 0), "busy"), Look((2, 0), ""), Look((2, 0), "")]
    )
    QuietWatch(timers, lambda: next(looks), 0, 1000, answers.append)
    run(timers, lambda: answers)
    assert [""] == answers
    # Every look was needed: the busy one in the middle does not count as agreement.
    assert [] == list(looks)
    assert None is timers.next_deadline()


def test_the_watch_gives_up_and_says_who_was_busy():
    timers, answers = TimerQueue(), []
    QuietWatch(timers, lambda: Look((0, 0), "somebody is busy"), 0, 20, answers.append)
    run(timers, lambda: answers)
    assert ["somebody is busy"] == answers


def test_a_watch_that_is_cancelled_looks_no_more():
    timers, answers = TimerQueue(), []
    watch = QuietWatch(timers, lambda: Look((0, 0), "busy"), 0, 1000, answers.append)
    run(timers, lambda: False, 0.01)
    watch.cancel()
    assert None is timers.next_deadline()
    assert [] == answers


def test_quiet_has_to_last(monkeypatch):
    timers, answers = TimerQueue(), []
    QuietWatch(timers, lambda: Look((0, 0), ""), 30, 1000, answers.append)
    start = time.monotonic()
    run(timers, lambda: answers)
    assert [""] == answers
    assert time.monotonic() - start >= 0.03
