"""ext_image_capture_source_v1: what can be captured, and the managers that name it.

Source: ext-image-capture-source-v1.xml.
"""

from __future__ import annotations

from compositor.geometry import Rect
from compositor.model.feeds import Feed, OutputFeed, WindowFeed
from compositor.model.output import Output
from compositor.model.window import Window
from compositor.protocol.common import desktop_of
from compositor.protocol.ext_foreign_toplevel_list import ExtForeignToplevelHandleV1
from compositor.protocol.wl_output import WlOutput
from compositor.wire import Interface, NewId, request


class ExtImageCaptureSourceV1(Interface, name="ext_image_capture_source_v1", version=1):
    """An output or a window; neither once it is gone."""

    __slots__ = ("output", "window")

    output: Output | None
    window: Window | None

    @request(destructor=True)
    def destroy(self) -> None: ...

    def open(self, cursor: bool) -> Feed | None:
        """Return a new feed of it, or None when it is gone."""
        desktop = desktop_of(self)
        if self.output is not None and self.output in desktop.outputs:
            return OutputFeed(desktop, self.output, cursor)
        if self.window is not None and self.window.mapped:
            return WindowFeed(desktop, self.window, cursor)
        return None

    @property
    def area(self) -> tuple[Rect, float] | None:
        """What of the layout it shows and at which scale, or None when it is gone."""
        if self.output is not None and self.output in desktop_of(self).outputs:
            return self.output.rect_layout, self.output.scale
        if self.window is not None and self.window.mapped:
            shown = self.window.surface.outputs
            return self.window.rect_layout, shown[0].scale if shown else 1.0
        return None


class ExtOutputImageCaptureSourceManagerV1(
    Interface, name="ext_output_image_capture_source_manager_v1", version=1
):
    """Makes sources of outputs."""

    __slots__ = ()

    @request()
    def create_source(self, source: NewId[ExtImageCaptureSourceV1], output: WlOutput) -> None:
        resource = ExtImageCaptureSourceV1(self.client, source, self.version)
        resource.output = output.output
        resource.window = None

    @request(destructor=True)
    def destroy(self) -> None: ...


class ExtForeignToplevelImageCaptureSourceManagerV1(
    Interface, name="ext_foreign_toplevel_image_capture_source_manager_v1", version=1
):
    """Makes sources of windows."""

    __slots__ = ()

    @request()
    def create_source(
        self, source: NewId[ExtImageCaptureSourceV1], toplevel_handle: ExtForeignToplevelHandleV1
    ) -> None:
        resource = ExtImageCaptureSourceV1(self.client, source, self.version)
        resource.output = None
        resource.window = toplevel_handle.window

    @request(destructor=True)
    def destroy(self) -> None: ...
