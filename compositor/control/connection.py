"""One driver: lines in, lines out, never waiting.

A line's descriptors arrive with its first byte or before its last, so they
wait in a queue until the line that counts them is whole. A driver that sends
too much at once is disconnected; one that does not read its answers is not
served further until it does, and loses events' connection when even those
pile up. Used by the control package alone.
"""

from __future__ import annotations

import array
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from compositor.calls import ANCILLARY_BYTES
from compositor.control.jsonrpc import (
    MAX_FDS,
    MAX_LINE_BYTES,
    BadLine,
    Code,
    RequestError,
    error_line,
    notification_line,
    parse,
    result_line,
)
from compositor.control.registry import Call, Deferred, Registry, Reply
from compositor.descriptor import Descriptor, close_socket
from compositor.logs import Log
from compositor.timers import TimerQueue

log = Log(__name__)

_READ_BYTES = 65_536
_FLAGS = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC

PAUSE_BYTES = 256 << 10
"""Output waiting at which no further request is served."""
MAX_OUTPUT_BYTES = 8 << 20
"""Output waiting at which a driver that does not read is disconnected."""
MAX_DEFERRED = 1024
"""Answers that one driver may have outstanding."""


class Loop(Protocol):
    """What the control socket needs of the event loop.

    Attributes:
        timers: deadlines in nanoseconds of CLOCK_MONOTONIC.
    """

    timers: TimerQueue

    def add_reader(self, fd: int, callback: Callable[[], None]) -> None:
        """Call back whenever `fd` is readable."""

    def add_writer(self, fd: int, callback: Callable[[], None]) -> None:
        """Call back whenever `fd` is writable."""

    def remove(self, fd: int) -> None:
        """Watch `fd` no more, neither for reading nor for writing."""


class ControlConnection:
    """A driver's connection.

    Attributes:
        subscriptions: kinds of events it wants.
        on_close: called once each when it ends.
    """

    __slots__ = (
        "_buffer",
        "_deferred",
        "_fds",
        "_loop",
        "_output",
        "_output_bytes",
        "_registry",
        "_watching",
        "alive",
        "on_close",
        "sock",
        "subscriptions",
    )

    def __init__(self, loop: Loop, registry: Registry, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.alive = True
        self.subscriptions: frozenset[str] = frozenset()
        self.on_close: list[Callable[[], None]] = []
        self._loop = loop
        self._registry = registry
        self._buffer = bytearray()
        self._fds: deque[Descriptor] = deque()
        self._deferred: set[Deferred] = set()
        self._output: deque[tuple[bytes, Any]] = deque()
        self._output_bytes = 0
        self._watching = ""
        self._watch()

    # In

    def readable(self) -> None:
        """Read once and serve every whole line."""
        try:
            data, ancillary, flags, _ = self.sock.recvmsg(_READ_BYTES, ANCILLARY_BYTES, _FLAGS)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self.close(f"lost: {error.strerror}")
            return
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                numbers = array.array("i")
                numbers.frombytes(payload[: len(payload) & ~3])
                self._fds.extend(map(Descriptor, numbers))
        if flags & socket.MSG_CTRUNC or len(self._fds) > 2 * MAX_FDS:
            self.close("sent too many descriptors")
            return
        if not data:
            self.close("disconnected")
            return
        self._buffer += data
        self._serve()

    def _serve(self) -> None:
        buffer = self._buffer
        start = 0
        while self.alive and self._output_bytes < PAUSE_BYTES:
            end = buffer.find(b"\n", start)
            if end < 0:
                break
            line = bytes(buffer[start:end])
            start = end + 1
            if line.strip():
                self._line(line)
        if not self.alive:
            return
        del buffer[:start]
        if not buffer and self._fds:
            self.close("sent descriptors that no line counts")
            return
        if len(buffer) > MAX_LINE_BYTES and buffer.find(b"\n", 0, MAX_LINE_BYTES + 1) < 0:
            self._send(
                error_line(None, BadLine(Code.PARSE_ERROR, f"a line of more than {MAX_LINE_BYTES} bytes"))
            )
            self.close("sent too long a line")
            return
        self._watch()

    def _line(self, line: bytes) -> None:
        descriptors: list[Descriptor] = []
        try:
            request = parse(line)
            descriptors = self._take(request.fds)
        except BadLine as error:
            for descriptor in self._take(min(error.fds, len(self._fds))):
                descriptor.close()
            self._send(error_line(error.id, error))
            return
        if not self.alive:
            return
        answer = self._answer_to(request.id) if request.wants_reply else _no_answer
        try:
            if len(self._deferred) >= MAX_DEFERRED:
                raise RequestError(Code.FAILED, f"{MAX_DEFERRED} requests wait for their answers already")
            outcome = self._registry.call(request, descriptors, Call(self))
        except RequestError as error:
            answer(error)
        else:
            if isinstance(outcome, Reply):
                answer(outcome)
            else:
                self._wait_for(outcome, answer)
        finally:
            # Whatever the method did not take is nobody's.
            for descriptor in descriptors:
                descriptor.close()

    def _take(self, count: int) -> list[Descriptor]:
        if count > len(self._fds):
            self.close(f"a line counts {count} descriptors and {len(self._fds)} came")
            return []
        return [self._fds.popleft() for _ in range(count)]

    def _wait_for(self, deferred: Deferred, answer: Callable[[Reply | RequestError], None]) -> None:
        def finished(outcome: Reply | RequestError) -> None:
            self._deferred.discard(deferred)
            answer(outcome)

        if not deferred.done:
            self._deferred.add(deferred)
        deferred.attach(finished)

    # Out

    def _answer_to(self, id: str | int | None) -> Callable[[Reply | RequestError], None]:
        def answer(outcome: Reply | RequestError) -> None:
            if isinstance(outcome, RequestError):
                self._send(error_line(id, outcome))
            else:
                line = result_line(id, outcome.value, len(outcome.descriptors))
                if len(line) > MAX_LINE_BYTES:
                    for descriptor in outcome.descriptors:
                        descriptor.close()
                    self._send(
                        error_line(id, RequestError(Code.FAILED, "the result is too large for one line"))
                    )
                else:
                    self._send(line, outcome.descriptors)

        return answer

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification."""
        self._send(notification_line(method, params))

    def _send(self, line: bytes, descriptors: Any = ()) -> None:
        if not self.alive:
            for descriptor in descriptors:
                descriptor.close()
            return
        self._output.append((line, tuple(descriptors)))
        self._output_bytes += len(line)
        if self._watching != "write":
            self.flush()
        if self._output_bytes > MAX_OUTPUT_BYTES:
            self.close("does not read")

    def writable(self) -> None:
        """Send what waits, then go on serving what was put off."""
        self.flush()
        if self.alive and self._output_bytes < PAUSE_BYTES and self._buffer:
            self._serve()

    def flush(self) -> None:
        """Send what can be sent without waiting."""
        output = self._output
        try:
            while output:
                line, descriptors = output[0]
                rights = []
                if descriptors:
                    numbers = array.array("i", [d.fileno() for d in descriptors])
                    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
                sent = self.sock.sendmsg([line], rights, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
                # They have gone with the first byte, whether or not the rest has.
                for descriptor in descriptors:
                    descriptor.close()
                self._output_bytes -= sent
                if sent == len(line):
                    output.popleft()
                else:
                    output[0] = (line[sent:], ())
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            self.close(f"lost: {error.strerror}")
            return
        self._watch()

    def _watch(self) -> None:
        """Watch for writing while output waits, for reading while there is room for answers."""
        if not self.alive:
            return
        if not self._output:
            wanted = "read"
        else:
            wanted = "both" if self._output_bytes < PAUSE_BYTES else "write"
        if wanted == self._watching:
            return
        fd = self.sock.fileno()
        if self._watching:
            self._loop.remove(fd)
        self._watching = wanted
        if wanted != "write":
            self._loop.add_reader(fd, self.readable)
        if wanted != "read":
            self._loop.add_writer(fd, self.writable)

    def close(self, reason: str) -> None:
        """End the connection; nobody waits for its answers any more. Harmless when repeated."""
        if not self.alive:
            return
        self.alive = False
        log.debug("control connection: %s", reason)
        self._loop.remove(self.sock.fileno())
        close_socket(self.sock)
        for _, descriptors in self._output:
            for descriptor in descriptors:
                descriptor.close()
        self._output.clear()
        for descriptor in self._fds:
            descriptor.close()
        self._fds.clear()
        self._buffer.clear()
        for deferred in list(self._deferred):
            deferred.cancel()
        self._deferred.clear()
        for hook in reversed(self.on_close):
            hook()
        self.on_close.clear()


def _no_answer(outcome: Reply | RequestError) -> None:
    if isinstance(outcome, RequestError):
        log.info("control notification: %s", outcome.message)
    else:
        for descriptor in outcome.descriptors:
            descriptor.close()
