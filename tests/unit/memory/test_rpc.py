"""Questions and answers with frozen payloads."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from compositor.errors import WeddellError
from compositor.memory import (
    BrokenMessage,
    FrozenMessage,
    Refused,
    RemoteError,
    RpcConnection,
    freeze,
    recv_fds,
    send_fds,
)

from .files import memfd

HEADER = struct.Struct("=HHI")


def double(params: Any, payload: FrozenMessage | None) -> tuple[Any, FrozenMessage | None]:
    assert payload is not None
    data = payload.array("<u4", payload.size // 4)
    return {"count": len(data)}, freeze(data * 2)


def echo(params: Any, payload: FrozenMessage | None) -> tuple[Any, FrozenMessage | None]:
    return params, payload


def fail(params: Any, payload: FrozenMessage | None) -> tuple[Any, FrozenMessage | None]:
    raise WeddellError("it cannot be done")


HANDLERS = {"double": double, "echo": echo, "fail": fail}


@pytest.fixture
def raw() -> Iterator[socket.socket]:
    """The client's socket of a connection that a server thread serves until it ends."""
    ours, theirs = socket.socketpair()
    ours.settimeout(30)

    def serve() -> None:
        with RpcConnection(theirs, max_payload=1 << 20) as connection:
            try:
                connection.serve(HANDLERS)
            except (BrokenMessage, OSError):
                pass

    server = threading.Thread(target=serve)
    server.start()
    with ours:
        yield ours
    server.join()


@pytest.fixture
def client(raw: socket.socket) -> RpcConnection:
    return RpcConnection(raw)


def test_a_question_is_answered(client: RpcConnection) -> None:
    for params in (None, 1, "text", [1, {"a": None}], {"nested": [True]}):
        assert (params, None) == client.call("echo", params)


def test_payloads_travel_frozen_both_ways(client: RpcConnection) -> None:
    data = np.arange(1000, dtype="<u4")
    with freeze(data) as payload:
        result, answer = client.call("double", None, payload)
    assert {"count": 1000} == result
    assert answer is not None
    with answer:
        assert np.array_equal(data * 2, answer.array("<u4", 1000))


def test_a_payload_can_be_sent_back_as_it_is(client: RpcConnection) -> None:
    with freeze(b"round") as payload:
        _, answer = client.call("echo", None, payload)
        assert answer is not None
        with answer:
            assert os.path.sameopenfile(payload.fd, answer.fd)


def test_what_cannot_be_done_is_an_error_and_the_connection_goes_on(client: RpcConnection) -> None:
    with pytest.raises(RemoteError, match="it cannot be done"):
        client.call("fail")
    with pytest.raises(RemoteError, match="no method 'nothing'"):
        client.call("nothing")
    with freeze(b"x") as payload, pytest.raises(RemoteError, match="no method"):
        client.call("nothing", None, payload)
    assert (7, None) == client.call("echo", 7)


def test_a_payload_that_is_not_frozen_is_refused_and_the_connection_goes_on(raw: socket.socket) -> None:
    text = json.dumps({"method": "echo"}).encode()
    fd = memfd(10)
    send_fds(raw, HEADER.pack(0x5EA1, 1, len(text)) + text, [fd])
    os.close(fd)
    _, _, length = HEADER.unpack(recv_fds(raw, HEADER.size)[0])
    assert "not frozen" in json.loads(recv_fds(raw, length)[0])["error"]
    assert (1, None) == RpcConnection(raw).call("echo", 1)


def test_a_payload_over_the_limit_is_refused(client: RpcConnection) -> None:
    with freeze(bytes((1 << 20) + 1)) as payload, pytest.raises(RemoteError, match="more than"):
        client.call("echo", None, payload)


@pytest.mark.parametrize(
    "message",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        HEADER.pack(0x5EA1, 0, 0),
        HEADER.pack(0x5EA1, 0, 0xFFFFFFFF),
        HEADER.pack(0x5EA1, 1, 2) + b"{}",
        HEADER.pack(0x5EA1, 0, 3) + b"{..",
        HEADER.pack(0x5EA1, 0, 2) + b"[]",
        HEADER.pack(0x5EA1, 0, 100_000) + b"[" * 100_000,
        HEADER.pack(0x5EA1, 0, 2) + b"\xff\xff",
    ],
)
def test_what_is_no_message_ends_the_connection(raw: socket.socket, message: bytes) -> None:
    send_fds(raw, message)
    try:
        assert b"" == raw.recv(1)
    except ConnectionResetError:
        pass  # The server had not read everything when it closed.


def test_descriptors_that_were_not_announced_end_the_connection(raw: socket.socket) -> None:
    send_fds(raw, HEADER.pack(0x5EA1, 0, 2) + b"{}", [0])
    try:
        assert b"" == raw.recv(1)
    except ConnectionResetError:
        pass


def test_a_server_that_talks_nonsense_is_noticed() -> None:
    ours, theirs = socket.socketpair()
    with theirs, RpcConnection(ours) as client:
        theirs.sendall(b"x" * HEADER.size)
        with pytest.raises(BrokenMessage):
            client.call("echo")


def test_a_server_that_closes_in_the_middle_is_noticed() -> None:
    for said, error in ((b"", EOFError), (b"x", BrokenMessage), (HEADER.pack(0x5EA1, 0, 9), BrokenMessage)):
        ours, theirs = socket.socketpair()
        with RpcConnection(ours) as client:
            theirs.sendall(said)
            theirs.shutdown(socket.SHUT_WR)
            with pytest.raises(error):
                client.call("echo")
            theirs.close()


def test_an_answer_that_is_not_frozen_is_refused_by_the_asker() -> None:
    ours, theirs = socket.socketpair()
    with theirs, RpcConnection(ours) as client:
        fd = memfd(10)
        send_fds(theirs, HEADER.pack(0x5EA1, 1, 2) + b"{}", [fd])
        os.close(fd)
        with pytest.raises(Refused, match="not frozen"):
            client.call("echo")


def test_a_text_too_long_for_a_message_is_refused_before_it_is_sent(client: RpcConnection) -> None:
    with pytest.raises(BrokenMessage, match="a payload carries more"):
        client.call("echo", "x" * (1 << 20))
    assert (1, None) == client.call("echo", 1)
