"""The compositors under measurement, and how each is started headless with 1920×1080@60 outputs.

Each runs in a private XDG_RUNTIME_DIR, sees no display of the user, and is ended by its process id.
Sway and Weston draw with their pixman renderers, Weddell with its CPU renderer, so all three do the same
work on the same processor. Weddell is there twice: as the command runs it, which draws when somebody looks,
and drawing every frame as the other two do.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks.toolchain import BUILD

WIDTH, HEIGHT, REFRESH_HZ = 1920, 1080, 60
START_SECONDS = 20.0
ROOT = Path(__file__).parent.parent


class StartError(Exception):
    """A compositor did not come up; the text ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Running:
    """A compositor that clients can connect to."""

    name: str
    pid: int
    runtime_dir: Path
    socket: str
    log: Path

    @property
    def client_environment(self) -> dict[str, str]:
        return {
            **_clean_environment(),
            "XDG_RUNTIME_DIR": str(self.runtime_dir),
            "WAYLAND_DISPLAY": self.socket,
        }


class Compositor(ABC):
    """One program under measurement."""

    name: ClassVar[str]
    program: ClassVar[str]
    package: ClassVar[str]
    max_outputs: ClassVar[int] = 16
    #: False for a program that refuses to run as root: it is then given the user ``nobody``.
    runs_as_root: ClassVar[bool] = True
    #: True for one that is measured only where it is named.
    on_request: ClassVar[bool] = False

    def missing(self) -> str | None:
        """Why it cannot be measured here, or None."""
        if shutil.which(self.program) is None:
            return f"{self.program} is not installed (Debian package {self.package})"
        return None

    def version(self) -> str:
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=False)
        found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
        return found.group() if found else "unknown"

    @abstractmethod
    def command(self, runtime_dir: Path, outputs: int) -> list[str]:
        """The argument list; may write configuration into ``runtime_dir``."""

    def environment(self, outputs: int) -> dict[str, str]:
        """Variables it needs besides XDG_RUNTIME_DIR."""
        return {}

    @contextlib.contextmanager
    def spawn(self, outputs: int = 1) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """Start it in a new runtime directory, without waiting; end it on leaving."""
        runtime_dir = Path(tempfile.mkdtemp(prefix=f"bench-{self.name}-"))
        command = self.command(runtime_dir, outputs)
        identity = None if self.runs_as_root or os.geteuid() != 0 else pwd.getpwnam("nobody")
        if identity:
            for path in (runtime_dir, *runtime_dir.iterdir()):
                os.chown(path, identity.pw_uid, identity.pw_gid)
        environment = {
            **_clean_environment(),
            **self.environment(outputs),
            "XDG_RUNTIME_DIR": str(runtime_dir),
            "HOME": str(runtime_dir),
        }
        with open(runtime_dir / "log", "wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=ROOT,
                user=identity.pw_uid if identity else None,
                group=identity.pw_gid if identity else None,
                extra_groups=[] if identity else None,
            )
        try:
            yield process, runtime_dir
        finally:
            _end(process)
            shutil.rmtree(runtime_dir, ignore_errors=True)

    @contextlib.contextmanager
    def running(self, outputs: int = 1) -> Iterator[Running]:
        """Start it and wait until its socket accepts clients; end it on leaving."""
        with self.spawn(outputs) as (process, runtime_dir):
            deadline = time.monotonic() + START_SECONDS
            while (name := wayland_socket(runtime_dir)) is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise StartError(f"{self.name} did not start\n{_tail(runtime_dir / 'log')}")
                time.sleep(0.01)
            yield Running(self.name, process.pid, runtime_dir, name, runtime_dir / "log")


class Weddell(Compositor):
    name = "weddell"
    program = sys.executable
    package = "weddell"
    compose: ClassVar[str] = "on-demand"

    def missing(self) -> str | None:
        done = subprocess.run(
            [self.program, "-m", "compositor", "run", "--help"], capture_output=True, text=True, check=False
        )
        return None if done.returncode == 0 else "python -m compositor does not run"

    def version(self) -> str:
        from compositor import __version__

        return __version__

    def environment(self, outputs: int) -> dict[str, str]:
        # Compiled modules are kept from the first start on, as they are once a wheel is installed.
        return {"PYTHONPYCACHEPREFIX": str(BUILD / "pycache")}

    def command(self, runtime_dir: Path, outputs: int) -> list[str]:
        size = f"{WIDTH}x{HEIGHT}@{REFRESH_HZ}"
        return [
            *(self.program, "-m", "compositor", "run", "--headless", "--renderer", "cpu"),
            *("--socket", "wayland-1", "--compose", self.compose),
            *(argument for _ in range(outputs) for argument in ("--output", size)),
        ]


class WeddellDrawing(Weddell):
    """Draws every frame, as the others do."""

    name = "weddell-drawing"
    compose = "always"


class WeddellPython(WeddellDrawing):
    """The same without its compiled modules."""

    name = "weddell-python"
    on_request = True

    def environment(self, outputs: int) -> dict[str, str]:
        return {**super().environment(outputs), "WEDDELL_PURE": "1"}


class Sway(Compositor):
    name = "sway"
    program = "sway"
    package = "sway"
    runs_as_root = False

    def command(self, runtime_dir: Path, outputs: int) -> list[str]:
        config = runtime_dir / "config"
        config.write_text(
            f"output * resolution {WIDTH}x{HEIGHT}@{REFRESH_HZ}Hz\n"
            "default_floating_border none\n"
            'for_window [app_id="load"] floating enable\n'
            "xwayland disable\n"
        )
        return ["sway", "--config", str(config)]

    def environment(self, outputs: int) -> dict[str, str]:
        return {
            "WLR_BACKENDS": "headless",
            "WLR_RENDERER": "pixman",
            "WLR_HEADLESS_OUTPUTS": str(outputs),
            "WLR_LIBINPUT_NO_DEVICES": "1",
        }


class Weston(Compositor):
    name = "weston"
    program = "weston"
    package = "weston"
    max_outputs = 1  # its headless backend makes no more

    def command(self, runtime_dir: Path, outputs: int) -> list[str]:
        return [
            *("weston", "--backend=headless-backend.so", "--use-pixman", "--no-config", "--idle-time=0"),
            *(f"--width={WIDTH}", f"--height={HEIGHT}", "--socket=wayland-1"),
        ]


COMPOSITORS: dict[str, Compositor] = {
    c.name: c for c in (Sway(), Weston(), WeddellDrawing(), Weddell(), WeddellPython())
}


def wayland_socket(runtime_dir: Path) -> str | None:
    """Name of the socket in ``runtime_dir`` that accepts Wayland clients, or None while there is none."""
    for path in runtime_dir.glob("wayland-*"):
        if path.is_socket() and path.suffix == "":
            with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
                probe.connect(str(path))
                return path.name
    return None


def _clean_environment() -> dict[str, str]:
    hidden = (
        "WAYLAND_",
        "DISPLAY",
        "SWAYSOCK",
        "WLR_",
        "XDG_RUNTIME_DIR",
        "LISTEN_",
        "PYTHONDONTWRITEBYTECODE",
    )
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:])
