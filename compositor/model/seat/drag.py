"""Drag and drop: a source on its way, from the press to the drop.

Source: wl_data_device.start_drag. What happens between source and the client
under the drag is the affair of `compositor.model.seat.target`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from compositor.model.keymap import Modifier
from compositor.model.scene import Hit, Item, Layer
from compositor.model.seat.codes import KEY_ESC
from compositor.model.seat.host import FIXED_LIMIT, bounded
from compositor.model.seat.pointer_grabs import PointerGrab
from compositor.model.seat.target import Target
from compositor.model.seat.touch_grabs import TouchGrab
from compositor.model.selection import DragAction, Source, SourceUse

if TYPE_CHECKING:
    from compositor.model.keymap import Modifiers
    from compositor.model.seat.pointer import Pointer
    from compositor.model.seat.seat import Seat
    from compositor.model.seat.touch import Touch, TouchPoint
    from compositor.model.surface import Surface

ICON_ROLE = "drag_icon"


class DragState(Enum):
    """How far a drag has come."""

    ACTIVE = "active"
    DROPPED = "dropped"
    CANCELLED = "cancelled"


class DragIcon(Item):
    """The picture that follows the pointer: a surface of the client that drags.

    What lies under it is what the drag is over, whatever its input region says.
    """

    takes_input = False

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface)
        self.drag: Drag | None = None
        self._dx = 0
        self._dy = 0

    @property
    def visible(self) -> bool:
        return self.drag is not None and self.surface.content is not None

    @property
    def origin(self) -> tuple[int, int]:
        drag = self.drag
        if drag is None:
            return self._dx, self._dy
        return round(drag.x) + self._dx, round(drag.y) + self._dy

    def begin(self, drag: Drag) -> None:
        """Be shown with a drag."""
        self.drag = drag
        self._dx = self._dy = 0

    def end(self) -> None:
        """Be shown no more."""
        self.drag = None

    def committed(self, surface: Surface) -> None:
        """Move by the commit's offset (role of the surface)."""
        if surface.dx or surface.dy:
            self._dx = max(-(2**30), min(self._dx + surface.dx, 2**30))
            self._dy = max(-(2**30), min(self._dy + surface.dy, 2**30))
            surface.scene.invalidate()

    def surface_destroyed(self, surface: Surface) -> None:
        """Go on without a picture."""
        if self.drag is not None:
            self.drag.icon_gone()


class Drag:
    """One drag, from the press that began it to the drop.

    Attributes:
        source: what is dragged; None when the client passes the data to itself.
        client: who drags.
        icon: the picture at the pointer, or None.
        x, y: where it is, layout pixels.
        focus: the surface it is over, of those that may hear of it.
        target: what the focus' client would accept; None without source.
        wish: the action that the modifiers ask for.
        toplevel: a window that is carried along, or None.
    """

    def __init__(self, seat: Seat, source: Source | None, client: Any, icon: DragIcon | None) -> None:
        self.seat = seat
        self.source = source
        self.client = client
        self.icon = icon
        self.state = DragState.ACTIVE
        self.x = 0.0
        self.y = 0.0
        self.focus: Surface | None = None
        self.target: Target | None = None
        self.wish = DragAction.NONE
        self.toplevel = None if source is None else source.toplevel_drag
        self._grab: _DragPointerGrab | _DragTouchGrab | None = None

    # Begin

    def start(self, point: TouchPoint | None) -> None:
        """Follow a finger, or the pointer."""
        seat = self.seat
        if self.source is not None:
            self.source.use = SourceUse.DRAG
            self.source.on_destroy.append(self._source_destroyed)
        if point is not None:
            self._grab = _DragTouchGrab(seat.touch, self, point)
            self.x, self.y = point.x, point.y
        else:
            self._grab = _DragPointerGrab(seat.pointer, self, seat.pointer.grab_button)
            self.x, self.y = seat.pointer.x, seat.pointer.y
        if self.icon is not None:
            self.icon.begin(self)
            seat.host.scene.add(self.icon, Layer.DRAG)
        if self.toplevel is not None:
            self.toplevel.begin(self)
        self._grab.start()
        seat.keyboard.start_grab(self)
        seat.drag_changed()
        self.refocus()

    # On the way

    def move(self, time_ms: int, x: float, y: float) -> None:
        """Be at another layout point."""
        self.x, self.y = x, y
        if self.icon is not None:
            self.seat.host.scene.invalidate()
        if self.toplevel is not None:
            self.toplevel.move()
        hit = self._hit()
        surface = self._listening(hit)
        if surface is None or hit is None:
            self._set_focus(None)
        elif surface is not self.focus:
            self._set_focus(surface, hit.sx, hit.sy)
        elif self.seat.drag_listener is not None:
            sx, sy = hit.sx, hit.sy
            if not (-FIXED_LIMIT < sx < FIXED_LIMIT and -FIXED_LIMIT < sy < FIXED_LIMIT):
                sx, sy = bounded(sx), bounded(sy)
            self.seat.drag_listener.motion(self, time_ms, sx, sy)

    def refocus(self) -> None:
        """Find out anew what it is over."""
        hit = self._hit()
        surface = self._listening(hit)
        if surface is None or hit is None:
            self._set_focus(None)
        elif surface is not self.focus:
            self._set_focus(surface, hit.sx, hit.sy)

    def _hit(self) -> Hit | None:
        """Return what it is over, behind the window that it carries."""
        carried = None if self.toplevel is None else self.toplevel.window
        return self.seat.host.scene.hit(self.x, self.y, carried)

    def _listening(self, hit: Hit | None) -> Surface | None:
        """Return the surface under the drag if it may hear of it."""
        surface = hit.surface if hit is not None else None
        if surface is None or not surface.alive:
            return None
        if self.source is None and surface.client is not self.client:
            return None
        return surface

    def _set_focus(self, surface: Surface | None, sx: float = 0.0, sy: float = 0.0) -> None:
        old = self.focus
        if surface is old:
            return
        listener = self.seat.drag_listener
        if old is not None:
            old.on_destroy.remove(self._focus_destroyed)
            target, self.target = self.target, None
            if target is not None:
                target.left()
            if listener is not None:
                listener.leave(self)
        self.focus = surface
        if surface is None:
            return
        surface.on_destroy.append(self._focus_destroyed)
        if self.source is not None:
            self.target = Target(self, self.source)
        if listener is not None:
            serial = self.seat.serials.note(self.seat.host.next_serial(), surface.client)
            listener.enter(self, surface, serial, bounded(sx), bounded(sy))

    def _focus_destroyed(self, surface: Surface) -> None:
        self._set_focus(None)

    # The keyboard's side: modifiers choose the action, Escape gives up, nothing is typed

    def redirect(self, wanted: Surface | None) -> Surface | None:
        """Leave the focus alone."""
        return wanted

    def key(self, time_ms: int, key: int, pressed: bool) -> bool:
        """Keep every press."""
        if pressed and key == KEY_ESC:
            self.cancel()
        return True

    def modifiers(self, modifiers: Modifiers) -> bool:
        """Take Shift for move and Control for copy, as wl_data_device_manager.dnd_action recommends."""
        depressed = modifiers[0]
        if depressed & Modifier.SHIFT:
            wish = DragAction.MOVE
        elif depressed & Modifier.CONTROL:
            wish = DragAction.COPY
        else:
            wish = DragAction.NONE
        if wish != self.wish:
            self.wish = wish
            if self.target is not None:
                self.target.update_action()
        return False

    # End

    def drop(self) -> None:
        """The button or finger was lifted: hand over, or give up where nobody wants it."""
        if self.state is not DragState.ACTIVE:
            return
        target, source = self.target, self.source
        listener = self.seat.drag_listener
        if self.focus is None or (source is not None and (target is None or not target.droppable)):
            if self.toplevel is not None and self.toplevel.window is not None and source is not None:
                self._leave_window(source)
            else:
                self.cancel()
            return
        self.state = DragState.DROPPED
        if target is not None:
            target.dropped()
        if listener is not None:
            listener.drop(self)
        if source is not None:
            source.drop_performed()
        self._end()

    def _leave_window(self, source: Source) -> None:
        """Nobody takes the data, but the window that came along stays here: a drop of its own kind."""
        self.state = DragState.DROPPED
        source.drop_performed()
        self._end()
        source.finished()

    def cancel(self) -> None:
        """Give up; the source is told."""
        if self.state is DragState.ACTIVE:
            self.state = DragState.CANCELLED
            source = self.source
            self._end()
            if source is not None and source.alive:
                source.cancelled()

    def _source_destroyed(self, source: Source) -> None:
        self.source = None
        if self.state is DragState.ACTIVE:
            self.state = DragState.CANCELLED
            self._end()

    def icon_gone(self) -> None:
        """The picture was destroyed; the drag goes on."""
        icon, self.icon = self.icon, None
        if icon is not None:
            icon.end()
            self.seat.host.scene.remove(icon)

    def _end(self) -> None:
        seat = self.seat
        self._set_focus(None)
        if self.source is not None:
            self.source.on_destroy.remove(self._source_destroyed)
        self.icon_gone()
        if self.toplevel is not None:
            self.toplevel.end()
        seat.drag = None
        seat.keyboard.end_grab(self)
        if self._grab is not None:
            self._grab.end()
        seat.drag_changed()


class _DragPointerGrab(PointerGrab):
    def __init__(self, pointer: Pointer, drag: Drag, button: int) -> None:
        super().__init__(pointer)
        self._drag = drag
        self._button = button

    def start(self) -> None:
        pointer = self.pointer
        pointer.start_grab(self)
        # The cursor stays the dragging client's: it shows what a drop would do.
        pointer.set_focus(None)

    def end(self) -> None:
        self.pointer.end_grab(self)

    def motion(self, time_ms: int) -> None:
        self._drag.move(time_ms, self.pointer.x, self.pointer.y)

    def refocus(self) -> None:
        self._drag.x, self._drag.y = self.pointer.x, self.pointer.y
        self._drag.refocus()

    def button(self, time_ms: int, button: int, pressed: bool, delivered: bool) -> None:
        if button == self._button and not pressed:
            self._drag.drop()

    def cancel(self) -> None:
        self._drag.cancel()


class _DragTouchGrab(TouchGrab):
    def __init__(self, touch: Touch, drag: Drag, point: TouchPoint) -> None:
        super().__init__(touch)
        self._drag = drag
        self._id = point.id

    def start(self) -> None:
        self.touch.start_grab(self)
        self.touch.cancel_clients()

    def end(self) -> None:
        self.touch.end_grab(self)

    def motion(self, time_ms: int, point: TouchPoint) -> None:
        if point.id == self._id:
            self._drag.move(time_ms, point.x, point.y)

    def up(self, time_ms: int, point: TouchPoint) -> None:
        if point.id == self._id:
            self._drag.drop()

    def cancel(self) -> None:
        self._drag.cancel()
