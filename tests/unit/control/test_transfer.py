"""Writing to descriptors that come from strangers."""

from __future__ import annotations

import fcntl
import gc
import os
import socket
import threading

import pytest

from compositor.control import transfer
from compositor.control.methods.clipboard import MAX_READERS, DriverSource
from compositor.control.transfer import Transfer, Unwritable, open_writer
from compositor.loop import Loop
from compositor.memory import freeze

BIG = bytes(range(256)) * 4096 * 4


@pytest.fixture
def loop():
    made = Loop()
    yield made
    made.close()


def pump(loop, done, turns=10_000):
    for _ in range(turns):
        if done():
            return
        loop.turn(block=False)
    raise AssertionError("it does not end")


def drain(fd, into):
    while part := os.read(fd, 1 << 16):
        into.extend(part)
    os.close(fd)


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_reader_gets_every_byte_and_then_the_end(loop, kind):
    if kind == "pipe":
        read, write = os.pipe()
    else:
        ours, theirs = socket.socketpair()
        read, write = ours.detach(), theirs.detach()
    served = Transfer(loop, write, memoryview(BIG))
    os.close(write)
    got = bytearray()
    reader = threading.Thread(target=drain, args=(read, got))
    reader.start()
    while not served.done:
        loop.turn(block=False)
    reader.join()
    assert BIG == bytes(got)


def test_a_named_pipe_on_a_disk_or_in_memory_will_do(loop, tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write = os.open(path, os.O_WRONLY)
    served = Transfer(loop, write, memoryview(b"krill"))
    pump(loop, lambda: served.done)
    assert b"krill" == os.read(read, 10)
    os.close(read)
    os.close(write)


def test_a_client_that_clears_the_flag_cannot_make_us_wait(loop):
    read, write = os.pipe()
    served = Transfer(loop, write, memoryview(BIG))
    # The open file is the client's as well.
    flags = fcntl.fcntl(write, fcntl.F_GETFL)
    fcntl.fcntl(write, fcntl.F_SETFL, flags & ~os.O_NONBLOCK)
    for _ in range(10):
        loop.turn(block=False)
    assert not served.done
    served.stop()
    os.close(read)
    os.close(write)


def test_the_clients_own_file_keeps_its_flags(loop):
    read, write = os.pipe()
    before = fcntl.fcntl(write, fcntl.F_GETFL)
    served = Transfer(loop, write, memoryview(b"x"))
    assert before == fcntl.fcntl(write, fcntl.F_GETFL)
    served.stop()
    os.close(read)
    os.close(write)


def test_no_turn_writes_more_than_its_share(loop, monkeypatch):
    monkeypatch.setattr(transfer, "BYTES_PER_TURN", 1000)
    read, write = os.pipe()
    served = Transfer(loop, write, memoryview(b"x" * 2500))
    for left in (1500, 500, 0):
        loop.turn(block=False)
        assert left == len(served._rest)
    assert served.done
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("full", [False, True])
def test_a_reader_that_hangs_up_ends_it(loop, full):
    read, write = os.pipe()
    served = Transfer(loop, write, memoryview(BIG))
    if full:
        for _ in range(5):
            loop.turn(block=False)
    os.close(read)
    pump(loop, lambda: served.done, 20)
    os.close(write)


def test_a_reader_that_stalls_is_given_up_in_time(loop):
    read, write = os.pipe()
    served = Transfer(loop, write, memoryview(BIG))
    loop.turn(block=False)
    assert 1 == len(loop.timers)
    deadline = loop.timers.next_deadline()
    loop.timers.run_due(deadline)
    assert served.done
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("kind", ["file", "memfd", "directory", "read end", "eventfd", "path", "null"])
def test_anything_else_is_refused(tmp_path, kind):
    extra = []
    if kind == "file":
        fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    elif kind == "memfd":
        fd = os.memfd_create("x")
    elif kind == "directory":
        fd = os.open(tmp_path, os.O_RDONLY)
    elif kind == "read end":
        fd, write = os.pipe()
        extra.append(write)
    elif kind == "eventfd":
        fd = os.eventfd(0)
    elif kind == "path":
        fd = os.open(tmp_path, os.O_PATH)
    else:
        fd = os.open("/dev/null", os.O_WRONLY)
    with pytest.raises(Unwritable):
        open_writer(fd)
    for each in (fd, *extra):
        os.close(each)


def test_a_refused_descriptor_is_closed_and_a_plain_file_stays_empty(loop, tmp_path):
    source = DriverSource(loop, {"a/a": freeze(b"krill", "test")})
    fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    source.request("a/a", fd)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)
    assert b"" == (tmp_path / "file").read_bytes()


def test_readers_beyond_the_bound_get_nothing(loop):
    message = freeze(BIG, "test")
    assert message.memory, "mapped, which takes a descriptor"
    source = DriverSource(loop, {"a/a": message})
    # What other tests left in cycles is not to be closed in between.
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    readers = []
    for _ in range(MAX_READERS + 1):
        read, write = os.pipe()
        readers.append(read)
        source.request("a/a", write)
    assert before + 2 * MAX_READERS + 1 == len(os.listdir("/proc/self/fd"))
    assert b"" == os.read(readers[-1], 1)
    for read in readers:
        os.close(read)
    pump(loop, lambda: before == len(os.listdir("/proc/self/fd")), 200)
