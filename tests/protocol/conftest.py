"""Fixtures of tests that need a person at the devices, or clients on libwayland."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import seat_peers
from support.client import Client, Proxy
from support.composing import Composer, text_input
from support.people import Desk, Person
from support.stage import Stage


@pytest.fixture
def person(server: Stage) -> Person:
    """Hands on the devices of `server`."""
    return Person(server)


@pytest.fixture
def desk(server: Stage, client: Client) -> Desk:
    """`client` with a window of 100×80 at (50, 40), which has the keyboard, and the devices of the seat."""
    return Desk(server, client)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[seat_peers.Stage]:
    """A compositor whose clients are libwayland's."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = seat_peers.Stage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def peer(stage: seat_peers.Stage) -> seat_peers.Peer:
    """A client of `stage`."""
    return stage.peer()


@pytest.fixture
def composer(server: Stage) -> Composer:
    """An input method."""
    return Composer(server)


@pytest.fixture
def editor(desk: Desk) -> Proxy:
    """A text input of `desk`, which has the keyboard."""
    made = text_input(desk)
    made.take()
    return made
