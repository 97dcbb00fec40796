"""wl_shell: windows as programs made them before xdg_shell, offered with ``--legacy-shell``.

Source: wayland.xml.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Any

from compositor.geometry import Rect
from compositor.model.legacy import LegacyPopup, LegacyWindow
from compositor.model.toplevel_state import Proposal, ResizeEdge
from compositor.protocol.common import desktop_of
from compositor.protocol.wl_output import WlOutput
from compositor.protocol.wl_seat import WlSeat
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import Int, Interface, NewId, String, Uint, event, request

_ROLE = "wl_shell_surface"


class WlShell(Interface, name="wl_shell", version=1):
    """Makes shell surfaces."""

    __slots__ = ()

    class Error(IntEnum):
        ROLE = 0

    @request()
    def get_shell_surface(self, id: NewId[WlShellSurface], surface: WlSurface) -> None:
        model = surface.surface
        taken = model.role is not None or model.data.get("shell_surface") or surface.before_commit
        if taken or not model.set_role(_ROLE, None):
            raise self.error(self.Error.ROLE, f"{surface!r} has the role {model.role_name}")
        WlShellSurface(self.client, id, self.version).tie(surface)


class WlShellSurface(Interface, name="wl_shell_surface", version=1):
    """A surface that is a window, a popup or nothing yet.

    Attributes:
        item: the window or popup of the model, or None.
    """

    __slots__ = ("app_id", "item", "sent", "title", "wl_surface")

    wl_surface: WlSurface
    item: LegacyWindow | LegacyPopup | None
    title: str
    app_id: str
    sent: tuple[int, int]

    class Resize(IntFlag):
        NONE = 0
        TOP = 1
        BOTTOM = 2
        LEFT = 4
        TOP_LEFT = 5
        BOTTOM_LEFT = 6
        RIGHT = 8
        TOP_RIGHT = 9
        BOTTOM_RIGHT = 10

    class Transient(IntFlag):
        INACTIVE = 1

    class FullscreenMethod(IntEnum):
        DEFAULT = 0
        SCALE = 1
        DRIVER = 2
        FILL = 3

    @request()
    def pong(self, serial: Uint) -> None:
        """Nothing is asked that this would answer."""

    @request()
    def move(self, seat: WlSeat, serial: Uint) -> None:
        window = self.item
        if isinstance(window, LegacyWindow) and seat.grab_serial_valid(serial, window.surface):
            desktop_of(self).begin_move(window)

    @request()
    def resize(self, seat: WlSeat, serial: Uint, edges: Uint) -> None:
        window = self.item
        known = edges in (1, 2, 4, 5, 6, 8, 9, 10)
        if known and isinstance(window, LegacyWindow) and seat.grab_serial_valid(serial, window.surface):
            desktop_of(self).begin_resize(window, ResizeEdge(edges))

    @request()
    def set_toplevel(self) -> None:
        window = self._window()
        if window.fullscreen:
            window.set_fullscreen(False)
        if window.maximized:
            window.set_maximized(False)
        window.set_parent(None)

    @request()
    def set_transient(self, parent: WlSurface, x: Int, y: Int, flags: Uint) -> None:
        window = self._window()
        above = desktop_of(self).window_of(parent.surface)
        if above is None or above is window or _descends(above, window):
            return
        window.wants_focus = not flags & self.Transient.INACTIVE
        window.set_parent(above)
        ox, oy = above.origin
        window.move_to(ox + x, oy + y)

    @request()
    def set_fullscreen(self, method: Uint, framerate: Uint, output: WlOutput | None) -> None:
        # Whatever the method: a surface that is too small is shown in the middle of black.
        window = self._window()
        model = output.output if output is not None and output.output.enabled else None
        window.set_fullscreen(True, model)
        window.propose_now()

    @request()
    def set_popup(self, seat: WlSeat, serial: Uint, parent: WlSurface, x: Int, y: Int, flags: Uint) -> None:
        self._drop()
        above: Any = parent.surface.root().role
        if getattr(above, "geometry", None) is None or above is self.item:
            self.popup_done()
            return
        popup = LegacyPopup(desktop_of(self), self.wl_surface.surface, above, x, y, self)
        self._take(popup)
        seat.grab_popup(popup, serial)

    @request()
    def set_maximized(self, output: WlOutput | None) -> None:
        window = self._window()
        window.set_maximized(True)
        window.propose_now()

    @request()
    def set_title(self, title: String) -> None:
        self.title = self._bounded(title)
        if isinstance(self.item, LegacyWindow):
            self.item.set_title(self.title)

    @request()
    def set_class(self, class_: String) -> None:
        self.app_id = self._bounded(class_)
        if isinstance(self.item, LegacyWindow):
            self.item.set_app_id(self.app_id)

    @event()
    def ping(self, serial: Uint) -> None:
        """Ask for a sign of life."""

    @event()
    def configure(self, edges: Uint, width: Int, height: Int) -> None:
        """Propose a size."""

    @event(name="popup_done")
    def popup_done(self) -> None:
        """The popup was dismissed."""

    def tie(self, wl_surface: WlSurface) -> None:
        """Belong to a surface."""
        self.wl_surface = wl_surface
        self.item = None
        self.title = self.app_id = ""
        self.sent = (0, 0)
        wl_surface.surface.data["shell_surface"] = self
        wl_surface.surface.on_destroy.append(self._surface_gone)

    def _surface_gone(self, surface: object) -> None:
        # It has no destructor: it goes with its surface.
        self.retire()

    def _bounded(self, text: str) -> str:
        limit = self.client.display.limits.string_bytes
        return text.encode()[:limit].decode("utf-8", "ignore")

    def _window(self) -> LegacyWindow:
        """Return the window, made when the surface is not one yet."""
        if isinstance(self.item, LegacyWindow):
            return self.item
        self._drop()
        desktop = desktop_of(self)
        window = LegacyWindow(desktop, self.wl_surface.surface, self)
        window.title, window.app_id = self.title, self.app_id
        desktop.add_window(window)
        self._take(window)
        return window

    def _take(self, item: LegacyWindow | LegacyPopup) -> None:
        self.item = item
        surface = self.wl_surface.surface
        surface.role = item
        if surface.content is not None:
            item.committed(surface)

    def _drop(self) -> None:
        item, self.item = self.item, None
        if item is not None:
            item.destroy()
            surface = self.wl_surface.surface
            if surface.role is item:
                surface.clear_role_object()

    # What windows and popups say (compositor.model.window.Shell, compositor.model.popup.PopupShell)

    def send_configure(self, proposal: Proposal | Rect, token: int | None = None) -> int:
        """Send the size of a proposal if it is news, and return a serial, which stays with us."""
        if isinstance(proposal, Proposal) and proposal.width:
            size = (proposal.width, proposal.height)
            window = self.item
            if size != self.sent and not (window is not None and size == window.geometry[2:]):
                self.configure(proposal.edges, *size)
            self.sent = size
        return self.client.display.next_serial()

    def send_close(self) -> None:
        """There is no such event: the client is left alone."""

    def ask_for_life(self) -> None:
        """Clients of wl_shell are taken at their word."""

    def end(self) -> None:
        """They are never found not to answer."""

    def decoration_changed(self, server_side: bool) -> None:
        """There is no such event."""

    def send_done(self) -> None:
        """Tell that the popup was dismissed."""
        if self.alive:
            self.popup_done()

    def destroyed(self) -> None:
        self._drop()
        surface = self.wl_surface.surface
        if surface.data.get("shell_surface") is self:
            del surface.data["shell_surface"]


def _descends(window: Any, ancestor: Any) -> bool:
    while window is not None:
        if window is ancestor:
            return True
        window = window.parent
    return False
