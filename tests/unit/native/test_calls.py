"""Waiting, receiving and sending: the same from Python and from the compiled module."""

from __future__ import annotations

import array
import errno
import fcntl
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from compositor import calls

try:
    from compositor.native import calls as native
except ImportError:
    native = None  # type: ignore[assignment]

WAYS = [
    pytest.param((calls._Line, calls._wait), id="python"),
    pytest.param(
        None if native is None else (native.Line, native.wait),
        id="compiled",
        marks=pytest.mark.skipif(native is None, reason="the compiled modules are not in use"),
    ),
]
LINES = [pytest.param(way.values[0] and way.values[0][0], id=way.id, marks=way.marks) for way in WAYS]
WAITS = [pytest.param(way.values[0] and way.values[0][1], id=way.id, marks=way.marks) for way in WAYS]


def both(name: str) -> Any:
    """Have a test run with a function of either way."""
    found = [
        pytest.param(calls.__dict__[f"_{name}"], id="python"),
        pytest.param(getattr(native, name, None), id="compiled", marks=WAYS[1].marks),
    ]
    return pytest.mark.parametrize(name, found)


ROOM = 64


class Ends:
    """A line, its room, and the socket at the other end."""

    def __init__(self, kind: Any) -> None:
        self.ours, self.peer = socket.socketpair()
        self.ours.setblocking(False)
        self.room = memoryview(bytearray(ROOM))
        self.line = kind(self.ours, self.room)

    def close(self) -> None:
        self.line.close()
        self.ours.close()
        self.peer.close()


@pytest.fixture(params=LINES)
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    found = Ends(request.param)
    yield found
    found.close()


def test_what_was_sent_is_received_where_it_shall_be(ends: Ends) -> None:
    ends.peer.send(b"one two")
    assert 3 == ends.line.receive(2, 3)
    assert b"\0\0one\0" == bytes(ends.room[:6])
    assert 4 == ends.line.receive(0, ROOM)
    assert b" two" == bytes(ends.room[:4])
    assert not ends.line.ancillary
    assert 5 == ends.line.send(b"three")
    assert 4 == ends.line.send(bytearray(b"four"))
    assert b"threefour" == ends.peer.recv(100)


def test_no_more_is_received_than_there_is_room_for(ends: Ends) -> None:
    ends.peer.send(bytes(200))
    assert 4 == ends.line.receive(ROOM - 4, 1000)
    assert ROOM == ends.line.receive(0, 1000)


def test_descriptors_come_beside_the_bytes_and_are_there_once(ends: Ends) -> None:
    inside, outside = os.pipe()
    rights = array.array("i", [inside, outside])
    ends.peer.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    os.close(inside)
    os.close(outside)
    assert 1 == ends.line.receive(0, ROOM)
    ((level, kind, payload),) = ends.line.ancillary
    assert (socket.SOL_SOCKET, socket.SCM_RIGHTS, 8) == (level, kind, len(payload))
    assert 0 == ends.line.flags & calls.TRUNCATED
    numbers = array.array("i", payload)
    assert not any(os.get_inheritable(number) for number in numbers)
    os.write(numbers[1], b"through")
    assert b"through" == os.read(numbers[0], 100)
    for number in numbers:
        os.close(number)
    ends.peer.send(b"y")
    assert 1 == ends.line.receive(0, ROOM)
    assert not ends.line.ancillary
    assert calls.NOTHING == ends.line.lone


def test_one_descriptor_by_itself_is_told_by_its_number(ends: Ends) -> None:
    end = os.open("/dev/null", os.O_RDONLY)
    assert calls.NOTHING == ends.line.lone
    socket.send_fds(ends.peer, [b"x"], [end])
    os.close(end)
    assert 1 == ends.line.receive(0, ROOM)
    number = ends.line.lone
    assert number >= 0
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number]).tobytes())
    assert [rights] == ends.line.ancillary == ends.line.ancillary
    os.close(number)
    ends.peer.send(b"y")
    assert 1 == ends.line.receive(0, ROOM)
    assert (calls.NOTHING, []) == (ends.line.lone, ends.line.ancillary)


@pytest.mark.parametrize("count", [2, 3, calls.FDS_PER_RECVMSG])
def test_several_descriptors_are_more_than_one(ends: Ends, count: int) -> None:
    end = os.open("/dev/null", os.O_RDONLY)
    socket.send_fds(ends.peer, [b"x"], [end] * count)
    os.close(end)
    assert 1 == ends.line.receive(0, ROOM)
    assert calls.MORE == ends.line.lone
    for number in array.array("i", ends.line.ancillary[0][2]):
        os.close(number)


def test_credentials_beside_a_descriptor_are_more_than_one(ends: Ends) -> None:
    ends.ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    ends.peer.send(b"x")
    assert 1 == ends.line.receive(0, ROOM)
    assert calls.MORE == ends.line.lone
    end = os.open("/dev/null", os.O_RDONLY)
    socket.send_fds(ends.peer, [b"x"], [end])
    os.close(end)
    assert 1 == ends.line.receive(0, ROOM)
    assert calls.MORE == ends.line.lone
    (number,) = [
        int.from_bytes(payload, sys.byteorder)
        for _, kind, payload in ends.line.ancillary
        if kind == socket.SCM_RIGHTS
    ]
    os.close(number)


def test_a_descriptor_that_was_lost_is_more_than_nothing(ends: Ends) -> None:
    """The process has none left for it."""
    end = os.open("/dev/null", os.O_RDONLY)
    socket.send_fds(ends.peer, [b"x"], [end])
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        assert 1 == ends.line.receive(0, ROOM)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        os.close(end)
    assert calls.MORE == ends.line.lone
    assert ends.line.flags & calls.TRUNCATED


def test_as_many_descriptors_as_the_kernel_passes_arrive(ends: Ends) -> None:
    end = os.open("/dev/null", os.O_RDONLY)
    rights = array.array("i", [end] * calls.FDS_PER_RECVMSG)
    ends.peer.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    os.close(end)
    assert 1 == ends.line.receive(0, ROOM)
    ((_, _, payload),) = ends.line.ancillary
    assert 0 == ends.line.flags & calls.TRUNCATED
    numbers = array.array("i", payload)
    assert calls.FDS_PER_RECVMSG == len(set(numbers))
    for number in numbers:
        os.close(number)


def test_errors_are_those_of_the_system(ends: Ends) -> None:
    assert -1 == ends.line.receive(0, ROOM), "nothing yet is no error"
    with pytest.raises(BlockingIOError):
        while True:
            ends.line.send(bytes(1 << 20))
    ends.peer.close()
    with pytest.raises(OSError) as broken:
        ends.line.send(b"x")
    # No SIGPIPE, which would end the process.
    assert errno.EPIPE == broken.value.errno


def test_the_end_of_the_peer_is_no_bytes(ends: Ends) -> None:
    ends.peer.close()
    assert 0 == ends.line.receive(0, ROOM)


def test_a_line_that_was_closed_reaches_nobody(ends: Ends) -> None:
    """Its number may be that of another file by then."""
    ends.line.close()
    ends.ours.close()
    with pytest.raises(OSError) as gone:
        ends.line.receive(0, ROOM)
    assert errno.EBADF == gone.value.errno
    with pytest.raises(OSError) as gone:
        ends.line.send(b"x")
    assert errno.EBADF == gone.value.errno


@pytest.mark.skipif(native is None, reason="the compiled modules are not in use")
@pytest.mark.parametrize("start", [-1, ROOM + 1])
def test_nothing_is_written_outside_of_the_room(start: int) -> None:
    ends = Ends(native.Line)
    ends.peer.send(b"x")
    with pytest.raises(ValueError, match="outside"):
        ends.line.receive(start, 1)
    ends.close()


@pytest.mark.parametrize("wait", WAITS)
def test_waiting_ends_when_there_is_something_or_the_time_is_over(wait: Any) -> None:
    inside, outside = os.pipe()
    assert not wait(inside, 0)
    before = calls.now_ns()
    assert not wait(inside, 3_000_000)
    assert calls.now_ns() - before >= 3_000_000
    os.write(outside, b"x")
    assert wait(inside, 0)
    assert wait(inside, 10**12)
    os.close(inside)
    os.close(outside)


@pytest.mark.parametrize("wait", WAITS)
def test_a_signal_is_handled_while_waiting(wait: Any) -> None:
    inside, outside = os.pipe()

    def handle(*_: object) -> None:
        os.write(outside, b"x")

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        while not wait(inside, 10**11):
            pass
    finally:
        signal.signal(signal.SIGUSR1, before)
        os.close(inside)
        os.close(outside)


@pytest.mark.parametrize("wait", WAITS)
def test_a_descriptor_that_select_does_not_know_can_be_waited_for(wait: Any) -> None:
    inside, outside = os.pipe()
    high = 2000
    try:
        os.dup2(inside, high)
    except OSError:
        pytest.skip("this process may not have so many descriptors")
    os.write(outside, b"x")
    assert wait(high, 10**9)
    for number in (inside, outside, high):
        os.close(number)


@both("wait_either")
def test_waiting_for_two_tells_which(wait_either: Any) -> None:
    (one, to_one), (two, to_two) = os.pipe(), os.pipe()
    assert [0, 0] == [wait_either(one, two, 0), wait_either(one, -1, 0)]
    before = calls.now_ns()
    assert 0 == wait_either(one, two, 3_000_000)
    assert calls.now_ns() - before >= 3_000_000
    os.write(to_two, b"x")
    assert [2, 1, 0] == [wait_either(one, two, 10**12), wait_either(two, one, 0), wait_either(one, -1, 0)]
    os.write(to_one, b"x")
    assert [3, 1] == [wait_either(one, two, 10**12), wait_either(one, -1, 10**12)]
    for number in (one, to_one, two, to_two):
        os.close(number)


@both("wait_either")
def test_an_end_that_is_gone_counts_as_something(wait_either: Any) -> None:
    ours, peer = socket.socketpair()
    inside, outside = os.pipe()
    peer.close()
    assert 2 == wait_either(inside, ours.fileno(), 10**12)
    ours.close()
    os.close(inside)
    os.close(outside)


@both("seals")
def test_seals_are_those_of_memory(seals: Any) -> None:
    with open(os.memfd_create("x", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "wb") as memory:
        assert 0 == seals(memory.fileno())
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
        assert fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW == seals(memory.fileno())
    with open("/dev/null", "rb") as file:
        assert -1 == seals(file.fileno())
    assert -1 == seals(-1)


@both("look")
def test_a_look_tells_what_the_calls_tell_by_themselves(look: Any) -> None:
    with open(os.memfd_create("x", os.MFD_CLOEXEC), "wb") as memory:
        os.ftruncate(memory.fileno(), 3 << 31)
        found = os.fstat(memory.fileno())
        flags = fcntl.fcntl(memory, fcntl.F_GETFL)
        assert (fcntl.F_SEAL_SEAL, flags, found.st_dev, 3 << 31) == look(memory.fileno())
    with open("/dev/null", "rb") as file:
        assert (-1, -1, -1, -1) == look(file.fileno())
    assert (-1, -1, -1, -1) == look(-1)


@both("close")
def test_what_is_closed_twice_is_a_bug(close: Any) -> None:
    inside, outside = os.pipe()
    assert [0, 0] == [close(inside), close(outside)]
    with pytest.raises(OSError) as gone:
        close(inside)
    assert errno.EBADF == gone.value.errno
