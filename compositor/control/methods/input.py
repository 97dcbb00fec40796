"""Pointer, keyboard and touch: input as if from devices. Coordinates are layout pixels.

The answer to a request is sent when its events are queued for the clients.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.methods.typing import press, type_text
from compositor.control.params import Coordinate, Identifier, Range
from compositor.control.registry import method
from compositor.descriptor import Descriptor
from compositor.errors import ConfigError, WeddellError
from compositor.model.keymap import KeymapError, builtin_keymap, layout_keymap
from compositor.model.seat import Axis, AxisSource

EvdevCode = Annotated[int, Range(1, 767)]
KeyCode = Annotated[int, Range(1, 247)]
"""XKB's codes end at 255, and are 8 higher than evdev's."""
KeyName = Annotated[str, Range(1, 64)]
MAX_TYPED = 100_000
"""Characters of one text."""

_SOURCES = {
    "wheel": AxisSource.WHEEL,
    "finger": AxisSource.FINGER,
    "continuous": AxisSource.CONTINUOUS,
    "wheel_tilt": AxisSource.WHEEL_TILT,
}


class PointerMethods:
    """The namespace ``pointer``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def _pointer(self) -> Any:
        # Whatever was committed so far has to be in place before it is pointed at.
        self._host.desktop.scene.settle()
        return self._host.desktop.seat.pointer

    @method("pointer.state")
    def state(self) -> dict[str, Any]:
        """Where it is, and which buttons are down."""
        pointer = self._pointer
        focus = self._host.desktop.window_of(pointer.focus) if pointer.focus is not None else None
        cursor = pointer.cursor.state
        return {
            "x": pointer.x,
            "y": pointer.y,
            "buttons": sorted(pointer.buttons),
            "focus": focus.id if focus is not None else None,
            "cursor": cursor.shape,
        }

    @method("pointer.move")
    def move(self, x: Coordinate, y: Coordinate) -> None:
        """Go to a layout point, as near as outputs and constraints allow."""
        pointer = self._pointer
        pointer.move_to(x, y)
        pointer.frame()

    @method("pointer.move_by")
    def move_by(self, dx: Coordinate, dy: Coordinate) -> None:
        """Go a way."""
        pointer = self._pointer
        pointer.move_by(dx, dy)
        pointer.frame()

    @method("pointer.button")
    def button(self, button: EvdevCode, pressed: bool) -> None:
        """Press or release a button."""
        pointer = self._pointer
        pointer.button(button, pressed)
        pointer.frame()

    @method("pointer.click")
    def click(self, button: EvdevCode, count: Annotated[int, Range(1, 10)] = 1) -> None:
        """Press and release a button, all at once if several times: a double click is told by its haste."""
        pointer = self._pointer
        for _ in range(count):
            for pressed in (True, False):
                pointer.button(button, pressed)
                pointer.frame()
                self._host.desktop.scene.settle()

    @method("pointer.axis")
    def axis(
        self,
        dx: Coordinate = 0.0,
        dy: Coordinate = 0.0,
        source: Literal["wheel", "finger", "continuous", "wheel_tilt"] = "wheel",
    ) -> None:
        """Scroll: in notches of a wheel, else in layout pixels, with which a finger is also lifted."""
        pointer = self._pointer
        kind = _SOURCES[source]
        moves = [(Axis.HORIZONTAL, dx), (Axis.VERTICAL, dy)]
        for axis, distance in moves:
            if not distance:
                continue
            if source in ("wheel", "wheel_tilt"):
                pointer.axis(axis, value120=round(distance * 120), source=kind)
            else:
                pointer.axis(axis, distance, source=kind)
        pointer.frame()
        if source == "finger":
            for axis, distance in moves:
                if distance:
                    pointer.axis_stop(axis, kind)
            pointer.frame()


class KeyboardMethods:
    """The namespace ``keyboard``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def _keyboard(self) -> Any:
        self._host.desktop.scene.settle()
        return self._host.desktop.seat.keyboard

    @method("keyboard.state")
    def state(self) -> dict[str, Any]:
        """Whether anything hears of keys, which window that is, and which keys are down."""
        keyboard = self._keyboard
        surface = keyboard.focused
        window = self._host.desktop.window_of(surface) if surface is not None else None
        return {
            "focused": surface is not None,
            "window": window.id if window is not None else None,
            "pressed": list(keyboard.pressed),
            "keymap": keyboard.default_device.keymap.name,
        }

    @method("keyboard.key")
    def key(self, key: KeyCode | KeyName, pressed: bool) -> None:
        """Press or release a key: its evdev code, or its name under the keymap, such as Return or a."""
        keyboard = self._keyboard
        keymap = keyboard.default_device.keymap
        code = keymap.keysym_lookup(key) if isinstance(key, str) else key
        if code is None:
            text = f"keyboard.key: no key of the keymap {keymap.name!r} is called {key!r}"
            raise RequestError(Code.INVALID_PARAMS, text)
        keyboard.key(code, pressed)

    @method("keyboard.chord")
    def chord(self, keys: KeyName) -> None:
        """Press and release a key or several together, such as Return or ctrl+shift+t."""
        keyboard = self._keyboard
        try:
            codes = keyboard.default_device.keymap.chord(keys)
        except ValueError as error:
            raise RequestError(Code.INVALID_PARAMS, f"keyboard.chord: {error}") from None
        press(keyboard, codes, keyboard.default_device)

    @method("keyboard.type")
    def type(
        self, text: Annotated[str, Range(0, MAX_TYPED)] | None = None, data: Descriptor | None = None
    ) -> None:
        """Type text, or what a frozen memfd holds in UTF-8, which may be longer than a line.

        Characters that the keymap lacks are typed on a keymap made for them.
        """
        if (text is None) == (data is None):
            raise RequestError(Code.INVALID_PARAMS, 'keyboard.type: either "text" or "data" is needed')
        if data is not None:
            try:
                from compositor.memory import open_frozen

                with open_frozen(data.take(), max_size=4 * MAX_TYPED) as message:
                    text = message.tobytes().decode()
            except (WeddellError, UnicodeDecodeError) as error:
                text = f'keyboard.type: "data" is refused: {error}'
                raise RequestError(Code.INVALID_PARAMS, text) from None
        assert text is not None
        try:
            type_text(self._keyboard, text)
        except KeymapError as error:
            raise RequestError(Code.INVALID_PARAMS, f"keyboard.type: {error}") from None

    @method("keyboard.set_layout")
    def set_layout(self, layout: KeyName) -> dict[str, str]:
        """Put another layout on it, such as de or us,gr; keys that are down are released first."""
        try:
            keymap = builtin_keymap() if layout == "us" else layout_keymap(layout)
        except (ConfigError, KeymapError) as error:
            raise RequestError(Code.INVALID_PARAMS, f"keyboard.set_layout: {error}") from None
        self._keyboard.set_keymap(keymap)
        return {"keymap": keymap.name}

    @method("keyboard.repeat")
    def repeat(
        self, rate: Annotated[int, Range(0, 1000)], delay_ms: Annotated[int, Range(0, 60_000)]
    ) -> None:
        """Have clients repeat keys so often a second after a delay; a rate of 0 is never."""
        self._keyboard.set_repeat(rate, delay_ms)


class TouchMethods:
    """The namespace ``touch``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def _touch(self) -> Any:
        self._host.desktop.scene.settle()
        return self._host.desktop.seat.touch

    def _with(self, name: str, id: int) -> Any:
        touch = self._touch
        if id not in touch.points:
            raise RequestError(Code.FAILED, f"{name}: finger {id} is not down (down: {sorted(touch.points)})")
        return touch

    @method("touch.down")
    def down(self, id: Identifier, x: Coordinate, y: Coordinate) -> None:
        """Put a finger down."""
        touch = self._touch
        if id in touch.points:
            raise RequestError(Code.FAILED, f"touch.down: finger {id} is down already")
        if id > 0x7FFF_FFFF:
            raise RequestError(Code.INVALID_PARAMS, f'touch.down: "id" must fit in 31 bits, not {id}')
        touch.down(id, x, y)
        touch.frame()

    @method("touch.move")
    def move(self, id: Identifier, x: Coordinate, y: Coordinate) -> None:
        """Move a finger."""
        touch = self._with("touch.move", id)
        touch.motion(id, x, y)
        touch.frame()

    @method("touch.up")
    def up(self, id: Identifier) -> None:
        """Lift a finger."""
        touch = self._with("touch.up", id)
        touch.up(id)
        touch.frame()

    @method("touch.cancel")
    def cancel(self) -> None:
        """Have clients forget all fingers that are down."""
        self._touch.cancel()
