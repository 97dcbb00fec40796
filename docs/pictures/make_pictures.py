"""Makes the pictures of the README: python docs/pictures/make_pictures.py [NAME…]; `make pictures` makes all.

The desktop and the overlay are what an X server of its own (Xvfb) shows of a compositor in a window, drawn
with OpenGL. Time stands still there but for what is told here, so the same version makes the same pictures,
but for the numbers of processes. The demo is what `weddell demo` saves.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from compositor.testing import Compositor  # noqa: E402
from tests.gl.xhost import XHost, wait_for  # noqa: E402

WIDTH, HEIGHT = 1200, 750
PROGRAMS: tuple[tuple[str, tuple[str, ...], tuple[int, int]], ...] = (
    ("picture", ("--size", "496x310"), (44, 62)),
    ("clock", ("--size", "270x270", "--time", "10:08:36"), (876, 56)),
    ("bubbles", ("--size", "400x310"), (470, 10)),
    ("flower", ("--size", "350x330"), (796, 376)),
)
TERMINAL = (
    *("foot", "--font=monospace:size=8", "-w", "668x284", "-T", "Terminal"),
    *("-o", "colors.background=0d1524", "-o", "colors.foreground=d7deea", "-o", "pad=8x6"),
)
# Two commands and what they print.
SESSION = """\
weddell() { printf '\\033[38;5;216m$\\033[0m weddell %s\\n' "$1"; PYTHON -m compositor "$1"; echo; }
weddell windows
weddell pools
exec sleep 600
"""


@contextmanager
def desktop() -> Iterator[tuple[Any, XHost]]:
    """A compositor in a window that fills an X server, with some programs."""
    with tempfile.TemporaryDirectory() as folder:
        host = XHost(Path(folder))
        try:
            with Compositor(
                headed=True,
                renderer="gl",
                clock="manual",
                wallpaper=True,
                outputs=[f"{WIDTH}x{HEIGHT}"],
                env={"DISPLAY": host.display},
                timeout_s=60,
            ) as compositor:
                for name, options, place in PROGRAMS:
                    put(compositor, [sys.executable, str(ROOT / "clients" / f"{name}.py"), *options], place)
                session = SESSION.replace("PYTHON", sys.executable)
                put(compositor, [*TERMINAL, "sh", "-c", session], (76, 412))
                # Out of the way, to where nothing is.
                host.xdotool("mousemove", WIDTH - 2, HEIGHT - 2)
                for _ in range(20):
                    step(compositor)
                yield compositor, host
        finally:
            host.close()


def put(compositor: Any, argv: list[str], place: tuple[int, int]) -> None:
    """Start a program and move its window; time goes on meanwhile, since programs wait for frames."""
    application = compositor.launch(argv)
    known = {info["id"] for info in compositor.window_infos()}

    def opened() -> Any:
        step(compositor)
        return next((info for info in compositor.window_infos() if info["id"] not in known), None)

    info = wait_for(opened, f"the window of {argv[0]}", 60)
    compositor.call("window.move", id=info["id"], x=place[0], y=place[1])
    step(compositor)
    del application


def step(compositor: Any) -> None:
    """Let a frame's time pass, and everybody do what there is to do then."""
    compositor.call("clock.advance", ms=17)
    compositor.call("idle.wait", timeout_ms=5000)


def shown(host: XHost) -> Image.Image:
    """What is on the screen of the X server."""
    pixels = host.screen()[:HEIGHT, :WIDTH]
    channels = np.stack([pixels >> 16 & 255, pixels >> 8 & 255, pixels & 255], axis=-1)
    return Image.fromarray(channels.astype(np.uint8))


def save(image: Image.Image, folder: Path, name: str) -> None:
    """Save it as README shows it: small, with smooth skies and sharp text."""
    if image.width > WIDTH:
        height = round(image.height * WIDTH / image.width)
        image = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    path = folder / f"{name}.webp"
    image.convert("RGB").save(path, quality=95, method=6)
    print(f"{path}: {image.width}×{image.height}, {path.stat().st_size // 1024} KiB")


def make_desktop(folder: Path) -> None:
    """Windows of the demo clients and a terminal."""
    with desktop() as (_, host):
        save(shown(host), folder, "desktop")


def make_overlay(folder: Path) -> None:
    """The same, with what the inspector knows of each."""
    with desktop() as (compositor, host):
        host.xdotool("key", "super+i")
        for _ in range(60):
            step(compositor)
        save(shown(host), folder, "overlay")


def make_demo(folder: Path) -> None:
    """What `weddell demo` saves, in motion."""
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "compositor", "demo", "--directory", made]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(Path(made, "demo.webp"), folder / "demo.webp")


MAKERS: dict[str, Callable[[Path], None]] = {
    "desktop": make_desktop,
    "overlay": make_overlay,
    "demo": make_demo,
}


def main() -> int:
    """Make them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MAKERS)} (default: all)")
    parser.add_argument(
        "--directory", type=Path, default=HERE, metavar="DIR", help="where to (default: beside this)"
    )
    options = parser.parse_args()
    names = options.names or list(MAKERS)
    for name in names:
        if name not in MAKERS:
            parser.error(f"there is no picture {name!r}")
    for name in names:
        MAKERS[name](options.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
