"""wp_content_type_manager_v1: what a surface shows. It is kept for drivers; nothing is drawn otherwise.

Source: content-type-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.surface import Surface
from compositor.protocol.extension import claim, release
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Interface, NewId, Uint, request

_KIND = "content_type"


class WpContentTypeManagerV1(Interface, name="wp_content_type_manager_v1", version=1):
    """Makes content type objects."""

    __slots__ = ()

    class Error(IntEnum):
        ALREADY_CONSTRUCTED = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_surface_content_type(self, id: NewId[WpContentTypeV1], surface: WlSurface) -> None:
        resource = WpContentTypeV1(self.client, id, self.version)
        resource.surface = surface.surface
        if not claim(surface.surface, _KIND, resource):
            raise self.error(self.Error.ALREADY_CONSTRUCTED, f"{surface!r} has one already")


class WpContentTypeV1(Interface, name="wp_content_type_v1", version=1):
    """The content type of one surface, double-buffered with it."""

    __slots__ = ("surface",)

    surface: Surface

    class Type(IntEnum):
        NONE = 0
        PHOTO = 1
        VIDEO = 2
        GAME = 3

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_content_type(self, content_type: Uint) -> None:
        self._set(content_type)

    def _set(self, content_type: int) -> None:
        surface = self.surface
        if surface.alive:
            surface.pending.set_extra(_KIND, lambda value: surface.data.update(content=value), content_type)

    def destroyed(self) -> None:
        release(self.surface, _KIND, self)
        self._set(self.Type.NONE)
