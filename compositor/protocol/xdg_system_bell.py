"""xdg_system_bell_v1: a program wants attention. Drivers hear it as an event.

Source: xdg-system-bell-v1.xml.
"""

from __future__ import annotations

from compositor.protocol.common import desktop_of
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, request


class XdgSystemBellV1(Interface, name="xdg_system_bell_v1", version=1):
    """Rings."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def ring(self, surface: WlSurface | None) -> None:
        desktop = desktop_of(self)
        desktop.ring(desktop.window_of(surface.surface) if surface is not None else None)
