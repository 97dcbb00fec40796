"""Address space for files that grow."""

from __future__ import annotations

import errno
import gc
import mmap
import os
from pathlib import Path
from typing import Any

import pytest

import compositor.memory.room as rooms
from compositor.memory import GrowableBuffer, Pool, Seal
from compositor.memory.mapping import Mapping
from compositor.memory.room import Room

from .conftest import open_files, shared_mappings
from .files import memfd

PAGE = mmap.PAGESIZE


def address_of(pool: Pool) -> int:
    assert pool.mapping is not None
    address: int = pool.mapping.contents.__array_interface__["data"][0]
    return address


def mapped_at(address: int) -> list[tuple[int, bool]]:
    """Bytes of each area that begins at the address or touches the one before, and whether it is a memfd."""
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        start, end = (int(number, 16) for number in line.split()[0].split("-"))
        if start == address:
            found.append((end - start, "memfd:" in line))
            address = end
    return found


def test_a_pool_that_grows_again_stays_where_it_is_and_maps_what_is_new() -> None:
    with GrowableBuffer(PAGE) as buffer, Pool(os.dup(buffer.fd), PAGE) as pool:
        buffer.grow(2 * PAGE)
        pool.resize(2 * PAGE)
        start = address_of(pool)
        view = pool.view(0, 1, PAGE, 16, "u1")
        for pages in (3, 4):
            buffer.grow(pages * PAGE)
            pool.resize(pages * PAGE)
            assert (start, pages * PAGE) == (address_of(pool), pool.mapped_bytes)
            buffer.contents[:] = pages
            assert pages == view.max() == pool.view((pages - 1) * PAGE, 1, PAGE, PAGE, "u1").min()
        buffer.grow(5 * PAGE)
        pool.resize(5 * PAGE)
        assert start != address_of(pool)
        buffer.contents[:] = 77
        assert 77 == view.max() == pool.view(4 * PAGE, 1, PAGE, PAGE, "u1").min()


def test_no_more_is_mapped_than_was_judged() -> None:
    with Pool(memfd(100 * PAGE, Seal.SHRINK), PAGE) as pool:
        for size in (PAGE + 1, 2 * PAGE, 2 * PAGE + 1, 3 * PAGE):
            pool.resize(size)
            pages = -(-size // PAGE) * PAGE
            areas = mapped_at(address_of(pool))
            assert (pages, True) == areas[0]
            assert size == len(pool.mapping.contents)  # type: ignore[union-attr]
            assert not any(shared for _, shared in areas[1:])


def test_to_the_size_that_it_has_a_pool_stays_as_it_is() -> None:
    with Pool(memfd(PAGE, Seal.SHRINK), PAGE) as pool:
        mapping = pool.mapping
        pool.resize(PAGE)
        assert mapping is pool.mapping


def test_all_sizes_of_a_room_are_one_memory_that_goes_with_the_last_view() -> None:
    before = open_files(), shared_mappings()
    pool = Pool(memfd(8 * PAGE, Seal.SHRINK), PAGE)
    first = pool.view(0, 1, PAGE, 16, "u1")
    views = []
    for pages in (4, 5, 6, 7):
        pool.resize(pages * PAGE)
        views.append(pool.view((pages - 1) * PAGE, 1, PAGE, 16, "u1"))
    pool.close()
    del pool
    gc.collect()
    assert before[1] + 2 == shared_mappings()
    del first
    gc.collect()
    assert before[1] + 1 == shared_mappings()
    while views:
        assert before[1] + 1 == shared_mappings()
        assert 0 == views.pop().max()
    gc.collect()
    assert before == (open_files(), shared_mappings())


def test_views_of_a_room_cannot_be_written() -> None:
    with Pool(memfd(4 * PAGE, Seal.SHRINK), PAGE) as pool:
        pool.resize(2 * PAGE)
        view = pool.view(PAGE, 1, PAGE, 16, "u1")
        with pytest.raises(ValueError, match="WRITEABLE"):
            view.flags.writeable = True


def test_where_there_is_no_room_it_is_mapped_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(size: int) -> Any:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr("compositor.memory.mapping.Room", no_room)
    with Pool(memfd(4 * PAGE, Seal.SHRINK), PAGE) as pool:
        pool.resize(4 * PAGE)
        assert (4 * PAGE, 1) == (pool.mapped_bytes, pool.mapping.areas)  # type: ignore[union-attr]
        assert 0 == pool.view(3 * PAGE, 1, PAGE, PAGE, "u1").max()


@pytest.mark.parametrize("mended", [True, False])
def test_a_refusal_in_the_middle_leaves_what_was_mapped_and_no_hole(
    monkeypatch: pytest.MonkeyPatch, mended: bool
) -> None:
    real = rooms._mapper()
    unmap = rooms.libc().munmap
    unmap.argtypes = real.argtypes[:2]

    def refusing(address: int, size: int, prot: int, flags: int, fd: int, offset: int) -> int:
        if fd >= 0 or not mended:
            # As kernels before 6.12 do: what was there has gone.
            unmap(address, size)
            rooms.ctypes.set_errno(errno.ENOMEM)
            return -1
        address = real(address, size, prot, flags, fd, offset)
        return address

    with Pool(memfd(8 * PAGE, Seal.SHRINK), PAGE) as pool:
        pool.resize(4 * PAGE)
        start = address_of(pool)
        view = pool.view(3 * PAGE, 1, PAGE, 16, "u1")
        spoiled = len(rooms._spoiled)
        with monkeypatch.context() as patched:
            patched.setattr(rooms, "_mapper", lambda: refusing)
            pool.resize(6 * PAGE)
        assert start != address_of(pool)
        assert 6 * PAGE == pool.mapped_bytes
        assert 0 == view.max()
        areas = mapped_at(start)
        assert (4 * PAGE, True) == areas[0]
        if mended:
            assert 4 * PAGE <= areas[1][0]
        assert (0 if mended else 1) == len(rooms._spoiled) - spoiled
    if not mended:
        _restore(rooms._spoiled.pop(), start, real)


def _restore(room: Room, start: int, real: Any) -> None:
    """Fill the hole, so that the room can go."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | rooms._MAP_FIXED
    assert start + 4 * PAGE == real(start + 4 * PAGE, room.size - 4 * PAGE, mmap.PROT_READ, flags, -1, 0)


def test_areas_are_counted() -> None:
    fd = memfd(4 * PAGE, Seal.SHRINK)
    try:
        mapping = Mapping(fd, PAGE)
        assert 1 == mapping.areas
        assert 2 == mapping.grown(fd, 2 * PAGE).areas
    finally:
        os.close(fd)
