"""The main job at length: many clients that resize themselves at every frame, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from compositor.locate import clients_dir
from compositor.testing import Compositor

RESIZERS = 12


def descriptors(pid: int) -> int:
    """How many descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def mappings(pid: int) -> int:
    """How many mappings of clients' memory a process has."""
    return Path(f"/proc/{pid}/maps").read_text().count("memfd:")


def resident_kib(pid: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def run_resizers(compositor: Compositor, frames: int) -> list[dict[str, object]]:
    """Run the resizers for so many frames each; return what they report."""
    program = str(clients_dir() / "resizer.py")
    apps = [
        compositor.launch([sys.executable, program, "--frames", str(frames), "--seed", str(n), "--json"])
        for n in range(RESIZERS)
    ]
    reports = []
    for app in apps:
        assert 0 == app.wait(timeout_s=400), app.output
        reports.append(json.loads(app.output))
    compositor.wait_until(("window",), lambda: not compositor.window_infos(), 10, lambda: "windows stay")
    return reports


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_twelve_resizers_at_every_frame_leave_nothing_behind(compositor: Compositor) -> None:
    pid = compositor.pid
    # The first round brings in what draws and serves; what a later one adds would be a leak.
    run_resizers(compositor, 120)
    compositor.wait_idle()
    before = descriptors(pid), mappings(pid), resident_kib(pid)
    started = time.monotonic()
    reports = run_resizers(compositor, 1200)
    seconds = time.monotonic() - started
    compositor.wait_idle()
    after = descriptors(pid), mappings(pid), resident_kib(pid)
    print(f"{RESIZERS} resizers, 1200 frames each in {seconds:.1f} s; before {before}, after {after}")
    assert all(report["frames"] == 1200 for report in reports), reports
    assert before[:2] == after[:2]
    assert after[2] - before[2] < 24 * 1024
    log = compositor.log
    assert "bug:" not in log
    assert "protocol error" not in log


def test_a_running_compositor_has_the_default_action_for_sigbus(compositor: Compositor) -> None:
    caught = 0
    for line in Path(f"/proc/{compositor.pid}/status").read_text().splitlines():
        if line.startswith(("SigCgt:", "SigIgn:")):
            caught |= int(line.split()[1], 16)
    assert 0 == caught >> (signal.SIGBUS - 1) & 1


def test_an_idle_compositor_never_wakes_up(compositor: Compositor) -> None:
    status = Path(f"/proc/{compositor.pid}/status")

    def switches() -> int:
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))

    compositor.wait_idle()
    before = -1
    while before != switches():
        # It answers, and imports in idle moments what clients will ask for, before it goes to sleep.
        before = switches()
        time.sleep(0.3)
    # Nothing to wait for: that nothing happens is what is looked at.
    time.sleep(5)
    assert before == switches()
