"""The page that is written from measurements."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from benchmarks import document
from benchmarks.measure import Measurement

SAVED = {
    "machine": {"cpu": "A CPU", "cpus": 2, "kernel": "6.1.0", "python": "3.11.7"},
    "versions": {"sway": "1.7", "weddell-drawing": "0.1.0"},
    "runs": 1,
    "seconds": 2.0,
    "startup": {"sway": 40.0},
    "idle": [
        {"compositor": "sway", "seconds": 5.0, "wakeups": 500, "cpu_ms": 20.0, "rss_kib": 1, "private_kib": 1}
    ],
    "messages": [
        {
            "surfaces": 50,
            "frames": 9,
            "total_us": 4.5,
            "requests_us": 4.0,
            "frame_us": 0.4,
            "send_us": 0.1,
            "draw": False,
        }
    ],
}


def measured() -> list[Measurement]:
    rest = {"unit": "frame", "seconds": 2.0, "units": 120, "cpu_share": 0.1, "missed": 0}
    rest |= {"latency_us": 16_000, "latency_p99_us": 17_000, "wakeups": 2.0, "rss_kib": 20_480}
    return [
        Measurement(compositor=name, load="fullscreen", run=1, cpu_us=cost, completeness=1.0, **rest)  # type: ignore[arg-type]
        for name, cost in (("sway", 200.0), ("weddell-drawing", 100.0))
    ]


def test_the_page_holds_the_numbers_and_the_command_that_makes_them(tmp_path: Path) -> None:
    document.write(SAVED, measured(), tmp_path)
    page = (tmp_path / "performance.md").read_text()
    assert "| 1 × 1920×1080 opaque, full damage | 0.100 | 0.200 | 0.50 |" in page
    assert "| 50 | 4.50 | 4.00 | 0.40 | 0.10 |" in page
    assert "python -m benchmarks --loads all --runs 1 --seconds 2 --write-docs" in page
    assert "2 processors (A CPU), Linux 6.1.0, Python 3.11.7" in page
    with Image.open(tmp_path / "performance.png") as chart:
        assert "PNG" == chart.format


def test_growth_is_left_out_when_it_was_not_measured(tmp_path: Path) -> None:
    assert "## Growth" not in document.text(SAVED, measured())
