"""The desktop that tests of the seat work on."""

from __future__ import annotations

import pytest
from seat_desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
