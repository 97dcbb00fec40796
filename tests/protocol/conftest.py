"""Fixtures of tests that need a person at the devices."""

from __future__ import annotations

import pytest
from support.client import Client
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
