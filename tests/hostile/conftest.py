"""One real compositor for all attacks of a module; each test is checked for what it did to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from support.arena import Arena
from support.client import Client


@pytest.fixture(scope="module")
def arena_process() -> Iterator[Arena]:
    """The compositor's process, and the honest client."""
    arena = Arena()
    yield arena
    arena.close()


@pytest.fixture
def new_attacker(arena_process: Arena) -> Iterator[Callable[[], Client]]:
    """Connect one more client that means no good."""
    before = arena_process.files()
    made: list[Client] = []

    def connect() -> Client:
        made.append(arena_process.connect())
        return made[-1]

    yield connect
    for client in made:
        client.close()
    arena_process.check(before)


@pytest.fixture
def attacker(new_attacker: Callable[[], Client]) -> Client:
    """A client that means no good."""
    return new_attacker()


@pytest.fixture
def arena(arena_process: Arena, new_attacker: object) -> Arena:
    """The compositor that is attacked; it is checked when the test has ended."""
    return arena_process
