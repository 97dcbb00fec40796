"""xdg_surface: what windows and popups have in common, configure above all."""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar

from compositor.geometry import Rect
from compositor.model.configure import ConfigureQueue, take_void
from compositor.model.popup import Popup
from compositor.model.surface import BUFFER
from compositor.model.window import Window
from compositor.protocol.common import count_up, desktop_of, hasty_buffer_taken
from compositor.protocol.wl_surface import WlSurface
from compositor.protocol.xdg_shell.popup import XdgPopup
from compositor.protocol.xdg_shell.positioner import XdgPositioner
from compositor.protocol.xdg_shell.toplevel import XdgToplevel
from compositor.wire import Int, Interface, NewId, Uint, event, request

if TYPE_CHECKING:
    from compositor.protocol.xdg_shell.wm_base import XdgWmBase


class XdgSurface(Interface, name="xdg_surface", version=7):
    """A surface that is becoming a window or a popup.

    Attributes:
        base: the xdg_wm_base that made it.
        wl_surface: the surface.
        role: the xdg_toplevel or xdg_popup while that exists.
        item: the window or popup of the model while that exists.
        void: serials of proposals for a role object that is gone, which were not acknowledged.
    """

    __slots__ = ("base", "item", "role", "void", "wl_surface")

    base: XdgWmBase
    wl_surface: WlSurface
    role: XdgToplevel | XdgPopup | None
    item: Any

    TOPLEVEL: ClassVar[type[XdgToplevel]] = XdgToplevel
    POPUP: ClassVar[type[XdgPopup]] = XdgPopup

    class Error(IntEnum):
        NOT_CONSTRUCTED = 1
        ALREADY_CONSTRUCTED = 2
        UNCONFIGURED_BUFFER = 3
        INVALID_SERIAL = 4
        INVALID_SIZE = 5
        DEFUNCT_ROLE_OBJECT = 6

    def tie(self, base: XdgWmBase, wl_surface: WlSurface) -> None:
        """Belong to a surface."""
        self.base = base
        self.wl_surface = wl_surface
        self.role = None
        self.item = None
        self.void: deque[int] = deque(maxlen=self.client.display.limits.pending_configures)
        wl_surface.before_attach = self._before_attach
        wl_surface.before_commit = self._before_commit
        wl_surface.defunct = self._object_in_the_way
        base.surfaces[self] = None

    def _object_in_the_way(self) -> str | None:
        return repr(self.role) if self.role is not None else repr(self)

    @property
    def queue(self) -> ConfigureQueue[Any] | None:
        """The proposals of the role object."""
        return None if self.item is None else self.item.queue

    @request(destructor=True)
    def destroy(self) -> None:
        if self.role is not None:
            text = f"destroyed before {self.role!r}"
            raise self.error(XdgSurface.Error.DEFUNCT_ROLE_OBJECT, text)

    @request()
    def get_toplevel(self, id: NewId[XdgToplevel]) -> None:
        self._claim("xdg_toplevel")
        resource = self.TOPLEVEL(self.client, id, self.version)
        desktop = desktop_of(self)
        window = Window(desktop, self.wl_surface.surface, resource)
        resource.tie(self, window)
        self.role, self.item = resource, window
        self.wl_surface.surface.role = window
        desktop.add_window(window)
        if desktop.lenient:
            # Should its client commit nothing and wait, as it did in the drafts.
            desktop.unstarted.append(window)

    @request()
    def get_popup(self, id: NewId[XdgPopup], parent: XdgSurface | None, positioner: XdgPositioner) -> None:
        from compositor.protocol.xdg_shell.wm_base import XdgWmBase

        if not positioner.rules.complete:
            text = f"get_popup: {positioner!r} lacks a size or an anchor rectangle"
            raise self.base.error(XdgWmBase.Error.INVALID_POSITIONER, text)
        if parent is not None and parent.item is None:
            text = f"get_popup: the parent {parent!r} is neither a window nor a popup"
            raise self.base.error(XdgWmBase.Error.INVALID_POPUP_PARENT, text)
        depth = 0
        above: Any = parent.item if parent is not None else None
        while isinstance(above, Popup):
            depth += 1
            above = above.parent
        if depth >= self.client.display.limits.popup_depth:
            raise self.base.error(XdgWmBase.Error.INVALID_POPUP_PARENT, f"popups nested deeper than {depth}")
        self._claim("xdg_popup")
        count_up(self, "popups", self.client.display.limits.popups)
        resource = self.POPUP(self.client, id, self.version)
        item = parent.item if parent is not None else None
        popup = Popup(desktop_of(self), self.wl_surface.surface, item, positioner.rules.copy(), resource)
        resource.tie(self, popup)
        self.role, self.item = resource, popup
        self.wl_surface.surface.role = popup

    def _claim(self, name: str) -> None:
        """Give the surface its role.

        Raises:
            ProtocolError: xdg_surface.error.already_constructed, xdg_wm_base.error.role.
        """
        from compositor.protocol.xdg_shell.wm_base import XdgWmBase

        if self.role is not None:
            raise self.error(self.Error.ALREADY_CONSTRUCTED, f"it has {self.role!r} already")
        if not self.wl_surface.surface.set_role(name, None):
            text = f"{self.wl_surface!r} has the role {self.wl_surface.surface.role_name}"
            raise self.base.error(XdgWmBase.Error.ROLE, text)
        self.wl_surface.before_attach = None

    @request()
    def set_window_geometry(self, x: Int, y: Int, width: Int, height: Int) -> None:
        if self.role is None:
            raise self.error(self.Error.NOT_CONSTRUCTED, "set_window_geometry before it has a role object")
        if width < 1 or height < 1:
            raise self.error(
                XdgSurface.Error.INVALID_SIZE, f"set_window_geometry: {width}x{height} is not positive"
            )
        pending = self.wl_surface.surface.pending
        pending.set_extra("window_geometry", self._apply_geometry, Rect(x, y, width, height))

    def _apply_geometry(self, rect: Rect) -> None:
        if self.item is not None:
            self.item.explicit_geometry = rect

    @request()
    def ack_configure(self, serial: Uint) -> None:
        queue = self.queue
        # Without a role object nothing was configured; both errors would fit, and this is the request's own.
        if (queue is None or not queue.ack(serial)) and not take_void(self.void, serial):
            raise self.error(
                XdgSurface.Error.INVALID_SERIAL, f"ack_configure: no configure with serial {serial}"
            )
        self.wl_surface.surface.steady = False
        if isinstance(self.item, Popup):
            self.item.acknowledged()

    @event()
    def configure(self, serial: Uint) -> None:
        """All of a proposal has been told; the client answers with the serial."""

    def _before_attach(self) -> None:
        """Refuse a buffer while there is no role object, so that nothing can have been configured.

        Raises:
            ProtocolError: xdg_surface.error.unconfigured_buffer.
        """
        raise self.error(self.Error.UNCONFIGURED_BUFFER, "a buffer was attached without a role object")

    def _before_commit(self) -> None:
        """Refuse a commit that the configure sequence does not allow.

        Raises:
            ProtocolError: xdg_surface.error.not_constructed or unconfigured_buffer.
        """
        pending = self.wl_surface.surface.pending
        has_buffer = bool(pending.fields & BUFFER) and pending.buffer is not None
        if self.item is None:
            if has_buffer:
                raise self.error(self.Error.NOT_CONSTRUCTED, "a buffer was committed without a role object")
            return
        if self.role is not None:
            self.role.before_commit()
        if has_buffer:
            queue = self.item.queue
            if queue.acked is None and queue.current is None and not hasty_buffer_taken(self, self.item):
                text = "a buffer was committed before the first configure was acknowledged"
                raise self.error(self.Error.UNCONFIGURED_BUFFER, text)

    def role_destroyed(self) -> None:
        """The xdg_toplevel or xdg_popup is gone: the surface may get the same role again."""
        surface = self.wl_surface.surface
        if surface.role is self.item:
            surface.clear_role_object()
        # The client cannot have known: its answers may still come.
        queue = self.item.queue
        self.void.extend([*queue.void, *(serial for serial, _ in queue.inflight)])
        # What the old role object agreed on does not count for a new one.
        surface.pending.extra.pop("window_geometry", None)
        self.role = self.item = None
        self.wl_surface.before_attach = self._before_attach

    def destroyed(self) -> None:
        if self.role is not None:
            self.role.retire()
        if self.wl_surface.before_commit == self._before_commit:
            self.wl_surface.before_attach = self.wl_surface.before_commit = None
            self.wl_surface.defunct = None
        self.base.surfaces.pop(self, None)
