"""The writing side."""

from __future__ import annotations

import gc
import os
import resource
import signal

import pytest

from compositor.memory import BadRectangle, GrowableBuffer, Pool, Seal, SealPolicy, Verdict, get_seals

from .conftest import shared_mappings

RECT = (0, 64, 256, 64, "<u4")
SIZE = 64 * 256


def test_a_new_buffer_is_sealed_against_shrinking_and_its_pages_exist() -> None:
    with GrowableBuffer(SIZE) as buffer:
        assert Seal.SHRINK == get_seals(buffer.fd) & ~Seal.EXEC
        status = os.fstat(buffer.fd)
        assert (SIZE, SIZE) == (status.st_size, status.st_blocks * 512)
        assert (SIZE, 0, buffer.fd) == (buffer.size, buffer.growths, buffer.fileno())
        assert not os.get_inheritable(buffer.fd)


def test_a_strict_consumer_accepts_it() -> None:
    with GrowableBuffer(SIZE) as buffer, Pool(os.dup(buffer.fd), SIZE, SealPolicy.REQUIRE) as pool:
        assert Verdict.SEALED is pool.verdict


def test_growing_keeps_every_view_alive_and_shared() -> None:
    with GrowableBuffer(SIZE) as buffer:
        views = [buffer.view(*RECT)]
        for factor in range(2, 6):
            buffer.grow(factor * SIZE)
            views.append(buffer.view(*RECT))
        for number, view in enumerate(views):
            view[0, 0] = number
            assert [number] * 5 == [int(other[0, 0]) for other in views]
        assert (5 * SIZE, 4) == (buffer.size, buffer.growths)
        assert 5 * SIZE == os.fstat(buffer.fd).st_blocks * 512


def test_a_buffer_cannot_shrink() -> None:
    with GrowableBuffer(SIZE) as buffer:
        with pytest.raises(ValueError, match="cannot shrink"):
            buffer.grow(SIZE - 1)
        buffer.grow(SIZE)
        assert (SIZE, 0) == (buffer.size, buffer.growths)


@pytest.mark.parametrize("size", [0, -1])
def test_a_buffer_of_nothing_is_refused(size: int) -> None:
    with pytest.raises(ValueError):
        GrowableBuffer(size)


def test_views_are_bounded_by_the_size() -> None:
    with GrowableBuffer(SIZE) as buffer:
        with pytest.raises(BadRectangle):
            buffer.view(4, 64, 256, 64, "<u4")
        buffer.grow(SIZE + 256)
        assert (64, 64) == buffer.view(4, 64, 256, 64, "<u4").shape


def test_a_buffer_sealed_against_growing_says_so_and_stays_usable() -> None:
    with GrowableBuffer(SIZE) as buffer:
        buffer.seal()
        with pytest.raises(PermissionError, match="no room for"):
            buffer.grow(2 * SIZE)
        buffer.view(*RECT)[:] = 1
        assert SIZE == buffer.size


def test_views_outlive_the_buffer() -> None:
    before = shared_mappings()
    buffer = GrowableBuffer(SIZE)
    view = buffer.view(*RECT)
    buffer.close()
    buffer.close()
    view[:] = 2
    assert 2 == view.min()
    with pytest.raises(ValueError):
        buffer.view(*RECT)
    with pytest.raises(ValueError):
        buffer.grow(2 * SIZE)
    del view
    gc.collect()
    assert before == shared_mappings()


def test_growing_without_room_is_an_error_and_the_buffer_stays_as_it_was() -> None:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            buffer = GrowableBuffer(SIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2 * SIZE, 2 * SIZE))
            try:
                buffer.grow(4 * SIZE)
            except OSError as error:
                assert "no room for 49152 bytes of shared memory at 16384" in str(error)
                assert (SIZE, SIZE) == (buffer.size, os.fstat(buffer.fd).st_size)
                buffer.view(*RECT)[:] = 1
                buffer.grow(2 * SIZE)
                status = 0
        finally:
            os._exit(status)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
