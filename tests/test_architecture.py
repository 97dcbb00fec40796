"""The house rules that no reader should have to check: who imports whom, and what lies nowhere."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "compositor"
TOP = 5
OUTSIDE = {"testing"}
"""Not floors of the compositor: they use it from outside, as the commands below do too."""

FLOORS = {
    "errors": 0,
    "calls": 0,
    "words": 0,
    "alike": 0,
    "native": 0,
    "clock": 0,
    "limits": 0,
    "runtime": 0,
    "timers": 0,
    "locate": 0,
    "logs": 0,
    "descriptor": 0,
    "record": 0,
    "geometry": 0,
    "memory": 1,
    "wire": 1,
    "model": 2,
    "protocol": 3,
    "render": 3,
    "backend": 4,
    "control": 4,
    "lint": 4,
}
"""Floors as DESIGN has them; what is not named here is wiring and stands on the top floor."""


def modules() -> list[Path]:
    """Return every module of the compositor."""
    return sorted(p for p in PACKAGE.rglob("*.py") if not {"clients", "shaders", "assets"} & set(p.parts))


def room(dotted: str) -> str:
    """Return the room of a module named from the package on: ``compositor.wire.client`` is in ``wire``."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def floor(name: str) -> int:
    """Return the floor of a room."""
    return FLOORS.get(name, TOP)


def dotted(path: Path) -> str:
    """Return a module's name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and module of every import of the project's own, also those inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                assert not path.is_relative_to(PACKAGE), f"{path}:{node.lineno}: a relative import"
                continue
            names = [node.module or ""]
            if node.module == "compositor":
                # `from compositor import server` names a module; `__version__` is of the package itself.
                names = [f"compositor.{a.name}" for a in node.names if not a.name.startswith("__")]
        else:
            continue
        for name in names:
            if name == "compositor" or name.startswith("compositor."):
                yield node.lineno, name


def type_checking_lines(path: Path) -> set[int]:
    """Return the lines that only a type checker reads."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for child in node.body:
                lines.update(range(child.lineno, (child.end_lineno or child.lineno) + 1))
    return lines


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_floors_below_its_own_or_its_own_room(path: Path) -> None:
    own = room(dotted(path))
    if own in OUTSIDE:
        return
    wrong = []
    for line, name in imports(path):
        other = room(name)
        if other == own or (floor(own) == TOP and (other not in OUTSIDE or own == "commands")):
            continue
        if floor(other) >= floor(own) and not (floor(own) == 0 and floor(other) == 0):
            wrong.append(f"{path.name}:{line} imports {name}, floor {floor(other)}, from floor {floor(own)}")
    assert [] == wrong


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "testing").rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_the_driver_for_users_needs_the_control_socket_only(path: Path) -> None:
    allowed = {"testing", "errors", "memory", "descriptor", "runtime", "locate", "geometry", "__init__"}
    assert set() == {name for _, name in imports(path) if room(name) not in allowed}


@pytest.mark.parametrize("path", sorted((ROOT / "clients").rglob("*.py")), ids=lambda p: p.name)
def test_demo_clients_import_nothing_of_the_compositor_but_memory(path: Path) -> None:
    assert set() == {name for _, name in imports(path) if room(name) not in {"memory", "locate"}}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 600
    if text.strip():
        assert ast.get_docstring(ast.parse(text))


def test_nothing_handles_sigbus() -> None:
    found = []
    for path in [*modules(), *sorted((ROOT / "clients").rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node, "attr", None) or getattr(node, "id", None)
            if name in ("SIGBUS", "faulthandler") and path.name != "crash.py":
                found.append(f"{path}:{node.lineno}")  # type: ignore[attr-defined]
    assert [] == found
    # The one who has other faults reported gives this one back; hostile/ looks at the running process.
    assert "signal.signal(signal.SIGBUS, signal.SIG_DFL)" in (PACKAGE / "crash.py").read_text("utf-8")


def test_no_mapping_is_ever_resized_in_place() -> None:
    # mmap.resize() truncates the file, which is the client's.
    users = [p for p in modules() if "import mmap" in p.read_text("utf-8")]
    found = [
        f"{path}:{node.lineno}"
        for path in users
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mmap.resize")
    ]
    assert [] == found


def test_no_protocol_xml_lies_in_the_repository() -> None:
    skipped = {".git", ".venv", "build", "dist"}
    found = [p for p in ROOT.rglob("*.xml") if not skipped & set(p.relative_to(ROOT).parts)]
    assert [] == found


def test_every_room_has_its_floor() -> None:
    rooms = {room(dotted(path)) for path in modules()}
    wiring = {"__init__", "__main__", "server", "loop", "cli", "commands"}
    wiring |= {
        "admission",
        "bytecode",
        "cadence",
        "caretaker",
        "crash",
        "express",
        "preload",
        "reserve",
        "sandboxes",
        "service",
        "settings",
    }
    assert set() == rooms - set(FLOORS) - OUTSIDE - wiring


def test_a_compositor_starts_without_what_it_needs_later(tmp_path: Path) -> None:
    # It takes longer to import than all the rest, and clients can connect before. The others are what was
    # once imported without need: each costs every start of a compositor milliseconds.
    late = ["numpy", "dataclasses", "inspect", "ctypes", "difflib"]
    late += [
        "hashlib",
        "json",
        "logging",
        "pathlib",
        "random",
        "shutil",
        "subprocess",
        "tempfile",
        "threading",
    ]
    script = (
        "import sys, compositor.cli, compositor.commands.run, compositor.server as server\n"
        "from compositor import settings\n"
        "settings.load(None, {})\n"
        "one = server.Server(server.ServerOptions(wallpaper=False))\n"
        f"print([name for name in {late} if name in sys.modules])\n"
        # Drivers start a program while numpy is not there yet: it is imported while the program starts.
        "one.control._registry()\n"
        "print('numpy' in sys.modules)\n"
        "one.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "[]\nFalse\n" == done.stdout


def test_no_test_imports_a_conftest() -> None:
    """Every folder has one and Python knows one module of that name; what tests share is in tests/support."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "conftest" and not node.level
    ]
    assert [] == found
