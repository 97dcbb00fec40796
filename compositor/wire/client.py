"""One client: its socket, its objects, its messages in and out.

Reading takes what one `recvmsg` gives and dispatches every whole message of
it; events collect in one `bytearray` and leave in one `sendmsg` per wake-up.
Whatever a handler raises ends here: a ProtocolError is posted and the client
disconnected, anything else is logged as our own bug and costs this client,
and nobody else, its connection.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections import deque
from time import perf_counter_ns as _now
from typing import TYPE_CHECKING, Any, NoReturn

from compositor.calls import SEND, TRUNCATED, Ancillary, Line
from compositor.descriptor import close_fd, close_socket
from compositor.errors import ProtocolError, is_shortage
from compositor.logs import Log
from compositor.wire.compile import IMPLEMENTATION, INVALID_METHOD, INVALID_OBJECT, NO_MEMORY
from compositor.wire.interface import SERVER_ID_BASE, Resource

if TYPE_CHECKING:
    from compositor.wire.display import Display

log = Log(__name__)

FDS_PER_SENDMSG = 28
"""What a libwayland client takes from one recvmsg (connection.c, MAX_FDS_OUT)."""
_HEADER = struct.Struct("=II")
_header = _HEADER.unpack_from
_one = struct.Struct("=i").unpack_from
_NEVER = 1 << 63
_BEAT_BYTES = 32_768
"""Who sends more at once could fill its socket while nobody reads."""
_NOTHING_YET = (BlockingIOError, InterruptedError)
PASSING = frozenset((errno.ENOMEM, errno.ENOBUFS, errno.ETOOMANYREFS))
"""The system is short of something: no reason to give a connection up. ETOOMANYREFS counts the descriptors
that all of a user's processes have under way."""


class Client:
    """A connection and everything that the peer owns on it.

    Attributes:
        objects: resources by object id; index 0 is never used.
        server_objects: resources whose ids the server allocated.
        line: receives from its socket and sends to it.
        out: events since the last flush.
        backlog: what the socket had no room for then.
        dirty: whether it is among the display's dirty ones; set by the event that finds `out` empty.
        incoming_fds: descriptors received and not yet consumed.
        partial: what was received and not dispatched.
        pid, uid, gid: of the peer, as SO_PEERCRED gave them at connect time.
        peer: the name that the peer's end of the socket is bound to, or None.
        bound: highest version bound of each global, by interface.
        beats: how often it was read, where much counts three times, asking for an answer too, and what
            ends with descriptors not at all.
        more: whether what was read last ended with descriptors, so that the rest comes with the next read.
        read_end: where the bytes that are being dispatched end.
        starved: whether the system had no room for what was to be sent last.
        data: whatever the protocols keep per client, by their own keys.
    """

    __slots__ = (
        "_doom",
        "_server_id",
        "_unfinished",
        "alive",
        "backlog",
        "beats",
        "bound",
        "data",
        "dirty",
        "display",
        "display_resource",
        "gid",
        "incoming_fds",
        "line",
        "max_objects",
        "messages",
        "more",
        "name",
        "objects",
        "on_close",
        "out",
        "out_fds",
        "partial",
        "peer",
        "pid",
        "privileged",
        "read_end",
        "registries",
        "sandbox",
        "server_objects",
        "sock",
        "starved",
        "uid",
    )

    def __init__(self, display: Display, sock: socket.socket, name: int) -> None:
        sock.setblocking(False)
        self.display = display
        self.sock = sock
        self.line = Line(sock, display.receive_buffer)
        self.name = name
        self.alive = True
        self.objects: list[Resource | None] = [None]
        self.server_objects: dict[int, Resource] = {}
        self.max_objects = display.limits.objects
        self.out = bytearray()
        self.backlog = bytearray()
        self._doom: ProtocolError | None = None
        self.out_fds: list[int] = []
        self.incoming_fds: deque[int] = deque()
        self.registries: list[Any] = []
        self.bound: dict[str, int] = {}
        self.messages = 0
        self.beats = 0
        self.more = False
        self.read_end = 0
        self.starved = False
        self.privileged: bool | None = None
        self.sandbox: Any = None
        self.data: dict[str, Any] = {}
        self.on_close: list[Any] = []
        self.partial = b""
        self._unfinished = False
        self._server_id = SERVER_ID_BASE
        self.dirty = False
        cred = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        self.pid, self.uid, self.gid = struct.unpack("=iII", cred)
        self.peer = _peer_name(sock)
        self.display_resource = display.make_display_resource(self)

    def __repr__(self) -> str:
        return f"client {self.name} (pid {self.pid})"

    # Objects

    def enter_server_object(self, resource: Resource) -> None:
        """Give a resource the next id of the server's own range."""
        oid = self._server_id
        while oid in self.server_objects:
            oid += 1
        if len(self.server_objects) >= self.max_objects:
            raise ProtocolError(self.display_resource, IMPLEMENTATION, "too many objects of the server")
        self._server_id = oid + 1 if oid < 0xFFFF_FFFF else SERVER_ID_BASE
        resource.oid = oid
        self.server_objects[oid] = resource

    def refuse_id(self, resource: Resource) -> NoReturn:
        """Refuse the id that a client chose for a new object.

        Raises:
            ProtocolError: wl_display.error.invalid_object.
        """
        oid, count = resource.oid, len(self.objects)
        if oid < count:
            why = f"it is in use by {self.objects[oid]!r}"
        elif oid == count:
            why = f"the limit is {self.max_objects} objects"
        else:
            why = f"the next free id is {count}"
        text = f"invalid new id {oid} for {resource.NAME}: {why}"
        raise ProtocolError(self.display_resource, INVALID_OBJECT, text)

    def resources(self) -> list[Resource]:
        """Return every resource that is alive."""
        own = [r for r in self.objects if r is not None]
        return own + list(self.server_objects.values())

    # In

    def fileno(self) -> int:
        """Return the socket's descriptor, -1 once closed."""
        return self.sock.fileno()

    @property
    def unfinished(self) -> bool:
        """Whether requests were read and not served, because the time was over."""
        return self._unfinished

    def readable(self, until_ns: int = _NEVER) -> bool:
        """Read once and dispatch what is whole, or go on with what was read before.

        Args:
            until_ns: time of `time.perf_counter_ns` after which the others have their turn.

        Returns:
            Whether some of it is left for the next call.
        """
        if self._unfinished:
            rest = memoryview(self.partial)
            return self._dispatch(rest, len(rest), until_ns)
        start = len(self.partial)
        buffer = self.display.receive_buffer
        buffer[:start] = self.partial
        count = self.receive(start)
        return bool(count) and self._dispatch(buffer, start + count, until_ns)

    def receive(self, start: int = 0) -> int:
        """Read once into the display's `receive_buffer`, behind `start` bytes that are there.

        Who calls it dispatches what has come, or has it `put_off`.

        Returns:
            How many bytes have come; 0 if there is nothing to be dispatched.
        """
        line = self.line
        try:
            count = line.receive(start, self.display.limits.message_budget_bytes)
        except OSError as error:
            self.not_received(error)
            return 0
        if count < 0:
            self.more = False
            return 0
        return self.received(count, line.ancillary, line.flags)

    def not_received(self, error: OSError) -> None:
        """Reading has failed: for now, or the peer is lost."""
        self.more = False
        passing = isinstance(error, _NOTHING_YET) or error.errno in PASSING
        if not passing:
            self.close(f"lost: {error.strerror}")

    def received(self, count: int, ancillary: Ancillary, flags: int) -> int:
        """See to what recvmsg has returned; returns how many bytes are to be dispatched."""
        if ancillary or not count or flags & TRUNCATED:
            return count if self._take(count, ancillary, flags) else 0
        self.more = False
        self.beats += 1 if count < _BEAT_BYTES else 3
        return count

    def put_off(self, count: int) -> None:
        """Leave what `receive` returned to the next call of `readable`."""
        self.partial = bytes(self.display.receive_buffer[:count])
        self._unfinished = True

    def _take(self, count: int, ancillary: Ancillary, flags: int) -> bool:
        """See to what came beside the bytes: descriptors, or the end. False if it is not to be served."""
        display = self.display
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                whole = len(payload) & ~3
                # Nearly always it is one.
                numbers = _one(payload) if whole == 4 else struct.unpack(f"={whole // 4}i", payload[:whole])
                self.incoming_fds.extend(numbers)
                if max(numbers) >= display.descriptor_ceiling and not display.make_room(self):
                    return False
        if flags & TRUNCATED or len(self.incoming_fds) > display.limits.incoming_fds:
            self.disconnect(ProtocolError(self.display_resource, IMPLEMENTATION, "too many descriptors"))
            return False
        if not count:
            self.close("disconnected")
            return False
        self.more = True
        return True

    def _dispatch(self, data: memoryview, end: int, until_ns: int) -> bool:
        position = count = 0
        unfinished = False
        objects = self.objects
        self.read_end = end
        try:
            while end - position >= 8:
                oid, word = _header(data, position)
                size = word >> 16
                if size > end - position:
                    break
                if count & 3 == 3 and _now() > until_ns:
                    unfinished = True
                    break
                if size < 8 or size & 3:
                    text = f"message to object {oid} with a size of {size} bytes"
                    raise ProtocolError(self.display_resource, INVALID_METHOD, text)
                try:
                    resource = objects[oid]
                except IndexError:
                    resource = self.server_objects.get(oid)
                if resource is None:
                    if not count and self._checks_in(data, position, size):
                        position += size
                        count = 1
                        continue
                    raise ProtocolError(self.display_resource, INVALID_OBJECT, f"invalid object {oid}")
                try:
                    decode = resource._dispatch[word & 0xFFFF]
                except IndexError:
                    text = f"{resource!r} has no request with opcode {word & 0xFFFF}"
                    raise ProtocolError(self.display_resource, INVALID_METHOD, text) from None
                more = decode(resource, data, position, size)
                position += size
                if more:
                    # It took the requests that follow with it.
                    position += more
                count += 1
        except ProtocolError as error:
            self.disconnect(error)
        except Exception as error:
            if is_shortage(error):
                log.error("%r: the system has no room for a request: %s", self, error)
                text = "the system has no room for this"
                self.disconnect(ProtocolError(self.display_resource, NO_MEMORY, text))
            else:
                log.exception("bug: %r, handling a request", self)
                self.display.bugs += 1
                text = "internal error of the compositor"
                self.disconnect(ProtocolError(self.display_resource, IMPLEMENTATION, text))
        else:
            self.messages += count
            self.partial = bytes(data[position:end]) if position < end else b""
            self._unfinished = unfinished
            return unfinished
        return False

    def _checks_in(self, data: memoryview, position: int, size: int) -> bool:
        """Hear a check-in: the first message of a connection, to object 0, with a launch's token in it."""
        oid, word = _header(data, position)
        hear = self.display.check_in
        if oid or word & 0xFFFF or self.messages or hear is None or size > 64:
            return False
        return hear(self, bytes(data[position + 8 : position + size]))

    # Out

    def queue_fd(self, fd: int) -> None:
        """Queue a descriptor for the event that is being encoded; it is closed once sent."""
        if self.alive:
            self.out_fds.append(fd)
        else:
            close_fd(fd)

    def flush(self) -> bool:
        """Send what is queued; returns whether some of it has to wait, for the peer or for the system.

        Which of the two says `starved`.
        """
        self.dirty = self.starved = False
        if self._doom is not None:
            error, self._doom = self._doom, None
            self.disconnect(error)
            return False
        out = self.out
        if self.backlog:
            self.backlog += out
            out.clear()
            out = self.backlog
        try:
            while self.out_fds:
                # All but the last batch go ahead with one byte each: a descriptor may come
                # before its message, never after.
                batch = self.out_fds[:FDS_PER_SENDMSG]
                rest = len(self.out_fds) > FDS_PER_SENDMSG
                payload = bytes(out[:1]) if rest else bytes(out)
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"={len(batch)}i", *batch))]
                sent = self.sock.sendmsg([payload], rights, SEND)
                del out[:sent]
                del self.out_fds[: len(batch)]
                for fd in batch:
                    close_fd(fd)
            while out:
                sent = self.line.send(out)
                if sent == len(out):
                    out.clear()
                else:
                    del out[:sent]
        except OSError as error:
            self.starved = error.errno in PASSING
            if not self.starved and not isinstance(error, _NOTHING_YET):
                self.close(f"lost: {error.strerror}")
                return False
            limits = self.display.limits
            if len(out) > limits.pending_output_bytes or len(self.out_fds) > limits.pending_output_fds:
                log.warning("%r does not read its events (%d bytes wait): disconnected", self, len(out))
                self.close("does not read its events")
                return False
            if out is self.out:
                # With `out` empty the next event asks for a flush, which looks at the limits again.
                self.out, self.backlog = self.backlog, out
            return True
        return False

    # The end

    def doom(self, error: ProtocolError) -> None:
        """Disconnect at the end of this turn, where the middle of it has no use for a client less."""
        if self.alive and self._doom is None:
            self._doom = error
            if not self.dirty:
                self.dirty = True
                self.display.dirty.append(self)

    def disconnect(self, error: ProtocolError) -> None:
        """Post the error, send what can be sent without waiting, and close."""
        if not self.alive:
            return
        resource = error.resource
        foreign = getattr(resource, "client", None) is not self
        oid = 1 if foreign else resource.oid
        name = "wl_display" if foreign else resource.NAME
        self.display.report_error(self, name, oid, error)
        # Too long a text could not be received, and a lost reason helps nobody.
        subject = self.display_resource if foreign else resource
        self.display_resource.post_error(subject, error.code, error.text[:1024])
        self.flush()
        self.close(error.text)

    def close(self, reason: str) -> None:
        """End the connection: every resource is retired, every descriptor closed. Harmless when repeated."""
        if not self.alive:
            return
        self.alive = False
        log.info("%r: %s", self, reason)
        self.display.client_leaves(self)
        # Nothing is announced to it any more; one by one they would be looked for in a long list.
        self.registries.clear()
        # Newest first, so that children go before what they refer to; handlers
        # must stand any order all the same.
        for resource in reversed(self.resources()):
            try:
                resource.retire()
            except Exception:
                log.exception("bug: %r, destroying %r", self, resource)
                self.display.bugs += 1
        for hook in reversed(self.on_close):
            hook()
        self.on_close.clear()
        for fd in (*self.incoming_fds, *self.out_fds):
            close_fd(fd)
        self.incoming_fds.clear()
        self.out_fds.clear()
        self.out.clear()
        self.backlog.clear()
        self.partial = b""
        self._unfinished = False
        self.line.close()
        close_socket(self.sock)


def _peer_name(sock: socket.socket) -> str | None:
    """Return the name the peer's end is bound to; abstract names start with '@'."""
    try:
        name = sock.getpeername()
    except OSError:
        return None
    if isinstance(name, bytes):
        return "@" + name[1:].decode("utf-8", "replace") if name else None
    return name or None
