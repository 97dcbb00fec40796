"""Pools whose owners ask to have them filled: rows are written with pwrite(2), never through a mapping."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest

from compositor.memory import BadRectangle, Pool, Seal, SealPolicy, WriteFailed, add_seals

from .files import disk_file, memfd, reopened, shm_file

SIZE = 4096
KINDS: dict[str, Callable[[], int]] = {
    "sealed memfd": lambda: memfd(SIZE, Seal.SHRINK),
    "memfd": lambda: memfd(SIZE),
    "unsealable memfd": lambda: memfd(SIZE, sealable=False),
    "shm": lambda: shm_file(SIZE),
    "disk": lambda: disk_file(SIZE),
}


def picture(height: int = 5, width: int = 7) -> np.ndarray:
    """A different number for each pixel: (height, width) uint32."""
    return np.arange(1, 1 + height * width, dtype=np.uint32).reshape(height, width)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stride", [28, 40])
def test_rows_are_written_where_they_belong_and_nothing_else(kind: str, stride: int) -> None:
    fd = KINDS[kind]()
    os.pwrite(fd, b"\xaa" * SIZE, 0)
    with Pool(os.dup(fd), SIZE) as pool:
        pool.write_rows(picture(), 64, stride, 1, 4)
    expected = np.full(SIZE, 0xAA, np.uint8)
    for y in (1, 2, 3):
        expected[64 + y * stride : 64 + y * stride + 28] = picture()[y].view(np.uint8)
    np.testing.assert_array_equal(expected, np.frombuffer(os.pread(fd, SIZE + 1, 0), np.uint8))
    os.close(fd)


@pytest.mark.parametrize("turn", [np.transpose, np.fliplr, np.flipud, np.rot90])
def test_a_picture_of_any_layout_is_written_upright(turn: Callable[[np.ndarray], np.ndarray]) -> None:
    turned = turn(picture())
    fd = memfd(SIZE)
    with Pool(os.dup(fd), SIZE) as pool:
        pool.write_rows(turned, 0, turned.shape[1] * 4, 0, turned.shape[0])
    written = np.frombuffer(os.pread(fd, turned.size * 4, 0), np.uint32).reshape(turned.shape)
    np.testing.assert_array_equal(turned, written)
    os.close(fd)


def test_what_is_written_shows_in_the_mapping() -> None:
    with Pool(memfd(SIZE, Seal.SHRINK), SIZE) as pool:
        view = pool.view(0, 5, 28, 7, np.uint32)
        pool.write_rows(picture(), 0, 28, 0, 5)
        np.testing.assert_array_equal(picture(), view)


@pytest.mark.parametrize("seal", [Seal.WRITE, Seal.FUTURE_WRITE])
def test_memory_sealed_against_writing_is_an_error(seal: Seal) -> None:
    fd = memfd(SIZE, Seal.SHRINK)
    with Pool(os.dup(fd), SIZE, SealPolicy.COPY) as pool:
        add_seals(fd, seal)
        with pytest.raises(WriteFailed, match="not permitted"):
            pool.write_rows(picture(), 0, 28, 0, 5)
    os.close(fd)


def test_a_descriptor_for_reading_is_an_error() -> None:
    fd = reopened(memfd(SIZE, Seal.SHRINK), os.O_RDONLY)
    with Pool(fd, SIZE) as pool, pytest.raises(WriteFailed, match="Bad file descriptor"):
        pool.write_rows(picture(), 0, 28, 0, 5)


@pytest.mark.parametrize("kind", ["unsealable memfd", "shm", "disk"])
def test_a_file_that_was_cut_is_an_error_and_stays_short(kind: str) -> None:
    fd = KINDS[kind]()
    with Pool(os.dup(fd), SIZE) as pool:
        # The rows end at byte 140.
        for size in (139, 100):
            os.ftruncate(fd, size)
            with pytest.raises(WriteFailed, match="shorter"):
                pool.write_rows(picture(), 0, 28, 0, 5)
            assert size == os.fstat(fd).st_size
    os.close(fd)


def test_short_writes_are_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pwrite

    def little(fd: int, data: memoryview, position: int) -> int:
        return real(fd, data[:5], position)

    fd = memfd(SIZE)
    with Pool(os.dup(fd), SIZE) as pool:
        monkeypatch.setattr(os, "pwrite", little)
        pool.write_rows(picture(), 0, 28, 0, 5)
    written = np.frombuffer(os.pread(fd, 140, 0), np.uint32).reshape(5, 7)
    np.testing.assert_array_equal(picture(), written)
    os.close(fd)


def test_a_file_that_takes_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Pool(memfd(SIZE), SIZE) as pool:
        monkeypatch.setattr(os, "pwrite", lambda fd, data, position: 0)
        with pytest.raises(WriteFailed, match="nothing was written"):
            pool.write_rows(picture(), 0, 28, 0, 5)


@pytest.mark.parametrize(
    ("offset", "stride", "y0", "y1"),
    [(-4, 28, 0, 5), (0, 24, 0, 5), (0, 28, -1, 5), (0, 28, 0, 6), (0, 28, 3, 2), (SIZE - 136, 28, 0, 5)],
)
def test_rows_outside_the_pool_or_the_picture_are_refused(offset: int, stride: int, y0: int, y1: int) -> None:
    with Pool(memfd(SIZE), SIZE) as pool, pytest.raises(BadRectangle):
        pool.write_rows(picture(), offset, stride, y0, y1)


def test_no_byte_beyond_the_claimed_size_is_written_though_the_file_has_it() -> None:
    with Pool(memfd(SIZE + 100), SIZE) as pool:
        with pytest.raises(BadRectangle):
            pool.write_rows(np.zeros((1, 5), "u1"), SIZE - 4, 5, 0, 1)
        with pytest.raises(BadRectangle):
            pool.write_rows(np.zeros((SIZE + 1, 1), "u1"), 0, 1, SIZE, SIZE + 1)


def test_rows_at_the_very_end_are_written() -> None:
    with Pool(memfd(SIZE), SIZE) as pool:
        pool.write_rows(picture(), SIZE - 140, 28, 0, 5)


def test_a_closed_pool_is_not_written() -> None:
    pool = Pool(memfd(SIZE), SIZE)
    pool.close()
    with pytest.raises(ValueError, match="closed"):
        pool.write_rows(picture(), 0, 28, 0, 5)
