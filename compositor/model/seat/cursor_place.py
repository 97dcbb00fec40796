"""Which output shows the cursor: its surfaces hear of that output and draw at its pace.

A client's cursor has no node in the scene, since outputs show it apart from
their picture. Only the seat imports this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.geometry import EMPTY_RECT

if TYPE_CHECKING:
    from compositor.model.output import Output
    from compositor.model.seat.host import Host
    from compositor.model.seat.pointer import Pointer
    from compositor.model.surface import Surface


class CursorPlace:
    """Keeps the scene's knowledge of the cursor right."""

    __slots__ = ("_area", "_pointer", "_scene", "_shown")

    def __init__(self, pointer: Pointer, host: Host) -> None:
        self._pointer = pointer
        self._scene = host.scene
        self._shown: list[Surface] = []
        # Layout rectangle of the output that shows it.
        self._area = EMPTY_RECT
        pointer.on_moved.append(self._moved)
        pointer.cursor.on_change.append(self.update)
        host.scene.on_layout.append(self.update)

    def _moved(self) -> None:
        pointer = self._pointer
        if pointer.cursor.state.surface is not None and not self._area.contains(pointer.x, pointer.y):
            self.update()

    def update(self) -> None:
        """Find out anew what the cursor is made of and where it is."""
        surface = self._pointer.cursor.state.surface
        if surface is None and not self._shown:
            return
        output = self._output()
        self._area = EMPTY_RECT if output is None else output.rect_layout
        before, self._shown = self._shown, []
        if surface is not None and output is not None:
            self._add(surface)
        for gone in before:
            if gone not in self._shown and gone.alive:
                self._scene.show_apart(gone, None)
        for shown in self._shown:
            if output is not None and self._scene.apart.get(shown) is not output:
                self._scene.show_apart(shown, output)

    def _output(self) -> Output | None:
        x, y = self._pointer.x, self._pointer.y
        for entry in self._scene.outputs:
            if entry.output.rect_layout.contains(x, y):
                return entry.output
        return None

    def _add(self, surface: Surface) -> None:
        if surface.content is None:
            return
        self._shown.append(surface)
        for child in (*surface.children_below, *surface.children_above):
            self._add(child.surface)
