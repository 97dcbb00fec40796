"""Protocol trace: every message with time, client, interface and decoded arguments, one JSON object a line.

    {"t": 1.016, "client": 3, "pid": 812, "event": false, "interface": "wl_surface", "object": 7,
     "message": "attach", "args": ["wl_buffer#12", 0, 0], "bytes": 20}

`weddell trace` prints it for people. Costs nothing while nobody traces: the classes are compiled anew with
the calls in them. Source of the times: the compositor's clock, in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compositor.descriptor import Descriptor
from compositor.wire.compile import add_tracer, remove_tracer
from compositor.wire.interface import Message, Resource

_MAX_ARRAY = 64


class TraceFile:
    """Writes the trace of all clients to a file for as long as it is open."""

    def __init__(self, path: Path, now_ns: Callable[[], int]) -> None:
        """Start tracing.

        Raises:
            OSError: if the file cannot be written.
        """
        self._file = path.open("w", encoding="utf-8")
        self._now_ns = now_ns
        self._dirty = False
        add_tracer(self._message)

    def _message(self, resource: Resource, message: Message, is_event: bool, args: tuple[Any, ...]) -> None:
        client = resource.client
        line = {
            "t": round(self._now_ns() / 1e9, 6),
            "client": client.name,
            "pid": client.pid,
            "event": is_event,
            "interface": resource.NAME,
            "object": resource.oid,
            "message": message.name,
            "args": [_readable(value) for value in args],
            "bytes": _size(message, args),
        }
        self._file.write(json.dumps(line) + "\n")
        self._dirty = True

    def flush(self) -> None:
        """Have everything so far in the file; called when a turn ends."""
        if self._dirty:
            self._dirty = False
            self._file.flush()

    def close(self) -> None:
        """Stop tracing."""
        remove_tracer(self._message)
        self._file.close()


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
