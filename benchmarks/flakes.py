"""How often the example suite fails when it is repeated in parallel: it should be never.

    python -m benchmarks.flakes --runs 200 --workers 4

Prints each run that failed and a summary; the exit status is 1 if any did.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(number: int, paths: list[str], seconds: float) -> tuple[int, str, float]:
    """Run the suite once; returns its exit status, its last lines and the seconds it took."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="flakes-") as folder:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--weddell-keep=never"]
        command += [f"--weddell-timeout={seconds:g}", f"--basetemp={folder}/run{number}", *paths]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    tail = "\n".join(done.stdout.splitlines()[-6:])
    return done.returncode, tail, time.monotonic() - start


def main() -> int:
    """Repeat."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200, help="repetitions (default: 200)")
    parser.add_argument("--workers", type=int, default=4, help="at the same time (default: 4)")
    parser.add_argument("--timeout", type=float, default=60.0, help="of each wait, seconds (default: 60)")
    parser.add_argument("paths", nargs="*", default=["examples"], help="tests (default: examples)")
    options = parser.parse_args()
    start = time.monotonic()
    failed = 0
    with ThreadPoolExecutor(options.workers) as pool:
        jobs = [pool.submit(run, n, options.paths, options.timeout) for n in range(options.runs)]
        for done, job in enumerate(as_completed(jobs), 1):
            status, tail, seconds = job.result()
            if status:
                failed += 1
                print(f"run failed with status {status} after {seconds:.0f} s:\n{tail}", flush=True)
            elif sys.stderr.isatty():
                print(f"\r{done} of {options.runs}, {failed} failed", end="", file=sys.stderr)
    spent = time.monotonic() - start
    print(f"{options.runs} runs, {options.workers} at a time, {failed} failed, {spent:.0f} s in all")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
