"""Damage of an output: merged exactly where that pays, never less than what was damaged."""

from __future__ import annotations

import random

from compositor.geometry import EMPTY_REGION, Rect, Region
from compositor.model.output import Output
from compositor.model.output_scene import OutputScene

WHOLE = Rect(0, 0, 1920, 1080)


def merged(rects: list[Rect]) -> Region:
    entry = OutputScene(Output("TEST", WHOLE.width, WHOLE.height))
    entry.take_damage()
    for rect in rects:
        entry.damage_rect(rect)
    return entry.take_damage()


def grid(columns: int, rows: int, side: int, step: int) -> list[Rect]:
    return [Rect(x * step, y * step, side, side) for y in range(rows) for x in range(columns)]


def test_no_damage_is_no_region() -> None:
    assert EMPTY_REGION == merged([])


def test_one_rectangle_is_cut_to_the_output() -> None:
    assert Region.from_rect(Rect(0, 0, 5, 6)) == merged([Rect(-5, -4, 10, 10)])


def test_spread_rectangles_stay_apart_however_many() -> None:
    rects = grid(10, 5, 64, 190)
    assert Region.from_rects(rects) == merged(rects)


def test_a_dense_crowd_becomes_its_bound() -> None:
    assert Region.from_rect(Rect(0, 0, 160, 160)) == merged([*grid(10, 10, 15, 16), Rect(159, 159, 1, 1)])


def test_very_many_become_their_bound() -> None:
    rects = grid(40, 25, 4, 40)
    assert Region.from_rect(Rect(0, 0, 39 * 40 + 4, 24 * 40 + 4)) == merged(rects)


def test_empty_rectangles_do_not_widen_the_bound() -> None:
    rects = [rect.translate(500, 500) for rect in grid(10, 10, 16, 16)]
    assert Region.from_rect(Rect(500, 500, 160, 160)) == merged([*rects, Rect(0, 0, 0, 0)])


def test_nothing_damaged_is_ever_left_out() -> None:
    chance = random.Random(1)
    for count in (1, 2, 31, 32, 33, 60, 255, 256, 257, 400):
        rects = [
            Rect(
                chance.randrange(-50, 1950),
                chance.randrange(-50, 1100),
                chance.randrange(0, 90),
                chance.randrange(0, 90),
            )
            for _ in range(count)
        ]
        region = merged(rects)
        exact = Region.from_rects(rects).intersect(WHOLE)
        assert EMPTY_REGION == exact.subtract(region)
        assert WHOLE.contains_rect(region.bounds)


def test_what_lies_in_another_rectangle_adds_nothing() -> None:
    inner, outer = Rect(20, 20, 30, 30), Rect(10, 10, 100, 100)
    assert Region.from_rect(outer) == merged([inner, outer, outer, Rect(50, 50, -3, -900)])


def test_what_sticks_out_of_the_largest_is_damaged_as_well() -> None:
    for part in (Rect(9, 20, 5, 5), Rect(20, 9, 5, 5), Rect(108, 20, 5, 5), Rect(20, 108, 5, 5)):
        rects = [Rect(10, 10, 100, 100), part]
        assert Region.from_rects(rects) == merged(rects)
