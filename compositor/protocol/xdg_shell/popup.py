"""xdg_popup: a menu or tooltip."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from compositor.geometry import Rect
from compositor.model.popup import Popup
from compositor.protocol.common import count_down
from compositor.protocol.xdg_shell.positioner import XdgPositioner
from compositor.wire import Int, Interface, Uint, event, request

if TYPE_CHECKING:
    from compositor.protocol.wl_seat import WlSeat
    from compositor.protocol.xdg_shell.surface import XdgSurface


class XdgPopup(Interface, name="xdg_popup", version=7):
    """A popup, as its client holds it."""

    __slots__ = ("popup", "xdg_surface")

    popup: Popup
    xdg_surface: XdgSurface

    class Error(IntEnum):
        INVALID_GRAB = 0

    def tie(self, xdg_surface: XdgSurface, popup: Popup) -> None:
        """Belong to an xdg_surface and a popup."""
        self.xdg_surface = xdg_surface
        self.popup = popup

    @request(destructor=True)
    def destroy(self) -> None:
        from compositor.protocol.xdg_shell.wm_base import XdgWmBase

        if any(child.mapped and not child.dismissed for child in self.popup.popups):
            text = f"{self!r} was destroyed before the popups above it"
            raise self.xdg_surface.base.error(XdgWmBase.Error.NOT_THE_TOPMOST_POPUP, text)

    @request()
    def grab(self, seat: WlSeat, serial: Uint) -> None:
        popup = self.popup
        if popup.mapped:
            raise self.error(self.Error.INVALID_GRAB, "grab after the popup was mapped")
        parent = popup.parent
        if isinstance(parent, Popup) and not parent.grabbed:
            raise self.error(self.Error.INVALID_GRAB, "the parent popup has no grab")
        if isinstance(parent, Popup) and parent.dismissed:
            # The client asked before it could know (grab: "which has already been dismissed").
            popup.dismiss()
            return
        top = seat.topmost_popup()
        if top is not None and parent is not top:
            from compositor.protocol.xdg_shell.wm_base import XdgWmBase

            text = f"grab: another popup with a grab is above the parent of {self!r}"
            raise self.xdg_surface.base.error(XdgWmBase.Error.NOT_THE_TOPMOST_POPUP, text)
        seat.grab_popup(popup, serial)

    @event()
    def configure(self, x: Int, y: Int, width: Int, height: Int) -> None:
        """Tell place and size, relative to the parent's window geometry."""

    @event()
    def popup_done(self) -> None:
        """The popup was dismissed."""

    @request(since=3)
    def reposition(self, positioner: XdgPositioner, token: Uint) -> None:
        from compositor.protocol.xdg_shell.wm_base import XdgWmBase

        if not positioner.rules.complete:
            text = f"reposition: {positioner!r} lacks a size or an anchor rectangle"
            raise self.xdg_surface.base.error(XdgWmBase.Error.INVALID_POSITIONER, text)
        self.popup.reposition(positioner.rules.copy(), token)

    @event(since=3)
    def repositioned(self, token: Uint) -> None:
        """The configure that follows answers `reposition`."""

    def before_commit(self) -> None:
        """Refuse to map a popup that nothing carries.

        Raises:
            ProtocolError: xdg_wm_base.error.invalid_popup_parent.
        """
        from compositor.protocol.xdg_shell.wm_base import XdgWmBase

        if self.popup.parent is None:
            raise self.xdg_surface.base.error(
                XdgWmBase.Error.INVALID_POPUP_PARENT, f"{self!r} was committed without a parent"
            )

    # What the popup says (compositor.model.popup.PopupShell)

    def send_configure(self, rect: Rect, token: int | None) -> int:
        """Send the place and return the serial."""
        if token is not None:
            self.repositioned(token)
        self.configure(*rect)
        serial = self.client.display.next_serial()
        self.xdg_surface.configure(serial)
        return serial

    def send_done(self) -> None:
        """Tell that it was dismissed."""
        if self.alive:
            self.popup_done()

    def destroyed(self) -> None:
        count_down(self, "popups")
        self.popup.destroy()
        self.xdg_surface.role_destroyed()
