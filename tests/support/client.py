"""A Wayland client without libwayland.

It allocates ids as libwayland does (the lowest free one), encodes requests
from pywayland's tables, and keeps every event as text. Nothing checks what is
sent, so that tests can break every rule.

    surface = client.bind("wl_compositor").create_surface()
    surface.commit()
    client.roundtrip()
    assert ["enter(wl_output#4)"] == surface.events
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from typing import Any

from support import wire
from support.tables import Message, table


class ConnectionLost(AssertionError):
    """The compositor closed the connection; the text holds the protocol error, if there was one."""


class Proxy:
    """The client's end of an object. Requests are methods, without their new_id arguments.

    Attributes:
        events: what came for it, as text: ``done(5)``.
        raw: the same as (name, arguments).
    """

    def __init__(self, client: Client, interface: str, oid: int, version: int) -> None:
        self.client = client
        self.interface = interface
        self.table = table(interface)
        self.id = oid
        self.version = version
        self.events: list[str] = []
        self.raw: list[tuple[str, tuple[Any, ...]]] = []
        self.on_event: Callable[[str, tuple[Any, ...]], None] | None = None
        self.dead = False

    def __repr__(self) -> str:
        return f"{self.interface}#{self.id}"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        message = self.__dict__["table"].requests.get(name)
        if message is None:
            raise AttributeError(f"{self.__dict__['interface']} has no request {name}")
        return lambda *values, **options: self.client.request(self, message, values, **options)

    def take(self) -> list[str]:
        """Return the events so far and forget them."""
        events, self.events = self.events, []
        self.raw.clear()
        return events

    def last(self, name: str) -> tuple[Any, ...]:
        """Return the arguments of the newest event of that name."""
        for event, arguments in reversed(self.raw):
            if event == name:
                return arguments
        raise AssertionError(f"{self!r} had no event {name}; it had {self.events}")

    def count(self, name: str) -> int:
        """Return how often an event of that name came."""
        return sum(event == name for event, _ in self.raw)


class Client:
    """One connection.

    Args:
        sock: connected to the compositor.
        pump: lets the compositor work; called while this side waits. False if it cannot help.
        timeout_s: how long an answer may take from a compositor that runs by itself.

    Attributes:
        events: everything that came, as ``wl_callback#3.done(5)``.
        error: (interface, object id, code, text) of wl_display.error, or None.
        deleted: ids in the order of wl_display.delete_id.
        fds: descriptors that came with events and were not taken.
    """

    def __init__(self, sock: socket.socket, pump: Callable[[], None] | None = None, timeout_s: float = 10.0):
        self.sock = sock
        self.pump = pump
        sock.settimeout(timeout_s)
        self.objects: dict[int, Proxy] = {}
        self.interfaces: dict[int, str] = {}
        self.free: list[int] = []
        self.next_id = 2
        self.events: list[str] = []
        self.error: tuple[str, int, int, str] | None = None
        self.deleted: list[int] = []
        self.fds: list[int] = []
        self.closed = False
        self.received_bytes = b""
        self.keep: list[Any] = []
        self.globals: dict[str, list[tuple[int, int]]] = {}
        self.bound: dict[str, Proxy] = {}
        self._out = b""
        self._out_fds: list[int] = []
        self._in = b""
        self._registry: Proxy | None = None
        self.display = self._enter("wl_display", 1, 1)

    # Ids

    def _enter(self, interface: str, oid: int, version: int) -> Proxy:
        proxy = self.objects[oid] = Proxy(self, interface, oid, version)
        self.interfaces[oid] = interface
        return proxy

    def new_id(self) -> int:
        """Return the id that the next object gets."""
        if self.free:
            self.free.sort()
            return self.free.pop(0)
        self.next_id += 1
        return self.next_id - 1

    # Out

    def request(self, proxy: Proxy, message: Message, values: tuple[Any, ...], oid: int | None = None) -> Any:
        """Queue a request; returns the new object, if it makes one."""
        given = list(values)
        made: Proxy | None = None
        full: list[Any] = []
        for argument in message.arguments:
            if argument.kind == "n":
                assert argument.interface is not None
                number = self.new_id() if oid is None else oid
                made = self._enter(argument.interface, number, proxy.version)
                full.append(number)
            elif argument.kind == "o":
                value = given.pop(0)
                full.append(0 if value is None else getattr(value, "id", value))
            else:
                full.append(given.pop(0))
        assert not given, f"{proxy!r}.{message.name}: too many arguments"
        body, fds = wire.encode(message.arguments, full)
        self.send(wire.message(proxy.id, message.opcode, body), fds)
        return made

    def send(self, data: bytes, fds: list[int] | None = None) -> None:
        """Queue any bytes; descriptors stay the caller's and must live until `flush`."""
        self._out += data
        self._out_fds += fds or []

    def flush(self) -> None:
        """Send what is queued. A lost connection shows when reading."""
        data, self._out = self._out, b""
        fds, self._out_fds = self._out_fds, []
        try:
            if fds:
                for start in range(0, len(fds), 28):
                    batch = fds[start : start + 28]
                    rest = start + 28 < len(fds)
                    sent = socket.send_fds(self.sock, [data[:1] if rest else data], batch)
                    data = data[sent:]
            while data:
                try:
                    data = data[self.sock.send(data) :]
                except BlockingIOError:
                    self._work()
        except (BrokenPipeError, ConnectionResetError):
            pass

    # In

    def _work(self) -> None:
        if self.pump is not None:
            self.pump()

    def receive(self, wait: bool = False) -> bool:
        """Read and note what has come; returns whether anything had.

        Args:
            wait: for something to come, no longer than the timeout.
        """
        if self.closed:
            return False
        try:
            data, fds, flags, _ = socket.recv_fds(self.sock, 65536, 253, 0 if wait else socket.MSG_DONTWAIT)
        except (BlockingIOError, TimeoutError):
            return False
        except ConnectionResetError:
            data, fds, flags = b"", [], 0
        assert not flags & socket.MSG_CTRUNC
        self.fds += fds
        if not data:
            self.closed = True
            return False
        self.received_bytes += data
        self._in += data
        while len(self._in) >= 8:
            oid, second = struct.unpack_from("=II", self._in)
            size = second >> 16
            assert size >= 8 and size % 4 == 0, f"the compositor sent a message of {size} bytes"
            if size > len(self._in):
                break
            body, self._in = self._in[8:size], self._in[size:]
            self._event(oid, second & 0xFFFF, body)
        return True

    def _event(self, oid: int, opcode: int, body: bytes) -> None:
        proxy = self.objects[oid]
        message = proxy.table.events[opcode]
        assert message.since <= proxy.version, (
            f"{proxy!r}.{message.name} is newer than version {proxy.version}"
        )
        reader = wire.Reader(body)
        values = tuple(self._value(proxy, argument, reader) for argument in message.arguments)
        reader.end()
        text = f"{message.name}({', '.join(_shown(value) for value in values)})"
        self.events.append(f"{proxy!r}.{text}")
        proxy.events.append(text)
        proxy.raw.append((message.name, values))
        if proxy.id == 1:
            self._display_event(message.name, values)
        if proxy.on_event is not None:
            proxy.on_event(message.name, values)

    def _value(self, proxy: Proxy, argument: Any, reader: wire.Reader) -> Any:
        match argument.kind:
            case "i":
                return reader.int_()
            case "f":
                return reader.int_() / 256
            case "s":
                return reader.string()
            case "a":
                data = reader.bytes_()
                return list(struct.unpack(f"={len(data) // 4}I", data)) if len(data) % 4 == 0 else data
            case "h":
                return Received(self.fds.pop(0))
            case "o":
                oid = reader.uint()
                return self.objects.get(oid, f"object {oid}") if oid else None
            case "n":
                return self._enter(argument.interface, reader.uint(), proxy.version)
            case _:
                return reader.uint()

    def _display_event(self, name: str, values: tuple[Any, ...]) -> None:
        if name == "delete_id":
            oid = values[0]
            self.deleted.append(oid)
            self.objects.pop(oid).dead = True
            self.free.append(oid)
        else:
            subject, code, text = values
            if isinstance(subject, Proxy):
                self.error = (subject.interface, subject.id, code, text)
            else:
                oid = int(str(subject).removeprefix("object "))
                self.error = (self.interfaces.get(oid, "nothing"), oid, code, text)

    # Conversation

    def roundtrip(self) -> None:
        """Have everything that was sent served, and read all that came of it.

        Raises:
            ConnectionLost: if the compositor ended the connection.
        """
        callback = self.display.sync()
        self.flush()
        while not callback.events:
            self._work()
            if not self.receive(wait=self.pump is None):
                if self.closed:
                    raise ConnectionLost(f"connection closed; {self._error_text()}")
                assert self.pump is not None, "no answer in time"
                assert self.receive(), "the compositor has nothing to say to a sync"

    def drain(self) -> None:
        """Send, let the compositor work, and read what came, without asking for an answer."""
        self.flush()
        self._work()
        while self.receive():
            pass

    def expect_error(self, interface: str, code: str) -> str:
        """Expect that what was sent ends the connection with this error, and return its text.

        Args:
            interface: of the object the error is about.
            code: name of the error, as in the XML.
        """
        try:
            self.roundtrip()
        except ConnectionLost:
            pass
        else:
            raise AssertionError(f"no error, {interface}.{code} was expected")
        assert self.error is not None, f"the connection ended without {interface}.{code}"
        wrong, oid, number, text = self.error
        assert f"{interface}.{code}" == f"{wrong}.{error_name(wrong, number)}", f"{wrong}#{oid}: {text}"
        return text

    def _error_text(self) -> str:
        if self.error is None:
            return "no protocol error"
        interface, oid, code, text = self.error
        return f"{interface}#{oid}, {error_name(interface, code)}: {text}"

    @property
    def registry(self) -> Proxy:
        """The registry, its globals read."""
        if self._registry is None:
            self._registry = self.display.get_registry()
            self._registry.on_event = self._global
            self.roundtrip()
        return self._registry

    def _global(self, name: str, values: tuple[Any, ...]) -> None:
        if name == "global":
            number, interface, version = values
            self.globals.setdefault(interface, []).append((number, version))
        else:
            for entries in self.globals.values():
                entries[:] = [entry for entry in entries if entry[0] != values[0]]

    def bind(self, interface: str, version: int | None = None, index: int = 0) -> Proxy:
        """Bind a global, of the highest version that both sides know unless told otherwise."""
        registry = self.registry
        number, highest = self.globals[interface][index]
        version = min(highest, table(interface).version) if version is None else version
        oid = self.new_id()
        proxy = self._enter(interface, oid, version)
        self.send(
            wire.message(
                registry.id, 0, wire.word(number), wire.string(interface), wire.word(version), wire.word(oid)
            )
        )
        return proxy

    def get(self, interface: str) -> Proxy:
        """Return the global, bound when first asked for."""
        if interface not in self.bound:
            self.bound[interface] = self.bind(interface)
        return self.bound[interface]

    def close(self) -> None:
        """Hang up."""
        for fd in self.fds:
            os.close(fd)
        self.fds.clear()
        for kept in self.keep:
            kept.close()
        self.keep.clear()
        self.sock.close()
        self.closed = True


class Received:
    """A descriptor that came with an event."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __repr__(self) -> str:
        return "fd"

    def __del__(self) -> None:
        os.close(self.fd)


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value) if not isinstance(value, str) else value


# Errors that an interface raises by another's enum, as wayland.xml has it.
_BORROWED = {
    "wl_shm_pool": "wl_shm",
    "wl_buffer": "wl_shm",
    "zxdg_decoration_manager_v1": "zxdg_toplevel_decoration_v1",
    "wl_registry": "wl_display",
}


def error_name(interface: str, code: int) -> str:
    """Return the XML's name of an error."""
    if interface == "nothing":
        return f"unknown error {code}"
    enums = table(_BORROWED.get(interface, interface)).enums
    for name, value in enums.get("error", {}).items():
        if value == code:
            return name
    return f"unknown error {code}"
