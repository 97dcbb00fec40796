"""Subsurfaces as a client makes them, and what the output shows of them."""

from __future__ import annotations

from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage


class Child:
    """A subsurface: its surface, its role object, its buffer."""

    def __init__(self, client: Client, parent: Proxy) -> None:
        self.client = client
        self.surface: Proxy = client.get("wl_compositor").create_surface()
        self.role: Proxy = client.get("wl_subcompositor").get_subsurface(self.surface, parent)
        self.buffer: Buffer | None = None

    def attach(self, color: int, width: int = 10, height: int = 10) -> Child:
        self.buffer = Buffer(self.client, width, height, color)
        self.surface.attach(self.buffer, 0, 0)
        self.surface.damage(0, 0, width, height)
        return self

    def show(self, color: int, width: int = 10, height: int = 10) -> Child:
        self.attach(color, width, height)
        self.surface.commit()
        return self


def at(server: Stage, x: int, y: int) -> int:
    """Return the pixel at a point of the newest window's surface."""
    return server.pixel(server.window.x + x, server.window.y + y)


def placed(server: Stage) -> Stage:
    """Have the window where the output shows all around it."""
    server.window.move_to(60, 60)
    return server
