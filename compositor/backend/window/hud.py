"""Puts panels over everything else: as items of the scene, drawn by either renderer.

`inspector` and `menus` say what they show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compositor.backend.window.panels import Panel, draw_panel, panel_size
from compositor.geometry import Rect
from compositor.model import decoration
from compositor.model.content import Content, SolidContent
from compositor.model.desktop import Desktop
from compositor.model.scene import Art, Item, Layer
from compositor.model.surface import Surface

KIND = "panel"


class PanelItem(Item):
    """Panels that stand above all windows.

    Args:
        place: returns the panels with the layout position of each; asked whenever the scene is laid out.
        pressed: called with panel, and the point pressed from its corner on. None: they let input through.
    """

    def __init__(
        self,
        desktop: Desktop,
        place: Callable[[], list[tuple[Panel, int, int]]],
        pressed: Callable[[Panel, float, float], None] | None = None,
    ) -> None:
        super().__init__(Surface(None, desktop.scene))
        self._desktop = desktop
        self._place = place
        self._pressed = pressed
        self.takes_input = pressed is not None
        self.shown = False
        self.rects: list[Rect] = []
        self._panels: list[tuple[Panel, Rect]] = []

    @property
    def visible(self) -> bool:
        return self.shown

    def show(self) -> None:
        """Put it up, or bring it up to date."""
        scene = self._desktop.scene
        _paint_panels(scene)
        if self.shown:
            scene.invalidate()
        else:
            self.shown = True
            scene.add(self, Layer.OVERLAY)

    def hide(self) -> None:
        """Take it away. Harmless when repeated."""
        if self.shown:
            self.shown = False
            self._desktop.scene.remove(self)

    def arts(self) -> tuple[list[Art], list[Art]]:
        arts: list[Art] = []
        self._panels = []
        for number, (panel, x, y) in enumerate(self._place()):
            rect = Rect(x, y, *panel_size(panel))
            self._panels.append((panel, rect))
            owner = (id(self), number)
            if panel.large:
                size = decoration.shadow_size(rect)
                for piece, place in decoration.shadow_rects(rect).items():
                    arts.append(Art("shadow", (owner, piece), place, (piece, True, *size, "all round")))
            arts.append(Art(KIND, owner, rect, (panel,)))
        self.rects = [rect for _, rect in self._panels]
        return [], arts

    def part_at(self, x: float, y: float) -> Any:
        if self._pressed is None:
            return None
        return next((panel for panel, rect in self._panels if rect.contains(x, y)), None)

    def press(self, part: Any, button: int) -> None:
        """A button went down over one of the panels."""
        pointer = self._desktop.seat.pointer
        for panel, rect in self._panels:
            if panel == part and self._pressed is not None:
                self._pressed(panel, pointer.x - rect.x, pointer.y - rect.y)
                return


def _paint_panels(scene: Any) -> None:
    """Have the scene's painter know panels."""
    before = scene.painter
    if getattr(before, "knows_panels", False):
        return

    def paint(art: Art, scale: float) -> Content | SolidContent | None:
        if art.kind == KIND:
            panel = art.detail[0]
            assert isinstance(panel, Panel)
            return draw_panel(panel, scale)
        content: Content | SolidContent | None = before(art, scale) if before is not None else None
        return content

    paint.knows_panels = True  # type: ignore[attr-defined]
    scene.painter = paint
