"""Compositors that are there in no time: forks of one process that has imported everything."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from compositor.testing import Compositor

_SCRIPT = Path(__file__).resolve().parents[1] / "wlcs" / "zygote.py"


class Zygote:
    """The process that is forked.

    Args:
        arguments: for every compositor.
        folder: private, for its log and for the folders of the compositors' sockets.
    """

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        self._folder = folder
        self._log = folder / "log"
        ours, theirs = socket.socketpair()
        with theirs, self._log.open("wb") as log:
            environment = {**os.environ, "PYTHONPATH": str(_SCRIPT.parents[2])}
            self._process = subprocess.Popen(
                [sys.executable, str(_SCRIPT), *arguments],
                stdin=theirs,
                stdout=log,
                stderr=log,
                env=environment,
            )
        self._orders = ours
        self._answers = ours.makefile("r", encoding="utf-8")

    def _order(self, line: str) -> str:
        self._orders.sendall(f"{line}\n".encode())
        answer = self._answers.readline()
        assert answer, self._log.read_text()
        return answer

    @contextmanager
    def compositor(self, timeout_s: float = 30) -> Iterator[Compositor]:
        """Run a compositor; fails if it logged a bug, or that somebody spoke wrongly."""
        before = self._log.stat().st_size
        # Short: sockets' names must be.
        with tempfile.TemporaryDirectory(prefix="z") as runtime:
            pid, name = self._order(f"start {runtime}").split()
            try:
                with Compositor.attach(os.path.join(runtime, name), timeout_s) as driver:
                    yield driver
            finally:
                self._order(f"stop {pid}")
        log = self._log.read_bytes()[before:].decode().splitlines()
        assert [] == [line for line in log if "bug:" in line or "protocol error" in line]

    def close(self) -> None:
        """End it."""
        self._answers.close()
        self._orders.close()
        self._process.wait(30)
