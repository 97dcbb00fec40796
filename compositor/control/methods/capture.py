"""Pictures: frozen copies of what an output or a window shows, and live views of outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.methods.outputs import find_output
from compositor.control.methods.windows import find_window
from compositor.control.params import Identifier, Range
from compositor.control.registry import Call, Reply, method
from compositor.descriptor import Descriptor
from compositor.geometry import Rect
from compositor.model.node import Node
from compositor.model.output import Output
from compositor.model.scene import Item

if TYPE_CHECKING:
    import numpy.typing as npt

FORMAT = "ABGR8888"
"""In memory: red, green, blue, alpha, not premultiplied. Named as in drm_fourcc.h."""


class Capture:
    """The namespaces ``capture`` and ``output``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @method("capture")
    def capture(
        self, output: str | None = None, window: Identifier | None = None, cursor: bool = False
    ) -> Reply:
        """Freeze what an output or a window shows now, and pass it."""
        if output is not None and window is not None:
            raise RequestError(Code.INVALID_PARAMS, 'capture: "output" and "window" exclude each other')
        if window is not None:
            pixels = self._window(window)
        else:
            found = find_output(self._host, "capture", output)
            self._host.desktop.scene.settle()
            overlay = self._cursor(found) if cursor else None
            pixels = self._host.backend.screens[found].capture(overlay)
        return _frozen(pixels)

    def _window(self, id: int) -> npt.NDArray[np.uint32]:
        from compositor.render.capture import draw

        window = find_window(self._host, "capture", id)
        if not window.mapped:
            raise RequestError(Code.NOT_FOUND, f"capture: window {id} ({window.title!r}) is not mapped")
        shown = window.surface.outputs
        scale = shown[0].scale if shown else 1.0
        rect = window.rect_layout
        size = max(1, round(rect.width * scale)), max(1, round(rect.height * scale))
        # A screen that shows nothing but this window's place: what lies outside or above does not matter.
        place = Output("capture", *size, scale=scale, x=rect.x, y=rect.y)
        nodes = self._host.desktop.scene.nodes_of(window, place)
        return draw(self._host.backend.renderer, nodes, Rect(0, 0, *size))

    def _cursor(self, output: Output) -> list[Node]:
        nodes = getattr(self._host.backend, "cursor_nodes", None)
        if nodes is not None:
            return list(nodes(output))
        pointer = self._host.desktop.seat.pointer
        state = pointer.cursor.state
        if state.surface is None or state.surface.content is None:
            return []
        item = Item(state.surface)
        item.x = round(pointer.x) - state.hotspot_x
        item.y = round(pointer.y) - state.hotspot_y
        width, height = output.pixel_size
        place = Output("capture", width, height, scale=output.scale, x=output.x, y=output.y)
        return list(self._host.desktop.scene.nodes_of(item, place))

    @method("output.map")
    def map(self, call: Call, output: Annotated[str, Range(1, 64)] | None = None) -> Reply:
        """Pass the live framebuffer of an output, which nobody but us can change.

        Every frame is drawn into it until the connection ends. A change of mode makes a new one.
        """
        import os

        found = find_output(self._host, "output.map", output)
        screen = self._host.backend.screens[found]
        framebuffer = screen.look()
        screen.viewers += 1

        def gone() -> None:
            screen.viewers -= 1

        call.connection.on_close.append(gone)
        # A descriptor of its own kind: read only, so that the seals are the second lock and not the only one.
        descriptor = Descriptor(os.open(f"/proc/self/fd/{framebuffer.fd}", os.O_RDONLY | os.O_CLOEXEC))
        value: dict[str, Any] = {
            "fd": 0,
            "offset": 0,
            "size": framebuffer.size,
            "width": framebuffer.width,
            "height": framebuffer.height,
            "stride": framebuffer.stride,
            "format": "XRGB8888",
        }
        return Reply(value, [descriptor])


def _frozen(pixels: npt.NDArray[np.uint32]) -> Reply:
    from compositor.render.capture import freeze_image, to_rgba

    image = to_rgba(pixels)
    height, width = image.shape[:2]
    message = freeze_image(image)
    value = {"fd": 0, "width": width, "height": height, "stride": width * 4, "format": FORMAT}
    return Reply(value, [Descriptor(message.take())])
