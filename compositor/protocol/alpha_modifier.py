"""wp_alpha_modifier_v1: a factor on the alpha of a whole surface.

Source: alpha-modifier-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.surface import Surface
from compositor.protocol.extension import claim, release
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, Uint, request

_KIND = "alpha_modifier"


class WpAlphaModifierV1(Interface, name="wp_alpha_modifier_v1", version=1):
    """Makes alpha modifiers."""

    __slots__ = ()

    class Error(IntEnum):
        ALREADY_CONSTRUCTED = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_surface(self, id: NewId[WpAlphaModifierSurfaceV1], surface: WlSurface) -> None:
        resource = WpAlphaModifierSurfaceV1(self.client, id, self.version)
        resource.surface = surface.surface
        if not claim(surface.surface, _KIND, resource):
            raise self.error(self.Error.ALREADY_CONSTRUCTED, f"{surface!r} has one already")


class WpAlphaModifierSurfaceV1(Interface, name="wp_alpha_modifier_surface_v1", version=1):
    """The factor of one surface, double-buffered with it."""

    __slots__ = ("surface",)

    surface: Surface

    class Error(IntEnum):
        NO_SURFACE = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_multiplier(self, factor: Uint) -> None:
        if not self.surface.alive:
            raise self.error(self.Error.NO_SURFACE, "set_multiplier: its surface was destroyed")
        self.surface.pending.set_extra(_KIND, self.surface.set_alpha, factor / 0xFFFF_FFFF)

    def destroyed(self) -> None:
        release(self.surface, _KIND, self)
        if self.surface.alive:
            self.surface.pending.set_extra(_KIND, self.surface.set_alpha, 1.0)
