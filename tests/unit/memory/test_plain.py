"""Plain memory that takes no seals: found, and told from everything else."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from compositor.memory import Seal, Verdict, judge
from compositor.memory.plain import plain_bytes

from .files import disk_file, hugetlb_memfd, memfd, reopened, shm_file

Keep = Callable[[int], int]
SIZE = 8192


def test_it_is_what_the_judge_has_copied(owned: Keep) -> None:
    fd = owned(memfd(SIZE, Seal.SEAL))
    assert SIZE == plain_bytes(fd)
    judgement = judge(fd, SIZE)
    assert (Verdict.COPY, Seal.SEAL, SIZE) == (judgement.verdict, judgement.seals, judgement.file_size)


@pytest.mark.parametrize("size", [1, 5 << 30])
def test_its_size_is_told_to_the_byte(owned: Keep, size: int) -> None:
    assert size == plain_bytes(owned(memfd(size, Seal.SEAL)))


@pytest.mark.parametrize("seals", [Seal(0), Seal.SHRINK, Seal.SEAL | Seal.SHRINK, Seal.SEAL | Seal.GROW])
def test_what_is_sealed_or_can_be_is_left_to_the_judge(owned: Keep, seals: Seal) -> None:
    assert -1 == plain_bytes(owned(memfd(SIZE, seals)))


def test_an_empty_file_is_left_to_the_judge(owned: Keep) -> None:
    assert -1 == plain_bytes(owned(memfd(0, Seal.SEAL)))


def test_it_has_to_be_open_for_reading(owned: Keep) -> None:
    assert -1 == plain_bytes(owned(reopened(memfd(SIZE, Seal.SEAL), os.O_WRONLY)))
    assert SIZE == plain_bytes(owned(reopened(memfd(SIZE, Seal.SEAL), os.O_RDONLY)))


def test_memory_of_another_mount_is_left_to_the_judge(owned: Keep) -> None:
    assert -1 == plain_bytes(owned(shm_file(SIZE)))


def test_memory_of_huge_pages_is_left_to_the_judge(owned: Keep) -> None:
    assert -1 == plain_bytes(owned(hugetlb_memfd(Seal.SEAL)))


def test_what_is_no_memory_or_no_file_is_left_to_the_judge(owned: Keep) -> None:
    assert -1 == plain_bytes(owned(disk_file(SIZE)))
    inside, outside = map(owned, os.pipe())
    assert [-1, -1] == [plain_bytes(inside), plain_bytes(outside)]
    gone = os.dup(inside)
    os.close(gone)
    assert -1 == plain_bytes(gone)
    assert -1 == plain_bytes(-1)
