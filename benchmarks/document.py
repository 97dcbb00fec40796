"""Writes docs/performance.md and its chart from measurements, so that no number there is typed by hand.

Imported by run.py (``--write-docs``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import growth, idle, messages, plot, report, startup
from benchmarks.loads import LOADS
from benchmarks.measure import Measurement

DOCS = Path(__file__).parent.parent / "docs"

INTRODUCTION = """\
# Performance

How much processor time Weddell takes for a frame, next to Sway and Weston drawing with their pixman
renderers, headless, under the same loads. This page is written by `python -m benchmarks --write-docs`;
`make bench` runs the first five loads and prints them.

**Read the ratios.** Milliseconds belong to one machine and one moment. The compositors take turns within
a run, and each ratio is the median of the ratios of the runs. Below 1.00 Weddell, drawing every frame as the
others do, is the cheaper one.
"""

METHOD = """\
## How it is measured

- A load client in C on libwayland-client plays every load (`benchmarks/load/`). It draws all its buffers
  beforehand and submits one on each surface's own frame callback, so what is seen is the compositor's work.
- Windows are fullscreen and everything else is a subsurface of them, so all compositors show the same
  picture whatever their window policy.
- CPU time is what the kernel's scheduler accounts to the compositor's threads (`/proc/PID/task/*/schedstat`),
  user and system, after one second of warm-up, divided by the frames the client was told of.
- One new compositor process per measurement, in a private runtime directory, with 1920×1080@60 outputs.
- Weston's headless backend starts its repaint delay after a 16 ms timer, which makes about 38 frames a
  second; that is its pacing and not a lack of time. Its cost is divided by its own frames.
- A headless Weddell draws when somebody looks at its output; that is the column `weddell`, and with no
  viewer it is the cost of the messages alone. `weddell-drawing` draws every frame as Sway and Weston do, and
  the ratios are taken from it. A fullscreen opaque buffer is shown as it is, without a copy, by Sway too.
- "Missed" counts refreshes that passed without a frame, by the compositor's own refresh: Sway's headless
  output waits whole milliseconds, 16 of them, and would have frames to spare by a clock of 60 Hz.
- Latency is from commit to frame callback; a compositor
  that is done early and then waits for the next frame shows close to 16.7 ms.
- Weston's headless backend has no seat and no screen capture for clients, hence the gaps.
- 1000 pointer motions a second come through the compositor's own virtual pointer protocol. What they cost is
  counted for each motion, and stands in the table only.
- Of few runs, differences under a fifth are noise, those between the two columns of Weddell among them.
- The interpreter counts: one that was optimized by profile, as Debian's is, takes a fifth less for messages
  than one that was not. And a shared machine has phases that differ by a factor of two, in which all absolute
  times on this page move together: `python -m benchmarks.floor` shows in which it is.
- OpenGL has a page of its own, [the window](explanation/window.md): `python -m benchmarks.gl --window` runs
  it beside Weston's GL renderer, `python -m benchmarks.gl` prints the bytes uploaded beside the damage.
"""


def measure_rest(compositors: Sequence[Any], runs: int) -> dict[str, Any]:
    """Start-up, idle and message-path figures, as saved next to the loads."""
    compositors = [c for c in compositors if c.name != "weddell-drawing"]
    return {
        "startup": startup.measure(compositors, max(runs, 5)),
        "idle": [idle.measure(compositor).to_json() for compositor in compositors],
        "messages": [messages.measure(count).to_json() for count in (1, 50, 1000)],
    }


def text(saved: dict[str, Any], measurements: Sequence[Measurement]) -> str:
    """The whole page."""
    seen = {m.load for m in measurements}
    names = [name for name in LOADS if name in seen]
    compositors = [name for name in plot.COLOURS if any(m.compositor == name for m in measurements)]
    machine, versions = saved["machine"], saved["versions"]
    parts = [
        INTRODUCTION,
        "Taken with "
        + ", ".join(f"{name} {versions[name]}" for name in compositors)
        + f" on {machine['cpus']} "
        f"processors ({machine['cpu']}), Linux {machine['kernel']}, Python {machine['python']}; median of "
        f"{saved['runs']} runs of {saved['seconds']:g} s for each load.\n",
        "![Compositor CPU time per frame, by load](performance.png)\n",
        "## CPU time per frame\n",
        report.markdown(*report.cost_rows(measurements, names, compositors)) + "\n",
    ]
    if any(report.incomplete(measurements)):
        parts.append("\\* told the client of fewer frames than the load asked for.\n")
    parts += [
        "## What else was seen\n",
        report.markdown(*report.detail_rows(measurements, names, compositors)) + "\n",
    ]
    if some := growth.fits(measurements):
        parts += [
            "## Growth\n",
            "A least-squares line through CPU time per frame: what one more surface (16×16 opaque), mostly "
            "idle client, or output with a fullscreen window costs.\n",
            report.markdown(*growth.rows(some)) + "\n",
        ]
    if found := saved.get("messages"):
        parts += [
            "## The message path\n",
            "`python -m benchmarks.messages`: in process over a socket pair, without pixels. For each "
            "surface and frame: attach, damage, frame and commit in; release, done and delete_id out.\n",
            report.markdown(*messages.rows(*(messages.Result(**entry) for entry in found))) + "\n",
        ]
    if found := saved.get("startup"):
        parts += [
            "## Start\n",
            "`python -m benchmarks.startup`: from exec to the first answered `wl_display.sync`.\n",
            report.markdown(*startup.rows(found)) + "\n",
        ]
    if found := saved.get("idle"):
        parts += [
            "## Idle\n",
            "`python -m benchmarks.idle`: one output, no client.\n",
            report.markdown(*idle.rows([idle.Idle(**entry) for entry in found])) + "\n",
        ]
    parts.append(METHOD)
    command = "python -m benchmarks --loads all " + ("--growth " if growth.fits(measurements) else "")
    command += f"--runs {saved['runs']} --seconds {saved['seconds']:g} --write-docs"
    parts.append(f"## The command\n\n<!-- not run: it takes minutes -->\n```sh\n{command}\n```\n")
    return "\n".join(parts)


def write(saved: dict[str, Any], measurements: Sequence[Measurement], folder: Path = DOCS) -> None:
    """Write ``performance.md`` and ``performance.png`` into ``folder``."""
    seen = {m.load for m in measurements}
    compositors = {m.compositor for m in measurements}
    names = [name for name in LOADS if name in seen]
    (folder / "performance.md").write_text(text(saved, measurements))
    plot.draw(measurements, names, sorted(compositors)).save(folder / "performance.png", optimize=True)
