"""The child checks in, past strangers, forks and death."""

from __future__ import annotations

import os
import resource
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compositor.memory import (
    BadCheckIn,
    CheckInReader,
    Handshake,
    HandshakeError,
    HandshakeState,
    Peer,
    check_in,
    wait_for_child,
)
from compositor.memory.handshake import CHECK_IN_BYTES, VARIABLE


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "public"))
        sock.listen(128)
        yield sock


@pytest.fixture
def handshake(listener: socket.socket) -> Iterator[Handshake]:
    with Handshake(listener.getsockname()) as made:
        yield made


def fork(handshake: Handshake, program: Callable[[int], None]) -> int:
    """Run `program` with the child's end in a forked child that has nothing else of the handshake."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            pipe = os.dup(handshake.child_end)
            handshake.close()
            program(pipe)
            status = 0
        finally:
            os._exit(status)
    handshake.started()
    return pid


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def check_in_and_speak(pipe: int) -> None:
    with check_in(pipe) as sock:
        sock.sendall(b"hello")


def hear(conn: socket.socket | None) -> None:
    """Expect what `check_in_and_speak` says."""
    assert conn is not None
    with conn:
        assert b"hello" == conn.recv(100)


def stranger(listener: socket.socket, data: bytes = b"") -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(listener.getsockname())
    if data:
        sock.sendall(data)
    return sock


def read_token(handshake: Handshake) -> tuple[bytes, bytes]:
    """The token and the name, read as the child would."""
    with socket.socket(fileno=os.dup(handshake.child_end)) as pipe:
        data = pipe.recv(4096)
    return data[4:36], data[36:]


def preamble(token: bytes) -> bytes:
    return b"\0\0\0\0" + b"\0\0" + CHECK_IN_BYTES.to_bytes(2, sys.byteorder) + token


def test_the_child_is_recognised_and_its_connection_is_positioned_after_the_check_in(
    listener: socket.socket, handshake: Handshake
) -> None:
    pid = fork(handshake, check_in_and_speak)
    conn = wait_for_child(handshake, listener, 30)
    assert conn is not None
    with conn:
        assert b"hello" == conn.recv(100)
        with Peer.of(conn) as peer:
            assert pid == peer.pid
    assert HandshakeState.CHECKED_IN is handshake.state
    assert 0 == ended(pid)


def test_an_abstract_socket_serves_as_well() -> None:
    name = "\0weddell-test-" + os.urandom(8).hex()
    with socket.socket(socket.AF_UNIX) as listener, Handshake(name) as handshake:
        listener.bind(name)
        listener.listen()
        pid = fork(handshake, check_in_and_speak)
        hear(wait_for_child(handshake, listener, 30))
        assert 0 == ended(pid)


def test_it_works_through_a_double_fork(listener: socket.socket, handshake: Handshake) -> None:
    def daemonise(pipe: int) -> None:
        if os.fork() == 0:
            os.setsid()
            try:
                check_in_and_speak(pipe)
            finally:
                os._exit(0)

    pid = fork(handshake, daemonise)
    conn = wait_for_child(handshake, listener, 30)
    assert conn is not None
    with conn, Peer.of(conn) as peer:
        assert pid != peer.pid
        assert b"hello" == conn.recv(100)
    assert 0 == ended(pid)


def test_a_program_that_was_executed_checks_in_by_the_environment(
    listener: socket.socket, handshake: Handshake
) -> None:
    os.set_inheritable(handshake.child_end, True)
    program = "from compositor.memory import check_in; check_in().sendall(b'executed')"
    env = os.environ | {VARIABLE: str(handshake.child_end)}
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], env)
    handshake.started()
    conn = wait_for_child(handshake, listener, 60)
    assert conn is not None
    with conn:
        assert b"executed" == conn.recv(100)
    assert 0 == ended(pid)


def test_a_child_that_dies_is_no_client_and_no_hang(listener: socket.socket, handshake: Handshake) -> None:
    pid = fork(handshake, lambda pipe: None)
    assert wait_for_child(handshake, listener) is None
    assert HandshakeState.GONE is handshake.state
    assert 0 == ended(pid)


def test_the_end_counts_only_when_every_copy_is_closed(listener: socket.socket, handshake: Handshake) -> None:
    """The child dies and the grandchild, which has a copy, checks in later."""
    go_read, go_write = os.pipe()

    def leave_a_grandchild(pipe: int) -> None:
        if os.fork() == 0:
            try:
                os.read(go_read, 1)
                check_in_and_speak(pipe)
            finally:
                os._exit(0)

    pid = fork(handshake, leave_a_grandchild)
    assert 0 == ended(pid)
    assert HandshakeState.WAITING is handshake.pipe_ready()
    os.write(go_write, b"x")
    hear(wait_for_child(handshake, listener, 30))
    os.close(go_read)
    os.close(go_write)


def test_a_child_that_checks_in_and_exits_at_once_is_still_heard(
    listener: socket.socket, handshake: Handshake
) -> None:
    """When the loop looks, the check-in and the pipe's end are both there."""
    pid = fork(handshake, check_in_and_speak)
    assert 0 == ended(pid)
    hear(wait_for_child(handshake, listener, 30))


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"GET / HTTP/1.0\r\n\r\n",
        b"\x01\0\0\0\0\0\x0c\0\x02\0\0\0",
        b"\0" * CHECK_IN_BYTES,
        preamble(b"\0" * 32),
        preamble(b"\0" * 32) * 2,
        b"\0\0\0\0\0\0",
    ],
    ids=["a byte", "http", "a wayland client", "zeros", "a wrong token", "two wrong tokens", "half a prefix"],
)
def test_strangers_are_ignored_and_waiting_goes_on(
    listener: socket.socket, handshake: Handshake, data: bytes
) -> None:
    intruders = [stranger(listener, data) for _ in range(3)]
    pid = fork(handshake, check_in_and_speak)
    hear(wait_for_child(handshake, listener, 30))
    for sock in intruders:
        sock.close()
    assert 0 == ended(pid)


def test_strangers_that_say_nothing_hold_nobody_up(listener: socket.socket, handshake: Handshake) -> None:
    silent = [stranger(listener) for _ in range(100)]
    pid = fork(handshake, check_in_and_speak)
    hear(wait_for_child(handshake, listener, 30))
    for sock in silent:
        sock.close()
    assert 0 == ended(pid)


def test_the_stranger_who_has_waited_longest_makes_room(
    listener: socket.socket, handshake: Handshake
) -> None:
    silent = [stranger(listener) for _ in range(65)]
    got: list[socket.socket | None] = []
    waiter = threading.Thread(target=lambda: got.append(wait_for_child(handshake, listener, 30)))
    waiter.start()
    silent[0].settimeout(20)
    assert b"" == silent[0].recv(1), "closed while waiting goes on"
    assert not select.select(silent[1:], [], [], 0)[0]
    with stranger(listener, preamble(read_token(handshake)[0]) + b"hello"):
        waiter.join()
        hear(got[0])
    for sock in silent:
        sock.close()


def test_strangers_cannot_use_up_the_descriptors_that_the_child_needs(
    listener: socket.socket, handshake: Handshake
) -> None:
    token = read_token(handshake)[0]
    silent = [stranger(listener) for _ in range(30)]
    child = stranger(listener, preamble(token) + b"hello")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.dup(0)
    os.close(spare)
    # One descriptor for the selector, some for candidates.
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(spare, child.fileno()) + 8, limits[1]))
    try:
        hear(wait_for_child(handshake, listener, 30))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    for sock in (*silent, child):
        sock.close()


def test_a_check_in_that_arrives_byte_by_byte_is_heard(listener: socket.socket, handshake: Handshake) -> None:
    token, _ = read_token(handshake)
    got: list[socket.socket | None] = []
    waiter = threading.Thread(target=lambda: got.append(wait_for_child(handshake, listener, 30)))
    waiter.start()
    with stranger(listener) as slow:
        for byte in preamble(token) + b"rest":
            slow.send(bytes([byte]))
        waiter.join()
        assert got[0] is not None
        assert b"rest" == got[0].recv(4, socket.MSG_WAITALL)
        got[0].close()


def test_waiting_ends_when_the_time_is_over(listener: socket.socket, handshake: Handshake) -> None:
    before = time.monotonic()
    assert wait_for_child(handshake, listener, 0.01) is None
    assert time.monotonic() - before >= 0.01
    assert HandshakeState.WAITING is handshake.state


def test_a_token_is_good_once(handshake: Handshake) -> None:
    token, _ = read_token(handshake)
    for wrong in (b"", token[:-1], token + b"\0", bytes(32)):
        assert not handshake.present(wrong)
    assert HandshakeState.WAITING is handshake.state
    assert handshake.present(token)
    assert not handshake.present(token)
    assert HandshakeState.CHECKED_IN is handshake.state


def test_a_repeated_check_in_is_a_strangers(listener: socket.socket, handshake: Handshake) -> None:
    token, name = read_token(handshake)
    assert listener.getsockname().encode() == name
    with stranger(listener, preamble(token)) as first, stranger(listener, preamble(token)) as second:
        conn = wait_for_child(handshake, listener, 30)
        assert conn is not None
        conn.close()
        assert wait_for_child(handshake, listener, 30) is None
        assert b"" == first.recv(1)
        del second


def test_a_token_is_worth_nothing_once_the_child_is_gone(handshake: Handshake) -> None:
    token, _ = read_token(handshake)
    handshake.started()
    assert HandshakeState.GONE is handshake.pipe_ready()
    assert not handshake.present(token)
    assert -1 == handshake.fileno()


def test_a_handshake_that_was_given_up_knows_nobody(handshake: Handshake) -> None:
    token, _ = read_token(handshake)
    handshake.close()
    assert not handshake.present(token)
    assert HandshakeState.GONE is handshake.state


def test_the_loop_is_told_of_the_end_and_not_before(handshake: Handshake) -> None:
    poller = select.poll()
    poller.register(handshake.fileno(), select.POLLIN)
    assert [] == poller.poll(0)
    assert HandshakeState.WAITING is handshake.pipe_ready()
    handshake.started()
    assert 1 == len(poller.poll(1000))
    assert HandshakeState.GONE is handshake.pipe_ready()


def test_what_a_child_writes_to_the_pipe_is_thrown_away(handshake: Handshake) -> None:
    with socket.socket(fileno=os.dup(handshake.child_end)) as pipe:
        pipe.sendall(b"noise")
        assert HandshakeState.WAITING is handshake.pipe_ready()
        assert HandshakeState.WAITING is handshake.pipe_ready()


def test_every_handshake_has_its_own_token() -> None:
    tokens = set()
    for _ in range(20):
        with Handshake("/x") as one:
            tokens.add(read_token(one)[0])
    assert 20 == len(tokens)


def test_the_reader_accepts_any_pieces_and_keeps_no_more_than_it_needs() -> None:
    token = os.urandom(32)
    whole = preamble(token)
    for cut in range(1, CHECK_IN_BYTES):
        reader = CheckInReader()
        assert reader.feed(whole[:cut]) is None
        assert CHECK_IN_BYTES - cut == reader.missing
        assert token == reader.feed(whole[cut:])
    with pytest.raises(BadCheckIn):
        CheckInReader().feed(whole + b"x")


def test_the_reader_refuses_at_the_first_wrong_byte() -> None:
    for position in range(8):
        wrong = bytearray(preamble(bytes(32))[: position + 1])
        wrong[position] ^= 1
        with pytest.raises(BadCheckIn):
            CheckInReader().feed(bytes(wrong))


@pytest.mark.parametrize("name", ["", "/" + "x" * 107])
def test_a_name_that_no_socket_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        Handshake(name)


def test_a_child_without_a_pipe_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(HandshakeError, match="nobody waits for us"):
        check_in()
    with pytest.raises(HandshakeError, match="no pipe"):
        check_in(1_000_000)


@pytest.mark.parametrize(
    ("greeting", "text"),
    [
        (b"", "parent is gone"),
        (b"\x04\0\0", "parent is gone"),
        (b"\xff\xff\xff\xff" + bytes(100), "not a handshake's"),
        (bytes(100), "not a handshake's"),
        (b"\x04\0\0\0" + bytes(32) + b"/x", "parent is gone"),
    ],
)
def test_a_child_whose_parent_talks_nonsense_gives_up(greeting: bytes, text: str) -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(greeting)
    ours.close()
    with pytest.raises(HandshakeError, match=text):
        check_in(theirs.detach())


def test_a_child_that_cannot_reach_the_socket_leaves_nothing_open(tmp_path: Path) -> None:
    with Handshake(str(tmp_path / "nobody")) as handshake, pytest.raises(FileNotFoundError):
        check_in(os.dup(handshake.child_end))
