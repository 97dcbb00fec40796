"""zxdg_decoration_manager_v1: who draws the title bar.

A client that asks for server-side decoration gets it, one that asks for its
own keeps it, and one that leaves the choice to us gets ours: it knows the
protocol, so it can live without its own. A decoration that must not be is an
error of the manager, with the code of the decoration: there is no such object
yet, and wlroots and Mir have it so. Source: xdg-decoration-unstable-v1.xml.
"""

from __future__ import annotations

from enum import IntEnum

from compositor.model.surface import BUFFER
from compositor.protocol.xdg_shell.toplevel import XdgToplevel
from compositor.wire import Interface, NewId, Uint, event, request


class ZxdgDecorationManagerV1(Interface, name="zxdg_decoration_manager_v1", version=1):
    """Makes decoration objects."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_toplevel_decoration(self, id: NewId[ZxdgToplevelDecorationV1], toplevel: XdgToplevel) -> None:
        error = ZxdgToplevelDecorationV1.Error
        if toplevel.decoration is not None:
            raise self.error(error.ALREADY_CONSTRUCTED, f"{toplevel!r} has a decoration object already")
        surface = toplevel.window.surface
        pending = surface.pending
        if surface.buffer is not None or (pending.fields & BUFFER and pending.buffer is not None):
            raise self.error(error.UNCONFIGURED_BUFFER, f"{toplevel!r} has a buffer already")
        ZxdgToplevelDecorationV1(self.client, id, self.version).tie(toplevel)


class ZxdgToplevelDecorationV1(Interface, name="zxdg_toplevel_decoration_v1", version=1):
    """The decoration of one toplevel."""

    __slots__ = ("mode", "toplevel")

    toplevel: XdgToplevel | None

    class Error(IntEnum):
        UNCONFIGURED_BUFFER = 0
        ALREADY_CONSTRUCTED = 1
        ORPHANED = 2
        INVALID_MODE = 3

    class Mode(IntEnum):
        CLIENT_SIDE = 1
        SERVER_SIDE = 2

    def tie(self, toplevel: XdgToplevel) -> None:
        """Belong to a toplevel, with our own choice of mode."""
        self.toplevel = toplevel
        self.mode = self.Mode.SERVER_SIDE
        toplevel.decoration = self
        toplevel.window.set_server_decorated(True)

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def set_mode(self, mode: Uint) -> None:
        if mode not in (1, 2):
            raise self.error(self.Error.INVALID_MODE, f"set_mode: {mode} is no mode")
        self._choose(self.Mode(mode))

    @request()
    def unset_mode(self) -> None:
        self._choose(self.Mode.SERVER_SIDE)

    def _choose(self, mode: Mode) -> None:
        toplevel = self.toplevel
        if toplevel is None:
            return
        self.mode = mode
        toplevel.window.set_server_decorated(mode is self.Mode.SERVER_SIDE)
        # Before the first commit the first configure tells; afterwards every request is answered.
        if toplevel.window.queue.newest is not None:
            toplevel.window.configure()

    @event()
    def configure(self, mode: Uint) -> None:
        """Tell who draws; applies with the xdg_surface.configure that follows."""

    def send(self) -> None:
        """Tell the mode; a configure follows."""
        self.configure(self.mode)

    def toplevel_destroyed(self) -> None:
        """The client destroys the toplevel first, which it must not.

        Raises:
            ProtocolError: zxdg_toplevel_decoration_v1.error.orphaned.
        """
        raise self.error(self.Error.ORPHANED, f"{self.toplevel!r} was destroyed before its decoration")

    def destroyed(self) -> None:
        toplevel, self.toplevel = self.toplevel, None
        if toplevel is not None and toplevel.decoration is self:
            toplevel.decoration = None
            toplevel.window.set_server_decorated(False)
