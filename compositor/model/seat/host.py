"""What a seat needs of the desktop that it belongs to.

The desktop implements it; tests put a small one in its place. Only this
folder and the desktop import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from compositor.limits import Limits

if TYPE_CHECKING:
    from compositor.model.scene import Scene
    from compositor.model.surface import Surface
    from compositor.model.toplevel_state import ResizeEdge
    from compositor.model.window import Window

Client = Any
"""Identity of a client: compared and used as a key, nothing else."""

FIXED_LIMIT = 8_388_607.0
"""Largest coordinate that fits wl_fixed; what lies farther out is cut off there."""


class Host(Protocol):
    """The desktop, as its seats see it."""

    limits: Limits
    scene: Scene

    def now_ms(self) -> int:
        """Return the time for events, milliseconds modulo 2**32."""
        ...

    def next_serial(self) -> int:
        """Return a new serial."""
        ...

    def clamp(self, x: float, y: float) -> tuple[float, float]:
        """Return the layout point nearest to (x, y) that lies on an output."""
        ...

    def activate(self, item: Any) -> None:
        """Raise an item that was pressed and give it the keyboard, as far as its kind allows."""
        ...

    def begin_move(self, window: Window) -> None:
        """Have the pointer drag a window from now on."""
        ...

    def begin_resize(self, window: Window, edges: ResizeEdge) -> None:
        """Have the pointer drag edges of a window from now on."""
        ...

    def press_part(self, item: Any, part: Any, button: int) -> None:
        """A button (evdev code) went down on a part of an item's decoration."""
        ...


def surface_point(surface: Surface, x: float, y: float) -> tuple[float, float] | None:
    """Map a layout point to surface space, or return None while the surface is not shown."""
    offset = surface.view_offset()
    if offset is None:
        return None
    return bounded(x - offset[0]), bounded(y - offset[1])


def bounded(coordinate: float) -> float:
    """Return the coordinate, or the nearest one that a client can be told."""
    return max(-FIXED_LIMIT, min(coordinate, FIXED_LIMIT))
