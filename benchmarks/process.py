"""What the kernel says about a process: CPU time, wake-ups, memory.

CPU time is the sum over the threads of the first field of ``/proc/PID/task/TID/schedstat``: nanoseconds
on a CPU, user and system together, where ``/proc/PID/stat`` counts ticks of 10 ms. Threads that ended
between two samples are missing from the second; the compositors measured here end none while a load runs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process (all its threads, none of its children)."""

    at_ns: int
    cpu_ns: int
    #: How often a thread gave up the CPU to wait: one for every wake-up that was needed.
    voluntary_switches: int
    rss_kib: int


def sample(pid: int) -> Sample:
    """Look at process ``pid`` now. Raises FileNotFoundError or ProcessLookupError when it is gone."""
    cpu_ns = 0
    switches = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            cpu_ns += int((task / "schedstat").read_text().split()[0])
            switches += _field(task / "status", "voluntary_ctxt_switches")
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread that ended while we looked
    rss_kib = _field(Path(f"/proc/{pid}/status"), "VmRSS")
    return Sample(time.monotonic_ns(), cpu_ns, switches, rss_kib)


def peak_rss_kib(pid: int) -> int:
    """The most resident memory process ``pid`` ever had, KiB (proc(5), VmHWM)."""
    return _field(Path(f"/proc/{pid}/status"), "VmHWM")


def private_kib(pid: int) -> int:
    """Memory that would be free again if ``pid`` alone ended, KiB: its own, no shared library's."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    return _field(rollup, "Private_Clean") + _field(rollup, "Private_Dirty")


def proportional_kib(pid: int) -> int:
    """Resident memory with what is shared divided among those who share it, KiB (proc(5), Pss)."""
    return _field(Path(f"/proc/{pid}/smaps_rollup"), "Pss")


def _field(path: Path, name: str) -> int:
    prefix = name + ":"
    for line in path.read_text().splitlines():
        if line.startswith(prefix):
            return int(line[len(prefix) :].split()[0])
    return 0
