"""A compositor's process that a test may starve, trace, kill or surround with odd conditions."""

from __future__ import annotations

import os
import resource
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from support.client import Client

DEADLINE_S = 20.0


class Process:
    """One `weddell run --headless` in a runtime directory of its own.

    Args:
        arguments: further options of `weddell run`.
        wrapper: a program in front, such as strace with its options.
        descriptors: how many the process may have open.
        descriptors_to_pass: that it inherits.
        env: variables on top of ours.
    """

    def __init__(
        self,
        *arguments: str,
        wrapper: Sequence[str] = (),
        descriptors: int | None = None,
        descriptors_to_pass: tuple[int, ...] = (),
        env: dict[str, str] | None = None,
    ) -> None:
        self.runtime_dir = Path(tempfile.mkdtemp(prefix="weddell-test-"))
        self.log_path = self.runtime_dir.with_suffix(".log")
        ready, theirs = os.pipe()

        def starve() -> None:
            assert descriptors is not None
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [
                    *wrapper,
                    *(sys.executable, "-m", "compositor", "run", "--headless", "--no-wallpaper"),
                    *("--ready-fd", str(theirs), *arguments),
                ],
                env={**os.environ, **(env or {}), "XDG_RUNTIME_DIR": str(self.runtime_dir)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs, *descriptors_to_pass),
                cwd=Path(__file__).parent.parent.parent,
                preexec_fn=starve if descriptors is not None else None,
            )
        os.close(theirs)
        found, _, _ = select.select([ready], [], [], DEADLINE_S)
        self.name = os.read(ready, 100).decode().strip() if found else ""
        os.close(ready)
        assert self.name, f"it did not start:\n{self.log}"

    @property
    def pid(self) -> int:
        """Of the compositor, also behind a wrapper."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if self._wrapped and children else self.process.pid

    @property
    def _wrapped(self) -> bool:
        return Path(f"/proc/{self.process.pid}/comm").read_text().strip() == "strace"

    @property
    def path(self) -> Path:
        """Of its Wayland socket."""
        return self.runtime_dir / self.name

    @property
    def control_path(self) -> Path:
        """Of its control socket."""
        return self.runtime_dir / f"{self.name}.ctl"

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self.log_path.read_text("utf-8", "replace")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def connect(self) -> Client:
        """Return a new client."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(str(self.path))
        return Client(sock, timeout_s=DEADLINE_S)

    def descriptors(self) -> int:
        """Return how many descriptors it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def logged(self, text: str) -> str:
        """Wait until it has logged something, and return the log."""
        deadline = time.monotonic() + DEADLINE_S
        while text not in self.log:
            assert time.monotonic() < deadline, f"never logged {text!r}:\n{self.log}"
            assert self.alive or text in self.log, self.log
            time.sleep(0.01)
        return self.log

    def end(self, timeout_s: float = 10.0) -> int:
        """Ask it to end and return its status."""
        self.process.terminate()
        return self.process.wait(timeout_s)

    def close(self) -> None:
        """Kill it if it runs, and remove what it left."""
        if self.alive:
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.runtime_dir, ignore_errors=True)
        self.log_path.unlink(missing_ok=True)
