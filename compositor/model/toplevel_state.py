"""What windows and their clients agree on: states, edges, proposals, and how a proposal is told.

The values are those of the protocol. Source: xdg_toplevel.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Protocol

from compositor.geometry import Rect
from compositor.record import NamedTuple


class State(IntEnum):
    """What a window is told of itself; values of xdg_toplevel.state."""

    MAXIMIZED = 1
    FULLSCREEN = 2
    RESIZING = 3
    ACTIVATED = 4
    TILED_LEFT = 5
    TILED_RIGHT = 6
    TILED_TOP = 7
    TILED_BOTTOM = 8
    SUSPENDED = 9


class ResizeEdge(IntFlag):
    """Which edges follow the pointer; values of xdg_toplevel.resize_edge."""

    NONE = 0
    TOP = 1
    BOTTOM = 2
    LEFT = 4
    RIGHT = 8


TILED = frozenset({State.TILED_LEFT, State.TILED_RIGHT, State.TILED_TOP, State.TILED_BOTTOM})


class Proposal(NamedTuple):
    """One configure: a size of the window geometry (0: the client decides) and the states."""

    width: int
    height: int
    states: frozenset[State]
    edges: ResizeEdge = ResizeEdge.NONE


class Shell(Protocol):
    """How a window talks to its client."""

    def send_configure(self, proposal: Proposal) -> int:
        """Send a proposal and return its serial."""

    def send_close(self) -> None:
        """Ask the client to close."""

    def ask_for_life(self) -> None:
        """Ask the client for a sign of life, unless an answer is due already."""

    def end(self) -> None:
        """Disconnect the client, which does not answer."""

    def decoration_changed(self, server_side: bool) -> None:
        """Tell who draws the decoration; comes before the configure that applies it."""


def tiled_part(area: Rect, tiled: frozenset[State]) -> Rect:
    """Return the half or corner of an area, layout pixels, that tiled states name; all of it for none."""
    x, y, width, height = area
    left, right = State.TILED_LEFT in tiled, State.TILED_RIGHT in tiled
    top, bottom = State.TILED_TOP in tiled, State.TILED_BOTTOM in tiled
    half_width, half_height = width // 2, height // 2
    if right and not left:
        x += half_width
    if left or right:
        width = half_width
    if bottom and not top:
        y += height - half_height
    if bottom != top:
        height = half_height
    return Rect(x, y, width, height)
