"""What a person does at the devices of a `Stage`, and a client's end of them."""

from __future__ import annotations

from typing import Any

from support.client import Client, Proxy
from support.stage import Stage
from support.windows import Toplevel

LEFT, RIGHT = 0x110, 0x111
ESC, A, B, SHIFT, SUPER = 1, 30, 48, 42, 125


class Person:
    """Hands on the devices of a compositor."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.seat = stage.desktop.seat

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a layout point."""
        self._look()
        self.seat.pointer.move_to(x, y)
        self.seat.pointer.frame()
        self.stage.settle()

    def push(self, dx: float, dy: float) -> None:
        """Move the pointer's device a way."""
        self._look()
        self.seat.pointer.move_by(dx, dy)
        self.seat.pointer.frame()
        self.stage.settle()

    def button(self, pressed: bool, button: int = LEFT) -> None:
        """Press or release a button."""
        self._look()
        self.seat.pointer.button(button, pressed)
        self.seat.pointer.frame()
        self.stage.settle()

    def click(self, button: int = LEFT) -> None:
        """Press and release."""
        self.button(True, button)
        self.button(False, button)

    def key(self, key: int, pressed: bool) -> None:
        """Press or release a key."""
        self._look()
        self.seat.keyboard.key(key, pressed)
        self.stage.settle()

    def tap(self, key: int) -> None:
        """Press and release."""
        self.key(key, True)
        self.key(key, False)

    @property
    def place(self) -> tuple[float, float]:
        """Where the pointer is, layout pixels."""
        return self.seat.pointer.x, self.seat.pointer.y

    def _look(self) -> None:
        self.stage.settle()
        self.stage.scene.settle()
        self.stage.settle()


class Desk:
    """A client with a window at a known place, and its devices.

    Attributes:
        window: of the model; its geometry's corner is at `x`, `y`.
        pointer, keyboard: the client's.
    """

    def __init__(
        self, stage: Stage, client: Client, x: int = 50, y: int = 40, width: int = 100, height: int = 80
    ) -> None:
        self.stage = stage
        self.client = client
        self.seat: Proxy = client.get("wl_seat")
        self.pointer: Proxy = self.seat.get_pointer()
        self.keyboard: Proxy = self.seat.get_keyboard()
        self.toplevel = Toplevel(client).show(width, height)
        self.surface = self.toplevel.surface
        self.window: Any = stage.desktop.windows[-1]
        self.window.move_to(x, y)
        self.x, self.y = x, y
        stage.scene.settle()
        client.roundtrip()

    def region(self, *rects: tuple[int, int, int, int]) -> Proxy:
        """Make a wl_region."""
        region: Proxy = self.client.get("wl_compositor").create_region()
        for rect in rects:
            region.add(*rect)
        return region

    def commit(self) -> None:
        """Commit the surface as it is."""
        self.surface.commit()
        self.client.roundtrip()
