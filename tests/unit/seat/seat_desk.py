"""A desktop with a seat and recording listeners, without sockets."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from compositor.clock import ManualClock
from compositor.geometry import Rect
from compositor.limits import Limits
from compositor.model.buffer import Buffer
from compositor.model.content import SolidContent
from compositor.model.desktop import Desktop
from compositor.model.output import Output
from compositor.model.popup import Popup
from compositor.model.positioner import Positioner
from compositor.model.seat import Seat
from compositor.model.subsurface import Subsurface
from compositor.model.surface import BUFFER, Surface
from compositor.model.window import Window
from compositor.timers import TimerQueue


class Log:
    """Implements every listener by writing down what it was told."""

    def __init__(self, events: list[tuple[Any, ...]], prefix: str) -> None:
        self._events = events
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args: self._events.append((f"{self._prefix}.{name}", *args))


class FakeShell:
    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send_configure(self, *args: Any) -> int:
        self.sent.append(args)
        return len(self.sent)

    def send_close(self) -> None:
        self.sent.append("close")

    def send_done(self) -> None:
        self.sent.append("done")

    def ask_for_life(self) -> None: ...

    def end(self) -> None: ...

    def decoration_changed(self, server_side: bool) -> None: ...


@dataclass
class Resource:
    alive: bool = True


@dataclass
class Desk:
    """The desktop under test, and short ways to fill it."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(1_000_000_000))
    events: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        serials = itertools.count(1)
        self.desktop = Desktop(self.clock, Limits(), TimerQueue(), lambda: next(serials))
        self.desktop.add_output(Output("T-1", 1000, 800))
        self.pressed_parts: list[tuple[Any, Any, int]] = []
        self.desktop.press_part = lambda *a: self.pressed_parts.append(a)  # type: ignore[method-assign]
        self.seat = Seat(self.desktop)
        self.desktop.seat = self.seat
        self.scene.on_layout.append(self.seat.pointer.refocus)
        self.pointer, self.keyboard, self.touch = self.seat.pointer, self.seat.keyboard, self.seat.touch
        self.pointer.listener = Log(self.events, "pointer")  # type: ignore[assignment]
        self.keyboard.listener = Log(self.events, "keyboard")  # type: ignore[assignment]
        self.touch.listener = Log(self.events, "touch")  # type: ignore[assignment]
        self.seat.drag_listener = Log(self.events, "drag")  # type: ignore[assignment]

    @property
    def scene(self) -> Any:
        return self.desktop.scene

    def surface(self, client: Any = "a") -> Surface:
        surface = Surface(client, self.scene)
        surface.resource = Resource()
        return surface

    def show(self, surface: Surface, width: int, height: int) -> None:
        """Commit a buffer of one colour."""
        surface.pending.buffer = Buffer(width, height, SolidContent(1, 0, 0))
        surface.pending.fields |= BUFFER
        surface.commit()

    def hide(self, surface: Surface) -> None:
        surface.pending.buffer = None
        surface.pending.fields |= BUFFER
        surface.commit()

    def window(self, x: int, y: int, width: int = 200, height: int = 100, client: Any = "a") -> Window:
        surface = self.surface(client)
        window = Window(self.desktop, surface, FakeShell())
        assert surface.set_role("xdg_toplevel", window)
        self.desktop.add_window(window)
        window.start()
        window.queue.ack(window.queue.inflight[-1][0])
        window.x, window.y, window.placed = x, y, True
        self.show(surface, width, height)
        self.settle()
        return window

    def subsurface(self, parent: Surface, x: int, y: int, width: int, height: int) -> Surface:
        surface = self.surface(parent.client)
        child = Subsurface(surface, parent)
        surface.set_role("subsurface", child)
        child.set_sync(False)
        child.set_position(x, y)
        parent.commit()
        self.show(surface, width, height)
        self.settle()
        return surface

    def popup(self, parent: Any, x: int, y: int, width: int, height: int, grab: bool = True) -> Popup:
        surface = self.surface(parent.surface.client)
        rules = Positioner()
        rules.width, rules.height = width, height
        rules.anchor_rect = Rect(0, 0, 1, 1)
        popup = Popup(self.desktop, surface, parent, rules, FakeShell())
        assert surface.set_role("xdg_popup", popup)
        popup.grabbed = grab
        popup.place = popup.place._replace(x=x, y=y)
        self.show(surface, width, height)
        self.settle()
        return popup

    def settle(self) -> None:
        self.scene.settle()

    def take(self, *prefixes: str) -> list[tuple[Any, ...]]:
        """Return what listeners were told since the last call; serials are left out of it."""
        told = [_without_serial(e) for e in self.events if not prefixes or e[0].startswith(prefixes)]
        self.events.clear()
        return told

    def click(self, x: float, y: float, button: int = 0x110) -> None:
        self.pointer.move_to(x, y)
        self.pointer.button(button, True)
        self.pointer.button(button, False)
        self.pointer.frame()


_SERIAL_AT = {
    "pointer.enter": 2,
    "pointer.leave": 2,
    "pointer.button": 1,
    "keyboard.enter": 2,
    "keyboard.leave": 2,
    "keyboard.key": 1,
    "keyboard.modifiers": 1,
    "touch.down": 2,
    "touch.up": 2,
    "drag.enter": 3,
}


def _without_serial(event: tuple[Any, ...]) -> tuple[Any, ...]:
    at = _SERIAL_AT.get(event[0])
    return event if at is None else (*event[:at], *event[at + 1 :])
