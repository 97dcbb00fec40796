"""A keyboard on the screen, as an input method draws it: at the bottom of an output, while text is edited.

Source: zwp_input_panel_surface_v1.set_toplevel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.model.scene import Item, Layer

if TYPE_CHECKING:
    from compositor.model.output import Output
    from compositor.model.seat.text_input import TextInputs
    from compositor.model.surface import Surface


class InputPanel(Item):
    """One such surface.

    Args:
        room: the text inputs that it belongs to.
        surface: whose role it becomes.
        output: where it stands.
    """

    def __init__(self, room: TextInputs, surface: Surface, output: Output) -> None:
        super().__init__(surface)
        self._room = room
        self.output = output
        self._told = False

    def start(self) -> None:
        """Be shown from now on, when there is content and text is edited."""
        self._room.panels.append(self)
        self._room.seat.host.scene.add(self, Layer.OVERLAY)
        self.tell()

    @property
    def visible(self) -> bool:
        room = self._room
        return self.surface.content is not None and room.active is not None and room.panel_wanted

    @property
    def origin(self) -> tuple[int, int]:
        area = self.output.rect_layout
        return area.x + (area.width - self.surface.width) // 2, area.y2 - self.surface.height

    def tell(self) -> None:
        """Tell the program that edits text whether the keyboard is shown, if that is news."""
        active = self._room.active
        if active is None:
            self._told = False
        elif self.visible is not self._told:
            self._told = self.visible
            active.listener.extra("input_panel_state", (int(self._told),))

    def committed(self, surface: Surface) -> None:
        """Be shown with the first content (role of the surface)."""
        self.tell()
        self._room.seat.host.scene.invalidate()

    def surface_destroyed(self, surface: Surface) -> None:
        """The surface goes before its role."""
        self.destroy()

    def destroy(self) -> None:
        """Be shown no more. Harmless when repeated."""
        if self in self._room.panels:
            self._room.panels.remove(self)
            self._room.seat.host.scene.remove(self)
