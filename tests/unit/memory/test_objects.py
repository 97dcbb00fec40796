"""Anonymous objects: what the kernel lets others do with them."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
from collections.abc import Callable

import numpy as np
import pytest

from compositor.memory import LAYOUT, Access, AnonymousObject, Refused, Seal, get_seals, reopen_read_only
from compositor.memory.objects import PAGE

from .files import disk_file, memfd

Keep = Callable[[int], int]


def every_way_to_write(fd: int) -> list[Callable[[], object]]:
    """Attempts of the holder of a descriptor to write through it, or through a better one of its own."""

    def reopen(flags: int) -> None:
        os.close(os.open(f"/proc/self/fd/{fd}", flags))

    def write_reopened() -> None:
        again = os.open(f"/proc/self/fd/{fd}", os.O_RDWR)
        try:
            os.pwrite(again, b"x", 0)
        finally:
            os.close(again)

    def map_reopened() -> None:
        again = os.open(f"/proc/self/fd/{fd}", os.O_RDWR)
        try:
            mmap.mmap(again, PAGE)
        finally:
            os.close(again)

    return [
        lambda: os.pwrite(fd, b"x", 0),
        lambda: mmap.mmap(fd, PAGE),
        lambda: reopen(os.O_RDWR | os.O_TRUNC),
        write_reopened,
        map_reopened,
    ]


def test_a_read_only_object_can_be_written_by_its_owner_alone() -> None:
    with AnonymousObject(2 * PAGE) as thing:
        descriptor = thing.open()
        for attempt in every_way_to_write(descriptor.fileno()):
            with pytest.raises(OSError) as caught:
                attempt()
            assert caught.value.errno in (errno.EPERM, errno.EBADF, errno.EACCES)
        reader = mmap.mmap(descriptor.fileno(), PAGE, prot=mmap.PROT_READ)
        thing.contents[0:4] = np.frombuffer(b"live", np.uint8)
        assert b"live" == reader[0:4]
        reader.close()
        descriptor.close()


def test_a_read_only_mapping_cannot_be_made_writable() -> None:
    with AnonymousObject(PAGE) as thing:
        descriptor = thing.open()
        memory = mmap.mmap(descriptor.fileno(), PAGE, prot=mmap.PROT_READ)
        address = np.frombuffer(memory, np.uint8).ctypes.data
        libc = ctypes.CDLL(None, use_errno=True)
        both = mmap.PROT_READ | mmap.PROT_WRITE
        assert -1 == libc.mprotect(ctypes.c_void_p(address), PAGE, both)
        assert errno.EACCES == ctypes.get_errno()
        memory.close()
        descriptor.close()


def test_a_read_write_object_is_written_by_everybody_who_has_it() -> None:
    with AnonymousObject(PAGE, Access.READ_WRITE) as thing:
        descriptor = thing.open()
        os.pwrite(descriptor.fileno(), b"from a peer", 0)
        assert b"from a peer" == thing.contents[:11].tobytes()
        descriptor.close()


@pytest.mark.parametrize("access", list(Access))
def test_nobody_can_change_the_layout(access: Access) -> None:
    with AnonymousObject(2 * PAGE, access) as thing:
        assert LAYOUT in get_seals(thing.fd)
        for size in (PAGE, 3 * PAGE):
            with pytest.raises(PermissionError):
                os.ftruncate(thing.fd, size)
        with pytest.raises(PermissionError):
            os.posix_fallocate(thing.fd, 2 * PAGE, 1)


def test_an_object_has_no_name_in_any_file_system() -> None:
    with AnonymousObject(1, name="nowhere") as thing:
        target = os.readlink(f"/proc/self/fd/{thing.fd}")
        assert "/memfd:nowhere (deleted)" == target
        assert 0 == os.fstat(thing.fd).st_nlink


def test_revoking_gives_the_pages_back_and_readers_see_zeros_without_faulting() -> None:
    with AnonymousObject(4 * PAGE, Access.READ_WRITE) as thing:
        descriptor = thing.open()
        peer = mmap.mmap(descriptor.fileno(), 4 * PAGE)
        peer[:] = b"s" * 4 * PAGE
        assert 4 * PAGE == os.fstat(thing.fd).st_blocks * 512
        thing.revoke()
        assert 0 == os.fstat(thing.fd).st_blocks
        assert bytes(4 * PAGE) == peer[:]
        assert thing.revoked
        with pytest.raises(ValueError, match="revoked"):
            thing.open()
        peer.close()
        descriptor.close()


def test_revoking_a_read_only_object_overwrites_since_the_kernel_forbids_punching_it() -> None:
    with AnonymousObject(4 * PAGE) as thing:
        descriptor = thing.open()
        peer = mmap.mmap(descriptor.fileno(), 4 * PAGE, prot=mmap.PROT_READ)
        thing.contents[:] = 7
        with pytest.raises(PermissionError):
            thing._mapped().madvise(mmap.MADV_REMOVE)
        thing.revoke()
        assert bytes(4 * PAGE) == peer[:]
        assert 4 * PAGE == os.fstat(thing.fd).st_blocks * 512
        peer.close()
        descriptor.close()


@pytest.mark.parametrize("access", list(Access))
def test_part_of_an_object_is_discarded_and_the_rest_stays(access: Access) -> None:
    with AnonymousObject(3 * PAGE + 10, access) as thing:
        thing.contents[:] = 1
        thing.discard(PAGE, PAGE)
        assert [1, 0, 1, 1] == [int(thing.contents[page * PAGE]) for page in range(4)]
        thing.discard(3 * PAGE)
        assert [1, 0, 1, 0] == [int(thing.contents[page * PAGE]) for page in range(4)]
        assert 1 == thing.contents[3 * PAGE - 1]


@pytest.mark.parametrize(("offset", "size"), [(1, PAGE), (0, 1), (-PAGE, PAGE), (0, 4 * PAGE), (3 * PAGE, 0)])
def test_only_whole_pages_can_be_discarded(offset: int, size: int) -> None:
    with AnonymousObject(3 * PAGE, Access.READ_WRITE) as thing:
        thing.contents[:] = 1
        with pytest.raises(ValueError):
            thing.discard(offset, size)
        assert thing.contents.all()


def test_an_object_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError):
        AnonymousObject(0)


def test_what_was_given_away_outlives_the_owners_descriptor() -> None:
    thing = AnonymousObject(PAGE)
    descriptor = thing.open()
    thing.contents[0] = 9
    thing.close()
    assert b"\x09" == os.pread(descriptor.fileno(), 1, 0)
    with pytest.raises(ValueError):
        thing.open()
    descriptor.close()


def test_a_file_that_could_be_reopened_for_writing_is_not_called_read_only(owned: Keep) -> None:
    for fd in (owned(memfd(1)), owned(memfd(1, LAYOUT)), owned(disk_file(1))):
        with pytest.raises(Refused, match="could be made writable"):
            reopen_read_only(fd)
    reopen_read_only(owned(memfd(1, Seal.WRITE))).close()
