"""Seat: one person's pointer, keyboard, fingers, clipboard and drag.

Whoever makes it has `pointer.refocus` called after every layout of the scene.
Devices, the control socket and virtual input call the parts; the
protocol room installs listeners on them. What only some gestures need
(menus, drags, moving windows) is imported with the first of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from compositor.model.keymap import Keymap, builtin_keymap
from compositor.model.seat.cursor_place import CursorPlace
from compositor.model.seat.gestures import Gestures
from compositor.model.seat.host import Client, Host
from compositor.model.seat.keyboard import Keyboard
from compositor.model.seat.pointer import Pointer
from compositor.model.seat.serials import SerialLog
from compositor.model.seat.text_input import TextInputs
from compositor.model.seat.touch import Touch
from compositor.model.selection import Selection

if TYPE_CHECKING:
    from compositor.model.popup import Popup
    from compositor.model.seat.drag import Drag, DragIcon
    from compositor.model.seat.listeners import DragListener
    from compositor.model.seat.popup_grab import PopupGrab
    from compositor.model.seat.window_grabs import WindowDrag
    from compositor.model.selection import Source
    from compositor.model.surface import Surface
    from compositor.model.window import Window


class Seat:
    """All input of one person.

    Attributes:
        name: as clients see it.
        serials: which input serials went to whom.
        selection, primary: clipboard and primary selection.
        gestures: of touchpads.
        text: text being edited, and the input method.
        drag: the drag under way, or None.
        popup_grab: the grab of open menus, or None.
        drag_listener: tells clients of drags.
        on_drag: called with nothing when a drag begins or ends.
        on_active: called with nothing for everything that a device does.
    """

    def __init__(self, host: Host, keymap: Keymap | None = None, name: str = "seat0") -> None:
        """Make a seat; without a keymap it has our own US layout."""
        self.host = host
        self.name = name
        self.on_active: list[Callable[[], None]] = []
        self.on_drag: list[Callable[[], None]] = []
        self.serials = SerialLog()
        self.pointer = Pointer(self, host)
        self._cursor_place = CursorPlace(self.pointer, host)
        self.keyboard = Keyboard(self, host, keymap or builtin_keymap())
        self.touch = Touch(self, host)
        self.gestures = Gestures(self)
        self.text = TextInputs(self)
        self.selection = Selection()
        self.primary = Selection()
        self.drag: Drag | None = None
        self.drag_listener: DragListener | None = None
        self.popup_grab: PopupGrab | None = None

    def active(self) -> None:
        """A person did something."""
        for hook in self.on_active:
            hook()

    # Proof that a request answers input

    def sent(self, client: Client, serial: int) -> bool:
        """Whether `client` was sent that serial with some input event, not too long ago."""
        return self.serials.knows(serial, client)

    def began_grab(self, client: Client, serial: int) -> bool:
        """Whether a button or finger that is down began with that serial on that client's surface."""
        if self.pointer.began_grab(client, serial):
            return True
        return self.touch.began_grab(client, serial) is not None

    def forget_client(self, client: Client) -> None:
        """A client is gone, its surfaces with it."""
        if self.drag is not None and self.drag.client is client:
            # One without a source, which would have ended it.
            self.drag.cancel()
        self.serials.forget(client)

    # Windows

    def begin_move(self, window: Window) -> bool:
        """Let a window follow the pointer, or the finger, that is down; False when it cannot."""
        from compositor.model.seat.window_grabs import MoveDrag

        if window.fullscreen or not self._free():
            return False
        return self._begin(window, lambda x, y: MoveDrag(window, x, y))

    def begin_resize(self, window: Window, edges: int) -> bool:
        """Let edges of a window follow the pointer, or the finger, that is down; False when it cannot."""
        from compositor.model.seat.window_grabs import ResizeDrag
        from compositor.model.toplevel_state import ResizeEdge

        if window.fullscreen or window.maximized or not edges or not self._free():
            return False
        return self._begin(window, lambda x, y: ResizeDrag(window, x, y, ResizeEdge(edges)))

    def _free(self) -> bool:
        """Whether nothing is being dragged yet."""
        from compositor.model.seat.window_grabs import WindowPointerGrab

        return self.drag is None and not isinstance(self.pointer.grab, WindowPointerGrab)

    def _begin(self, window: Window, make: Callable[[float, float], WindowDrag]) -> bool:
        from compositor.model.seat.window_grabs import WindowPointerGrab, WindowTouchGrab

        if not window.mapped:
            return False
        pointer, touch = self.pointer, self.touch
        if pointer.buttons:
            WindowPointerGrab(pointer, make(pointer.x, pointer.y)).start()
            return True
        if touch.points and not isinstance(touch.grab, WindowTouchGrab):
            point = next(reversed(touch.points.values()))
            WindowTouchGrab(touch, make(point.x, point.y), point).start()
            return True
        return False

    def press_part(self, action: Callable[[], Any]) -> None:
        """Act when the button that is down over a decoration is let go there; at once for a finger."""
        from compositor.model.seat.window_grabs import PartGrab

        if self.pointer.buttons:
            self.pointer.start_grab(PartGrab(self.pointer, action))
        else:
            action()

    # Menus

    def popup_mapped(self, popup: Popup) -> None:
        """A popup that asked for a grab is shown."""
        from compositor.model.seat.popup_grab import PopupGrab

        client = popup.surface.client
        grab = self.popup_grab
        if grab is not None and grab.client is not client:
            grab.dismiss()
            grab = self.popup_grab
        if grab is None:
            grab = self.popup_grab = PopupGrab(self, client)
            grab.popups.append(popup)
            grab.start()
        elif popup not in grab.popups:
            grab.push(popup)

    def popup_unmapped(self, popup: Popup) -> None:
        """A popup is not shown any more. Harmless for one without grab."""
        grab = self.popup_grab
        if grab is not None and popup in grab.popups and grab.remove(popup):
            self.popup_grab = None
            grab.end()

    # Drag and drop

    def start_drag(
        self, source: Source | None, client: Client, icon: DragIcon | None, serial: int
    ) -> Drag | None:
        """Begin a drag with the button or finger whose press had that serial; None when there is none."""
        from compositor.model.seat.drag import Drag

        if self.drag is not None:
            return None
        point = None
        if not self.pointer.began_grab(client, serial):
            point = self.touch.began_grab(client, serial)
            if point is None:
                return None
        self.drag = Drag(self, source, client, icon)
        self.drag.start(point)
        return self.drag

    def drag_changed(self) -> None:
        """Tell that a drag began or ended."""
        for hook in list(self.on_drag):
            hook()

    @staticmethod
    def claim_icon(surface: Surface) -> DragIcon | None:
        """Give a surface the role of a drag's icon; None when it has another one."""
        from compositor.model.seat.drag import ICON_ROLE, DragIcon

        icon = surface.role if isinstance(surface.role, DragIcon) else DragIcon(surface)
        return icon if surface.set_role(ICON_ROLE, icon) else None

    def cancel_grabs(self) -> None:
        """Have everything given up that has taken input over: menus, drags."""
        self.pointer.cancel_grabs()
        self.touch.cancel()
