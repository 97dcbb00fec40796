"""wl_output and zxdg_output_v1: screens as clients see them.

Source: wayland.xml, xdg-output-unstable-v1.xml.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

from compositor.model.output import Output
from compositor.model.surface import Surface
from compositor.protocol.common import implementation_error
from compositor.wire import Client, Display, Int, Interface, NewId, String, Uint, event, request

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop


class WlOutput(Interface, name="wl_output", version=4):
    """A screen.

    Attributes:
        output: the model of it; it stays when the screen is gone, and is then told nothing.
    """

    __slots__ = ("extensions", "output")

    output: Output
    extensions: dict[ZxdgOutputV1, None]

    class Subpixel(IntEnum):
        UNKNOWN = 0
        NONE = 1
        HORIZONTAL_RGB = 2
        HORIZONTAL_BGR = 3
        VERTICAL_RGB = 4
        VERTICAL_BGR = 5

    class Transform(IntEnum):
        NORMAL = 0
        _90 = 1
        _180 = 2
        _270 = 3
        FLIPPED = 4
        FLIPPED_90 = 5
        FLIPPED_180 = 6
        FLIPPED_270 = 7

    class Mode(IntFlag):
        CURRENT = 1
        PREFERRED = 2

    @request(since=3, destructor=True)
    def release(self) -> None: ...

    @event()
    def geometry(
        self,
        x: Int,
        y: Int,
        physical_width: Int,
        physical_height: Int,
        subpixel: Int,
        make: String,
        model: String,
        transform: Int,
    ) -> None:
        """Place in the layout and physical properties."""

    @event()
    def mode(self, flags: Uint, width: Int, height: Int, refresh: Int) -> None:
        """Size in pixels and refresh in millihertz."""

    @event(since=2)
    def done(self) -> None:
        """All that changed has been told."""

    @event(since=2)
    def scale(self, factor: Int) -> None:
        """Scale, the next whole number."""

    @event(since=4, name="name")
    def name_(self, name: String) -> None:
        """Name, unique among outputs."""

    @event(since=4)
    def description(self, description: String) -> None:
        """Name for people."""

    def send_all(self) -> None:
        """Tell the whole state."""
        o = self.output
        width_mm, height_mm = o.physical_mm
        subpixel = self.Subpixel.UNKNOWN
        self.geometry(o.x, o.y, width_mm, height_mm, subpixel, o.make, o.model, int(o.transform))
        self.mode(self.Mode.CURRENT | self.Mode.PREFERRED, o.width, o.height, o.refresh_mhz)
        self.scale(o.integer_scale)
        for extension in self.extensions:
            extension.send_all(o)
        self.done()

    def destroyed(self) -> None:
        if self.output.resource is not None:
            self.output.resource.forget(self)


def on_bound(client: Client) -> list[Callable[[WlOutput], None]]:
    """Return what is called with each wl_output that a client binds from now on."""
    hooks: list[Callable[[WlOutput], None]] = client.data.setdefault("output bound", [])
    return hooks


class OutputGlobal:
    """The wl_output global of one output and everybody who bound it."""

    def __init__(self, display: Display, desktop: Desktop, output: Output) -> None:
        self.display = display
        self.desktop = desktop
        self.output = output
        self._bound: dict[Client, list[WlOutput]] = {}
        output.resource = self
        self.entry = display.add_global(WlOutput, self._bind)

    def _bind(self, client: Client, oid: int, version: int) -> WlOutput:
        limit = client.display.limits.output_binds
        if len(self.of_client(client)) >= limit:
            raise implementation_error(client.display_resource, f"one output bound more than {limit} times")
        resource = WlOutput(client, oid, version)
        resource.output = self.output
        resource.extensions = {}
        self._bound.setdefault(client, []).append(resource)
        resource.name_(self.output.name)
        resource.description(self.output.description)
        resource.send_all()
        for entry in self.desktop.scene.outputs:
            if entry.output is self.output:
                for shown in list(entry.table):
                    if isinstance(shown, Surface) and shown.client is client and shown.resource is not None:
                        shown.resource.enter(resource)
        for hook in list(on_bound(client)):
            hook(resource)
        return resource

    def of_client(self, client: Client) -> list[WlOutput]:
        """Return what a client bound of this output."""
        return self._bound.get(client, [])

    def forget(self, resource: WlOutput) -> None:
        """A client destroyed its wl_output, or is gone."""
        bound = self._bound.get(resource.client, [])
        if resource in bound:
            bound.remove(resource)
        if not bound:
            self._bound.pop(resource.client, None)

    def changed(self) -> None:
        """Tell everybody the new state."""
        for bound in self._bound.values():
            for resource in bound:
                resource.send_all()
        # A surface that stays where it is may now want another scale.
        self.desktop.scene.update()
        for view in self.desktop.scene.views:
            if view.surface is not None and self.output in view.surface.outputs:
                resource = view.surface.resource
                if resource is not None:
                    resource.send_preferred()

    def remove(self) -> None:
        """The output is gone."""
        self.display.remove_global(self.entry)


class ZxdgOutputManagerV1(Interface, name="zxdg_output_manager_v1", version=3):
    """Tells outputs in layout space."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_xdg_output(self, id: NewId[ZxdgOutputV1], output: WlOutput) -> None:
        resource = ZxdgOutputV1(self.client, id, self.version)
        resource.parent = output
        output.extensions[resource] = None
        model = output.output
        resource.name_(model.name)
        resource.description(model.description)
        resource.send_all(model)
        if resource.version >= 3:
            output.done()


class ZxdgOutputV1(Interface, name="zxdg_output_v1", version=3):
    """An output's rectangle in the layout."""

    __slots__ = ("parent",)

    parent: WlOutput

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def logical_position(self, x: Int, y: Int) -> None:
        """Top-left corner, layout pixels."""

    @event()
    def logical_size(self, width: Int, height: Int) -> None:
        """Size, layout pixels."""

    @event()
    def done(self) -> None:
        """All that changed has been told; replaced by wl_output.done in version 3."""

    @event(since=2, name="name")
    def name_(self, name: String) -> None:
        """Name of the output."""

    @event(since=2)
    def description(self, description: String) -> None:
        """Name for people."""

    def send_all(self, output: Output) -> None:
        """Tell the rectangle."""
        rect = output.rect_layout
        self.logical_position(rect.x, rect.y)
        self.logical_size(rect.width, rect.height)
        if self.version < 3:
            self.done()

    def destroyed(self) -> None:
        self.parent.extensions.pop(self, None)
