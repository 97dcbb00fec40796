"""A GL renderer that goes on with the CPU when OpenGL fails. Backends without windows use it."""

from __future__ import annotations

from collections.abc import Sequence

from compositor.geometry import Region
from compositor.logs import Log
from compositor.model.node import Node
from compositor.render.base import Renderer, Target
from compositor.render.cpu import CpuRenderer
from compositor.render.gl.errors import GlError
from compositor.render.gl.renderer import GlRenderer

log = Log(__name__)


class SteadyRenderer:
    """Draws with OpenGL for as long as that works.

    Raises:
        GlError: OpenGL cannot be had in the first place.
    """

    def __init__(self) -> None:
        self._renderer: Renderer = GlRenderer()

    @property
    def name(self) -> str:
        return self._renderer.name

    @property
    def textures(self) -> int:
        """How many textures there are."""
        return int(getattr(self._renderer, "textures", 0))

    def render(
        self, target: Target, nodes: Sequence[Node], damage: Region, background: int = 0xFF000000
    ) -> None:
        """See `Renderer.render`."""
        try:
            self._renderer.render(target, nodes, damage, background)
        except GlError as error:
            log.warning("going on without OpenGL: %s", error)
            self._renderer.close()
            self._renderer = CpuRenderer()
            self._renderer.render(target, nodes, damage, background)

    def compose(self, target: Target, nodes: Sequence[Node], damage: Region, background: int) -> None:
        """See `Renderer.compose`."""
        self._renderer.compose(target, nodes, damage, background)

    def close(self) -> None:
        self._renderer.close()
