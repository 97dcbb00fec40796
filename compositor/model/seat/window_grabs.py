"""Dragging a window or its edges, with the pointer or a finger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from compositor.geometry import Rect
from compositor.model.seat.pointer_grabs import PointerGrab
from compositor.model.seat.touch_grabs import TouchGrab
from compositor.model.toplevel_state import TILED, ResizeEdge, State
from compositor.model.window import Window

if TYPE_CHECKING:
    from compositor.model.seat.pointer import Pointer
    from compositor.model.seat.touch import Touch, TouchPoint
    from compositor.model.surface import Surface

TEAR_OFF_PX = 8
"""How far a maximized window has to be dragged before it lets go of its place."""

SNAP_PX = 2
"""How near to the edge of an output a window has to be let go to fill the half there, or all of it."""

RESIZE_CURSORS = {
    ResizeEdge.TOP: "n-resize",
    ResizeEdge.BOTTOM: "s-resize",
    ResizeEdge.LEFT: "w-resize",
    ResizeEdge.RIGHT: "e-resize",
    ResizeEdge.TOP | ResizeEdge.LEFT: "nw-resize",
    ResizeEdge.TOP | ResizeEdge.RIGHT: "ne-resize",
    ResizeEdge.BOTTOM | ResizeEdge.LEFT: "sw-resize",
    ResizeEdge.BOTTOM | ResizeEdge.RIGHT: "se-resize",
}


class WindowDrag:
    """What follows the pointer or finger; ends when the window goes.

    Args:
        window: to drag.
        x, y: where the drag begins, layout pixels.
    """

    cursor = "grabbing"

    def __init__(self, window: Window, x: float, y: float) -> None:
        self.window = window
        self.start = (x, y)
        self.on_end: Callable[[], None] | None = None
        window.surface.on_unmap.append(self._gone)
        window.surface.on_destroy.append(self._gone)

    def update(self, x: float, y: float) -> None:
        """The pointer is at a layout point now."""

    def finish(self) -> None:
        """The button or finger was lifted. Harmless when repeated."""
        surface = self.window.surface
        if self._gone in surface.on_unmap:
            surface.on_unmap.remove(self._gone)
            surface.on_destroy.remove(self._gone)

    def _gone(self, surface: Surface) -> None:
        if self.on_end is not None:
            self.on_end()


class MoveDrag(WindowDrag):
    """The window keeps its place relative to the pointer.

    Let go at the left or right edge of an output it fills that half, at the top edge all of it.
    """

    def __init__(self, window: Window, x: float, y: float) -> None:
        super().__init__(window, x, y)
        self._origin = (float(window.x), float(window.y))
        self._at: tuple[float, float] | None = None

    def update(self, x: float, y: float) -> None:
        """Move the window; one that fills its output gets its former size back first."""
        window = self.window
        x0, y0 = self.start
        if window.maximized or window.states & TILED:
            if abs(x - x0) < TEAR_OFF_PX and abs(y - y0) < TEAR_OFF_PX:
                return
            self._tear_off()
        self._at = (x, y)
        window.move_to(round(self._origin[0] + x - x0), round(self._origin[1] + y - y0))

    def finish(self) -> None:
        """Leave the window where it is, or fill what its edge stands for."""
        super().finish()
        at, self._at = self._at, None
        window = self.window
        if at is None or not (window.mapped and window.surface.alive) or window.fullscreen:
            return
        edge = self._edge(*at)
        if edge is None or window.constrain(1 << 20, 1 << 20) == window.constrain(1, 1):
            return
        before = Rect(round(self._origin[0]), round(self._origin[1]), window.width, window.height)
        if edge is ResizeEdge.TOP:
            window.set_maximized(True)
        else:
            side = State.TILED_LEFT if edge is ResizeEdge.LEFT else State.TILED_RIGHT
            window.set_tiled(frozenset({side, State.TILED_TOP, State.TILED_BOTTOM}))
        # Where it was before it was dragged there, not where the edge cuts it off.
        window.restore = before

    def _edge(self, x: float, y: float) -> ResizeEdge | None:
        """Return the edge of the desktop that a layout point is at; none where an output adjoins another."""
        desktop = self.window.desktop
        output = desktop.output_at(x, y)
        if output is None:
            return None
        area = output.rect_layout
        for edge, near, beyond in (
            (ResizeEdge.TOP, y - area.y, (x, area.y - 1)),
            (ResizeEdge.LEFT, x - area.x, (area.x - 1, y)),
            (ResizeEdge.RIGHT, area.x2 - 1 - x, (area.x2 + 1, y)),
        ):
            if near < SNAP_PX and desktop.output_at(*beyond) is None:
                return edge
        return None

    def _tear_off(self) -> None:
        window = self.window
        before, restored = window.rect_layout, window.restore
        x0 = self.start[0]
        if window.maximized:
            window.set_maximized(False)
        else:
            window.set_tiled(frozenset())
        width = restored.width if restored is not None else before.width
        # The pointer stays over the same part of the title bar.
        self._origin = (x0 - (x0 - before.x) * width / max(before.width, 1), float(before.y))


class ResizeDrag(WindowDrag):
    """The edges keep their distance to the pointer."""

    def __init__(self, window: Window, x: float, y: float, edges: ResizeEdge) -> None:
        super().__init__(window, x, y)
        self.edges = edges
        self.cursor = RESIZE_CURSORS.get(edges, "se-resize")
        self._size = (window.width, window.height)
        window.set_resizing(True)

    def update(self, x: float, y: float) -> None:
        """Propose the size that the pointer asks for."""
        dx, dy = round(x - self.start[0]), round(y - self.start[1])
        width, height = self._size
        if self.edges & ResizeEdge.RIGHT:
            width += dx
        elif self.edges & ResizeEdge.LEFT:
            width -= dx
        if self.edges & ResizeEdge.BOTTOM:
            height += dy
        elif self.edges & ResizeEdge.TOP:
            height -= dy
        self.window.follow_resize(max(1, width), max(1, height), self.edges)

    def finish(self) -> None:
        """Tell the window that it has its size."""
        super().finish()
        if self.window.surface.alive and self.window.mapped:
            self.window.set_resizing(False)


class WindowPointerGrab(PointerGrab):
    """A drag by the pointer, until every button is up. No client has the pointer meanwhile."""

    def __init__(self, pointer: Pointer, drag: WindowDrag) -> None:
        super().__init__(pointer)
        self.drag = drag
        drag.on_end = self.cancel

    def start(self) -> None:
        """Take the pointer."""
        self.pointer.set_focus(None)
        self.pointer.set_hover(None, None)
        self.pointer.cursor.set_shape(self.drag.cursor)
        self.pointer.start_grab(self)

    def motion(self, time_ms: int) -> None:
        """Drag on."""
        self.drag.update(self.pointer.x, self.pointer.y)

    def refocus(self) -> None:
        """The pointer may have been set elsewhere; that the window itself moved is no news."""

    def button(self, time_ms: int, button: int, pressed: bool, delivered: bool) -> None:
        """End with the last button."""
        if not self.pointer.buttons:
            self.cancel()

    def cancel(self) -> None:
        """Leave the window as it is."""
        self.drag.finish()
        self.pointer.end_grab(self)


class WindowTouchGrab(TouchGrab):
    """A drag by one finger; other fingers are ignored meanwhile."""

    def __init__(self, touch: Touch, drag: WindowDrag, point: TouchPoint) -> None:
        super().__init__(touch)
        self.drag = drag
        self.id = point.id
        drag.on_end = self.cancel

    def start(self) -> None:
        """Take the fingers away from the clients."""
        self.touch.cancel_clients()
        self.touch.start_grab(self)

    def motion(self, time_ms: int, point: TouchPoint) -> None:
        """Drag on."""
        if point.id == self.id:
            self.drag.update(point.x, point.y)

    def up(self, time_ms: int, point: TouchPoint) -> None:
        """End with the finger that began it."""
        if point.id == self.id:
            self.cancel()

    def cancel(self) -> None:
        """Leave the window as it is."""
        self.drag.finish()
        self.touch.end_grab(self)


class PartGrab(PointerGrab):
    """A button of a decoration that was pressed: it acts if it is let go over the same part.

    Args:
        pointer: with a button down over the part.
        action: what letting go does.
    """

    def __init__(self, pointer: Pointer, action: Callable[[], Any]) -> None:
        super().__init__(pointer)
        self.part = pointer.hover
        self.action = action

    def motion(self, time_ms: int) -> None:
        """Show whether letting go would act."""
        self.refocus()

    def refocus(self) -> None:
        """Look what is under the pointer, without telling clients."""
        pointer = self.pointer
        hit = pointer.host.scene.hit(pointer.x, pointer.y)
        if hit is not None and (hit.item, hit.part) == self.part:
            pointer.set_hover(hit.item, hit.part)
        else:
            pointer.set_hover(None, None)

    def button(self, time_ms: int, button: int, pressed: bool, delivered: bool) -> None:
        """Act with the last button, if the pointer is still there."""
        pointer = self.pointer
        if not pointer.buttons:
            act = pointer.hover == self.part
            pointer.end_grab(self)
            if act:
                self.action()

    def cancel(self) -> None:
        """Do not act."""
        self.pointer.end_grab(self)
