"""Two compositors that are told the same, of which one reads clients when their frames are due."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compositor.cadence import Cadence
from compositor.wire import Client as Served
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

PERIOD_NS = 1_000_000_000 // 60


class Drawer:
    """A client with a fullscreen window and three buffers, and the requests that it makes of a frame."""

    def __init__(self, stage: Stage, fullscreen: bool = True) -> None:
        self.client: Client = stage.connect()
        self.client.bind("wl_seat", 5).get_pointer()
        self.window = Toplevel(self.client)
        if fullscreen:
            self.window.toplevel.set_fullscreen(None)
        self.window.start()
        width, height = (stage.output.width, stage.output.height) if fullscreen else (100, 80)
        self.buffers = [Buffer(self.client, width, height, 0xFF000000 + i) for i in range(3)]
        self.window.attach(self.buffers[0])
        self.client.roundtrip()
        self.count = 0
        self.served: Served = stage.server.display.clients[-1]

    @property
    def surface(self) -> Proxy:
        return self.window.surface

    def draw(self) -> None:
        """Queue the requests of an ordinary frame."""
        self.count += 1
        buffer = self.buffers[self.count % len(self.buffers)]
        self.surface.attach(buffer, 0, 0)
        self.surface.damage_buffer(0, 0, buffer.width, buffer.height)
        self.surface.frame()
        self.surface.commit()


class Theatre:
    """A stage whose time passes within the turns of its loop, as it does outside of tests."""

    def __init__(self, runtime: Path, cadence: bool, compose: str) -> None:
        self.stage = Stage(runtime, compose=compose)
        if cadence:
            self.stage.server.keep_cadence()
        self.drawer = Drawer(self.stage)
        self.others: list[Drawer] = []
        self.extra: list[Any] = []

    @property
    def cadence(self) -> Cadence:
        return self.stage.server.cadence

    def work(self) -> None:
        """Let the compositor do what it can, without waiting for clients that it does not listen to."""
        self.stage.server.loop.run_until_idle()

    def tick(self) -> None:
        """Send what is queued, and let one frame pass."""
        stage, server = self.stage, self.stage.server
        for client in stage.clients:
            client.flush()
        self.work()
        stage.clock.set_ns(stage.clock.now_ns() + PERIOD_NS)
        now = stage.clock.now_ns()
        server.loop.timers.call_at(0, lambda: stage.desktop.timers.run_due(now))
        server.loop.turn(block=False)
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
