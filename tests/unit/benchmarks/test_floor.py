"""The least that a frame costs, in C and in Python."""

from __future__ import annotations

import pytest

from benchmarks import floor, toolchain


def test_the_floor_of_a_frame_is_measured_in_both_languages() -> None:
    try:
        toolchain.program("floor")
    except toolchain.BuildError as error:
        pytest.skip(str(error).splitlines()[0])
    assert 1_000 < floor.in_c(5) < 50_000_000
    assert 1_000 < floor.in_python(5) < 50_000_000
