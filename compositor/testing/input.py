"""Keyboard, pointer and touch of the driver. Coordinates are layout pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from compositor.testing.errors import DriverError, WaitTimeout
from compositor.testing.keys import button_code

if TYPE_CHECKING:
    from compositor.testing.compositor import Compositor

_DRAG_STEPS = 8
_ANSWER_S = 1.0


class Keyboard:
    """The keyboard; what it sends goes to the window that has the focus.

        compositor.keyboard.type("Grüße, 世界\\n")
        compositor.keyboard.press("ctrl+a")
        with compositor.keyboard.hold("shift"):
            compositor.keyboard.press("Left")

    Characters that the layout lacks are typed on a keymap made for them.
    """

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor

    def type(self, text: str) -> None:
        """Type any Unicode text; a newline is Enter, a tab is Tab.

        Raises:
            WaitTimeout: if nothing takes the keyboard focus.
        """
        if not isinstance(text, str):
            raise DriverError(f"only a string can be typed, not {text!r}")
        self._compositor.wait_keyboard_focus()
        for part in _in_parts(text, 2000):
            self._compositor.call("keyboard.type", text=part)
        self._compositor.pause()

    def press(self, keys: str) -> None:
        """Press and release a key or chord, such as ``Return`` or ``ctrl+shift+t``.

        Names are X11's without regard to case (Return, F5, Page_Up), characters, and the usual short
        ones: ctrl, shift, alt, altgr, super, enter, esc, del, pageup and so on.

        Raises:
            WaitTimeout: if nothing takes the keyboard focus.
            RequestRefused: if the keymap has no such key.
        """
        self._compositor.wait_keyboard_focus()
        self._compositor.call("keyboard.chord", keys=keys)
        self._compositor.pause()

    def down(self, key: str | int) -> None:
        """Press a key and keep it down: a name, or an evdev code."""
        self._key(key, True)

    def up(self, key: str | int) -> None:
        """Let a key go."""
        self._key(key, False)

    @contextmanager
    def hold(self, *keys: str | int) -> Iterator[None]:
        """Keep keys down, as in ``with keyboard.hold("ctrl"): window.click(5, 5)``."""
        for key in keys:
            self._key(key, True)
        try:
            yield
        finally:
            for key in reversed(keys):
                self._key(key, False)

    @property
    def layout(self) -> str:
        """Name of the layout, as its keymap says it; setting it puts another one on the keyboard.

        ``us`` is always there; the others, such as ``de`` or ``us,gr``, come with libxkbcommon. A layout
        decides what keys mean; `type` reaches any character on any layout.

        Raises:
            RequestRefused: if there is no such layout.
        """
        return str(self._compositor.call("keyboard.state")["keymap"])

    @layout.setter
    def layout(self, layout: str) -> None:
        self._compositor.call("keyboard.set_layout", layout=layout)

    @property
    def pressed(self) -> list[int]:
        """The keys that are down, as evdev codes."""
        return list(self._compositor.call("keyboard.state")["pressed"])

    def set_repeat(self, rate: int, delay_ms: int) -> None:
        """Have programs repeat a key that is held `rate` times a second after `delay_ms`; 0 is never."""
        self._compositor.call("keyboard.repeat", rate=rate, delay_ms=delay_ms)

    def _key(self, key: str | int, pressed: bool) -> None:
        self._compositor.call("keyboard.key", key=key, pressed=pressed)


def _in_parts(text: str, length: int) -> Iterator[str]:
    for start in range(0, len(text), length):
        yield text[start : start + length]


class Pointer:
    """The pointer. Clicks go to whatever is under it.

        x, y = window.to_layout(100, 80)
        compositor.pointer.click(x, y)
        compositor.pointer.drag((x, y), (x + 50, y))
        compositor.pointer.scroll(dy=3)

    Buttons are left, right, middle, side, extra, or an evdev code.
    """

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor

    @property
    def position(self) -> tuple[float, float]:
        """Where it is, layout pixels."""
        state = self._compositor.call("pointer.state")
        return state["x"], state["y"]

    def move(self, x: float, y: float) -> None:
        """Go to a layout point."""
        self._compositor.call("pointer.move", x=x, y=y)
        self._compositor.pause()

    def move_by(self, dx: float, dy: float) -> None:
        """Go a way, layout pixels."""
        self._compositor.call("pointer.move_by", dx=dx, dy=dy)
        self._compositor.pause()

    def down(self, button: str | int = "left") -> None:
        """Press a button and keep it down."""
        self._button(button, True)

    def up(self, button: str | int = "left") -> None:
        """Let a button go."""
        self._button(button, False)

    def click(
        self, x: float | None = None, y: float | None = None, button: str | int = "left", count: int = 1
    ) -> None:
        """Click, where it is or at a layout point; `count` 2 is a double click, on a busy machine as well."""
        if x is not None and y is not None:
            self._compositor.call("pointer.move", x=x, y=y)
        self._compositor.call("pointer.click", button=button_code(button), count=count)
        self._compositor.pause()

    def double_click(
        self, x: float | None = None, y: float | None = None, button: str | int = "left"
    ) -> None:
        """Click twice."""
        self.click(x, y, button, 2)

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: str | int = "left") -> None:
        """Press at one layout point, go to another in steps; release there when programs have answered."""
        self.move(*start)
        self._button(button, True)
        for step in range(1, _DRAG_STEPS + 1):
            part = step / _DRAG_STEPS
            x = start[0] + (end[0] - start[0]) * part
            y = start[1] + (end[1] - start[1]) * part
            self.move(x, y)
        # Who drags something sees first that it may be dropped there, and programs take their time to say so.
        # One that never rests has had its time.
        with suppress(WaitTimeout):
            self._compositor.wait_idle(timeout_s=_ANSWER_S)
        self._button(button, False)
        self._compositor.pause()

    def scroll(self, dx: float = 0.0, dy: float = 0.0, source: str = "wheel") -> None:
        """Scroll; with the source ``wheel`` in notches, down and right positive, else in layout pixels.

        Args:
            source: wheel, finger or continuous.
        """
        self._compositor.call("pointer.axis", dx=dx, dy=dy, source=source)
        self._compositor.pause()

    def _button(self, button: str | int, pressed: bool) -> None:
        self._compositor.call("pointer.button", button=button_code(button), pressed=pressed)


class Touch:
    """A touch screen; fingers are told apart by a number of your choice.

        x, y = window.to_layout(100, 80)
        compositor.touch.tap(x, y)
        compositor.touch.down(x, y, id=0)
        compositor.touch.down(x + 40, y, id=1)
        compositor.touch.move(x + 60, y, id=1)
        compositor.touch.up(0)
        compositor.touch.up(1)

    Where two go apart, as here, programs that know gestures zoom in.
    """

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor

    def down(self, x: float, y: float, id: int = 0) -> None:
        """Put a finger down at a layout point."""
        self._compositor.call("touch.down", id=id, x=x, y=y)

    def move(self, x: float, y: float, id: int = 0) -> None:
        """Move a finger."""
        self._compositor.call("touch.move", id=id, x=x, y=y)

    def up(self, id: int = 0) -> None:
        """Lift a finger."""
        self._compositor.call("touch.up", id=id)
        self._compositor.pause()

    def cancel(self) -> None:
        """Have clients forget all fingers that are down."""
        self._compositor.call("touch.cancel")

    def tap(self, x: float, y: float) -> None:
        """Touch a layout point for a moment."""
        self.down(x, y)
        self.up()

    def swipe(self, start: tuple[float, float], end: tuple[float, float], id: int = 0) -> None:
        """Move one finger from a layout point to another, in steps."""
        self.down(*start, id=id)
        for step in range(1, _DRAG_STEPS + 1):
            part = step / _DRAG_STEPS
            self.move(start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part, id)
        self.up(id)
