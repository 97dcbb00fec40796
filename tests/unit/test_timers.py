"""Deadlines and the loop that waits for them."""

from __future__ import annotations

import os
import signal
import socket
from time import monotonic_ns

import pytest

from compositor import calls
from compositor.clock import ManualClock
from compositor.loop import Loop
from compositor.timers import TimerQueue


def test_timers_run_in_the_order_of_their_time_then_of_their_setting() -> None:
    timers, ran = TimerQueue(), ""

    def note(letter: str) -> None:
        nonlocal ran
        ran += letter

    for deadline, letter in ((30, "c"), (10, "a"), (20, "b"), (20, "B")):
        timers.call_at(deadline, lambda letter=letter: note(letter))  # type: ignore[misc]
    assert 10 == timers.next_deadline()
    assert 3 == timers.run_due(20)
    assert "abB" == ran
    assert 30 == timers.next_deadline()


def test_a_cancelled_timer_never_fires() -> None:
    timers, ran = TimerQueue(), []
    timer = timers.call_at(10, lambda: ran.append(1))
    assert timer.active
    timer.cancel()
    timer.cancel()
    assert timers.next_deadline() is None
    assert 0 == timers.run_due(100)
    assert [] == ran


def test_the_loop_waits_for_what_is_due_in_a_hundred_years() -> None:
    loop = Loop()
    ours, theirs = os.pipe()
    heard: list[bytes] = []
    loop.timers.call_at(100 * 365 * 86_400 * 10**9, lambda: heard.append(b"late"))
    loop.add_reader(ours, lambda: heard.append(os.read(ours, 1)))
    os.write(theirs, b"x")
    loop.turn()
    assert [b"x"] == heard
    loop.close()
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("error", "bugs"), [(ValueError("x"), 1), (ImportError("cannot import"), 0), (MemoryError(), 0)], ids=repr
)
def test_what_the_system_did_not_give_is_no_bug(error: Exception, bugs: int) -> None:
    loop = Loop()
    found: list[int] = []
    loop.on_bug = lambda: found.append(1)

    def fail() -> None:
        raise error

    loop.timers.call_at(0, fail)
    loop.turn()
    assert bugs == len(found)
    loop.close()


def test_a_timer_may_cancel_one_that_is_due_with_it() -> None:
    timers, ran = TimerQueue(), []
    timers.call_at(10, lambda: second.cancel())
    second = timers.call_at(10, lambda: ran.append(1))
    timers.run_due(10)
    assert [] == ran


def test_a_timer_set_for_now_waits_for_the_next_turn() -> None:
    timers, ran = TimerQueue(), []

    def again() -> None:
        ran.append(1)
        timers.call_at(10, again)

    timers.call_at(10, again)
    assert 1 == timers.run_due(10)
    assert 1 == timers.run_due(10)


def test_setting_and_cancelling_without_end_keeps_little() -> None:
    timers = TimerQueue()
    for _ in range(10_000):
        timers.call_at(10, lambda: None).cancel()
    assert len(timers) < 1000


def test_a_manual_clock_does_not_go_back() -> None:
    clock = ManualClock()
    clock.set_ns(clock.now_ns() + 5)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.set_ns(clock.now_ns() - 1)


def test_a_reader_is_called_while_there_is_something_to_read() -> None:
    loop = Loop()
    ours, theirs = socket.socketpair()
    got: list[bytes] = []
    loop.add_reader(ours.fileno(), lambda: got.append(ours.recv(1)))
    theirs.send(b"ab")
    loop.run_until_idle()
    assert [b"a", b"b"] == got
    loop.remove(ours.fileno())
    loop.remove(ours.fileno())
    theirs.send(b"c")
    loop.run_until_idle()
    assert [b"a", b"b"] == got
    for thing in (ours, theirs, loop):
        thing.close()


def test_readers_and_writers_of_one_descriptor_come_and_go_apart() -> None:
    loop = Loop()
    ours, theirs = socket.socketpair()
    said: list[str] = []
    loop.add_reader(ours.fileno(), lambda: (said.append("read"), ours.recv(10)))  # type: ignore[arg-type]
    loop.add_writer(ours.fileno(), lambda: (said.append("write"), loop.remove_writer(ours.fileno())))  # type: ignore[arg-type]
    theirs.send(b"x")
    loop.turn(block=False)
    loop.turn(block=False)
    assert ["write", "read"] == said
    loop.remove_writer(ours.fileno())
    for thing in (ours, theirs, loop):
        thing.close()


def test_a_bug_in_a_callback_is_counted_and_the_loop_goes_on() -> None:
    loop, bugs, ran = Loop(), [], []
    loop.on_bug = lambda: bugs.append(1)

    def bad() -> None:
        raise RuntimeError("on purpose")

    loop.timers.call_at(0, bad)
    loop.timers.call_at(0, lambda: ran.append(1))
    loop.at_end.extend([bad, lambda: ran.append(2)])
    loop.turn(block=False)
    assert ([1, 1], [1, 2]) == (bugs, ran)
    loop.close()


def test_a_signal_wakes_the_loop() -> None:
    loop, got = Loop(), []
    before = signal.getsignal(signal.SIGUSR1)
    loop.on_signal(signal.SIGUSR1, lambda: (got.append(1), loop.stop()))  # type: ignore[arg-type]
    os.kill(os.getpid(), signal.SIGUSR1)
    loop.run()
    assert [1] == got
    loop.close()
    signal.signal(signal.SIGUSR1, before)


def test_an_idle_loop_sleeps_without_a_timeout() -> None:
    loop = Loop()
    assert loop.timers.next_deadline() is None
    ours, theirs = socket.socketpair()
    loop.add_reader(ours.fileno(), lambda: ours.recv(10))
    theirs.send(b"x")
    loop.turn()
    assert 1 == loop.wakeups
    for thing in (ours, theirs, loop):
        thing.close()


def test_a_precise_loop_waits_for_timers_and_hears_of_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, seen = Loop(), []
    asked: list[int] = []

    def wait(fd: int, timeout_ns: int) -> bool:
        asked.append(timeout_ns)
        return calls.wait(fd, timeout_ns)

    monkeypatch.setattr("compositor.loop.wait", wait)
    loop.precise = True
    ours, theirs = socket.socketpair()
    due = monotonic_ns() + 1_500_000
    loop.timers.call_at(due, lambda: seen.append(monotonic_ns() >= due))
    loop.turn()
    while not seen:
        # epoll_wait(2) may wake up a little early.
        loop.turn()
    loop.timers.call_at(due + 10**12, lambda: seen.append(False))
    loop.add_reader(ours.fileno(), lambda: seen.append(ours.recv(10) == b"x"))
    theirs.send(b"x")
    loop.turn()
    assert [True, True] == seen
    assert asked
    assert all(timeout > 0 for timeout in asked)
    for thing in (ours, theirs, loop):
        thing.close()
