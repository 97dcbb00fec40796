"""Whether the compositor is the same after a million commits as before: ``python -m benchmarks.soak``.

Forty clients at a time, in several processes, come, commit, resize, go and crash (`benchmarks.soak_load`),
and whole processes are killed. Now and then everybody is made to leave, and what the compositor still holds
is compared with what it held the first time: descriptors, mappings, protocol objects and objects of its own
must be the same, and memory must not have grown. Pictures are taken meanwhile, so that it has drawn.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import process
from benchmarks.soak_load import Board, Count, run
from compositor.testing import Compositor

PROCESSES = 4
#: Times that everybody leaves, the warm-up not counted.
ROUNDS = 10
#: The share of the commits that goes before the first measurement: caches fill, the allocator finds its size.
WARM_UP = 0.1
#: What memory may differ by between two rests, whatever was done in between, MiB.
MEMORY_MIB = 6.0
#: What the count of mappings may differ by: the C library's allocator takes and gives back its own.
MAPPINGS = 24
#: What outlives a client on purpose, within bounds: a process that took too much of everybody's time owes it.
KEPT = {"compositor.service.Share"}
PATIENCE_S = 120.0
SETTLE_S = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the compositor held."""

    when: str
    commits: int
    rss_mib: float
    pss_mib: float
    descriptors: int
    mappings: int
    #: Of them, those of memfds: clients' pools, the output's picture, the keymap.
    memfd_mappings: int
    clients: int
    #: Protocol objects of all clients.
    resources: int
    #: Python objects that the garbage collector knows, and those of the compositor's own classes.
    objects: int
    own: dict[str, int] = field(default_factory=dict)


class Soak:
    """One compositor and its clients.

    Args:
        commits: how many are to be served in all.
        clients: how many there are at a time.
        seed: of chance.
    """

    def __init__(self, commits: int, clients: int, seed: int) -> None:
        self.commits = commits
        self._chance = random.Random(seed)
        self._per_process = [clients // PROCESSES + (k < clients % PROCESSES) for k in range(PROCESSES)]
        self._board = Board(PROCESSES)
        self._compositor = Compositor(outputs=["1920x1080"], timeout_s=PATIENCE_S)
        self._pids = [0] * PROCESSES
        self.samples: list[Sample] = []
        self.killed = 0
        self.seconds = 0.0

    # The clients

    def _start(self, number: int) -> None:
        pid = os.fork()
        if pid == 0:
            try:
                seed = self._chance.randrange(1 << 30) + number
                run(self._compositor.socket, self._per_process[number], self._board, number, seed)
            except BaseException as error:
                print(f"soak: client process {number}: {error!r}", file=sys.stderr, flush=True)
            finally:
                os._exit(1)
        self._pids[number] = pid

    def _kill(self, number: int) -> None:
        os.kill(self._pids[number], signal.SIGKILL)
        os.waitpid(self._pids[number], 0)
        self._board.clear(number, Count.WORKING)

    def _check_alive(self) -> None:
        for number, pid in enumerate(self._pids):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self._pids[number] = 0
                raise SoakError(f"client process {number} ended by itself")

    # The rounds

    def run(self, tell: bool) -> None:
        """Serve all commits, and measure in between.

        Raises:
            SoakError: if it gets stuck.
        """
        self._wait_for_start()
        started = time.monotonic()
        for number in range(PROCESSES):
            self._start(number)
        goals = [WARM_UP + (1 - WARM_UP) * k / ROUNDS for k in range(ROUNDS + 1)]
        for k, goal in enumerate(goals):
            name = "before" if k == 0 else f"rest {k}" if k < ROUNDS else "after"
            self._round(round(goal * self.commits), k, tell)
            self._rest(name, tell)
        self.seconds = time.monotonic() - started

    def _wait_for_start(self) -> None:
        """Wait until the compositor has set aside what it started with: that is not counted."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._compositor.call("server.objects")["frozen"]:
            if time.monotonic() > deadline:
                raise SoakError("the compositor has not finished its start")
            time.sleep(0.02)

    def _round(self, goal: int, number: int, tell: bool) -> None:
        board = self._board
        begin = board.total(Count.COMMITS)
        board.open = True
        looked = killed = False
        last, deadline = -1, time.monotonic() + PATIENCE_S
        # A short round may be over before it was looked at: then it goes on until it has been.
        while (done := board.total(Count.COMMITS)) < goal or not (killed and looked):
            time.sleep(0.02)
            if done != last:
                last, deadline = done, time.monotonic() + PATIENCE_S
            elif time.monotonic() > deadline:
                raise SoakError(f"no commit was served for {PATIENCE_S:.0f} s")
            self._check_alive()
            if not killed and done > begin + (goal - begin) // 3:
                killed = True
                victim = number % PROCESSES
                self._kill(victim)
                self._start(victim)
                self.killed += self._per_process[victim]
            if not looked and done > begin + (goal - begin) * 2 // 3:
                looked = True
                self._compositor.screenshot()
                if number:
                    self._note(self._measure(f"round {number}"), tell)
        board.open = False
        self._wait_for_rest()

    def _wait_for_rest(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self._board.total(Count.WORKING) or self._compositor.call("server.info")["clients"]:
            if time.monotonic() > deadline:
                raise SoakError("clients did not leave")
            time.sleep(0.02)
        self._compositor.screenshot()

    # What is measured

    def _rest(self, when: str, tell: bool) -> None:
        """Measure with nobody there. What has to end by itself, such as a timer, gets the time for it."""
        deadline = time.monotonic() + SETTLE_S
        sample = self._measure(when)
        while self.samples and _more(sample, self.samples[0]) and time.monotonic() < deadline:
            time.sleep(0.2)
            sample = self._measure(when)
        self._note(sample, tell)

    def _note(self, sample: Sample, tell: bool) -> None:
        self.samples.append(sample)
        if tell:
            if len(self.samples) == 1:
                print(_row(_HEADINGS), flush=True)
            print(_row(_cells(sample)), flush=True)

    def _measure(self, when: str) -> Sample:
        compositor = self._compositor
        pid = compositor.pid
        clients = compositor.call("clients.list")
        known = compositor.call("server.objects")
        maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
        return Sample(
            when,
            self._board.total(Count.COMMITS),
            process.sample(pid).rss_kib / 1024,
            process.proportional_kib(pid) / 1024,
            len(os.listdir(f"/proc/{pid}/fd")),
            len(maps),
            sum("/memfd:" in line for line in maps),
            len(clients),
            sum(client["objects"] for client in clients),
            known["objects"],
            known["own"],
        )

    def faults(self) -> list[str]:
        """Return what has not stayed the same, and what has gone wrong."""
        found = differences(self.samples)
        if refused := self._board.total(Count.REFUSED):
            found.append(f"{refused} clients lost their connection")
        if bugs := self._compositor.call("server.info")["bugs"]:
            found.append(f"the compositor logged {bugs} bugs of its own")
        return found

    def summary(self) -> dict[str, Any]:
        """Return the figures for scripts."""
        total = self._board.total
        return {
            "commits": total(Count.COMMITS),
            "seconds": round(self.seconds, 1),
            "clients": {
                "came": total(Count.CAME),
                "left": total(Count.LEFT),
                "crashed": total(Count.CRASHED),
                "killed": self.killed,
            },
            "resizes": total(Count.RESIZED),
            "samples": [asdict(sample) for sample in self.samples],
        }

    def close(self) -> None:
        """End everybody."""
        for number, pid in enumerate(self._pids):
            if pid:
                self._kill(number)
        self._compositor.close()


def _more(sample: Sample, first: Sample) -> dict[str, tuple[int, int]]:
    """Return of which classes there are more objects than there were, and how many."""
    both = {name: (count, first.own.get(name, 0)) for name, count in sample.own.items() if name not in KEPT}
    return {name: counts for name, counts in both.items() if counts[0] > counts[1]}


def differences(samples: Sequence[Sample]) -> list[str]:
    """Return in what the compositor was another whenever nobody was there, compared with the first time."""
    first, *later = (sample for sample in samples if sample.clients == 0)
    found = []
    for sample in later:
        faults = []
        if sample.descriptors != first.descriptors:
            faults.append(f"{sample.descriptors} descriptors, {first.descriptors} before")
        if sample.memfd_mappings != first.memfd_mappings:
            faults.append(f"{sample.memfd_mappings} mappings of memfds")
        if sample.mappings > first.mappings + MAPPINGS:
            faults.append(f"{sample.mappings} mappings, {first.mappings} before")
        if sample.resources:
            faults.append(f"{sample.resources} protocol objects")
        for name, (now, then) in _more(sample, first).items():
            faults.append(f"{now} objects of {name}, {then} before")
        for name, grown in (("RSS", sample.rss_mib - first.rss_mib), ("PSS", sample.pss_mib - first.pss_mib)):
            if grown > MEMORY_MIB:
                faults.append(f"{name} has grown by {grown:.1f} MiB")
        found += [f"{sample.when}: {fault}" for fault in faults]
    return found


class SoakError(Exception):
    """The soak did not come to its end."""


_HEADINGS = [
    "when",
    "commits",
    "RSS MiB",
    "PSS MiB",
    "fds",
    "mappings",
    "memfds",
    "clients",
    "resources",
    "objects",
]


def _cells(sample: Sample) -> list[str]:
    return [
        sample.when,
        f"{sample.commits:,}",
        f"{sample.rss_mib:.1f}",
        f"{sample.pss_mib:.1f}",
        str(sample.descriptors),
        str(sample.mappings),
        str(sample.memfd_mappings),
        str(sample.clients),
        f"{sample.resources:,}",
        f"{sample.objects:,}",
    ]


def _row(cells: Sequence[str]) -> str:
    return f"{cells[0]:<10}" + "".join(f"{cell:>11}" for cell in cells[1:])


def main(arguments: Sequence[str] | None = None) -> int:
    command_line = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description="Memory, descriptors, mappings and objects, before, during and after many clients.",
        epilog="examples:\n  python -m benchmarks.soak\n  python -m benchmarks.soak --commits 20000 --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command_line.add_argument(
        "--commits", type=int, default=1_000_000, help="served in all (default 1,000,000)"
    )
    command_line.add_argument("--clients", type=int, default=40, help="at a time (default 40)")
    command_line.add_argument("--seed", type=int, default=1, help="of chance (default 1)")
    command_line.add_argument("--json", action="store_true", help="figures as JSON, nothing else")
    options = command_line.parse_args(arguments)
    if options.commits < 1000 or options.clients < PROCESSES:
        command_line.error(f"at least 1000 commits by {PROCESSES} clients")
    soak = Soak(options.commits, options.clients, options.seed)
    try:
        soak.run(tell=not options.json)
        faults = soak.faults()
        summary = soak.summary()
    except SoakError as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1
    finally:
        soak.close()
    if options.json:
        print(json.dumps(summary | {"faults": faults}))
    else:
        clients = ", ".join(f"{count:,} {what}" for what, count in summary["clients"].items())
        rate = summary["commits"] / summary["seconds"]
        print(f"\n{summary['commits']:,} commits in {summary['seconds']:.0f} s ({rate:,.0f} a second)")
        print(f"clients: {clients}; {summary['resizes']:,} resizes")
        print("\n".join(f"NOT FLAT: {fault}" for fault in faults) or "flat")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
