"""xdg_activation_v1: the focus passed on from one window to another, with proof.

A token is worth the focus when its maker proved recent input on a focused
surface of its own; otherwise the window asked for is only marked as urgent.
Source: xdg-activation-v1.xml.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from enum import IntEnum

from compositor.model.surface import Surface
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_surface import WlSurface
from compositor.record import record
from compositor.wire import Interface, NewId, String, Uint, event, request

_TOKENS = 256


@record(frozen=True)
class Token:
    """What a token is good for."""

    focus: bool


class XdgActivationV1(Interface, name="xdg_activation_v1", version=1):
    """Makes tokens and takes them."""

    __slots__ = ()

    @request(destructor=True)
    def destroy(self) -> None: ...

    @request()
    def get_activation_token(self, id: NewId[XdgActivationTokenV1]) -> None:
        resource = XdgActivationTokenV1(self.client, id, self.version)
        resource.serial = None
        resource.surface = None
        resource.used = False

    @request()
    def activate(self, token: String, surface: WlSurface) -> None:
        tokens = self.client.display.shared.setdefault("activation", OrderedDict())
        proof = tokens.pop(token, None)
        desktop = desktop_of(self)
        window = desktop.window_of(surface.surface)
        if window is None or not window.mapped:
            if window is not None and proof is not None and proof.focus:
                window.wants_focus = True
            return
        if proof is not None and proof.focus:
            desktop.activate(window)
        elif window is not desktop.focused:
            window.set_urgent(True)


class XdgActivationTokenV1(Interface, name="xdg_activation_token_v1", version=1):
    """A token that is being put together."""

    __slots__ = ("serial", "surface", "used")

    serial: int | None
    surface: Surface | None
    used: bool

    class Error(IntEnum):
        ALREADY_USED = 0

    @request()
    def set_serial(self, serial: Uint, seat: WlSeat) -> None:
        self._check()
        self.serial = serial

    @request()
    def set_app_id(self, app_id: String) -> None:
        self._check()

    @request()
    def set_surface(self, surface: WlSurface) -> None:
        self._check()
        self.surface = surface.surface

    @request()
    def commit(self) -> None:
        self._check()
        self.used = True
        seat = desktop_of(self).seat
        focus = self.serial is not None and seat.sent(self.client, self.serial)
        if focus and self.surface is not None:
            focused = (seat.keyboard.focused, seat.pointer.focus)
            focus = any(s is not None and s.root() is self.surface.root() for s in focused)
        tokens = self.client.display.shared.setdefault("activation", OrderedDict())
        name = secrets.token_hex(16)
        tokens[name] = Token(focus)
        while len(tokens) > _TOKENS:
            tokens.popitem(last=False)
        self.done(name)

    def _check(self) -> None:
        if self.used:
            raise self.error(self.Error.ALREADY_USED, "it was committed already")

    @request(destructor=True)
    def destroy(self) -> None: ...

    @event()
    def done(self, token: String) -> None:
        """The token to pass on."""
