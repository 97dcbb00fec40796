"""server.objects: what the compositor holds, counted by class."""

from __future__ import annotations

import socket
import time

from support.client import Client

from compositor.testing import Compositor

CLIENT = "compositor.wire.client.Client"


def counted(compositor: Compositor) -> int:
    own: dict[str, int] = compositor.call("server.objects")["own"]
    return own.get(CLIENT, 0)


def connect(compositor: Compositor) -> Client:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(compositor.socket)
    client = Client(sock)
    client.roundtrip()
    return client


def test_a_client_is_counted_while_it_is_there() -> None:
    with Compositor(outputs=["320x240"]) as compositor:
        deadline = time.monotonic() + 60
        # Whoever is there when starting is over counts as what it started with.
        while client := connect(compositor):
            if counted(compositor):
                break
            client.close()
            assert time.monotonic() < deadline
        assert 1 == counted(compositor)
        client.close()
        while counted(compositor):
            assert time.monotonic() < deadline
