"""How often the example suite fails when it is repeated in parallel: it should be never.

    python -m benchmarks.flakes                          200 times, 4 at a time
    python -m benchmarks.flakes --runs 20 --workers 8 tests/testing
    python -m benchmarks.flakes --minutes 30 --json      what can be done in half an hour

Prints each run that failed as it fails, and a summary; the exit status is 1 if any did.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_TAIL_LINES = 40
_COUNTED = re.compile(r"(\d+) (passed|failed|skipped|error)")


@dataclass(slots=True)
class Run:
    """One repetition.

    Attributes:
        status: exit status of pytest, or None if it was not begun for want of time.
        tail: the end of what it printed.
        seconds: it took.
    """

    status: int | None
    tail: str
    seconds: float

    @property
    def counts(self) -> dict[str, int]:
        """How many tests passed, failed, were skipped."""
        last = self.tail.splitlines()[-1] if self.tail else ""
        return {name: int(number) for number, name in _COUNTED.findall(last)}


def run(paths: list[str], timeout_s: float, until: float) -> Run:
    """Run the suite once, unless the time is up."""
    start = time.monotonic()
    if start > until:
        return Run(None, "", 0.0)
    with tempfile.TemporaryDirectory(prefix="flakes-") as folder:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--weddell-keep=never"]
        command += [f"--weddell-timeout={timeout_s:g}", f"--basetemp={folder}/run", *paths]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    tail = "\n".join(done.stdout.splitlines()[-_TAIL_LINES:])
    return Run(done.returncode, tail, time.monotonic() - start)


def main(arguments: list[str] | None = None) -> int:
    """Repeat."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.flakes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=200, metavar="N", help="repetitions (default: 200)")
    parser.add_argument("--workers", type=int, default=4, metavar="N", help="at a time (default: 4)")
    parser.add_argument(
        "--timeout", type=float, default=60.0, metavar="S", help="of each wait (default: 60 s)"
    )
    parser.add_argument("--minutes", type=float, metavar="M", help="begin no run after so long")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("paths", nargs="*", default=["examples"], help="tests (default: examples)")
    options = parser.parse_args(arguments)
    start = time.monotonic()
    until = start + 60 * options.minutes if options.minutes else float("inf")
    runs: list[Run] = []
    with ThreadPoolExecutor(options.workers) as pool:
        jobs = [pool.submit(run, options.paths, options.timeout, until) for _ in range(options.runs)]
        for job in as_completed(jobs):
            one = job.result()
            if one.status is None:
                continue
            runs.append(one)
            if one.status:
                print(f"a run failed after {one.seconds:.0f} s:\n{one.tail}\n", file=sys.stderr, flush=True)
            failed = sum(bool(each.status) for each in runs)
            end = "" if sys.stderr.isatty() else "\n"
            head = "\r" if sys.stderr.isatty() else ""
            said = f"{head}{len(runs)} of {options.runs} runs, {failed} failed"
            print(said, end=end, file=sys.stderr, flush=True)
    found = {
        "runs": len(runs),
        "failed": sum(bool(each.status) for each in runs),
        "tests": sum(each.counts.get("passed", 0) for each in runs),
        "skipped": sum(each.counts.get("skipped", 0) for each in runs),
        "at_a_time": options.workers,
        "seconds": round(time.monotonic() - start),
        "load": os.getloadavg()[1],
    }
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print(
            f"{found['runs']} runs, {found['at_a_time']} at a time, {found['failed']} failed; "
            f"{found['tests']} tests passed, {found['skipped']} skipped, {found['seconds']} s in all"
        )
    return 1 if found["failed"] or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
