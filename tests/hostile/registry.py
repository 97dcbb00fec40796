"""The list of attacks, which pytest and ``make attack`` share.

    @attack("a pool resized past its file", error="wl_shm_pool.invalid_fd")
    def resized_past_its_file(enemy: Enemy) -> None: ...

An attack gets an `Enemy`, does its worst over a real socket, and returns. What then comes of the
connection is compared with what was announced.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from support.client import Client, ConnectionLost, error_name

UNHARMED = "unharmed"
"""The connection goes on: nothing that was done is an error."""
HUNG_UP = "hung up"
"""The attacker closed the connection itself."""
DISCONNECTED = "disconnected"
"""The connection was closed without an error being told."""
NOT_HERE = "cannot be tried here"
"""This machine lacks what the attack needs."""


class NotHere(Exception):
    """This machine lacks what an attack needs; the text says what."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One way of being hostile.

    Attributes:
        name: what it is, in a few words.
        run: does it.
        outcome: what must become of the connection.
        races: what else may, where it is a matter of who is first.
        elsewhere: what other compositors may answer with as good right.
        standard: whether it speaks protocols that every compositor has.
    """

    name: str
    run: Callable[[Enemy], str | None]
    outcome: str
    races: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    standard: bool = True

    def is_right(self, outcome: str) -> bool:
        """Whether Weddell may have answered so."""
        return outcome in (self.outcome, *self.races, NOT_HERE)

    def is_right_elsewhere(self, outcome: str) -> bool:
        """Whether any compositor may have."""
        return self.is_right(outcome) or outcome in self.elsewhere


ATTACKS: list[Attack] = []


def attack(
    name: str,
    error: str = UNHARMED,
    *elsewhere: str,
    races: tuple[str, ...] = (),
    standard: bool = True,
) -> Callable[[Callable[[Enemy], str | None]], Callable[[Enemy], str | None]]:
    """Enter a function into the list of attacks.

    Args:
        name: what it is, in a few words.
        error: ``interface.code`` as in the XML, or what else becomes of the connection.
        elsewhere, races, standard: see `Attack`.
    """

    def enter(function: Callable[[Enemy], str | None]) -> Callable[[Enemy], str | None]:
        ATTACKS.append(Attack(name, function, error, races, elsewhere, standard))
        return function

    return enter


@dataclass(slots=True)
class Enemy:
    """Connections of one attacker, all closed at the end."""

    path: str
    timeout_s: float = 10.0
    clients: list[Client] = field(default_factory=list)
    _main: Client | None = None

    def connect(self) -> Client:
        """Return one more client."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Blocking: with a timeout a queue that is full for a moment is an error.
            sock.connect(self.path)
        except BaseException:
            sock.close()
            raise
        client = Client(sock, timeout_s=self.timeout_s)
        self.clients.append(client)
        return client

    @property
    def client(self) -> Client:
        """The connection whose fate counts."""
        if self._main is None:
            self._main = self.connect()
        return self._main

    def outcome(self) -> str:
        """Return what became of the main connection."""
        client = self.client
        if client.sock.fileno() < 0:
            return HUNG_UP
        try:
            client.roundtrip()
        except (ConnectionLost, OSError):
            pass
        else:
            return UNHARMED
        if client.error is None:
            return DISCONNECTED
        interface, _, code, _ = client.error
        return f"{interface}.{error_name(interface, code)}"

    def close(self) -> None:
        """Hang up everywhere."""
        for client in self.clients:
            client.close()
        self.clients.clear()


def drown(client: Client, data: bytes, seconds: float) -> bool:
    """Send the same again and again without ever reading; returns whether the connection was ended."""
    client.sock.settimeout(seconds)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            client.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return True
        except TimeoutError:
            return False
    return False


def fate(client: Client) -> str:
    """Return what became of a connection that is not the main one."""
    enemy = Enemy("")
    enemy._main = client
    return enemy.outcome()
