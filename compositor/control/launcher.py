"""The programs that the compositor starts, and what became of them.

Each program leads its own session, so that its clients are told apart by
their session id and one signal reaches all of it. Sessions can be left; what
proves that a client is a launch is one of two things. Every program gets the
private end of a handshake, with which it may check in on the public socket. A
trusted program also gets a connection of its own in WAYLAND_SOCKET, for those
that know nothing of handshakes; what comes in over it is that program and
nobody else. The end of a program is noticed through a pidfd: nothing polls,
nobody waits. Used by the control socket and the server.

Source: pidfd_open(2), setsid(2), wl_display_connect in wayland-client-core.h.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compositor.descriptor import close_own, close_socket
from compositor.errors import WeddellError
from compositor.logs import Log

if TYPE_CHECKING:
    import subprocess

    from compositor.control.connection import Loop
    from compositor.control.registry import Deferred
    from compositor.memory.handshake import Handshake
    from compositor.memory.inherit import StartAttributes

log = Log(__name__)

MAX_REMEMBERED = 1024
"""Programs whose exit status is kept."""

_LAST_WORD_NS = 2_000_000_000
"""How long a check-in may lie in a queue after its sender has closed the pipe."""

_PREFER_WAYLAND = {
    "GDK_BACKEND": "wayland",
    "QT_QPA_PLATFORM": "wayland",
    "SDL_VIDEODRIVER": "wayland",
    "MOZ_ENABLE_WAYLAND": "1",
    "ELECTRON_OZONE_PLATFORM_HINT": "wayland",
    "XDG_SESSION_TYPE": "wayland",
    "XDG_CURRENT_DESKTOP": "weddell",
}


class LaunchError(WeddellError):
    """A program that cannot be started; the text says why."""


class Launch:
    """One program.

    Attributes:
        id: number for drivers, never used twice.
        pid: its process, which leads a session and a process group.
        status: exit status; the negative of a signal's number when one ended it; None while it runs.
        handshake: with which it may check in; None where there is no public socket.
        waiting: answers due when it ends.
        on_exit: called with it when it ends.
    """

    __slots__ = (
        "_pidfd",
        "_process",
        "argv",
        "handshake",
        "id",
        "on_exit",
        "pid",
        "status",
        "trusted",
        "waiting",
    )

    def __init__(
        self,
        id: int,
        argv: Sequence[str],
        process: subprocess.Popen[bytes],
        pidfd: int,
        trusted: bool,
        handshake: Handshake | None = None,
    ) -> None:
        self.id = id
        self.argv = list(argv)
        self.pid = process.pid
        self.trusted = trusted
        self.handshake = handshake
        self.status: int | None = None
        self.waiting: list[Deferred] = []
        self.on_exit: list[Callable[[Launch], None]] = []
        self._process = process
        self._pidfd = pidfd

    def signal(self, number: int) -> bool:
        """Send a signal to the program and all it started in its group; returns whether it still ran."""
        if self.status is not None:
            return False
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        return True


class Launcher:
    """Starts programs inside the compositor.

    Args:
        loop: the event loop.
        environment: variables every program gets: WAYLAND_DISPLAY and XDG_RUNTIME_DIR at least.
        adopt: takes the server's end of a trusted program's connection.
        public_socket: path of the socket on which programs check in; none do without.
        on_event: called with (launch, "started" or "exited").
    """

    def __init__(
        self,
        loop: Loop,
        environment: Mapping[str, str],
        adopt: Callable[[socket.socket, Launch], None] | None = None,
        on_event: Callable[[Launch, str], None] | None = None,
        public_socket: str | None = None,
    ) -> None:
        self._public_socket = public_socket
        self.launches: dict[int, Launch] = {}
        self._loop = loop
        self._environment = dict(environment)
        self._adopt = adopt
        self._on_event = on_event
        self._next_id = 1

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the whole environment of a program started with `extra` variables."""
        from compositor.memory import handshake, inherit

        env = dict(os.environ)
        for name in ("DISPLAY", "WAYLAND_SOCKET", "XAUTHORITY", handshake.VARIABLE, inherit.VARIABLE):
            # With an X display in sight many toolkits would escape to it.
            env.pop(name, None)
        env.update(_PREFER_WAYLAND)
        env.update(self._environment)
        env.update(extra or {})
        return env

    def launch(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        trusted: bool = False,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        buffers: StartAttributes | None = None,
    ) -> Launch:
        """Start a program.

        Args:
            argv: program and arguments; looked up in PATH.
            env: variables on top of ours.
            cwd: where it starts; by default where we are.
            trusted: give it its own connection, and with that privileged protocols under every policy.
            stdin, stdout, stderr: descriptors, which stay the caller's. stdin is empty by default, the
                others are ours.
            buffers: memory that it inherits, by name or by string; stays the caller's.

        Raises:
            LaunchError: if it cannot be started.
        """
        import subprocess

        from compositor.memory import handshake

        ours: socket.socket | None = None
        theirs: socket.socket | None = None
        greeting: Handshake | None = None
        environment = self.environment(env)
        kept: tuple[int, ...] = ()
        if buffers is not None:
            environment = buffers.environment(environment)
            kept = buffers.descriptors
        try:
            if trusted and self._adopt is not None:
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
                environment["WAYLAND_SOCKET"] = str(theirs.fileno())
                kept = (*kept, theirs.fileno())
            if self._public_socket is not None:
                greeting = handshake.Handshake(self._public_socket)
                environment[handshake.VARIABLE] = str(greeting.child_end)
                kept = (*kept, greeting.child_end)
            process = subprocess.Popen(
                list(argv),
                env=environment,
                cwd=cwd,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=stdout,
                stderr=stderr,
                close_fds=True,
                pass_fds=kept,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            _close(ours, greeting)
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            if isinstance(error, FileNotFoundError) and cwd is not None and not os.path.isdir(cwd):
                raise LaunchError(f"cannot start {argv[0]!r}: the folder {cwd} does not exist") from None
            raise LaunchError(f"cannot start {argv[0]!r}: {reason}") from None
        finally:
            if theirs is not None:
                close_socket(theirs)
        try:
            pidfd = os.pidfd_open(process.pid)
        except OSError as error:
            process.kill()
            process.wait()
            _close(ours, greeting)
            raise LaunchError(f"cannot watch {argv[0]!r}: {error.strerror}") from None
        launch = Launch(self._next_id, argv, process, pidfd, trusted, greeting)
        try:
            self._loop.add_reader(pidfd, lambda: self._exited(launch))
            if greeting is not None:
                greeting.started()
                self._loop.add_reader(greeting.fileno(), lambda: self._pipe_ready(launch))
        except OSError as error:
            self._loop.remove(pidfd)
            close_own(pidfd)
            process.kill()
            process.wait()
            _close(ours, greeting)
            raise LaunchError(f"cannot watch {argv[0]!r}: {error.strerror}") from None
        self._next_id += 1
        self._remember(launch)
        if ours is not None and self._adopt is not None:
            self._adopt(ours, launch)
        if self._on_event is not None:
            self._on_event(launch, "started")
        return launch

    def _pipe_ready(self, launch: Launch) -> None:
        """Every copy of the private end may be closed: then nobody else of that launch will check in.

        Who has checked in closes its end at once, and the token may lie unread in a connection that was not
        even accepted: those are served first.
        """
        pipe = launch.handshake
        if pipe is None or pipe.fileno() < 0:
            return
        self._loop.remove(pipe.fileno())
        self._loop.timers.call_at(time.monotonic_ns() + _LAST_WORD_NS, lambda: self._pipe_ended(launch, pipe))

    def _pipe_ended(self, launch: Launch, pipe: Handshake) -> None:
        from compositor.memory.handshake import HandshakeState

        fd = pipe.fileno()
        if fd >= 0 and pipe.pipe_ready() is HandshakeState.WAITING:
            self._loop.add_reader(fd, lambda: self._pipe_ready(launch))

    def check_in(self, token: bytes) -> Launch | None:
        """Return the launch whose token a client presents; None if nobody waits for it."""
        from compositor.memory.handshake import HandshakeState

        found: Launch | None = None
        for launch in self.launches.values():
            pipe = launch.handshake
            if pipe is None or pipe.state is not HandshakeState.WAITING:
                continue
            fd = pipe.fileno()
            # All are compared, so that the time says nothing of which.
            if pipe.present(token):
                self._loop.remove(fd)
                found = launch
        return found

    def _remember(self, launch: Launch) -> None:
        self.launches[launch.id] = launch
        if len(self.launches) > MAX_REMEMBERED:
            oldest = next((one for one in self.launches.values() if one.status is not None), None)
            if oldest is not None:
                if oldest.handshake is not None and oldest.handshake.fileno() >= 0:
                    self._loop.remove(oldest.handshake.fileno())
                    oldest.handshake.close()
                del self.launches[oldest.id]

    def _exited(self, launch: Launch) -> None:
        status = launch._process.poll()
        if status is None:
            return
        self._loop.remove(launch._pidfd)
        close_own(launch._pidfd)
        launch._pidfd = -1
        launch.status = status
        log.info("%s (pid %d) ended with status %d", launch.argv[0], launch.pid, status)
        waiting, launch.waiting = launch.waiting, []
        for deferred in waiting:
            deferred.resolve({"status": status})
        for hook in launch.on_exit:
            hook(launch)
        if self._on_event is not None:
            self._on_event(launch, "exited")

    def of_process(self, pid: int) -> Launch | None:
        """Return the program that a process belongs to by its session, or None."""
        try:
            session = os.getsid(pid)
        except OSError:
            return None
        for launch in self.launches.values():
            if launch.pid == session and (launch.status is None or launch.pid != pid):
                return launch
        return None

    def close(self, grace_s: float = 0.5) -> None:
        """End every program that still runs: ask, wait a little, insist."""
        for launch in self.launches.values():
            if launch.handshake is not None and launch.handshake.fileno() >= 0:
                self._loop.remove(launch.handshake.fileno())
                launch.handshake.close()
        running = [launch for launch in self.launches.values() if launch.status is None]
        for launch in running:
            launch.signal(signal.SIGTERM)
            launch.signal(signal.SIGCONT)
        if not running:
            return
        import subprocess

        deadline = time.monotonic() + grace_s
        for launch in running:
            try:
                launch._process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                launch.signal(signal.SIGKILL)
                launch._process.wait()
            self._exited(launch)
        for launch in running:
            # What it left behind in its group.
            try:
                os.killpg(launch.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass


def describe(launch: Launch) -> dict[str, Any]:
    """Return what drivers are told of a program."""
    return {
        "launch": launch.id,
        "pid": launch.pid,
        "argv": launch.argv,
        "status": launch.status,
        "trusted": launch.trusted,
        "handshake": launch.handshake.state.value if launch.handshake is not None else None,
    }


def _close(*things: socket.socket | Handshake | None) -> None:
    for thing in things:
        if thing is not None:
            close_socket(thing) if isinstance(thing, socket.socket) else thing.close()
