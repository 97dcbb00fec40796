"""What every renderer offers.

A renderer turns a list of nodes into pixels of a framebuffer and keeps no scene of its own. Outputs and
backends import this; implementations lie beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from compositor.geometry import Region
from compositor.model.node import Node


class Target(Protocol):
    """What can be drawn into: a `Framebuffer`, or memory off screen."""

    pixels: npt.NDArray[np.uint32]
    """(height, width) premultiplied ARGB8888, output pixels."""
    width: int
    height: int
    cache: Any
    """None at first; the renderer's own."""


class Renderer(Protocol):
    """Draws nodes into framebuffers."""

    @property
    def name(self) -> str:
        """For people: `cpu (pixman 0.42.2)`, `cpu (numpy)`, ..."""

    def render(
        self, target: Target, nodes: Sequence[Node], damage: Region, background: int = 0xFF000000
    ) -> None:
        """Draw the damaged part of a frame; every other pixel of the target keeps its value.

        Args:
            nodes: bottom to top.
            damage: output pixels; what exceeds the target is ignored. Empty means no work.
            background: XRGB8888 colour where no node is.
        """

    def compose(self, target: Target, nodes: Sequence[Node], damage: Region, background: int) -> None:
        """As `render`, with a background that may be transparent: premultiplied ARGB8888."""

    def close(self) -> None:
        """Give back what the renderer holds. Contents and nodes it has drawn may outlive it."""
