"""Two compositors that are told the same in different ways, and all that comes of it is compared.

One of them may read clients when their frames are due (`compositor.cadence`), or take ordinary frames one
by one (`compositor.protocol.frame_rows`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from compositor.cadence import Cadence
from compositor.protocol import frame_rows
from compositor.protocol.shm_account import account_of
from compositor.wire import Client as Served
from support.client import Client, Proxy
from support.pixels import Buffer, is_unsealable
from support.stage import Stage
from support.windows import Toplevel

PERIOD_NS = 1_000_000_000 // 60


class Artist:
    """Who draws frames of one surface.

    Attributes:
        window: the one that the surface is or is in.
        buffers: three of the surface's size.
        view: its viewport, once it has one.
    """

    client: Client
    window: Toplevel
    surface: Proxy
    buffers: list[Buffer]

    def __init__(self) -> None:
        self.count = 0
        self.view: Proxy | None = None

    def draw(self) -> None:
        """Queue the requests of an ordinary frame."""
        self.count += 1
        buffer = self.buffers[self.count % len(self.buffers)]
        self.surface.attach(buffer, 0, 0)
        self.surface.damage_buffer(0, 0, buffer.width, buffer.height)
        self.surface.frame()
        self.surface.commit()


class Drawer(Artist):
    """A client with a fullscreen window."""

    def __init__(self, stage: Stage, fullscreen: bool = True) -> None:
        super().__init__()
        self.client = stage.connect()
        self.client.bind("wl_seat", 5).get_pointer()
        self.window = Toplevel(self.client)
        if fullscreen:
            self.window.toplevel.set_fullscreen(None)
        self.window.start()
        self.surface = self.window.surface
        width, height = (stage.output.width, stage.output.height) if fullscreen else (100, 80)
        self.buffers = [Buffer(self.client, width, height, 0xFF000000 + i) for i in range(3)]
        self.window.attach(self.buffers[0])
        self.client.roundtrip()
        self.served: Served = stage.server.display.clients[-1]


class Spender(Drawer):
    """Draws each frame into a new file that takes no seals, as GTK 3 does, and destroys what it gets back.

    Attributes:
        spent: the buffers that there are.
    """

    def __init__(self, stage: Stage, fullscreen: bool = True) -> None:
        super().__init__(stage, fullscreen)
        self.spent: list[Buffer] = []

    def draw(self) -> None:
        self.count += 1
        self.destroy_spent()
        self.show(self.buffer())

    def destroy_spent(self) -> None:
        """Destroy the buffers that came back."""
        for buffer in [spent for spent in self.spent if spent.releases]:
            buffer.proxy.destroy()
            self.spent.remove(buffer)

    def buffer(self, **changes: Any) -> Buffer:
        """Return a new buffer of the surface's size, unless `changes` says otherwise."""
        size = {"width": self.buffers[0].width, "height": self.buffers[0].height}
        color = 0xFF202020 + 16 * (self.count % 5)
        options = {**size, "color": color, **is_unsealable(), "flush": False, **changes}
        made = Buffer(self.client, **options)
        self.spent.append(made)
        return made

    def show(self, buffer: Buffer, x: int = 0) -> None:
        """Queue the requests of a frame."""
        self.surface.attach(buffer, x, 0)
        self.surface.damage_buffer(0, 0, buffer.width, buffer.height)
        self.surface.frame()
        self.surface.commit()


class Child(Artist):
    """A desynchronized subsurface in the window of another."""

    def __init__(self, parent: Artist, x: int, y: int, width: int = 24, height: int = 16) -> None:
        super().__init__()
        self.client = parent.client
        self.window = parent.window
        self.surface = self.client.get("wl_compositor").create_surface()
        self.role: Proxy = self.client.get("wl_subcompositor").get_subsurface(self.surface, parent.surface)
        self.role.set_desync()
        self.role.set_position(x, y)
        parent.surface.commit()
        self.buffers = [Buffer(self.client, width, height, 0xFF404040 + 16 * i) for i in range(3)]
        self.surface.attach(self.buffers[0], 0, 0)
        self.surface.commit()
        self.client.roundtrip()


class Theatre:
    """A stage whose time passes within the turns of its loop, as it does outside of tests.

    Args:
        cadence: whether clients are read when their frames are due.
        rows: whether ordinary frames are taken many at a time.
        fullscreen: of the first client's window.
        drawer: what the first client is.
    """

    def __init__(
        self,
        runtime: Path,
        compose: str,
        *,
        cadence: bool = False,
        rows: bool = True,
        fullscreen: bool = True,
        drawer: type[Drawer] = Drawer,
    ) -> None:
        self.stage = Stage(runtime, compose=compose)
        if cadence:
            self.stage.server.keep_cadence()
        self._rows = 16 if rows else 0
        self.drawer = drawer(self.stage, fullscreen)
        self.others: list[Drawer] = []
        self.extra: list[Any] = []
        self.old: Proxy | None = None
        self.still: tuple[Proxy, Proxy, Buffer] | None = None
        self.cast: list[Artist] = [self.drawer]

    @property
    def cadence(self) -> Cadence:
        return self.stage.server.cadence

    def other(self) -> Drawer:
        """Return a second client, with a window that is not fullscreen."""
        if not self.others:
            self.others.append(Drawer(self.stage, fullscreen=False))
        return self.others[0]

    def work(self) -> None:
        """Let the compositor do what it can, without waiting for clients that it does not listen to."""
        with mock.patch.object(frame_rows, "_MOST", self._rows):
            self.stage.server.loop.run_until_idle()

    def tick(self) -> None:
        """Send what is queued, and let one frame pass."""
        stage = self.stage
        for client in stage.clients:
            client.flush()
        self.work()
        stage.clock.set_ns(stage.clock.now_ns() + PERIOD_NS)
        with mock.patch.object(frame_rows, "_MOST", self._rows):
            stage.fall_due()
        self.work()
        for client in stage.clients:
            while client.receive():
                pass

    def frames(self, count: int) -> None:
        """Let the drawer draw ordinary frames."""
        for _ in range(count):
            self.drawer.draw()
            self.tick()

    def close(self) -> None:
        if self.drawer.served in self.cadence.kept:
            self.cadence.hear_everybody()
        self.stage.close()


class Pair:
    """The same play in two theatres, the one to be tested and one that does everything the plain way."""

    def __init__(self, tested: Theatre, plain: Theatre) -> None:
        self.tested, self.plain = self.theatres = tested, plain

    def act(self, play: Callable[[Theatre], object]) -> None:
        """Play something in both, let a frame pass, and compare."""
        for theatre in self.theatres:
            play(theatre)
            theatre.tick()
        self.check()

    def check(self) -> None:
        """Compare all that clients were told so far, byte for byte, and what the compositors believe."""
        tested, plain = self.theatres
        for one, other in zip(tested.stage.clients, plain.stage.clients, strict=True):
            assert other.events == one.events
            assert other.received_bytes == one.received_bytes
            assert other.error == one.error
        assert plain.stage.errors == tested.stage.errors
        assert self._state(plain) == self._state(tested)
        # It looks at the scene, which may bring it up to date: at both or at none.
        tested.stage.check()
        plain.stage.check()

    @staticmethod
    def _state(theatre: Theatre) -> Any:
        server = theatre.stage.server
        states: list[Any] = [[c.messages for c in server.display.clients]]
        for output in theatre.stage.desktop.outputs:
            screen = server.backend.screens[output]
            states.append((output.name, output.frames, screen.deferred, screen.scanned_out, screen.drawn))
        states += [(window.geometry, window.x, window.y) for window in theatre.stage.desktop.windows]
        for client in server.display.clients:
            account = account_of(client)
            states.append((len(account.pools), account.pool_bytes, account.copied_bytes, account.verdicts))
            for shared in account.pools:
                pool = shared.pool
                states.append((shared.id, shared.buffers, shared.resource_alive, pool.closed, pool.growths))
                states.append((pool.size, pool.file_size, pool.seals, pool.verdict, pool.policy))
            for resource in client.resources():
                if resource.NAME == "wl_buffer":
                    states.append(Pair._buffer_state(resource))
                elif resource.NAME == "wl_surface":
                    surface = resource.surface  # type: ignore[attr-defined]
                    states.append((resource.oid, surface.width, surface.height, len(surface.callbacks)))
                    states.append((surface.pending.fields, surface.pending.damage_buffer))
        return states

    @staticmethod
    def _buffer_state(resource: Any) -> Any:
        buffer, shared = resource.buffer, resource.shared
        assert buffer.resource is resource
        number = None if shared is None else shared.id
        return resource.oid, resource.version, number, buffer.locks, buffer.width, buffer.height

    def compare_pictures(self) -> None:
        one, other = (t.stage.server.backend.screens[t.stage.output].capture() for t in self.theatres)
        assert np.array_equal(one, other)

    def close(self) -> None:
        for theatre in self.theatres:
            theatre.close()
