"""Whether a client is read when it commits or when its frame is due, it is told the same.

Two compositors get the same bytes at the same times. One reads at once; the other knows the client's
rhythm, and makes frames that are like the last one in one go. After every frame all that the client was told
so far must be equal, byte for byte, and so must what the compositors believe and show.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.cadence import Drawer, Theatre
from support.pixels import Buffer, Memory

from compositor import cadence

Action = Callable[[Theatre, Drawer], object]


def _draw(theatre: Theatre, drawer: Drawer) -> None:
    drawer.draw()


def _nothing(theatre: Theatre, drawer: Drawer) -> None:
    pass


def _twice(theatre: Theatre, drawer: Drawer) -> None:
    drawer.draw()
    drawer.draw()


def _ask(theatre: Theatre, drawer: Drawer) -> None:
    drawer.draw()
    drawer.client.display.sync()


def _commit(
    drawer: Drawer, buffer: Any, *, x: int = 0, damage: str = "damage_buffer", frame: bool = True
) -> None:
    surface = drawer.surface
    surface.attach(buffer, x, 0)
    if damage:
        getattr(surface, damage)(0, 0, 50, 50)
    if frame:
        surface.frame()
    surface.commit()


def _same_buffer(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, drawer.buffers[drawer.count % 3])


def _other_size(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, Buffer(drawer.client, 50, 40))


def _other_format(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, Buffer(drawer.client, drawer.buffers[0].width, drawer.buffers[0].height, format=0))


def _unsealable(theatre: Theatre, drawer: Drawer) -> None:
    width, height = drawer.buffers[0].width, drawer.buffers[0].height
    _commit(drawer, Buffer(drawer.client, width, height, seals=0x1, flags=0x2))


def _no_buffer(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, None)


def _no_such_buffer(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, 5000)


def _not_a_buffer(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, drawer.surface)


def _gone_buffer(theatre: Theatre, drawer: Drawer) -> None:
    buffer = Buffer(drawer.client, drawer.buffers[0].width, drawer.buffers[0].height)
    _commit(drawer, buffer)
    buffer.proxy.destroy()


def _taken_id(theatre: Theatre, drawer: Drawer) -> None:
    buffer = drawer.buffers[drawer.count % 3]
    surface = drawer.surface
    surface.attach(buffer, 0, 0)
    surface.damage_buffer(0, 0, 1, 1)
    drawer.client.request(surface, surface.table.requests["frame"], (), oid=surface.id)
    surface.commit()


def _offset(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, drawer.buffers[0], x=1)


def _old_damage(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, drawer.buffers[0], damage="damage")


def _no_damage(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, drawer.buffers[1], damage="")


def _no_callback(theatre: Theatre, drawer: Drawer) -> None:
    _commit(drawer, drawer.buffers[2], frame=False)


def _only_callback(theatre: Theatre, drawer: Drawer) -> None:
    drawer.surface.frame()
    drawer.surface.commit()


def _pending(theatre: Theatre, drawer: Drawer) -> None:
    drawer.draw()
    drawer.surface.damage(0, 0, 5, 5)


def _scale(theatre: Theatre, drawer: Drawer) -> None:
    drawer.surface.set_buffer_scale(1 + drawer.count % 2)
    drawer.draw()


def _regions(theatre: Theatre, drawer: Drawer) -> None:
    region = drawer.client.get("wl_compositor").create_region()
    region.add(0, 0, 10, 10)
    drawer.surface.set_input_region(region)
    drawer.draw()


def _child(theatre: Theatre, drawer: Drawer) -> None:
    child = drawer.client.get("wl_compositor").create_surface()
    role = drawer.client.get("wl_subcompositor").get_subsurface(child, drawer.surface)
    role.set_desync()
    child.attach(Buffer(drawer.client, 20, 20), 0, 0)
    child.commit()
    drawer.draw()
    theatre.extra += [child, role]


def _child_ends(theatre: Theatre, drawer: Drawer) -> None:
    for proxy in reversed(theatre.extra):
        proxy.destroy()
    theatre.extra.clear()
    drawer.draw()


def _feedback(theatre: Theatre, drawer: Drawer) -> None:
    drawer.client.get("wp_presentation").feedback(drawer.surface)
    drawer.draw()


def _memory(theatre: Theatre, drawer: Drawer) -> None:
    memory = Memory(4096)
    drawer.client.keep.append(memory)
    drawer.client.get("wl_shm").create_pool(memory.fd, 4096)
    drawer.draw()


def _leave(theatre: Theatre, drawer: Drawer) -> None:
    drawer.window.toplevel.unset_fullscreen()
    drawer.draw()


def _end(theatre: Theatre, drawer: Drawer) -> None:
    drawer.draw()
    drawer.window.destroy()


# What happens on the compositor's side, before the client sends anything.


def _pointer(theatre: Theatre, drawer: Drawer) -> None:
    theatre.stage.desktop.seat.pointer.move_to(10 + drawer.count % 7, 20)
    theatre.work()
    drawer.draw()


def _capture(theatre: Theatre, drawer: Drawer) -> None:
    theatre.stage.server.backend.screens[theatre.stage.output].capture()
    drawer.draw()


def _power(theatre: Theatre, drawer: Drawer) -> None:
    theatre.stage.output.set_powered(not theatre.stage.output.powered)
    drawer.draw()


def _mode(theatre: Theatre, drawer: Drawer) -> None:
    theatre.stage.output.configure(width=320 + drawer.count % 3)
    theatre.work()
    drawer.draw()


def _look(theatre: Theatre, drawer: Drawer) -> None:
    theatre.stage.server.hear_everybody()
    drawer.draw()


def _other_client(theatre: Theatre, drawer: Drawer) -> None:
    if not theatre.others:
        theatre.others.append(Drawer(theatre.stage, fullscreen=False))
    theatre.others[0].draw()
    drawer.draw()


ACTIONS: list[Action] = [
    _draw,
    _nothing,
    _twice,
    _ask,
    _same_buffer,
    _other_size,
    _other_format,
    _unsealable,
    _no_buffer,
    _no_such_buffer,
    _not_a_buffer,
    _gone_buffer,
    _taken_id,
    _offset,
    _old_damage,
    _no_damage,
    _no_callback,
    _only_callback,
    _pending,
    _scale,
    _regions,
    _child,
    _child_ends,
    _feedback,
    _memory,
    _leave,
    _end,
    _pointer,
    _capture,
    _power,
    _mode,
    _look,
    _other_client,
]


class Pair:
    """The same play in two theatres."""

    def __init__(self, folder: str, compose: str) -> None:
        self.theatres = []
        for cadence_kept in (True, False):
            runtime = Path(folder, str(cadence_kept))
            runtime.mkdir()
            self.theatres.append(Theatre(runtime, cadence_kept, compose))

    def act(self, action: Action) -> None:
        for theatre in self.theatres:
            if theatre.drawer.surface.dead or theatre.drawer.client.closed:
                _nothing(theatre, theatre.drawer)
            else:
                action(theatre, theatre.drawer)
            theatre.tick()
        self.check()

    def check(self) -> None:
        kept, plain = self.theatres
        for one, other in zip(kept.stage.clients, plain.stage.clients, strict=True):
            assert other.events == one.events
            assert other.received_bytes == one.received_bytes
            assert other.error == one.error
        assert plain.stage.errors == kept.stage.errors
        assert self._state(plain) == self._state(kept)
        # It looks at the scene, which may bring it up to date: at both or at none.
        kept.stage.check()
        plain.stage.check()

    @staticmethod
    def _state(theatre: Theatre) -> Any:
        server = theatre.stage.server
        states: list[Any] = [[c.messages for c in server.display.clients]]
        for output in theatre.stage.desktop.outputs:
            screen = server.backend.screens[output]
            states.append((output.name, output.frames, screen.deferred, screen.scanned_out, screen.drawn))
        for client in server.display.clients:
            for resource in client.resources():
                if resource.NAME == "wl_buffer":
                    states.append((resource.oid, resource.buffer.locks))  # type: ignore[attr-defined]
                elif resource.NAME == "wl_surface":
                    surface = resource.surface  # type: ignore[attr-defined]
                    states.append((resource.oid, surface.width, surface.height, len(surface.callbacks)))
        return states

    def compare_pictures(self) -> None:
        one, other = (t.stage.server.backend.screens[t.stage.output].capture() for t in self.theatres)
        assert np.array_equal(one, other)

    def close(self) -> None:
        for theatre in self.theatres:
            theatre.close()


@given(
    compose=st.sampled_from(["on-demand", "always"]),
    actions=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(ACTIONS)), min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@example("on-demand", [(4, action) for action in ACTIONS])
@example("always", [(4, action) for action in ACTIONS if action not in (_other_size, _no_buffer, _end)])
def test_what_clients_are_told_does_not_depend_on_when_they_are_read(
    compose: str, actions: list[tuple[int, Action]]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(cadence, "STEPS", 2),
        mock.patch.object(cadence, "_PAUSE", 0),
    ):
        pair = Pair(folder, compose)
        try:
            for count, action in [*actions, (4, _draw)]:
                for _ in range(count):
                    pair.act(_draw)
                pair.act(action)
            pair.compare_pictures()
        finally:
            pair.close()


@pytest.mark.parametrize("compose", ["on-demand", "always"])
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__.strip("_"))
def test_each_departure_from_the_rhythm_is_told_as_it_would_be_without(
    tmp_path: Path, compose: str, action: Action
) -> None:
    pair = Pair(str(tmp_path), compose)
    try:
        for _ in range(cadence.STEPS + 3):
            pair.act(_draw)
        assert pair.theatres[0].cadence.passed, "no frame went the express way"
        for act in (action, _draw, action, _draw, _draw):
            pair.act(act)
        pair.compare_pictures()
    finally:
        pair.close()
