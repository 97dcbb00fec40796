"""A renderer that is made when first needed: importing what draws takes longer than starting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositor.geometry import Region
    from compositor.model.node import Node
    from compositor.render.base import Renderer, Target


class LazyRenderer:
    """Stands for a renderer (compositor.render.base.Renderer) until it draws.

    Args:
        make: makes the renderer.
    """

    def __init__(self, make: Callable[[], Renderer]) -> None:
        self._make = make
        self._real: Renderer | None = None

    @property
    def real(self) -> Renderer:
        """The renderer itself."""
        if self._real is None:
            self._real = self._make()
        return self._real

    @property
    def name(self) -> str:
        return self.real.name

    def render(
        self, target: Target, nodes: Sequence[Node], damage: Region, background: int = 0xFF000000
    ) -> None:
        """See `Renderer.render`."""
        (self._real or self.real).render(target, nodes, damage, background)

    def compose(self, target: Target, nodes: Sequence[Node], damage: Region, background: int) -> None:
        """See `Renderer.compose`."""
        self.real.compose(target, nodes, damage, background)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def close(self) -> None:
        """Give back what the renderer holds, if it was ever made."""
        if self._real is not None:
            self._real.close()
