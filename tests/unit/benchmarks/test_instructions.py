"""Instructions are counted by callgrind, of a process that plays frames and ends."""

from __future__ import annotations

import shutil

import pytest

from benchmarks import instructions


@pytest.mark.skipif(
    shutil.which("valgrind") is None, reason="valgrind is not installed (Debian package valgrind)"
)
def test_a_run_is_counted() -> None:
    # The interpreter alone takes as many to start.
    assert instructions.count(1, 1) > 20_000_000
