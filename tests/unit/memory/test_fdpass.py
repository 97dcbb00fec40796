"""Bytes and descriptors over a stream, whole or not at all."""

from __future__ import annotations

import array
import fcntl
import os
import resource
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from compositor.memory import MAX_FDS, BrokenMessage, freeze, open_frozen, recv_fds, send_fds
from compositor.memory.fdpass import close_all

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        ours.settimeout(20)
        yield ours, theirs


def rights(*fds: int) -> list[tuple[int, int, array.array[int]]]:
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]


def test_a_message_arrives_with_its_descriptors_in_order(pair: Pair) -> None:
    ours, theirs = pair
    with freeze(b"one") as one, freeze(b"two") as two:
        send_fds(theirs, b"payload", [one.fd, two.fd])
    payload, received = recv_fds(ours, 7, 2)
    assert b"payload" == payload
    contents = []
    for descriptor in received:
        with open_frozen(descriptor.take()) as message:
            contents.append(message.tobytes())
    assert [b"one", b"two"] == contents


def test_received_descriptors_are_closed_on_exec(pair: Pair) -> None:
    send_fds(pair[1], b"x", [0])
    _, received = recv_fds(pair[0], 1, 1)
    assert fcntl.fcntl(received[0].fileno(), fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    close_all(received)


def test_a_dropped_descriptor_closes_itself(pair: Pair) -> None:
    send_fds(pair[1], b"x", [0, 0])
    recv_fds(pair[0], 1, 2)


def test_a_payload_larger_than_any_socket_buffer_is_sent_and_received_whole(pair: Pair) -> None:
    payload = os.urandom(8 << 20)
    with freeze(b"late") as message:
        sender = threading.Thread(target=send_fds, args=(pair[1], payload, [message.fd]))
        sender.start()
        got, received = recv_fds(pair[0], len(payload), 1)
        sender.join()
    assert payload == got
    assert 1 == len(received)
    close_all(received)


def test_a_sender_with_a_timeout_sends_the_rest_of_what_did_not_fit(pair: Pair) -> None:
    """With a timeout the socket takes what fits and returns."""
    payload = os.urandom(8 << 20)
    pair[1].settimeout(20)
    sender = threading.Thread(target=send_fds, args=(pair[1], payload, [0]))
    sender.start()
    got, received = recv_fds(pair[0], len(payload), 1)
    sender.join()
    assert payload == got
    close_all(received)


def test_a_message_in_single_bytes_is_put_together(pair: Pair) -> None:
    ours, theirs = pair
    for number, byte in enumerate(b"abcdef"):
        theirs.sendmsg([bytes([byte])], rights(0) if number in (0, 3) else [])
    payload, received = recv_fds(ours, 6, 2)
    assert (b"abcdef", 2) == (payload, len(received))
    close_all(received)


def test_two_messages_are_kept_apart(pair: Pair) -> None:
    ours, theirs = pair
    send_fds(theirs, b"first", [0])
    send_fds(theirs, b"second", [0, 0])
    for expected, count in ((b"first", 1), (b"second", 2)):
        payload, received = recv_fds(ours, len(expected), 4)
        assert (expected, count) == (payload, len(received))
        close_all(received)


@pytest.mark.parametrize(("allowed", "sent"), [(0, 1), (1, 2), (0, 5), (3, 4), (28, MAX_FDS)])
def test_more_descriptors_than_allowed_are_all_closed(pair: Pair, allowed: int, sent: int) -> None:
    send_fds(pair[1], b"flood", [0] * sent)
    with pytest.raises(BrokenMessage, match=f"more than {allowed} descriptors"):
        recv_fds(pair[0], 5, allowed)


def test_descriptors_spread_over_the_payload_are_counted_together(pair: Pair) -> None:
    for _ in range(4):
        pair[1].sendmsg([b"x"], rights(0))
    with pytest.raises(BrokenMessage):
        recv_fds(pair[0], 4, 3)


def test_as_many_as_one_message_can_carry_arrive(pair: Pair) -> None:
    send_fds(pair[1], b"x", [0] * MAX_FDS)
    _, received = recv_fds(pair[0], 1, MAX_FDS)
    assert MAX_FDS == len(received)
    close_all(received)


def test_descriptors_lost_because_too_many_are_open_break_the_message(pair: Pair) -> None:
    send_fds(pair[1], b"x", [0] * 50)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.dup(0)
    os.close(spare)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare + 10, limits[1]))
    try:
        with pytest.raises(BrokenMessage):
            recv_fds(pair[0], 1, 50)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_connection_closed_in_the_middle_closes_what_had_come(pair: Pair) -> None:
    send_fds(pair[1], b"half", [0, 0])
    pair[1].close()
    with pytest.raises(BrokenMessage, match="4 of 8 bytes missing"):
        recv_fds(pair[0], 8, 2)


def test_a_connection_closed_between_messages_is_an_end_and_no_error(pair: Pair) -> None:
    pair[1].close()
    with pytest.raises(EOFError):
        recv_fds(pair[0], 8, 2)


def test_a_timeout_in_the_middle_closes_what_had_come(pair: Pair) -> None:
    pair[0].settimeout(0.01)
    send_fds(pair[1], b"half", [0])
    with pytest.raises(TimeoutError):
        recv_fds(pair[0], 8, 1)


def test_other_control_messages_are_ignored(pair: Pair) -> None:
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    send_fds(pair[1], b"x", [0])
    _, received = recv_fds(pair[0], 1, 8)
    assert 1 == len(received)
    close_all(received)


def test_sending_to_nobody_is_an_error_and_no_signal(pair: Pair) -> None:
    pair[0].close()
    with pytest.raises(BrokenPipeError):
        send_fds(pair[1], b"x", [0])


@pytest.mark.parametrize(
    "call",
    [
        lambda pair: send_fds(pair[1], b"", [0]),
        lambda pair: send_fds(pair[1], b"x", [0] * (MAX_FDS + 1)),
        lambda pair: recv_fds(pair[0], 0, 1),
    ],
)
def test_messages_that_cannot_travel_are_refused(pair: Pair, call: Callable[[Pair], None]) -> None:
    with pytest.raises(ValueError):
        call(pair)
