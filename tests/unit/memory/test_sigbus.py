"""What all this is for: the reader that dies, and the one that does not. Each runs in a child."""

from __future__ import annotations

import ctypes
import faulthandler
import mmap
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from compositor.memory import GrowableBuffer, Pool, Refused, Seal, ShortRead, Verdict, judge

from .files import disk_file, memfd, shm_file

SIZE = 16 * mmap.PAGESIZE
MADV_POPULATE_READ = 22


def in_child(program: Callable[[], None]) -> int:
    """Run `program` in a forked child; returns its exit code, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            faulthandler.disable()
            program()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def naive_sum(fd: int, size: int) -> None:
    """Read as one does who trusts the file, without Python's own look at its size."""
    kept = os.fstat(fd).st_size
    os.ftruncate(fd, max(size, kept))
    memory = mmap.mmap(fd, size, prot=mmap.PROT_READ)
    os.ftruncate(fd, kept // 2)
    np.frombuffer(memory, np.uint8).sum()


def test_a_reader_that_trusts_an_unsealed_file_dies() -> None:
    for make in (lambda: memfd(SIZE), lambda: shm_file(SIZE), lambda: disk_file(SIZE)):
        fd = make()
        assert -signal.SIGBUS == in_child(lambda fd=fd: naive_sum(fd, SIZE))  # type: ignore[misc]
        os.close(fd)


def test_a_sealed_file_cannot_do_that() -> None:
    fd = memfd(SIZE, Seal.SHRINK)
    assert 1 == in_child(lambda: naive_sum(fd, SIZE)), "ftruncate is refused, the reader lives"
    os.close(fd)


def test_a_reader_that_judges_once_dies_at_the_resize() -> None:
    """Sealed, honest at first, then a claim of more than the file has: SHRINK is no help."""

    def judge_once() -> None:
        fd = memfd(SIZE, Seal.SHRINK)
        assert judge(fd, SIZE).verdict is Verdict.SEALED
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
        address = libc.mmap(None, 2 * SIZE, mmap.PROT_READ, mmap.MAP_SHARED, fd, 0)
        ctypes.string_at(address, 2 * SIZE)

    assert -signal.SIGBUS == in_child(judge_once)


def test_a_pool_survives_every_lie_a_client_can_tell() -> None:
    def lied_to() -> None:
        out = np.empty((1, SIZE), np.uint8)
        for make in (lambda: memfd(SIZE), lambda: shm_file(SIZE), lambda: disk_file(SIZE)):
            fd = make()
            pool = Pool(os.dup(fd), SIZE)
            try:
                os.ftruncate(fd, 1)
            except PermissionError:
                assert pool.verdict is Verdict.ADOPTED
            for size in (2 * SIZE, 2**31 - 1):
                try:
                    pool.resize(size)
                except Refused:
                    continue
                raise AssertionError("it was believed")
            if pool.verdict is Verdict.COPY:
                try:
                    pool.read_rows(out, 0, SIZE, 0, 1)
                except ShortRead:
                    continue
                raise AssertionError("rows from nowhere")
            pool.view(0, 1, SIZE, SIZE, "u1").sum()

    assert 0 == in_child(lied_to)


def test_populating_finds_what_a_touch_would_die_of() -> None:
    """The second lock, used by the property tests: it proves that a mapping holds without touching it."""
    fd = memfd(SIZE)
    memory = mmap.mmap(fd, SIZE, prot=mmap.PROT_READ)
    memory.madvise(MADV_POPULATE_READ)
    os.ftruncate(fd, SIZE // 2)
    with pytest.raises(OSError, match="Bad address"):
        memory.madvise(MADV_POPULATE_READ)
    memory.close()
    os.close(fd)


def test_no_handler_is_installed_by_anything_here() -> None:
    program = """
import signal, os
import compositor.memory as memory
with memory.GrowableBuffer(1) as buffer, memory.Pool(os.dup(buffer.fd), 1) as pool:
    print(signal.getsignal(signal.SIGBUS) is signal.SIG_DFL)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "True" == done.stdout.strip()


def test_growing_under_a_reader_never_hurts_it() -> None:
    def race() -> None:
        with GrowableBuffer(SIZE) as buffer, Pool(os.dup(buffer.fd), SIZE) as pool:
            views = []
            for factor in range(2, 50):
                buffer.grow(factor * SIZE)
                pool.resize(factor * SIZE)
                views.append(pool.view(0, 1, factor * SIZE, factor * SIZE, "u1"))
            for view in views:
                view.sum()

    assert 0 == in_child(race)
