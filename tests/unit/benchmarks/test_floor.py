"""The least that a frame costs, in C and in Python."""

from __future__ import annotations

import pytest

from benchmarks import floor, rows, toolchain


def test_the_floor_of_a_frame_is_measured_in_both_languages() -> None:
    try:
        toolchain.program("floor")
    except toolchain.BuildError as error:
        pytest.skip(str(error).splitlines()[0])
    assert 1_000 < floor.in_c(5) < 50_000_000
    assert 1_000 < floor.in_python(5) < 50_000_000


def test_copies_are_measured_by_the_rows_side_by_side() -> None:
    try:
        toolchain.program("rows")
    except toolchain.BuildError as error:
        pytest.skip(str(error).splitlines()[0])
    found = rows.measure(2)
    assert list(found) == [0, 1, 2, 4, 8]
    # Nothing copies 8 MB in less than 50 µs.
    assert all(50 < us < 5_000_000 for us in found.values())
