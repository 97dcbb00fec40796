"""Whether a client is read when it commits or when its frame is due, it is told the same.

Two compositors get the same bytes at the same times. One reads at once; the other knows the client's
rhythm, and makes frames that are like the last one in one go. After every frame all that the client was told
so far must be equal, byte for byte, and so must what the compositors believe and show.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.departures import ACTIONS, Action, draw, end, no_buffer, nothing, other_size
from support.theatre import Pair, Theatre

from compositor import cadence


def a_pair(folder: str, compose: str) -> Pair:
    theatres = []
    for kept in (True, False):
        runtime = Path(folder, str(kept))
        runtime.mkdir()
        theatres.append(Theatre(runtime, compose, cadence=kept))
    return Pair(*theatres)


def act(pair: Pair, action: Action) -> None:
    def play(theatre: Theatre) -> None:
        if theatre.drawer.surface.dead or theatre.drawer.client.closed:
            nothing(theatre, theatre.drawer)
        else:
            action(theatre, theatre.drawer)

    pair.act(play)


@given(
    compose=st.sampled_from(["on-demand", "always"]),
    actions=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(ACTIONS)), min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@example("on-demand", [(4, action) for action in ACTIONS])
@example("always", [(4, action) for action in ACTIONS if action not in (other_size, no_buffer, end)])
def test_what_clients_are_told_does_not_depend_on_when_they_are_read(
    compose: str, actions: list[tuple[int, Action]]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(cadence, "STEPS", 2),
        mock.patch.object(cadence, "_PAUSE", 0),
        mock.patch.object(cadence, "_LATE_PAUSE", 0),
    ):
        pair = a_pair(folder, compose)
        try:
            for count, action in [*actions, (4, draw)]:
                for _ in range(count):
                    act(pair, draw)
                act(pair, action)
            pair.compare_pictures()
        finally:
            pair.close()


@pytest.mark.parametrize("compose", ["on-demand", "always"])
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__.strip("_"))
def test_each_departure_from_the_rhythm_is_told_as_it_would_be_without(
    tmp_path: Path, compose: str, action: Action
) -> None:
    pair = a_pair(str(tmp_path), compose)
    try:
        for _ in range(cadence.STEPS + 3):
            act(pair, draw)
        assert pair.tested.cadence.passed, "no frame went the express way"
        for one in (action, draw, action, draw, draw):
            act(pair, one)
        pair.compare_pictures()
    finally:
        pair.close()
