"""xdg_wm_base: the entry to windows and popups, and ping."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from compositor.model.positioner import Positioner
from compositor.model.surface import BUFFER
from compositor.model.window import Window
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_surface import WlSurface
from compositor.protocol.xdg_shell.positioner import XdgPositioner
from compositor.protocol.xdg_shell.surface import XdgSurface
from compositor.timers import Timer
from compositor.wire import Client, Interface, NewId, Uint, event, request

PING_TIMEOUT_NS = 10_000_000_000
"""A client that has not answered for so long is shown as not responding."""


class XdgWmBase(Interface, name="xdg_wm_base", version=7):
    """Makes windows and popups of surfaces."""

    __slots__ = ("ping_serial", "ping_timer", "surfaces")

    surfaces: dict[XdgSurface, None]

    SURFACE: ClassVar[type[XdgSurface]] = XdgSurface

    class Error(IntEnum):
        ROLE = 0
        DEFUNCT_SURFACES = 1
        NOT_THE_TOPMOST_POPUP = 2
        INVALID_POPUP_PARENT = 3
        INVALID_SURFACE_STATE = 4
        INVALID_POSITIONER = 5
        UNRESPONSIVE = 6

    def __init__(self, client: Client, oid: int, version: int) -> None:
        super().__init__(client, oid, version)
        self.surfaces = {}
        self.ping_serial = 0
        self.ping_timer: Timer | None = None

    @request(destructor=True)
    def destroy(self) -> None:
        if self.surfaces:
            text = (
                f"destroyed before {len(self.surfaces)} of its surfaces, {next(iter(self.surfaces))!r} first"
            )
            raise self.error(self.Error.DEFUNCT_SURFACES, text)

    @request()
    def create_positioner(self, id: NewId[XdgPositioner]) -> None:
        XdgPositioner(self.client, id, self.version).rules = Positioner()

    @request()
    def get_xdg_surface(self, id: NewId[XdgSurface], surface: WlSurface) -> None:
        model = surface.surface
        if model.role is not None or model.role_name not in (None, "xdg_toplevel", "xdg_popup"):
            raise self.error(self.Error.ROLE, f"{surface!r} has the role {model.role_name}")
        if surface.before_commit is not None:
            raise self.error(self.Error.ROLE, f"{surface!r} has an xdg_surface already")
        if model.buffer is not None or (model.pending.fields & BUFFER and model.pending.buffer is not None):
            text = f"get_xdg_surface: {surface!r} has a buffer attached or committed"
            raise self.error(self.Error.INVALID_SURFACE_STATE, text)
        self.SURFACE(self.client, id, self.version).tie(self, surface)

    @request()
    def pong(self, serial: Uint) -> None:
        if self.ping_timer is not None and serial == self.ping_serial:
            self.ping_timer.cancel()
            self.ping_timer = None
            self._set_responsive(True)

    @event()
    def ping(self, serial: Uint) -> None:
        """Ask for a sign of life."""

    def send_ping(self) -> None:
        """Ask for a sign of life, unless an answer is due already."""
        if self.ping_timer is None:
            desktop = desktop_of(self)
            self.ping_serial = self.client.display.next_serial()
            deadline = desktop.clock.now_ns() + PING_TIMEOUT_NS
            self.ping_timer = desktop.timers.call_at(deadline, self._late)
            self.ping(self.ping_serial)

    def _late(self) -> None:
        # The serial stays good: an answer that comes after all brings the client back.
        self._set_responsive(False)

    def _set_responsive(self, responsive: bool) -> None:
        for xdg_surface in self.surfaces:
            if isinstance(xdg_surface.item, Window):
                xdg_surface.item.set_responsive(responsive)

    def destroyed(self) -> None:
        if self.ping_timer is not None:
            self.ping_timer.cancel()
            self.ping_timer = None
