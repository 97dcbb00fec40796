"""What shaders do: round all corners of windows, cast their shadows, and fade from size to size.

For windows that we decorate. Captures are taken without fades; the CPU renderer draws square lower corners
and has its shadows painted in pieces.
"""

from __future__ import annotations

from typing import Any

from compositor.geometry import Rect, Region
from compositor.model.changes import Changes
from compositor.model.content import Content, SolidContent
from compositor.model.decoration import METRICS
from compositor.model.desktop import Desktop
from compositor.model.node import Node
from compositor.model.node_maker import to_output
from compositor.model.output import Output
from compositor.model.scene import Art, OutputScene
from compositor.model.toplevel_state import TILED
from compositor.model.window import Window
from compositor.render.decoration import DARK, Theme

_FADE_NS = 160_000_000
_STEP_NS = 16_000_000
_LEAST_CHANGE = 96
"""Layout pixels, width and height together: smaller changes of size are seen as they are."""
_MAX_FADES = 8


class Rounding:
    """Rounds the lower corners of decorated windows, and has their shadows cast.

    The upper corners are the title bar's own.
    """

    def __init__(self, desktop: Desktop, theme: Theme = DARK) -> None:
        self._desktop = desktop
        self._shadows = {
            active: SolidContent(0, 0, 0, darkness)
            for active, darkness in ((True, theme.shadow_active), (False, theme.shadow_inactive))
        }

    def colour(self, art: Art) -> SolidContent | None:
        """Return the colour that stands for an art's pixels, None if they have to be painted."""
        return self._shadows[bool(art.detail[1])] if self._is_cast(art) else None

    @staticmethod
    def _is_cast(art: Art) -> bool:
        """Whether an art is a part of a window's shadow; those of panels are painted."""
        return art.kind == "shadow" and isinstance(art.owner, tuple) and isinstance(art.owner[0], int)

    def surface(self, item: Any, node: Node, output: Output) -> None:
        """Style the node of a surface that belongs to an item of the scene."""
        if isinstance(item, Window):
            self._round(item, node, output)

    def art(self, art: Art, node: Node, output: Output) -> None:
        """Style the node of a picture of our own."""
        if not (art.kind == "border" or self._is_cast(art)) or not isinstance(art.owner, tuple):
            return
        number = art.owner[0]
        window = next((w for w in self._desktop.windows if w.id == number), None)
        if window is None:
            return
        if art.kind == "border":
            self._round(window, node, output)
        else:
            node.frame = _frame(window, output)
            node.corner_radius = round(METRICS.corner_radius * output.scale)
            node.shadow = (
                max(1, round(METRICS.shadow_radius * output.scale)),
                round(METRICS.shadow_drop * output.scale),
            )

    def _round(self, window: Window, node: Node, output: Output) -> None:
        if not window.server_decorated or window.fullscreen or window.maximized or window.states & TILED:
            return
        frame = _frame(window, output)
        radius = round(METRICS.corner_radius * output.scale)
        node.corner_radius = radius
        node.frame = frame
        for corner_x in (frame.x, frame.x2 - radius):
            node.opaque = node.opaque.subtract(Rect(corner_x, frame.y2 - radius, radius, radius))


def _frame(window: Window, output: Output) -> Rect:
    """A window with its decoration, output pixels."""
    left, top, right, bottom = window.extents
    x, y, width, height = window.rect_layout
    return to_output(Rect(x - left, y - top, width + left + right, height + top + bottom), output)


class _Fade:
    """What a window looked like before its size changed."""

    __slots__ = ("changes", "content", "started_ns", "window")

    def __init__(self, window: Window, content: Content, picture: object, started_ns: int) -> None:
        self.window = window
        self.content = content
        self.started_ns = started_ns
        # The texture as it is: nothing is read from the buffer any more, which is the client's again.
        self.changes = Changes()
        self.changes.take()
        self.changes.cache = picture


class Fades:
    """Lets the old picture of a window vanish over the new one when its size jumps."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._fades: list[_Fade] = []
        self._waiting = False
        self._sizes: dict[Window, tuple[int, int]] = {}
        desktop.on_window.append(self._changed)

    def _changed(self, window: Window, what: str) -> None:
        if what in ("unmapped", "destroyed"):
            self._sizes.pop(window, None)
            self._fades = [fade for fade in self._fades if fade.window is not window]
        elif what in ("size", "mapped"):
            before = self._sizes.get(window)
            self._sizes[window] = (window.width, window.height)
            if before is not None and not window.resizing:
                jump = abs(before[0] - window.width) + abs(before[1] - window.height)
                if jump >= _LEAST_CHANGE:
                    self._begin(window)

    def _begin(self, window: Window) -> None:
        surface = window.surface
        changes = surface.changes
        if changes is None or changes.cache is None or not surface.nodes or len(self._fades) >= _MAX_FADES:
            return
        content = surface.nodes[0][1].content
        if isinstance(content, Content):
            picture, changes.cache = changes.cache, None
            now = self._desktop.clock.now_ns()
            self._fades.append(_Fade(window, content, picture, now))

    def __call__(
        self, entry: OutputScene, nodes: list[Node], damage: Region
    ) -> tuple[list[Node], Region, Region]:
        """Add the old pictures (an `Overlay` of a screen)."""
        touched = Region()
        if not self._fades:
            return nodes, damage, touched
        now = self._desktop.clock.now_ns()
        nodes = list(nodes)
        for fade in self._fades:
            place = next((node for e, node, _ in fade.window.surface.nodes if e is entry), None)
            if place is None or place not in nodes:
                continue
            damage = damage.union(place.dst)
            strength = 1 - (now - fade.started_ns) / _FADE_NS
            if strength <= 0:
                continue
            old = Node(fade.content, place.dst, None, place.transform, strength)
            old.changes = fade.changes
            old.frame, old.corner_radius = place.frame, place.corner_radius
            nodes.insert(nodes.index(place) + 1, old)
            touched = touched.union(place.dst)
        # An output that does not show the window must not end what another one shows.
        self._fades = [fade for fade in self._fades if now - fade.started_ns < 2 * _FADE_NS]
        if self._fades and not self._waiting:
            self._waiting = True
            self._desktop.timers.call_at(now + _STEP_NS, self._again)
        return nodes, damage, touched

    def _again(self) -> None:
        self._waiting = False
        for fade in self._fades:
            for entry, _, _ in fade.window.surface.nodes:
                entry.output.schedule()
