"""What a compositor costs while nothing happens: ``python -m benchmarks.idle``.

One 1920×1080 output and no client: wake-ups and CPU time within a few seconds, and memory. Idle should
mean no wake-up at all.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import process, report
from benchmarks.compositors import Compositor
from benchmarks.run import chosen_compositors

#: Fades and first frames are over by then.
SETTLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Idle:
    """One compositor without clients."""

    compositor: str
    seconds: float
    wakeups: int
    cpu_ms: float
    rss_kib: int
    private_kib: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(compositor: Compositor, seconds: float = 5.0) -> Idle:
    """Start ``compositor``, let it settle, and watch it for ``seconds``."""
    with compositor.running() as running:
        time.sleep(SETTLE_SECONDS)
        before = process.sample(running.pid)
        time.sleep(seconds)
        after = process.sample(running.pid)
        return Idle(
            compositor.name,
            seconds,
            after.voluntary_switches - before.voluntary_switches,
            (after.cpu_ns - before.cpu_ns) / 1e6,
            after.rss_kib,
            process.private_kib(running.pid),
        )


def rows(found: Sequence[Idle]) -> tuple[list[str], list[list[str]]]:
    headings = ["idle, one 1920×1080 output", "wake-ups", "CPU ms", "resident MiB", "private MiB"]
    return headings, [
        [
            f"{idle.compositor} ({idle.seconds:g} s)",
            str(idle.wakeups),
            f"{idle.cpu_ms:.1f}",
            f"{idle.rss_kib / 1024:.0f}",
            f"{idle.private_kib / 1024:.0f}",
        ]
        for idle in found
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    command_line = argparse.ArgumentParser(
        prog="python -m benchmarks.idle",
        description="Wake-ups, CPU time and memory without clients.",
        epilog="example:\n  python -m benchmarks.idle --seconds 30 --compositors weddell,sway",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command_line.add_argument("--seconds", type=float, default=5.0, help="how long to watch (default 5)")
    command_line.add_argument("--compositors", metavar="NAMES", help="default: all installed")
    options = command_line.parse_args(arguments)
    try:
        compositors = chosen_compositors(options.compositors)
    except ValueError as error:
        command_line.error(str(error))
    print(report.table(*rows([measure(compositor, options.seconds) for compositor in compositors])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
