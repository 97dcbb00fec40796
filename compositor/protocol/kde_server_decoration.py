"""org_kde_kwin_server_decoration_manager: who draws the title bar, the way GTK 3 asks.

Declared from the protocol's description; the programs that speak it prove it.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.window import Window
from compositor.protocol.extension import claim, release
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Client, Interface, NewId, Uint, event, request

_KIND = "kde_decoration"


class Mode(IntEnum):
    """org_kde_kwin_server_decoration.mode"""

    NONE = 0
    CLIENT = 1
    SERVER = 2


class OrgKdeKwinServerDecorationManager(Interface, name="org_kde_kwin_server_decoration_manager", version=1):
    """Makes decoration objects."""

    __slots__ = ()

    @request()
    def create(self, id: NewId[OrgKdeKwinServerDecoration], surface: WlSurface) -> None:
        resource = OrgKdeKwinServerDecoration(self.client, id, self.version)
        resource.wl_surface = surface
        claim(surface.surface, _KIND, resource)
        # A client that says nothing more draws its own, as GTK 3 does with header bars.
        resource.mode(Mode.CLIENT)

    @event()
    def default_mode(self, mode: Uint) -> None:
        """What windows get that ask for nothing."""


class OrgKdeKwinServerDecoration(Interface, name="org_kde_kwin_server_decoration", version=1):
    """The decoration of one surface."""

    __slots__ = ("wl_surface",)

    wl_surface: WlSurface

    @request(destructor=True)
    def release(self) -> None: ...

    @request()
    def request_mode(self, mode: Uint) -> None:
        chosen = Mode.SERVER if mode == Mode.SERVER else Mode.CLIENT if mode == Mode.CLIENT else Mode.NONE
        window = self.wl_surface.surface.role
        if isinstance(window, Window):
            window.set_server_decorated(chosen is Mode.SERVER)
        self.mode(chosen)

    @event()
    def mode(self, mode: Uint) -> None:
        """Who draws."""

    def destroyed(self) -> None:
        release(self.wl_surface.surface, _KIND, self)


def bind_kde_decoration(client: Client, oid: int, version: int) -> OrgKdeKwinServerDecorationManager:
    """Bind the manager and tell the default."""
    resource = OrgKdeKwinServerDecorationManager(client, oid, version)
    resource.default_mode(Mode.CLIENT)
    return resource
