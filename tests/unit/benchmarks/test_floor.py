"""The least that a frame costs, in C and in Python."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import floor, rows


def test_the_floor_of_a_frame_is_measured_in_both_languages(need_built: Callable[[str], object]) -> None:
    need_built("floor")
    assert 1_000 < floor.in_c(5) < 50_000_000
    assert 1_000 < floor.in_python(5) < 50_000_000


def test_copies_are_measured_by_the_rows_side_by_side(need_built: Callable[[str], object]) -> None:
    need_built("rows")
    found = rows.measure(2)
    assert list(found) == [0, 1, 2, 4, 8]
    # Nothing copies 8 MB in less than 50 µs.
    assert all(50 < us < 5_000_000 for us in found.values())
