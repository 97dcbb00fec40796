"""Clients that draw with every frame, as honest ones do, and then do something else.

Who keeps the step is read when the frame is due, and frames that are like the last one are made in one go.
"""

from __future__ import annotations

import itertools

from hostile.attacks.floods import pour
from hostile.registry import HUNG_UP, Enemy, attack
from support import wire
from support.client import Client, ConnectionLost, Proxy
from support.pixels import Buffer
from support.windows import Toplevel

FRAMES = 40
"""More than it takes to be trusted."""
WIDTH, HEIGHT = 64, 48


class Dancer:
    """A client in step.

    Attributes:
        surface: of its window.
        buffers: two, in turn.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self._window = Toplevel(client).start()
        self.surface: Proxy = self._window.surface
        self.buffers = [Buffer(client, WIDTH, HEIGHT) for _ in range(2)]
        self._turns = itertools.cycle(self.buffers)
        for _ in range(FRAMES):
            callback = self.frame()
            client.flush()
            while not callback.events:
                if not client.receive(wait=True):
                    raise ConnectionLost("in step, and the connection was closed")

    def frame(self, buffer: object = None) -> Proxy:
        """Queue an ordinary frame, or one with anything as its buffer; returns its callback."""
        self.surface.attach(next(self._turns) if buffer is None else buffer, 0, 0)
        self.surface.damage_buffer(0, 0, WIDTH, HEIGHT)
        callback: Proxy = self.surface.frame()
        self.surface.commit()
        return callback


@attack("a flood after frames like every other")
def flood(enemy: Enemy) -> None:
    dancer = Dancer(enemy.client)
    region = enemy.client.get("wl_compositor").create_region()
    pour(enemy.client, wire.message(region.id, 1, *map(wire.word, (1, 2, 3, 4))) * 5000)
    dancer.frame()


@attack("half a frame like every other")
def half(enemy: Enemy) -> None:
    dancer = Dancer(enemy.client)
    dancer.surface.attach(dancer.buffers[0], 0, 0)
    dancer.surface.damage_buffer(0, 0, WIDTH, HEIGHT)
    enemy.client.flush()
    enemy.connect().roundtrip()
    dancer.surface.frame()
    dancer.surface.commit()


@attack("hanging up within frames like every other", HUNG_UP)
def gone(enemy: Enemy) -> str:
    for _ in range(3):
        client = enemy.connect()
        Dancer(client).frame()
        client.flush()
        client.close()
    enemy.client.close()
    return HUNG_UP


@attack("no buffer, in a frame like every other", "wl_display.invalid_method", "wl_display.invalid_object")
def no_buffer(enemy: Enemy) -> None:
    dancer = Dancer(enemy.client)
    dancer.frame(dancer.surface)


@attack("an id in use, in a frame like every other", "wl_display.invalid_object", "wl_display.invalid_method")
def id_in_use(enemy: Enemy) -> None:
    surface = Dancer(enemy.client).surface
    surface.damage_buffer(0, 0, WIDTH, HEIGHT)
    enemy.client.request(surface, surface.table.requests["frame"], (), oid=surface.id)
    surface.commit()


@attack("a pool resized past its file, between frames like every other", "wl_shm_pool.invalid_fd")
def resized(enemy: Enemy) -> None:
    dancer = Dancer(enemy.client)
    memory = dancer.buffers[0].memory
    pool = enemy.client.get("wl_shm").create_pool(memory.fd, memory.size)
    dancer.frame()
    pool.resize(memory.size * 4)
    pool.create_buffer(memory.size * 2, WIDTH, HEIGHT, 4 * WIDTH, 1)
    dancer.frame()
