"""A whole compositor in this process, and libwayland clients on its other end, for tests of input.

No thread and no sleep: `Stage.pump` lets compositor and clients take turns until neither has anything
left to do.
"""

from __future__ import annotations

import mmap
import os
import select
import socket
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pywayland")

from pywayland import ffi
from pywayland.client import Display
from pywayland.protocol import wayland as wl
from pywayland.protocol import xdg_shell as xdg

from compositor.server import OutputSpec, Server, ServerOptions

NAMES = {
    "wl_compositor": wl.WlCompositor,
    "wl_subcompositor": wl.WlSubcompositor,
    "wl_shm": wl.WlShm,
    "wl_seat": wl.WlSeat,
    "wl_data_device_manager": wl.WlDataDeviceManager,
    "xdg_wm_base": xdg.XdgWmBase,
}


class Stage:
    """A headless compositor under the manual clock, one output of 1000 by 800."""

    def __init__(self, runtime: Path) -> None:
        os.chmod(runtime, 0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        options = ServerOptions(clock="manual", outputs=[OutputSpec(1000, 800)], wallpaper=False)
        self.server = Server(options)
        self.seat = self.server.desktop.seat
        self.peers: list[Peer] = []
        self.errors: list[tuple[str, int]] = []
        self.server.display.on_error.append(self._note_error)

    def _note_error(self, client: Any, interface: str, oid: int, error: Any) -> None:
        self.errors.append((interface, error.code))

    def peer(self, **versions: int) -> Peer:
        """Connect a client; versions of globals default to what is announced."""
        ours, theirs = socket.socketpair()
        client = self.server.adopt(ours)
        assert client is not None
        peer = Peer(self, client, theirs, versions)
        self.peers.append(peer)
        peer.start()
        return peer

    def pump(self) -> None:
        """Let everybody take turns until all is quiet."""
        while True:
            for peer in self.peers:
                peer.flush()
            self.server.loop.run_until_idle()
            received = [peer.receive() for peer in self.peers]
            if not any(received):
                return

    def close(self) -> None:
        bugs = self.server.display.bugs
        for peer in self.peers:
            peer.close()
        self.server.close()
        assert 0 == bugs, "the compositor logged bugs of its own"


class Peer:
    """One client: its globals, its windows, and a log of what its devices were told."""

    def __init__(self, stage: Stage, client: Any, sock: socket.socket, versions: dict[str, int]) -> None:
        self.stage = stage
        self.client = client
        self.display = Display(sock.detach())
        self.display.connect()
        self.versions = versions
        self.globals: dict[str, Any] = {}
        self.announced: dict[str, int] = {}
        self.log: list[tuple[Any, ...]] = []
        self.keep: list[Any] = []
        self.offers: list[Any] = []
        self.gone = False

    def start(self) -> None:
        registry = self.display.get_registry()

        def announced(registry: Any, name: int, interface: str, version: int) -> None:
            self.announced[interface] = version
            if interface in NAMES and interface not in self.globals:
                version = self.versions.get(interface, version)
                proxy = self.globals[interface] = registry.bind(name, NAMES[interface], version)
                if interface == "wl_seat":
                    self._listen(proxy, "seat", ("name", "capabilities"))

        registry.dispatcher["global"] = announced
        self.keep.append(registry)
        self.stage.pump()
        base = self.globals["xdg_wm_base"]
        base.dispatcher["ping"] = lambda proxy, serial: proxy.pong(serial)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.globals[{"compositor": "wl_compositor", "seat": "wl_seat", "shm": "wl_shm"}[name]]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def manager(self) -> Any:
        return self.globals["wl_data_device_manager"]

    def flush(self) -> None:
        if not self.gone:
            try:
                self.display.flush()
            except Exception:
                self.gone = True

    def receive(self) -> bool:
        """Read and dispatch what has come; returns whether anything had."""
        if self.gone:
            return False
        if not select.select([self.display.get_fd()], [], [], 0)[0]:
            return False
        try:
            self.display.read()
            self.display.dispatch()
        except RuntimeError:
            self.gone = True
        return True

    def close(self) -> None:
        self.gone = True
        # A proxy that Python collects after its display is gone crashes, and a failed test keeps some alive:
        # so the display is given up, never freed.
        self.display._ptr = ffi.gc(self.display._ptr, None)

    # Surfaces

    def buffer(self, width: int, height: int) -> Any:
        size = width * height * 4
        fd = os.memfd_create("buffer", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        os.ftruncate(fd, size)
        with mmap.mmap(fd, size) as memory:
            memory.write(b"\x80" * size)
        pool = self.shm.create_pool(fd, size)
        buffer = pool.create_buffer(0, width, height, width * 4, 0)
        pool.destroy()
        os.close(fd)
        return buffer

    def surface(self) -> Any:
        surface = self.compositor.create_surface()
        self.keep.append(surface)
        return surface

    def show(self, surface: Any, width: int, height: int) -> None:
        buffer = self.buffer(width, height)
        self.keep.append(buffer)
        surface.attach(buffer, 0, 0)
        surface.damage(0, 0, width, height)
        surface.commit()

    def window(self, x: int, y: int, width: int = 200, height: int = 100) -> Any:
        """Show a toplevel at a layout position; returns its wl_surface."""
        surface = self.surface()
        xdg_surface = self.globals["xdg_wm_base"].get_xdg_surface(surface)
        toplevel = xdg_surface.get_toplevel()
        xdg_surface.dispatcher["configure"] = lambda proxy, serial: proxy.ack_configure(serial)
        surface.commit()
        self.stage.pump()
        self.show(surface, width, height)
        self.stage.pump()
        self.keep += [xdg_surface, toplevel]
        surface.toplevel, surface.xdg_surface = toplevel, xdg_surface
        model = self.stage.server.desktop.windows[-1]
        surface.window = model
        model.move_to(x, y)
        self.stage.pump()
        return surface

    def popup(self, parent: Any, x: int, y: int, width: int, height: int, serial: int | None) -> Any:
        """Show a popup, with a grab if a serial is given; returns its wl_surface."""
        base = self.globals["xdg_wm_base"]
        rules = base.create_positioner()
        rules.set_size(width, height)
        rules.set_anchor_rect(x, y, 1, 1)
        rules.set_anchor(5)
        rules.set_gravity(8)
        surface = self.surface()
        xdg_surface = base.get_xdg_surface(surface)
        popup = xdg_surface.get_popup(parent.xdg_surface, rules)
        xdg_surface.dispatcher["configure"] = lambda proxy, serial: proxy.ack_configure(serial)
        popup.dispatcher["popup_done"] = lambda proxy: self.log.append(("popup.done",))
        if serial is not None:
            popup.grab(self.seat, serial)
        surface.commit()
        self.stage.pump()
        self.show(surface, width, height)
        self.stage.pump()
        self.keep += [rules, xdg_surface, popup]
        surface.popup, surface.xdg_surface = popup, xdg_surface
        return surface

    # Devices

    def _listen(self, proxy: Any, prefix: str, events: tuple[str, ...]) -> Any:
        for name in events:

            def told(proxy: Any, *args: Any, name: str = name) -> None:
                self.log.append((f"{prefix}.{name}", *args))

            proxy.dispatcher[name] = told
        self.keep.append(proxy)
        return proxy

    def pointer(self) -> Any:
        events = ("enter", "leave", "motion", "button", "axis", "frame", "axis_source", "axis_stop")
        events += ("axis_discrete", "axis_value120", "axis_relative_direction", "warp")
        pointer = self._listen(self.seat.get_pointer(), "pointer", events)
        self.stage.pump()
        return pointer

    def keyboard(self) -> Any:
        events = ("enter", "leave", "key", "modifiers", "repeat_info", "keymap")
        keyboard = self._listen(self.seat.get_keyboard(), "keyboard", events)
        self.stage.pump()
        return keyboard

    def touch(self) -> Any:
        events = ("down", "up", "motion", "frame", "cancel", "shape", "orientation")
        touch = self._listen(self.seat.get_touch(), "touch", events)
        self.stage.pump()
        return touch

    def data_device(self) -> Any:
        device = self.manager.get_data_device(self.seat)
        self._listen(device, "device", ("enter", "leave", "motion", "drop", "selection"))

        def data_offer(proxy: Any, offer: Any) -> None:
            offer.mime_types = []
            self.offers.append(offer)
            self._listen(offer, "offer", ("source_actions", "action"))
            offer.dispatcher["offer"] = lambda offer, mime_type: offer.mime_types.append(mime_type)

        device.dispatcher["data_offer"] = data_offer
        self.stage.pump()
        return device

    def source(self, *mime_types: str, actions: int | None = None, data: bytes = b"") -> Any:
        """Make a source that writes `data` for whatever it is asked."""
        source = self.manager.create_data_source()
        self._listen(
            source, "source", ("target", "cancelled", "dnd_drop_performed", "dnd_finished", "action")
        )

        def send(proxy: Any, mime_type: str, fd: int) -> None:
            self.log.append(("source.send", mime_type))
            os.write(fd, data)
            os.close(fd)

        source.dispatcher["send"] = send
        for mime_type in mime_types:
            source.offer(mime_type)
        if actions is not None:
            source.set_actions(actions)
        return source

    def receive_from(self, offer: Any, mime_type: str) -> bytes:
        """Ask an offer for its data and return all of it."""
        read, write = os.pipe2(os.O_CLOEXEC)
        offer.receive(mime_type, write)
        self.display.flush()
        os.close(write)
        self.stage.pump()
        with os.fdopen(read, "rb") as pipe:
            os.set_blocking(read, False)
            return pipe.read() or b""

    def take(self, *prefixes: str) -> list[tuple[Any, ...]]:
        """Return what was told since the last call."""
        self.stage.pump()
        told = [entry for entry in self.log if not prefixes or entry[0].startswith(prefixes)]
        self.log.clear()
        return told

    def names(self, *prefixes: str) -> list[str]:
        return [entry[0] for entry in self.take(*prefixes)]

    def last(self, name: str) -> tuple[Any, ...]:
        """Return the arguments of the last event of that name."""
        self.stage.pump()
        return next(entry[1:] for entry in reversed(self.log) if entry[0] == name)


def press(stage: Stage, x: float, y: float, button: int = 0x110) -> None:
    """Press a button (evdev code) at a layout point."""
    pointer = stage.seat.pointer
    pointer.move_to(x, y)
    pointer.frame()
    pointer.button(button, True)
    pointer.frame()


def release(stage: Stage, button: int = 0x110) -> None:
    """Let a button go."""
    stage.seat.pointer.button(button, False)
    stage.seat.pointer.frame()


def key_serial(stage: Stage, peer: Peer) -> int:
    """Press a key and return the serial that the client got with it."""
    stage.seat.keyboard.key(30, True)
    stage.seat.keyboard.key(30, False)
    return int(peer.last("keyboard.key")[0])


def focused_peer(stage: Stage, x: int = 0, **versions: int) -> Peer:
    """Return a client with a window that has the keyboard, and a data device."""
    peer = stage.peer(**versions)
    peer.keyboard()
    peer.device = peer.data_device()
    peer.surface_ = peer.window(x, 0)
    return peer
