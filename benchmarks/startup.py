"""How long a compositor takes from exec to its first answer: ``python -m benchmarks.startup``.

The clock starts before the process is made and stops when a ``wl_display.sync`` is answered, so that it
contains everything a waiting test would wait for. Next to the compositors stand ``python -c pass`` and
``python -c "import numpy"``: what any program in Python, and any with numpy, pays before its first line.
"""

from __future__ import annotations

import argparse
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from benchmarks import report
from benchmarks.compositors import START_SECONDS, Compositor, StartError
from benchmarks.run import chosen_compositors

#: wl_display (object 1), request sync (opcode 0), 12 bytes, new id 2.
SYNC = struct.pack("=IHHI", 1, 0, 12, 2)


def first_answer(runtime_dir: Path, still_alive: Callable[[], bool]) -> None:
    """Return once a compositor in ``runtime_dir`` has answered a wl_display.sync."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and still_alive():
        for path in runtime_dir.glob("wayland-*"):
            if path.suffix:
                continue
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(START_SECONDS)
                try:
                    client.connect(str(path))
                    client.sendall(SYNC)
                    answer = client.recv(4096)
                except (ConnectionRefusedError, FileNotFoundError):
                    continue  # bound, and not listening yet
                if struct.unpack_from("=IH", answer) == (2, 0):
                    return
        time.sleep(0.001)
    raise StartError("no answer to wl_display.sync")


def startup_ms(compositor: Compositor) -> float:
    """One start of ``compositor``, ms."""
    started = time.monotonic_ns()
    with compositor.spawn() as (process, runtime_dir):
        first_answer(runtime_dir, lambda: process.poll() is None)
        return (time.monotonic_ns() - started) / 1e6


def command_ms(command: Sequence[str]) -> float:
    """One run of ``command`` to its end, ms."""
    started = time.monotonic_ns()
    subprocess.run(command, check=True)
    return (time.monotonic_ns() - started) / 1e6


def measure(compositors: Sequence[Compositor], runs: int) -> dict[str, float]:
    """Median start of each compositor and of Python with and without numpy, ms; all take turns.

    The first start of each is not counted: it reads from disk and compiles what the others find ready.
    """
    subjects: dict[str, Callable[[], float]] = {
        "python -c pass": lambda: command_ms([sys.executable, "-c", "pass"]),
        'python -c "import numpy"': lambda: command_ms([sys.executable, "-c", "import numpy"]),
    }
    for compositor in compositors:
        subjects[compositor.name] = lambda compositor=compositor: startup_ms(compositor)  # type: ignore[misc]
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for run in range(runs + 1):
        for name, once in subjects.items():
            ms = once()
            if run:
                times[name].append(ms)
    return {name: median(values) for name, values in times.items()}


def rows(startup: dict[str, float]) -> tuple[list[str], list[list[str]]]:
    return ["from exec to the first answer", "ms"], [[name, f"{ms:.0f}"] for name, ms in startup.items()]


def main(arguments: Sequence[str] | None = None) -> int:
    command_line = argparse.ArgumentParser(
        prog="python -m benchmarks.startup",
        description="Time from exec to the first answered wl_display.sync.",
        epilog="example:\n  python -m benchmarks.startup --runs 20 --compositors weddell",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command_line.add_argument("--runs", type=int, default=10, help="the median is shown (default 10)")
    command_line.add_argument("--compositors", metavar="NAMES", help="default: all installed")
    options = command_line.parse_args(arguments)
    try:
        compositors = chosen_compositors(options.compositors)
    except ValueError as error:
        command_line.error(str(error))
    print(report.table(*rows(measure(compositors, options.runs))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
