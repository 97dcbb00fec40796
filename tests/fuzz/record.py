"""Recorded programs as scripts: what a real program sent is where fuzzing starts from.

A compositor runs in this process with the program inside; every request is written down as a step of a
script. Objects become "the second wl_surface", serials "the one that it was sent last", descriptors a
description of what was in them.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fuzz.grammar import global_names, tables
from fuzz.script import CLIENTS, MAX_STEPS, Step, quote, unparse

from compositor.clock import RealClock
from compositor.memory import get_seals
from compositor.server import OutputSpec, Server, ServerOptions
from compositor.wire.compile import add_tracer, remove_tracer
from compositor.wire.interface import Message, Resource, interface_class

_LETTERS = {2: "s", 4: "g", 8: "w", 16: "f", 1: "S"}


class _Client:
    """What has been seen of one client.

    Attributes:
        made: by interface, in the order made: an object, or its id until it is first seen.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.made: dict[str, list[Resource | int]] = {}
        self.serials: list[int] = []
        self.own_serial: dict[int, int] = {}

    def index(self, resource: Resource) -> int:
        """Return which of its interface an object is."""
        made = self.made.setdefault(resource.NAME, [])
        for k, other in enumerate(made):
            if other is resource:
                return k
        for k, other in enumerate(made):
            if other == resource.oid:
                made[k] = resource
                return k
        made.append(resource)
        return len(made) - 1

    def name(self, resource: Resource) -> str:
        """Return an object as a script names it."""
        return f"{resource.NAME}:{self.index(resource)}"


class Recorder:
    """Writes down what clients send, as steps.

    Args:
        now_ns: the compositor's time; what passes between two requests is written down too.
        most: steps to keep.
    """

    def __init__(self, now_ns: Callable[[], int], most: int = MAX_STEPS) -> None:
        self.steps: list[Step] = []
        self._clients: dict[Any, _Client] = {}
        self._now_ns = now_ns
        self._then_ns = now_ns()
        self._most = most

    def step(self, step: Step) -> None:
        """Write one down."""
        if len(self.steps) < self._most:
            self.steps.append(step)

    def message(self, resource: Resource, message: Message, is_event: bool, values: tuple[Any, ...]) -> None:
        """Hear a message (a tracer of the wire)."""
        client = self._clients.get(resource.client)
        if client is None:
            client = self._clients[resource.client] = _Client(len(self._clients))
        if client.number >= CLIENTS:
            return
        if is_event:
            self._event(client, resource, message, values)
        else:
            self._time()
            self._request(client, resource, message, values)

    def _time(self) -> None:
        passed = (self._now_ns() - self._then_ns) // 1_000_000
        if passed >= 10:
            self._then_ns += passed * 1_000_000
            self.step(Step(-1, "advance", arguments=(str(min(passed, 1000)),)))

    def _event(self, client: _Client, resource: Resource, message: Message, values: tuple[Any, ...]) -> None:
        for argument, value in zip(message.arguments, values, strict=True):
            if argument.kind == "n" and isinstance(value, Resource):
                client.index(value)
            elif argument.kind == "u" and "serial" in argument.name:
                client.serials.append(int(value))
                client.own_serial[resource.oid] = int(value)

    def _request(
        self, client: _Client, resource: Resource, message: Message, values: tuple[Any, ...]
    ) -> None:
        if message.name in ("bind", "get_registry") and resource.NAME in ("wl_registry", "wl_display"):
            self._bind(client, message, values)
            return
        index = client.index(resource)
        words = []
        for argument, value in zip(message.arguments, values, strict=True):
            match argument.kind:
                case "n":
                    name = interface_class(argument.interface or "").NAME
                    client.made.setdefault(name, []).append(int(value))
                case "o":
                    words.append("null" if value is None else client.name(value))
                case "s":
                    words.append("null" if value is None else quote(value))
                case "a":
                    words.append("x" + bytes(value).hex())
                case "f":
                    words.append(f"{value:g}")
                case "h":
                    words.append(describe(value.fileno()))
                case _:
                    serial = "serial" in argument.name
                    words.append(self._serial(client, resource, value) if serial else str(int(value)))
        self.step(Step(client.number, f"{resource.NAME}.{message.name}", index, arguments=tuple(words)))

    def _bind(self, client: _Client, message: Message, values: tuple[Any, ...]) -> None:
        if message.name != "bind":
            return
        interface, version, _ = values[1]
        if interface not in tables() or interface not in global_names():
            return
        client.made.setdefault(interface, []).append(values[1][2])
        newest = version == tables()[interface].version
        words = (interface if newest else f"{interface}@{version}",)
        self.step(Step(client.number, "wl_registry.bind", arguments=words))

    def _serial(self, client: _Client, resource: Resource, value: int) -> str:
        if value and client.own_serial.get(resource.oid) == value:
            return "s"
        recent = client.serials[::-1][:40]
        return f"s{recent.index(value)}" if value in recent else str(value)


def describe(fd: int) -> str:
    """Return a descriptor as a script describes it."""
    info = os.fstat(fd)
    if stat.S_ISFIFO(info.st_mode):
        return "pipe" if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY else "pipe-w"
    if stat.S_ISSOCK(info.st_mode):
        return "socket"
    if not stat.S_ISREG(info.st_mode):
        return "null"
    try:
        seals = get_seals(fd)
    except OSError:
        return f"file/{info.st_size}"
    letters = "".join(letter for bit, letter in _LETTERS.items() if seals & bit)
    return f"memfd/{info.st_size}/{letters}".rstrip("/")


@contextmanager
def recording(now_ns: Callable[[], int], most: int = MAX_STEPS) -> Iterator[Recorder]:
    """Record all clients of this process's compositors."""
    recorder = Recorder(now_ns, most)
    add_tracer(recorder.message)
    try:
        yield recorder
    finally:
        remove_tracer(recorder.message)


def record_program(command: list[str], path: Path, seconds: float, most: int = 250) -> int:
    """Run a program inside a compositor for a while, and write down what it does; returns how many steps."""
    with tempfile.TemporaryDirectory() as runtime:
        os.chmod(runtime, 0o700)
        os.environ["XDG_RUNTIME_DIR"] = runtime
        options = ServerOptions(command=command, outputs=[OutputSpec(320, 240)], wallpaper=False)
        server = Server(options)
        clock = RealClock()
        server.loop.timers.call_at(clock.now_ns() + round(seconds * 1e9), lambda: server.stop(0))
        with recording(server.clock.now_ns, most) as recorder:
            server.run()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(unparse(recorder.steps))
    return len(recorder.steps)
