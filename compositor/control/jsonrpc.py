"""JSON-RPC 2.0 as the control socket speaks it: one object per line, parameters by name.

One member is added to the standard: ``fds``, how many descriptors travel with
the line; parameters and results name a descriptor by its place among them.
Batches are not spoken. Pure: no sockets. Used by the control package alone.

Source: https://www.jsonrpc.org/specification
"""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any

from compositor.errors import WeddellError
from compositor.record import field, record

MAX_LINE_BYTES = 1 << 20
"""Longest line in either direction; larger payloads travel as frozen memfds."""
MAX_FDS = 16
"""Descriptors that one line may bring."""


class Code(IntEnum):
    """Error codes: those of JSON-RPC, and below -32000 our own."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    INTERNAL_ERROR = -32603
    FAILED = -32000
    NOT_FOUND = -32001
    TIMEOUT = -32002
    UNSUPPORTED = -32003


class RequestError(WeddellError):
    """A request that cannot be served; it changed nothing.

    Args:
        code: what kind of error.
        message: which method and parameter, and what was there instead.
        data: anything JSON that helps a program, or None.
    """

    def __init__(self, code: Code, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


@record()
class Request:
    """One parsed line.

    Attributes:
        id: what the reply repeats; None with `wants_reply` False is a notification.
        fds: how many descriptors belong to the line.
    """

    method: str
    params: dict[str, Any] = field(factory=dict)
    id: str | int | None = None
    wants_reply: bool = True
    fds: int = 0


class BadLine(RequestError):
    """A line that is no request; `id` is what could be made out of its id."""

    def __init__(self, code: Code, message: str, id: str | int | None = None, fds: int = 0) -> None:
        super().__init__(code, message)
        self.id = id
        self.fds = fds


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def parse(line: bytes) -> Request:
    """Parse one line, without its newline.

    Raises:
        BadLine: if it is no JSON, no request object, or its parts have wrong types.
    """
    try:
        message = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadLine(Code.PARSE_ERROR, f"not JSON: {error}") from None
    if isinstance(message, list):
        raise BadLine(Code.INVALID_REQUEST, "batches are not supported: send one request per line")
    if not isinstance(message, dict):
        raise BadLine(Code.INVALID_REQUEST, "a request is a JSON object")
    identifier = message.get("id")
    if isinstance(identifier, bool) or not isinstance(identifier, str | int | None):
        raise BadLine(Code.INVALID_REQUEST, '"id" must be a string or an integer')
    fds = message.get("fds", 0)
    if isinstance(fds, bool) or not isinstance(fds, int) or not 0 <= fds <= MAX_FDS:
        raise BadLine(Code.INVALID_REQUEST, f'"fds" must be an integer from 0 to {MAX_FDS}', identifier)
    if message.get("jsonrpc") != "2.0":
        raise BadLine(Code.INVALID_REQUEST, '"jsonrpc" must be "2.0"', identifier, fds)
    method = message.get("method")
    if not isinstance(method, str):
        raise BadLine(Code.INVALID_REQUEST, '"method" must be a string', identifier, fds)
    params = message.get("params", {})
    if not isinstance(params, dict):
        text = f'{method}: "params" must be an object: parameters go by name'
        raise BadLine(Code.INVALID_PARAMS, text, identifier, fds)
    return Request(method, params, identifier, "id" in message, fds)


def _line(message: dict[str, Any], fds: int = 0) -> bytes:
    if fds:
        message["fds"] = fds
    return (
        json.dumps(message, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode(
            "utf-8", "replace"
        )
        + b"\n"
    )


def result_line(id: str | int | None, value: Any, fds: int = 0) -> bytes:
    """Return the line that answers request `id` with `value` and so many descriptors."""
    return _line({"jsonrpc": "2.0", "id": id, "result": value}, fds)


def error_line(id: str | int | None, error: RequestError) -> bytes:
    """Return the line that answers request `id` with an error."""
    body: dict[str, Any] = {"code": int(error.code), "message": error.message}
    if error.data is not None:
        body["data"] = error.data
    return _line({"jsonrpc": "2.0", "id": id, "error": body})


def notification_line(method: str, params: dict[str, Any]) -> bytes:
    """Return a line that no request asked for."""
    return _line({"jsonrpc": "2.0", "method": method, "params": params})
