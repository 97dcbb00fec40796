"""What the tests of the benchmarks share: the programs in C, where they can be built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import toolchain


@pytest.fixture
def need_built() -> Callable[[str], Path]:
    """Return a function that returns where a program of `benchmarks.toolchain` is, or skips."""

    def need(name: str) -> Path:
        try:
            return toolchain.program(name)
        except toolchain.BuildError as error:
            pytest.skip(str(error).splitlines()[0])

    return need
