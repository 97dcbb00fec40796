"""Desktop: the whole of what the compositor believes, and its window policy.

Protocols change it and are told of it; backends show it; drivers steer it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from compositor.clock import Clock
from compositor.geometry import Rect
from compositor.limits import Limits
from compositor.model.capture import CaptureQueue, Capturer
from compositor.model.configure import ConfigureState
from compositor.model.decoration import Decorator
from compositor.model.idle import IdleMonitor
from compositor.model.output import Output
from compositor.model.pacing import Pacing
from compositor.model.placement import nearest_shown, place_window, within
from compositor.model.sandbox import SandboxHost
from compositor.model.scene import Layer, Scene
from compositor.model.stacking import restack
from compositor.model.surface import Surface
from compositor.model.toplevel_state import TILED
from compositor.model.window import Window
from compositor.timers import TimerQueue

if TYPE_CHECKING:
    from compositor.model.item import Item
    from compositor.model.layer import LayerSurface
    from compositor.model.layers import Layers
    from compositor.model.lock import SessionLock
    from compositor.model.seat import Seat

HIDDEN_FRAME_NS = 1_000_000_000
"""Surfaces that nobody sees get a frame callback this often."""


class Desktop:
    """Outputs, windows, scene and seat.

    Attributes:
        outputs: those that show something.
        heads: every output that is plugged in, also those switched off.
        on_heads: called with nothing when anything about the heads changed.
        windows: every toplevel, mapped or not, in the order created.
        focused: the window that has the focus, or None.
        on_window: called with (window, what) for mapped, unmapped, title, app_id, parent, state, size,
            position, focus, settled, destroyed.
        lenient: whether what programs of old do is let pass, where the protocols forbid it by now.
        unstarted: windows made since this turn began, while `lenient`.
        on_output: called with (output, what) for added, removed, changed.
    """

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        timers: TimerQueue,
        next_serial: Callable[[], int],
    ) -> None:
        self.clock = clock
        self.limits = limits
        self.timers = timers
        self.next_serial = next_serial
        self.scene = Scene()
        self.scene.on_hidden = self._hidden_waits
        self.outputs: list[Output] = []
        self.heads: list[Output] = []
        self.on_heads: list[Callable[[], None]] = []
        self._heads_held = False
        self.windows: list[Window] = []
        self.focused: Window | None = None
        self.seat: Seat = None  # type: ignore[assignment]
        self.decorator: Decorator | None = None
        self.presentation: Any = None
        self.seal_policy: Any = None
        self.privileged_for_all = True
        self.lenient = False
        self.unstarted: list[Window] = []
        self.second_look: Callable[[Any], bool] | None = None
        self.sandboxes: SandboxHost | None = None
        self.captures = CaptureQueue(self.scene)
        self.capturer: Capturer = None  # type: ignore[assignment]
        self.on_window: list[Callable[[Window, str], None]] = []
        self.on_output: list[Callable[[Output, str], None]] = []
        self.on_bell: list[Callable[[Window | None], None]] = []
        self.idle = IdleMonitor(self)
        self.lock: SessionLock | None = None
        self.scene.pacing = Pacing(clock, timers)
        self._last_window_id = 0
        self._hidden_timer: Any = None
        self.focus_history: list[Window] = []

    @cached_property
    def layers(self) -> Layers:
        """What stands on the layers around the windows; made when there is something."""
        from compositor.model.layers import Layers

        return Layers(self)

    # Time

    def now_ms(self) -> int:
        """Return the time as events carry it: milliseconds, 32 bits."""
        return self.clock.now_ns() // 1_000_000 & 0xFFFF_FFFF

    def _hidden_waits(self) -> None:
        if self._hidden_timer is None:
            deadline = self.clock.now_ns() + HIDDEN_FRAME_NS
            self._hidden_timer = self.timers.call_at(deadline, self._release_hidden)

    def _release_hidden(self) -> None:
        self._hidden_timer = None
        self.scene.release_hidden(self.now_ms())

    # Outputs

    def add_output(self, output: Output, place: bool = True) -> None:
        """Show the desktop on one more output, right of the others unless it has its place already."""
        if place:
            output.x = max((o.rect_layout.x2 for o in self.outputs), default=0)
            output.y = 0
        self.heads.append(output)
        output.on_changed.append(self._output_changed)
        self._show_on(output)
        self._heads_changed()

    def remove_output(self, output: Output) -> None:
        """Take an output away; windows on it move to what remains."""
        self.heads.remove(output)
        output.on_changed.remove(self._output_changed)
        if output.enabled:
            self._leave(output)
        self._heads_changed()

    def enable_output(self, output: Output) -> None:
        """Switch an output on that stayed plugged in. Harmless when it is on."""
        if not output.enabled:
            output.enabled = True
            self._show_on(output)
            self._heads_changed()

    def disable_output(self, output: Output) -> None:
        """Switch an output off as if unplugged, but remember it. Harmless when it is off."""
        if output.enabled:
            self._leave(output)
            self._heads_changed()

    @contextmanager
    def heads_changing(self) -> Iterator[None]:
        """Tell of several changes to heads as one, at the end."""
        self._heads_held = True
        try:
            yield
        finally:
            self._heads_held = False
            self._heads_changed()

    def _heads_changed(self) -> None:
        if not self._heads_held:
            for hook in list(self.on_heads):
                hook()

    def _show_on(self, output: Output) -> None:
        self.outputs.append(output)
        self.scene.add_output(output)
        self._tell_output(output, "added")

    def _leave(self, output: Output) -> None:
        self.outputs.remove(output)
        output.enabled = False
        self.scene.remove_output(output)
        self.captures.output_gone(output)
        self._tell_output(output, "removed")
        for window in self.windows:
            if window.fullscreen_output is output:
                window.fullscreen_output = None
                window.set_fullscreen(False)
            elif window.mapped:
                self._fit(window)

    def _output_changed(self, output: Output) -> None:
        self._heads_changed()
        if not output.enabled:
            return
        self.scene.output_changed(output)
        self._tell_output(output, "changed")
        self.arrange()

    def arrange(self) -> None:
        """Fit maximized, tiled and fullscreen windows to their outputs again."""
        for window in self.windows:
            if window.mapped:
                self._fit(window)

    def _fit(self, window: Window) -> None:
        """Have a window fill its output again, or at least be seen."""
        if window.fullscreen or window.maximized or window.states & TILED:
            window.arrange()
        else:
            self._bring_back(window)

    def _bring_back(self, window: Window) -> None:
        """Move a window that no output shows any more to the nearest one."""
        if self.outputs and not any(o.rect_layout.intersects(window.rect_layout) for o in self.outputs):
            window.move_to(*within(window, self.outputs[0].usable_layout))

    def _tell_output(self, output: Output, what: str) -> None:
        for hook in list(self.on_output):
            hook(output, what)

    def output_at(self, x: float, y: float) -> Output | None:
        """Return the output that shows a layout point."""
        return next((o for o in self.outputs if o.rect_layout.contains(x, y)), None)

    def output_of(self, item: Any) -> Output | None:
        """Return the output that shows most of an item, or the one under the pointer."""
        if item is not None and item.surface.content is not None:
            x, y = item.origin
            rect = Rect(x, y, item.surface.width, item.surface.height)
            best = max(self.outputs, key=lambda o: o.rect_layout.intersect(rect).area, default=None)
            if best is not None and best.rect_layout.intersects(rect):
                return best
        if self.seat is not None:
            found = self.output_at(self.seat.pointer.x, self.seat.pointer.y)
            if found is not None:
                return found
        return self.outputs[0] if self.outputs else None

    def clamp(self, x: float, y: float) -> tuple[float, float]:
        """Return the nearest layout point that an output shows."""
        return nearest_shown(x, y, self.outputs)

    # Windows

    def next_window_id(self) -> int:
        """Return a number that no window had before."""
        self._last_window_id += 1
        return self._last_window_id

    def add_window(self, window: Window) -> None:
        """Know a window, which is not shown yet."""
        self.windows.append(window)

    def start_windows(self) -> None:
        """Propose a size to new windows whose clients wait for one without having committed anything."""
        unstarted, self.unstarted = self.unstarted, []
        for window in unstarted:
            if window in self.windows and window.queue.state is ConfigureState.IDLE:
                window.start()

    def forget_window(self, window: Window) -> None:
        """A window is gone. Harmless when repeated."""
        if window in self.windows:
            self.windows.remove(window)
            self.window_changed(window, "destroyed")

    def map_window(self, window: Window) -> None:
        """Show a window for the first time, above the others and with the focus; open menus close."""
        if self.seat is not None and self.seat.popup_grab is not None:
            self.seat.popup_grab.dismiss()
        if not (window.placed or window.maximized or window.fullscreen):
            output = self.output_of(None)
            if output is not None:
                others = [w for w in self.windows if w.visible and w is not window]
                window.x, window.y = place_window(window, output.usable_layout, others)
        elif window.fullscreen or window.maximized:
            window.arrange_in_place()
        self.scene.add(window, Layer.WINDOWS)
        self.window_changed(window, "mapped")
        self.activate(window)

    def unmap_window(self, window: Window) -> None:
        """A window is not shown any more: the one focused before it gets the focus."""
        for popup in reversed(list(window.popups)):
            popup.dismiss()
        for other in self.windows:
            if other.parent is window:
                other.parent = window.parent
        self.scene.remove(window)
        if window in self.focus_history:
            self.focus_history.remove(window)
        self.window_changed(window, "unmapped")
        if self.focused is window:
            self.focused = None
            self._focus_next(window)

    def minimized(self, window: Window) -> None:
        """A window was minimized or brought back."""
        if window.minimized:
            window.set_activated(False)
            if self.focused is window:
                self.focused = None
                self._focus_next(window)
        else:
            self.activate(window)

    def _focus_next(self, window: Window) -> None:
        candidates = [w for w in reversed(self.focus_history) if w.visible and w is not window]
        if window.parent is not None and window.parent.visible:
            candidates.insert(0, window.parent)
        if candidates:
            self.activate(candidates[0])
        elif self.seat is not None:
            self.seat.keyboard.focus(None)
            self.window_changed(window, "focus")

    def activate(self, item: Item) -> None:
        """Raise a window and give it the keyboard; of other items only the keyboard's business is done."""
        if not isinstance(item, Window):
            item.take_keyboard()
            return
        window = self._modal_child(item)
        if window.minimized:
            window.set_minimized(False)
            return
        if self.seat is not None and (self.seat.pointer.buttons or self.seat.touch.points):
            # Somebody pressed it: whoever hangs is found out now.
            window.shell.ask_for_life()
        previous, self.focused = self.focused, window
        if previous is not None and previous is not window:
            previous.set_activated(False)
        window.set_activated(True)
        if window in self.focus_history:
            self.focus_history.remove(window)
        self.focus_history.append(window)
        if previous is not None and self.scene.layer_of(previous) is Layer.FULLSCREEN:
            restack(self, previous)
        restack(self, window)
        if self.seat is not None:
            self.seat.keyboard.focus(window.surface)
        if previous is not window:
            self.window_changed(window, "focus")

    def deactivate(self) -> None:
        """Take the focus from the window that has it."""
        window, self.focused = self.focused, None
        if window is not None:
            window.set_activated(False)
            self.window_changed(window, "focus")

    def lose_keyboard(self, item: LayerSurface) -> None:
        """Give the keyboard back to the window that had it before, if the item has it."""
        if self.seat.keyboard.wanted is item.surface or (
            self.focused is None and self.seat.keyboard.wanted is None
        ):
            self.seat.keyboard.focus(None)
            window = next((w for w in reversed(self.focus_history) if w.visible), None)
            if window is not None:
                self.activate(window)

    def _modal_child(self, window: Window) -> Window:
        """Return the modal dialog that stands in front of a window, if there is one."""
        for _ in range(16):
            child = next((w for w in self.windows if w.parent is window and w.modal and w.visible), None)
            if child is None:
                break
            window = child
        return window

    def window_changed(self, window: Window, what: str) -> None:
        """Tell whoever listens."""
        for hook in list(self.on_window):
            hook(window, what)
        if what in ("position", "size"):
            for popup in list(window.popups):
                popup.parent_moved()

    def window_of(self, surface: Surface) -> Window | None:
        """Return the window that a surface of a tree or popup belongs to."""
        role: Any = surface.root().role
        while role is not None and not isinstance(role, Window):
            role = getattr(role, "parent", None)
        return role if isinstance(role, Window) else None

    def ring(self, window: Window | None) -> None:
        """A client rang the bell, for a window or for none."""
        for hook in list(self.on_bell):
            hook(window)

    # Popups

    def popup_mapped(self, popup: Any) -> None:
        """A popup is shown: give a grabbing one the keyboard."""
        if popup.grabbed and self.lock is not None:
            # Nobody but the lock takes input over.
            popup.dismiss()
        elif popup.grabbed and self.seat is not None:
            self.seat.popup_mapped(popup)

    def popup_unmapped(self, popup: Any) -> None:
        """A popup is not shown any more."""
        if self.seat is not None:
            self.seat.popup_unmapped(popup)

    # People

    def begin_move(self, window: Window) -> None:
        """Let a window follow the pointer until the button is let go."""
        self.seat.begin_move(window)

    def press_part(self, item: Any, part: Any, button: int) -> None:
        """A button (evdev code) went down on a part of an item's decoration."""
        if self.decorator is not None and isinstance(item, Window):
            self.decorator.press(item, part, button)
        elif hasattr(item, "press"):
            # A picture of the compositor's own that answers for itself.
            item.press(part, button)

    def begin_resize(self, window: Window, edges: int) -> None:
        """Let edges of a window follow the pointer until the button is let go."""
        self.seat.begin_resize(window, edges)
