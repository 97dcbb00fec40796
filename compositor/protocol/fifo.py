"""wp_fifo_manager_v1: commits shown one after the other, none skipped.

Source: fifo-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.surface import TIMED, Surface, SurfaceState
from compositor.protocol.extension import claim, release
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, request

_KIND = "fifo"


class WpFifoManagerV1(Interface, name="wp_fifo_manager_v1", version=1):
    """Makes fifo objects."""

    __slots__ = ()

    class Error(IntEnum):
        ALREADY_EXISTS = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_fifo(self, id: NewId[WpFifoV1], surface: WlSurface) -> None:
        resource = WpFifoV1(self.client, id, self.version)
        resource.surface = surface.surface
        if not claim(surface.surface, _KIND, resource):
            raise self.error(self.Error.ALREADY_EXISTS, f"{surface!r} has one already")


class WpFifoV1(Interface, name="wp_fifo_v1", version=1):
    """The fifo constraints of one surface, part of its commits."""

    __slots__ = ("surface",)

    surface: Surface

    class Error(IntEnum):
        SURFACE_DESTROYED = 0

    def _pending(self) -> SurfaceState:
        if not self.surface.alive:
            raise self.error(self.Error.SURFACE_DESTROYED, "its surface was destroyed")
        self.surface.pending.fields |= TIMED
        return self.surface.pending

    @request()
    def set_barrier(self) -> None:
        self._pending().barrier_set = True

    @request()
    def wait_barrier(self) -> None:
        self._pending().barrier_wait = True

    @request(destructor=True)
    def destroy(self) -> None: ...

    def destroyed(self) -> None:
        release(self.surface, _KIND, self)
