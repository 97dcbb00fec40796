"""WindowFacts: what a client says of a toplevel besides its size: title, parent, icon and the like.

The base of `Window`, which has the conversation about sizes and states.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from compositor.model.item import Item
from compositor.model.stacking import restack
from compositor.model.surface import Surface

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.model.window import Window


class WindowFacts(Item):
    """Who a window is.

    Attributes:
        id: number for people and drivers, never used twice.
        server_decorated: whether we draw a title bar around it.
        mapped: whether it is shown or would be, were it not minimized.
        on_changed: called with the window and what has changed.
    """

    def __init__(self, desktop: Desktop, surface: Surface) -> None:
        super().__init__(surface)
        self.desktop = desktop
        self.id = desktop.next_window_id()
        self.title = ""
        self.app_id = ""
        self.parent: Window | None = None
        self.modal = False
        self.mapped = False
        self.server_decorated = False
        self.hovered_part: Any = None
        self.icon: Any = None
        self.tag = ""
        self.description = ""
        self.urgent = False
        self.wants_focus = True
        self.on_changed: list[Callable[[Window, str], None]] = []

    def __repr__(self) -> str:
        return f"Window({self.id}, {self.title!r})"

    @property
    def client(self) -> Any:
        """The owner's identity."""
        return self.surface.client

    @property
    def _window(self) -> Window:
        return cast("Window", self)

    def set_title(self, title: str) -> None:
        """Take a new title."""
        self.title = title
        self._changed("title")
        if self.server_decorated:
            self.desktop.scene.invalidate()

    def set_app_id(self, app_id: str) -> None:
        """Take a new application id."""
        self.app_id = app_id
        self._changed("app_id")

    def set_parent(self, parent: Window | None) -> None:
        """Belong to another window: stay above it. A loop of parents is the caller's to refuse."""
        self.parent = parent
        self._changed("parent")
        if parent is not None and self.mapped:
            restack(self.desktop, self._window)

    def set_modal(self, modal: bool) -> None:
        """Stand in front of the parent, which gets no focus meanwhile."""
        if modal != self.modal:
            self.modal = modal
            self._changed("modal")

    def set_icon(self, icon: Any) -> None:
        """Take a picture for title bars and lists, or None."""
        self.icon = icon
        self._changed("icon")

    def set_tag(self, tag: str) -> None:
        """Take the name by which the program tells its windows apart."""
        self.tag = tag
        self._changed("tag")

    def set_urgent(self, urgent: bool) -> None:
        """Note that the window wants attention; the focus answers it."""
        if urgent != self.urgent:
            self.urgent = urgent
            self._changed("urgent")

    def _changed(self, what: str) -> None:
        window: Any = self
        if self.on_changed:
            for hook in list(self.on_changed):
                hook(window, what)
        self.desktop.window_changed(window, what)
