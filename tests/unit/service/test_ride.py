"""Riding: frames made one after the other without the loop, until something else happens. Time is real."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.theatre import Theatre

from compositor.cadence import STEPS
from compositor.calls import now_ns
from compositor.express import Express
from compositor.loop import Loop
from compositor.timers import Timer

PERIOD_NS = 2_000_000


class Rider(Express):
    """Does as it is told instead of making a frame."""

    script: Callable[[int], bool]
    times: list[int]

    def frame(self, now_ns: int) -> bool:
        self.times.append(now_ns)
        return self.script(len(self.times))


class Pace:
    """What waits for the next frame, on a loop of its own."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.wait_for(now_ns() + PERIOD_NS)

    def wait_for(self, deadline_ns: int) -> None:
        self.deadline_ns = deadline_ns
        self.timer: Timer = self.loop.timers.call_at(deadline_ns, lambda: None)


class Ride:
    """A rider, and all that could happen to it."""

    def __init__(self, theatre: Theatre) -> None:
        stage = theatre.stage
        surface = stage.window.surface
        stage.output.refresh_ns = PERIOD_NS
        self.loop = Loop()
        self.pace = Pace(self.loop)
        self.inside, self.outside = os.pipe()
        served = theatre.drawer.served
        self.rider = Rider(stage.server.backend, surface.nodes[0][0], served, surface, None)
        self.rider.times = []

    def go(self, script: Callable[[int], bool]) -> int:
        self.rider.script = script
        return self.rider.ride(self.loop, self.pace, self.inside)  # type: ignore[arg-type]

    def interrupt(self) -> bool:
        os.write(self.outside, b"x")
        return True

    def close(self) -> None:
        self.loop.close()
        os.close(self.inside)
        os.close(self.outside)


@pytest.fixture
def ride(tmp_path: Path) -> Iterator[Ride]:
    theatre = Theatre(tmp_path, "on-demand", cadence=True)
    theatre.frames(STEPS + 2)
    made = Ride(theatre)
    yield made
    made.close()
    theatre.close()


def test_frames_are_made_in_their_time_until_a_descriptor_is_ready(ride: Ride) -> None:
    first = ride.pace.deadline_ns
    assert 3 == ride.go(lambda count: count < 3 or ride.interrupt())
    assert 3 == ride.loop.wakeups
    assert all(now >= first + number * PERIOD_NS for number, now in enumerate(ride.rider.times))
    assert ride.pace.deadline_ns >= first + 3 * PERIOD_NS
    assert [ride.pace.timer] == [entry[2] for entry in ride.loop.timers.heap]


def test_a_frame_that_has_to_go_the_general_way_is_due_at_once(ride: Ride) -> None:
    assert 1 == ride.go(lambda count: count < 2)
    assert ride.pace.deadline_ns <= now_ns()
    assert ride.pace.timer.active


def test_who_is_due_earlier_has_a_turn(ride: Ride) -> None:
    other = ride.loop.timers.call_at(ride.pace.deadline_ns + PERIOD_NS // 2, lambda: None)
    assert 1 == ride.go(lambda count: True)
    assert other is ride.loop.timers.heap[0][2]
    assert [] == ride.rider.times[1:]


def test_it_waits_for_no_frame_that_another_timer_is_due_before(ride: Ride) -> None:
    ride.loop.timers.call_at(0, lambda: None)
    timer = ride.pace.timer
    assert 0 == ride.go(lambda count: True)
    assert [] == ride.rider.times
    assert timer is ride.pace.timer


def test_a_frame_that_fails_is_followed_by_another(ride: Ride) -> None:
    first = ride.pace.deadline_ns

    def fail(count: int) -> bool:
        raise MemoryError

    with pytest.raises(MemoryError):
        ride.go(fail)
    assert ride.pace.deadline_ns >= first + PERIOD_NS
    assert ride.pace.timer.active


def test_a_loop_rides_before_it_sleeps_and_survives_what_goes_wrong() -> None:
    loop, rides, bugs = Loop(), [], []
    loop.on_bug = lambda: bugs.append(True)

    def ride() -> None:
        rides.append(len(rides))
        loop.again = True
        if len(rides) == 2:
            raise RuntimeError

    loop.ride = ride
    loop.turn()
    # There is something to do first.
    loop.again = True
    loop.turn()
    assert [0] == rides
    loop.turn()
    assert [0, 1] == rides
    assert [True] == bugs
    loop.close()
