"""Time and rest: advancing a manual clock, and waiting until programs have nothing left to do."""

from __future__ import annotations

from typing import Any

from compositor.clock import ManualClock
from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.launcher import Launcher
from compositor.control.params import Milliseconds
from compositor.control.quiet import (
    Look,
    QuietWatch,
    look_at_processes,
    shows_something,
    unread_bytes,
    unserved_bytes,
)
from compositor.control.registry import Deferred, method
from compositor.model.output import Output

DEFAULT_QUIET_MS = 10.0
_STEP_TIMEOUT_MS = 10_000.0


class ClockMethods:
    """The namespaces ``clock`` and ``idle``."""

    def __init__(self, host: Host, launcher: Launcher) -> None:
        self._host = host
        self._launcher = launcher
        self._advance: Advance | None = None
        self._gone = 0
        host.display.on_client_gone.append(self._client_gone)

    def _client_gone(self, client: Any) -> None:
        self._gone += 1

    def look(self) -> Look:
        """Look at every client and every program that was started here."""
        said = self._gone
        pids = [launch.pid for launch in self._launcher.launches.values() if launch.status is None]
        for client in self._host.display.clients:
            said += client.messages
            pids.append(client.pid)
            if client.unfinished or unserved_bytes(client):
                return Look((0, 0), f"requests of client {client.name} (process {client.pid}) wait")
            if client.out or (unread_bytes(client) and shows_something(client)):
                return Look((0, 0), f"client {client.name} (process {client.pid}) has not read its events")
        turns, busy = look_at_processes(pids)
        return Look((said, hash(turns)), busy)

    def frames_pending(self) -> bool:
        """Whether an output has a frame to show."""
        self._host.desktop.scene.settle()
        return any(output.frame_due for output in self._host.desktop.outputs)

    def _look_with_frames(self) -> Look:
        look = self.look()
        if not look.busy and not self._host.clock.manual and self.frames_pending():
            return Look(look.activity, "a frame is due")
        return look

    @method("idle.wait")
    def wait(
        self, quiet_ms: Milliseconds = DEFAULT_QUIET_MS, timeout_ms: Milliseconds = 10_000.0
    ) -> Deferred:
        """Answered once nothing has happened for `quiet_ms`.

        Programs have read all they were sent, they and what they started sleep, and with the real
        clock no frame is due. `frames_pending` says whether one is, with the manual clock.
        """

        def done(busy: str) -> None:
            if busy:
                text = f"idle.wait: still busy after {timeout_ms:g} ms: {busy}{self._animated()}"
                deferred.fail(RequestError(Code.TIMEOUT, text))
            else:
                deferred.resolve({"frames_pending": self.frames_pending()})

        watch = QuietWatch(self._host.loop.timers, self._look_with_frames, quiet_ms, timeout_ms, done)
        deferred = Deferred(watch.cancel)
        return deferred

    def _animated(self) -> str:
        waiting = {surface.client.pid for surface in self._host.desktop.scene.waiting}
        return f"; frame callbacks are wanted by processes {sorted(waiting)}" if waiting else ""

    @method("clock.now")
    def now(self) -> dict[str, Any]:
        """The compositor's time, and whether it is a manual one."""
        return {"now_ms": self._host.clock.now_ns() / 1e6, "manual": self._host.clock.manual}

    @method("clock.advance")
    def advance(self, ms: Milliseconds, settle: bool = True) -> Deferred:
        """Let time pass: what falls due happens in order, each step once programs have answered the last.

        Args:
            settle: wait, after each step, until programs have nothing left to do.
        """
        clock = self._host.clock
        if not isinstance(clock, ManualClock):
            raise RequestError(
                Code.UNSUPPORTED, "clock.advance: the clock is the real one (run with --clock manual)"
            )
        if self._advance is not None:
            raise RequestError(Code.FAILED, "clock.advance: time is being advanced already")
        deferred = Deferred()
        self._advance = Advance(self, self._host, clock, round(ms * 1e6), settle, deferred)
        self._advance.start()
        return deferred

    def advanced(self) -> None:
        """An advance has come to its end."""
        self._advance = None


class Advance:
    """One passage of manual time, deadline by deadline."""

    def __init__(
        self, methods: ClockMethods, host: Host, clock: ManualClock, ns: int, settle: bool, deferred: Deferred
    ) -> None:
        self._methods = methods
        self._host = host
        self._clock = clock
        self._target = clock.now_ns() + ns
        self._settle = settle
        self._deferred = deferred
        self._frames = 0
        self._watch: QuietWatch | None = None
        deferred.cancelled = self._end

    def start(self) -> None:
        """Begin."""
        self._host.backend.on_frame.append(self._frame)
        self._rest()

    def _frame(self, output: Output) -> None:
        self._frames += 1

    def _rest(self) -> None:
        """Let the loop send what is queued and programs answer it, then go on."""
        if self._settle:
            self._watch = QuietWatch(
                self._host.loop.timers, self._methods.look, 0, _STEP_TIMEOUT_MS, self._rested
            )
        else:
            self._step()

    def _rested(self, busy: str) -> None:
        if busy:
            passed = (self._target - self._clock.now_ns()) / 1e6
            self._end()
            text = f"clock.advance: stopped {passed:g} ms short: {busy}"
            self._deferred.fail(RequestError(Code.TIMEOUT, text))
        else:
            self._step()

    def _step(self) -> None:
        while True:
            self._host.desktop.scene.settle()
            deadline = self._host.desktop.timers.next_deadline()
            if deadline is None or deadline > self._target:
                self._clock.set_ns(self._target)
                self._end()
                self._deferred.resolve({"frames": self._frames, "now_ms": self._clock.now_ns() / 1e6})
                return
            self._clock.set_ns(max(deadline, self._clock.now_ns()))
            self._host.desktop.timers.run_due(self._clock.now_ns())
            if self._settle:
                self._rest()
                return

    def _end(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._frame in self._host.backend.on_frame:
            self._host.backend.on_frame.remove(self._frame)
        self._methods.advanced()
