"""A client of a script: it sends what the script says, as far as that makes sense."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable

from fuzz import descriptors
from fuzz.events import Finding, Listener, Thing
from fuzz.grammar import Argument, global_names, tables
from fuzz.script import Step, number, unquote

_MAX_KEPT = 64
_MAX_FDS = 28


def _word(value: int) -> bytes:
    return struct.pack("=I", value & 0xFFFF_FFFF)


def _padded(data: bytes) -> bytes:
    return _word(len(data)) + data + bytes(-len(data) % 4)


class Peer(Listener):
    """One connection.

    Args:
        sock: connected to the compositor.
        pump: has the compositor serve what it was sent.

    Attributes:
        closed: whether the connection has ended, whoever ended it.
        deaf: whether it reads nothing for now.
        files: memfds that it has sent, to change them later.
        drawing: the surface that it draws with every frame and the buffers that it does so with, as numbers
            among those it has made; or None.
    """

    def __init__(self, sock: socket.socket, pump: Callable[[], None]) -> None:
        super().__init__()
        sock.setblocking(False)
        self.sock = sock
        self.closed = False
        self.deaf = False
        self.files: list[int] = []
        self.drawing: tuple[int, list[int]] | None = None
        self._drawn = 0
        self._frame: Thing | None = None
        self._pump = pump
        self._kept: list[int] = []
        self._out = bytearray()
        self._out_fds: list[int] = []

    # Objects

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
        number = oid or self.new_id()
        body = _word(name) + _padded(interface.encode() + b"\0") + _word(version) + _word(number)
        self._queue(registry.oid, 0, body)
        if oid or not 0 < version <= highest:
            self.strict = False
        return self.enter(interface, number, version)

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
                made.append((interface, oid or self.new_id()))
                part = _word(made[-1][1])
            body += part
        self._queue(target.oid, entry.opcode, body)
        self._out_fds += fds
        for interface, oid in made:
            self.enter(interface, oid, target.version)
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
        """Send what is queued; what does not fit waits, if it is not read for now."""
        blocked = False
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
                if blocked:
                    break
                blocked = True
                self._pump()
                self.receive()
                continue
            except OSError:
                self._out.clear()
                break
            blocked = False
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

    def drain(self) -> None:
        """Have what was sent served; who draws and was told of a frame draws the next."""
        self.turn()
        if self.drawing is not None and not self.deaf and not self.closed and self._draw(*self.drawing):
            self.turn()

    def _draw(self, surface: int, buffers: list[int]) -> bool:
        """Queue an ordinary frame, unless one is under way or nothing can be drawn; returns whether."""
        if self._frame is not None and not self._frame.dead:
            return False
        buffer = buffers[self._drawn % len(buffers)]
        self._drawn += 1
        if self.find("wl_buffer", buffer) is None or self.find("wl_surface", surface) is None:
            return False
        self.send(Step(0, "wl_surface.attach", surface, arguments=(f"wl_buffer:{buffer}", "0", "0")))
        self.send(Step(0, "wl_surface.damage_buffer", surface, arguments=("0", "0", "4096", "4096")))
        if self.send(Step(0, "wl_surface.frame", surface)):
            self._frame = self.made["wl_callback"][-1]
        return self.send(Step(0, "wl_surface.commit", surface))

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
            self.in_fds += struct.unpack(f"={len(payload) // 4}i", payload)
        if flags & socket.MSG_CTRUNC:
            raise Finding("more descriptors came than fit into one message")
        if not data:
            self._end()
            return False
        self.hear(data)
        return True

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
        for fds in (self._kept, self.files, self._out_fds, self.in_fds):
            for fd in fds:
                os.close(fd)
            fds.clear()
        self._out.clear()

    def close(self) -> None:
        """Hang up. Harmless when repeated."""
        if not self.closed:
            self._end()
