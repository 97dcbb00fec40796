"""The page of the driver is made from its docstrings, and every example on it runs."""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import compositor.testing as driver
from compositor.locate import clients_dir
from compositor.testing.settings import settings

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGE = REFERENCE / "driver.md"


def examples() -> list[Any]:
    """Return the Python blocks of the page, named by the line they begin at and their first words."""
    text = PAGE.read_text("utf-8")
    blocks = re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [
        pytest.param(block[1], id=f"{text[: block.start(1)].count(chr(10)) + 1}-{block[1].split('(')[0]}")
        for block in blocks
    ]


def test_the_page_is_the_one_that_the_docstrings_give() -> None:
    made = runpy.run_path(str(REFERENCE / "make_driver.py"))
    assert made["page"]() == PAGE.read_text("utf-8"), "run python docs/reference/make_driver.py"


def test_the_page_has_everything_that_is_public_and_all_of_it_is_described() -> None:
    made = runpy.run_path(str(REFERENCE / "make_driver.py"))
    assert sorted(driver.__all__) == sorted(made["public"]())
    bare = [name for name in driver.__all__ if not getattr(driver, name).__doc__]
    for name in driver.__all__:
        found = getattr(driver, name)
        if isinstance(found, type):
            bare += [f"{name}.{member}" for member, what in made["members"](found) if not what.__doc__]
    assert [] == bare
    assert len(examples()) >= 14


@pytest.fixture(scope="module")
def shared() -> Iterator[driver.Compositor]:
    """One compositor for the examples that let time pass by itself."""
    with driver.Compositor() as made:
        yield made


@pytest.mark.parametrize("code", examples())
def test_each_example_runs(
    code: str, shared: driver.Compositor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if '"foot"' in code and shutil.which("foot") is None:
        pytest.skip("foot is not installed (Debian package foot)")
    monkeypatch.chdir(tmp_path)
    # Golden pictures are made here, and go where the test is.
    monkeypatch.setattr(settings, "update", True)
    code = code.replace('"pictures/', f'"{tmp_path}/pictures/')
    manual = "compositor.clock" in code
    made = driver.Compositor(clock="manual") if manual else shared
    argv = [sys.executable, str(clients_dir() / "textpad.py"), "--title", "Text"]
    app = made.launch(argv)
    try:
        window = app.window()
        known = {name: getattr(driver, name) for name in driver.__all__}
        exec(compile(code, str(PAGE), "exec"), {**known, "re": re, "compositor": made, "window": window})
    finally:
        for launched in made.applications:
            launched.kill()
        if manual:
            made.close()
