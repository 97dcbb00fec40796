"""The code of the tutorial runs as it stands, and what it names is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "testing.md"


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_tests_of_the_tutorial_pass(tmp_path: Path) -> None:
    if shutil.which("foot") is None:
        pytest.skip("foot is not installed (Debian package foot)")
    (tmp_path / "test_tutorial.py").write_text("\n\n".join(blocks()), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--weddell-timeout=60"]
    for options in (["--weddell-update-golden", "-k", "stroke or half_a_second"], []):
        done = subprocess.run(
            [*command, *options, "."], cwd=tmp_path, capture_output=True, text=True, timeout=380
        )
        assert 0 == done.returncode, done.stdout
    assert {"stroke.png", "half-a-second.png", "stroke.webp"} <= {path.name for path in tmp_path.iterdir()}
    assert len(re.findall(r"^ *def test_", "\n".join(blocks()), re.MULTILINE)) == int(
        re.search(r"(\d+) passed", done.stdout)[1]  # type: ignore[index]
    )


def test_every_option_and_every_file_that_it_names_is_there() -> None:
    text = PAGE.read_text("utf-8")
    declared = (ROOT / "compositor" / "testing" / "plugin.py").read_text("utf-8")
    options = set(re.findall(r"--weddell-[a-z-]+", text))
    assert options
    assert [] == [option for option in options if f'"{option}"' not in declared]
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [] == [link for link in links if not (PAGE.parent / link).exists()]
