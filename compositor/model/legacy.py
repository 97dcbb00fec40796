"""Windows and popups of wl_shell, which knows no configure sequence: what is proposed counts as agreed.

Source: wl_shell_surface in wayland.xml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.geometry import Rect
from compositor.model.configure import ConfigureState
from compositor.model.popup import Popup, PopupShell
from compositor.model.positioner import Positioner
from compositor.model.toplevel_state import Proposal, ResizeEdge
from compositor.model.window import Window

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.model.surface import Surface


class LegacyWindow(Window):
    """A window whose client answers proposals with nothing but a buffer."""

    def _send(self, proposal: Proposal) -> None:
        super()._send(proposal)
        if self.queue.inflight:
            self.queue.ack(self.queue.inflight[-1][0])

    def committed(self, surface: Surface) -> None:
        """Take over what the surface shows now (role of the surface)."""
        self.propose_now()
        super().committed(surface)
        # A proposal counts as agreed without an answer that would say so.
        surface.steady = False

    def follow_resize(self, width: int, height: int, edges: ResizeEdge) -> None:
        """Propose a size during an interactive resize, without waiting for answers that need not come."""
        self.resize_to(width, height, edges)

    def propose_now(self) -> None:
        """Send what the states ask for also before the first commit, which the client sizes by it."""
        if self.queue.state is ConfigureState.IDLE:
            self.start()


class LegacyPopup(Popup):
    """A popup at a place that the client chose.

    Args:
        x, y: relative to the parent's surface.
    """

    def __init__(
        self, desktop: Desktop, surface: Surface, parent: Any, x: int, y: int, shell: PopupShell
    ) -> None:
        self._corner = (x, y)
        super().__init__(desktop, surface, parent, Positioner(), shell)

    def solve(self) -> Rect:
        """Return the place, relative to the parent's window geometry."""
        x, y = self._corner
        geometry = self.parent.geometry
        return Rect(x - geometry.x, y - geometry.y, self.surface.width, self.surface.height)

    def committed(self, surface: Surface) -> None:
        """Take over what the surface shows now (role of the surface)."""
        self.place = self.solve()
        super().committed(surface)
