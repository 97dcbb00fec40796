"""Seals as the kernel keeps them."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import resource
import signal
from collections.abc import Callable

import pytest

from compositor.memory import FROZEN, Seal, add_seals, create_memfd, get_seals

from .files import disk_file, memfd, punch, reopened, shm_file

Keep = Callable[[int], int]


def test_a_new_memfd_can_be_sealed_and_is_closed_on_exec(owned: Keep) -> None:
    fd = owned(create_memfd("a", 4096))
    assert Seal(0) == get_seals(fd) & ~Seal.EXEC
    assert 4096 == os.fstat(fd).st_size
    assert not os.get_inheritable(fd)


def test_the_pages_of_a_new_memfd_exist(owned: Keep) -> None:
    fd = owned(create_memfd("a", 1 << 20))
    assert 1 << 20 == os.fstat(fd).st_blocks * 512


def test_a_new_memfd_can_never_be_made_executable_where_the_kernel_knows_that(owned: Keep) -> None:
    fd = owned(create_memfd("a", 1))
    if not get_seals(fd) & Seal.EXEC:
        pytest.skip("this kernel has no MFD_NOEXEC_SEAL (Linux 6.3)")
    with pytest.raises(PermissionError):
        os.fchmod(fd, 0o777)


def test_create_memfd_falls_back_where_the_kernel_lacks_noexec(
    owned: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.memfd_create

    def old_kernel(name: str, flags: int) -> int:
        if flags & ~(os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING):
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(name, flags)

    monkeypatch.setattr(os, "memfd_create", old_kernel)
    fd = owned(create_memfd("a", 16, seals=Seal.SHRINK))
    assert Seal.SHRINK == get_seals(fd)


def test_shrink_blocks_becoming_smaller_and_nothing_else(owned: Keep) -> None:
    fd = owned(create_memfd("a", 8192, seals=Seal.SHRINK))
    with pytest.raises(PermissionError):
        os.ftruncate(fd, 8191)
    with pytest.raises(PermissionError):
        os.close(os.open(f"/proc/self/fd/{fd}", os.O_RDWR | os.O_TRUNC))
    os.ftruncate(fd, 8193)
    assert 3 == os.pwrite(fd, b"abc", 0)


def test_grow_blocks_every_way_of_becoming_larger(owned: Keep) -> None:
    fd = owned(create_memfd("a", 4096, seals=Seal.GROW))
    for grow in (
        lambda: os.ftruncate(fd, 4097),
        lambda: os.posix_fallocate(fd, 4096, 1),
        lambda: os.pwrite(fd, b"x", 4096),
    ):
        with pytest.raises(PermissionError):
            grow()


def test_write_is_refused_while_a_writable_mapping_exists(owned: Keep) -> None:
    fd = owned(create_memfd("a", 4096))
    memory = mmap.mmap(fd, 4096)
    with pytest.raises(OSError) as caught:
        add_seals(fd, Seal.WRITE)
    assert errno.EBUSY == caught.value.errno
    memory.close()
    add_seals(fd, Seal.WRITE)
    with pytest.raises(PermissionError):
        os.pwrite(fd, b"x", 0)


@pytest.mark.parametrize("seal", [Seal.WRITE, Seal.FUTURE_WRITE])
def test_what_is_sealed_against_writing_takes_no_holes_and_no_new_writable_mapping(
    owned: Keep, seal: Seal
) -> None:
    fd = owned(create_memfd("a", 4096))
    os.pwrite(fd, b"x", 0)
    add_seals(fd, seal)
    assert errno.EPERM == punch(fd, 4096)
    with pytest.raises(PermissionError):
        mmap.mmap(fd, 4096)
    assert b"x" == os.pread(fd, 1, 0)


def test_what_may_not_shrink_may_have_holes(owned: Keep) -> None:
    fd = owned(create_memfd("a", 4096, seals=Seal.SHRINK))
    os.pwrite(fd, b"x", 0)
    assert 0 == punch(fd, 4096)
    assert b"\0" == os.pread(fd, 1, 0)
    assert 4096 == os.fstat(fd).st_size


def test_future_write_leaves_only_the_mapping_that_exists(owned: Keep) -> None:
    fd = owned(create_memfd("a", 4096))
    first = mmap.mmap(fd, 4096)
    add_seals(fd, Seal.FUTURE_WRITE)
    first[0:3] = b"new"
    with pytest.raises(PermissionError):
        mmap.mmap(fd, 4096)
    reader = mmap.mmap(fd, 4096, prot=mmap.PROT_READ)
    assert b"new" == reader[0:3]
    reader.close()
    first.close()


def test_seal_is_the_last_seal(owned: Keep) -> None:
    fd = owned(create_memfd("a", 1, seals=Seal.SEAL))
    with pytest.raises(PermissionError):
        add_seals(fd, Seal.SHRINK)


def test_a_read_only_descriptor_cannot_add_seals(owned: Keep) -> None:
    fd = owned(reopened(memfd(1), os.O_RDONLY))
    with pytest.raises(PermissionError):
        add_seals(fd, Seal.SHRINK)
    assert Seal(0) == get_seals(fd)


def test_seals_belong_to_the_file_and_not_to_a_descriptor(owned: Keep) -> None:
    fd = owned(memfd(1))
    other = owned(os.open(f"/proc/self/fd/{fd}", os.O_RDONLY))
    add_seals(fd, FROZEN)
    assert FROZEN == get_seals(other)


def test_memory_that_cannot_be_sealed_answers_seal_alone(owned: Keep) -> None:
    assert Seal.SEAL == get_seals(owned(shm_file(1)))
    assert Seal.SEAL == get_seals(owned(memfd(1, sealable=False)))


def test_what_is_not_memory_takes_no_seals(owned: Keep) -> None:
    with pytest.raises(OSError) as caught:
        add_seals(owned(disk_file(1)), Seal.SHRINK)
    assert errno.EINVAL == caught.value.errno


def test_what_is_not_memory_has_no_seals(owned: Keep) -> None:
    pipe = [owned(end) for end in os.pipe()]
    for fd in (owned(disk_file(1)), *pipe):
        with pytest.raises(OSError) as caught:
            get_seals(fd)
        assert errno.EINVAL == caught.value.errno


def test_the_numbers_are_the_kernels() -> None:
    expected = {"SEAL": 1, "SHRINK": 2, "GROW": 4, "WRITE": 8, "FUTURE_WRITE": 16, "EXEC": 32}
    assert expected == {seal.name: seal.value for seal in Seal}
    assert fcntl.F_SEAL_SHRINK == Seal.SHRINK


def test_no_room_is_an_error_that_says_so_and_leaves_nothing_open() -> None:
    # A child, since a limit on the size of files would hold for everything else here too.
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
            before = len(os.listdir("/proc/self/fd"))
            try:
                create_memfd("a", 2 << 20)
            except OSError as error:
                told = "no room for 2097152 bytes" in str(error)
                status = 0 if told and before == len(os.listdir("/proc/self/fd")) else 2
        finally:
            os._exit(status)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_seals_are_written_by_name() -> None:
    assert "SHRINK|GROW" == str(Seal.GROW | Seal.SHRINK)
    assert "none" == str(Seal(0))
