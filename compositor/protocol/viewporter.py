"""wp_viewporter: cropping and scaling of surfaces.

Source: viewporter.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.buffer import Buffer
from compositor.model.surface import TRANSFORM, VIEWPORT, Surface, SurfaceState
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Fixed, Int, Interface, NewId, request


class WpViewporter(Interface, name="wp_viewporter", version=1):
    """Makes viewports."""

    __slots__ = ()

    class Error(IntEnum):
        VIEWPORT_EXISTS = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_viewport(self, id: NewId[WpViewport], surface: WlSurface) -> None:
        if "viewport_check" in surface.surface.data:
            raise self.error(self.Error.VIEWPORT_EXISTS, f"get_viewport: {surface!r} has a viewport already")
        resource = WpViewport(self.client, id, self.version)
        resource.surface = surface.surface
        surface.surface.data["viewport_check"] = resource.check


class WpViewport(Interface, name="wp_viewport", version=1):
    """The viewport of one surface."""

    __slots__ = ("surface",)

    surface: Surface

    class Error(IntEnum):
        BAD_VALUE = 0
        BAD_SIZE = 1
        OUT_OF_BUFFER = 2
        NO_SURFACE = 3

    @request(destructor=True)
    def destroy(self) -> None: ...

    def _pending(self) -> SurfaceState:
        """Return the state to change, with the viewport part filled in from the current one.

        Raises:
            ProtocolError: wp_viewport.error.no_surface.
        """
        surface = self.surface
        if not surface.alive:
            raise self.error(self.Error.NO_SURFACE, "its surface was destroyed")
        pending = surface.pending
        if not pending.fields & VIEWPORT:
            before = surface.newest(VIEWPORT)
            pending.source, pending.destination = before.source, before.destination
            pending.fields |= VIEWPORT
        return pending

    @request()
    def set_source(self, x: Fixed, y: Fixed, width: Fixed, height: Fixed) -> None:
        pending = self._pending()
        if x == y == width == height == -1:
            pending.source = None
        elif x < 0 or y < 0 or width <= 0 or height <= 0:
            raise self.error(
                self.Error.BAD_VALUE, f"set_source: {x}, {y}, {width}x{height} is no part of a buffer"
            )
        else:
            pending.source = (x, y, width, height)

    @request()
    def set_destination(self, width: Int, height: Int) -> None:
        pending = self._pending()
        if width == height == -1:
            pending.destination = None
        elif width <= 0 or height <= 0:
            raise self.error(self.Error.BAD_VALUE, f"set_destination: {width}x{height} is not positive")
        else:
            pending.destination = (width, height)

    def check(self, surface: Surface, buffer: Buffer | None, scale: int) -> None:
        """Refuse a commit whose source does not lie in the buffer, or gives no whole size.

        Raises:
            ProtocolError: wp_viewport.error.bad_size or out_of_buffer.
        """
        viewport = surface.newest(VIEWPORT)
        if viewport.source is None:
            return
        x, y, width, height = viewport.source
        transform = surface.newest(TRANSFORM).transform
        if buffer is not None:
            full_width, full_height = transform.size(buffer.width, buffer.height)
            if (x + width) * scale > full_width or (y + height) * scale > full_height:
                text = (
                    f"source {x}, {y}, {width}x{height} is not within the buffer "
                    f"of {full_width / scale:g}x{full_height / scale:g}"
                )
                raise self.error(self.Error.OUT_OF_BUFFER, text)
        if viewport.destination is None and (width != int(width) or height != int(height)):
            text = f"source of {width}x{height} without a destination has no whole size"
            raise self.error(self.Error.BAD_SIZE, text)

    def destroyed(self) -> None:
        surface = self.surface
        surface.data.pop("viewport_check", None)
        if surface.alive:
            pending = surface.pending
            pending.source = pending.destination = None
            pending.fields |= VIEWPORT
