"""docs/programs.md, written by a run of the tests: what each real program is, used and did.

`pytest tests/programs --programs-page docs/programs.md` writes it; `--programs-json FILE` writes the same for
scripts. What a program bound and what its memory was judged to be is what the running compositor said
(clients.list and the events of clients); what it did is the names of the tests that passed with it.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.unsupported import UNSUPPORTED

HEAD = """\
# Programs

Real programs, unmodified, as Debian 12 has them, run headless by the tests: each is looked at pixel by pixel
and used as a person would. This page is written by the run itself: `make programs`.

**Memory** is the judge's verdict on the pools of the program: *sealed* by the program, sealed by us
(*adopted*), or neither and therefore *copied* ([sealed memory](explanation/sealed-memory.md)). **Globals**
are those that the program bound, with the version. {passed} of {count} programs passed everything.

| program | package, version | memory | result | what it was seen to do |
| --- | --- | --- | --- | --- |
"""
GLOBALS = """
## Globals bound

| program | globals |
| --- | --- |
"""
RECORDED = """
## Programs that are played without themselves

What {recorded} of the {count} programs said to the compositor is recorded (`tests/programs/record.py`), and
said again by `pytest tests/programs/test_recordings.py`, which needs none of them. Not so:

| program | why |
| --- | --- |
"""
CANNOT = """
## Programs that cannot run

Each is started by the tests too, and ends as it says here.

| program | why |
| --- | --- |
"""
NOT_RECORDED = {
    "wayvnc": "what it says depends on the viewer at its other end, which is no client of ours",
}
"""Programs that nothing is recorded of, and why."""
_RECORDINGS = Path(__file__).resolve().parents[1] / "programs" / "recordings"
_KINDS = {"sealed": "sealed", "adopted": "adopted", "copy": "copied"}


@dataclass
class Seen:
    """One program over all tests."""

    package: str
    tests: dict[str, str] = field(default_factory=dict)
    globals: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)


def sentence(node_id: str) -> str:
    """Return a test's name in words."""
    name = node_id.rpartition("::")[2].partition("[")[0]
    return name.removeprefix("test_").replace("_", " ")


def version_of(package: str) -> str:
    """Return the version of an installed Debian package, empty where dpkg does not know it."""
    try:
        found = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, timeout=20
        )
    except OSError:
        return ""
    return found.stdout.strip()


class ProgramPage:
    """A pytest plugin that gathers what tests tell of programs, and writes it down at the end.

    Args:
        page, data: files to write, or None.
    """

    def __init__(self, page: str | None, data: str | None) -> None:
        self._page = page
        self._data = data
        self._programs: dict[str, Seen] = {}
        self._clients: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what one test told."""
        needed = [value for kind, value in report.user_properties if kind == "program"]
        for program, package in needed:
            seen = self._programs.setdefault(program, Seen(package))
            before = seen.tests.get(report.nodeid, "passed")
            seen.tests[report.nodeid] = before if report.outcome == "passed" else report.outcome
        if report.when == "teardown":
            for kind, client in report.user_properties:
                if kind == "client":
                    self._clients[client["program"]].append(client)

    def pytest_sessionfinish(self) -> None:
        """Write it down."""
        for name, seen in self._programs.items():
            for client in self._clients.get(name, ()):
                for interface, version in client["globals"].items():
                    seen.globals[interface] = max(version, seen.globals.get(interface, 0))
                for verdict, count in client["verdicts"].items():
                    seen.verdicts[verdict] = seen.verdicts.get(verdict, 0) + count
        rows = {name: seen for name, seen in sorted(self._programs.items()) if name not in NO_CLIENTS}
        if self._page and rows:
            Path(self._page).write_text(render(rows), "utf-8")
        if self._data:
            Path(self._data).write_text(json.dumps(as_data(rows), indent=2) + "\n", "utf-8")


NO_CLIENTS = {"dbus-run-session", "gdbus"}
"""What tests need besides the programs that they are about."""


def recorded_programs() -> set[str]:
    """Return the programs of which there are recordings."""
    heads = [json.loads(path.open(encoding="utf-8").readline()) for path in _RECORDINGS.glob("*.jsonl")]
    return {name for head in heads for name in head["of"]}


def result_of(seen: Seen) -> str:
    """Return passed, failed or skipped."""
    outcomes = set(seen.tests.values())
    return next((outcome for outcome in ("failed", "skipped") if outcome in outcomes), "passed")


def as_data(rows: dict[str, Seen]) -> list[dict[str, Any]]:
    """Return the table for scripts."""
    return [
        {
            "program": name,
            "package": seen.package,
            "version": version_of(seen.package),
            "verdicts": seen.verdicts,
            "globals": dict(sorted(seen.globals.items())),
            "result": result_of(seen),
            "tests": seen.tests,
        }
        for name, seen in rows.items()
    ]


def render(rows: dict[str, Seen]) -> str:
    """Return the page."""
    passed = sum(result_of(seen) == "passed" for seen in rows.values())
    text = HEAD.format(passed=passed, count=len(rows))
    for name, seen in rows.items():
        memory = ", ".join(word for kind, word in _KINDS.items() if kind in seen.verdicts) or "none"
        did = sorted({sentence(node) for node, outcome in seen.tests.items() if outcome == "passed"})
        version = version_of(seen.package)
        cells = (f"`{name}`", f"{seen.package} {version}".strip(), memory, result_of(seen), "; ".join(did))
        text += f"| {' | '.join(cells)} |\n"
    text += GLOBALS
    for name, seen in rows.items():
        bound = ", ".join(f"{_unbroken(one)} {version}" for one, version in sorted(seen.globals.items()))
        if bound:
            text += f"| `{name}` | {bound} |\n"
    recorded = recorded_programs()
    missing = [name for name in rows if name not in recorded]
    text += RECORDED.format(recorded=len(rows) - len(missing), count=len(rows))
    for name in missing:
        text += f"| `{name}` | {NOT_RECORDED.get(name, 'nobody has said yet')} |\n"
    text += CANNOT
    for program in UNSUPPORTED:
        text += f"| `{program.name}` | {program.why} |\n"
    return text


def _unbroken(interface: str) -> str:
    return re.sub(r"_", r"\\_", interface)
