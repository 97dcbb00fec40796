"""What can be done at any time is done when nothing is due; the garbage collector runs then."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from compositor import preload
from compositor.calls import now_ns
from compositor.loop import IDLE_S, Loop


class Knot:
    """Holds itself, so that only the garbage collector ends it."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Nothing is collected but by who asks for it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_it_is_called_before_a_long_sleep_and_no_short_one(loop: Loop) -> None:
    called: list[str] = []
    loop.idle = lambda: called.append("idle")
    loop.timers.call_at(now_ns() + int(IDLE_S * 1e9) // 2, lambda: called.append("soon"))
    while not called:
        loop.turn()
    assert ["soon"] == called
    called.clear()
    loop.timers.call_at(now_ns() + int(IDLE_S * 1e9) * 3, lambda: called.append("late"))
    while "late" not in called:
        loop.turn()
    assert "idle" == called[0]


def test_a_turn_that_does_not_sleep_has_no_time_for_it(loop: Loop) -> None:
    called: list[int] = []
    loop.idle = lambda: called.append(1)
    loop.turn(block=False)
    loop.again = True
    loop.turn()
    assert [] == called


def test_garbage_is_collected_once_there_may_be_enough(no_collection: None) -> None:
    few = weakref.ref(Knot())
    preload.collect()
    assert few() is not None
    knots = [Knot() for _ in range(2 * preload._YOUNG)]
    many = weakref.ref(knots[0])
    del knots
    preload.collect()
    assert few() is None
    assert many() is None


def test_what_survived_is_looked_at_now_and_then(no_collection: None) -> None:
    old = Knot()
    gc.collect(0)
    reference = weakref.ref(old)
    del old
    for _ in range(preload._MIDDLE + 2):
        knots = [Knot() for _ in range(2 * preload._YOUNG)]
        del knots
        preload.collect()
    assert reference() is None


def test_a_compositor_does_so_once_it_has_settled(loop: Loop, no_collection: None) -> None:
    try:
        preload._settle_memory(loop)
        assert loop.idle is preload.collect
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(700, 10, 10)
