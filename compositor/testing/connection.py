"""The driver's end of the control socket: requests, descriptors, events.

Synchronous; one connection is for one thread. It knows JSON-RPC and the
socket, and nothing of what the methods mean. The driver and the command line
use it.
"""

from __future__ import annotations

import array
import itertools
import json
import os
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from compositor.descriptor import Descriptor
from compositor.runtime import find_dir, own_dir
from compositor.testing.errors import ConnectionFailed, RequestRefused, RequestTimedOut, WaitTimeout

SUFFIX = ".ctl"
_MAX_PATH_BYTES = 107
_TIMEOUT = -32002
_ANCILLARY_BYTES = socket.CMSG_SPACE(4 * 253)


def control_path(name: str | None = None) -> Path:
    """Return where the control socket of a compositor lies.

    Args:
        name: socket name or path of its Wayland socket; by default $WAYLAND_DISPLAY, and without that
            the only one that there is.

    Raises:
        ConnectionFailed: if that does not say which.
    """
    name = name or os.environ.get("WAYLAND_DISPLAY")
    if name and "/" in name:
        return Path(name + SUFFIX)
    found = find_dir()
    if found is None:
        raise ConnectionFailed(
            f"no compositor: XDG_RUNTIME_DIR is not set, and there is no {own_dir()} "
            "(to start one: weddell run --headless)"
        )
    directory = Path(found)
    if name:
        return directory / (name + SUFFIX)
    there = running(directory)
    if not there:
        raise ConnectionFailed(f"no compositor runs in {directory} (to start one: weddell run --headless)")
    if len(there) > 1:
        raise ConnectionFailed(
            f"which compositor? Neither --socket nor WAYLAND_DISPLAY names one of {', '.join(there)}"
        )
    return directory / (there[0] + SUFFIX)


def running(directory: Path) -> list[str]:
    """Return the socket names of the compositors that run in a runtime directory."""
    names = []
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as probe:
            try:
                _connect(probe, path)
            except OSError:
                # Left over from one that was killed.
                continue
        names.append(path.name.removesuffix(SUFFIX))
    return names


class Connection:
    """A connection to one compositor.

    Args:
        path: of the control socket.
        timeout_s: how long a request may take.

    Raises:
        ConnectionFailed: if nobody listens there.
    """

    def __init__(self, path: Path, timeout_s: float = 10.0) -> None:
        self.path = path
        self.timeout_s = timeout_s
        self._ids = itertools.count(1)
        self._buffer = bytearray()
        self._fds: deque[Descriptor] = deque()
        self._lines: deque[dict[str, Any]] = deque()
        self._events: deque[dict[str, Any]] = deque()
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            self._sock.settimeout(timeout_s)
            _connect(self._sock, path)
        except OSError as error:
            self._sock.close()
            text = f"no compositor at {path}: {error.strerror or error}"
            there = running(path.parent)
            raise ConnectionFailed(f"{text} (there is: {', '.join(there)})" if there else text) from None

    # Requests

    def call(self, method: str, **params: Any) -> Any:
        """Send a request and return its result; descriptors that come along are closed.

        Raises:
            RequestRefused: if the compositor answers with an error.
            WaitTimeout: if it does not answer in time.
            ConnectionFailed: if it went away.
        """
        value, descriptors = self.exchange(method, params)
        for descriptor in descriptors:
            descriptor.close()
        return value

    def exchange(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        fds: Sequence[int] = (),
        timeout_s: float | None = None,
    ) -> tuple[Any, list[Descriptor]]:
        """Send a request with descriptors and return result and descriptors.

        Args:
            method: name.
            params: by name; those that are None are left out.
            fds: to duplicate into the compositor; they stay the caller's.
            timeout_s: instead of the connection's own.
        """
        if self._sock.fileno() < 0:
            raise ConnectionFailed(f"the connection to {self.path} was closed here")
        identifier = next(self._ids)
        given = {key: value for key, value in (params or {}).items() if value is not None}
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": identifier, "method": method, "params": given}
        if fds:
            message["fds"] = len(fds)
        deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        self._send(json.dumps(message, separators=(",", ":")).encode() + b"\n", fds, method)
        while True:
            answer = self._next_line(deadline)
            if answer is None:
                seconds = self.timeout_s if timeout_s is None else timeout_s
                raise WaitTimeout(f"the compositor did not answer {method} within {seconds:g} s")
            descriptors = answer.pop("_descriptors")
            if "method" in answer:
                self._events.append(answer["params"])
            elif answer.get("id") == identifier:
                error = answer.get("error")
                if error is not None:
                    kind = RequestTimedOut if error["code"] == _TIMEOUT else RequestRefused
                    raise kind(error["message"], error["code"], error.get("data"))
                return answer["result"], descriptors
            elif answer.get("id") is None and "error" in answer:
                raise RequestRefused(answer["error"]["message"], answer["error"]["code"])
            # Else the late answer to a request that was given up.

    def _send(self, line: bytes, fds: Sequence[int], method: str) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self._sock.settimeout(self.timeout_s)
        try:
            sent = self._sock.sendmsg([line], rights, socket.MSG_NOSIGNAL)
            if sent < len(line):
                # To send nothing fails where the request has ended the compositor by now.
                self._sock.sendall(line[sent:], socket.MSG_NOSIGNAL)
        except TimeoutError:
            raise WaitTimeout(f"the compositor does not read: {method} could not be sent") from None
        except OSError as error:
            raise ConnectionFailed(f"the compositor at {self.path} is gone: {error.strerror}") from None

    # Events

    def next_event(self, timeout_s: float | None = None) -> dict[str, Any] | None:
        """Return the next event that was subscribed to, or None when none came in time."""
        deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        while not self._events:
            message = self._next_line(deadline)
            if message is None:
                return None
            del message["_descriptors"]
            if "method" in message:
                self._events.append(message["params"])
        return self._events.popleft()

    def events(self, timeout_s: float | None = None) -> Iterator[dict[str, Any]]:
        """Yield events until none comes for `timeout_s`."""
        while (event := self.next_event(timeout_s)) is not None:
            yield event

    # Lines

    def _next_line(self, deadline: float) -> dict[str, Any] | None:
        """Return the next message with its descriptors under "_descriptors", or None when time is up."""
        while not self._lines:
            self._sock.settimeout(max(0.0, deadline - time.monotonic()))
            try:
                data, ancillary, flags, _ = self._sock.recvmsg(
                    1 << 16, _ANCILLARY_BYTES, socket.MSG_CMSG_CLOEXEC
                )
            except (TimeoutError, BlockingIOError):
                return None
            except OSError as error:
                raise ConnectionFailed(f"the compositor at {self.path} is gone: {error.strerror}") from None
            for level, kind, payload in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    numbers = array.array("i")
                    numbers.frombytes(payload[: len(payload) & ~3])
                    self._fds.extend(map(Descriptor, numbers))
            if flags & socket.MSG_CTRUNC:
                raise ConnectionFailed("descriptors were lost: too many are open here")
            if not data:
                raise ConnectionFailed(f"the compositor at {self.path} is gone: it closed the connection")
            self._buffer += data
            self._split()
        return self._lines.popleft()

    def _split(self) -> None:
        *lines, rest = self._buffer.split(b"\n")
        for line in lines:
            message = json.loads(line)
            count = message.get("fds", 0)
            if count > len(self._fds):
                raise ConnectionFailed(f"{count} descriptors announced and {len(self._fds)} received")
            message["_descriptors"] = [self._fds.popleft() for _ in range(count)]
            self._lines.append(message)
        self._buffer = bytearray(rest)

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close the connection. Harmless when repeated."""
        self._sock.close()
        self._fds.clear()
        self._lines.clear()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _connect(sock: socket.socket, path: Path) -> None:
    address = os.fspath(path)
    if len(os.fsencode(address)) <= _MAX_PATH_BYTES:
        sock.connect(address)
        return
    directory = os.open(path.parent, os.O_PATH | os.O_CLOEXEC)
    try:
        sock.connect(f"/proc/self/fd/{directory}/{path.name}")
    finally:
        os.close(directory)
