"""The picture at the pointer: a client's surface, a named shape, or nothing.

Source: wl_pointer.set_cursor. Outputs and captures read it; nothing here
draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.record import record

if TYPE_CHECKING:
    from compositor.model.surface import Surface

DEFAULT_SHAPE = "default"
CURSOR_ROLE = "cursor"


@record(frozen=True)
class CursorState:
    """What to show at the pointer.

    Attributes:
        surface: the client's picture, or None.
        hotspot_x, hotspot_y: the point of the picture that lies at the pointer, surface space.
        shape: name from the CSS cursor list when there is no surface; None hides the cursor.
    """

    surface: Surface | None = None
    hotspot_x: int = 0
    hotspot_y: int = 0
    shape: str | None = DEFAULT_SHAPE

    @property
    def hidden(self) -> bool:
        """Whether a client asked for no cursor at all."""
        return self.surface is None and self.shape is None


class Cursor:
    """Keeps the state right while its surface commits and dies."""

    def __init__(self) -> None:
        self.state = CursorState()
        self.on_change: list[Callable[[], None]] = []

    def claim(self, surface: Surface) -> bool:
        """Give a surface the role of a cursor; False when it has another one already."""
        role = surface.role if isinstance(surface.role, CursorRole) else CursorRole(self)
        if not surface.set_role(CURSOR_ROLE, role):
            return False
        role.cursor = self
        return True

    def set_surface(self, surface: Surface, hotspot_x: int, hotspot_y: int) -> bool:
        """Show a client's surface; False when it has another role already."""
        if not self.claim(surface):
            return False
        self._change(CursorState(surface, hotspot_x, hotspot_y, None))
        return True

    def set_shape(self, shape: str) -> None:
        """Show a picture of the compositor's own, by its CSS name."""
        if self.state.shape != shape:
            # Where there is a shape, there is no surface.
            self._change(CursorState(shape=shape))

    def hide(self) -> None:
        """Show nothing."""
        self._change(CursorState(shape=None))

    def _change(self, state: CursorState) -> None:
        if state != self.state:
            self.state = state
            self.changed()

    def changed(self) -> None:
        """Tell whoever draws it."""
        for hook in self.on_change:
            hook()

    def moved_by_client(self, surface: Surface) -> None:
        """A commit shifted the picture: the hotspot moves the other way."""
        state = self.state
        if surface is state.surface:
            if surface.dx or surface.dy:
                self.state = CursorState(
                    surface, _int32(state.hotspot_x - surface.dx), _int32(state.hotspot_y - surface.dy), None
                )
            self.changed()

    def surface_gone(self, surface: Surface) -> None:
        """The picture was destroyed; what is shown without it is nothing, as in the other compositors."""
        if surface is self.state.surface:
            self._change(CursorState(shape=None))


class CursorRole:
    """The role of a surface that set_cursor was called with."""

    __slots__ = ("cursor",)

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    def committed(self, surface: Surface) -> None:
        """Move the hotspot by the commit's offset."""
        self.cursor.moved_by_client(surface)

    def surface_destroyed(self, surface: Surface) -> None:
        """Stop showing it."""
        self.cursor.surface_gone(surface)


def _int32(value: int) -> int:
    return max(-(2**31), min(value, 2**31 - 1))
