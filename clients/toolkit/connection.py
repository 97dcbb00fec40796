"""The connection to a compositor: its globals, the event loop, and what has to be updated before it sleeps.

One thread, one poll: dispatch what is queued, let surfaces draw, send, sleep until something arrives. There
are no timers; a program that moves follows the frame callbacks.
"""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pywayland.client import Display
from pywayland.protocol.cursor_shape_v1 import WpCursorShapeManagerV1
from pywayland.protocol.fractional_scale_v1 import WpFractionalScaleManagerV1
from pywayland.protocol.viewporter import WpViewporter
from pywayland.protocol.wayland import (
    WlCompositor,
    WlDataDeviceManager,
    WlOutput,
    WlShm,
    WlSubcompositor,
)
from pywayland.protocol.xdg_decoration_unstable_v1 import ZxdgDecorationManagerV1
from pywayland.protocol.xdg_shell import XdgWmBase

from compositor.memory import HandshakeError, check_in
from compositor.memory.handshake import VARIABLE

from . import libwayland
from .errors import Disconnected, MissingGlobal, NoCompositor

if TYPE_CHECKING:
    from .seat import Seat

_HUNG_UP = select.POLLHUP | select.POLLERR


def check_in_with_launcher() -> bool:
    """Connect as the program that a compositor has launched, if one has; returns whether it is so.

    The connection goes to libwayland in WAYLAND_SOCKET. Where nobody waits, an ordinary one will do.
    """
    if VARIABLE not in os.environ or "WAYLAND_SOCKET" in os.environ:
        return False
    try:
        connection = check_in(timeout=5)
    except (HandshakeError, OSError):
        return False
    os.environ["WAYLAND_SOCKET"] = str(connection.detach())
    return True


class Updatable(Protocol):
    """What the loop gives a turn before it sleeps."""

    def update(self) -> None:
        """Draw, if it is time to."""


@dataclass(slots=True)
class Output:
    """A wl_output, as far as clients care."""

    proxy: Any
    scale: int = 1
    name: str = ""


class Connection:
    """A Wayland connection with the globals the toolkit uses, each None when the compositor lacks it.

    Raises:
        NoCompositor: nobody listens at the socket.
        MissingGlobal: wl_compositor, wl_shm or xdg_wm_base is not offered.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name if name is not None else os.environ.get("WAYLAND_DISPLAY", "wayland-0")
        self.display = Display(name)
        self.globals: dict[str, tuple[int, int]] = {}  # interface -> (name, version); the first of its kind
        self.shm_formats: set[int] = set()
        self.outputs: dict[Any, Output] = {}
        self.updatables: list[Updatable] = []
        self.seat: Seat | None = None  # `Seat` puts itself here
        self.running = False
        self._watched: dict[int, Callable[[], None]] = {}
        self._poll = select.poll()
        if "WAYLAND_SOCKET" not in os.environ and "XDG_RUNTIME_DIR" not in os.environ:
            raise NoCompositor("XDG_RUNTIME_DIR is not set, so there is no place to look for a compositor")
        if name is None:
            check_in_with_launcher()
        try:
            self.display.connect()
        except ValueError:
            where = os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), self.name)
            raise NoCompositor(f"no Wayland compositor listens at {where}") from None
        try:
            self._bind_globals()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # Globals

    def _bind_globals(self) -> None:
        self.registry = self.display.get_registry()
        self.registry.dispatcher["global"] = self._on_global
        self.registry.dispatcher["global_remove"] = self._on_global_remove
        self.roundtrip()
        self.compositor = self.require(WlCompositor, 6)
        self.shm = self.require(WlShm, 1)
        self.shm.dispatcher["format"] = lambda _, code: self.shm_formats.add(code)
        self.wm_base = self.require(XdgWmBase, 6)
        self.wm_base.dispatcher["ping"] = lambda wm_base, serial: wm_base.pong(serial)
        self.subcompositor = self.bind(WlSubcompositor, 1)
        self.viewporter = self.bind(WpViewporter, 1)
        self.fractional_scale = self.bind(WpFractionalScaleManagerV1, 1)
        self.decoration_manager = self.bind(ZxdgDecorationManagerV1, 1)
        self.cursor_shape = self.bind(WpCursorShapeManagerV1, 1)
        self.data_device_manager = self.bind(WlDataDeviceManager, 3)
        self.roundtrip()

    def version(self, interface: str) -> int:
        """Return the version the compositor offers of `interface`; 0 when it does not."""
        return self.globals.get(interface, (0, 0))[1]

    def bind(self, interface: Any, most: int) -> Any:
        """Bind a global at version `most` or the lower one offered; None when it is not offered."""
        if interface.name not in self.globals:
            return None
        name, version = self.globals[interface.name]
        return self.registry.bind(name, interface, min(version, most, interface.version))

    def require(self, interface: Any, most: int) -> Any:
        """Bind a global, or raise MissingGlobal."""
        proxy = self.bind(interface, most)
        if proxy is None:
            raise MissingGlobal(f"the compositor at {self.name} does not offer {interface.name}")
        return proxy

    def _on_global(self, registry: Any, name: int, interface: str, version: int) -> None:
        self.globals.setdefault(interface, (name, version))
        if interface == WlOutput.name:
            proxy = registry.bind(name, WlOutput, min(version, 4))
            output = self.outputs[name] = Output(proxy)
            proxy.user_data = output
            proxy.dispatcher["scale"] = lambda _, scale: setattr(output, "scale", scale)
            proxy.dispatcher["name"] = lambda _, text: setattr(output, "name", text)

    def _on_global_remove(self, registry: Any, name: int) -> None:
        self.outputs.pop(name, None)

    # The loop

    def run(self) -> None:
        """Dispatch and update until `stop` is called.

        Raises:
            Disconnected: the compositor went away, or ended the connection for a protocol error.
        """
        self.running = True
        while self.running:
            for updatable in list(self.updatables):
                updatable.update()
            if self.running:
                self.dispatch()

    def stop(self) -> None:
        """Let `run` return after the handler that is running."""
        self.running = False

    def dispatch(self, timeout_ms: int | None = None) -> None:
        """Handle queued events; if there are none, send requests and wait for some."""
        while not libwayland.prepare_read(self.display):
            if self._check(libwayland.dispatch_pending(self.display)):
                return
        mask = select.POLLIN | (select.POLLOUT if self._flush() else 0)
        fd = self.display.get_fd()
        self._poll.register(fd, mask)
        ready = self._poll.poll(timeout_ms)
        happened = dict(ready).get(fd, 0)
        if happened & (select.POLLIN | _HUNG_UP):
            alive = libwayland.read_events(self.display)
            self._check(libwayland.dispatch_pending(self.display) if alive else -1)
        else:
            libwayland.cancel_read(self.display)
        for other, _ in ready:
            if other in self._watched:
                self._watched[other]()

    def roundtrip(self) -> None:
        """Wait until the compositor has handled every request so far, handling its events meanwhile."""
        done = False

        def finish(callback: Any, data: int) -> None:
            nonlocal done
            done = True
            callback._destroy()

        callback = self.display.sync()
        callback.dispatcher["done"] = finish
        while not done:
            self.dispatch()

    def watch(self, fd: int, readable: bool, handler: Callable[[], None]) -> None:
        """Call `handler` whenever `fd` becomes readable (or else writable), until `unwatch`."""
        self._watched[fd] = handler
        self._poll.register(fd, select.POLLIN if readable else select.POLLOUT)

    def unwatch(self, fd: int) -> None:
        """Forget `fd`; the caller closes it."""
        del self._watched[fd]
        self._poll.unregister(fd)

    def close(self) -> None:
        """Disconnect. Every proxy is dead afterwards."""
        # Proxies go first and without their destructor requests: libwayland frees what they point into, and
        # a compositor that hears `destroy` for each of them in random order would find fault with that.
        for proxy in list(self.display._children):
            proxy._destroy()
        self.display.disconnect()

    def _flush(self) -> bool:
        """Send what is queued; True when the socket is full and the rest must wait."""
        # EPIPE is not the end yet: the reason for the disconnection may still be unread.
        return libwayland.flush(self.display) == errno.EAGAIN

    def _check(self, count: int) -> int:
        if count >= 0:
            return count
        fault = libwayland.protocol_fault(self.display)
        raise Disconnected(str(fault) if fault else f"the compositor at {self.name} went away")
