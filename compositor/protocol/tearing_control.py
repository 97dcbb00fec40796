"""wp_tearing_control_manager_v1: whether a surface may tear. Ours never do, so the hint changes nothing.

Source: tearing-control-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.surface import Surface
from compositor.protocol.extension import claim, release
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, Uint, request

_KIND = "tearing_control"


class WpTearingControlManagerV1(Interface, name="wp_tearing_control_manager_v1", version=1):
    """Makes tearing control objects."""

    __slots__ = ()

    class Error(IntEnum):
        TEARING_CONTROL_EXISTS = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_tearing_control(self, id: NewId[WpTearingControlV1], surface: WlSurface) -> None:
        resource = WpTearingControlV1(self.client, id, self.version)
        resource.surface = surface.surface
        if not claim(surface.surface, _KIND, resource):
            raise self.error(self.Error.TEARING_CONTROL_EXISTS, f"{surface!r} has one already")


class WpTearingControlV1(Interface, name="wp_tearing_control_v1", version=1):
    """The hint of one surface."""

    __slots__ = ("surface",)

    surface: Surface

    class PresentationHint(IntEnum):
        VSYNC = 0
        ASYNC = 1

    @request()
    def set_presentation_hint(self, hint: Uint) -> None:
        """A hint, and frames here are whole by construction."""

    @request(destructor=True)
    def destroy(self) -> None: ...

    def destroyed(self) -> None:
        release(self.surface, _KIND, self)
