"""The wheel and the source archive: what lies in them, and that they work away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build once, as for a release: the source archive, and the wheel from what lies in that."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return out


@pytest.fixture
def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


def test_the_source_archive_has_the_whole_project(dist: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("only a checkout knows what belongs to the project")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    wanted = {name for name in tracked.stdout.splitlines() if (ROOT / name).exists()}
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert set() == wanted - names
    assert [] == [name for name in names if name.endswith(".pyc") or ".venv" in name]


def test_only_our_own_name_lands_in_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"compositor"} == {top for top in tops if not top.endswith(".dist-info")}
    for part in ("clients/flower.py", "clients/toolkit/__init__.py", "assets/keymap.xkb", "py.typed"):
        assert f"compositor/{part}" in names


@pytest.mark.slow
def test_the_wheel_runs_the_demo_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True, timeout=100)
    env = dict(os.environ, PYTHONPATH=str(target))
    where = [sys.executable, "-c", "import compositor; print(compositor.__file__)"]
    found = subprocess.run(where, cwd=elsewhere, env=env, check=True, capture_output=True, text=True)
    assert str(target) in found.stdout
    demo = [sys.executable, "-m", "compositor", "demo"]
    done = subprocess.run(demo, cwd=elsewhere, env=env, capture_output=True, text=True, timeout=110)
    assert 0 == done.returncode, done.stderr
    assert "flower" in done.stdout
    assert (elsewhere / "demo.png").stat().st_size > 100_000
    assert (elsewhere / "demo.webp").stat().st_size > 100_000
