"""Compositor: a private compositor for a test, or a running one, and everything in it.

    with Compositor() as compositor:
        app = compositor.launch(["foot"])
        window = app.window(title="foot")
        window.type("ls\n")
        image = window.screenshot()

It talks to the control socket only.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compositor.testing.application import Application
from compositor.testing.clipboard import Clipboard
from compositor.testing.clock import Clock
from compositor.testing.connection import Connection, control_path
from compositor.testing.errors import CompositorDied, DriverError
from compositor.testing.input import Keyboard, Pointer, Touch
from compositor.testing.output import Output
from compositor.testing.process import CompositorProcess
from compositor.testing.session import Session
from compositor.testing.window import Match, Window, describe_all, hint, matches

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from compositor.testing.recording import Recording


class Compositor(Session):
    """A compositor, by default a private headless one that ends with the `with` block.

        with Compositor(outputs=["800x600"]) as private:
            app = private.launch(["foot"])
            app.window().type("echo hello\\n")
            private.wait_idle()
            image = private.screenshot()

    Everything waits for what it needs, up to `timeout_s`, and an error says what was there instead.

    Args:
        outputs: screens, each ``WxH[@HZ][*SCALE]``.
        renderer: auto, cpu or gl.
        seal: adopt, require or copy.
        clock: real or manual.
        layout: of the keyboard.
        headed: show it in a window on the desktop instead.
        wallpaper: draw one; by default the background is even.
        slow_motion_ms: pause after each action, for people to watch.
        trace: file for the protocol trace.
        lint: watch for what programs do badly; `lint_findings` has it.
        arguments: further options of `weddell run`.
        timeout_s: how long anything may take that is waited for.
        env: variables for the compositor and the programs it starts.
    """

    def __init__(
        self,
        outputs: Sequence[str] = (),
        renderer: str | None = None,
        seal: str | None = None,
        clock: str | None = None,
        layout: str | None = None,
        headed: bool = False,
        wallpaper: bool = False,
        slow_motion_ms: float = 0.0,
        trace: str | os.PathLike[str] | None = None,
        lint: bool = False,
        arguments: Sequence[str] = (),
        timeout_s: float = 10.0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        for name, several in (("outputs", outputs), ("arguments", arguments)):
            if isinstance(several, str):
                raise DriverError(f"{name} is a list, as in {name}=[{several!r}]")
        options = ["--window" if headed else "--headless"]
        if not wallpaper:
            options.append("--no-wallpaper")
        if lint:
            options.append("--lint")
        for output in outputs:
            options += ["--output", output]
        given = {
            "--renderer": renderer,
            "--seal": seal,
            "--clock": clock,
            "--layout": layout,
            "--trace": trace,
        }
        for option, value in given.items():
            if value is not None:
                options += [option, os.fspath(value)]
        self.slow_motion_ms = slow_motion_ms
        self.lint = lint
        process = CompositorProcess([*options, *arguments], timeout_s, env)
        self._open(process.control_path, timeout_s, process)

    @classmethod
    def attach(cls, socket: str | None = None, timeout_s: float = 10.0) -> Compositor:
        """Return a driver for a compositor that runs already; it goes on running afterwards.

        Args:
            socket: name or path of its Wayland socket; by default $WAYLAND_DISPLAY.

        Raises:
            ConnectionFailed: if none runs there.
        """
        self = cls.__new__(cls)
        self.slow_motion_ms = 0.0
        self.lint = False
        self._open(control_path(socket), timeout_s, None)
        return self

    def _open(self, path: Path, timeout_s: float, process: CompositorProcess | None) -> None:
        self.applications: list[Application] = []
        self._groups: list[int] = []
        super().__init__(path, timeout_s, process)
        self.keyboard = Keyboard(self)
        self.pointer = Pointer(self)
        self.touch = Touch(self)
        self.clipboard = Clipboard(self)
        self.primary_selection = Clipboard(self, primary=True)
        self.clock = Clock(self)

    def pause(self) -> None:
        """Wait for the people who watch in slow motion; else nothing."""
        if self.slow_motion_ms:
            time.sleep(self.slow_motion_ms / 1000)

    # Programs and windows

    def launch(
        self,
        argv: Sequence[str] | str,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        trusted: bool = False,
        buffers: Mapping[str, int] | None = None,
        exports: Mapping[str, int] | None = None,
    ) -> Application:
        """Start a program inside.

        Args:
            argv: program and arguments.
            env: variables on top of the compositor's.
            cwd: where it starts; by default here.
            trusted: let it use privileged protocols under every policy.
            buffers: memfds that it inherits, by the names under which it asks for them
                (`compositor.memory.inherited`); they stay the caller's.
            exports: memfds that it inherits, by the environment variables in which it finds the strings to
                import them with (`compositor.memory.import_buffer`); they stay the caller's.

        Raises:
            DriverError: if it cannot be started.
        """
        arguments = [argv] if isinstance(argv, str) else [os.fspath(part) for part in argv]
        params: dict[str, Any] = {"argv": arguments, "cwd": os.fspath(cwd or Path.cwd()), "trusted": trusted}
        if env:
            params["env"] = dict(env)
        application = Application(self, arguments, params, buffers, exports)
        self.applications.append(application)
        self._groups.append(application.pid)
        return application

    def window_infos(self) -> list[dict[str, Any]]:
        """Return what the compositor says of each window, mapped or not."""
        infos: list[dict[str, Any]] = self.call("windows.list")
        return infos

    @property
    def windows(self) -> list[Window]:
        """All mapped windows, in the order created."""
        return [Window(self, info["id"], info["launch"]) for info in self.window_infos() if info["mapped"]]

    @property
    def focused_window(self) -> Window | None:
        """The window that has the focus, or None."""
        return next(
            (Window(self, info["id"], info["launch"]) for info in self.window_infos() if info["focused"]),
            None,
        )

    def window(
        self,
        title: Match | None = None,
        app_id: Match | None = None,
        index: int | None = None,
        timeout_s: float | None = None,
    ) -> Window:
        """Wait for a window and return it.

        Args:
            title: a string it equals, or a compiled pattern it has a match for.
            app_id: likewise.
            index: which of several that match, in the order created.
            timeout_s: instead of the usual time.

        Raises:
            WaitTimeout: if none comes, naming the windows there are.
            DriverError: if several match and no index was given.
        """

        def probe() -> Window | None:
            infos = [info for info in self.window_infos() if info["mapped"] and matches(info, title, app_id)]
            return self.choose(infos, index)

        def failure() -> str:
            wanted = Application._wanted(title, app_id, index)
            infos = self.window_infos()
            return f"nobody showed {wanted}; {describe_all(infos)}{hint(infos, title, app_id)}"

        return self.wait_until(("window",), probe, timeout_s, failure)

    def fate(self, launch: int | None) -> str:
        """Say how a program ended, and its last output, for messages; nothing if it still runs."""
        for application in self.applications:
            if launch is not None and application._launch == launch:
                return application.fate()
        return ""

    def choose(self, infos: list[dict[str, Any]], index: int | None) -> Window | None:
        """Return the one window of `infos`, or the one at `index`; None while it is not there.

        Raises:
            DriverError: if there are several and no index was given.
        """
        if index is None:
            if len(infos) > 1:
                raise DriverError(
                    f"{len(infos)} windows match (say which with index=): {describe_all(infos)}"
                )
            index = 0
        if not -len(infos) <= index < len(infos):
            return None
        return Window(self, infos[index]["id"], infos[index]["launch"])

    # Outputs and pictures

    @property
    def outputs(self) -> list[Output]:
        """All outputs."""
        return [Output(self, info["name"]) for info in self.call("outputs.list")]

    @property
    def output(self) -> Output:
        """The first output."""
        return self.outputs[0]

    def add_output(
        self, width: int, height: int, refresh_hz: float = 60.0, scale: float = 1.0, name: str | None = None
    ) -> Output:
        """Plug in a further screen, right of the others; sizes in output pixels."""
        result = self.call(
            "output.add",
            width=width,
            height=height,
            refresh_mhz=round(refresh_hz * 1000),
            scale=scale,
            name=name,
        )
        return Output(self, result["name"])

    def screenshot(
        self, output: str | None = None, cursor: bool = False, vision: str | None = None
    ) -> npt.NDArray[np.uint8]:
        """Return what an output shows, the first one by default: (height, width, 4) uint8 RGBA, read-only.

        Args:
            vision: whose eyes look: deuteranopia, protanopia, tritanopia, or normal.
        """
        return self.capture(output=output, cursor=cursor or None, vision=vision)

    def capture(self, **params: Any) -> npt.NDArray[np.uint8]:
        """Ask for a picture; its memory is checked to be frozen, then read in place."""
        from compositor.testing.picture import open_picture

        result, descriptors = self.exchange("capture", params)
        return open_picture(result, descriptors)

    def record(
        self,
        path: str | os.PathLike[str],
        fps: float = 20.0,
        width: int | None = None,
        output: str | None = None,
        window: Window | None = None,
        cursor: bool = False,
    ) -> Recording:
        """Record what is shown, for as long as a ``with`` block lasts, or until `Recording.stop`.

            with compositor.record("clip.webp", fps=10):
                window.type("on the record")

        Args:
            path: .webp, .gif or .png for an animation; .mp4, .mkv or .webm for a video, which needs the
                extra ``weddell[video]``; a folder, or a name such as ``shot-%04d.png``, for a PNG each.
            fps: pictures a second at most. Where nothing moves, no picture is taken.
            width: to scale wider pictures down to, pixels.
            output: whose name it is, the first one by default; or
            window: instead, without what covers it.
            cursor: with the pointer's picture.

        Raises:
            DriverError: if the name says no format, or the library for it is missing.
        """
        from compositor.testing.recording import record

        params = {"output": output, "window": window.id if window else None, "cursor": cursor or None}
        return record(self, path, fps, width, params)

    # Waiting

    def wait_idle(self, quiet_ms: float | None = None, timeout_s: float | None = None) -> dict[str, Any]:
        """Wait until programs have read all they were sent, sleep, and have said nothing for `quiet_ms`.

        Returns:
            ``frames_pending``: whether a frame is due, which with a manual clock waits for time to pass.

        Raises:
            WaitTimeout: if somebody is still busy; the text says who.
        """
        seconds = self.timeout_s if timeout_s is None else timeout_s
        params = {"quiet_ms": quiet_ms, "timeout_ms": seconds * 1000}
        result, _ = self.exchange("idle.wait", params, timeout_s=seconds + 5)
        return dict(result)

    def wait_keyboard_focus(self) -> None:
        """Wait until something takes the keys that are typed."""
        self.wait_until(
            ("window", "client"),
            lambda: bool(self.call("keyboard.state")["focused"]),
            None,
            lambda: f"nothing takes the keyboard focus; {describe_all(self.window_infos())}",
        )

    def events(self, *kinds: str, timeout_s: float | None = None) -> Iterator[dict[str, Any]]:
        """Yield what happens from now on, until nothing does for `timeout_s`.

            events = compositor.events("window")
            window.close(wait=False)
            for event in events:
                if event["event"] == "window.unmapped":
                    break

        Each is a dict with ``event``, ``time_ns`` and what belongs to its kind.

        Args:
            kinds: window, frame, client, error, bell, launch, output, clipboard; by default all but frame.
        """
        watch = self.connect()
        wanted = kinds or ("window", "client", "error", "bell", "launch", "output", "clipboard")
        watch.call("events.subscribe", kinds=list(wanted))
        return _drain(watch, self.timeout_s if timeout_s is None else timeout_s)

    # Lists

    @property
    def clients(self) -> list[dict[str, Any]]:
        """What the compositor says of each client."""
        return list(self.call("clients.list"))

    @property
    def pools(self) -> list[dict[str, Any]]:
        """What the compositor says of each shared-memory pool: size, seals, verdict, growths and so on."""
        return list(self.call("pools.list"))

    @property
    def lint_findings(self) -> list[dict[str, Any]]:
        """What the programs did badly so far, with ``lint=True``: rule, severity, text, time and so on.

        Raises:
            RequestRefused: if the compositor does not watch.
        """
        return list(self.call("lint.findings"))

    # The end

    def close(self, keep: bool = False) -> None:
        """End the programs and a private compositor. Harmless when repeated.

        Args:
            keep: leave the runtime directory with the log where it is.

        Raises:
            CompositorDied: if it had ended by itself before, or ends badly.
        """
        for application in self.applications:
            application.close()
        try:
            super().close(keep)
        except CompositorDied:
            self._kill_orphans()
            raise

    def _kill_orphans(self) -> None:
        """Kill the programs that a dead compositor could not end."""
        for group in self._groups:
            try:
                # Only if it is still the session that we had started.
                if os.getsid(group) == group:
                    os.killpg(group, signal.SIGKILL)
            except OSError:
                pass


def _drain(watch: Connection, timeout_s: float) -> Iterator[dict[str, Any]]:
    with watch:
        yield from watch.events(timeout_s)
