"""Buffers: one release when the last reader has gone."""

from __future__ import annotations

import pytest

from compositor.model.buffer import Buffer
from compositor.model.content import SolidContent


class Resource:
    """Hears what a wl_buffer would be told."""

    oid = 3

    def __init__(self) -> None:
        self.told: list[str] = []

    def release(self) -> None:
        self.told.append("release")

    def fault(self, why: str) -> None:
        self.told.append(why)


def buffer() -> tuple[Buffer, list[str]]:
    made = Buffer(4, 4, SolidContent(0, 0, 0))
    made.resource = resource = Resource()
    return made, resource.told


def test_the_last_reader_releases() -> None:
    made, told = buffer()
    made.lock()
    made.lock()
    made.unlock()
    assert [] == told
    made.unlock()
    assert ["release"] == told


def test_it_can_be_used_again() -> None:
    made, told = buffer()
    for _ in range(3):
        made.lock()
        made.unlock()
    assert ["release"] * 3 == told


def test_a_destroyed_one_tells_nobody() -> None:
    made, told = buffer()
    made.lock()
    made.resource = None
    made.unlock()
    assert [] == told


def test_unlocking_too_often_is_a_bug() -> None:
    made, _ = buffer()
    with pytest.raises(AssertionError):
        made.unlock()
