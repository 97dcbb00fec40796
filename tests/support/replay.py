"""Says again, to a running compositor over a real socket, what a recorded program said.

Object ids are the recording's. Before a request is sent, what it rests on must have come: the global that
it binds, the event whose serial it hands back, the word that an id is free again, the object that the
compositor made. So a replay runs at the pace of the compositor's answers, and fails of one that is missing.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from compositor.model.keymap.us import builtin_keymap
from compositor.testing import Compositor
from support import wire
from support.client import Client, Proxy
from support.pixels import Memory
from support.recording import Line, serial_places

_PATIENCE_S = 30.0
_SERVER_IDS = 0xFF00_0000
_SHOWN = ("id", "width", "height", "mapped", "state", "focused", "title", "app_id")
_LAYERS = ("id", "namespace", "layer", "x", "y", "width", "height", "mapped")


class ReplayError(AssertionError):
    """The compositor did not do what it did when the recording was made."""


def shown(compositor: Compositor) -> list[dict[str, Any]]:
    """Return what is compared of each window."""
    return [
        {key: sorted(info[key]) if key == "state" else info[key] for key in _SHOWN}
        for info in compositor.window_infos()
    ]


def shown_layers(compositor: Compositor) -> list[dict[str, Any]]:
    """Return what is compared of each layer surface."""
    return [{key: info[key] for key in _LAYERS} for info in compositor.call("layers.list")]


class Player:
    """One recorded client: its connection, and what it was told.

    Attributes:
        sent: requests sent so far.
    """

    def __init__(self, compositor: Compositor, name: int) -> None:
        sock = socket.socket(socket.AF_UNIX)
        before = {client["client"] for client in compositor.clients}
        sock.connect(compositor.socket)
        self.client = Client(sock)
        sock.setblocking(False)
        self.client.display.on_event = lambda event, values: self._heard(self.client.display, event, values)
        self.sent = 0
        self._compositor = compositor
        self._name = name
        self._serials: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._pools: dict[int, Memory] = {}
        self._pipes: list[int] = []
        self.number = self._wait_connected(before)

    def _wait_connected(self, before: set[int]) -> int:
        def probe() -> int | None:
            new = [client["client"] for client in self._compositor.clients if client["client"] not in before]
            return new[0] if new else None

        return self._compositor.wait_until(("client",), probe, _PATIENCE_S, lambda: "nobody is let in")

    # In

    def _heard(self, proxy: Proxy, event: str, values: tuple[Any, ...]) -> None:
        message = next(one for one in proxy.table.events if one.name == event)
        if (proxy.interface, event) == ("xdg_wm_base", "ping"):
            self.send(proxy.id, "pong", list(values))
            return
        for place in serial_places(proxy.interface, event):
            self._serials[event, proxy.id].append(values[place])
        for argument, value in zip(message.arguments, values, strict=True):
            if argument.kind == "n":
                value.on_event = lambda name, args, made=value: self._heard(made, name, args)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Read what comes until something is so.

        Raises:
            ReplayError: if the connection ends, or the time is up.
        """
        deadline = time.monotonic() + _PATIENCE_S
        self.client.flush()
        while not condition():
            select.select([self.client.sock], [], [], 1)
            self.client.receive()
            self.client.flush()
            if self.client.closed:
                raise ReplayError(f"client {self._name}, request {self.sent}: {self.client._error_text()}")
            if time.monotonic() > deadline:
                raise ReplayError(f"client {self._name}, request {self.sent}: {what} did not come")

    def read(self) -> None:
        """Read what has come, without waiting.

        Raises:
            ReplayError: if the connection has ended.
        """
        self.client.flush()
        while self.client.receive():
            pass
        if self.client.closed:
            raise ReplayError(f"client {self._name}, request {self.sent}: {self.client._error_text()}")

    # Out

    def play(self, interface: str, oid: int, name: str, args: list[Any]) -> None:
        """Send one recorded request, once all that it rests on is there."""
        objects = self.client.objects
        if oid not in objects:
            self.wait(lambda: oid in objects, f"{interface}#{oid}")
        assert interface == objects[oid].interface, f"object {oid} is {objects[oid]!r}, not {interface}"
        message = objects[oid].table.requests[name]
        values: list[Any] = []
        for argument, value in zip(message.arguments, args, strict=True):
            match argument.kind:
                case "n":
                    self._wait_free(value)
                case "N":
                    self._wait_free(value[2])
                case "o" if value and value >= _SERVER_IDS:
                    self.wait(lambda value=value: value in objects, f"object {value}")  # type: ignore[misc]
            values.append(self._value(value) if isinstance(value, dict) else value)
        if (interface, name) == ("zwp_virtual_keyboard_v1", "keymap"):
            values[2] = values[1].size
        self.send(oid, name, values)

    def send(self, oid: int, name: str, values: list[Any]) -> None:
        """Send a request now."""
        proxy = self.client.objects[oid]
        message = proxy.table.requests[name]
        for argument, value in zip(message.arguments, values, strict=True):
            if argument.kind == "n":
                assert argument.interface is not None
                self._enter(argument.interface, value, proxy.version)
            elif argument.kind == "N":
                self._enter(value[0], value[2], value[1])
        self._note_memory(proxy.interface, oid, name, values)
        given = [
            _on_the_wire(argument.kind, value)
            for argument, value in zip(message.arguments, values, strict=True)
        ]
        body, fds = wire.encode(message.arguments, given)
        self.client.send(wire.message(oid, message.opcode, body), fds)
        self.sent += 1
        if fds:
            self.client.flush()

    def _enter(self, interface: str, oid: int, version: int) -> None:
        made = self.client._enter(interface, oid, version)
        made.on_event = lambda name, args: self._heard(made, name, args)

    def _wait_free(self, oid: int) -> None:
        objects = self.client.objects
        if oid in objects:
            self.wait(lambda: oid not in objects, f"the word that id {oid} ({objects[oid]!r}) is free")

    def _value(self, value: dict[str, Any]) -> Any:
        """Return what a marker stands for."""
        [(kind, what)] = value.items()
        match kind:
            case "global":
                return self._global(what)
            case "serial":
                event, oid, count = what
                serials = self._serials[event, oid]
                self.wait(lambda: len(serials) > count, f"{event} {count} of object {oid}")
                return serials[count]
            case "hex":
                return bytes.fromhex(what)
            case "memfd":
                return Memory(what)
            case "keymap":
                text = builtin_keymap().text
                made = Memory(len(text))
                made.write(text)
                return made
            case _:
                # What is written there nobody reads.
                reading, writing = os.pipe()
                self._pipes += [reading, writing]
                return writing

    def _global(self, interface: str) -> int:
        registries = [one for one in self.client.objects.values() if one.interface == "wl_registry"]

        def names() -> list[int]:
            told = [values for one in registries for event, values in one.raw if event == "global"]
            return [int(name) for name, announced, _ in told if announced == interface]

        self.wait(lambda: bool(names()), f"the global {interface}")
        return names()[0]

    def _note_memory(self, interface: str, oid: int, name: str, values: list[Any]) -> None:
        """Keep the memory of pools, and have it grow before the compositor is told."""
        if (interface, name) == ("wl_shm", "create_pool"):
            self._pools[values[0]] = values[1]
        elif (interface, name) == ("wl_shm_pool", "resize"):
            self._pools[oid].grow(values[0])

    def settle(self) -> None:
        """Wait until the compositor has served all that was sent, and read what came of it."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            self.read()
            # Each question is answered after what came before it was served, so this does not spin for long.
            [served] = [one["messages"] for one in self._compositor.clients if one["client"] == self.number]
            if served == self.sent:
                break
            if time.monotonic() > deadline:
                raise ReplayError(f"client {self._name}: {served} of {self.sent} requests are served")
        self.read()

    def close(self) -> None:
        """Hang up."""
        self.client.close()
        for pool in self._pools.values():
            pool.close()
        for fd in self._pipes:
            os.close(fd)


def _on_the_wire(kind: str, value: Any) -> Any:
    """Return what `wire.encode` takes for an argument: numbers for objects and descriptors."""
    if kind == "o" and value is None:
        return 0
    return value.fd if isinstance(value, Memory) else value


def replay(compositor: Compositor, lines: list[Line], patience_s: float = _PATIENCE_S) -> int:
    """Play a recording; returns the number of recorded requests.

    Args:
        compositor: freshly started, with the outputs of the recording.
        lines: all but the first of the recording.
        patience_s: how long the windows may take to be as they were.

    Raises:
        ReplayError: if an answer does not come, a client is disconnected, or the windows differ.
    """
    players: dict[int, Player] = {}
    last: int | None = None
    try:
        for line in lines:
            if isinstance(line, list):
                number, interface, oid, name, args = line
                if number not in players:
                    players[number] = Player(compositor, number)
                if last not in (None, number) and last in players:
                    # What one says may rest on what another has said before.
                    players[last].settle()
                last = number
                players[number].play(interface, oid, name, args)
            elif "do" in line:
                method, params = line["do"]
                for player in players.values():
                    player.settle()
                compositor.call(method, **params)
                for player in players.values():
                    player.read()
            elif "gone" in line:
                for player in players.values():
                    player.settle()
                    player.close()
                players.clear()
            elif "windows" in line:
                _expect(compositor, players, line, patience_s)
        for player in players.values():
            player.settle()
        return sum(isinstance(line, list) for line in lines)
    finally:
        for player in players.values():
            player.close()


def _expect(
    compositor: Compositor, players: dict[int, Player], expected: dict[str, Any], patience_s: float
) -> None:
    """Wait until windows, and layer surfaces where those were noted, are as they were."""

    def there() -> dict[str, Any]:
        found: dict[str, Any] = {"windows": shown(compositor)}
        if "layers" in expected:
            found["layers"] = shown_layers(compositor)
        return found

    def same() -> bool:
        for player in players.values():
            player.read()
        return there() == expected

    compositor.wait_until(
        ("window", "frame"), same, patience_s, lambda: f"there is {there()}, there was {expected}"
    )
