"""Layers: arranges the layer surfaces of each output, and gives them the keyboard.

The order is wlroots': surfaces with an exclusive zone take their room first,
from the top layer down, then the others go into what is left. What remains is
the output's usable area, which maximized windows fill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.geometry import Rect
from compositor.model.item import Layer
from compositor.model.layer import Anchor, Interactivity, LayerSurface, place

if TYPE_CHECKING:
    from compositor.model.desktop import Desktop
    from compositor.model.keymap import Modifiers
    from compositor.model.output import Output
    from compositor.model.surface import Surface

_DOWNWARD = (Layer.OVERLAY, Layer.TOP, Layer.BOTTOM, Layer.BACKGROUND)


class Layers:
    """All layer surfaces of a desktop, in the order created."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.surfaces: list[LayerSurface] = []
        self._claim = _Claim(self)
        self._claiming = False
        self._last_id = 0
        # An output's surfaces go before it does.
        desktop.on_output.insert(0, self._output)

    def next_id(self) -> int:
        """Return a number that no layer surface had before."""
        self._last_id += 1
        return self._last_id

    def add(self, surface: LayerSurface) -> None:
        """Know a surface, which is not shown yet."""
        self.surfaces.append(surface)

    def forget(self, surface: LayerSurface) -> None:
        """A surface is gone. Harmless when repeated."""
        if surface in self.surfaces:
            self.surfaces.remove(surface)

    def start(self, surface: LayerSurface) -> None:
        """A surface made its first commit: work out its size and propose it."""
        self.arrange(surface.output, surface)

    def mapped(self, surface: LayerSurface) -> None:
        """A surface is shown."""
        scene = self.desktop.scene
        scene.add(surface, surface.state.layer)
        self.arrange(surface.output)
        self._refocus()
        above = surface.state.layer in (Layer.TOP, Layer.OVERLAY)
        if above and surface.state.interactivity is Interactivity.ON_DEMAND:
            self.desktop.activate(surface)

    def changed(self, surface: LayerSurface) -> None:
        """A shown surface has another size or state."""
        scene = self.desktop.scene
        if scene.layer_of(surface) is not surface.state.layer:
            scene.add(surface, surface.state.layer)
        self.arrange(surface.output)
        self._refocus()
        if surface.state.interactivity is Interactivity.NONE:
            self.desktop.lose_keyboard(surface)

    def unmapped(self, surface: LayerSurface) -> None:
        """A surface is not shown any more: its room and its keyboard go back."""
        for popup in reversed(list(surface.popups)):
            popup.dismiss()
        self.desktop.scene.remove(surface)
        self.arrange(surface.output)
        self._refocus()
        self.desktop.lose_keyboard(surface)

    # Places

    def _output(self, output: Output, what: str) -> None:
        if what == "changed":
            self.arrange(output)
        elif what == "removed":
            for surface in list(self.surfaces):
                if surface.output is output:
                    surface.close()

    def arrange(self, output: Output, new: LayerSurface | None = None) -> None:
        """Work out the places of an output's surfaces, and what is left for windows.

        Args:
            new: a surface whose first commit is being made.
        """
        present = [s for s in self.surfaces if s.output is output and (s.started or s is new)]
        full = output.rect_layout
        usable = full
        for exclusive in (True, False):
            for layer in _DOWNWARD:
                for surface in present:
                    if surface.state.layer is layer and (surface.state.effective_zone > 0) is exclusive:
                        usable = self._put(surface, full, usable)
        reserved = (
            usable.x - full.x,
            usable.y - full.y,
            full.x2 - usable.x2,
            full.y2 - usable.y2,
        )
        if reserved != output.reserved:
            output.reserved = reserved
            self.desktop.arrange()

    def _put(self, surface: LayerSurface, full: Rect, usable: Rect) -> Rect:
        """Place one surface; returns what it leaves."""
        state = surface.state
        zone = state.effective_zone
        bounds = full if zone < 0 else usable
        rect = place(state, bounds)
        surface.move_to(rect.x, rect.y)
        surface.propose(rect.width, rect.height)
        if not surface.mapped or zone <= 0:
            return usable
        x1, y1, x2, y2 = usable.x, usable.y, usable.x2, usable.y2
        margins = state.margins
        match state.exclusive_edge:
            case Anchor.TOP:
                y1 = min(y2, y1 + max(0, zone + margins.top))
            case Anchor.BOTTOM:
                y2 = max(y1, y2 - max(0, zone + margins.bottom))
            case Anchor.LEFT:
                x1 = min(x2, x1 + max(0, zone + margins.left))
            case Anchor.RIGHT:
                x2 = max(x1, x2 - max(0, zone + margins.right))
        return Rect(x1, y1, x2 - x1, y2 - y1)

    # Keyboard

    def exclusive(self) -> LayerSurface | None:
        """Return the surface that has all of the keyboard: the newest of the topmost layer."""
        for layer in (Layer.OVERLAY, Layer.TOP):
            for item in reversed(self.desktop.scene.layers[layer]):
                if isinstance(item, LayerSurface) and item.exclusive:
                    return item
        return None

    def _refocus(self) -> None:
        """Begin, go on with or end the claim to the keyboard."""
        keyboard = self.desktop.seat.keyboard
        wanted = self.exclusive() is not None
        if wanted is self._claiming:
            if wanted:
                keyboard.refocus()
            return
        self._claiming = wanted
        if wanted:
            keyboard.start_grab(self._claim)
        else:
            keyboard.end_grab(self._claim)


class _Claim:
    """Sends the keyboard to the exclusive surface; see `compositor.model.seat.keyboard.KeyboardGrab`."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers

    def redirect(self, wanted: Surface | None) -> Surface | None:
        surface = self._layers.exclusive()
        return wanted if surface is None else surface.surface

    def key(self, time_ms: int, key: int, pressed: bool) -> bool:
        return False

    def modifiers(self, modifiers: Modifiers) -> bool:
        return False
