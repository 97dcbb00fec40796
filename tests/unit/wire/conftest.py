"""A connection without a compositor behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.line import Line, Thing

from compositor.limits import Limits


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


@pytest.fixture
def new_line() -> Iterator[Any]:
    made: list[Line] = []

    def make(limits: Limits | None = None) -> Line:
        made.append(Line(limits))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def thing(line: Line) -> Thing:
    return line.thing()
