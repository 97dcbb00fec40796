"""Pictures: frozen copies of what an output or a window shows, and live views of outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.methods.outputs import VisionName, find_output
from compositor.control.methods.windows import find_window
from compositor.control.params import Identifier, Range
from compositor.control.registry import Call, Reply, method
from compositor.descriptor import Descriptor

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
        self,
        output: str | None = None,
        window: Identifier | None = None,
        cursor: bool = False,
        vision: VisionName | None = None,
    ) -> Reply:
        """Freeze what an output or a window shows now, as other eyes see it if asked to, and pass it."""
        if output is not None and window is not None:
            raise RequestError(Code.INVALID_PARAMS, 'capture: "output" and "window" exclude each other')
        if window is not None:
            pixels = self._window(window)
        else:
            found = find_output(self._host, "capture", output)
            self._host.desktop.scene.settle()
            pixels = self._host.desktop.capturer.output(found, cursor)
        return _frozen(pixels, vision)

    def _window(self, id: int) -> npt.NDArray[np.uint32]:
        window = find_window(self._host, "capture", id)
        if not window.mapped:
            raise RequestError(Code.NOT_FOUND, f"capture: window {id} ({window.title!r}) is not mapped")
        pixels: npt.NDArray[np.uint32] = self._host.desktop.capturer.window(window)
        return pixels

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


def _frozen(pixels: npt.NDArray[np.uint32], vision: str | None) -> Reply:
    from compositor.render.capture import freeze_image, to_rgba

    image = to_rgba(pixels)
    if vision not in (None, "normal"):
        from compositor.render.colours import Colours, Vision, applied_rgba

        image = applied_rgba(image, Colours(Vision(vision)))
    height, width = image.shape[:2]
    message = freeze_image(image)
    value = {"fd": 0, "width": width, "height": height, "stride": width * 4, "format": FORMAT}
    return Reply(value, [Descriptor(message.take())])
