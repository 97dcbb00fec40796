"""Server: all wiring. Makes the parts, joins them, runs the loop, takes them apart."""

from __future__ import annotations

import functools
import os
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from compositor import logs
from compositor.admission import Admission, Admittance
from compositor.cadence import Cadence
from compositor.clock import Clock, ManualClock, RealClock
from compositor.control.identity import Way
from compositor.errors import ConfigError
from compositor.limits import Limits
from compositor.loop import Loop, raise_descriptor_limit
from compositor.memory import SealPolicy
from compositor.model.desktop import Desktop
from compositor.model.output import Output
from compositor.protocol.globals import add_globals
from compositor.record import field, fields, record
from compositor.reserve import DescriptorReserve
from compositor.sandboxes import Sandboxes
from compositor.service import Service
from compositor.timers import TimerQueue
from compositor.wire import Client, Display
from compositor.wire.listen import AbstractSocket, ListeningSocket
from compositor.wire.ordinary import send_done

if TYPE_CHECKING:
    from pathlib import Path

    from compositor.backend.headless import HeadlessBackend
    from compositor.control.launcher import Launch, Launcher
    from compositor.geometry import Rect
    from compositor.lint import Lint
    from compositor.model.keymap import Keymap
    from compositor.model.scene import Art
    from compositor.settings import Settings
    from compositor.wire.trace import TraceFile

RETRY_NS = 20_000_000
"""When to send again what the system had no room for."""

log = logs.Log(__name__)


@record(frozen=True)
class OutputSpec:
    """One ``--output``: mode and scale."""

    width: int = 1920
    height: int = 1080
    refresh_mhz: int = 60_000
    scale: float = 1.0


@record()
class ServerOptions:
    """What the command line decides."""

    headless: bool = True
    socket: str | None = None
    outputs: list[OutputSpec] = field(factory=lambda: [OutputSpec()])
    renderer: str = "auto"
    seal: SealPolicy = SealPolicy.ADOPT
    clock: str = "real"
    ready_fd: int | None = None
    until_fd: int | None = None
    layout: str | None = None
    privileged: str = "all"
    trace: Path | None = None
    lint: bool = False
    compose: str = "auto"
    wallpaper: bool = True
    legacy_shell: bool = False
    offers: dict[str, int] = field(factory=dict)
    command: list[str] = field(factory=list)
    limits: Limits = field(factory=Limits)
    abstract: list[str] = field(factory=list)
    admittance: Admittance = field(factory=Admittance)
    reload: Callable[[], Settings] | None = None
    """Reads the settings again, on SIGHUP."""


class Server:
    """One compositor.

    Attributes:
        loop, display, desktop, backend: the parts.
        launcher: starts programs inside.
        status: exit status, once `stop` was called.
        serving: whether clients are being served, or were.
    """

    def __init__(self, options: ServerOptions) -> None:
        """Listen and make everything ready; clients are served once `run` is called.

        Raises:
            ConfigError: if something that was asked for cannot be had.
        """
        self.options = options
        self.status = 0
        self.serving = False
        self.loop = Loop()
        raise_descriptor_limit()
        self.listening = ListeningSocket.open(options.socket)
        try:
            self._build()
        except BaseException:
            self.listening.close()
            self.loop.close()
            raise

    def _build(self) -> None:
        options = self.options
        self.clock: Clock = ManualClock() if options.clock == "manual" else RealClock()
        timers = TimerQueue() if self.clock.manual else self.loop.timers
        self.display = Display(options.limits)
        self.desktop = Desktop(self.clock, options.limits, timers, self.display.next_serial)
        self.display.context = self.desktop
        self.display.offers = options.offers
        self.desktop.scene.send_done = send_done
        self.desktop.seal_policy = options.seal
        self.desktop.lenient = options.legacy_shell
        self.desktop.privileged_for_all = options.privileged == "all"
        self._make_seat()
        add_globals(self.display, self.desktop, options.legacy_shell)
        self._make_backend()
        self._make_decoration()
        for spec in options.outputs:
            name = self.backend.next_name()
            output = Output(name, spec.width, spec.height, spec.refresh_mhz, spec.scale)
            self.backend.add_output(output)
        for unknown in sorted(set(options.offers) - self.display.announced()):
            raise ConfigError(
                f"--offer {unknown}: there is no such global (docs/reference/protocols.md has all)"
            )
        self.service = Service(self.loop, options.limits, fair=not self.clock.manual)
        self.display.on_client.append(self.service.watch)
        self.display.on_client_gone.append(self.service.forget)
        self.cadence = Cadence(self.loop, self.backend, self.service, self.display)
        if options.headless and not self.clock.manual and options.trace is None and not options.lint:
            # A trace tells when something came, and so does the lint.
            self.keep_cadence()
        self.reserve = DescriptorReserve(self.display, options.limits.descriptor_reserve)
        self.admission = Admission(
            self.loop, self.display, self.desktop, options.limits, options.admittance, self.reserve
        )
        self.admission.listen(self.listening, Way.PUBLIC)
        self.abstract = [AbstractSocket(name) for name in options.abstract]
        for abstract in self.abstract:
            self.admission.listen(abstract, Way.ABSTRACT)
        self.sandboxes = Sandboxes(self.loop, self.admission)
        self.desktop.sandboxes = self.sandboxes
        self.display.on_sync.append(self.desktop.scene.settle)
        self.loop.at_end.append(self._end_of_turn)
        self.control: Any = None
        self.trace: TraceFile | None = None
        if options.trace is not None:
            self._start_trace(options.trace)
        self.lint: Lint | None = None
        if options.lint:
            self._start_lint()
        self.launcher: Launcher
        self._make_control()

    def keep_cadence(self) -> None:
        """Read clients that draw with every frame when the frame is due."""
        self.backend.on_due = self.cadence.due
        self.desktop.scene.on_answered = self.cadence.answered
        self.display.on_client_gone.append(self.cadence.forget)

    def hear_everybody(self) -> None:
        """Have everything be read that clients have sent."""
        self.cadence.hear_everybody()

    def _make_seat(self) -> None:
        from compositor.model.seat import Seat

        self.desktop.seat = Seat(self.desktop, _keymap(self.options.layout))
        self.desktop.scene.on_layout.append(self.desktop.seat.pointer.refocus)
        self.desktop.seat.on_active.append(self.desktop.idle.active)

    def _make_backend(self) -> None:
        from compositor.backend.capture import ScreenCapture

        self.backend: HeadlessBackend = self._headless() if self.options.headless else self._window()
        self.desktop.capturer = ScreenCapture(self.desktop, self.backend)

    def _headless(self) -> HeadlessBackend:
        from compositor.backend.headless import HeadlessBackend
        from compositor.render.lazy import LazyRenderer

        options = self.options
        on_demand = options.compose == "on-demand" or (options.compose == "auto" and not self.clock.manual)
        renderer: Any
        if options.renderer == "gl":
            from compositor.render.gl.fallback import SteadyRenderer

            renderer = SteadyRenderer()
            self.desktop.scene.track_changes = True
        else:
            renderer = LazyRenderer(_cpu_renderer)
        return HeadlessBackend(self.desktop, renderer, on_demand)

    def _window(self) -> HeadlessBackend:
        # Loads pyglet, which nothing else does.
        from compositor.backend.window.backend import WindowBackend

        options = self.options
        backend = WindowBackend(self.desktop, self.loop, options.renderer, options.layout is None)
        backend.on_closed.append(self.stop)
        backend.launch = lambda argv: self.launcher.launch(argv)
        return backend

    def _make_decoration(self) -> None:
        from compositor.model.window_frame import WindowFrame

        self.desktop.scene.painter = self._paint
        # Where time is an input, nothing may depend on what was imported when.
        self.desktop.scene.arts_wait = not self.clock.manual
        self.desktop.decorator = WindowFrame(self.desktop)
        if self.options.wallpaper:
            self.desktop.scene.backdrop = self._backdrop

    def _paint(self, art: Art, scale: float) -> Any:
        """Draw an art; what draws is imported with the first one."""
        from compositor.render import decoration
        from compositor.render.art import ArtPainter

        painter = ArtPainter()
        decoration.register(painter)
        self.desktop.scene.painter = painter.paint
        return painter.paint(art, scale)

    @staticmethod
    def _backdrop(output: Output) -> Art:
        return _wallpaper(output.name, output.rect_layout)

    def _make_control(self) -> None:
        from compositor.control import ControlServer

        self.control = ControlServer(self)
        self.launcher = self.control.launcher
        self.admission.launcher = self.launcher

    # Clients

    def adopt(self, connection: socket.socket, launch: Launch | None = None) -> Client | None:
        """Take a connected socket over as a client; None if its peer may not come in.

        Args:
            connection: ours from now on.
            launch: the program started here that has the other end.
        """
        if launch is not None:
            return self.admission.adopt(connection, launch)
        return self.admission.admit(connection)

    def _start_trace(self, path: Path) -> None:
        from compositor.wire.trace import TraceFile

        try:
            self.trace = TraceFile(path, self.clock.now_ns)
        except OSError as error:
            raise ConfigError(f"--trace {path}: {error.strerror}") from None
        self.loop.at_end.append(self.trace.flush)

    def _start_lint(self) -> None:
        from compositor.lint import Lint

        self.lint = Lint(self.display, self.backend.on_frame, self.clock.now_ns)

    def _end_of_turn(self) -> None:
        scene = self.desktop.scene
        if self.desktop.unstarted:
            self.desktop.start_windows()
        if scene.unsettled:
            scene.settle()
        cadence, display = self.cadence, self.display
        if cadence.kept and (cadence.unanswered or cadence.turn != self.loop.wakeups):
            cadence.end_of_turn(display.dirty)
        if display.dirty:
            for client in display.flush():
                self._wait_to_write(client)
        if display.leaving and (not cadence.kept or cadence.turn != self.loop.wakeups):
            # Else they are closed before the next frame, which is sure to come.
            display.close_leaving()

    def _wait_to_write(self, client: Client) -> None:
        fd = client.fileno()

        def writable() -> None:
            waits = client.flush()
            if client.alive and (client.starved or not waits):
                self.loop.remove_writer(fd)
            if client.starved:
                self._wait_to_write(client)

        def again() -> None:
            if client.flush():
                self._wait_to_write(client)

        if client.starved:
            # The socket could be written; what is missing comes without anybody telling.
            self.loop.timers.call_at(RealClock().now_ns() + RETRY_NS, again)
        else:
            self.loop.add_writer(fd, writable)

    # Life

    @property
    def socket_name(self) -> str:
        """What clients put into WAYLAND_DISPLAY."""
        return self.listening.name

    def run(self) -> int:
        """Serve until stopped; returns the exit status."""
        try:
            self.loop.on_signal(signal.SIGTERM, lambda: self.stop(0))
            self.loop.on_signal(signal.SIGINT, lambda: self.stop(130))
            self.loop.on_signal(signal.SIGHUP, self.reload)
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            self._end_with_starter()
            self._tell_ready()
            if self.options.command:
                launch = self.launcher.launch(self.options.command)
                launch.on_exit.append(lambda ended: self.stop(_exit_status(ended.status)))
            self._load_ahead()
            self.serving = True
            self.loop.run()
        except Exception as error:
            for fact in self._facts():
                error.add_note(fact)
            raise
        finally:
            self.close()
        return self.status

    def _load_ahead(self) -> None:
        from compositor import preload

        preload.begin(self.loop)

    def _tell_ready(self) -> None:
        fd = self.options.ready_fd
        if fd is None:
            return
        try:
            os.write(fd, f"{self.socket_name}\n".encode())
            os.close(fd)
        except OSError as error:
            raise ConfigError(f"--ready-fd {fd}: {error.strerror}") from None

    def _end_with_starter(self) -> None:
        fd = self.options.until_fd
        if fd is None:
            return
        os.set_inheritable(fd, False)
        try:
            self.loop.add_hangup(fd, self.stop)
        except OSError as error:
            raise ConfigError(f"--until-fd {fd}: {error.strerror}") from None

    def stop(self, status: int = 0) -> None:
        """Have `run` end with this status."""
        self.status = status
        self.loop.stop()

    def reload(self) -> None:
        """Do what SIGHUP asks for: be reachable again, and look anew at what the system grants.

        The settings' file is read again, sockets whose files were removed are made anew, the trace goes on in
        a new file, and the descriptors that the process may have are counted again. What clients have stays.
        """
        self._reload_settings()
        fd = self.listening.fileno()
        try:
            if self.listening.renew():
                self.admission.forget(fd)
                self.admission.listen(self.listening, Way.PUBLIC)
                self.control.listener.renew()
                log.warning("listening on %s again", self.listening.path)
            if self.trace is not None:
                self.trace.reopen()
        except (ConfigError, OSError) as error:
            log.error("reload: %s", error)
        self.reserve.measure()

    def _reload_settings(self) -> None:
        """Read the settings again; with a mistake in them all stay as they were."""
        options, read = self.options, self.options.reload
        if read is None:
            return
        try:
            settings = read()
            keymap = _keymap(settings.layout)
        except (ConfigError, OSError) as error:
            log.error("reload: %s; the settings stay as they were", error)
            return
        logs.set_level(settings.verbose)
        options.seal = self.desktop.seal_policy = settings.seal
        options.privileged = settings.privileged
        self.desktop.privileged_for_all = settings.privileged == "all"
        if settings.layout != options.layout:
            options.layout = settings.layout
            self.desktop.seat.keyboard.set_keymap(keymap)
        for name in fields(Limits):
            setattr(options.limits, name, getattr(settings.limits, name))
        for client in self.display.clients:
            client.max_objects = options.limits.objects
        self.reserve.keep(options.limits.descriptor_reserve)
        options.admittance = settings.admittance
        self.admission.admit_by(settings.admittance)
        log.warning("the settings were read again")

    def _facts(self) -> list[str]:
        """Return what a report of a crash says of this compositor."""
        return [
            f"socket: {self.listening.path}",
            f"outputs: {', '.join(f'{o.name} {o.width}x{o.height}' for o in self.desktop.outputs)}",
            f"clients: {len(self.display.clients)}, windows: {len(self.desktop.windows)}",
            f"bugs before: {self.display.bugs}",
        ]

    def close(self) -> None:
        """Disconnect everybody and give everything back."""
        if self.control is not None:
            self.control.close()
        if self.trace is not None:
            self.trace.close()
        self.display.close()
        if self.lint is not None:
            self.lint.close()
        self.backend.close()
        self.listening.close()
        for abstract in self.abstract:
            abstract.close()
        self.sandboxes.close()
        self.reserve.close()
        self.loop.close()


def _keymap(layout: str | None) -> Keymap:
    """Return a layout's keymap.

    Raises:
        ConfigError: if there is no such layout.
    """
    from compositor.model import keymap as keymaps

    return keymaps.builtin_keymap() if layout in (None, "us") else keymaps.layout_keymap(layout)


def _cpu_renderer() -> Any:
    from compositor.render.cpu import CpuRenderer

    return CpuRenderer()


def _exit_status(status: int | None) -> int:
    """Return a program's status as a shell would: 128 plus the signal that ended it."""
    if status is None:
        return 1
    return 128 - status if status < 0 else status


@functools.lru_cache(maxsize=16)
def _wallpaper(name: str, rect_layout: Rect) -> Art:
    """Return the picture behind everything on an output: the same one for as long as that is the same."""
    from compositor.model.scene import Art

    return Art("wallpaper", name, rect_layout, opaque=True)
