"""Popups: xdg_popup placed by a positioner, with the grab that closes them when the user looks elsewhere."""

from __future__ import annotations

from typing import Any

from pywayland.protocol.xdg_shell import XdgPositioner

from .boxes import Box
from .surface import Surface
from .window import Window

_ANCHOR = XdgPositioner.anchor
_GRAVITY = XdgPositioner.gravity
_ADJUST = XdgPositioner.constraint_adjustment


class Popup(Surface):
    """A popup of a window or of another popup.

    Args:
        anchor: the box of the parent's content it belongs to, surface pixels.
        beside: open to the right of the anchor (a submenu) instead of below it.
        grab: take a grab with the serial of the latest input; the compositor then ends the popup when
            the user clicks elsewhere.
    """

    def __init__(
        self,
        parent: Window | Popup,
        name: str,
        width: int,
        height: int,
        anchor: Box,
        *,
        beside: bool = False,
        grab: bool = True,
        opaque: bool = True,
    ) -> None:
        connection = parent.connection
        super().__init__(connection, name, width, height, opaque)
        self.parent = parent
        self._ack: int | None = None
        self._configured = False
        positioner = connection.wm_base.create_positioner()
        positioner.set_size(width, height)
        positioner.set_anchor_rect(*anchor.moved(0, parent.inset))
        positioner.set_anchor(int(_ANCHOR.top_right if beside else _ANCHOR.bottom_left))
        positioner.set_gravity(int(_GRAVITY.bottom_right))
        sideways = _ADJUST.flip_x | _ADJUST.slide_y if beside else _ADJUST.slide_x | _ADJUST.flip_y
        positioner.set_constraint_adjustment(int(sideways))
        self.xdg_surface = connection.wm_base.get_xdg_surface(self.wl)
        self.xdg_surface.dispatcher["configure"] = self._on_configure
        self.xdg_popup = self.xdg_surface.get_popup(parent.xdg_surface, positioner)
        self.xdg_popup.dispatcher["configure"] = self._on_popup_configure
        self.xdg_popup.dispatcher["popup_done"] = lambda _: self.dismissed()
        positioner.destroy()
        if grab and connection.seat is not None and connection.seat.proxy is not None:
            self.xdg_popup.grab(connection.seat.proxy, connection.seat.serial)
        self.wl.commit()

    def dismissed(self) -> None:
        """Hear that the compositor closed the popup; destroy it, the topmost first."""
        self.destroy()

    def destroy(self) -> None:
        """Destroy the popup, its role first."""
        self.xdg_popup.destroy()
        self.xdg_surface.destroy()
        super().destroy()

    @property
    def ready(self) -> bool:
        return self._configured

    def before_commit(self) -> None:
        if self._ack is not None:
            self.xdg_surface.ack_configure(self._ack)
            self._ack = None

    def _on_popup_configure(self, popup: Any, x: int, y: int, width: int, height: int) -> None:
        self.resize(width, height)

    def _on_configure(self, xdg_surface: Any, serial: int) -> None:
        self._ack = serial
        self._configured = self._urgent = True
