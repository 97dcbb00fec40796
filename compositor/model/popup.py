"""Popup: a short-lived surface above its parent, such as a menu.

Source: xdg_popup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from compositor.geometry import Rect
from compositor.model.configure import ConfigureQueue, ConfigureState
from compositor.model.positioner import Positioner
from compositor.model.scene import Item
from compositor.model.surface import Surface
from compositor.model.surface_tree import tree_bounds

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop


class PopupShell(Protocol):
    """How a popup talks to its client."""

    def send_configure(self, rect: Rect, token: int | None) -> int:
        """Send the place (relative to the parent's window geometry) and return the serial."""

    def send_done(self) -> None:
        """Tell that the popup was dismissed."""


class Popup(Item):
    """A popup of a window, of another popup, or of anything else that has a geometry and popups.

    Attributes:
        parent: the item it belongs to.
        place: position relative to the parent's window geometry, and size, as the client agreed to it.
        grabbed: whether the client asked for a grab.
    """

    def __init__(
        self, desktop: Desktop, surface: Surface, parent: Any, positioner: Positioner, shell: PopupShell
    ) -> None:
        super().__init__(surface)
        self.desktop = desktop
        self.parent = parent
        self.shell = shell
        self.positioner = positioner
        self.geometry = Rect(0, 0, 0, 0)
        self.explicit_geometry: Rect | None = None
        self.queue: ConfigureQueue[Rect] = ConfigureQueue(desktop.limits.pending_configures)
        self.grabbed = False
        self.dismissed = False
        self.mapped = False
        self.place = Rect(0, 0, positioner.width, positioner.height)
        if parent is not None:
            self.place = self.solve()

    def solve(self) -> Rect:
        """Return where the positioner wants it, relative to the parent's window geometry."""
        px, py = self.parent_corner()
        output = self.desktop.output_at(px, py) or self.desktop.output_of(self.window())
        if output is None:
            return self.positioner.unconstrained()
        x, y, width, height = output.rect_layout
        return self.positioner.place(Rect(x - px, y - py, width, height))

    def parent_corner(self) -> tuple[int, int]:
        """Return the layout position of the parent's window geometry."""
        parent = self.parent
        if parent is None:
            return 0, 0
        ox, oy = parent.origin
        return ox + parent.geometry.x, oy + parent.geometry.y

    def window(self) -> Any:
        """Return the item at the bottom of the chain of popups."""
        item: Any = self
        while isinstance(item, Popup) and item.parent is not None:
            item = item.parent
        return item

    @property
    def visible(self) -> bool:
        return self.mapped and not self.dismissed

    @property
    def origin(self) -> tuple[int, int]:
        px, py = self.parent_corner()
        return px + self.place.x - self.geometry.x, py + self.place.y - self.geometry.y

    def attach(self, parent: Any) -> None:
        """Give a popup that was made without a parent its parent (layer shell)."""
        self.parent = parent
        self.place = self.solve()

    def start(self) -> None:
        """The client has made its first, empty commit: send the place."""
        self._configure(self.place, None)

    def _configure(self, place: Rect, token: int | None) -> None:
        if not self.queue.full:
            self.queue.sent(self.shell.send_configure(place, token), place)

    def reposition(self, positioner: Positioner, token: int) -> None:
        """Take new rules and send the new place, which it has once the client has agreed."""
        self.positioner = positioner
        place = self.solve()
        if not self.mapped:
            self.place = place
        self._configure(place, token)

    def parent_moved(self) -> None:
        """Solve again where the rules are reactive."""
        if self.positioner.reactive and self.mapped and not self.dismissed:
            place = self.solve()
            if place != (self.queue.newest or self.place):
                self._configure(place, None)

    def acknowledged(self) -> None:
        """The client has agreed to a place: it is taken (xdg_popup.reposition, "until … acknowledged")."""
        place = self.queue.acked
        if place is not None and place != self.place:
            self.place = place
            self.desktop.scene.invalidate()

    def committed(self, surface: Surface) -> None:
        """Take over what the surface shows now (role of the surface)."""
        self.queue.committed()
        if surface.content is None:
            if self.mapped:
                self._unmap()
                self.queue.reset()
            elif self.queue.state is ConfigureState.IDLE:
                self.start()
            return
        bounds = tree_bounds(surface)
        geometry = bounds if self.explicit_geometry is None else self.explicit_geometry.intersect(bounds)
        geometry = bounds if geometry.empty else geometry
        if geometry != self.geometry:
            self.geometry = geometry
            self.desktop.scene.invalidate()
        if not self.mapped:
            self.mapped = True
            if self.parent is not None:
                self.parent.popups.append(self)
            self.desktop.scene.invalidate()
            self.desktop.popup_mapped(self)

    def _unmap(self) -> None:
        self.mapped = False
        if self.parent is not None and self in self.parent.popups:
            self.parent.popups.remove(self)
        self.desktop.scene.invalidate()
        self.desktop.popup_unmapped(self)

    def dismiss(self) -> None:
        """Close it from our side, with every popup above it, topmost first."""
        for child in reversed(list(self.popups)):
            child.dismiss()
        if not self.dismissed:
            self.dismissed = True
            self.shell.send_done()
            self.desktop.scene.invalidate()
            self.desktop.popup_unmapped(self)

    def surface_destroyed(self, surface: Surface) -> None:
        """The surface goes before its role."""
        self.destroy()

    def destroy(self) -> None:
        """The client destroyed it, or is gone. Harmless when repeated."""
        for child in reversed(list(self.popups)):
            child.dismiss()
        if self.mapped:
            self._unmap()
        self.dismissed = True
