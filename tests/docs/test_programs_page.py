"""docs/programs.md: what a run of the tests makes of what they told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.program_page import NOT_RECORDED, ProgramPage, recorded_programs
from support.unsupported import UNSUPPORTED

DOCS = Path(__file__).resolve().parents[2] / "docs"


def report(name: str, when: str, outcome: str, *properties: tuple[str, Any]) -> pytest.TestReport:
    return pytest.TestReport(
        f"tests/programs/test_x.py::{name}",
        ("tests/programs/test_x.py", 1, name),
        {},
        outcome,  # type: ignore[arg-type]
        None,
        when,  # type: ignore[arg-type]
        user_properties=list(properties),
    )


def test_a_row_holds_what_the_tests_and_the_compositor_said(tmp_path: Path) -> None:
    page, data = tmp_path / "page.md", tmp_path / "page.json"
    plugin = ProgramPage(str(page), str(data))
    need = ("program", ("krill", "krill-utils"))
    helper = ("program", ("gdbus", "libglib2.0-bin"))
    client = {"program": "krill", "globals": {"wl_shm": 1}, "verdicts": {"sealed": 2}}
    newer = {"program": "krill", "globals": {"wl_shm": 2, "wl_seat": 5}, "verdicts": {"copy": 1}}
    plugin.pytest_runtest_logreport(report("test_it_swims[a]", "call", "passed", need, helper))
    plugin.pytest_runtest_logreport(
        report("test_it_swims[a]", "teardown", "passed", need, helper, ("client", client), ("client", newer))
    )
    plugin.pytest_runtest_logreport(report("test_it_dives", "call", "failed", need))
    plugin.pytest_sessionfinish()
    text = page.read_text("utf-8")
    assert "| `krill` | krill-utils | sealed, copied | failed | it swims |" in text
    assert "| `krill` | wl\\_seat 5, wl\\_shm 2 |" in text
    assert "0 of 1 programs passed everything" in text
    assert "gdbus" not in text
    assert "| `krill` | nobody has said yet |" in text
    [row] = json.loads(data.read_text("utf-8"))
    assert {"sealed": 2, "copy": 1} == row["verdicts"]
    assert {"passed", "failed"} == set(row["tests"].values())


def test_the_page_in_the_repository_is_of_a_run_in_which_everything_passed() -> None:
    text = (DOCS / "programs.md").read_text("utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    results = {row[0].strip("| `"): row[3] for row in rows if len(row) == 5}
    assert len(results) > 60
    assert {"passed"} == set(results.values())
    assert set(results) == recorded_programs() ^ set(NOT_RECORDED)
    for name, why in NOT_RECORDED.items():
        assert f"| `{name}` | {why} |" in text
    for program in UNSUPPORTED:
        assert f"| `{program.name}` | {program.why} |" in text
