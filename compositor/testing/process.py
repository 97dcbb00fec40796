"""A private compositor process: its own runtime directory, readiness, log and end."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from compositor.testing.errors import CompositorDied, DriverError

_LONGEST_SOCKET_NAME = len("/wayland-99.ctl.lock")
_MAX_PATH_BYTES = 107
_LOG_TAIL_LINES = 40

# `-m` would look into the current folder, and miss a checkout that is not installed.
_START = """\
import sys
root = sys.argv.pop(1)
if root not in sys.path:
    sys.path.insert(0, root)
from compositor.__main__ import main
sys.exit(main())
"""


def make_runtime_dir() -> Path:
    """Make a 0700 folder whose path is short enough for socket addresses.

    Raises:
        DriverError: if no usual place for temporary files can be written.
    """
    tried = []
    for base in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/dev/shm", "/var/tmp")):
        if len(os.fsencode(base)) + len("/weddell-12345678") + _LONGEST_SOCKET_NAME > _MAX_PATH_BYTES:
            tried.append(f"{base} (too long for a socket's path)")
            continue
        try:
            return Path(tempfile.mkdtemp(prefix="weddell-", dir=base))
        except OSError as error:
            tried.append(f"{base} ({error.strerror})")
    raise DriverError(f"no place for a runtime directory: {', '.join(tried)}")


class CompositorProcess:
    """One `weddell run` with a runtime directory of its own.

    Args:
        arguments: options of `weddell run`.
        timeout_s: how long it may take to get ready.
        env: variables on top of ours.

    Raises:
        CompositorDied: if it ends, or is not ready in time.
    """

    def __init__(
        self, arguments: Sequence[str], timeout_s: float = 10.0, env: Mapping[str, str] | None = None
    ) -> None:
        self.runtime_dir = make_runtime_dir()
        self.log_path = self.runtime_dir / "compositor.log"
        environment = {**os.environ, **(env or {}), "XDG_RUNTIME_DIR": os.fspath(self.runtime_dir)}
        environment.pop("WAYLAND_SOCKET", None)
        if "--window" not in arguments:
            environment.pop("WAYLAND_DISPLAY", None)
        root = os.fspath(Path(__file__).resolve().parent.parent.parent)
        ready, theirs = os.pipe()
        # Held open until the end of this process, however that comes: then the compositor ends as well.
        until, self._until = os.pipe()
        try:
            with open(self.log_path, "wb") as log:
                self._process = subprocess.Popen(
                    [
                        *(sys.executable, "-c", _START, root, "run"),
                        *("--ready-fd", str(theirs), "--until-fd", str(until), *arguments),
                    ],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(theirs, until),
                    start_new_session=True,
                )
            os.close(theirs)
            theirs = -1
            self.socket_name = self._wait_ready(ready, timeout_s)
        except BaseException:
            if theirs >= 0:
                os.close(theirs)
            self.kill()
            shutil.rmtree(self.runtime_dir, ignore_errors=True)
            raise
        finally:
            os.close(ready)
            os.close(until)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def _wait_ready(self, fd: int, timeout_s: float) -> str:
        deadline = time.monotonic() + timeout_s
        received = b""
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        while not received.endswith(b"\n"):
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise CompositorDied(
                    f"the compositor was not ready within {timeout_s:g} s; if this machine is just busy, "
                    f"give it more: timeout_s=, or --weddell-timeout\n{self.log_tail()}"
                )
            data = os.read(fd, 256)
            if not data:
                raise CompositorDied(self.obituary())
            received += data
        return received.decode().strip()

    @property
    def control_path(self) -> Path:
        """Where its control socket lies."""
        return self.runtime_dir / (self.socket_name + ".ctl")

    def poll(self) -> int | None:
        """Return its exit status, or None while it runs."""
        return self._process.poll()

    def wait(self, timeout_s: float) -> int | None:
        """Return its exit status, or None when it still runs after `timeout_s`."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def log(self) -> str:
        """Return all that it has logged."""
        try:
            return self.log_path.read_text("utf-8", "replace")
        except OSError:
            return ""

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log().splitlines()[-_LOG_TAIL_LINES:])

    def obituary(self) -> str:
        """Return how it ended, and the last lines of its log."""
        status = self.wait(5)
        if status is None:
            how = "the compositor hangs"
        elif status == 0:
            how = "the compositor ended by itself"
        elif status < 0:
            how = f"the compositor was killed by {signal.Signals(-status).name}"
        else:
            how = f"the compositor ended with status {status}"
        log = self.log_tail()
        return f"{how}; its log ends:\n{log}" if log else f"{how}; it logged nothing"

    def terminate(self, timeout_s: float = 5.0) -> int | None:
        """Ask it to end; returns its status, or None when it had to be killed."""
        if self._process.poll() is None:
            self._process.terminate()
        status = self.wait(timeout_s)
        self.kill()
        return status

    def kill(self) -> None:
        """Kill it and whatever is left in its process group. Harmless when repeated."""
        process = getattr(self, "_process", None)
        if process is None:
            return
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        process.wait()
        if self._until >= 0:
            os.close(self._until)
            self._until = -1

    def remove(self) -> None:
        """Remove its runtime directory with the log."""
        shutil.rmtree(self.runtime_dir, ignore_errors=True)
