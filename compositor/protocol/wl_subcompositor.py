"""wl_subcompositor and wl_subsurface.

Source: wayland.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.subsurface import Subsurface, depth, is_ancestor
from compositor.protocol.common import count_down, count_up, implementation_error
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Int, Interface, NewId, request


class WlSubcompositor(Interface, name="wl_subcompositor", version=1):
    """Makes surfaces children of others."""

    __slots__ = ()

    class Error(IntEnum):
        BAD_SURFACE = 0
        BAD_PARENT = 1

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_subsurface(self, id: NewId[WlSubsurface], surface: WlSurface, parent: WlSurface) -> None:
        child, above = surface.surface, parent.surface
        if child is above:
            raise self.error(self.Error.BAD_SURFACE, f"{surface!r} cannot be its own parent")
        if child.subsurface is not None:
            raise self.error(self.Error.BAD_SURFACE, f"{surface!r} is a subsurface already")
        if is_ancestor(child, above):
            raise self.error(self.Error.BAD_PARENT, f"{parent!r} is below {surface!r}: a loop")
        if child.role is not None or not child.set_role("subsurface", None):
            raise self.error(self.Error.BAD_SURFACE, f"{surface!r} has the role {child.role_name}")
        levels = depth(above) + 1 + child.levels
        if levels >= self.client.display.limits.subsurface_depth:
            raise implementation_error(self, f"{levels} levels of subsurfaces")
        count_up(self, "subsurfaces", self.client.display.limits.subsurfaces)
        role = Subsurface(child, above)
        child.role = role
        resource = WlSubsurface(self.client, id, self.version)
        resource.subsurface = role


class WlSubsurface(Interface, name="wl_subsurface", version=1):
    """A surface's place in its parent; inert once either surface is destroyed."""

    __slots__ = ("subsurface",)

    subsurface: Subsurface

    class Error(IntEnum):
        BAD_SURFACE = 0

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_position(self, x: Int, y: Int) -> None:
        # Far more than any layout, and sums of a whole tree still fit.
        limit = 1 << 22
        self.subsurface.set_position(max(-limit, min(x, limit)), max(-limit, min(y, limit)))

    @request()
    def place_above(self, sibling: WlSurface) -> None:
        self._place(sibling, True)

    @request()
    def place_below(self, sibling: WlSurface) -> None:
        self._place(sibling, False)

    def _place(self, sibling: WlSurface, above: bool) -> None:
        if not self.subsurface.place(sibling.surface, above):
            request_name = "place_above" if above else "place_below"
            text = f"{request_name}: {sibling!r} is neither the parent nor a sibling"
            raise self.error(self.Error.BAD_SURFACE, text)

    @request()
    def set_sync(self) -> None:
        self.subsurface.set_sync(True)

    @request()
    def set_desync(self) -> None:
        self.subsurface.set_sync(False)

    def destroyed(self) -> None:
        surface = self.subsurface.surface
        if surface.role is self.subsurface:
            surface.clear_role_object()
        self.subsurface.destroy()
        count_down(self, "subsurfaces")
