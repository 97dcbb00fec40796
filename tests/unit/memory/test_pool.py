"""Pools: the reading side, with honest and dishonest writers."""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
from collections.abc import Callable

import numpy as np
import pytest

from compositor.memory import (
    BadRectangle,
    GrowableBuffer,
    Pool,
    Refused,
    Seal,
    SealPolicy,
    ShortRead,
    Verdict,
    add_seals,
    check_rectangle,
)

from .conftest import open_files, shared_mappings
from .files import disk_file, memfd, punch, shm_file

Keep = Callable[[int], int]
SIZE = 64 * 256
RECT = (0, 64, 256, 64, "<u4")


def test_a_sealed_pool_shows_what_the_writer_draws_without_copying() -> None:
    with GrowableBuffer(SIZE) as buffer, Pool(os.dup(buffer.fd), SIZE) as pool:
        seen = pool.view(*RECT)
        buffer.view(*RECT)[5, 7] = 0xAABBCCDD
        assert 0xAABBCCDD == seen[5, 7]
        assert ((64, 64), (256, 4), np.uint32) == (seen.shape, seen.strides, seen.dtype)


def test_views_cannot_be_written_or_made_writable() -> None:
    with GrowableBuffer(SIZE) as buffer, Pool(os.dup(buffer.fd), SIZE) as pool:
        seen = pool.view(*RECT)
        with pytest.raises(ValueError, match="read-only"):
            seen[0, 0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            seen.flags.writeable = True


def test_a_view_can_have_three_bytes_a_pixel_and_padded_rows() -> None:
    fd = memfd(100, Seal.SHRINK)
    os.pwrite(fd, bytes(range(100)), 0)
    with Pool(fd, 100) as pool:
        seen = pool.view(1, 3, 16, 5, (np.uint8, (3,)))
        assert ((3, 5, 3), (16, 3, 1)) == (seen.shape, seen.strides)
        assert [1 + 16 + 3, 1 + 16 + 4, 1 + 16 + 5] == seen[1, 1].tolist()


def test_the_pool_closes_the_descriptor_it_was_given() -> None:
    fd = memfd(SIZE, Seal.SHRINK)
    pool = Pool(fd, SIZE)
    assert fd == pool.fileno()
    pool.close()
    pool.close()
    assert pool.closed
    with pytest.raises(OSError):
        os.fstat(fd)
    with pytest.raises(ValueError):
        pool.fileno()


def test_a_refused_file_is_closed() -> None:
    fd = memfd(SIZE - 1, Seal.SHRINK)
    with pytest.raises(Refused) as caught:
        Pool(fd, SIZE)
    with pytest.raises(OSError):
        os.fstat(fd)
    # However long somebody keeps the error, and with it what was under way.
    assert caught.value


def test_a_file_may_be_short_for_now_where_that_was_said() -> None:
    fd = memfd(1024)
    with pytest.raises(Refused):
        Pool(os.dup(fd), SIZE)
    with Pool(os.dup(fd), SIZE, may_be_short=True) as pool:
        assert (Verdict.COPY, SIZE) == (pool.verdict, pool.size)
        out = np.ones((8, 64), "<u4")
        pool.read_rows(out, 0, 256, 0, 4)
        assert 0 == out[:4].max()
        with pytest.raises(ShortRead):
            pool.read_rows(out, 0, 256, 4, 5)
    os.close(fd)


def test_a_forgotten_pool_closes_itself() -> None:
    before = open_files(), shared_mappings()
    Pool(memfd(SIZE, Seal.SHRINK), SIZE)
    gc.collect()
    assert before == (open_files(), shared_mappings())


def test_a_view_outlives_its_pool_and_the_mapping_dies_with_the_last_view() -> None:
    before = shared_mappings()
    with GrowableBuffer(SIZE) as buffer:
        buffer.view(*RECT)[:] = 3
        pool = Pool(os.dup(buffer.fd), SIZE)
    view = pool.view(*RECT)[2:4]
    pool.close()
    del pool
    gc.collect()
    assert before + 1 == shared_mappings()
    assert (view == 3).all()
    del view
    gc.collect()
    assert before == shared_mappings()


def test_resize_follows_an_honest_writer_and_old_views_stay_right() -> None:
    with GrowableBuffer(SIZE) as buffer, Pool(os.dup(buffer.fd), SIZE) as pool:
        old, drawn = pool.view(*RECT), buffer.view(*RECT)
        buffer.grow(4 * SIZE)
        pool.resize(4 * SIZE)
        drawn[:] = 9
        buffer.view(3 * SIZE, 64, 256, 64, "<u4")[:] = 8
        assert (old == 9).all()
        assert (pool.view(3 * SIZE, 64, 256, 64, "<u4") == 8).all()
        assert (4 * SIZE, 1, 4 * SIZE) == (pool.size, pool.growths, pool.mapped_bytes)


def test_a_pool_resized_past_its_file_is_refused_and_goes_on_working() -> None:
    """The case that kills compositors which judge a pool once."""
    with GrowableBuffer(SIZE) as buffer, Pool(os.dup(buffer.fd), SIZE) as pool:
        mapping = pool.mapping
        for size in (SIZE + 1, 2 * SIZE, 2**31 - 1):
            with pytest.raises(Refused, match=f"it has {SIZE} bytes, not the {size} claimed"):
                pool.resize(size)
        assert (SIZE, 0, mapping) == (pool.size, pool.growths, pool.mapping)
        buffer.view(*RECT)[:] = 4
        assert (pool.view(*RECT) == 4).all()
        buffer.grow(2 * SIZE)
        pool.resize(2 * SIZE)
        assert 2 * SIZE == pool.size


def test_a_pool_cannot_shrink() -> None:
    with Pool(memfd(SIZE, Seal.SHRINK), SIZE) as pool:
        for size in (SIZE - 1, 1, 0, -1):
            with pytest.raises(Refused, match="cannot shrink"):
                pool.resize(size)
        pool.resize(SIZE)
        assert (SIZE, 0) == (pool.size, pool.growths)


def test_resizing_never_truncates_the_writers_file(owned: Keep) -> None:
    fd = owned(memfd(10 * SIZE, Seal.SHRINK))
    with Pool(os.dup(fd), SIZE) as pool:
        pool.resize(2 * SIZE)
        assert 10 * SIZE == os.fstat(fd).st_size


def test_the_verdict_of_a_copied_file_improves_when_its_owner_seals_it(owned: Keep) -> None:
    fd = owned(memfd(SIZE))
    with Pool(os.open(f"/proc/self/fd/{fd}", os.O_RDONLY), SIZE) as pool:
        assert (Verdict.COPY, None, 0) == (pool.verdict, pool.mapping, pool.mapped_bytes)
        add_seals(fd, Seal.SHRINK)
        pool.resize(SIZE)
        assert (Verdict.SEALED, Seal.SHRINK) == (pool.verdict, pool.seals)
        assert (64, 64) == pool.view(*RECT).shape


def test_a_write_sealed_file_is_mapped() -> None:
    with Pool(memfd(SIZE, Seal.SHRINK | Seal.WRITE), SIZE) as pool:
        assert 0 == pool.view(*RECT).max()


def test_a_write_sealed_file_is_mapped_on_kernels_that_refuse_a_shared_mapping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = mmap.mmap

    def old_kernel(fd: int, size: int, flags: int, prot: int, **more: bool) -> mmap.mmap:
        if flags & mmap.MAP_SHARED:
            raise PermissionError(1, "Operation not permitted")
        return real(fd, size, flags, prot, **more)

    monkeypatch.setattr(mmap, "mmap", old_kernel)
    with Pool(memfd(SIZE, Seal.SHRINK | Seal.WRITE), SIZE) as pool:
        seen = pool.view(*RECT)
        assert 0 == seen.max()
        with pytest.raises(ValueError, match="WRITEABLE"):
            seen.flags.writeable = True


def test_a_mapping_that_the_kernel_refuses_is_a_refusal_and_leaks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_memory(*_: object, **__: object) -> mmap.mmap:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", no_memory)
    with pytest.raises(Refused, match="cannot be mapped: Cannot allocate memory"):
        Pool(memfd(SIZE, Seal.SHRINK), SIZE)


def test_punching_holes_shows_zeros_and_does_not_fault() -> None:
    with GrowableBuffer(SIZE) as buffer, Pool(os.dup(buffer.fd), SIZE) as pool:
        seen = pool.view(*RECT)
        buffer.view(*RECT)[:] = 5
        assert 0 == punch(buffer.fd, SIZE)
        assert 0 == seen.max()


def test_only_the_rows_that_are_looked_at_are_allocated(owned: Keep) -> None:
    fd = owned(memfd(1 << 30, Seal.SHRINK))
    with Pool(os.dup(fd), 1 << 30) as pool:
        assert 0 == pool.view(1 << 29, 16, 4096, 1024, "<u4").max()
        assert os.fstat(fd).st_blocks * 512 <= 4 << 20


BAD = {
    "negative offset": (-1, 64, 256, 64),
    "offset past int32": (2**31, 1, 4, 1),
    "offset at the end": (SIZE, 1, 4, 1),
    "offset a byte too far": (1, 64, 256, 64),
    "no width": (0, 64, 256, 0),
    "no height": (0, 0, 256, 64),
    "negative width": (0, 64, 256, -64),
    "negative height": (0, -64, 256, 64),
    "no stride": (0, 64, 0, 64),
    "negative stride": (0, 64, -256, 64),
    "stride a byte short": (0, 1, 255, 64),
    "stride of pixels instead of bytes": (0, 64, 64, 64),
    "stride not of whole words": (0, 4, 257, 64),
    "a row too many": (0, 65, 256, 64),
    "overflows int32": (0, 2**16, 2**16, 1),
    "overflows int64": (2**31 - 1, 2**31 - 1, 2**31 - 1, 2**29 - 1),
    "width past int32": (0, 1, 2**31 - 1, 2**31),
    "height past int32": (0, 2**31, 4, 1),
    "stride past int32": (0, 1, 2**31, 1),
}


@pytest.mark.parametrize("numbers", BAD.values(), ids=BAD)
def test_a_rectangle_outside_the_pool_is_refused(numbers: tuple[int, int, int, int]) -> None:
    with Pool(memfd(SIZE, Seal.SHRINK), SIZE) as pool, pytest.raises(BadRectangle):
        pool.view(*numbers, "<u4")


@pytest.mark.parametrize(
    "numbers",
    [(2**31, 1, 4, 1), (-1, 1, 4, 1), (0, 1, 2**31, 1), (0, 1, 2**31, 2**31), (0, 2**31, 4, 1), (0, 2, 3, 4)],
)
def test_numbers_past_int32_are_refused_however_large_the_file(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(BadRectangle):
        check_rectangle(2**62, *numbers, 1)


def test_a_rectangle_at_the_very_end_is_allowed() -> None:
    with Pool(memfd(SIZE, Seal.SHRINK), SIZE) as pool:
        assert (1, 1) == pool.view(SIZE - 4, 1, 4, 1, "<u4").shape
        assert (2**0, SIZE) == pool.view(0, 1, SIZE, SIZE, "u1").shape


def test_the_claimed_size_bounds_views_and_not_the_files() -> None:
    with Pool(memfd(2 * SIZE, Seal.SHRINK), SIZE) as pool, pytest.raises(BadRectangle):
        pool.view(SIZE, 1, 4, 1, "<u4")


def test_a_copied_or_closed_pool_has_no_views() -> None:
    with Pool(shm_file(SIZE), SIZE) as pool, pytest.raises(ValueError, match="never mapped"):
        pool.view(*RECT)
    with pytest.raises(ValueError, match="closed"):
        pool.view(*RECT)
    with pytest.raises(ValueError):
        pool.resize(2 * SIZE)


COPIED = {
    "memfd": lambda: memfd(SIZE, sealable=False),
    "shm": lambda: shm_file(SIZE),
    "disk": lambda: disk_file(SIZE),
}


@pytest.fixture(params=COPIED.values(), ids=COPIED)
def copied(request: pytest.FixtureRequest) -> int:
    """A file that is never mapped, holding a different number in each 32-bit word; the test owns it."""
    fd: int = request.param()
    os.pwrite(fd, np.arange(SIZE // 4, dtype="<u4").tobytes(), 0)
    return fd


def words() -> np.ndarray:
    return np.arange(SIZE // 4, dtype="<u4").reshape(64, 64)


def test_rows_are_read_into_private_memory(copied: int) -> None:
    with Pool(copied, SIZE) as pool:
        assert Verdict.COPY is pool.verdict
        out = np.zeros((64, 64), "<u4")
        pool.read_rows(out, 0, 256, 10, 20)
        assert np.array_equal(words()[10:20], out[10:20])
        assert 0 == out[:10].max() == out[20:].max()
        pool.read_rows(out, 0, 256, 0, 64)
        assert np.array_equal(words(), out)


@pytest.mark.parametrize("width", [1, 7, 63])
def test_columns_are_read_by_stepping_over_the_rest_of_each_row(copied: int, width: int) -> None:
    with Pool(copied, SIZE) as pool:
        out = np.zeros((64, 64), "<u4")
        left = 64 - width
        pool.read_rows(out[:, left:], left * 4, 256, 0, 64)
        assert np.array_equal(words()[:, left:], out[:, left:])
        assert 0 == out[:, :left].max(initial=0)


def test_rows_far_apart_are_read_one_by_one() -> None:
    fd = memfd(4 * 8192, sealable=False)
    for row in range(4):
        os.pwrite(fd, bytes([row + 1] * 4), row * 8192)
    with Pool(fd, 4 * 8192) as pool:
        out = np.zeros((4, 1), "<u4")
        pool.read_rows(out, 0, 8192, 0, 4)
        assert [0x01010101 * (row + 1) for row in range(4)] == out[:, 0].tolist()


def test_more_rows_than_one_system_call_can_take() -> None:
    rows = 3000
    fd = memfd(rows * 8, sealable=False)
    os.pwrite(fd, np.arange(rows * 2, dtype="<u4").tobytes(), 0)
    with Pool(fd, rows * 8) as pool:
        out = np.zeros((rows, 1), "<u4")
        pool.read_rows(out, 4, 8, 0, rows)
        assert np.array_equal(np.arange(1, rows * 2, 2), out[:, 0])


@pytest.mark.parametrize("at_once", [1, 3, 100, 700])
def test_reads_that_return_less_than_asked_are_gone_on_with(
    copied: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a signal, or past 2 GiB: nothing that a test could cause in a file of memory."""
    real = os.preadv

    def short(fd: int, vectors: list[memoryview], position: int) -> int:
        return real(fd, [vectors[0][:at_once]], position)

    monkeypatch.setattr(os, "preadv", short)
    with Pool(copied, SIZE) as pool:
        out = np.zeros((64, 64), "<u4")
        pool.read_rows(out, 0, 256, 0, 64)
        assert np.array_equal(words(), out)
        out[:] = 0
        pool.read_rows(out[:, 3:], 12, 256, 1, 64)
        assert np.array_equal(words()[1:, 3:], out[1:, 3:])


def test_rows_of_three_byte_pixels_are_read() -> None:
    fd = memfd(64, sealable=False)
    os.pwrite(fd, bytes(range(64)), 0)
    with Pool(fd, 64) as pool:
        out = np.zeros((4, 5, 3), np.uint8)
        pool.read_rows(out, 0, 16, 1, 4)
        assert [16, 17, 18] == out[1, 0].tolist()
        assert 0 == out[0].max()


def test_reading_holes_allocates_nothing(owned: Keep) -> None:
    fd = owned(memfd(1 << 24, sealable=False))
    with Pool(os.dup(fd), 1 << 24) as pool:
        out = np.ones((1024, 1024), "<u4")
        pool.read_rows(out, 0, 4096, 0, 1024)
        assert 0 == out.max()
        assert 0 == os.fstat(fd).st_blocks


def test_a_file_truncated_after_it_was_judged_gives_a_short_read(copied: int) -> None:
    with Pool(copied, SIZE) as pool:
        os.ftruncate(copied, 10 * 256)
        out = np.zeros((64, 64), "<u4")
        pool.read_rows(out, 0, 256, 0, 10)
        for y0, y1 in ((0, 11), (9, 64), (63, 64)):
            with pytest.raises(ShortRead) as caught:
                pool.read_rows(out, 0, 256, y0, y1)
            assert max(10, y0) * 256 == caught.value.position
        with pytest.raises(ShortRead):
            pool.read_rows(out[:, 1:], 4, 256, 0, 64)


def test_a_copied_pool_resized_past_its_file_is_refused(copied: int) -> None:
    with Pool(copied, SIZE) as pool:
        with pytest.raises(Refused):
            pool.resize(SIZE + 1)
        os.ftruncate(copied, 2 * SIZE)
        pool.resize(2 * SIZE)
        assert (2 * SIZE, 1) == (pool.size, pool.growths)


@pytest.mark.parametrize(
    ("offset", "stride", "y0", "y1"),
    [(-4, 256, 0, 1), (0, 252, 0, 1), (0, 256, -1, 1), (0, 256, 2, 1), (0, 256, 0, 65), (4, 256, 0, 64)],
)
def test_rows_outside_the_pool_or_the_target_are_refused(offset: int, stride: int, y0: int, y1: int) -> None:
    with Pool(memfd(SIZE, sealable=False), SIZE) as pool, pytest.raises(BadRectangle):
        pool.read_rows(np.zeros((64, 64), "<u4"), offset, stride, y0, y1)


def test_no_byte_beyond_the_claimed_size_is_read_though_the_file_has_it() -> None:
    with Pool(memfd(SIZE + 100, sealable=False), SIZE) as pool:
        pool.read_rows(np.zeros((1, 4), "u1"), SIZE - 4, 4, 0, 1)
        with pytest.raises(BadRectangle):
            pool.read_rows(np.zeros((1, 5), "u1"), SIZE - 4, 5, 0, 1)
        with pytest.raises(BadRectangle):
            pool.read_rows(np.zeros((SIZE + 1, 1), "u1"), 0, 1, SIZE, SIZE + 1)


def test_rows_that_the_target_lacks_are_refused_though_the_pool_has_them() -> None:
    with Pool(memfd(SIZE, sealable=False), SIZE) as pool, pytest.raises(BadRectangle):
        pool.read_rows(np.zeros((4, 64), "<u4"), 0, 256, 0, 5)


def test_reading_no_rows_is_nothing() -> None:
    with Pool(memfd(SIZE, sealable=False), SIZE) as pool:
        pool.read_rows(np.zeros((64, 64), "<u4"), 0, 256, 5, 5)


def test_mapped_pools_can_be_read_as_well() -> None:
    with GrowableBuffer(SIZE) as buffer, Pool(os.dup(buffer.fd), SIZE) as pool:
        buffer.view(*RECT)[:] = 6
        out = np.zeros((64, 64), "<u4")
        pool.read_rows(out, 0, 256, 0, 64)
        assert (out == 6).all()


def test_a_read_that_fails_for_another_reason_is_a_short_read_too() -> None:
    target = mmap.mmap(-1, 4096)
    out = np.frombuffer(target, np.uint8).reshape(16, 256)
    # PROT_NONE, so EFAULT: the one error that a test can cause on any file system.
    assert 0 == ctypes.CDLL(None).mprotect(ctypes.c_void_p(out.ctypes.data), 4096, 0)
    with Pool(memfd(SIZE, sealable=False), SIZE) as pool:
        with pytest.raises(ShortRead, match="Bad address") as caught:
            pool.read_rows(out, 0, 256, 2, 3)
        assert 512 == caught.value.position


@pytest.mark.parametrize("policy", list(SealPolicy))
def test_every_refusal_leaves_no_descriptor(policy: SealPolicy) -> None:
    makers = [*COPIED.values(), lambda: os.dup(0), lambda: os.eventfd(0), lambda: memfd(1)]
    for make in makers:
        fd = make()
        with pytest.raises(Refused):
            Pool(fd, SIZE + 1, policy)
        with pytest.raises(OSError):
            os.fstat(fd)
