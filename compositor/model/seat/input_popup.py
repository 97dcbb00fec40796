"""What an input method shows beside the text: below the text cursor, or above where there is no room.

Source: zwp_input_popup_surface_v2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.geometry import Rect
from compositor.model.scene import Item, Layer

if TYPE_CHECKING:
    from compositor.model.seat.text_input import TextInputs
    from compositor.model.surface import Surface

INPUT_POPUP_ROLE = "input_popup"


class InputPopup(Item):
    """One such surface. It is shown while text is edited.

    Args:
        room: the text inputs that it belongs to.
        surface: whose role it becomes.
        tell: called with where the text cursor is, in the popup's surface space.
    """

    def __init__(self, room: TextInputs, surface: Surface, tell: Callable[[Rect], None]) -> None:
        super().__init__(surface)
        self._room = room
        self._tell = tell
        self._told: Rect | None = None

    def start(self) -> None:
        """Be shown from now on, when there is content."""
        self._room.popups.append(self)
        scene = self._room.seat.host.scene
        scene.add(self, Layer.OVERLAY)
        scene.on_layout.append(self._tell_rect)

    @property
    def visible(self) -> bool:
        method = self._room.method
        return self.surface.content is not None and method is not None and method.active

    @property
    def text_rect(self) -> Rect | None:
        """Where the text cursor is, layout space; all of the surface if its client does not say."""
        active = self._room.active
        if active is None or active.focus is None:
            return None
        surface = active.focus
        offset = surface.view_offset()
        if offset is None:
            return None
        rect = active.current.rect or Rect(0, 0, surface.width, surface.height)
        return rect.translate(*offset)

    @property
    def origin(self) -> tuple[int, int]:
        rect = self.text_rect
        if rect is None:
            return 0, 0
        width, height = self.surface.width, self.surface.height
        x, y = rect.x, rect.y2
        area = self._area(rect)
        if area is None:
            return x, y
        if y + height > area.y2 and rect.y - height >= area.y:
            y = rect.y - height
        return max(area.x, min(x, area.x2 - width)), max(area.y, min(y, area.y2 - height))

    def _area(self, rect: Rect) -> Rect | None:
        """Return the layout rectangle of the output that shows the text cursor."""
        areas = [entry.output.rect_layout for entry in self._room.seat.host.scene.outputs]
        x, y = rect.x + rect.width // 2, rect.y + rect.height // 2
        return next((area for area in areas if area.contains(x, y)), areas[0] if areas else None)

    def _tell_rect(self) -> None:
        if not self.visible:
            return
        rect = self.text_rect
        if rect is None:
            return
        x, y = self.origin
        relative = rect.translate(-x, -y)
        if relative != self._told:
            self._told = relative
            self._tell(relative)

    def committed(self, surface: Surface) -> None:
        """Nothing of the role is double-buffered (role of the surface)."""

    def surface_destroyed(self, surface: Surface) -> None:
        """The surface goes before its role."""
        self.destroy()

    def destroy(self) -> None:
        """Be shown no more. Harmless when repeated."""
        if self in self._room.popups:
            self._room.popups.remove(self)
            scene = self._room.seat.host.scene
            scene.remove(self)
            scene.on_layout.remove(self._tell_rect)
