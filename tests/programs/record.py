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
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from programs.recorded import PROGRAMS, Program  # noqa: E402
from support.program_page import version_of  # noqa: E402
from support.recording import Line, Translator, write  # noqa: E402
from support.replay import shown, shown_layers  # noqa: E402

from compositor.errors import WeddellError  # noqa: E402
from compositor.testing import Application, Compositor, WaitTimeout  # noqa: E402

OUTPUT = "1000x700"
MAX_BYTES = 120_000
_DONE = re.compile(r"(window|pointer|keyboard|touch|output)\.(?!state$|at$|list$|map$)")


class Recorder(Compositor):
    """A driver that writes down what it is asked to do, and when: how long the trace was then."""

    steps: list[tuple[int, Line]]
    trace: Path
    patience_s: float
    layers: bool

    def call(self, method: str, **params: Any) -> Any:
        """Do it, and write it down if it does anything to anybody."""
        if not _DONE.match(method):
            return super().call(method, **params)
        self.rest()
        self.steps.append((self.traced(), {"do": [method, params]}))
        result = super().call(method, **params)
        self.rest()
        self.note()
        return result

    def note(self) -> None:
        """Write down what there is."""
        found = {"windows": shown(self)}
        if self.layers:
            found["layers"] = shown_layers(self)
        self.steps.append((self.traced(), found))

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


def record(program: Program, to: Path) -> str:
    """Make one recording; returns a line about it."""
    work = Path(tempfile.mkdtemp(prefix="w"))
    try:
        (work / "profile").mkdir()
        for name, content in program.files.items():
            (work / name).write_bytes(content)
        home = {"HOME": str(work), "GSETTINGS_BACKEND": "memory", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        home |= {f"XDG_{kind}_HOME": str(work) for kind in ("CONFIG", "DATA", "CACHE")}
        trace = work / "trace.json"
        with Recorder(outputs=[OUTPUT], trace=trace, timeout_s=40, arguments=program.options) as compositor:
            compositor.steps = []
            compositor.trace = trace
            compositor.patience_s = 0.15 if program.animated else 4
            compositor.layers = program.shows == "layer"
            app = compositor.launch(program.argv, env=home | program.env, cwd=work)
            begin(compositor, program, app)
            finish(compositor, app, program.ends)
            steps, count = compositor.steps, compositor.traced()
            assert "protocol error" not in compositor.log, compositor.log
        traced = [json.loads(text) for text in trace.read_text("utf-8").splitlines()[:count]]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    lines = joined(traced, steps)
    head = {
        "program": program.name,
        "of": program.programs,
        "version": version_of(program.package),
        "outputs": [OUTPUT],
        "options": program.options,
    }
    path = to / f"{program.name}.jsonl"
    write(path, head, lines)
    refuse_secrets(path, (str(work), os.path.expanduser("~"), os.uname().nodename))
    size = path.stat().st_size
    if size > MAX_BYTES:
        path.unlink()
        return f"{program.name}: {size} bytes are too much for a recording, none made"
    requests = sum(isinstance(line, list) for line in lines)
    return f"{program.name}: {requests} requests, {len(steps)} steps, {size} bytes"


def begin(compositor: Recorder, program: Program, app: Application) -> None:
    """Wait for what the program shows, and do to it what is to be done."""
    if program.shows == "window":
        window = app.window(index=0)
        compositor.wait_keyboard_focus()
        compositor.rest()
        compositor.note()
        program.use(compositor, window)
        return
    if program.shows == "layer":
        compositor.wait_until(
            ("frame", "client"),
            lambda: any(layer["mapped"] for layer in compositor.call("layers.list")),
            20,
            lambda: f"no layer surface: {app.output}",
        )
    compositor.rest()
    compositor.note()
    program.done(compositor)


def finish(compositor: Recorder, app: Application, ends: bool) -> None:
    """Write down the end: the program has hung up, or it waits for something."""
    if not ends:
        compositor.rest()
        return
    try:
        app.wait(timeout_s=10)
    except WaitTimeout:
        compositor.rest()
    else:
        compositor.wait_until(("client",), lambda: not compositor.clients, 10, lambda: "somebody stays")
        # What the last step left depends on when one looked.
        del compositor.steps[-1]
        compositor.steps.append((compositor.traced(), {"gone": True}))
        compositor.note()


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
