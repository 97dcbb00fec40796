"""The connection to an X server: descriptor, events, atoms and properties.

Everything through pyglet's bindings of Xlib, which carry no types. pyglet's own event loop is not used.
Only this folder imports it.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

from compositor.errors import WeddellError
from compositor.logs import Log

log = Log(__name__)

_GENERIC_EVENT = 35
_QUEUED_ALREADY = 0
_MAX_EVENTS = 512
_MAX_PART = 1 << 18
# Half of the buffer that Xlib has for requests.
_PART_TO_SEND = 1 << 13
_MAX_PROPERTY = 1 << 20
XA_ATOM = 4
XA_CARDINAL = 6
XA_STRING = 31


class NoDisplay(WeddellError):
    """There is no X server to show a window on; the text says why."""


def load() -> Any:
    """Return pyglet's Xlib bindings.

    Raises:
        NoDisplay: the system has no libX11.
    """
    try:
        from pyglet.libs.x11 import xlib
    except ImportError as error:
        raise NoDisplay(f"libX11 cannot be loaded (Debian package libx11-6): {error}") from None
    return xlib


class Connection:
    """A connection to the X server.

    Args:
        display: a `Display *` that somebody has opened; opened (and closed) here if None.

    Attributes:
        x: the bindings.
        display: for calls of `x`.
        handlers: by window, called with its events.
        generic: called with the cookies of extension events, which have no window that all agree on.
        any_event: called with events of windows without handler.
        broken: whether the server has gone.

    Raises:
        NoDisplay: it does not answer.
    """

    def __init__(self, display: Any = None) -> None:
        x = self.x = load()
        self._owned = display is None
        if display is None:
            name = os.environ.get("DISPLAY")
            if not name:
                raise NoDisplay("DISPLAY is not set, so there is no desktop to show a window on")
            display = x.XOpenDisplay(None)
            if not display:
                raise NoDisplay(f"the X server {name} does not answer or does not let us in")
        self.display = display
        self.fd = int(x.XConnectionNumber(display))
        self.screen = int(x.XDefaultScreen(display))
        self.root = int(x.XRootWindow(display, self.screen))
        self.handlers: dict[int, Callable[[Any], None]] = {}
        self.generic: Callable[[Any], None] | None = None
        self.any_event: Callable[[Any], None] | None = None
        self.broken = False
        self._event = x.XEvent()
        self._atoms: dict[str, int] = {}
        self._keep = _survive_errors(x, display, self._broke)

    def _broke(self) -> None:
        self.broken = True

    def pump(self) -> int:
        """See to the events that are there, without waiting; returns how many."""
        x, event = self.x, self._event
        seen = 0
        while not self.broken and seen < _MAX_EVENTS and x.XPending(self.display):
            x.XNextEvent(self.display, event)
            if self.broken:
                break
            seen += 1
            if event.type == _GENERIC_EVENT:
                self._generic(event)
                continue
            handler = self.handlers.get(event.xany.window) or self.any_event
            if handler is not None:
                handler(event)
        return seen

    def _generic(self, event: Any) -> None:
        cookie = event.xcookie
        if not self.x.XGetEventData(self.display, cookie):
            return
        try:
            if self.generic is not None:
                self.generic(cookie)
        finally:
            self.x.XFreeEventData(self.display, cookie)

    @property
    def queued(self) -> bool:
        """Whether events were read off the wire already, so that the descriptor will not tell of them."""
        return not self.broken and bool(self.x.XEventsQueued(self.display, _QUEUED_ALREADY))

    def flush(self) -> None:
        """Send what is waiting to be sent."""
        if not self.broken:
            self.x.XFlush(self.display)

    # Atoms and properties

    def atom(self, name: str) -> int:
        """Return an atom."""
        found = self._atoms.get(name)
        if found is None:
            found = self._atoms[name] = int(self.x.XInternAtom(self.display, name.encode(), False))
        return found

    def set_property(self, window: int, name: str, kind: int, data: bytes, width: int = 8) -> None:
        """Set a property.

        Args:
            kind: atom of its type.
            data: for a width of 32, native longs.
            width: bits of an item.
        """
        x, item = self.x, 8 if width == 32 else width // 8
        atom, mode = self.atom(name), x.PropModeReplace
        for start in range(0, max(1, len(data)), _PART_TO_SEND):
            # Xlib waits for ever until data fits into its buffer when the server goes meanwhile.
            self.flush()
            if self.broken:
                return
            part = data[start : start + _PART_TO_SEND]
            buffer = (ctypes.c_ubyte * len(part)).from_buffer_copy(part)
            x.XChangeProperty(self.display, window, atom, kind, width, mode, buffer, len(part) // item)
            mode = x.PropModeAppend

    def set_longs(self, window: int, name: str, kind: int, values: list[int]) -> None:
        """Set a property of 32-bit items."""
        self.set_property(window, name, kind, bytes((ctypes.c_ulong * len(values))(*values)), 32)

    def get_property(
        self, window: int, atom: int, delete: bool = False, most: int = _MAX_PROPERTY
    ) -> tuple[int, bytes] | None:
        """Return a property's type and bytes (items of 32 bits as longs), or None.

        Args:
            delete: whether it is deleted.
            most: bytes; what is larger is None as well.
        """
        x = self.x
        kind, data = 0, bytearray()
        while True:
            part = self._get_part(window, atom, len(data) // 4, delete)
            if part is None:
                return None
            kind, found, after = part
            data += found
            if not after:
                return kind, bytes(data)
            if len(data) + after > most:
                log.warning("a property of %d bytes is too large", len(data) + after)
                if delete:
                    x.XDeleteProperty(self.display, window, atom)
                return None

    def _get_part(self, window: int, atom: int, start: int, delete: bool) -> tuple[int, bytes, int] | None:
        """Return a property's type, a part of it from an item on, and how many bytes are left after that."""
        x = self.x
        kind, width = x.Atom(), ctypes.c_int()
        count, after = ctypes.c_ulong(), ctypes.c_ulong()
        data = ctypes.POINTER(ctypes.c_ubyte)()
        status = x.XGetWindowProperty(
            self.display,
            window,
            atom,
            start,
            _MAX_PART // 4,
            bool(delete),
            0,
            kind,
            width,
            count,
            after,
            ctypes.byref(data),
        )
        if status or not data:
            return None
        try:
            if not kind.value:
                return None
            size = count.value * (ctypes.sizeof(ctypes.c_long) if width.value == 32 else width.value // 8)
            # A list of items that long is nothing that anybody asks for.
            left = after.value if width.value == 8 else 0
            return int(kind.value), ctypes.string_at(data, size), left
        finally:
            x.XFree(data)

    def root_strings(self, name: str) -> list[str]:
        """Return a property of the root window that is a list of strings; empty if there is none."""
        found = self.get_property(self.root, self.atom(name))
        return [] if found is None else found[1].decode("utf-8", "replace").split("\0")

    def depth_of(self, window: int) -> int:
        """Return how many bits of a window's pixels count; 0 if there is no such window."""
        x = self.x
        root, depth = x.Window(), ctypes.c_uint()
        place = (ctypes.c_int(), ctypes.c_int(), ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint())
        found = x.XGetGeometry(
            self.display, window, *(ctypes.byref(value) for value in (root, *place, depth))
        )
        return int(depth.value) if found else 0

    @property
    def screen_size(self) -> tuple[int, int]:
        """Width and height of the whole screen, pixels."""
        x, display = self.x, self.display
        return int(x.XDisplayWidth(display, self.screen)), int(x.XDisplayHeight(display, self.screen))

    def dots_per_inch(self) -> float:
        """Return what the desktop says of its density; 96 is usual."""
        resources = self.x.XResourceManagerString(self.display)
        for line in (resources or b"").decode("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "Xft.dpi":
                try:
                    return float(value)
                except ValueError:
                    break
        return 96.0

    def close(self) -> None:
        """Close it, if it was opened here."""
        if self._owned and not self.broken:
            self.x.XCloseDisplay(self.display)
        self.broken = True


def _survive_errors(x: Any, display: Any, broke: Callable[[], None]) -> tuple[Any, ...]:
    """Have errors logged instead of ending the process; returns what has to be kept."""

    def failed(display: Any, event: Any) -> int:
        error = event.contents
        log.warning("X error %d in request %d.%d", error.error_code, error.request_code, error.minor_code)
        return 0

    on_error = x.XErrorHandler(failed)
    x.XSetErrorHandler(on_error)
    try:
        # Since libX11 1.7: without it the process ends when the server does, and leaves its sockets behind.
        set_handler = x._lib.XSetIOErrorExitHandler
    except AttributeError:
        return (on_error,)
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
    set_handler.argtypes = [ctypes.c_void_p, kind, ctypes.c_void_p]
    set_handler.restype = None
    on_end = kind(lambda display, data: broke())
    set_handler(ctypes.cast(display, ctypes.c_void_p), on_end, None)
    # Xlib's own would print and end the process before the other is asked.
    on_loss = x.XIOErrorHandler(lambda display: 0)
    x.XSetIOErrorHandler(on_loss)
    return on_error, on_end, on_loss
