"""What tests wait for: a compositor to be ready, a picture, a key and the picture that shows it.

Beside Weddell's driver, where installed, what people put together today, doing the same job: Xvfb with xwd,
import and xdotool, and headless Sway with grim and wtype. The screen has 1920x1080, and a terminal covers it.
Medians in milliseconds, of wall-clock time as a test sees it. Docs: ``--write-docs``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.compositors import COMPOSITORS, HEIGHT, WIDTH, StartError
from benchmarks.run import machine
from benchmarks.toolchain import BUILD
from compositor.locate import clients_dir
from compositor.testing import Compositor

DOCS = Path(__file__).parent.parent / "docs"
PAGE = "performance-driver.md"
_PATIENCE_S = 30.0
_FOCUS_S = 0.3
_FOOT = ("foot", "--config=/dev/null", "--fullscreen", "sh", "-c", "stty -echoctl; exec cat")
_HELD_KEYBOARD = ("wtype", "-s", "3600000", "x")
# Compiled modules are kept from the first start on, as they are once a wheel is installed.
_COMPILED = {"PYTHONPYCACHEPREFIX": str(BUILD / "pycache"), "PYTHONDONTWRITEBYTECODE": ""}
_XTERM = ("xterm", "-geometry", "400x100+0+0", "-e", "cat")

Picture = npt.NDArray[np.uint8]
Result = dict[str, float | None]

HEADINGS = {
    "ready": "until ready",
    "picture": "picture as numpy array",
    "key": "key until it is in a picture",
    "click_frames": "click, frames of the clock",
}
SUBJECTS: dict[str, tuple[tuple[str, ...], Callable[[int], Result]]] = {}
"""By name: the programs it needs, and what measures it."""

INTRODUCTION = """\
# Performance of the driver

What a test waits for, with Weddell and with what people put together today, doing the same job on a screen of
1920×1080 that a terminal covers. Written by `python -m benchmarks.driver --write-docs`."""

METHOD = """\
- *Until ready*: from the call or command until clients can connect; Weddell with its modules compiled, as
  they are once it is installed.
- *Picture as numpy array*: of the whole screen of Xvfb and Sway, which is all that xwd, import and grim take
  here, and of the window for Weddell; from the call until its pixels can be read. Weddell's are in memory
  that is sealed, mapped where the compositor wrote them.
- *Key until it is in a picture*: one key is typed into the terminal (foot; xterm with Xvfb), and pictures are
  taken until one differs from the last.
- *Click, frames of the clock*: with the manual clock, how many refreshes pass from a click until a picture of
  the screen shows what it did; 0 if it does before the next one. The others have no such clock.
- A headless Sway has no keyboard until wtype brings one, and a program misses the keys of one that is gone
  again at once: a second wtype stays open meanwhile.
- Medians of wall-clock time, programs of each tool started anew for each use, as scripts do."""


def subject(name: str, *programs: str) -> Callable[[Callable[[int], Result]], Callable[[int], Result]]:
    """Declare what measures a tool."""

    def declare(function: Callable[[int], Result]) -> Callable[[int], Result]:
        SUBJECTS[name] = programs, function
        return function

    return declare


def median_ms(function: Callable[[], object], times: int) -> float:
    """Return the median time of a call, after one that is not counted."""
    function()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return median(taken) * 1000


def until(wanted: Callable[[], Any], what: str, pause_s: float = 0.001) -> Any:
    """Return the first true answer.

    Raises:
        StartError: if none comes.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while not (answer := wanted()):
        if time.monotonic() > deadline:
            raise StartError(f"{what} did not come")
        time.sleep(pause_s)
    return answer


def key_ms(picture: Callable[[], Picture], press: Callable[[], object], times: int) -> float:
    """Return the median time from a key until a picture differs from the one before."""
    taken = []
    for _ in range(times + 1):
        before = picture()
        start = time.perf_counter()
        press()
        until(lambda last=before: not np.array_equal(picture(), last), "a picture of the key", 0)
        taken.append(time.perf_counter() - start)
    return median(taken[1:]) * 1000


def rest(picture: Callable[[], Picture]) -> None:
    """Wait until the terminal is there and nothing changes any more."""
    first = picture()
    until(lambda: not np.array_equal(picture(), first), "the terminal", 0.05)
    last = [picture()]

    def still() -> bool:
        time.sleep(0.3)
        last.append(picture())
        return np.array_equal(last[-1], last[-2])

    until(still, "rest")


@subject("Weddell", "foot")
def weddell(times: int) -> Result:
    """The driver: a window's picture, a key typed into it, a click into the painting program."""

    def start() -> None:
        begin = time.perf_counter()
        compositor = Compositor(outputs=[f"{WIDTH}x{HEIGHT}"], env=_COMPILED)
        ready.append((time.perf_counter() - begin) * 1000)
        compositor.close()

    ready: list[float] = []
    for _ in range(times + 1):
        start()
    with Compositor(outputs=[f"{WIDTH}x{HEIGHT}"], timeout_s=_PATIENCE_S) as compositor:
        window = compositor.launch(_FOOT).window()
        window.wait_for(lambda window: window.size == (WIDTH, HEIGHT), "to cover the screen")
        compositor.wait_idle()
        compositor.wait_keyboard_focus()
        shot = median_ms(window.screenshot, times)
        key = key_ms(window.screenshot, lambda: compositor.keyboard.type("x"), times)
    return {"ready": median(ready[1:]), "picture": shot, "key": key, "click_frames": float(click_frames())}


def click_frames() -> int:
    """Return how many refreshes pass from a click until a picture shows what it did."""
    with Compositor(outputs=[f"{WIDTH}x{HEIGHT}"], clock="manual", timeout_s=_PATIENCE_S) as compositor:
        window = compositor.launch([sys.executable, str(clients_dir() / "paint.py")]).window()
        window.resize(WIDTH, HEIGHT)
        compositor.clock.run_until_idle()
        before = compositor.screenshot()
        window.click(400, 400)
        compositor.wait_idle()
        frames = 0
        while np.array_equal(before, compositor.screenshot()):
            if frames > 10:
                raise StartError("the click did not show within ten frames")
            frames += 1
            compositor.clock.advance_frames(1)
        return frames


@contextlib.contextmanager
def xvfb_running() -> Iterator[str]:
    """Start Xvfb on a display that it chooses; yield its name."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, pass_fds=(write,), **quiet) as process:  # type: ignore[call-overload]
        os.close(write)
        try:
            with os.fdopen(read) as said:
                yield f":{said.readline().strip()}"
        finally:
            process.terminate()


@subject("Xvfb, xwd, xdotool", "Xvfb", "xwd", "xdotool", "xterm")
def xvfb_xwd(times: int) -> Result:
    """Xvfb, with the dump of its screen read from a pipe."""

    def picture(display: str) -> Picture:
        done = subprocess.run(
            ["xwd", "-root", "-silent", "-display", display], capture_output=True, check=True
        )
        pixels = np.frombuffer(done.stdout[-WIDTH * HEIGHT * 4 :], np.uint8)
        return pixels.reshape(HEIGHT, WIDTH, 4)

    return xvfb(picture, times)


@subject("Xvfb, import, xdotool", "Xvfb", "import", "xdotool", "xterm")
def xvfb_import(times: int) -> Result:
    """Xvfb, with ImageMagick's import writing to a pipe."""

    def picture(display: str) -> Picture:
        command = ["import", "-silent", "-window", "root", "-display", display, "-depth", "8", "rgb:-"]
        done = subprocess.run(command, capture_output=True, check=True)
        return np.frombuffer(done.stdout, np.uint8).reshape(HEIGHT, WIDTH, 3)

    return xvfb(picture, times)


def xvfb(picture: Callable[[str], Picture], times: int) -> Result:
    """Measure Xvfb with some way to take a picture of a display."""

    def start() -> None:
        begin = time.perf_counter()
        with xvfb_running():
            ready.append((time.perf_counter() - begin) * 1000)

    ready: list[float] = []
    for _ in range(times + 1):
        start()
    with xvfb_running() as display:
        environment = {**os.environ, "DISPLAY": display}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(_XTERM, env=environment, **quiet) as terminal:  # type: ignore[call-overload]
            try:
                rest(lambda: picture(display))
                # There is no window manager that would give it the focus.
                point = ["xdotool", "mousemove", "300", "300"]
                subprocess.run(point, env=environment, check=True)
                time.sleep(_FOCUS_S)
                shot = median_ms(lambda: picture(display), times)
                press = ["xdotool", "key", "x"]
                key = key_ms(
                    lambda: picture(display),
                    lambda: subprocess.run(press, env=environment, check=True),
                    times,
                )
            finally:
                terminal.terminate()
    return {"ready": median(ready[1:]), "picture": shot, "key": key, "click_frames": None}


@subject("Sway, grim, wtype", "sway", "grim", "wtype", "foot")
def sway(times: int) -> Result:
    """Headless Sway, with grim writing to a pipe."""
    compositor = COMPOSITORS["sway"]

    def start() -> None:
        begin = time.perf_counter()
        with compositor.running():
            ready.append((time.perf_counter() - begin) * 1000)

    ready: list[float] = []
    for _ in range(times + 1):
        start()
    with compositor.running() as running:
        environment = running.client_environment

        def picture() -> Picture:
            command = ["grim", "-t", "ppm", "-"]
            done = subprocess.run(command, env=environment, capture_output=True, check=True)
            return np.frombuffer(done.stdout[-WIDTH * HEIGHT * 3 :], np.uint8).reshape(HEIGHT, WIDTH, 3)

        def answers() -> bool:
            command = ["grim", "-t", "ppm", "-"]
            return not subprocess.run(command, env=environment, capture_output=True, check=False).returncode

        until(answers, "a picture of sway")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        keyboard = subprocess.Popen(_HELD_KEYBOARD, env=environment, **quiet)  # type: ignore[call-overload]
        with keyboard, subprocess.Popen(_FOOT, env=environment, **quiet) as terminal:  # type: ignore[call-overload]
            try:
                rest(picture)
                shot = median_ms(picture, times)
                key = key_ms(
                    picture, lambda: subprocess.run(["wtype", "x"], env=environment, check=True), times
                )
            finally:
                terminal.terminate()
                keyboard.terminate()
    return {"ready": median(ready[1:]), "picture": shot, "key": key, "click_frames": None}


def rows(results: dict[str, Result | str]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the table."""
    found = []
    for name, result in results.items():
        if isinstance(result, str):
            found.append([f"{name} ({result})", *["–"] * len(HEADINGS)])
            continue
        cells = []
        for key in HEADINGS:
            value = result[key]
            unit = "" if key == "click_frames" else " ms"
            digits = 0 if value is None or value >= 100 or not unit else 1
            cells.append("–" if value is None else f"{value:.{digits}f}{unit}")
        found.append([name, *cells])
    return ["", *HEADINGS.values()], found


def text(saved: dict[str, Any]) -> str:
    """Return the page."""
    about = saved["machine"]
    busy = "." if saved["load"] < 1 else ", so read the ratios."
    lines = [
        INTRODUCTION,
        "",
        f"Taken on {about['cpus']} processors ({about['cpu']}), Linux {about['kernel']}, Python "
        f"{about['python']}; medians of {saved['times']}.\n"
        f"The load of the machine was {saved['load']:.1f} when it began{busy}",
        "",
        report.markdown(*rows(saved["results"])),
        "",
        METHOD,
    ]
    return "\n".join(lines) + "\n"


def measure(names: list[str], times: int) -> dict[str, Result | str]:
    """Measure each; what cannot be measured gets the reason instead."""
    results: dict[str, Result | str] = {}
    for name in names:
        programs, function = SUBJECTS[name]
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            results[name] = f"not installed: {', '.join(missing)}"
            continue
        print(f"measuring {name}", file=sys.stderr)
        try:
            results[name] = function(times)
        except (OSError, StartError, subprocess.SubprocessError, ValueError) as error:
            results[name] = f"failed: {str(error).splitlines()[0]}"
    return results


_EXAMPLES = """\
examples:
  python -m benchmarks.driver
  python -m benchmarks.driver --only Weddell --times 30
  python -m benchmarks.driver --json
  python -m benchmarks.driver --write-docs
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.driver",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--times", type=int, default=15, metavar="N", help="the median is shown (default: 15)"
    )
    parser.add_argument(
        "--only", action="append", choices=list(SUBJECTS), metavar="NAME", help=f"of: {'; '.join(SUBJECTS)}"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--write-docs", action="store_true", help=f"write docs/{PAGE}")
    options = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    saved = {
        "machine": machine(),
        "times": options.times,
        "load": load,
        "results": measure(options.only or list(SUBJECTS), options.times),
    }
    if options.json:
        print(json.dumps(saved, indent=2))
    else:
        print(report.table(*rows(saved["results"])))
    if options.write_docs:
        (DOCS / PAGE).write_text(text(saved), "utf-8")
        print(f"written: {DOCS / PAGE}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
