"""Run WLCS, the Wayland conformance suite, and say what came of it, suite by suite.

``make conformance`` calls it. The tests are dealt to a few runners of the suite; one that hangs or dies
loses only the test it was at. What fails must stand in ``expected_failures.md`` and what stands there must
fail, otherwise the exit status is 1; it is 2 if the suite cannot be run. A compositor that logs a bug, or
does not end with status 0, fails the test it ran for.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
MODULE = ROOT / "build" / "wlcs" / "weddell.so"
RUNNER = str(next(Path("/usr/lib").glob("*/wlcs/wlcs"), "/usr/libexec/wlcs/wlcs"))
EXPECTED = FOLDER / "expected_failures.md"
# Tests that a runner is given at once: each runner imports the compositor anew, once.
CHUNK = 60
FIRST_RELEASE = "1.5.0"
LATER = "later"

EXAMPLES = """\
examples:
  make conformance
  make conformance WLCS_ARGS="--filter 'XdgPopup*' --output build/wlcs/failures.txt"
  python tests/wlcs/conformance.py --json --output failures.txt > result.json
  python tests/wlcs/conformance.py --runner ~/wlcs/build/wlcs      a newer release, built by hand
"""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_STARTED = re.compile(r"^\[ RUN +\] (\S+)")
_ENDED = re.compile(r"^\[ +(OK|FAILED|SKIP|SKIPPED) +\] ([^ ,]+).* \((\d+) ?ms\)$")
_LISTED = re.compile(r"^- `([^`]+)`(?: \(only (\S+)\))?$")


class Outcome(Enum):
    """What came of a test."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


_OUTCOMES = {
    "OK": Outcome.PASSED,
    "FAILED": Outcome.FAILED,
    "SKIP": Outcome.SKIPPED,
    "SKIPPED": Outcome.SKIPPED,
}


@dataclass(slots=True)
class Result:
    """One test.

    Attributes:
        name: as gtest has it, suite and test.
        output: what it printed, and the compositor.
        ms: how long it took, milliseconds.
    """

    name: str
    outcome: Outcome
    output: list[str] = field(default_factory=list)
    ms: int = 0

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


def run_some(
    runner: str, names: Sequence[str], timeout_s: float, done: Callable[[Result], None]
) -> list[Result]:
    """Run tests in one process until it is through, dead or killed; return what was run."""
    command = [runner, str(MODULE), "--gtest_filter=" + ":".join(names)]
    results: list[Result] = []

    def note(result: Result) -> None:
        results.append(result)
        done(result)

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
                outcome = _OUTCOMES[ended[1]]
                if any("bug: " in text for text in output):
                    outcome = Outcome.FAILED
                note(Result(name, outcome, output, int(ended[3])))
                name = ""
            elif name:
                output.append(line)
    if name:
        output.append(f"the suite ended with {process.returncode} in this test")
        note(Result(name, Outcome.FAILED, output))
    return results


def run_all(
    runner: str, names: list[str], jobs: int, timeout_s: float, done: Callable[[Result], None]
) -> list[Result]:
    """Run tests in several processes; returns their results in the order of `names`.

    Args:
        runner: the suite's program.
        names: of the tests.
        jobs: how many run at once.
        timeout_s: a runner that prints nothing for so long is killed.
        done: called with each result as it comes, by several threads.
    """
    queue: SimpleQueue[list[str]] = SimpleQueue()
    chunk = max(1, min(CHUNK, -(-len(names) // jobs)))
    for start in range(0, len(names), chunk):
        queue.put(names[start : start + chunk])
    results: dict[str, Result] = {}

    def work() -> None:
        while True:
            try:
                waiting = queue.get_nowait()
            except Empty:
                return
            while waiting:
                some = run_some(runner, waiting, timeout_s, done)
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


class Progress:
    """Says on standard error how far the tests are: in one line on a terminal, else now and then."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.count = self.failed = 0
        self._lock = threading.Lock()
        self._live = sys.stderr.isatty()

    def __call__(self, result: Result) -> None:
        """Count one more."""
        with self._lock:
            self.count += 1
            self.failed += result.outcome is Outcome.FAILED
            end = self.count == self.total
            text = f"{self.count} of {self.total} tests, {self.failed} failed"
            if self._live:
                print(f"\r{text}", end="\n" if end else "", file=sys.stderr, flush=True)
            elif end or self.count % 100 == 0:
                print(text, file=sys.stderr, flush=True)


def release_of(names: Sequence[str]) -> str:
    """Return which of the releases that the list tells apart has these tests: 1.5.0, or a later one."""
    return LATER if any(name.startswith(("KeyboardTest.", "ShmTest.")) for name in names) else FIRST_RELEASE


def expected_failures(release: str, path: Path = EXPECTED) -> set[str]:
    """Return the tests that stand in the list for a release."""
    matches = (_LISTED.match(line) for line in path.read_text().splitlines())
    return {match[1] for match in matches if match and match[2] in (None, release)}


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


def as_json(results: Sequence[Result], problems: Sequence[str], seconds: float) -> str:
    """Return everything for scripts."""
    total = Counter(result.outcome.value for result in results)
    return json.dumps(
        {
            "tests": [
                {"name": result.name, "suite": result.suite, "outcome": result.outcome.value, "ms": result.ms}
                for result in results
            ],
            "total": {outcome.value: total[outcome.value] for outcome in Outcome},
            "problems": list(problems),
            "seconds": round(seconds, 1),
        },
        indent=2,
    )


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    made = argparse.ArgumentParser(
        prog="conformance.py",
        description="Run the Wayland conformance suite against Weddell.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("--filter", default="*", help="which tests, as gtest has it (default: all)")
    add("--jobs", type=int, default=2, help="how many run at once (default: 2)")
    add("--timeout", type=float, default=60, metavar="S", help="of one test (default: 60)")
    add("--runner", default=RUNNER, help=f"of another release (default: {RUNNER})")
    add("--output", type=Path, metavar="FILE", help="write what failing tests print there")
    add("--json", action="store_true", help="print every test and what came of it, for scripts")
    return made


def main() -> int:
    """Run what the command line asks for."""
    options = parser().parse_args()
    for needed, how in ((options.runner, "apt-get install wlcs"), (MODULE, "make -C tests/wlcs")):
        if not Path(needed).exists():
            print(f"{needed} is missing ({how})", file=sys.stderr)
            return 2
    started = time.monotonic()
    every = list_tests(options.runner, "*")
    names = every if options.filter == "*" else list_tests(options.runner, options.filter)
    if not names:
        print(f"no test is called {options.filter}", file=sys.stderr)
        return 2
    results = run_all(options.runner, names, max(1, options.jobs), options.timeout, Progress(len(names)))
    seconds = time.monotonic() - started
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    if options.output:
        texts = ["\n".join((f"== {result.name}", *result.output, "")) for result in failed]
        options.output.write_text("\n".join(texts))
    problems = judge(results, expected_failures(release_of(every)))
    if options.json:
        print(as_json(results, problems, seconds))
        return 1 if problems else 0
    print(table(results))
    print(f"\n{len(results)} tests in {seconds:.0f} s")
    if failed:
        print("\nfailed:")
        print("\n".join(f"  {result.name}" for result in failed))
    print("\n" + "\n".join(problems) if problems else "\nas expected")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
