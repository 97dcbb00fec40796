"""Messages that nobody can change any more."""

from __future__ import annotations

import itertools
import mmap
import os
import sys
from collections.abc import Callable

import numpy as np
import pytest

from compositor.memory import (
    FROZEN,
    BadRectangle,
    FrozenMessageBuilder,
    Refused,
    Seal,
    add_seals,
    freeze,
    get_seals,
    open_frozen,
)

from .files import disk_file, hugetlb_memfd, memfd, shm_file

Keep = Callable[[int], int]


def full_memfd(size: int, seals: Seal) -> int:
    fd = memfd(0)
    os.write(fd, b"x" * size)
    add_seals(fd, seals)
    return fd


def test_what_was_frozen_is_read_in_place_by_the_receiver() -> None:
    with freeze(b"hello, world") as sent, open_frozen(os.dup(sent.fd)) as received:
        assert b"hello, world" == received.tobytes() == bytes(received.memory)
        assert 12 == received.size == sent.size
        assert received.memory.readonly


def test_nobody_can_change_it_in_any_way() -> None:
    with freeze(b"x" * 4096) as message:
        assert FROZEN == get_seals(message.fd) & ~Seal.EXEC
        again = os.open(f"/proc/self/fd/{message.fd}", os.O_RDWR)
        for attempt in (
            lambda: os.pwrite(again, b"y", 0),
            lambda: os.ftruncate(again, 0),
            lambda: os.ftruncate(again, 8192),
            lambda: mmap.mmap(again, 4096),
        ):
            with pytest.raises(PermissionError):
                attempt()
        os.close(again)


@pytest.mark.parametrize(
    "data",
    [b"", b"x", bytearray(b"abc"), memoryview(b"abcdef")[::1], np.arange(12, dtype="<u4").reshape(3, 4)],
)
def test_anything_with_bytes_can_be_frozen(data: object) -> None:
    with freeze(data) as message, open_frozen(os.dup(message.fd)) as received:  # type: ignore[arg-type]
        assert bytes(memoryview(data)) == received.tobytes()  # type: ignore[arg-type]


def test_an_array_that_is_not_contiguous_is_frozen_row_by_row() -> None:
    data = np.arange(24, dtype=np.uint8).reshape(4, 6)[:, 1:3]
    with freeze(data) as message:
        assert data.tobytes() == message.tobytes()


def test_the_contents_come_as_arrays() -> None:
    data = np.arange(12, dtype="<u2").reshape(3, 4)
    with freeze(data) as message:
        assert np.array_equal(data, message.array("<u2", (3, 4)))
        assert np.array_equal(data[1:], message.array("<u2", (2, 4), 8))
        assert np.array_equal(data[:, :2], message.view(0, 3, 8, 2, "<u2"))
        assert [0, 1] == message.array("<u2", 2).tolist()
        with pytest.raises(ValueError):
            message.array("<u2", (3, 4))[0, 0] = 1


@pytest.mark.parametrize(
    ("shape", "offset"), [((25,), 0), ((24,), 1), ((1,), -1), ((-1,), 0), ((2**62, 4), 0)]
)
def test_an_array_outside_the_message_is_refused(shape: tuple[int, ...], offset: int) -> None:
    with freeze(bytes(24)) as message, pytest.raises(BadRectangle):
        message.array("u1", shape, offset)


@pytest.mark.parametrize("lacking", [Seal.SHRINK, Seal.GROW, Seal.WRITE, Seal.SEAL])
def test_a_message_lacking_one_seal_is_refused(lacking: Seal) -> None:
    fd = full_memfd(10, FROZEN & ~lacking)
    with pytest.raises(Refused, match=f"not frozen: {lacking.name} missing"):
        open_frozen(fd)
    with pytest.raises(OSError):
        os.fstat(fd)


def test_future_write_does_not_stand_in_for_write() -> None:
    with pytest.raises(Refused, match="WRITE missing"):
        open_frozen(full_memfd(10, Seal.SHRINK | Seal.GROW | Seal.FUTURE_WRITE | Seal.SEAL))


def test_every_set_of_seals_but_the_full_one_is_refused() -> None:
    for count in range(4):
        for chosen in itertools.combinations(FROZEN, count):
            with pytest.raises(Refused):
                open_frozen(full_memfd(1, Seal(sum(chosen))))
    open_frozen(full_memfd(1, FROZEN)).close()


def test_files_that_are_no_memfds_are_refused() -> None:
    for fd in (shm_file(1), disk_file(1), os.eventfd(0), os.dup(0)):
        with pytest.raises(Refused):
            open_frozen(fd)
    try:
        huge = hugetlb_memfd(FROZEN)
    except OSError as error:
        pytest.skip(f"this kernel gives no hugetlb memfd: {error}")
    with pytest.raises(Refused, match="not a plain memfd"):
        open_frozen(huge)


def test_a_message_with_holes_is_refused() -> None:
    with pytest.raises(Refused, match="holes"):
        open_frozen(memfd(1 << 30, FROZEN))
    fd = memfd(1 << 20)
    os.pwrite(fd, b"x" * 4096, 0)
    add_seals(fd, FROZEN)
    with pytest.raises(Refused, match="holes"):
        open_frozen(fd)


def test_a_message_over_the_limit_is_refused() -> None:
    with freeze(bytes(4097)) as message:
        with pytest.raises(Refused, match="4097 bytes, more than 4096"):
            open_frozen(os.dup(message.fd), max_size=4096)
        open_frozen(os.dup(message.fd), max_size=4097).close()


def test_a_message_is_built_in_place() -> None:
    with FrozenMessageBuilder(64) as builder:
        builder.array("<u4", (4, 4))[:] = 7
        builder.view(0, 4, 16, 4, "<u4")[1, 1] = 8
        builder.memory[0:4] = b"abcd"
        with builder.seal() as message, open_frozen(os.dup(message.fd)) as received:
            got = received.array("<u4", (4, 4))
            assert (int.from_bytes(b"abcd", "little"), 8, 7) == (got[0, 0], got[1, 1], got[3, 3])


@pytest.mark.parametrize("kind", ["array", "view", "memory"])
def test_a_message_is_not_sealed_while_a_view_could_still_write(kind: str) -> None:
    with FrozenMessageBuilder(64) as builder:
        view = {
            "array": lambda: builder.array("u1", 64),
            "view": lambda: builder.view(0, 1, 64, 64, "u1"),
            "memory": lambda: builder.memory,
        }[kind]()
        with pytest.raises(BufferError, match="still write"):
            builder.seal()
        view[0] = 5
        assert not get_seals(builder._file.fileno()) & Seal.WRITE
        del view
        with builder.seal() as message:
            assert 5 == message.contents[0]


def test_a_builder_seals_once() -> None:
    with FrozenMessageBuilder(1) as builder:
        builder.seal().close()
        with pytest.raises(ValueError):
            builder.seal()


def test_a_builder_that_is_given_up_leaves_nothing() -> None:
    with FrozenMessageBuilder(4096):
        pass
    FrozenMessageBuilder(4096)


def test_what_was_mapped_stays_readable_after_closing() -> None:
    message = freeze(b"abc")
    view = message.contents
    message.close()
    assert b"abc" == view.tobytes()
    with pytest.raises(ValueError):
        message.contents  # noqa: B018
    with pytest.raises(ValueError):
        message.fd  # noqa: B018


def test_the_descriptor_can_be_taken() -> None:
    fd = freeze(b"abc").take()
    assert b"abc" == os.pread(fd, 10, 0)
    os.close(fd)


def test_unpacking_needs_no_more_than_python() -> None:
    """The message is an ordinary memfd: another program reads it with nothing of ours."""
    with freeze(b"plain") as message:
        os.set_inheritable(message.fd, True)
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", f"import os; assert os.pread({message.fd}, 9, 0) == b'plain'"],
            os.environ,
        )
        assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
