"""What the tests of the demo clients share: the clients' folder to import from, and a private Weston."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.demo_clients import CLIENTS, Server

sys.path.insert(0, str(CLIENTS))


@pytest.fixture
def runtime_dir() -> Iterator[Path]:
    """Return a private XDG_RUNTIME_DIR; short, for a socket's path has 108 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="wd-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def weston(runtime_dir: Path, need_program: Callable[[str, str], str]) -> Iterator[Server]:
    """Return a headless Weston; skip without one."""
    program = need_program("weston", "weston")
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime_dir), "WAYLAND_DISPLAY": "wayland-test"}
    environment.pop("WAYLAND_SOCKET", None)
    command = [
        program,
        "--backend=headless-backend.so",
        "--socket=wayland-test",
        "--idle-time=0",
        "--no-config",
    ]
    command += ["--use-pixman", "--width=1024", "--height=768", f"--log={runtime_dir}/weston.log"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 20
        while not (runtime_dir / "wayland-test").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail("weston did not start:\n" + (runtime_dir / "weston.log").read_text())
            os.sched_yield()
        yield Server(environment, process)
        process.terminate()
        process.wait(10)
