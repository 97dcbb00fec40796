"""What it costs to copy a picture, by how it is done: ``python -m benchmarks.rows``.

A compositor wakes up, and copies what a client has just drawn: 8 MB that lie in two thousand pages. What that
waits for is not the memory alone but where each page is, and rows that are copied side by side have theirs
looked up at once (`compositor/render/kernels.h`).
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Sequence

from benchmarks import report, toolchain


def measure(runs: int) -> dict[int, int]:
    """Median µs of copying 1920×1080 pixels, by the rows that are copied side by side; 0 is memcpy."""
    command = [str(toolchain.program("rows")), str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {int(rows): int(us) for rows, us in json.loads(done.stdout).items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table."""
    command_line = argparse.ArgumentParser(
        prog="python -m benchmarks.rows",
        description="Time to copy a picture of 1920×1080 after a sleep, by the rows copied side by side.",
        epilog="example:\n  python -m benchmarks.rows --runs 100",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command_line.add_argument("--runs", type=int, default=60, help="medians are shown (default 60)")
    found = measure(command_line.parse_args(arguments).runs)
    rows = [
        [
            "memcpy" if not count else f"past the caches, rows at once: {count}",
            f"{us}",
            f"{us / found[1]:.2f}",
        ]
        for count, us in found.items()
    ]
    print(report.table(["1920×1080", "µs", "÷ one row"], rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
