"""A window that follows a drag: a tab torn off, which becomes a window or is dropped into another.

Source: xdg-toplevel-drag-v1.xml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compositor.model.seat.drag import Drag
    from compositor.model.selection import Source
    from compositor.model.surface import Surface
    from compositor.model.window import Window


class ToplevelDrag:
    """What a source carries besides its data: a window, once one is attached.

    Attributes:
        source: whose drag it is.
        drag: the drag under way, or None.
        ended: whether the drag is over.
        window: attached, or None.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.drag: Drag | None = None
        self.ended = False
        self.window: Window | None = None
        self._offset = (0, 0)
        source.toplevel_drag = self

    def attach(self, window: Window, x_offset: int, y_offset: int) -> bool:
        """Have a window follow the drag; False while one that is shown does.

        Args:
            x_offset, y_offset: of the pointer in the window geometry.
        """
        if self.window is not None and self.window.mapped:
            return False
        self._detach()
        if self.ended:
            return True
        self.window = window
        # A window that is shown stays under the pointer as it is; another one comes to it.
        self._offset = x_offset, y_offset
        if window.mapped and self.drag is not None:
            self._offset = round(self.drag.x) - window.x, round(self.drag.y) - window.y
        window.surface.on_unmap.append(self._gone)
        window.surface.on_destroy.append(self._gone)
        self.move()
        return True

    def begin(self, drag: Drag) -> None:
        """The drag has begun."""
        self.drag = drag
        window = self.window
        if window is not None and window.mapped:
            self._offset = round(drag.x) - window.x, round(drag.y) - window.y
        self.move()

    def move(self) -> None:
        """The drag is elsewhere: so is the window."""
        drag, window = self.drag, self.window
        if drag is None or window is None:
            return
        if window.maximized:
            window.set_maximized(False)
        if not window.fullscreen:
            window.placed = True
            window.move_to(round(drag.x) - self._offset[0], round(drag.y) - self._offset[1])

    def end(self) -> None:
        """The drag is over; the window stays where it is."""
        self.drag = None
        self.ended = True
        self._detach()

    def _detach(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            surface = window.surface
            surface.on_unmap.remove(self._gone)
            surface.on_destroy.remove(self._gone)

    def _gone(self, surface: Surface) -> None:
        self._detach()
