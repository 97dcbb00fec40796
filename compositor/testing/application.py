"""Application: a program started inside the compositor, its windows, output and end."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from compositor.testing.errors import DriverError, RequestRefused, WaitTimeout
from compositor.testing.window import Match, Window, describe_all, hint, matches

if TYPE_CHECKING:
    from compositor.testing.compositor import Compositor

_LOOK_AGAIN_S = 0.02
_LAST_BREATH_S = 0.5
_TAIL_CHARACTERS = 2000
_KEPT_CHARACTERS = 1 << 20


class Application:
    """A program. Made by `Compositor.launch`.

        app = compositor.launch(["sh", "-c", "echo ready; read answer; exit 3"])
        app.wait_output("ready")
        assert app.wait() == 3

    Attributes:
        argv: as it was started.
        pid: its process, which leads a session and a process group of its own.
    """

    def __init__(
        self,
        compositor: Compositor,
        argv: list[str],
        params: dict[str, Any],
        buffers: Mapping[str, int] | None = None,
        exports: Mapping[str, int] | None = None,
    ) -> None:
        self._compositor = compositor
        self.argv = argv
        self._output = tempfile.TemporaryFile(prefix="weddell-output-")  # noqa: SIM115
        self._last_output = ""
        self._status: int | None = None
        fds = [self._output.fileno()]
        for kind, given in (("buffers", buffers), ("exports", exports)):
            if given:
                params[kind] = {name: number for number, name in enumerate(given, len(fds))}
                fds += given.values()
        try:
            result, _ = compositor.exchange(
                "launch", {"argv": argv, "stdout": 0, "stderr": 0, **params}, fds=fds
            )
        except RequestRefused as error:
            self._output.close()
            words = argv[0].split() if len(argv) == 1 else []
            how = f" (program and arguments are a list: {words!r})" if len(words) > 1 else ""
            raise DriverError(f"{error}{how}") from None
        self.pid: int = result["pid"]
        self._launch: int = result["launch"]

    def __repr__(self) -> str:
        state = "running" if self._status is None else f"ended with status {self._status}"
        return f"<Application {self.argv!r}, pid {self.pid}, {state}>"

    @property
    def name(self) -> str:
        """What to call it in messages: the name of the program, or of the script that an interpreter runs."""
        program = os.path.basename(self.argv[0])
        if program.startswith("python") and len(self.argv) > 1 and self.argv[1].endswith(".py"):
            return os.path.basename(self.argv[1])
        return program

    @property
    def output(self) -> str:
        """What it and its children have written to stdout and stderr so far."""
        if self._output.closed:
            return self._last_output
        fd = self._output.fileno()
        return os.pread(fd, os.fstat(fd).st_size, 0).decode("utf-8", "replace")

    @property
    def windows(self) -> list[Window]:
        """Its mapped windows, in the order created."""
        return [Window(self._compositor, info["id"], self._launch) for info in self._infos()]

    def _infos(self) -> list[dict[str, Any]]:
        return [w for w in self._compositor.window_infos() if w["launch"] == self._launch and w["mapped"]]

    def window(
        self,
        title: Match | None = None,
        app_id: Match | None = None,
        index: int | None = None,
        timeout_s: float | None = None,
    ) -> Window:
        """Wait for a window of this program and return it; arguments as `Compositor.window`.

        Raises:
            WaitTimeout: if it does not come, naming the windows there are.
            DriverError: if the program ends first, with its output; or if several windows match.
        """

        def probe() -> Window | None:
            infos = [info for info in self._infos() if matches(info, title, app_id)]
            found = self._compositor.choose(infos, index)
            if found is None and self.status is not None:
                raise DriverError(self._end(f" before it showed {self._wanted(title, app_id, index)}"))
            return found

        def failure() -> str:
            theirs = self._compositor.window_infos()
            wanted = self._wanted(title, app_id, index)
            close = hint(theirs, title, app_id)
            return f"{self.name} did not show {wanted}; {describe_all(theirs)}{close}{self._said()}"

        return self._compositor.wait_until(("window", "launch"), probe, timeout_s, failure)

    @staticmethod
    def _wanted(title: Match | None, app_id: Match | None, index: int | None) -> str:
        parts = [
            f"{name} {value!r}" for name, value in (("title", title), ("app id", app_id)) if value is not None
        ]
        if index is not None:
            parts.append(f"index {index}")
        return "a window" + (" with " + " and ".join(parts) if parts else "")

    def _end(self, before: str = "") -> str:
        return f"{self.name} ended with status {self._status}{before}{self._said()}"

    def fate(self) -> str:
        """Say how it ended, with its last output, for messages; empty if it still runs."""
        try:
            # One whose connection has just ended is about to.
            self.wait(_LAST_BREATH_S)
        except WaitTimeout:
            return ""
        return f"; {self._end()}"

    def _said(self) -> str:
        text = self.output.strip()
        if not text:
            return ""
        return f"\nits output:\n{text[-_TAIL_CHARACTERS:]}\n"

    # Its end

    @property
    def status(self) -> int | None:
        """Its exit status, the negative of a signal's number, or None while it runs."""
        if self._status is None:
            self._status = self._compositor.call("launch.status", launch=self._launch)["status"]
        return self._status

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.status is None

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait until it ends and return its exit status."""
        seconds = self._compositor.timeout_s if timeout_s is None else timeout_s
        if self._status is None:
            # Asked anew after each event: a `launch.wait` that is given up would stay with the compositor.
            try:
                return self._compositor.wait_until(("launch",), lambda: self.status, seconds, lambda: "")
            except WaitTimeout:
                raise WaitTimeout(f"{self.name} did not end within {seconds:g} s{self._said()}") from None
        return self._status

    def wait_output(self, wanted: Match, timeout_s: float | None = None) -> str:
        """Wait until it has written something, and return all it wrote so far.

        Args:
            wanted: a string that its output contains, or a compiled pattern it has a match for.
            timeout_s: instead of the usual time.

        Raises:
            WaitTimeout: if it does not; the text has what it did write.
            DriverError: if it ends without having written that.
        """
        seconds = self._compositor.timeout_s if timeout_s is None else timeout_s
        deadline = time.monotonic() + seconds
        while True:
            # Asked before the output is read: what it wrote at the very end is there then.
            ended = self.status is not None
            text = self.output
            if wanted in text if isinstance(wanted, str) else wanted.search(text):
                return text
            if ended:
                raise DriverError(self._end(f" before it wrote {wanted!r}"))
            left = deadline - time.monotonic()
            if left <= 0:
                said = self._said() or "; it wrote nothing"
                raise WaitTimeout(f"{self.name} did not write {wanted!r} within {seconds:g} s{said}")
            # Nobody tells when a file grows; looking often costs little.
            time.sleep(min(left, _LOOK_AGAIN_S))

    def signal(self, number: int) -> None:
        """Send a signal to the program and what it started."""
        self._compositor.call("launch.signal", launch=self._launch, signal=int(number))

    def terminate(self) -> int:
        """Ask it to end, insist after the usual time, and return its status."""
        if self.running:
            self.signal(signal.SIGTERM)
            try:
                return self.wait()
            except WaitTimeout:
                self.kill()
        return self.wait()

    def kill(self) -> None:
        """End it without asking."""
        if self.running:
            self.signal(signal.SIGKILL)
            self.wait()

    def close(self) -> None:
        """Keep the end of its output as text. Called when the compositor ends."""
        if not self._output.closed:
            self._last_output = self.output[-_KEPT_CHARACTERS:]
            self._output.close()
