"""zwp_idle_inhibit_manager_v1: while such a surface is seen, nobody counts as idle.

Source: idle-inhibit-unstable-v1.xml.
"""

from __future__ import annotations

from compositor.model.surface import Surface
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, request


class ZwpIdleInhibitManagerV1(Interface, name="zwp_idle_inhibit_manager_v1", version=1):
    """Makes inhibitors."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def create_inhibitor(self, id: NewId[ZwpIdleInhibitorV1], surface: WlSurface) -> None:
        resource = ZwpIdleInhibitorV1(self.client, id, self.version)
        resource.surface = surface.surface
        desktop_of(self).idle.add_inhibitor(surface.surface)


class ZwpIdleInhibitorV1(Interface, name="zwp_idle_inhibitor_v1", version=1):
    """One inhibitor."""

    __slots__ = ("surface",)

    surface: Surface

    @request(destructor=True)
    def destroy(self) -> None: ...

    def destroyed(self) -> None:
        desktop_of(self).idle.remove_inhibitor(self.surface)
