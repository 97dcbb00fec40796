"""Subsurfaces: a surface inside another, with its own buffers and, if desynchronized, its own rhythm."""

from __future__ import annotations

from .errors import MissingGlobal
from .surface import Surface


class Subsurface(Surface):
    """A subsurface at (x, y) of its parent's content, surface pixels.

    Args:
        synchronized: its commits wait for the parent's; otherwise it is drawn when it likes.
    """

    def __init__(
        self, parent: Surface, name: str, width: int, height: int, *, synchronized: bool, opaque: bool = True
    ) -> None:
        connection = parent.connection
        if connection.subcompositor is None:
            raise MissingGlobal(f"the compositor at {connection.name} does not offer wl_subcompositor")
        super().__init__(connection, name, width, height, opaque)
        self.parent = parent
        self.role = connection.subcompositor.get_subsurface(self.wl, parent.wl)
        if not synchronized:
            self.role.set_desync()
        # Input goes to the parent, so that a program handles it in one place.
        nothing = connection.compositor.create_region()
        self.wl.set_input_region(nothing)
        nothing.destroy()

    def place(self, x: int, y: int) -> None:
        """Move to (x, y) of the parent's content; takes effect with the parent's next commit."""
        self.role.set_position(x, y + self.parent.inset)

    @property
    def ready(self) -> bool:
        return self.parent.frames > 0  # before the parent is shown there is nothing to be inside of

    def destroy(self) -> None:
        """Destroy the subsurface, its role first."""
        self.role.destroy()
        super().destroy()
