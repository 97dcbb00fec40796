"""Whether ordinary frames are taken many at a time or one by one, clients are told the same.

Two compositors get the same bytes at the same times, of a client that draws a window and several surfaces
in it, one of which does something else now and then.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import wire
from support.client import Proxy
from support.departures import ACTIONS, Action, draw
from support.theatre import Artist, Child, Pair, Theatre

from compositor.model.output import Output
from compositor.protocol import frame_rows
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Client
from compositor.wire.interface import Rows, make_lazy
from compositor.words import ROW

_PLACES = ((4, 4), (40, 4), (30, 10), (-8, 30), (85, 70))


def far_damage(theatre: Theatre, artist: Artist) -> None:
    _frame(artist, (500, 500, 10, 10))


def some_damage(theatre: Theatre, artist: Artist) -> None:
    _frame(artist, (-3, 5, 20, 6))


def empty_damage(theatre: Theatre, artist: Artist) -> None:
    _frame(artist, (0, 0, 0, 5))


def negative_damage(theatre: Theatre, artist: Artist) -> None:
    _frame(artist, (0, 0, 5, -5))


def _frame(artist: Artist, damage: tuple[int, int, int, int]) -> None:
    artist.surface.attach(artist.buffers[1], 0, 0)
    artist.surface.damage_buffer(*damage)
    artist.surface.frame()
    artist.surface.commit()


def damage_elsewhere(theatre: Theatre, artist: Artist) -> None:
    _mixed(artist, damage=theatre.drawer.surface)


def frame_elsewhere(theatre: Theatre, artist: Artist) -> None:
    _mixed(artist, frame=theatre.drawer.surface)


def commit_elsewhere(theatre: Theatre, artist: Artist) -> None:
    _mixed(artist, commit=theatre.drawer.surface)


def _mixed(
    artist: Artist, damage: Proxy | None = None, frame: Proxy | None = None, commit: Proxy | None = None
) -> None:
    artist.surface.attach(artist.buffers[2], 0, 0)
    (damage or artist.surface).damage_buffer(0, 0, 5, 5)
    (frame or artist.surface).frame()
    (commit or artist.surface).commit()


def wrong(number: int) -> Action:
    """Return an ordinary frame with a request that does not exist, in the place of one that does."""

    def action(theatre: Theatre, artist: Artist) -> None:
        opcodes = [1, 9, 3, 6]
        opcodes[number] = 77
        client, oid = artist.client, artist.surface.id
        word = wire.word
        client.send(wire.message(oid, opcodes[0], word(artist.buffers[2].proxy.id), word(0), word(0)))
        client.send(wire.message(oid, opcodes[1], word(0), word(0), word(9), word(9)))
        client.send(wire.message(oid, opcodes[2], word(client.new_id())))
        client.send(wire.message(oid, opcodes[3]))

    action.__name__ = f"wrong_{number}"
    return action


def synchronized(theatre: Theatre, artist: Artist) -> None:
    if isinstance(artist, Child):
        artist.role.set_sync()
    artist.draw()


def desynchronized(theatre: Theatre, artist: Artist) -> None:
    if isinstance(artist, Child):
        artist.role.set_desync()
    artist.draw()


def viewport(theatre: Theatre, artist: Artist) -> None:
    if artist.view is None:
        artist.view = artist.client.get("wp_viewporter").get_viewport(artist.surface)
    artist.view.set_source(1, 1, 10, 10)
    artist.view.set_destination(20, 20)
    artist.draw()


def no_viewport(theatre: Theatre, artist: Artist) -> None:
    if artist.view is not None:
        artist.view.destroy()
        artist.view = None
    artist.draw()


def turned(theatre: Theatre, artist: Artist) -> None:
    artist.surface.set_buffer_transform(2)
    artist.draw()


def orphaned(theatre: Theatre, artist: Artist) -> None:
    if isinstance(artist, Child) and not artist.role.dead:
        artist.role.destroy()
    artist.draw()


def waits(theatre: Theatre, artist: Artist) -> None:
    fifo = artist.client.get("wp_fifo_manager_v1").get_fifo(artist.surface)
    fifo.set_barrier()
    artist.draw()
    fifo.wait_barrier()
    artist.draw()
    fifo.destroy()
    # An ordinary frame behind one that waits.
    artist.draw()


def scaled_output(theatre: Theatre, artist: Artist) -> None:
    theatre.stage.output.configure(scale=1.5 if theatre.stage.output.scale == 1 else 1)
    theatre.work()
    artist.draw()


def second_output(theatre: Theatre, artist: Artist) -> None:
    number = len(theatre.stage.desktop.outputs)
    theatre.stage.server.backend.add_output(Output(f"MORE-{number}", 320, 240, x=50), place=False)
    theatre.work()
    artist.draw()


OWN: list[Action] = [
    far_damage,
    some_damage,
    empty_damage,
    negative_damage,
    damage_elsewhere,
    frame_elsewhere,
    commit_elsewhere,
    wrong(0),
    wrong(1),
    wrong(2),
    wrong(3),
    synchronized,
    desynchronized,
    viewport,
    no_viewport,
    turned,
    orphaned,
    waits,
    scaled_output,
    second_output,
]
ALL = [*ACTIONS, *OWN]


@contextmanager
def a_pair(compose: str) -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder:
        theatres = []
        for rows in (True, False):
            runtime = Path(folder, str(rows))
            runtime.mkdir()
            theatre = Theatre(runtime, compose, rows=rows, fullscreen=False)
            theatre.cast = [theatre.drawer, *(Child(theatre.drawer, x, y) for x, y in _PLACES)]
            theatre.cast.append(Child(theatre.cast[1], 3, 3, 8, 8))
            theatres.append(theatre)
        pair = Pair(*theatres)
        try:
            yield pair
            pair.compare_pictures()
        finally:
            pair.close()


def act(pair: Pair, departures: Sequence[tuple[int, Action]] = ()) -> None:
    """Everybody draws a frame, but for those who do something else."""
    chosen = dict(departures)

    def play(theatre: Theatre) -> None:
        for number, artist in enumerate(theatre.cast):
            if not artist.surface.dead and not artist.client.closed:
                chosen.get(number, draw)(theatre, artist)

    pair.act(play)


@given(
    compose=st.sampled_from(["on-demand", "always"]),
    script=st.lists(
        st.lists(st.tuples(st.integers(0, len(_PLACES) + 1), st.sampled_from(ALL)), max_size=3),
        min_size=1,
        max_size=6,
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_clients_are_told_does_not_depend_on_how_many_frames_are_taken_at_once(
    compose: str, script: list[list[tuple[int, Action]]]
) -> None:
    with a_pair(compose) as pair:
        act(pair)
        for departures in script:
            act(pair, departures)
            act(pair)


@pytest.mark.parametrize("who", [0, 3], ids=["window", "child"])
@pytest.mark.parametrize("action", ALL, ids=lambda action: action.__name__)
def test_each_departure_is_told_as_it_would_be_one_by_one(action: Action, who: int) -> None:
    with a_pair("always") as pair:
        act(pair)
        for departures in ([(who, action)], [], [(who, action), (4, action)], [], []):
            act(pair, departures)


def test_whoever_listens_to_commits_hears_of_each() -> None:
    with a_pair("always") as pair:
        act(pair)
        told: list[list[object]] = []
        for theatre in pair.theatres:
            told.append([])
            child = theatre.cast[3].surface.id
            surface = theatre.drawer.served.objects[child].surface  # type: ignore[union-attr]
            surface.watch_commits(told[-1].append)
        act(pair)
        act(pair)
    assert [2, 2] == [len(commits) for commits in told]


def test_most_frames_are_taken_many_at_a_time() -> None:
    taken: list[int] = []

    def take(client: Client, data: memoryview, position: int, real: Rows = frame_rows.take_rows) -> int:
        size = real(client, data, position)
        taken.append(size // ROW.size)
        return size

    with a_pair("always") as pair, mock.patch.object(frame_rows, "take_rows", take):
        make_lazy(WlSurface)
        act(pair)
        taken.clear()
        act(pair)
    make_lazy(WlSurface)
    # The window and the parent have children, the child of the child has to ask: these go the other way.
    assert [4] == [count for count in taken if count]
