"""The soak: a short one on a real compositor, and what it would notice."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.soak import Sample, differences

ROOT = Path(__file__).resolve().parents[3]
FIRST = Sample("before", 1000, 50.0, 30.0, 13, 260, 1, 0, 0, 1400, {"compositor.timers.Timer": 1})


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_soak_leaves_the_compositor_as_it_was() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", "--commits", "20000", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert [] == result["faults"]
    assert 20_000 <= result["commits"]
    clients = result["clients"]
    assert 0 < min(clients.values()), clients
    assert {0} < {sample["clients"] for sample in result["samples"]}


def test_what_has_stayed_the_same_is_no_difference() -> None:
    busy = replace(FIRST, when="round 1", descriptors=99, clients=40, resources=500)
    assert [] == differences([FIRST, busy, replace(FIRST, when="after", rss_mib=52.0, mappings=270)])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"descriptors": 14}, "14 descriptors, 13 before"),
        ({"memfd_mappings": 2}, "2 mappings of memfds"),
        ({"mappings": 300}, "300 mappings, 260 before"),
        ({"resources": 1}, "1 protocol objects"),
        ({"rss_mib": 57.0}, "RSS has grown by 7.0 MiB"),
        ({"pss_mib": 37.5}, "PSS has grown by 7.5 MiB"),
        ({"own": {"compositor.timers.Timer": 2}}, "2 objects of compositor.timers.Timer, 1 before"),
        (
            {"own": {"compositor.wire.client.Client": 1}},
            "1 objects of compositor.wire.client.Client, 0 before",
        ),
    ],
)
def test_what_has_not_is_named(change: dict[str, object], said: str) -> None:
    later = replace(FIRST, when="after", **change)  # type: ignore[arg-type]
    assert [f"after: {said}"] == differences([FIRST, later])
