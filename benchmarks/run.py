"""The loads, side by side: ``python -m benchmarks``.

Starts each compositor headless, plays each load, and prints compositor CPU time per frame with ratios.
The compositors take turns within a run, since machines drift.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import growth, loads, report
from benchmarks.compositors import COMPOSITORS, Compositor, StartError
from benchmarks.loads import LOADS, YARDSTICK, Load
from benchmarks.measure import LoadError, Measurement, measure
from benchmarks.toolchain import BuildError

EXAMPLES = """\
examples:
  python -m benchmarks                                  the five loads of the yardstick
  python -m benchmarks --loads all --runs 5             every load
  python -m benchmarks --loads fullscreen,alpha-50 --compositors weddell
  python -m benchmarks --growth                         how costs grow with surfaces, clients, outputs
  python -m benchmarks --loads all --growth --write-docs   rewrite docs/performance.md and its chart
  python -m benchmarks --from results.json --plot chart.png   no measuring: show saved results

other measurements:
  python -m benchmarks.messages      the message path alone, in process
  python -m benchmarks.startup       from exec to the first answer
  python -m benchmarks.idle          wake-ups and memory without clients

loads:
""" + "\n".join(f"  {load.name:<16}{load.title}" for load in LOADS.values())


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Compositor CPU time per frame: Weddell, Sway and Weston under the same loads.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument(
        "--loads", default="yardstick", metavar="NAMES", help="comma-separated, or yardstick, further, all"
    )
    result.add_argument(
        "--compositors",
        metavar="NAMES",
        help=f"comma-separated of {', '.join(COMPOSITORS)} (default: installed, without weddell-python)",
    )
    result.add_argument("--seconds", type=float, default=3.0, help="measured per load and run (default 3)")
    result.add_argument("--runs", type=int, default=3, help="runs; medians are shown (default 3)")
    result.add_argument(
        "--growth", action="store_true", help="also fit cost against surfaces, clients, outputs"
    )
    result.add_argument("--json", type=Path, metavar="FILE", help="save all measurements")
    result.add_argument("--from", type=Path, metavar="FILE", dest="saved", help="show saved measurements")
    result.add_argument("--plot", type=Path, metavar="FILE", help="draw a bar chart (PNG)")
    result.add_argument("--write-docs", action="store_true", help="rewrite docs/performance.md and its chart")
    result.add_argument("--quiet", action="store_true", help="no progress on standard error")
    return result


def chosen_loads(names: str) -> list[Load]:
    """The loads named by ``--loads``. Raises ValueError naming the ones there are."""
    groups = {"yardstick": YARDSTICK, "further": loads.FURTHER, "all": tuple(LOADS.values())}
    result: list[Load] = []
    for name in names.split(","):
        if name in groups:
            result += groups[name]
        elif name in LOADS:
            result.append(LOADS[name])
        else:
            raise ValueError(f"no load {name!r}; there are: {', '.join([*groups, *LOADS])}")
    return list(dict.fromkeys(result))


def chosen_compositors(names: str | None) -> list[Compositor]:
    """The compositors named, or those that are installed. Raises ValueError when one is not there."""
    if names is None:
        return [c for c in COMPOSITORS.values() if not c.on_request and c.missing() is None]
    result = []
    for name in names.split(","):
        if name not in COMPOSITORS:
            raise ValueError(f"no compositor {name!r}; there are: {', '.join(COMPOSITORS)}")
        if reason := COMPOSITORS[name].missing():
            raise ValueError(reason)
        result.append(COMPOSITORS[name])
    return result


def machine() -> dict[str, Any]:
    """What the numbers were taken on."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cpu": model,
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
    }


class Progress:
    """One line per measurement on standard error."""

    def __init__(self, total: int, quiet: bool) -> None:
        self._total = total
        self._quiet = quiet
        self._done = 0

    def begin(self, text: str) -> None:
        self._done += 1
        if not self._quiet:
            print(f"[{self._done}/{self._total}] {text:<42}", end="", file=sys.stderr, flush=True)

    def end(self, text: str) -> None:
        if not self._quiet:
            print(text, file=sys.stderr, flush=True)


def measure_all(
    compositors: Sequence[Compositor], chosen: Sequence[Load], runs: int, seconds: float, quiet: bool = False
) -> tuple[list[Measurement], list[str]]:
    """Every compositor under every load, ``runs`` times; and a line for each measurement that failed."""
    measurements: list[Measurement] = []
    failures: dict[tuple[str, str], str] = {}
    progress = Progress(runs * len(chosen) * len(compositors), quiet)
    for run in range(1, runs + 1):
        for load in chosen:
            # Another one goes first in each run, so that none always follows the same neighbour.
            turn = (run - 1) % len(compositors)
            for compositor in (*compositors[turn:], *compositors[:turn]):
                progress.begin(f"run {run}  {load.name:<16}{compositor.name}")
                if (compositor.name, load.name) in failures:
                    progress.end("skipped: failed before")
                    continue
                try:
                    m = measure(compositor, load, run=run, seconds=seconds)
                except (LoadError, StartError) as error:
                    failures[compositor.name, load.name] = str(error)
                    progress.end(f"failed: {str(error).splitlines()[0]}")
                    continue
                measurements.append(m)
                progress.end(f"{m.cpu_us / 1000:8.3f} ms/{m.unit}")
    same: dict[tuple[str, str], list[str]] = {}
    for (name, load_name), text in failures.items():
        same.setdefault((name, text), []).append(load_name)
    return measurements, [f"{name}, {', '.join(names)}: {text}" for (name, text), names in same.items()]


def load_names(measurements: Sequence[Measurement]) -> list[str]:
    """The loads measured that have a row of their own, in the order of loads.py."""
    seen = {m.load for m in measurements}
    return [name for name in LOADS if name in seen]


def compositor_names(measurements: Sequence[Measurement]) -> list[str]:
    seen = {m.compositor for m in measurements}
    return [name for name in COMPOSITORS if name in seen]


def show(measurements: Sequence[Measurement], failures: Sequence[str]) -> None:
    """Print the tables."""
    names, compositors = load_names(measurements), compositor_names(measurements)
    if names:
        print("\nCompositor CPU time per frame (median of the runs; ratios within each run)\n")
        print(report.table(*report.cost_rows(measurements, names, compositors)))
        print("\nWhat else was seen (latency: commit to frame callback; wake-ups per frame)\n")
        print(report.table(*report.detail_rows(measurements, names, compositors)))
    if some := growth.fits(measurements):
        print("\nGrowth (least squares)\n")
        print(report.table(*growth.rows(some)))
    if any(report.incomplete(measurements)):
        print("\n* told the client of fewer frames than the load asked for")
    for failure in failures:
        print(f"\nnot measured: {failure}")


def main(arguments: Sequence[str] | None = None) -> int:
    command_line = parser()
    options = command_line.parse_args(arguments)
    try:
        chosen = chosen_loads(options.loads)
        compositors = [] if options.saved else chosen_compositors(options.compositors)
    except ValueError as error:
        command_line.error(str(error))
    if options.runs < 1 or options.seconds <= 0:
        command_line.error("--runs and --seconds must be positive")
    if not options.saved and not compositors:
        command_line.error("no compositor to measure is installed")

    if options.saved:
        saved = json.loads(options.saved.read_text())
    else:
        if options.growth:
            chosen += growth.loads()
        try:
            measurements, failures = measure_all(
                compositors, chosen, options.runs, options.seconds, options.quiet
            )
        except BuildError as error:
            print(f"the load client cannot be built: {error}", file=sys.stderr)
            return 1
        saved = {
            "machine": machine(),
            "versions": {c.name: c.version() for c in compositors},
            "seconds": options.seconds,
            "runs": options.runs,
            "failures": failures,
            "measurements": [m.to_json() for m in measurements],
        }
        if options.write_docs:
            from benchmarks import document

            saved |= document.measure_rest(compositors, options.runs)
    measured = [Measurement(**entry) for entry in saved["measurements"]]
    show(measured, saved["failures"])
    if options.json:
        options.json.write_text(json.dumps(saved, indent=1) + "\n")
    if options.plot and measured:
        from benchmarks import plot

        plot.draw(measured, load_names(measured), compositor_names(measured)).save(options.plot)
    if options.write_docs and measured:
        from benchmarks import document

        document.write(saved, measured)
    return 0 if measured else 1


if __name__ == "__main__":
    sys.exit(main())
