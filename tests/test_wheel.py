"""The wheel: what lies in it, and that it works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return next(out.glob("*.whl"))


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
