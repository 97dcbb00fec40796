"""wl_output and zxdg_output_v1: screens as clients see them.

Source: wayland.xml, xdg-output-unstable-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

from compositor.model.output import Output
from compositor.wire import Int, Interface, NewId, String, Uint, event, request


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
