"""Text between the host's clipboard and the seat's, both ways, without ever waiting for the other side.

Whoever copied last has it: a client that copies takes the host's selection over, and gives it back when
another program on the host copies. The backend passes it the events of its windows.
Source: ICCCM section 2, "Peer-to-Peer Communication by Means of Selections".
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any, Protocol

from compositor.backend.window.x11 import XA_ATOM, XA_STRING, Connection
from compositor.clock import RealClock
from compositor.descriptor import close_fd
from compositor.logs import Log
from compositor.model.desktop import Desktop
from compositor.model.selection import Source
from compositor.timers import Timer, TimerQueue

log = Log(__name__)

TEXT_TYPES = ("text/plain;charset=utf-8", "UTF8_STRING", "text/plain", "STRING", "TEXT")
_MAX_BYTES = 4 << 20
_MAX_WAITING = 32
_TIMEOUT_NS = 2_000_000_000
_PROPERTY = "_WEDDELL_CLIPBOARD"
_OWNER_CHANGED, _EVERY_CHANGE = 0, 0b111


class _OwnerEvent(ctypes.Structure):
    """XFixesSelectionNotifyEvent."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("subtype", ctypes.c_int),
        ("owner", ctypes.c_ulong),
        ("selection", ctypes.c_ulong),
        ("timestamp", ctypes.c_ulong),
        ("selection_timestamp", ctypes.c_ulong),
    ]


class Loop(Protocol):
    """What is needed of the event loop."""

    timers: TimerQueue

    def add_reader(self, fd: int, callback: Callable[[], None]) -> None:
        """Call `callback` whenever `fd` can be read."""

    def add_writer(self, fd: int, callback: Callable[[], None]) -> None:
        """Call `callback` whenever `fd` can be written."""

    def remove(self, fd: int) -> None:
        """Forget a descriptor."""


class _HostSource(Source):
    """What a program on the host has copied."""

    def __init__(self, clipboard: HostClipboard) -> None:
        super().__init__(None)
        self._clipboard = clipboard
        for mime_type in TEXT_TYPES:
            self.offer(mime_type)

    def send(self, mime_type: str, fd: int) -> None:
        self._clipboard.fetch(fd)

    def cancelled(self) -> None:
        self.destroy()


class _Reading:
    """The text of a client on its way to the host."""

    def __init__(self, loop: Loop, fd: int, done: Callable[[bytes | None], None]) -> None:
        self._loop = loop
        self._fd = fd
        self._done = done
        self._data = bytearray()
        self._timer: Timer = loop.timers.call_at(RealClock().now_ns() + _TIMEOUT_NS, self.stop)
        os.set_blocking(fd, False)
        loop.add_reader(fd, self._readable)

    def _readable(self) -> None:
        try:
            part = os.read(self._fd, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            self.stop()
            return
        self._data += part
        if not part:
            self._finish(bytes(self._data))
        elif len(self._data) > _MAX_BYTES:
            self.stop()

    def stop(self) -> None:
        """Read no more; there is no text."""
        self._finish(None)

    def _finish(self, data: bytes | None) -> None:
        if self._fd >= 0:
            self._timer.cancel()
            self._loop.remove(self._fd)
            os.close(self._fd)
            self._fd = -1
            self._done(data)


class HostClipboard:
    """The host's CLIPBOARD selection, exchanged with the seat's."""

    def __init__(self, connection: Connection, desktop: Desktop, loop: Loop) -> None:
        self._connection = connection
        self._selection = desktop.seat.selection
        self._loop = loop
        self._clipboard = connection.atom("CLIPBOARD")
        self._owning = False
        # Descriptors that wait for the host's text, and the end of their patience.
        self._waiting: list[int] = []
        self._patience: Timer | None = None
        # What has come so far of a text that comes in parts.
        self._parts: bytearray | None = None
        self._readings: set[_Reading] = set()
        x, display = connection.x, connection.display
        # A window of its own: those of outputs come and go.
        self._window = int(x.XCreateSimpleWindow(display, connection.root, 0, 0, 1, 1, 0, 0, 0))
        # Its properties tell when a part of a long text is there.
        x.XSelectInput(display, self._window, x.PropertyChangeMask)
        connection.handlers[self._window] = self._event
        self._owner_changed = _watch_owner(connection, self._window, self._clipboard)
        self._selection.on_change.append(self._changed)

    # From clients to the host

    def _changed(self) -> None:
        source = self._selection.source
        if self._connection.broken or isinstance(source, _HostSource):
            return
        x, display = self._connection.x, self._connection.display
        if source is not None and _text_type(source) is not None:
            x.XSetSelectionOwner(display, self._clipboard, self._window, x.CurrentTime)
            self._owning = x.XGetSelectionOwner(display, self._clipboard) == self._window
        elif self._owning:
            self._owning = False
            x.XSetSelectionOwner(display, self._clipboard, 0, x.CurrentTime)

    def _requested(self, request: Any) -> None:
        """A program on the host wants to paste."""
        connection = self._connection
        requestor, target = int(request.requestor), int(request.target)
        # Old programs leave the property out and mean the target.
        place = int(request.property) or target
        time = int(request.time)

        def answer(success: bool) -> None:
            self._notify(requestor, target, place if success else 0, time)

        source = self._selection.source
        mime_type = None if source is None or isinstance(source, _HostSource) else _text_type(source)
        texts = {connection.atom("UTF8_STRING"), connection.atom("text/plain;charset=utf-8"), XA_STRING}
        if target == connection.atom("TARGETS"):
            atoms = [connection.atom("TARGETS"), *texts]
            self._put(requestor, place, XA_ATOM, bytes((ctypes.c_ulong * len(atoms))(*atoms)), 32)
            answer(True)
        elif target not in texts or source is None or mime_type is None or len(self._readings) > _MAX_WAITING:
            answer(False)
        else:
            ours, theirs = os.pipe2(os.O_CLOEXEC)

            def arrived(data: bytes | None) -> None:
                self._readings.discard(reading)
                if data is None or connection.broken or len(data) > self._most_bytes():
                    answer(False)
                    return
                self._put(requestor, place, target, data, 8)
                answer(True)

            reading = _Reading(self._loop, ours, arrived)
            self._readings.add(reading)
            source.request(mime_type, theirs)

    def _most_bytes(self) -> int:
        x, display = self._connection.x, self._connection.display
        units = x.XExtendedMaxRequestSize(display) or x.XMaxRequestSize(display)
        return min(int(units) * 4 - 256, _MAX_BYTES)

    def _put(self, window: int, place: int, kind: int, data: bytes, width: int) -> None:
        x = self._connection.x
        count = len(data) // (8 if width == 32 else 1)
        buffer = (ctypes.c_ubyte * max(len(data), 1))(*b"")
        ctypes.memmove(buffer, data, len(data))
        x.XChangeProperty(
            self._connection.display, window, place, kind, width, x.PropModeReplace, buffer, count
        )

    def _notify(self, requestor: int, target: int, place: int, time: int) -> None:
        if self._connection.broken:
            return
        x = self._connection.x
        event = x.XEvent()
        event.xselection.type = x.SelectionNotify
        event.xselection.requestor = requestor
        event.xselection.selection = self._clipboard
        event.xselection.target = target
        event.xselection.property = place
        event.xselection.time = time
        x.XSendEvent(self._connection.display, requestor, False, 0, ctypes.byref(event))
        self._connection.flush()

    # From the host to clients

    def focus_changed(self, focused: bool) -> None:
        """Our windows have got or lost the host's keyboard: what was copied elsewhere can be pasted here."""
        if focused and not self._owning and not isinstance(self._selection.source, _HostSource):
            x, display = self._connection.x, self._connection.display
            self._offer_host(int(x.XGetSelectionOwner(display, self._clipboard)))

    def _offer_host(self, owner: int) -> None:
        """Offer what a window of the host has, or nothing any more if there is none."""
        if owner == self._window:
            return
        if owner:
            self._selection.set(_HostSource(self))
        elif isinstance(self._selection.source, _HostSource):
            self._selection.set(None)

    def fetch(self, fd: int) -> None:
        """Write the host's text to a descriptor and close it."""
        if self._connection.broken or len(self._waiting) >= _MAX_WAITING:
            close_fd(fd)
            return
        self._waiting.append(fd)
        if self._patience is None:
            connection = self._connection
            x = connection.x
            x.XConvertSelection(
                connection.display,
                self._clipboard,
                connection.atom("UTF8_STRING"),
                connection.atom(_PROPERTY),
                self._window,
                x.CurrentTime,
            )
            connection.flush()
            self._wait()

    def _wait(self) -> None:
        """Be patient with the host's program from now on."""
        if self._patience is not None:
            self._patience.cancel()
        deadline = RealClock().now_ns() + _TIMEOUT_NS
        self._patience = self._loop.timers.call_at(deadline, lambda: self._deliver(b""))

    def _read(self, place: int) -> tuple[int, bytes] | None:
        return self._connection.get_property(self._window, place, delete=True, most=_MAX_BYTES)

    def _arrived(self, event: Any) -> None:
        place = int(event.xselection.property)
        found = self._read(place) if place else None
        if found is not None and found[0] == self._connection.atom("INCR"):
            # A long text. That its announcement is deleted has the owner send the first part.
            self._parts = bytearray()
            self._wait()
            return
        self._deliver(b"" if found is None else found[1])

    def _part_arrived(self) -> None:
        if self._parts is None:
            return
        found = self._read(self._connection.atom(_PROPERTY))
        if found is None or len(self._parts) + len(found[1]) > _MAX_BYTES:
            log.warning("the host's clipboard holds too much text to be pasted")
            self._deliver(b"")
        elif found[1]:
            self._parts += found[1]
            self._wait()
        else:
            self._deliver(bytes(self._parts))

    def _deliver(self, data: bytes) -> None:
        self._parts = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        waiting, self._waiting = self._waiting, []
        for fd in waiting:
            _write(self._loop, fd, data)

    # Events

    def _event(self, event: Any) -> None:
        self.handle(event)

    def handle(self, event: Any) -> bool:
        """See to an event; False if it is none of ours."""
        x = self._connection.x
        if event.type == x.SelectionRequest:
            self._requested(event.xselectionrequest)
        elif event.type == x.SelectionClear:
            if event.xselectionclear.selection == self._clipboard:
                self._owning = False
                self.focus_changed(True)
        elif self._owner_changed and event.type == self._owner_changed:
            owner = int(ctypes.cast(ctypes.byref(event), ctypes.POINTER(_OwnerEvent)).contents.owner)
            if owner == x.XGetSelectionOwner(self._connection.display, self._clipboard):
                # Else somebody else has copied since, perhaps a client here.
                self._owning = owner == self._window
                self._offer_host(owner)
        elif event.type == x.PropertyNotify:
            if event.xproperty.state == x.PropertyNewValue:
                self._part_arrived()
        elif event.type == x.SelectionNotify:
            self._arrived(event)
        else:
            return False
        return True

    def close(self) -> None:
        """Let everything go that is on its way."""
        for fd in self._waiting:
            close_fd(fd)
        self._waiting = []
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        for reading in list(self._readings):
            reading.stop()
        if not self._connection.broken:
            self._connection.x.XDestroyWindow(self._connection.display, self._window)


def _watch_owner(connection: Connection, window: int, selection: int) -> int:
    """Have a window told who owns a selection; returns the type of the event, 0 where none tells.

    Without it the focus has to do: who comes back may have copied elsewhere.
    """
    try:
        fixes = ctypes.CDLL("libXfixes.so.3")
    except OSError:
        return 0
    display = type(connection.display)
    fixes.XFixesQueryExtension.argtypes = [display, ctypes.c_void_p, ctypes.c_void_p]
    fixes.XFixesSelectSelectionInput.argtypes = [display, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong]
    fixes.XFixesSelectSelectionInput.restype = None
    base, error = ctypes.c_int(), ctypes.c_int()
    if not fixes.XFixesQueryExtension(connection.display, ctypes.byref(base), ctypes.byref(error)):
        return 0
    fixes.XFixesSelectSelectionInput(connection.display, window, selection, _EVERY_CHANGE)
    return base.value + _OWNER_CHANGED


def _text_type(source: Source) -> str | None:
    """Which of a source's types is text, the best first."""
    return next((mime_type for mime_type in TEXT_TYPES if mime_type in source.mime_types), None)


def _write(loop: Loop, fd: int, data: bytes) -> None:
    """Write everything to a descriptor as fast as its reader reads, then close it."""
    rest = memoryview(data)
    try:
        os.set_blocking(fd, False)
    except OSError:
        close_fd(fd)
        return

    def write() -> bool:
        """Return whether there is no more to do."""
        nonlocal rest
        try:
            while rest:
                rest = rest[os.write(fd, rest[: 1 << 16]) :]
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def writable() -> None:
        if write():
            loop.remove(fd)
            close_fd(fd)

    if write():
        close_fd(fd)
        return
    try:
        loop.add_writer(fd, writable)
    except OSError:
        close_fd(fd)
