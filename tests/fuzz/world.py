"""A whole compositor in this process, the clients of a script, an honest one beside them, and the oracle.

What may not happen, whatever a script says: an exception that is logged as a bug, any error in the log, an
event that breaks the protocol, a state that contradicts itself, an honest client without an answer or a
frame, and a descriptor, a mapping or an object that is left when those who had it are gone.
"""

from __future__ import annotations

import functools
import gc
import json
import logging
import os
import shutil
import socket
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from fuzz.events import Finding
from fuzz.grammar import tables
from fuzz.peer import Peer
from fuzz.script import CLIENTS, Step, number, parse
from support.stage import Stage

from compositor.control import registry
from compositor.control.connection import ControlConnection
from compositor.control.jsonrpc import Code, Request, RequestError
from compositor.control.methods import namespaces
from compositor.control.registry import Call, Deferred, Registry
from compositor.limits import Limits
from compositor.memory import SealPolicy
from compositor.wire import Client

MAX_ADVANCE_MS = 120_000
_FORBIDDEN = {"server.stop", "launch", "launch.wait", "idle.wait", "clock.advance"}
"""Methods that start programs or wait for real time."""
_SMALL = Limits(
    objects=48,
    incoming_fds=8,
    message_budget_bytes=4096,
    pending_output_bytes=8192,
    pools=3,
    pool_bytes=1 << 20,
    pool_bytes_total=1 << 20,
    mappings=4,
    copied_bytes=1 << 16,
    surfaces=4,
    subsurfaces=2,
    subsurface_depth=2,
    frame_callbacks=3,
    region_rects=4,
    queued_commits=2,
    popups=2,
    popup_depth=1,
    pending_configures=8,
    output_binds=2,
    idle_timeouts=2,
    string_bytes=64,
    mime_types=2,
    transfers=1,
)
_HONEST = 99
_WINDOW = """
0 wl_compositor:0.create_surface
0 xdg_wm_base:0.get_xdg_surface wl_surface:0
0 xdg_surface:0.get_toplevel
0 wl_surface:0.commit
0 xdg_surface:0.ack_configure s
0 wl_shm:0.create_pool memfd/9600/s 9600
0 wl_shm_pool:0.create_buffer 0 60 40 240 1
0 wl_surface:0.attach wl_buffer:0 0 0
0 wl_surface:0.damage_buffer 0 0 60 40
0 wl_surface:0.commit
0 wl_seat:0.get_pointer
0 wl_seat:0.get_keyboard
0 wl_seat:0.get_touch
"""


class _Log(logging.Handler):
    """Keeps what is logged as an error: errors are the compositor's own, warnings are the clients'."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[str] = []
        self._format = logging.Formatter().format

    def emit(self, record: logging.LogRecord) -> None:
        # Formatted all the same: what cannot be logged is a bug too.
        text = self._format(record)
        if record.levelno >= logging.ERROR:
            self.records.append(text)


def _options(words: tuple[str, ...]) -> dict[str, Any]:
    """Return the options that a script asks for."""
    options: dict[str, Any] = {}
    for word in words:
        match word:
            case "legacy_shell" | "lint" | "wallpaper":
                options[word] = True
            case "require" | "copy":
                options["seal"] = SealPolicy[word.upper()]
            case "unprivileged":
                options["privileged"] = "launched"
            case "small":
                options["limits"] = _SMALL
            case "always":
                options["compose"] = "always"
    return options


class World:
    """One compositor and all that happens to it.

    Args:
        words: the script's options.
    """

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fuzz", dir="/dev/shm"))
        self._log = _Log()
        logging.getLogger().addHandler(self._log)
        self.stage = Stage(self._folder, **_options(words))
        self.peers: dict[int, Peer] = {}
        self._last = -1
        self._registry: Registry | None = None
        self.honest = self._connect()
        self.honest.pong = True
        for step in parse(_WINDOW.encode()):
            self.honest.send(step)
        self.honest.turn()
        self._acked = self.honest.made["xdg_surface"][0].serial
        self.stage.advance(20)
        self._before = _open()

    def count_anew(self) -> None:
        """Take what is open now for what there is before anything happens."""
        self._before = _open()

    def _connect(self) -> Peer:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.stage.server.adopt(ours)
        peer = Peer(theirs, self.stage.pump)
        self.stage.clients.append(peer)  # type: ignore[arg-type]
        return peer

    # What a script does

    def run(self, steps: list[Step]) -> None:
        """Do it all.

        Raises:
            Finding: if something happens that may not.
        """
        for step in steps:
            if step.who < 0:
                self._world(step)
            else:
                self._client(step)
        self.stage.settle()

    def _client(self, step: Step) -> None:
        who = step.who
        if who != self._last:
            if self._last in self.peers:
                self.peers[self._last].turn()
            self._last = who
        peer = self.peers.get(who)
        if peer is None:
            peer = self.peers[who] = self._connect()
        words = step.arguments
        if step.interface:
            peer.send(step)
            return
        if peer.closed and step.what != "connect":
            return
        match step.what:
            case "raw":
                try:
                    peer.raw(bytes.fromhex(words[0] if words else ""))
                except ValueError:
                    pass
            case "cut":
                peer.cut(number(words[0] if words else "0"))
            case "truncate":
                peer.turn()
                peer.truncate(*(number(word) for word in (*words, "0", "0")[:2]))
            case "deaf":
                peer.deaf = True
            case "hear":
                peer.deaf = False
                peer.turn()
            case "hangup":
                peer.flush()
                peer.close()
                self.stage.pump()
            case "connect":
                if not peer.closed:
                    peer.flush()
                    peer.close()
                self.stage.clients.remove(peer)  # type: ignore[arg-type]
                self.peers[who] = self._connect()

    def _world(self, step: Step) -> None:
        self.stage.settle()
        words = step.arguments
        if step.what == "advance":
            self.stage.advance(max(0, min(number(words[0] if words else "17"), MAX_ADVANCE_MS)))
        elif step.what not in ("turn", "with") and step.what not in _FORBIDDEN:
            self._drive(step.what, " ".join(words))
            self.stage.settle()

    def _drive(self, method: str, text: str) -> None:
        try:
            params = json.loads(text) if text else {}
        except (ValueError, RecursionError):
            return
        if not isinstance(params, dict):
            return
        server = self.stage.server
        if self._registry is None:
            control = server.control
            self._registry = Registry(namespaces(server, control.events, control.launcher))  # type: ignore[arg-type]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        connection = ControlConnection(server.loop, self._registry, ours)
        try:
            outcome = self._registry.call(Request(method, params, 1), [], Call(connection))
        except RequestError as error:
            if error.code == Code.INTERNAL_ERROR:
                raise Finding(f"{method}: {error.message}") from error
        else:
            if isinstance(outcome, Deferred):
                outcome.cancel()
            else:
                json.dumps(outcome.value)
                for descriptor in outcome.descriptors:
                    descriptor.close()
        finally:
            connection.close("done")
            theirs.close()

    # What must hold

    def judge(self) -> None:
        """Look for what may not be, first with everybody there, then with none but the honest client.

        Raises:
            Finding: the first thing that is found.
        """
        self._look("with everybody there")
        for peer in self.peers.values():
            peer.close()
        self.stage.pump()
        self._look("with everybody gone")
        self._nothing_left()

    def _look(self, when: str) -> None:
        self._faults(when)
        try:
            self.stage.check()
        except AssertionError as error:
            raise Finding(f"{when}: {error}") from error
        self._serves_honest(when)
        self._faults(when)

    def _faults(self, when: str) -> None:
        if self._log.records:
            raise Finding(f"{when}, logged as an error:\n" + "\n".join(self._log.records))
        bugs = self.stage.bugs + self.stage.server.display.bugs
        if bugs:
            raise Finding(f"{when}: {bugs} bugs")

    def _serves_honest(self, when: str) -> None:
        honest = self.honest
        dones = honest.dones
        honest.send(Step(0, "wl_display.sync"))
        honest.turn()
        if honest.closed:
            raise Finding(f"{when}: the honest client lost its connection: {honest.error}")
        if honest.dones != dones + 1:
            raise Finding(f"{when}: the honest client's sync has {honest.dones - dones} answers")
        configured = honest.made["xdg_surface"][0].serial
        if configured != self._acked:
            self._acked = configured
            honest.send(Step(0, "xdg_surface.ack_configure", arguments=(str(configured),)))
        honest.send(Step(0, "wl_surface.frame"))
        honest.send(Step(0, "wl_surface.attach", arguments=("wl_buffer:0", "0", "0")))
        honest.send(Step(0, "wl_surface.damage_buffer", arguments=("0", "0", "60", "40")))
        honest.send(Step(0, "wl_surface.commit"))
        self.stage.advance(1100)
        if honest.dones != dones + 2:
            raise Finding(f"{when}: the honest client has no frame: {honest.error}")
        if self.stage.desktop.outputs:
            self.stage.capture()

    def _nothing_left(self) -> None:
        desktop, display = self.stage.desktop, self.stage.server.display
        if len(display.clients) != 1:
            raise Finding(f"clients that hung up are still there: {display.clients}")
        if len(desktop.windows) != 1:
            raise Finding(f"windows of clients that are gone: {desktop.windows}")
        gc.collect()
        mine = display.clients[0]
        clients = (thing for thing in gc.get_objects() if type(thing) is Client)
        left = [client for client in clients if client.display is display and client is not mine]
        if left:
            raise Finding(f"{len(left)} clients that are gone are still kept:\n{_holders(left[0])}")
        grown = _open() - self._before
        if grown:
            raise Finding(f"left open: {dict(grown)}")

    def close(self) -> None:
        """End the compositor.

        Raises:
            Finding: if it complains.
        """
        try:
            for peer in self.peers.values():
                peer.close()
            self.honest.close()
            self.stage.pump()
            self.stage.server.close()
            self._faults("at the end")
        finally:
            logging.getLogger().removeHandler(self._log)
            shutil.rmtree(self._folder, ignore_errors=True)


def _open() -> Counter[str]:
    """Return what is open in this process, and its mappings of memfds."""
    found: Counter[str] = Counter()
    for name in os.listdir("/proc/self/fd"):
        try:
            found[os.readlink(f"/proc/self/fd/{name}").split("[")[0]] += 1
        except FileNotFoundError:
            pass
    with open("/proc/self/maps") as maps:
        for line in maps:
            if "memfd:" in line:
                found["mapping of " + line.split("/", 1)[1].split()[0]] += 1
    # Outputs come and go at the driver's will.
    return Counter({what: count for what, count in found.items() if "weddell-output" not in what})


_ROOTS = {"Desktop", "Display", "Server", "Scene", "Seat", "Loop", "Service", "TimerQueue", "module"}


def _holders(thing: Any, depth: int = 8) -> str:
    """Return by which way something that lives on keeps a thing alive, or who holds it, if none is found."""
    level = [(thing, type(thing).__name__)]
    seen = {id(thing)}
    for _ in range(depth):
        above: list[tuple[Any, str]] = []
        for held, way in level:
            for holder in gc.get_referrers(held):
                name = type(holder).__name__
                if id(holder) in seen or name in ("frame", "list_iterator", "tuple_iterator"):
                    continue
                if holder is level or holder is above or (name == "tuple" and held is holder[0]):
                    continue
                seen.add(id(holder))
                longer = f"{way} <- {name}"
                if name in _ROOTS:
                    return longer
                above.append((holder, longer))
        level = above[:200]
    return "\n".join(way for _, way in level[:10])


def warm_up() -> None:
    """Load what is loaded once, so that each run after it is like every other."""
    tables()
    logging.getLogger("compositor").setLevel(logging.INFO)
    # The methods' signatures are the same for every compositor of this process.
    registry.compile_params = functools.cache(registry.compile_params)
    for _ in range(2):
        play(b'0 wl_display:0.sync\n- pointer.move {"x":5,"y":5}\n- advance 100\n- capture {}\n')
    gc.collect()
    gc.freeze()


def play(data: bytes) -> None:
    """Run a script from its beginning to its end.

    Raises:
        Finding: if something happens that may not.
    """
    steps = parse(data)
    words = steps.pop(0).arguments if steps and steps[0].what == "with" else ()
    world = World(words)
    try:
        world.run(steps)
        world.judge()
    finally:
        world.close()


assert CLIENTS <= 10, "a client is one digit"
