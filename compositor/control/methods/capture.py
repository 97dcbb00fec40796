"""Pictures: frozen copies of what an output or a window shows, and live views of outputs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.methods.outputs import VisionName, find_output
from compositor.control.methods.windows import find_window
from compositor.control.params import Identifier, Range
from compositor.control.registry import Call, Reply, method
from compositor.descriptor import Descriptor
from compositor.memory import Denied, Peer, Policy, Refused
from compositor.model.capture import Glance

if TYPE_CHECKING:
    from compositor.memory import Resources

XRGB8888 = 1
"""wl_shm.format."""
FORMAT = "ABGR8888"
"""In memory: red, green, blue, alpha, not premultiplied. Named as in drm_fourcc.h."""


class Capture:
    """The namespaces ``capture`` and ``output``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @cached_property
    def _resources(self) -> Resources:
        from compositor.memory import Resources

        return Resources(Policy())

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
            seen = self._window(window)
        else:
            found = find_output(self._host, "capture", output)
            self._host.desktop.scene.settle()
            seen = self._host.desktop.capturer.glance_output(found, cursor)
        return _frozen(seen, vision)

    def _window(self, id: int) -> Glance:
        window = find_window(self._host, "capture", id)
        if not window.mapped:
            raise RequestError(Code.NOT_FOUND, f"capture: window {id} ({window.title!r}) is not mapped")
        seen: Glance = self._host.desktop.capturer.glance_window(window)
        return seen

    @method("output.map")
    def map(self, call: Call, output: Annotated[str, Range(1, 64)] | None = None) -> Reply:
        """Pass the live framebuffer of an output, which nobody but us can change.

        Every frame is drawn into it until the connection ends. A change of mode makes a new one.
        """
        found = find_output(self._host, "output.map", output)
        screen = self._host.backend.screens[found]
        framebuffer = screen.look()
        screen.viewers += 1

        def gone() -> None:
            screen.viewers -= 1

        call.connection.on_close.append(gone)
        self._resources.publish(
            found.name,
            framebuffer.object,
            offset=0,
            width=framebuffer.width,
            height=framebuffer.height,
            stride=framebuffer.stride,
            format=XRGB8888,
        )
        with Peer.of(call.connection.sock) as peer:
            try:
                answer = self._resources.map(found.name, peer)
            except (Denied, Refused) as error:
                raise RequestError(Code.FAILED, f"output.map: {error}") from None
            finally:
                self._resources.withdraw(found.name)
        value: dict[str, Any] = {
            "fd": 0,
            "offset": answer.offset,
            "size": answer.size,
            "width": answer.width,
            "height": answer.height,
            "stride": answer.stride,
            "format": "XRGB8888",
        }
        return Reply(value, [answer.descriptor])


def _frozen(seen: Glance, vision: str | None) -> Reply:
    from compositor.render.capture import freeze_rgba, to_rgba

    pixels, opaque = seen
    height, width = pixels.shape
    if vision in (None, "normal"):
        message = freeze_rgba(pixels, opaque)
    else:
        from compositor.memory import freeze
        from compositor.render.colours import Colours, Vision, applied_rgba

        message = freeze(applied_rgba(to_rgba(pixels, opaque), Colours(Vision(vision))), "weddell-screenshot")
    value = {"fd": 0, "width": width, "height": height, "stride": width * 4, "format": FORMAT}
    return Reply(value, [Descriptor(message.take())])
