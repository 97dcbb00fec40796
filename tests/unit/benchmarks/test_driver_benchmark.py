"""The benchmark of the driver: its table, its page, and the count of what was repeated."""

from __future__ import annotations

import pytest

from benchmarks import driver, flakes

SAVED = {
    "machine": {"cpus": 2, "cpu": "a processor", "kernel": "6.1", "python": "3.11.2"},
    "times": 15,
    "load": 0.2,
    "results": {
        "Weddell": {"ready": 301.4, "picture": 6.44, "key": 12.0, "click_frames": 1.0},
        "Sway, grim, wtype": {"ready": 99.7, "picture": 45.0, "key": 80.0, "click_frames": None},
        "Xvfb, xwd, xdotool": "not installed: xwd",
    },
}


def test_a_row_has_what_was_measured_or_why_it_was_not() -> None:
    headings, rows = driver.rows(SAVED["results"])  # type: ignore[arg-type]
    assert ["Weddell", "301 ms", "6.4 ms", "12.0 ms", "1"] == rows[0]
    assert ["Sway, grim, wtype", "99.7 ms", "45.0 ms", "80.0 ms", "–"] == rows[1]
    assert "Xvfb, xwd, xdotool (not installed: xwd)" == rows[2][0]
    assert {len(headings)} == {len(row) for row in rows}


def test_the_page_says_on_what_it_was_measured_and_with_which_command() -> None:
    page = driver.text(SAVED)
    assert "2 processors (a processor), Linux 6.1, Python 3.11.2; medians of 15" in page
    assert "`python -m benchmarks.driver --write-docs`" in page
    assert "| Weddell | 301 ms |" in page
    assert "read the ratios" not in page
    assert "read the ratios" in driver.text({**SAVED, "load": 7.5})


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for module, name in ((driver, "driver"), (flakes, "flakes")):
        with pytest.raises(SystemExit):
            module.main(["--help"])
        assert f"python -m benchmarks.{name} --" in capsys.readouterr().out


def test_the_tests_of_a_run_are_counted() -> None:
    assert {"passed": 29, "skipped": 2} == flakes.Run(0, "...\n29 passed, 2 skipped in 70.5s", 70).counts
    assert {} == flakes.Run(None, "", 0).counts
