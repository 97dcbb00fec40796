"""The codec by itself, against a second one that is plain and slow.

An input names an interface; what follows is a stream of any bytes for a connection that has one object of
it, and one of each interface that its requests can name. The stream is decoded by the compositor's compiled
decoders, cut into pieces in one way or another, and by the reference here: they must call the same requests
with the same arguments, or refuse the same message with the same error, and take the same descriptors. Then
its events are encoded with arguments made of the same bytes, and taken apart by the reference.
`fuzz.codec_inputs` has how an input is written.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

from fuzz.codec_inputs import neighbours, sample, split
from fuzz.events import Finding
from fuzz.grammar import Argument, Entry, tables

from compositor.wire import Client, Display
from compositor.wire.compile import INVALID_METHOD, INVALID_OBJECT, compile_interface
from compositor.wire.interface import _CLASSES, INTERFACES, Interface, Mark

Call = tuple[int, str, tuple[Any, ...]]
"""Object id, request, arguments: objects as ids, descriptors as "fd"."""


class _Refused(Exception):
    """The reference refuses a message with this code of wl_display.error."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


_heard: list[Call] = []


def _plain(value: Any) -> Any:
    if isinstance(value, Interface):
        return value.oid
    return "fd" if hasattr(value, "fileno") else value


def _listener(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def hear(self: Interface, *values: Any) -> None:
        _heard.append((self.oid, name, tuple(map(_plain, values))))

    hear.__annotations__ = function.__annotations__
    return hear


@cache
def mirrors() -> dict[str, type[Interface]]:
    """Return every interface anew, with requests that note that they were called and do nothing else."""
    tables()
    originals, classes = dict(INTERFACES), dict(_CLASSES)
    made: dict[str, type[Interface]] = {}
    try:
        for name, original in originals.items():
            body: dict[str, Any] = {"__slots__": (), "__module__": __name__}
            for kind, messages in (("request", original.REQUESTS), ("event", original.EVENTS)):
                for message in messages:
                    listener = _listener(message.name, message.function)
                    mark = Mark(kind, message.since, message.destructor, message.name)
                    listener.__wayland__ = mark  # type: ignore[attr-defined]
                    listener.__name__ = f"{kind}_{message.name}"
                    body[listener.__name__] = listener
            made[name] = type(original.__name__, (Interface,), body, name=name, version=original.VERSION)
        for cls in made.values():
            if not cls._compiled:
                compile_interface(cls)
    finally:
        INTERFACES.clear()
        INTERFACES.update(originals)
        _CLASSES.clear()
        _CLASSES.update(classes)
    return made


class Line:
    """A connection whose requests are heard and not served."""

    def __init__(self, interface: str, version: int, descriptors: int) -> None:
        self.display = Display()
        ours, self.sock = socket.socketpair()
        self.sock.setblocking(False)
        self.client: Client = self.display.add_client(ours)
        self.errors: list[tuple[int, int]] = []
        self.display.on_error.append(lambda _, name, oid, error: self.errors.append((oid, error.code)))
        mirror = mirrors()
        for name in neighbours(interface):
            resource = object.__new__(mirror[name])
            resource.client, resource.oid, resource.version = self.client, len(self.client.objects), version
            self.client.objects.append(resource)
        self.client.incoming_fds.extend(
            os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC) for _ in range(descriptors)
        )

    def feed(self, data: bytes, piece: int) -> None:
        """Have a stream decoded, in pieces."""
        step = piece or 30_000
        for start in range(0, len(data), step):
            if not self.client.alive:
                break
            self.sock.send(data[start : start + step])
            while self.client.readable():
                pass

    def close(self) -> None:
        """Hang up."""
        self.client.close("done")
        self.sock.close()


class Reference:
    """The same, plainly."""

    def __init__(self, interface: str, version: int, descriptors: int) -> None:
        self.version = version
        self.objects: dict[int, str] = {1: "wl_display"}
        for name in neighbours(interface):
            self.objects[len(self.objects) + 1] = name
        self.descriptors = descriptors
        self.calls: list[Call] = []
        self.code: int | None = None

    def feed(self, data: bytes) -> bytes:
        """Take a stream apart and return what is left of it: the beginning of a message."""
        while len(data) >= 8:
            oid, word = struct.unpack_from("=II", data)
            size = word >> 16
            if size > len(data):
                break
            try:
                self._message(oid, word & 0xFFFF, size, data[8:size])
            except _Refused as refused:
                self.code = refused.code
                return b""
            data = data[size:]
        return data

    def _message(self, oid: int, opcode: int, size: int, body: bytes) -> None:
        if size < 8 or size % 4:
            raise _Refused(INVALID_METHOD)
        name = self.objects.get(oid)
        if name is None:
            raise _Refused(INVALID_OBJECT)
        requests = list(tables()[name].requests.values())
        if opcode >= len(requests):
            raise _Refused(INVALID_METHOD)
        entry = requests[opcode]
        if entry.since > (1 if oid == 1 else self.version):
            raise _Refused(INVALID_METHOD)
        if name == "wl_display":
            # The display is the real one: what it makes is no matter of the codec.
            raise _Refused(-1)
        self.calls.append((oid, entry.name, self._arguments(entry, body)))
        if entry.destructor:
            del self.objects[oid]

    def _arguments(self, entry: Entry, body: bytes) -> tuple[Any, ...]:
        # The descriptors are taken last: a message that is wrong takes none.
        values: list[Any] = []
        position = 0

        def word(layout: str) -> int:
            nonlocal position
            if position + 4 > len(body):
                raise _Refused(INVALID_METHOD)
            (value,) = struct.unpack_from(layout, body, position)
            position += 4
            return int(value)

        def chunk() -> bytes:
            nonlocal position
            length = word("=I")
            data = body[position : position + length]
            if len(data) != length:
                raise _Refused(INVALID_METHOD)
            position += length + -length % 4
            return data

        def text(nullable: bool) -> str | None:
            data = chunk()
            if not data:
                if nullable:
                    return None
                raise _Refused(INVALID_METHOD)
            if data[-1] or b"\0" in data[:-1]:
                raise _Refused(INVALID_METHOD)
            return data[:-1].decode("utf-8", "replace")

        for argument in entry.arguments:
            match argument.kind:
                case "s":
                    values.append(text(argument.nullable))
                case "a":
                    values.append(chunk())
                case "N":
                    values.append((text(False), word("=I"), word("=I")))
                    if not values[-1][2]:
                        raise _Refused(INVALID_METHOD)
                case "i":
                    values.append(word("=i"))
                case "f":
                    values.append(word("=i") / 256)
                case "h":
                    values.append("fd")
                case _:
                    values.append(word("=I"))
        if position != len(body):
            raise _Refused(INVALID_METHOD)
        for k, argument in enumerate(entry.arguments):
            if argument.kind == "n" and not values[k]:
                raise _Refused(INVALID_METHOD)
            if argument.kind == "o":
                values[k] = self._object(argument, values[k])
        for argument in entry.arguments:
            if argument.kind == "h":
                if not self.descriptors:
                    raise _Refused(INVALID_METHOD)
                self.descriptors -= 1
        return tuple(values)

    def _object(self, argument: Argument, oid: int) -> int | None:
        if not oid:
            if argument.nullable:
                return None
            raise _Refused(INVALID_METHOD)
        name = self.objects.get(oid)
        if name is None or (argument.interface and name != argument.interface):
            raise _Refused(INVALID_METHOD)
        return oid


def play(data: bytes) -> None:
    """Decode an input twice, and encode events of it.

    Raises:
        Finding: if the two do not agree.
    """
    interface, version, descriptors, piece, stream = split(data)
    _receiver()
    before = len(os.listdir("/proc/self/fd"))
    reference = Reference(interface, version, descriptors)
    rest = reference.feed(stream)
    if reference.code != -1:
        line = Line(interface, version, descriptors)
        try:
            _heard.clear()
            line.feed(stream, piece)
            _compare(reference, rest, line, piece)
        finally:
            line.close()
    _events(interface, stream)
    gc.collect()
    left = len(os.listdir("/proc/self/fd")) - before
    if left > 0:
        raise Finding(f"{left} descriptors are left")


def _compare(reference: Reference, rest: bytes, line: Line, piece: int) -> None:
    if _heard != reference.calls:
        pairs = zip([*_heard, None], [*reference.calls, None], strict=False)
        first = next((pair for pair in pairs if pair[0] != pair[1]), None)
        raise Finding(f"heard and meant: {first}")
    codes = [] if reference.code is None else [(1, reference.code)]
    if line.errors != codes:
        raise Finding(f"error {line.errors} where {codes} is right")
    if line.client.alive == bool(codes):
        raise Finding(f"the connection is {'still' if codes else 'no longer'} there")
    if line.display.bugs:
        raise Finding("logged as a bug")
    if not codes:
        if line.client.partial != rest:
            raise Finding(f"left over: {line.client.partial!r} where {rest!r} is right")
        if len(line.client.incoming_fds) != reference.descriptors:
            raise Finding(f"{len(line.client.incoming_fds)} descriptors left of {reference.descriptors}")


class _Bytes:
    """Values made of bytes; zeros when they are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, count: int) -> bytes:
        """Return so many bytes."""
        data = self._data[self._position : self._position + count]
        self._position += count
        return data.ljust(count, b"\0")

    def word(self, layout: str) -> int:
        """Return a number."""
        return int(struct.unpack(layout, self.take(4))[0])


def _events(interface: str, data: bytes) -> None:
    """Encode every event of an interface with arguments made of some bytes, and decode them plainly."""
    table = tables()[interface]
    source = _Bytes(data)
    client = _receiver().client
    target = object.__new__(mirrors()[interface])
    target.client, target.oid, target.version = client, 7, table.version
    for entry in table.events:
        if entry.destructor:
            continue
        values, expected = [], b""
        for argument in entry.arguments:
            value, encoded = _event_value(argument, source, client)
            values.append(value)
            expected += encoded
        header = struct.pack("=II", 7, len(expected) + 8 << 16 | entry.opcode)
        client.out.clear()
        client.out_fds.clear()
        try:
            getattr(target, f"event_{entry.name}")(*values)
        except ValueError:
            if len(expected) + 8 <= 4096:
                raise
            continue
        if bytes(client.out) != header + expected:
            raise Finding(
                f"{interface}.{entry.name}{tuple(values)}: {client.out.hex()} is not {expected.hex()}"
            )


@cache
def _receiver() -> Line:
    """Return a connection to encode events for; they are never sent."""
    return Line("wl_callback", 1, 0)


def _event_value(argument: Argument, source: _Bytes, client: Client) -> tuple[Any, bytes]:
    """Return a value for an event's argument, and its bytes on the wire."""
    match argument.kind:
        case "h":
            return -1, b""
        case "s" | "a":
            count = source.word("=I")
            if argument.nullable and count % 7 == 0:
                return None, bytes(4)
            data = source.take(count % 300)
            if argument.kind == "a":
                return data, struct.pack("=I", len(data)) + data + bytes(-len(data) % 4)
            text = data.decode("utf-8", "ignore").replace("\0", "")
            raw = text.encode() + b"\0"
            return text, struct.pack("=I", len(raw)) + raw + bytes(-len(raw) % 4)
        case "f":
            value = source.word("=i")
            return value / 256, struct.pack("=i", value)
        case "i":
            value = source.word("=i")
            return value, struct.pack("=i", value)
        case "o" | "n":
            if argument.nullable and source.word("=I") % 3 == 0:
                return None, bytes(4)
            other = object.__new__(mirrors()[argument.interface or "wl_surface"])
            other.client, other.oid, other.version = client, source.word("=I"), 1
            return other, struct.pack("=I", other.oid)
        case _:
            value = source.word("=I")
            return value, struct.pack("=I", value)


def warm_up() -> None:
    """Make what is made once."""
    mirrors()
    logging.getLogger("compositor").setLevel(logging.ERROR)
    for name in tables():
        play(sample(name))
    gc.collect()
    gc.freeze()
