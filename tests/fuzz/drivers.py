"""The control socket's target: drivers that say anything, to the real socket of a compositor in this process.

    0 {"jsonrpc":"2.0","id":1,"method":"windows.list"}     driver 0 sends a line
    1 +memfd/96/sgwS {"jsonrpc":"2.0","method":"clipboard.set","fds":1,"params":{"data":0}}
    0 raw 7b0a                                            these bytes, and no end of a line
    0 cut 5                                               of what it has to send, only so much arrives for now
    0 deaf | hear | hangup                                it reads nothing; reads; ends, and comes anew
    - advance 17                                          time passes, in milliseconds
    - with cadence                                        first of all, if at all: time passes by itself,
                                                          and a client draws with every frame

Every line that asks for an answer gets one, with its id, and it is well-formed; nobody is hung up on for
words alone; and what must hold for clients (`fuzz.world`) holds for whatever drivers do. A second reading of
each line (`expected`), plain and by itself, says which answers are due.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections import Counter
from typing import Any

from fuzz import descriptors
from fuzz.events import Finding
from fuzz.script import number, parse
from fuzz.world import World
from fuzz.world import warm_up as warm_up_world

from compositor.control.jsonrpc import MAX_FDS, MAX_LINE_BYTES, Code, RequestError
from compositor.control.registry import Registry

DRIVERS = 3
MAX_LINES = 120
_PATIENT = {"clipboard.get", "idle.wait", "launch.wait", "clock.advance"}
"""Methods whose answer may come later than this target waits."""
_MOST = {"ms": 2000.0, "width": 512, "height": 512, "scale": 2.0, "slots": 4}
"""What a driver may ask for costs memory and time; it is the user himself, so nothing forbids it to him."""


_CADENCE = b"- with cadence"
_DRAWER = b"""
0 wl_compositor:0.create_surface
0 xdg_wm_base:0.get_xdg_surface wl_surface:0
0 xdg_surface:0.get_toplevel
0 xdg_toplevel:0.set_fullscreen null
0 wl_surface:0.commit
0 xdg_surface:0.ack_configure s
0 wl_shm:0.create_pool memfd/614400/s 614400
0 wl_shm_pool:0.create_buffer 0 320 240 1280 1
0 wl_shm_pool:0.create_buffer 307200 320 240 1280 1
0 draw 0 0 1
- advance 200
"""


def _refuse(name: str) -> None:
    raise ValueError(name)


def expected(line: bytes) -> tuple[bool, Any, str]:
    """Return whether a line is to be answered, with which id, and the method if it is a request."""
    try:
        message = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return True, None, ""
    if not isinstance(message, dict):
        return True, None, ""
    name = message.get("id")
    if type(name) not in (str, int, type(None)):
        return True, None, ""
    if isinstance(name, str):
        name = name.encode("utf-8", "replace").decode()
    fds = message.get("fds", 0)
    right = type(fds) is int and 0 <= fds <= MAX_FDS and message.get("jsonrpc") == "2.0"
    method = message.get("method")
    if not right or not isinstance(method, str) or not isinstance(message.get("params", {}), dict):
        return True, name, ""
    return "id" in message, name, method


class Driver:
    """One connection to the control socket.

    Attributes:
        closed: whether the compositor has hung up.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.fspath(world.stage.server.control.listener.path))
        self.sock.setblocking(False)
        self.closed = False
        self.deaf = False
        self._out = bytearray()
        self._out_fds: list[int] = []
        self._said = bytearray()
        self._heard = bytearray()
        self._fds: list[int] = []
        self._due: Counter[Any] = Counter()
        self._later: Counter[Any] = Counter()
        self._sent_fds = False
        self._counted_fds = False
        world.stage.pump()

    # Out

    def say(self, data: bytes, words: list[str] | None = None) -> None:
        """Queue bytes, and descriptors that come with them."""
        self._out += data
        for word in words or ():
            try:
                made = descriptors.make(word)
            except OSError:
                continue
            for fd in made[1:]:
                os.close(fd)
            self._out_fds += made[:1]

    def cut(self, count: int) -> None:
        """Have no more than so many bytes arrive, the rest later."""
        rest = self._out[count:]
        del self._out[count:]
        self.turn()
        self._out = rest + self._out

    def turn(self) -> None:
        """Have what was said heard, and hear what comes of it."""
        while self._out and not self.closed:
            batch, self._out_fds = self._out_fds[:16], self._out_fds[16:]
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"={len(batch)}i", *batch))]
            try:
                sent = self.sock.sendmsg(
                    [self._out[: 1 if self._out_fds else 1 << 16]], rights if batch else []
                )
            except BlockingIOError:
                self._out_fds = batch + self._out_fds
                if not self._hear() and self.deaf:
                    break
            except OSError:
                for fd in batch:
                    os.close(fd)
                break
            else:
                self._sent_fds = self._sent_fds or bool(batch)
                for fd in batch:
                    os.close(fd)
                self._note(bytes(self._out[:sent]))
                del self._out[:sent]
        self._hear()

    def _note(self, data: bytes) -> None:
        self._said += data
        *lines, rest = self._said.split(b"\n")
        self._said = bytearray(rest)
        for line in lines:
            if not line.strip():
                continue
            answered, name, method = expected(bytes(line))
            self._counted_fds = self._counted_fds or b"fds" in line or b"\\u" in line
            if answered:
                (self._later if method in _PATIENT else self._due)[repr(name)] += 1

    # In

    def _hear(self) -> bool:
        self._world.stage.pump()
        some = False
        while not self.deaf and not self.closed:
            try:
                data, ancillary, _, _ = self.sock.recvmsg(1 << 18, socket.CMSG_SPACE(4 * 64))
            except BlockingIOError:
                break
            except ConnectionResetError:
                data, ancillary = b"", []
            for _, _, payload in ancillary:
                self._fds += struct.unpack(f"={len(payload) // 4}i", payload)
            if not data:
                self.closed = True
                break
            some = True
            self._heard += data
            *lines, rest = self._heard.split(b"\n")
            self._heard = bytearray(rest)
            for line in lines:
                self._answer(bytes(line))
            self._world.stage.pump()
        return some

    def _answer(self, line: bytes) -> None:
        try:
            message = json.loads(line, parse_constant=_refuse)
            assert message["jsonrpc"] == "2.0"
            fds = message.pop("fds", 0)
        except (ValueError, AssertionError, TypeError, KeyError) as error:
            raise Finding(f"no answer that means anything: {line[:200]!r}: {error!r}") from error
        if len(line) >= MAX_LINE_BYTES:
            raise Finding(f"a line of {len(line)} bytes")
        if fds > len(self._fds):
            raise Finding(f"{fds} descriptors are counted and {len(self._fds)} came: {line[:200]!r}")
        for fd in self._fds[:fds]:
            os.close(fd)
        del self._fds[:fds]
        if "method" in message:
            if message["method"] != "event" or "id" in message:
                raise Finding(f"no notification: {line[:200]!r}")
            return
        if {"result", "error"} - message.keys() == {"result", "error"} or "id" not in message:
            raise Finding(f"neither result nor error: {line[:200]!r}")
        if "error" in message:
            code = message["error"]["code"]
            if code == Code.INTERNAL_ERROR or code not in Code._value2member_map_:
                raise Finding(f"error {line[:400]!r}")
        name = repr(message["id"])
        for waiting in (self._due, self._later):
            if waiting[name]:
                waiting[name] -= 1
                return
        raise Finding(f"an answer that nobody asked for: {line[:200]!r}")

    def judge(self) -> None:
        """Look whether it has been told all that it asked for.

        Raises:
            Finding: if not, or if it was hung up on for nothing.
        """
        self.deaf = False
        self.turn()
        if self.closed:
            if not (self._sent_fds or self._counted_fds):
                raise Finding("a driver was hung up on for what it said")
        elif due := +self._due:
            raise Finding(f"no answer came for {dict(due)}")

    def close(self) -> None:
        """Hang up."""
        self.sock.close()
        for fd in (*self._fds, *self._out_fds):
            os.close(fd)
        self._fds.clear()
        self._out_fds.clear()


def tame(registry: Registry, passes: bool) -> Registry:
    """Have methods start no program, and take no more time and memory than there is for one input.

    `passes` says whether time passes by itself, as far as drivers know.
    """

    def wrap(name: str, function: Any) -> Any:
        def call(**arguments: Any) -> Any:
            if name == "launch":
                raise RequestError(Code.FAILED, "launch: not here")
            if name == "clock.advance" and passes:
                raise RequestError(Code.UNSUPPORTED, "clock.advance: not here")
            for key, most in _MOST.items():
                if isinstance(arguments.get(key), int | float):
                    arguments[key] = min(arguments[key], most)
            return function(**arguments)

        return call

    for name, method in registry._methods.items():
        method.function = wrap(name, method.function)
    return registry


class Room:
    """A compositor and the drivers of an input.

    Args:
        in_step: whether a client draws with every frame while they talk.
    """

    def __init__(self, in_step: bool = False) -> None:
        self._in_step = in_step
        self.world = World(("cadence",) if in_step else ())
        if in_step:
            self.world.run(parse(_DRAWER))
        listener = self.world.stage.server.control.listener
        make = listener._make_registry
        listener._make_registry = lambda: tame(make(), in_step)
        self.drivers: dict[int, Driver] = {}
        self.honest = Driver(self.world)
        # Its own end and the compositor's are of those that stay.
        self.world.count_anew()

    def run(self, data: bytes) -> None:
        """Do what an input says.

        Raises:
            Finding: if something happens that may not.
        """
        for line in data.split(b"\n", MAX_LINES)[:MAX_LINES]:
            who, _, rest = line.partition(b" ")
            if who == b"-":
                words = rest.decode("ascii", "replace").split()
                self._turn()
                if words[:1] == ["advance"] and self._in_step:
                    self.world.advance(number([*words, "0"][1]))
                elif words[:1] == ["advance"]:
                    # As a driver: time that another one is letting pass must not pass by itself.
                    self._ask("clock.advance", ms=max(0, number([*words, "0"][1])), settle=False)
                    self._turn()
            elif who.isdigit() and len(who) == 1:
                self._driver(int(who) % DRIVERS, rest)
        self._turn()

    def _ask(self, method: str, **params: Any) -> None:
        """Have the honest driver ask for something."""
        line = json.dumps({"jsonrpc": "2.0", "id": method, "method": method, "params": params})
        self.honest.say(line.encode() + b"\n")
        self.honest.turn()

    def _turn(self) -> None:
        for driver in self.drivers.values():
            driver.turn()
        if self._in_step:
            self.world.stage.settle()

    def _driver(self, who: int, rest: bytes) -> None:
        driver = self.drivers.get(who)
        if driver is None:
            driver = self.drivers[who] = Driver(self.world)
        words = rest.decode("ascii", "replace").split()
        match words[:2]:
            case ["deaf"]:
                driver.deaf = True
            case ["hear"]:
                driver.deaf = False
                driver.turn()
            case ["hangup"]:
                driver.turn()
                driver.judge()
                driver.close()
                del self.drivers[who]
                self.world.stage.pump()
            case ["cut", count]:
                driver.cut(number(count))
            case ["raw", text]:
                try:
                    driver.say(bytes.fromhex(text))
                except ValueError:
                    pass
            case _:
                sent = []
                while rest.startswith(b"+"):
                    word, _, rest = rest.partition(b" ")
                    sent.append(word[1:].decode("ascii", "replace"))
                driver.say(rest + b"\n", sent)

    def judge(self) -> None:
        """Look for what may not be.

        Raises:
            Finding: the first thing that is found.
        """
        for driver in self.drivers.values():
            driver.judge()
            driver.close()
        self.drivers.clear()
        self.world.stage.pump()
        # What was copied stays, and its memory with it, when who copied it has gone.
        for method in ("server.info", "windows.list", "outputs.list", "capture", "clipboard.clear"):
            self._ask(method)
        self._ask("clipboard.clear", selection="primary")
        self.honest.judge()
        if len(self.world.stage.server.control.listener.connections) != 1:
            raise Finding("drivers that hung up are still there")
        self.world.judge()

    def close(self) -> None:
        """End everything."""
        for driver in (*self.drivers.values(), self.honest):
            driver.close()
        self.world.close()


def warm_up() -> None:
    """Load what is loaded once."""
    warm_up_world()
    for method in ("ring.open", "idle.wait"):
        play(b'0 {"jsonrpc":"2.0","id":1,"method":"%s"}\n' % method.encode())


def play(data: bytes) -> None:
    """Run an input from its beginning to its end.

    Raises:
        Finding: if something happens that may not.
    """
    room = Room(data.startswith(_CADENCE))
    try:
        room.run(data)
        room.judge()
    finally:
        room.close()
