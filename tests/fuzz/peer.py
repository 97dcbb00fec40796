"""A client of a script: it keeps the table of objects, and looks hard at all that the compositor sends."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from typing import Any

from fuzz import descriptors
from fuzz.grammar import Argument, Entry, Table, global_names, tables
from fuzz.script import Step, number, unquote

SERVER_ID_BASE = 0xFF00_0000
_MAX_KEPT = 64
_MAX_FDS = 28


class Finding(AssertionError):
    """Something that the compositor must not do."""


class Thing:
    """The client's end of an object.

    Attributes:
        serial: the last one that it was sent.
        dead: whether the client has destroyed it; `gone` once the compositor has said so too.
    """

    __slots__ = ("dead", "gone", "oid", "serial", "table", "version")

    def __init__(self, table: Table, oid: int, version: int) -> None:
        self.table = table
        self.oid = oid
        self.version = version
        self.serial = 0
        self.dead = False
        self.gone = False


def _word(value: int) -> bytes:
    return struct.pack("=I", value & 0xFFFF_FFFF)


def _padded(data: bytes) -> bytes:
    return _word(len(data)) + data + bytes(-len(data) % 4)


class Peer:
    """One connection.

    Args:
        sock: connected to the compositor.
        pump: has the compositor serve what it was sent.

    Attributes:
        strict: whether the table of objects is known to be right: not after raw bytes.
        dones: how many callbacks were answered.
        error: (interface, code, text) of wl_display.error.
        pong: whether pings are answered.
    """

    def __init__(self, sock: socket.socket, pump: Callable[[], None]) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.closed = False
        self.strict = True
        self.deaf = False
        self.pong = False
        self.dones = 0
        self.error: tuple[str, int, str] | None = None
        self.serials: list[int] = []
        self.objects: dict[int, Thing] = {}
        self.made: dict[str, list[Thing]] = {}
        self.globals: dict[str, list[tuple[int, int]]] = {}
        self.files: list[int] = []
        self._pump = pump
        self._kept: list[int] = []
        self._out = bytearray()
        self._out_fds: list[int] = []
        self._in = b""
        self._in_fds: list[int] = []
        self._free: list[int] = []
        self._next_id = 1
        self._enter("wl_display", self._new_id(), 1)

    # Objects

    def _new_id(self) -> int:
        if self._free:
            self._free.sort()
            return self._free.pop(0)
        self._next_id += 1
        return self._next_id - 1

    def _enter(self, interface: str, oid: int, version: int) -> Thing:
        thing = Thing(tables()[interface], oid, version)
        self.objects[oid] = thing
        self.made.setdefault(interface, []).append(thing)
        return thing

    def _read_registry(self) -> Thing | None:
        for thing in self.made.get("wl_registry", ()):
            if not thing.dead:
                break
        else:
            self.globals.clear()
            if not self.send(Step(0, "wl_display.get_registry")):
                return None
            thing = self.made["wl_registry"][-1]
            self.turn()
        return thing

    def bind(self, interface: str, version: int = 0, which: int = 0, oid: int = 0) -> Thing | None:
        """Bind a global, of its highest version unless told; None if there is none of that name."""
        registry = self._read_registry()
        offers = self.globals.get(interface)
        if not offers or self.closed or registry is None:
            return None
        name, highest = offers[which % len(offers)]
        version = version or highest
        number = oid or self._new_id()
        body = _word(name) + _padded(interface.encode() + b"\0") + _word(version) + _word(number)
        self._queue(registry.oid, 0, body)
        if oid or not 0 < version <= highest:
            self.strict = False
        return self._enter(interface, number, version)

    def find(self, interface: str, index: int, forced: bool = False) -> Thing | None:
        """Return an object of an interface; a global is bound for it. None if there is none."""
        made = self.made.get(interface)
        if not made:
            if interface in global_names():
                return self.bind(interface)
            if interface == "wl_registry":
                self._read_registry()
            else:
                # An object may be on its way to us.
                self.turn()
            made = self.made.get(interface)
            if not made:
                return None
        count = len(made)
        first = made[index % count]
        if forced or not first.dead:
            return first
        for k in range(1, count):
            if not (thing := made[(index + k) % count]).dead:
                return thing
        return self.bind(interface) if interface in global_names() else None

    # Out

    def _queue(self, oid: int, opcode: int, body: bytes) -> None:
        size = 8 + len(body)
        if size > 0xFFFF:
            return
        self._out += struct.pack("=II", oid, size << 16 | opcode) + body

    def send(self, step: Step) -> bool:
        """Queue a request; returns whether it made sense."""
        if self.closed:
            return False
        if step.what == "wl_registry.bind":
            return self._send_bind(step.arguments)
        table = tables().get(step.interface)
        entry = table.requests.get(step.request) if table else None
        if entry is None:
            return False
        target = self.find(step.interface, step.index, step.forced)
        if target is None or self.closed:
            return False
        if entry.since > target.version and not step.forced:
            return False
        parts: list[bytes | tuple[str, int]] = []
        fds: list[int] = []
        words = list(step.arguments)
        explicit = step.forced
        for argument in entry.arguments:
            if argument.kind == "n":
                oid = 0
                if words and words[0][:1] == "#":
                    oid = number(words.pop(0)[1:])
                    explicit = True
                parts.append((argument.interface, oid))
                continue
            word = words.pop(0) if words else ""
            if argument.kind == "h":
                fds += self._descriptor(word)
                explicit = explicit or word == "none"
                continue
            part = self._encode(argument, word, target)
            if part is None or self.closed:
                for fd in fds:
                    os.close(fd)
                return False
            parts.append(part)
        if explicit:
            self.strict = False
        body = b""
        made: list[tuple[str, int]] = []
        for part in parts:
            if isinstance(part, tuple):
                # Only now: what the other arguments needed may have taken ids before.
                interface, oid = part
                made.append((interface, oid or self._new_id()))
                part = _word(made[-1][1])
            body += part
        self._queue(target.oid, entry.opcode, body)
        self._out_fds += fds
        for interface, oid in made:
            self._enter(interface, oid, target.version)
        if entry.destructor:
            target.dead = True
        if len(self._out) > 16_384 or len(self._out_fds) >= _MAX_FDS:
            self.turn()
        return True

    def _send_bind(self, words: tuple[str, ...]) -> bool:
        # wl_compositor@6~0, and perhaps #5 for its id.
        name, _, rest = (words[0] if words else "").partition("@")
        version, _, which = rest.partition("~")
        oid = number(words[1][1:]) if len(words) > 1 and words[1][:1] == "#" else 0
        return name in tables() and self.bind(name, number(version), number(which), oid) is not None

    def _encode(self, argument: Argument, word: str, target: Thing) -> bytes | None:
        match argument.kind:
            case "o":
                return self._object(argument, word)
            case "f":
                try:
                    return _word(int(float(word) * 256))
                except (ValueError, OverflowError):
                    return _word(0)
            case "s":
                text = unquote(word)
                if text is None:
                    return _word(0)
                return _padded(text.encode("utf-8", "surrogatepass") + b"\0")
            case "a":
                try:
                    return _padded(bytes.fromhex(word[1:]))
                except ValueError:
                    return _padded(b"")
            case _:
                if word[:1] == "s":
                    return _word(self._serial(word, target))
                return _word(number(word))

    def _serial(self, word: str, target: Thing) -> int:
        self.turn()
        if word == "s" and target.serial:
            return target.serial
        back = number(word[1:])
        return self.serials[-1 - back] if back < len(self.serials) else 0

    def _object(self, argument: Argument, word: str) -> bytes | None:
        if word == "null" and argument.nullable:
            return _word(0)
        if word[:1] == "#":
            self.strict = False
            return _word(number(word[1:]))
        interface, _, index = word.partition(":")
        forced = index.endswith("!")
        if interface in tables():
            thing = self.find(interface, number(index.rstrip("!")), forced)
            if thing is not None:
                return _word(thing.oid)
        return _word(0) if argument.nullable else None

    def _descriptor(self, word: str) -> list[int]:
        try:
            made = descriptors.make(word)
        except OSError:
            return []
        for fd in made[1:]:
            self._keep(self._kept, fd)
        if word.startswith("memfd"):
            self._keep(self.files, os.dup(made[0]))
        return made[:1]

    @staticmethod
    def _keep(where: list[int], fd: int) -> None:
        where.append(fd)
        if len(where) > _MAX_KEPT:
            os.close(where.pop(0))

    def raw(self, data: bytes) -> None:
        """Queue any bytes."""
        self.strict = False
        self._out += data

    def cut(self, count: int) -> None:
        """Send no more than the first so many of the bytes that wait, and have them served."""
        rest = self._out[count:]
        del self._out[count:]
        self.turn()
        self._out = rest + self._out

    def flush(self) -> None:
        """Send what is queued."""
        while (self._out or self._out_fds) and not self.closed:
            batch = self._out_fds[:_MAX_FDS]
            if batch and not self._out:
                break
            try:
                if batch:
                    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"={len(batch)}i", *batch))]
                    rest = len(self._out_fds) > _MAX_FDS
                    sent = self.sock.sendmsg([self._out[:1] if rest else self._out], rights)
                else:
                    sent = self.sock.send(self._out)
            except BlockingIOError:
                self._pump()
                self.receive()
                continue
            except OSError:
                self._out.clear()
                break
            del self._out[:sent]
            del self._out_fds[: len(batch)]
            for fd in batch:
                os.close(fd)

    # In

    def turn(self) -> None:
        """Have what was sent served, and read what comes of it."""
        self.flush()
        self._pump()
        while self.receive():
            pass

    drain = turn

    def receive(self) -> bool:
        """Read once; returns whether anything came.

        Raises:
            Finding: if it is not what may come.
        """
        if self.closed or self.deaf:
            return False
        try:
            data, ancillary, flags, _ = self.sock.recvmsg(65536, socket.CMSG_SPACE(4 * 253))
        except BlockingIOError:
            return False
        except ConnectionResetError:
            data, ancillary, flags = b"", [], 0
        for _, _, payload in ancillary:
            self._in_fds += struct.unpack(f"={len(payload) // 4}i", payload)
        if flags & socket.MSG_CTRUNC:
            raise Finding("more descriptors came than fit into one message")
        if not data:
            self._end()
            return False
        self._in += data
        position = 0
        while len(self._in) - position >= 8:
            oid, word = struct.unpack_from("=II", self._in, position)
            size = word >> 16
            if size < 8 or size % 4 or size > 4096:
                raise Finding(f"an event of {size} bytes for object {oid}")
            if size > len(self._in) - position:
                break
            self._event(oid, word & 0xFFFF, self._in[position + 8 : position + size])
            position += size
        self._in = self._in[position:]
        return True

    def _event(self, oid: int, opcode: int, body: bytes) -> None:
        thing = self.objects.get(oid)
        if thing is None or thing.gone:
            if self.strict:
                raise Finding(f"event {opcode} for object {oid}, which {'is gone' if thing else 'never was'}")
            return
        if opcode >= len(thing.table.events):
            if self.strict:
                raise Finding(f"event {opcode} for {thing.table.name}#{oid}")
            return
        entry = thing.table.events[opcode]
        where = f"{thing.table.name}#{oid}.{entry.name}"
        if entry.since > thing.version and self.strict:
            raise Finding(f"{where} is newer than version {thing.version}")
        values = self._values(thing, entry, body, where)
        if thing.table.name == "wl_display":
            self._display_event(entry.name, values)
        elif entry.name == "global" and thing.table.name == "wl_registry":
            offers = self.globals.setdefault(values[1], [])
            if (values[0], values[2]) not in offers:
                offers.append((values[0], values[2]))
        elif entry.name == "global_remove":
            for offers in self.globals.values():
                offers[:] = [offer for offer in offers if offer[0] != values[0]]
        elif entry.name == "done" and thing.table.name == "wl_callback":
            self.dones += 1
            thing.dead = True
        elif entry.name == "ping" and self.pong:
            self.send(Step(0, "xdg_wm_base.pong", arguments=(str(values[0]),)))
        if entry.destructor:
            thing.dead = True

    def _values(self, thing: Thing, entry: Entry, body: bytes, where: str) -> list[Any]:
        position = 0
        values: list[Any] = []
        for argument in entry.arguments:
            if argument.kind == "h":
                if not self._in_fds:
                    raise Finding(f"{where} came without its descriptor")
                os.close(self._in_fds.pop(0))
                continue
            if position + 4 > len(body):
                raise Finding(f"{where} is too short")
            (value,) = struct.unpack_from("=I", body, position)
            position += 4
            if argument.kind in "sa":
                data = body[position : position + value]
                if len(data) != value:
                    raise Finding(f"{where}: {argument.name} runs past the message")
                position += value + -value % 4
                if argument.kind == "s":
                    if value and (data.find(0) != value - 1):
                        raise Finding(f"{where}: {argument.name} is no string: {data!r}")
                    if not value and not argument.nullable:
                        raise Finding(f"{where}: {argument.name} is null")
                    values.append(data[:-1].decode())
                else:
                    values.append(data)
                continue
            if argument.kind == "n":
                before = self.objects.get(value)
                if value < SERVER_ID_BASE or (before is not None and not before.dead and self.strict):
                    raise Finding(f"{where}: {argument.name} is {value}, which is not for the server to use")
                self._enter(argument.interface, value, thing.version)
            elif argument.kind == "o":
                self._check_object(argument, value, where)
            elif "serial" in argument.name:
                self.serials.append(value)
                thing.serial = value
            values.append(value)
        if position != len(body):
            raise Finding(f"{where} is {len(body)} bytes, its arguments are {position}")
        return values

    def _check_object(self, argument: Argument, oid: int, where: str) -> None:
        if not oid:
            if not argument.nullable:
                raise Finding(f"{where}: {argument.name} is null")
            return
        thing = self.objects.get(oid)
        if not self.strict:
            return
        if thing is None or thing.gone:
            raise Finding(f"{where}: {argument.name} is object {oid}, which is not there")
        if argument.interface and thing.table.name != argument.interface:
            raise Finding(f"{where}: {argument.name} is a {thing.table.name}, not a {argument.interface}")

    def _display_event(self, name: str, values: list[Any]) -> None:
        if name == "delete_id":
            thing = self.objects.get(values[0])
            if thing is None or thing.gone:
                if self.strict:
                    raise Finding(f"wl_display.delete_id({values[0]}), of an object that is not there")
                return
            thing.dead = thing.gone = True
            if values[0] < self._next_id:
                self._free.append(values[0])
        else:
            subject = self.objects.get(values[0])
            self.error = (subject.table.name if subject else "nothing", values[1], values[2])

    # The end

    def truncate(self, which: int, size: int) -> None:
        """Change the size of a memfd that was sent; seals may forbid it."""
        if self.files:
            try:
                os.ftruncate(self.files[which % len(self.files)], max(0, min(size, descriptors.MAX_BYTES)))
            except OSError:
                pass

    def _end(self) -> None:
        self.closed = True
        self.sock.close()
        for fds in (self._kept, self.files, self._out_fds, self._in_fds):
            for fd in fds:
                os.close(fd)
            fds.clear()
        self._out.clear()

    def close(self) -> None:
        """Hang up. Harmless when repeated."""
        if not self.closed:
            self._end()
