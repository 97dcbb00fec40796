"""What the newest window shows, as numbers to compare."""

from __future__ import annotations

from support.stage import Stage


def corner(server: Stage) -> tuple[int, int]:
    """Return the output position of the newest window's top-left pixel."""
    return server.window.x, server.window.y


def shown(server: Stage, width: int, height: int) -> list[list[int]]:
    """Return the pixels of the newest window without their top byte."""
    x, y = corner(server)
    return [[int(v) & 0xFFFFFF for v in row] for row in server.capture()[y : y + height, x : x + width]]
