"""Who hears of the pointer: one grab at a time decides.

`DefaultGrab` is the normal state, with the implicit grab while buttons are
down. Others take over for a while: dragging a window, open menus, drag and
drop. They stand on a stack; when the topmost ends, the one below it goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compositor.model.scene import Hit
from compositor.model.seat.codes import BTN_LEFT, BTN_RIGHT
from compositor.model.seat.cursor import DEFAULT_SHAPE
from compositor.model.seat.host import surface_point
from compositor.model.toplevel_state import ResizeEdge
from compositor.model.window import Window

if TYPE_CHECKING:
    from compositor.model.seat.axis import AxisFrame
    from compositor.model.seat.pointer import Pointer
    from compositor.model.surface import Surface


class PointerGrab:
    """Base of all grabs: swallows everything."""

    def __init__(self, pointer: Pointer) -> None:
        self.pointer = pointer

    def motion(self, time_ms: int) -> None:
        """`pointer.x` and `pointer.y` have changed by a device."""

    def button(self, time_ms: int, button: int, pressed: bool, delivered: bool) -> None:
        """A button changed; `delivered` says of a release whether a client had heard of its press."""

    def axis(self, time_ms: int, frame: AxisFrame) -> None:
        """Something was scrolled."""

    def refocus(self) -> None:
        """The scene has changed, or the pointer was set elsewhere."""

    def cancel(self) -> None:
        """Give up what the grab is for, and end it."""


class DefaultGrab(PointerGrab):
    """Events go to what is under the pointer, or to where a button went down until all are up."""

    def motion(self, time_ms: int) -> None:
        """Tell the focus, or find a new one."""
        pointer = self.pointer
        focus = pointer.focus
        if pointer.held:
            assert focus is not None
            point = surface_point(focus, pointer.x, pointer.y)
            if point is not None:
                pointer.send_motion(time_ms, *point)
                return
            pointer.forget_buttons()
        hit = pointer.host.scene.hit(pointer.x, pointer.y)
        surface = hit.surface if hit is not None else None
        if surface is None or hit is None or not self.reaches(surface):
            self._nobody(hit)
        elif surface is focus:
            pointer.send_motion(time_ms, hit.sx, hit.sy)
        else:
            pointer.set_focus(surface, hit.sx, hit.sy)

    def refocus(self) -> None:
        """Tell the focus that it moved, or find a new one."""
        pointer = self.pointer
        if pointer.held:
            assert pointer.focus is not None
            point = surface_point(pointer.focus, pointer.x, pointer.y)
            if point is not None:
                pointer.send_warp(*point)
                return
            pointer.forget_buttons()
        self._look()

    def _look(self) -> Hit | None:
        """Give the focus to what is under the pointer; returns that."""
        pointer = self.pointer
        hit = pointer.host.scene.hit(pointer.x, pointer.y)
        surface = hit.surface if hit is not None else None
        if surface is None or hit is None or not self.reaches(surface):
            self._nobody(hit)
        elif surface is pointer.focus:
            pointer.send_warp(hit.sx, hit.sy)
        else:
            pointer.set_focus(surface, hit.sx, hit.sy)
        return hit

    def _nobody(self, hit: Hit | None) -> None:
        pointer = self.pointer
        if pointer.focus is not None:
            pointer.set_focus(None)
        if hit is None or hit.part is None:
            if pointer.hover != (None, None):
                pointer.set_hover(None, None)
            pointer.cursor.set_shape(DEFAULT_SHAPE)
        else:
            pointer.set_hover(hit.item, hit.part)
            # A part says how the pointer looks over it: an edge that can be dragged, a button.
            pointer.cursor.set_shape(getattr(hit.part, "cursor", DEFAULT_SHAPE))

    def reaches(self, surface: Surface) -> bool:
        """Whether the surface may have the pointer."""
        return True

    def button(self, time_ms: int, button: int, pressed: bool, delivered: bool) -> None:
        """Raise what was pressed, then tell the focus."""
        pointer = self.pointer
        if not pressed:
            if delivered:
                pointer.send_button(time_ms, button, False)
                if not pointer.held:
                    self.refocus()
            return
        if not pointer.held:
            hit = self._look()
            if hit is not None and not self._press(hit, button):
                return
            # Raising it may have made it move, or something else appear.
            if pointer.grab is not self:
                return
        if pointer.focus is not None:
            pointer.send_button(time_ms, button, True)

    def _press(self, hit: Hit, button: int) -> bool:
        """Do what a press means to the desktop; returns whether the client shall hear of it too."""
        pointer = self.pointer
        host = pointer.host
        host.activate(hit.item)
        window = hit.item
        keyboard = pointer.seat.keyboard
        if isinstance(window, Window) and keyboard.super_held and not keyboard.inhibited:
            if button == BTN_LEFT:
                host.begin_move(window)
                return False
            if button == BTN_RIGHT:
                host.begin_resize(window, nearest_edges(window, pointer.x, pointer.y))
                return False
        if hit.surface is None:
            if hit.part is not None:
                host.press_part(hit.item, hit.part, button)
            return False
        return True

    def axis(self, time_ms: int, frame: AxisFrame) -> None:
        """Tell the focus."""
        self.pointer.send_axis(time_ms, frame)


def nearest_edges(window: Window, x: float, y: float) -> ResizeEdge:
    """Return the corner or edge of a window that a layout point in it is nearest to, by thirds."""
    rect = window.rect_layout
    edges = ResizeEdge.NONE
    if x < rect.x + rect.width / 3:
        edges |= ResizeEdge.LEFT
    elif x >= rect.x2 - rect.width / 3:
        edges |= ResizeEdge.RIGHT
    if y < rect.y + rect.height / 3:
        edges |= ResizeEdge.TOP
    elif y >= rect.y2 - rect.height / 3:
        edges |= ResizeEdge.BOTTOM
    return edges or ResizeEdge.BOTTOM | ResizeEdge.RIGHT
