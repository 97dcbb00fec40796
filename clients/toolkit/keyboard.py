"""The keyboard: keymap, modifiers, and key repeat counted in frame callbacks instead of timers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .keymap import Keymap, Mod

if TYPE_CHECKING:
    from .surface import Surface

_KEYMAP_LIMIT = 1 << 20  # bytes; the largest real ones have 80 kB
_XKB_V1 = 1


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key: its keysym's name, the text it types ("" with Ctrl, Alt or Super held), and how it came."""

    keysym: str
    text: str
    modifiers: Mod
    pressed: bool
    repeated: bool
    serial: int

    def ctrl(self, letter: str) -> bool:
        """Return whether this is Ctrl with that letter (and no Alt)."""
        held = self.modifiers & (Mod.CTRL | Mod.ALT)
        return self.pressed and held == Mod.CTRL and self.keysym.lower() == letter


class Repeat:
    """When a held key repeats, in frame time: after `delay_ms`, then `rate` times a second."""

    __slots__ = ("_next_ms", "code", "delay_ms", "rate")

    def __init__(self) -> None:
        self.rate = 25
        self.delay_ms = 400
        self.code: int | None = None
        self._next_ms: float | None = None

    def press(self, code: int) -> None:
        """Start over with this key."""
        self.code = code
        self._next_ms = None

    def due(self, time_ms: int) -> int:
        """Return how many repeats have come due at `time_ms`, the time of a frame callback."""
        if self.code is None or self.rate <= 0:
            return 0
        if self._next_ms is None:
            self._next_ms = time_ms + self.delay_ms
        count = 0
        while self._next_ms <= time_ms and count < 8:  # after a long pause, do not type a whole page
            self._next_ms += 1000 / self.rate
            count += 1
        if count == 8:
            self._next_ms = time_ms + 1000 / self.rate
        return count


class Keyboard:
    """A wl_keyboard; events go to the focused surface."""

    def __init__(self, proxy: Any) -> None:
        self.focus: Surface | None = None
        self.modifiers = Mod(0)
        self.serial = 0
        self.repeat = Repeat()
        self._proxy = proxy
        self._group = 0
        self._keymap: Keymap | None = None
        for name in ("keymap", "enter", "leave", "key", "modifiers", "repeat_info"):
            proxy.dispatcher[name] = getattr(self, "_on_" + name)

    def on_frame(self, surface: Surface) -> None:
        """Repeat the held key as often as frame time says; the focused surface calls this."""
        if surface is self.focus and self.repeat.code is not None:
            for _ in range(self.repeat.due(surface.time_ms)):
                self._send(self.repeat.code, pressed=True, repeated=True)
            surface.tick()

    def _send(self, code: int, pressed: bool, repeated: bool) -> None:
        if self.focus is None or self._keymap is None:
            return
        keysym = self._keymap.keysym(code, self.modifiers, self._group)
        plain = not self.modifiers & (Mod.CTRL | Mod.ALT | Mod.SUPER)
        text = self._keymap.text(code, self.modifiers, self._group) if plain else ""
        self.focus.key(KeyEvent(keysym, text, self.modifiers, pressed, repeated, self.serial))

    def _on_keymap(self, proxy: Any, format: int, fd: int, size: int) -> None:
        try:
            if format == _XKB_V1 and size <= _KEYMAP_LIMIT:
                text = os.pread(fd, size, 0).rstrip(b"\0").decode(errors="replace")
                self._keymap = Keymap(text)
        finally:
            os.close(fd)

    def _on_enter(self, proxy: Any, serial: int, surface: Any, keys: bytes) -> None:
        self.serial = serial
        self.focus = surface.user_data if surface is not None else None
        if self.focus is not None:
            self.focus.focused(True)

    def _on_leave(self, proxy: Any, serial: int, surface: Any) -> None:
        self.repeat.code = None
        if self.focus is not None:
            self.focus.focused(False)
        self.focus = None

    def _on_key(self, proxy: Any, serial: int, time_ms: int, code: int, state: int) -> None:
        self.serial = serial
        pressed = state != 0
        if pressed and self._keymap is not None and self._keymap.repeats(code):
            self.repeat.press(code)
            if self.focus is not None:
                self.focus.tick()
        elif code == self.repeat.code:
            self.repeat.code = None
        self._send(code, pressed, repeated=state == 2)

    def _on_modifiers(
        self, proxy: Any, serial: int, depressed: int, latched: int, locked: int, group: int
    ) -> None:
        self.modifiers = Mod((depressed | latched | locked) & 0xFF)
        self._group = group

    def _on_repeat_info(self, proxy: Any, rate: int, delay_ms: int) -> None:
        self.repeat.rate = rate
        self.repeat.delay_ms = delay_ms
