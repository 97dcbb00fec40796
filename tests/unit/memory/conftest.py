"""Every test here ends with the descriptors and mappings it began with."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def open_files() -> Counter[str]:
    """What every open descriptor of this process opens."""
    found: Counter[str] = Counter()
    for name in os.listdir("/proc/self/fd"):
        try:
            found[os.readlink(f"/proc/self/fd/{name}")] += 1
        except FileNotFoundError:
            pass  # The descriptor of the listing itself.
    return found


def shared_mappings() -> int:
    """How many mappings of memfds and shared memory files this process has."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return sum("memfd:" in line or "/dev/shm/" in line for line in lines)


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail the test that leaves a descriptor open or a mapping behind."""
    gc.collect()
    before = open_files(), shared_mappings()
    yield
    gc.collect()
    files, mappings = open_files(), shared_mappings()
    assert Counter() == files - before[0], "descriptors left open"
    assert before[1] == mappings, "mappings left behind"


@pytest.fixture
def owned() -> Iterator[Callable[[int], int]]:
    """Keep a descriptor until the end of the test."""
    kept: list[int] = []

    def keep(fd: int) -> int:
        kept.append(fd)
        return fd

    yield keep
    for fd in kept:
        os.close(fd)
