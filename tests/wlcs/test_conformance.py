"""The conformance suite, without the hundreds of its tests that try one thing at every place."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
# The input regions at every edge and corner, and most of what layer surfaces do at every anchor: over 600 of
# 1,074 tests.
MOST = "*-" + ":".join(
    (
        "*InputCombinations*",
        "*LayerSurfaceLayoutTest.is_initially_positioned*",
        "*LayerSurfaceLayoutTest.*_changed*",
        "*LayerSurfaceLayoutTest.*_changes*",
        "*LayerSurfaceLayoutTest.*exclusive_zone*",
        "*LayerSurfaceLayoutTest.simple_popup*",
    )
)


@pytest.fixture(scope="module")
def conformance() -> Any:
    """The script that runs the suite."""
    spec = importlib.util.spec_from_file_location("conformance", FOLDER / "conformance.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["conformance"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_only_what_is_listed_fails(
    conformance: Any, need_program: Callable[[str, str], str], tmp_path: Path
) -> None:
    need_program(conformance.RUNNER, "wlcs")
    need_program("g++", "g++")
    need_program("pkg-config", "pkg-config")
    if subprocess.run(["pkg-config", "--exists", "wayland-client"], check=False).returncode:
        need_program("wayland-scanner", "libwayland-dev")
    build = ["make", "-s", "-C", str(FOLDER), f"PYTHON={sys.executable}"]
    subprocess.run(build, check=True, capture_output=True, text=True)
    failures = tmp_path / "failures.txt"
    command = [sys.executable, str(FOLDER / "conformance.py"), "--json"]
    ended = subprocess.run(
        [*command, "--filter", MOST, "--output", str(failures)], check=False, capture_output=True, text=True
    )
    assert ended.returncode in (0, 1), ended.stderr
    result = json.loads(ended.stdout)
    assert [] == result["problems"], failures.read_text()[-20_000:]
    assert 0 == ended.returncode
    assert result["total"]["passed"] > 350


def test_what_is_listed_has_to_fail_and_nothing_else_may(conformance: Any) -> None:
    passed, failed = conformance.Outcome.PASSED, conformance.Outcome.FAILED
    results = [conformance.Result("A.one", passed), conformance.Result("A.two", failed)]
    assert [] == conformance.judge(results, {"A.two", "A.absent"})
    assert ["FAILED, and not in the list: A.two"] == conformance.judge(results, set())
    assert ["in the list, but did not fail: A.one"] == conformance.judge(results, {"A.one", "A.two"})


def test_the_list_tells_releases_apart(conformance: Any, tmp_path: Path) -> None:
    listed = tmp_path / "list.md"
    listed.write_text("text\n\n- `A.one`\n- `A.two` (only 1.5.0)\n- `A.three` (only later)\n")
    assert {"A.one", "A.two"} == conformance.expected_failures("1.5.0", listed)
    assert {"A.one", "A.three"} == conformance.expected_failures("later", listed)
    assert "1.5.0" == conformance.release_of(["BadBufferTest.truncated"])
    assert "later" == conformance.release_of(["ShmTest.truncated"])


def test_every_name_in_the_list_is_read(conformance: Any) -> None:
    lines = [line for line in conformance.EXPECTED.read_text().splitlines() if line.startswith("- ")]
    names = conformance.expected_failures("1.5.0") | conformance.expected_failures("later")
    assert len(lines) == len(names)
