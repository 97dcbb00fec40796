"""Protocol trace: every message with time, client, interface and decoded arguments, one JSON object a line.

    {"t": 1.016, "client": 3, "pid": 812, "event": false, "interface": "wl_surface", "object": 7,
     "message": "attach", "args": ["wl_buffer#12", 0, 0], "bytes": 20}

`weddell trace` prints it for people. Costs nothing while nobody traces: the classes are compiled anew with
the calls in them. Source of the times: the compositor's clock, in seconds.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compositor.descriptor import Descriptor
from compositor.logs import Log
from compositor.wire.compile import add_tracer, remove_tracer
from compositor.wire.interface import Message, Resource

_MAX_ARRAY = 64

log = Log(__name__)


class TraceFile:
    """Writes the trace of all clients to a file for as long as it is open."""

    def __init__(self, path: Path, now_ns: Callable[[], int]) -> None:
        """Start tracing.

        Raises:
            OSError: if the file cannot be written.
        """
        self._path = path
        self._file = path.open("w", encoding="utf-8")
        self._now_ns = now_ns
        self._lines: list[str] = []
        add_tracer(self._message)

    def _message(self, resource: Resource, message: Message, is_event: bool, args: tuple[Any, ...]) -> None:
        self._lines.append(_line(self._now_ns(), resource, message, is_event, args))

    def flush(self) -> None:
        """Have everything so far in the file; called when a turn ends.

        Where there is no room for it, tracing ends: no client shall notice.
        """
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        try:
            self._file.writelines(lines)
            self._file.flush()
        except OSError as error:
            log.error("the trace %s ends: %s", self._path, error.strerror)
            self.close()

    def reopen(self) -> None:
        """Go on in a new file of the same name, for those who have moved the old one away.

        Raises:
            OSError: if it cannot be made; the old one is gone on with.
        """
        self.flush()
        fresh = self._path.open("a", encoding="utf-8")
        if self._file.closed:
            add_tracer(self._message)
        self._close_file()
        self._file = fresh

    def close(self) -> None:
        """Stop tracing. Harmless when repeated."""
        remove_tracer(self._message)
        self.flush()
        self._close_file()

    def _close_file(self) -> None:
        try:
            self._file.close()
        except OSError:
            # What could not be written before cannot be now.
            pass


class TraceBuffer:
    """Keeps the trace of all clients in memory, from `__init__` to `close`; the oldest lines make room.

    Args:
        now_ns: the compositor's clock.
        max_bytes: of text that is kept.

    Attributes:
        dropped: lines that had to make room.
    """

    def __init__(self, now_ns: Callable[[], int], max_bytes: int) -> None:
        self.dropped = 0
        self._now_ns = now_ns
        self._max_bytes = max_bytes
        self._lines: deque[str] = deque()
        self._bytes = 0
        add_tracer(self._message)

    def __len__(self) -> int:
        """Lines kept."""
        return len(self._lines)

    def _message(self, resource: Resource, message: Message, is_event: bool, args: tuple[Any, ...]) -> None:
        line = _line(self._now_ns(), resource, message, is_event, args)
        self._lines.append(line)
        # ASCII, as json writes it.
        self._bytes += len(line)
        while self._bytes > self._max_bytes:
            self._bytes -= len(self._lines.popleft())
            self.dropped += 1

    def close(self) -> bytes:
        """Stop tracing, and return what was kept. Harmless when repeated."""
        remove_tracer(self._message)
        text = "".join(self._lines).encode()
        self._lines.clear()
        return text


def _line(now_ns: int, resource: Resource, message: Message, is_event: bool, args: tuple[Any, ...]) -> str:
    client = resource.client
    line = {
        "t": round(now_ns / 1e9, 6),
        "client": client.name,
        "pid": client.pid,
        "event": is_event,
        "interface": resource.NAME,
        "object": resource.oid,
        "message": message.name,
        "args": [_readable(value) for value in args],
        "bytes": _size(message, args),
    }
    return json.dumps(line) + "\n"


def _size(message: Message, args: tuple[Any, ...]) -> int:
    """Return the bytes of a message on the wire, header and padding included."""
    size = 8
    for argument, value in zip(message.arguments, args, strict=True):
        if argument.kind in "sa":
            length = 0 if value is None else len(value.encode()) + 1 if argument.kind == "s" else len(value)
            size += 4 + (length + 3 & ~3)
        elif argument.kind == "N":
            size += 12 + (len(value[0].encode()) + 4 & ~3)
        elif argument.kind != "h":
            size += 4
    return size


def _readable(value: Any) -> Any:
    if isinstance(value, Resource):
        return repr(value)
    if isinstance(value, Descriptor):
        return "fd"
    if isinstance(value, bytes):
        return value[:_MAX_ARRAY].hex() + ("…" if len(value) > _MAX_ARRAY else "")
    if isinstance(value, tuple):
        return [_readable(part) for part in value]
    return value if value is None or isinstance(value, str | float) else int(value)
