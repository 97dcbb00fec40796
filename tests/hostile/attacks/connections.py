"""Connections by the hundred, half-closed, silent, or gone again at once."""

from __future__ import annotations

import socket

from hostile.registry import DISCONNECTED, HUNG_UP, UNHARMED, Enemy, attack, drown
from support import wire


@attack("two hundred connections that say nothing")
def silent(enemy: Enemy) -> str:
    for _ in range(200):
        enemy.connect()
    enemy.client.roundtrip()
    return UNHARMED


@attack("five hundred connections of one process")
def too_many(enemy: Enemy) -> str:
    for _ in range(500):
        try:
            enemy.connect()
        except (BlockingIOError, TimeoutError):
            break
    return UNHARMED


@attack("connections that come and go")
def come_and_go(enemy: Enemy) -> str:
    for _ in range(100):
        client = enemy.connect()
        client.display.sync()
        client.flush()
        client.close()
    return HUNG_UP if enemy._main is not None else UNHARMED


@attack("a connection whose reading half is closed")
def half_closed(enemy: Enemy) -> str:
    client = enemy.client
    client.sock.shutdown(socket.SHUT_RD)
    for _ in range(50):
        client.display.sync()
    client.flush()
    return UNHARMED


@attack("a connection whose writing half is closed", DISCONNECTED, UNHARMED)
def writing_closed(enemy: Enemy) -> str:
    client = enemy.client
    client.display.sync()
    client.flush()
    client.sock.shutdown(socket.SHUT_WR)
    while client.receive(wait=True):
        pass
    return DISCONNECTED


def drowned(enemy: Enemy, data: bytes) -> str:
    """Return what becomes of who asks and asks, and never reads."""
    return DISCONNECTED if drown(enemy.client, data, 5) else UNHARMED


@attack("answers that are never read", DISCONNECTED, UNHARMED)
def never_reads(enemy: Enemy) -> str:
    return drowned(enemy, wire.message(1, 0, wire.word(2)) * 5000)


@attack("registries that are never read", DISCONNECTED, UNHARMED)
def registries(enemy: Enemy) -> str:
    data = b"".join(wire.message(1, 1, wire.word(oid)) for oid in range(2, 4000))
    return drowned(enemy, data)


@attack("a reader that stops while its window is resized")
def stopped_reader(enemy: Enemy) -> str:
    from support.windows import Toplevel

    client = enemy.client
    window = Toplevel(client).show()
    for _ in range(300):
        window.toplevel.set_maximized()
        window.toplevel.unset_maximized()
    client.flush()
    enemy.connect().roundtrip()
    return UNHARMED
