"""A whole compositor in this process, the clients of a script, an honest one beside them: what they do."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

from fuzz.events import Finding
from fuzz.peer import Peer
from fuzz.script import Step, number, parse
from support.stage import Stage

from compositor.control.connection import ControlConnection
from compositor.control.jsonrpc import Code, Request, RequestError
from compositor.control.methods import namespaces
from compositor.control.registry import Call, Deferred, Registry
from compositor.limits import Limits
from compositor.memory import SealPolicy
from compositor.wire import Client

MAX_ADVANCE_MS = 120_000
_MAX_DRAWING_MS = 1000
"""As long as somebody draws with every frame."""
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


class Log(logging.Handler):
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
            case "cadence":
                # As outside of tests.
                options.setdefault("compose", "on-demand")
    return options


class Acts:
    """One compositor and all that happens to it.

    Args:
        words: the script's options.

    Attributes:
        log: what was logged as an error.
        in_step: whether clients that draw with every frame are read when that is due.
        peers: the script's clients, by their numbers.
        served: the compositor's ends of them.
    """

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fuzz", dir="/dev/shm"))
        self.log = Log()
        logging.getLogger().addHandler(self.log)
        self.stage = Stage(self._folder, **_options(words))
        # As the server does: the lint wants to be told when something comes.
        self.in_step = "cadence" in words and "lint" not in words
        if self.in_step:
            self.stage.server.keep_cadence()
        self.peers: dict[int, Peer] = {}
        self.served: dict[Peer, Client] = {}
        self._coloured = self._attached = False
        self._last = -1
        self._registry: Registry | None = None
        self.honest = self._connect()
        self.honest.pong = True
        for step in parse(_WINDOW.encode()):
            self.honest.send(step)
        self.honest.turn()
        self.stage.advance(20)

    @property
    def repainted(self) -> bool:
        """Whether the pictures show what the buffers hold.

        Where these are not all zeros, a script that attaches one may not say what has changed.
        """
        return not (self._coloured and self._attached)

    def _connect(self) -> Peer:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        served = self.stage.server.adopt(ours)
        peer = Peer(theirs, self.stage.pump)
        if served is not None:
            self.served[peer] = served
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
        self._attached = self._attached or step.what == "wl_surface.attach"
        for word in words:
            if word[:6] == "keymap" or (word[:5] == "memfd" and "c" in word.rpartition("/")[2]):
                self._coloured = True
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
            case "draw":
                surface, *buffers = [abs(number(word)) for word in words] or [0]
                peer.drawing = surface, buffers[:8] or [0]
            case "rest":
                peer.drawing = None
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
            self.advance(number(words[0] if words else "17"))
        elif step.what not in ("turn", "with") and step.what not in _FORBIDDEN:
            self._drive(step.what, " ".join(words))
            self.stage.settle()

    def advance(self, ms: int) -> None:
        """Let time pass, not too much of it."""
        drawn = any(peer.drawing is not None and not peer.closed for peer in self.peers.values())
        self.stage.advance(max(0, min(ms, _MAX_DRAWING_MS if drawn else MAX_ADVANCE_MS)))

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
            named = namespaces(server, control.events, control.launcher)  # type: ignore[arg-type]
            self._registry = Registry(named, server.hear_everybody)
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

    # The end

    def end(self) -> None:
        """Have everybody hang up and the compositor end."""
        for peer in self.peers.values():
            peer.close()
        self.honest.close()
        self.stage.pump()
        self.stage.server.close()

    def clear(self) -> None:
        """Give back what is not the compositor's."""
        logging.getLogger().removeHandler(self.log)
        shutil.rmtree(self._folder, ignore_errors=True)
