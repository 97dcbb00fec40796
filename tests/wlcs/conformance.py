"""Run WLCS, the Wayland conformance suite, and say what came of it, suite by suite.

``make conformance`` calls it. The tests are dealt to a few runners of the suite; one that hangs or dies
loses only the test it was at. What fails must stand in ``expected_failures.md`` and what stands there must
fail, otherwise the exit status is 1. A compositor that logs a bug, or does not end with status 0, fails
the test it ran for.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
MODULE = ROOT / "build" / "wlcs" / "weddell.so"
RUNNER = "/usr/lib/x86_64-linux-gnu/wlcs/wlcs"
EXPECTED = FOLDER / "expected_failures.md"
CHUNK = 25

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_STARTED = re.compile(r"^\[ RUN +\] (\S+)")
_ENDED = re.compile(r"^\[ +(OK|FAILED|SKIP) +\] ([^ ,]+).* \(\d+ ?ms\)$")
_LISTED = re.compile(r"^\s*(?:[-*]|\|)\s*`([^`]+)`")


class Outcome(Enum):
    """What came of a test."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(slots=True)
class Result:
    """One test.

    Attributes:
        name: as gtest has it, suite and test.
        output: what it printed, and the compositor.
    """

    name: str
    outcome: Outcome
    output: list[str] = field(default_factory=list)

    @property
    def suite(self) -> str:
        return self.name.partition(".")[0]


def list_tests(runner: str, pattern: str) -> list[str]:
    """Return the names of all tests, without those that the suite itself has disabled."""
    command = [runner, str(MODULE), "--gtest_list_tests", f"--gtest_filter={pattern}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = []
    suite = ""
    for line in text.splitlines():
        word = line.split("#")[0].strip()
        if not line.startswith(" "):
            suite = word
        elif "DISABLED_" not in suite + word:
            names.append(suite + word)
    return names


def _lines(process: subprocess.Popen[str], timeout_s: float) -> Iterator[str]:
    """Yield what a process prints; kill it when it is silent for too long."""
    timer: threading.Timer | None = None
    assert process.stdout is not None
    try:
        while True:
            timer = threading.Timer(timeout_s, process.kill)
            timer.start()
            line = process.stdout.readline()
            timer.cancel()
            if not line:
                return
            yield _COLOUR.sub("", line.rstrip("\n"))
    finally:
        if timer is not None:
            timer.cancel()


def run_some(runner: str, names: Sequence[str], timeout_s: float) -> list[Result]:
    """Run tests in one process until it is through, dead or killed; return what was run."""
    command = [runner, str(MODULE), "--gtest_filter=" + ":".join(names)]
    results: list[Result] = []
    name = ""
    output: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in _lines(process, timeout_s):
            started = _STARTED.match(line)
            ended = _ENDED.match(line)
            if started:
                name, output = started[1], []
            elif ended and ended[2] == name:
                outcome = {"OK": Outcome.PASSED, "SKIP": Outcome.SKIPPED}.get(ended[1], Outcome.FAILED)
                if any("bug: " in text for text in output):
                    outcome = Outcome.FAILED
                results.append(Result(name, outcome, output))
                name = ""
            elif name:
                output.append(line)
    if name:
        output.append(f"the suite ended with {process.returncode} in this test")
        results.append(Result(name, Outcome.FAILED, output))
    return results


def run_all(runner: str, names: list[str], jobs: int, timeout_s: float) -> list[Result]:
    """Run tests in several processes; returns their results in the order of `names`."""
    queue: SimpleQueue[list[str]] = SimpleQueue()
    for start in range(0, len(names), CHUNK):
        queue.put(names[start : start + CHUNK])
    results: dict[str, Result] = {}

    def work() -> None:
        while True:
            try:
                waiting = queue.get_nowait()
            except Empty:
                return
            while waiting:
                some = run_some(runner, waiting, timeout_s)
                results.update((result.name, result) for result in some)
                if not some:
                    results[waiting[0]] = Result(waiting[0], Outcome.FAILED, ["it never began"])
                waiting = [name for name in waiting if name not in results]

    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[name] for name in names]


def expected_failures(path: Path = EXPECTED) -> set[str]:
    """Return the tests that stand in the list."""
    return {match[1] for line in path.read_text().splitlines() if (match := _LISTED.match(line))}


def table(results: Sequence[Result]) -> str:
    """Count outcomes per suite."""
    counts: dict[str, Counter[Outcome]] = {}
    for result in results:
        counts.setdefault(result.suite, Counter())[result.outcome] += 1
    total: Counter[Outcome] = Counter(result.outcome for result in results)
    width = max(map(len, counts), default=5)
    lines = [f"{'suite':<{width}}  " + "  ".join(f"{outcome.value:>7}" for outcome in Outcome)]
    for suite, counter in [*sorted(counts.items()), ("all", total)]:
        lines.append(
            f"{suite:<{width}}  " + "  ".join(f"{counter[outcome] or '-':>7}" for outcome in Outcome)
        )
    return "\n".join(lines)


def judge(results: Sequence[Result], expected: set[str]) -> list[str]:
    """Return what is not as it should be: new failures, and listed ones that are none any more."""
    failed = {result.name for result in results if result.outcome is Outcome.FAILED}
    known = {result.name for result in results}
    unexpected = [f"FAILED, and not in the list: {name}" for name in sorted(failed - expected)]
    gone = [f"in the list, but did not fail: {name}" for name in sorted((expected & known) - failed)]
    return unexpected + gone


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Run the Wayland conformance suite against Weddell.")
    parser.add_argument("--filter", default="*", help="of the tests, as gtest has it")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once (default: 2)")
    parser.add_argument("--timeout", type=float, default=60, metavar="S", help="of one test (default: 60)")
    parser.add_argument("--runner", default=RUNNER, help=f"of another release (default: {RUNNER})")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write what failing tests print there")
    options = parser.parse_args()
    if not Path(options.runner).exists():
        print(f"{options.runner} is missing (apt-get install wlcs)", file=sys.stderr)
        return 2
    started = time.monotonic()
    names = list_tests(options.runner, options.filter)
    results = run_all(options.runner, names, options.jobs, options.timeout)
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    if options.output:
        texts = ["\n".join((f"== {result.name}", *result.output, "")) for result in failed]
        options.output.write_text("\n".join(texts))
    print(table(results))
    print(f"\n{len(results)} tests in {time.monotonic() - started:.0f} s")
    if failed:
        print("\nfailed:")
        print("\n".join(f"  {result.name}" for result in failed))
    problems = judge(results, expected_failures())
    print("\n" + "\n".join(problems) if problems else "\nas expected")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
