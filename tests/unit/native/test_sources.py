"""Whether compiled modules are used, and that they see objects as Python lays them out."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from compositor.native import build, sources

ROOT = Path(__file__).resolve().parents[3]


def show(root: Path, **environment: str) -> dict[str, Any]:
    """Return what a Python that starts anew says of the compiled modules of a tree."""
    env = {name: value for name, value in os.environ.items() if name != sources.SWITCH}
    env |= {"PYTHONPATH": str(root), "PYTHONSAFEPATH": "1", **environment}
    command = [sys.executable, "-m", "compositor.native", "show", "--json"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, cwd="/")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_compiled_modules_run_where_everything_is_installed(request: pytest.FixtureRequest) -> None:
    if not sources.WHY_PYTHON:
        assert importlib.import_module("compositor.express").__file__.endswith(".so")  # type: ignore[union-attr]
    elif os.environ.get(sources.SWITCH, "0") == "0":
        text = f"the compiled modules are not in use: {sources.WHY_PYTHON}"
        if request.config.getoption("--require-programs"):
            pytest.fail(text)
        pytest.skip(text)


def test_a_switch_has_the_python_sources_run() -> None:
    assert {"compiled": False, "why": "WEDDELL_PURE is set"}.items() <= show(ROOT, WEDDELL_PURE="1").items()
    code = "import compositor.express as e, compositor.render.cpu as cpu; print(e.__file__, cpu.Painter)"
    env = {**os.environ, "WEDDELL_PURE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert "express.py" in done.stdout
    assert "PixmanPainter" in done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree of the package that nothing was compiled in."""
    shutil.copytree(
        ROOT / "compositor", tmp_path / "compositor", ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_what_is_older_than_its_sources_is_not_used(tree: Path) -> None:
    assert "they were not compiled" == show(tree)["why"]
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-m", "compositor.native", "build"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd="/", timeout=110)
    if "pip install cython" in done.stderr:
        pytest.skip("Cython is not installed")
    assert (0, "") == (done.returncode, done.stderr)
    assert len(sources.MODULES) + len(sources.EXTENSIONS) == len(done.stdout.splitlines())
    assert {"compiled": True, "why": ""}.items() <= show(tree).items()
    # A class that is reached without asking counts as a source, too.
    (tree / "compositor/model/node.py").touch()
    assert "compositor/model/node.py was changed after they were compiled" == show(tree)["why"]
    # What was installed stays as it was built.
    (tree / "pyproject.toml").unlink()
    assert show(tree)["compiled"]


@pytest.mark.slow
def test_without_a_compiler_the_error_is_one_line(tree: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1", "CC": "/nonexistent/cc"}
    command = [sys.executable, "-m", "compositor.native", "build"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd="/", timeout=60)
    assert 1 == done.returncode
    assert "/nonexistent/cc" in done.stderr.splitlines()[-1]
    assert done.stderr.splitlines()[-1].startswith("cannot compile: ")
    assert [] == list(tree.rglob("*.so"))
    assert "Traceback" not in done.stderr


class _Definition(ctypes.Structure):
    """PyMemberDef."""

    _fields_ = [("name", ctypes.c_char_p), ("type", ctypes.c_int), ("offset", ctypes.c_ssize_t)]


class _Member(ctypes.Structure):
    """PyMemberDescrObject."""

    _fields_ = [
        ("refcount", ctypes.c_ssize_t),
        ("kind", ctypes.c_void_p),
        ("type", ctypes.c_void_p),
        ("name", ctypes.c_void_p),
        ("qualname", ctypes.c_void_p),
        ("definition", ctypes.POINTER(_Definition)),
    ]


@pytest.mark.parametrize("entry", sources.LAYOUTS, ids=lambda entry: entry[1])
def test_slots_lie_where_the_compiled_modules_look_for_them(entry: tuple[str, str, str | None]) -> None:
    module, name, base = entry
    cls = getattr(importlib.import_module(module), name)
    slots = [(cls, slot) for slot in build.slots(module, name)]
    if base is not None:
        (above,) = [found for found in sources.LAYOUTS if found[1] == base]
        (owner,) = [found for found in cls.__mro__ if found.__name__ == base]
        slots = [(owner, slot) for slot in build.slots(above[0], base)] + slots
    names = [slot for _, slot in slots]
    word = ctypes.sizeof(ctypes.c_void_p)
    for index, (owner, slot) in enumerate(slots):
        # Of the class that has it: one above may have a property of the same name.
        member = _Member.from_address(id(vars(owner)[slot]))
        assert slot.encode() == member.definition.contents.name
        assert object.__basicsize__ + index * word == member.definition.contents.offset, slot
    assert object.__basicsize__ + len(names) * word == cls.__basicsize__
