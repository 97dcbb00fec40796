"""wp_fractional_scale_manager_v1: the exact scale that suits a surface.

Source: fractional-scale-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.surface import Surface
from compositor.protocol.common import desktop_of
from compositor.protocol.extension import claim, release
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, Uint, event, request

_KIND = "fractional_scale"


class WpFractionalScaleManagerV1(Interface, name="wp_fractional_scale_manager_v1", version=1):
    """Makes fractional scale objects."""

    __slots__ = ()

    class Error(IntEnum):
        FRACTIONAL_SCALE_EXISTS = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_fractional_scale(self, id: NewId[WpFractionalScaleV1], surface: WlSurface) -> None:
        resource = WpFractionalScaleV1(self.client, id, self.version)
        resource.surface = surface.surface
        resource.sent = 0
        if not claim(surface.surface, _KIND, resource):
            raise self.error(self.Error.FRACTIONAL_SCALE_EXISTS, f"{surface!r} has one already")
        resource.send()


class WpFractionalScaleV1(Interface, name="wp_fractional_scale_v1", version=1):
    """The scale of one surface, in 120ths."""

    __slots__ = ("sent", "surface")

    surface: Surface
    sent: int

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def preferred_scale(self, scale: Uint) -> None:
        """The scale that suits the surface, in 120ths."""

    def send(self) -> None:
        """Tell the scale if it changed: of the outputs it is on, else of the first there is."""
        outputs = self.surface.outputs or desktop_of(self).outputs[:1]
        if outputs:
            scale = round(max(output.scale for output in outputs) * 120)
            if scale != self.sent:
                self.sent = scale
                self.preferred_scale(scale)

    def destroyed(self) -> None:
        release(self.surface, _KIND, self)
