"""Whether a client is read when it commits or when its frame is due, it is told the same.

Two compositors get the same bytes at the same times. One reads at once; the other knows the client's
rhythm, and makes frames that are like the last one in one go. After every frame all that the client was told
so far must be equal, byte for byte, and so must what the compositors believe and show.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.departures import (
    ACTIONS,
    SPENDING,
    Action,
    child,
    draw,
    end,
    no_buffer,
    nothing,
    other_size,
    same_buffer,
)
from support.theatre import Artist, Drawer, Pair, Spender, Theatre
from support.wire import word

from compositor import cadence
from compositor.memory import SealPolicy
from compositor.protocol.shm_account import Account, account_of


def a_pair(folder: str, compose: str, drawer: type[Drawer] = Drawer) -> Pair:
    theatres = []
    for kept in (True, False):
        runtime = Path(folder, str(kept))
        runtime.mkdir()
        theatres.append(Theatre(runtime, compose, cadence=kept, drawer=drawer))
    return Pair(*theatres)


def act(pair: Pair, action: Action) -> None:
    def play(theatre: Theatre) -> None:
        if theatre.drawer.surface.dead or theatre.drawer.client.closed:
            nothing(theatre, theatre.drawer)
        else:
            action(theatre, theatre.drawer)

    pair.act(play)


def plays(
    drawer: type[Drawer], actions: list[Action]
) -> st.SearchStrategy[tuple[type[Drawer], list[tuple[int, Action]]]]:
    """Draw who acts, and before each of its actions, how many ordinary frames it draws."""
    steps = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(actions)), min_size=1, max_size=6)
    return st.tuples(st.just(drawer), steps)


@given(
    compose=st.sampled_from(["on-demand", "always"]),
    drawer_and_actions=st.one_of(plays(Drawer, ACTIONS), plays(Spender, ACTIONS + SPENDING)),
)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@example("on-demand", (Drawer, [(4, action) for action in ACTIONS]))
@example(
    "always", (Drawer, [(4, action) for action in ACTIONS if action not in (other_size, no_buffer, end)])
)
@example("on-demand", (Spender, [(4, action) for action in SPENDING]))
@example("always", (Spender, [(1, child), (5, same_buffer)]))
def test_what_clients_are_told_does_not_depend_on_when_they_are_read(
    compose: str, drawer_and_actions: tuple[type[Drawer], list[tuple[int, Action]]]
) -> None:
    drawer, actions = drawer_and_actions
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(cadence, "STEPS", 2),
        mock.patch.object(cadence, "_PAUSE", 0),
        mock.patch.object(cadence, "_LATE_PAUSE", 0),
    ):
        pair = a_pair(folder, compose, drawer)
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


@pytest.mark.parametrize("compose", ["on-demand", "always"])
@pytest.mark.parametrize(
    "action", [*SPENDING, *ACTIONS], ids=lambda action: action.__name__.strip("_").replace("spend_", "")
)
def test_each_departure_of_who_brings_new_memory_with_every_frame(
    tmp_path: Path, compose: str, action: Action
) -> None:
    pair = a_pair(str(tmp_path), compose, Spender)
    try:
        for _ in range(cadence.STEPS + 6):
            act(pair, draw)
        assert pair.tested.cadence.passed >= 3, "no frame went the express way"
        for one in (action, draw, draw, action, draw, draw):
            act(pair, one)
        pair.compare_pictures()
    finally:
        pair.close()


@contextlib.contextmanager
def spenders(folder: Path) -> Iterator[Pair]:
    """Have two play whose frames with new memory go the express way, in one of them."""
    pair = a_pair(str(folder), "on-demand", Spender)
    try:
        for _ in range(cadence.STEPS + 6):
            act(pair, draw)
        passed = pair.tested.cadence.passed
        act(pair, draw)
        assert passed + 1 == pair.tested.cadence.passed
        yield pair
    finally:
        pair.close()


def test_a_picture_stays_when_its_buffer_goes(tmp_path: Path) -> None:
    with spenders(tmp_path) as pair:
        # Without a commit statistics differ: a frame is made of nothing.
        for theatre in pair.theatres:
            assert isinstance(theatre.drawer, Spender)
            for buffer in theatre.drawer.spent:
                buffer.proxy.destroy()
            theatre.tick()
        pair.compare_pictures()


def spoil_a_frame(folder: Path, spoil: Callable[[list[bytes]], None]) -> None:
    """Have a word changed in a frame that brings new memory, and compare what is sent then and after it."""

    def spoilt(theatre: Theatre, drawer: Artist) -> None:
        client = drawer.client
        drawer.draw()
        assert 128 == len(client._out)
        words = [client._out[start : start + 4] for start in range(0, 128, 4)]
        spoil(words)
        client._out = b"".join(words)

    with spenders(folder) as pair:
        # Without a commit, or with damage that lies outside, statistics differ: a frame is made of nothing.
        # An id that is used twice is one too many for the client's own list.
        for action in (spoilt, draw, draw):
            for theatre in pair.theatres:
                with contextlib.suppress(KeyError):
                    if not theatre.drawer.client.closed:
                        action(theatre, theatre.drawer)
                    theatre.tick()
        tested, plain = (theatre.drawer.client for theatre in pair.theatres)
        assert (plain.received_bytes, plain.error) == (tested.received_bytes, tested.error)
        pair.compare_pictures()


@pytest.mark.parametrize("value", [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF], ids=hex)
@pytest.mark.parametrize("index", range(32))
def test_each_word_of_a_frame_with_new_memory_is_looked_at(tmp_path: Path, index: int, value: int) -> None:
    def spoil(words: list[bytes]) -> None:
        words[index] = word(value)

    spoil_a_frame(tmp_path, spoil)


GONE, POOL, BUFFER, CALLBACK = (0,), (4, 6, 14), (8, 18), (29,)
"""Words of such a frame that are ids: of what is destroyed, and of what is made."""
SHM, SURFACE = (2,), (16,)
"""Of what lives on."""


@pytest.mark.parametrize(
    "other",
    [GONE, POOL, BUFFER, CALLBACK, SHM, SURFACE],
    ids=["gone", "pool", "buffer", "callback", "shm", "surface"],
)
@pytest.mark.parametrize("one", [GONE, POOL, BUFFER, CALLBACK], ids=["gone", "pool", "buffer", "callback"])
def test_ids_that_are_used_twice_are_found_out(
    tmp_path: Path, one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    def spoil(words: list[bytes]) -> None:
        for place in one:
            words[place] = words[other[0]]

    spoil_a_frame(tmp_path, spoil)


@pytest.mark.parametrize("value", [0, 5000, 0xFF00_0000], ids=hex)
@pytest.mark.parametrize("made", [POOL, BUFFER, CALLBACK], ids=["pool", "buffer", "callback"])
def test_ids_that_cannot_be_are_found_out(tmp_path: Path, made: tuple[int, ...], value: int) -> None:
    def spoil(words: list[bytes]) -> None:
        for place in made:
            words[place] = word(value)

    spoil_a_frame(tmp_path, spoil)


LEAST: dict[str, Callable[[Account, Spender], int]] = {
    "pools": lambda account, drawer: len(account.pools),
    "pool_bytes": lambda account, drawer: drawer.buffers[0].memory.size,
    "pool_bytes_total": lambda account, drawer: account.pool_bytes,
    "pool_bytes_in_all": lambda account, drawer: account.totals.pool_bytes,
    "buffer_side_px": lambda account, drawer: max(drawer.buffers[0].width, drawer.buffers[0].height),
    "mappings": lambda account, drawer: account.mappings + 1,
    "mappings_in_all": lambda account, drawer: account.totals.mappings + 1,
}
"""What limits must be at least for a frame like the last."""


def change_the_settings(folder: Path, change: Callable[[Theatre], None]) -> tuple[bool, str | None]:
    """Have settings change between frames with new memory; return whether the next went on, and the error."""
    with spenders(folder) as pair:
        for theatre in pair.theatres:
            change(theatre)
        passed = pair.tested.cadence.passed
        act(pair, draw)
        error = pair.tested.drawer.client.error
        return pair.tested.cadence.passed == passed + 1, None if error is None else str(error)


@pytest.mark.parametrize("less", [0, 1], ids=["least", "less"])
@pytest.mark.parametrize("name", LEAST)
def test_limits_that_are_read_again_hold_for_whoever_is_in_step(tmp_path: Path, name: str, less: int) -> None:
    def change(theatre: Theatre) -> None:
        assert isinstance(theatre.drawer, Spender)
        least = LEAST[name](account_of(theatre.drawer.served), theatre.drawer)
        setattr(theatre.stage.server.options.limits, name, least - less)

    passed, error = change_the_settings(tmp_path, change)
    assert (not less, not less) == (passed, error is None), error


def test_seals_that_are_required_from_now_on_are_asked_of_whoever_is_in_step(tmp_path: Path) -> None:
    def change(theatre: Theatre) -> None:
        theatre.stage.desktop.seal_policy = SealPolicy.REQUIRE

    passed, error = change_the_settings(tmp_path, change)
    assert not passed
    assert error is not None
    assert "not sealed against shrinking" in error
