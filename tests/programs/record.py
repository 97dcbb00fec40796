"""Makes the recordings that test_recordings plays: runs real programs, and writes down what they say.

    .venv/bin/python tests/programs/record.py            all of them
    .venv/bin/python tests/programs/record.py foot mpv   these

Each program is used for a moment: clicked, typed into, resized, maximized, closed. What it said is taken from
the compositor's trace (see support.recording); what was done to it is written between. Nothing of the machine
gets in: the programs run in an empty home, in a folder without a name that tells, and the script refuses to
write what holds a path of this machine. Packages are in packages.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from support.program_page import version_of  # noqa: E402
from support.recording import Line, Translator, write  # noqa: E402
from support.replay import shown  # noqa: E402

from compositor.errors import WeddellError  # noqa: E402
from compositor.testing import Application, Compositor, WaitTimeout, Window  # noqa: E402

OUTPUT = "1000x700"
MAX_BYTES = 120_000
_DONE = re.compile(r"(window|pointer|keyboard|touch|output)\.(?!state$|at$|list$|map$)")


class Recorder(Compositor):
    """A driver that writes down what it is asked to do, and when: how long the trace was then."""

    steps: list[tuple[int, Line]]
    trace: Path
    patience_s: float

    def call(self, method: str, **params: Any) -> Any:
        """Do it, and write it down if it does anything to anybody."""
        if not _DONE.match(method):
            return super().call(method, **params)
        self.rest()
        self.steps.append((self.traced(), {"do": [method, params]}))
        result = super().call(method, **params)
        self.rest()
        self.steps.append((self.traced(), {"windows": shown(self)}))
        return result

    def rest(self) -> None:
        """Wait until programs rest, or for a moment if they never do."""
        try:
            self.wait_idle(quiet_ms=60, timeout_s=self.patience_s)
        except WeddellError:
            # It is animated.
            pass

    def traced(self) -> int:
        """Return how many lines of the trace are whole."""
        return self.trace.read_bytes().count(b"\n")


@dataclass(frozen=True)
class Program:
    """What is recorded.

    Attributes:
        name: of the recording.
        argv, package, env: what starts it.
        use: what is done to it.
        animated: it never rests, so nobody waits for that long.
    """

    name: str
    argv: tuple[str, ...]
    package: str
    use: Callable[[Recorder, Window], None]
    env: dict[str, str] = field(default_factory=dict)
    animated: bool = False


def look(compositor: Recorder, window: Window) -> None:
    """Resize it once and close it: for what is animated."""
    width, height = window.size
    window.resize(width + 60, height + 40)
    window.hover(30, 40)
    window.close()


def use(compositor: Recorder, window: Window) -> None:
    """Click, type, ask for a menu, resize, maximize, go back and close."""
    width, height = window.size
    window.click(width / 2, height / 2)
    compositor.keyboard.type("ab")
    window.click(width / 2 + 10, height / 2, "right")
    compositor.keyboard.press("Escape")
    window.scroll(width / 2, height / 2, dy=1)
    window.resize(width + 50, height + 30)
    window.resize(max(width - 40, 100), max(height - 20, 100))
    window.set_state(maximized=True)
    window.set_state(maximized=False)
    window.move(5, 60)
    window.close(wait=False)


def keys(*pressed: str) -> Callable[[Recorder, Window], None]:
    """Press keys, one after the other, and resize."""

    def press(compositor: Recorder, window: Window) -> None:
        width, height = window.size
        for key in pressed:
            compositor.keyboard.press(key)
        if window.exists:
            window.resize(width + 50, height + 30)
            window.close(wait=False)

    return press


def drag(compositor: Recorder, window: Window) -> None:
    """Drag an item to another place."""
    window.drag((134, 75), (54, 75))
    window.close(wait=False)


def popup(compositor: Recorder, window: Window) -> None:
    """Have popups and windows on top of each other."""
    compositor.keyboard.press("n")
    window.focus()
    window.hover(100, 100)
    compositor.keyboard.press("p")
    compositor.pointer.click(5, 5)
    window.close(wait=False)


CAIRO = {"GSK_RENDERER": "cairo"}
PROGRAMS = (
    Program("foot", ("foot", "-W", "40x10", "sh", "-c", "read line"), "foot", use),
    Program("weston-flower", ("weston-flower",), "weston", look, animated=True),
    Program("weston-stacking", ("weston-stacking",), "weston", popup),
    Program("weston-dnd", ("weston-dnd",), "weston", drag),
    Program("weston-subsurfaces", ("weston-subsurfaces",), "weston", look, animated=True),
    Program("weston-terminal", ("weston-terminal", "--shell=/bin/cat"), "weston", use),
    Program("gtk3-demo", ("gtk3-demo",), "gtk-3-examples", use),
    Program("gtk4-demo", ("gtk4-demo",), "gtk-4-examples", use, CAIRO),
    Program("qt5-featherpad", ("featherpad", "-s"), "featherpad", use),
    Program("qt6-qt6ct", ("qt6ct",), "qt6ct", use),
    Program(
        "sdl2-checkkeys",
        ("/usr/libexec/installed-tests/SDL2/checkkeys",),
        "libsdl2-tests",
        keys("a", "ctrl+b"),
        animated=True,
    ),
    Program("egl-es2gears", ("es2gears_wayland",), "mesa-utils", look, animated=True),
    Program(
        "mpv",
        ("mpv", "--no-config", "--vo=wlshm", "--ao=null", "--pause", "av://lavfi:testsrc=size=320x240"),
        "mpv",
        keys("f", "f"),
    ),
    Program("imv", ("imv-wayland",), "imv", keys("plus")),
    Program("wev", ("wev",), "wev", use),
    Program(
        "chromium",
        (
            "chromium",
            "--ozone-platform=wayland",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--user-data-dir=profile",
            "about:blank",
        ),
        "chromium",
        use,
    ),
    Program(
        "firefox", ("firefox-esr", "--no-remote", "--profile", "profile", "about:blank"), "firefox-esr", use
    ),
)


def record(program: Program, to: Path) -> str:
    """Make one recording; returns a line about it."""
    work = Path(tempfile.mkdtemp(prefix="w"))
    try:
        (work / "profile").mkdir()
        home = {"HOME": str(work), "GSETTINGS_BACKEND": "memory", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        home |= {f"XDG_{kind}_HOME": str(work) for kind in ("CONFIG", "DATA", "CACHE")}
        trace = work / "trace.json"
        with Recorder(outputs=[OUTPUT], trace=trace, timeout_s=40) as compositor:
            compositor.steps = []
            compositor.trace = trace
            compositor.patience_s = 0.15 if program.animated else 4
            app = compositor.launch(program.argv, env=home | program.env, cwd=work)
            window = app.window(index=0)
            compositor.wait_keyboard_focus()
            compositor.rest()
            compositor.steps.append((compositor.traced(), {"windows": shown(compositor)}))
            program.use(compositor, window)
            finish(compositor, app)
            steps, count = compositor.steps, compositor.traced()
            assert "protocol error" not in compositor.log, compositor.log
        traced = [json.loads(text) for text in trace.read_text("utf-8").splitlines()[:count]]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    lines = joined(traced, steps)
    head = {"program": program.name, "version": version_of(program.package), "outputs": [OUTPUT]}
    path = to / f"{program.name}.jsonl"
    write(path, head, lines)
    refuse_secrets(path, (str(work), os.path.expanduser("~"), os.uname().nodename))
    size = path.stat().st_size
    if size > MAX_BYTES:
        path.unlink()
        return f"{program.name}: {size} bytes are too much for a recording, none made"
    requests = sum(isinstance(line, list) for line in lines)
    return f"{program.name}: {requests} requests, {len(steps)} steps, {size} bytes"


def finish(compositor: Recorder, app: Application) -> None:
    """Write down the end: the program has hung up, or it waits for something."""
    try:
        app.wait(timeout_s=10)
    except WaitTimeout:
        compositor.rest()
    else:
        compositor.wait_until(("client",), lambda: not compositor.clients, 10, lambda: "somebody stays")
        # What the last step left depends on when one looked.
        del compositor.steps[-1]
        compositor.steps.append((compositor.traced(), {"gone": True}))
        compositor.steps.append((compositor.traced(), {"windows": shown(compositor)}))


def joined(traced: list[dict[str, Any]], steps: list[tuple[int, Line]]) -> list[Line]:
    """Return requests and steps in the order in which they happened."""
    translator = Translator()
    lines: list[Line] = []
    left = list(steps)
    for number, message in enumerate(traced):
        while left and left[0][0] <= number:
            lines.append(left.pop(0)[1])
        lines += translator.lines(message)
    return lines + [line for _, line in left]


def refuse_secrets(path: Path, secrets: tuple[str, ...]) -> None:
    """Remove a recording that says anything about this machine.

    Raises:
        SystemExit: naming what it says.
    """
    text = path.read_text("utf-8")
    for secret in secrets:
        if len(secret) > 1 and secret in text:
            path.unlink()
            raise SystemExit(f"{path.name} holds {secret!r}")


def main() -> None:
    """Make the recordings that were asked for."""
    parser = argparse.ArgumentParser(
        description="Record what real programs say to the compositor, for the tests.",
        epilog="example: record.py foot mpv",
    )
    parser.add_argument("--to", type=Path, default=HERE / "recordings", metavar="DIR", help="where to")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones (default: all)")
    options = parser.parse_args()
    unknown = set(options.names) - {program.name for program in PROGRAMS}
    if unknown:
        parser.error(f"no such recording: {', '.join(sorted(unknown))}")
    options.to.mkdir(parents=True, exist_ok=True)
    for program in PROGRAMS:
        if not options.names or program.name in options.names:
            started = time.monotonic()
            print(record(program, options.to), f"in {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
