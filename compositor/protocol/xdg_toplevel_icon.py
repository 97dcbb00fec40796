"""xdg_toplevel_icon_manager_v1: icons of windows, kept for title bars and window lists.

Source: xdg-toplevel-icon-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.buffer import Buffer
from compositor.protocol.wl_shm import WlBuffer
from compositor.protocol.xdg_shell import XdgToplevel
from compositor.record import field, record
from compositor.wire import Client, Int, Interface, NewId, String, event, request

SIZES_PX = (16, 24, 32, 48, 64)
_MAX_BUFFERS = 64


@record()
class Icon:
    """A name in icon themes, and pictures by (side in pixels, scale)."""

    name: str | None = None
    buffers: dict[tuple[int, int], Buffer] = field(factory=dict)


class XdgToplevelIconManagerV1(Interface, name="xdg_toplevel_icon_manager_v1", version=1):
    """Makes icons and gives them to windows."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def create_icon(self, id: NewId[XdgToplevelIconV1]) -> None:
        resource = XdgToplevelIconV1(self.client, id, self.version)
        resource.icon = Icon()
        resource.given = False
        resource.sources = []

    @request()
    def set_icon(self, toplevel: XdgToplevel, icon: XdgToplevelIconV1 | None) -> None:
        if icon is not None:
            icon.check()
            icon.given = True
        window = toplevel.window
        window.surface.pending.set_extra(
            "toplevel_icon", window.set_icon, None if icon is None else icon.icon
        )

    @event()
    def icon_size(self, size: Int) -> None:
        """A side that looks good, pixels."""

    @event()
    def done(self) -> None:
        """All sizes have been told."""


class XdgToplevelIconV1(Interface, name="xdg_toplevel_icon_v1", version=1):
    """An icon that is being put together; it cannot change once a window has it."""

    __slots__ = ("given", "icon", "sources")

    icon: Icon
    given: bool
    sources: list[WlBuffer]

    class Error(IntEnum):
        INVALID_BUFFER = 1
        IMMUTABLE = 2
        NO_BUFFER = 3

    def check(self) -> None:
        """Refuse an icon one of whose buffers was destroyed.

        Raises:
            ProtocolError: xdg_toplevel_icon_v1.error.no_buffer.
        """
        for buffer in self.sources:
            if not buffer.alive:
                raise self.error(self.Error.NO_BUFFER, f"{buffer!r} was destroyed before the icon was used")

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_name(self, icon_name: String) -> None:
        if self.given:
            raise self.error(self.Error.IMMUTABLE, "set_name after set_icon")
        self.icon.name = icon_name

    @request()
    def add_buffer(self, buffer: WlBuffer, scale: Int) -> None:
        if self.given:
            raise self.error(self.Error.IMMUTABLE, "add_buffer after set_icon")
        model = buffer.buffer
        if buffer.shared is None or model.width != model.height or scale < 1:
            text = f"add_buffer: {model.width}x{model.height} at scale {scale} is no square of shared memory"
            raise self.error(self.Error.INVALID_BUFFER, text)
        if len(self.sources) < _MAX_BUFFERS:
            self.sources.append(buffer)
            self.icon.buffers[(model.width, scale)] = model


def bind_icon_manager(client: Client, oid: int, version: int) -> XdgToplevelIconManagerV1:
    """Bind the manager and tell the sizes."""
    resource = XdgToplevelIconManagerV1(client, oid, version)
    for size in SIZES_PX:
        resource.icon_size(size)
    resource.done()
    return resource
