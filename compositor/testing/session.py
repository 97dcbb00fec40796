"""Session: the line to one compositor, and its process if that is ours. Requests, waiting, the end.

What there is in a compositor, `Compositor` adds. It talks to the control socket only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from compositor.descriptor import Descriptor
from compositor.testing.connection import Connection
from compositor.testing.errors import CompositorDied, ConnectionFailed, DriverError
from compositor.testing.process import CompositorProcess
from compositor.testing.waiting import wait_until

T = TypeVar("T")


class Session:
    """The base of `Compositor`.

    Args:
        path: of the control socket.
        timeout_s: how long anything may take that is waited for.
        process: the compositor's, which ends with the session; None where it runs by itself.

    Raises:
        ConnectionFailed: if nobody listens there.
        CompositorDied: if the process has ended.
    """

    def __init__(self, path: Path, timeout_s: float, process: CompositorProcess | None) -> None:
        self.timeout_s = timeout_s
        self.closed = False
        self._path = path
        self._process = process
        try:
            self._connection = Connection(path, timeout_s)
        except ConnectionFailed:
            self._mourn()
            raise

    def __repr__(self) -> str:
        return f"<Compositor at {self._path}>"

    # Requests

    def call(self, method: str, **params: Any) -> Any:
        """Send a request of the control socket and return its result; parameters that are None are left out.

        Raises:
            RequestRefused: if the compositor answers with an error.
            CompositorDied: if its process ended, with the end of its log.
        """
        try:
            return self._connection.call(method, **params)
        except ConnectionFailed:
            self._mourn()
            raise

    def exchange(
        self, method: str, params: dict[str, Any], fds: Sequence[int] = (), timeout_s: float | None = None
    ) -> tuple[Any, list[Descriptor]]:
        """Send a request with descriptors and return result and descriptors."""
        try:
            return self._connection.exchange(method, params, fds, timeout_s)
        except ConnectionFailed:
            self._mourn()
            raise

    def connect(self) -> Connection:
        """Return a further connection to the control socket, which is the caller's to close."""
        try:
            return Connection(self._path, self.timeout_s)
        except ConnectionFailed:
            self._mourn()
            raise

    def _mourn(self) -> None:
        """Say how the compositor ended if it is ours and did."""
        if self.closed:
            raise DriverError("this compositor was closed: nothing can be asked of it any more") from None
        if self._process is not None and self._process.wait(1) is not None:
            raise CompositorDied(self._process.obituary()) from None

    # Itself

    @property
    def socket(self) -> str:
        """Path of its Wayland socket: WAYLAND_DISPLAY of programs started elsewhere."""
        return os.fspath(self._path)[: -len(".ctl")]

    @property
    def info(self) -> dict[str, Any]:
        """Version, renderer, seal policy, clock and so on."""
        return dict(self.call("server.info"))

    @property
    def log(self) -> str:
        """What a private compositor has logged."""
        return self._process.log() if self._process is not None else ""

    @property
    def pid(self) -> int:
        """Its process."""
        return int(self.info["pid"])

    # Waiting

    def wait_until(
        self,
        kinds: tuple[str, ...],
        probe: Callable[[], T | None],
        timeout_s: float | None,
        failure: Callable[[], str],
    ) -> T:
        """Wait until `probe` answers; it is tried again after each event of `kinds`. See `waiting`."""
        return wait_until(
            self.connect, kinds, probe, self.timeout_s if timeout_s is None else timeout_s, failure
        )

    # The end

    def close(self, keep: bool = False) -> None:
        """Close the connection, and end a private compositor. Harmless when repeated.

        Args:
            keep: leave the runtime directory with the log where it is.

        Raises:
            CompositorDied: if it had ended by itself before, or ends badly.
        """
        if self.closed:
            return
        self.closed = True
        self._connection.close()
        process = self._process
        if process is None:
            return
        ended_before = process.poll() is not None
        status = process.terminate()
        obituary = process.obituary() if ended_before or status != 0 else ""
        if status is None:
            obituary = f"the compositor did not end when asked to; its log ends:\n{process.log_tail()}"
        if not keep:
            process.remove()
        if obituary:
            raise CompositorDied(obituary)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self.close()
        except CompositorDied:
            # What failed inside says more than how the compositor ended.
            if kind is None:
                raise
