"""One file of bytecode: made by a compositor that ends, used by the next, never instead of an edit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("compositor.cli", "compositor.model", "compositor.model.desktop", "compositor.server")
LOOK = f"""\
import compositor.__main__, importlib, os, sys
for name in {MODULES}:
    module = importlib.import_module(name)
    print(name, module.__spec__.cached.endswith(".bundle"), module.__file__, (module.__doc__ or "")[:12])
"""


class Tree:
    """A checkout of the package, with its own bytecode."""

    def __init__(self, root: Path) -> None:
        self.root = root
        ignored = shutil.ignore_patterns("*.so", "__pycache__")
        shutil.copytree(ROOT / "compositor", root / "compositor", ignore=ignored)
        shutil.copytree(ROOT / "assets", root / "assets")
        runtime = root / "run"
        runtime.mkdir(0o700)
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.env |= {"PYTHONPATH": str(root), "PYTHONSAFEPATH": "1", "XDG_RUNTIME_DIR": str(runtime)}

    def run_once(self, *options: str, **env: str) -> None:
        """Start a compositor and end it in order."""
        ready, theirs = os.pipe()
        command = [
            sys.executable,
            *options,
            "-m",
            "compositor",
            "run",
            "--headless",
            "--ready-fd",
            str(theirs),
        ]
        process = subprocess.Popen(command, env=self.env | env, pass_fds=[theirs], cwd="/")
        os.close(theirs)
        with open(ready) as pipe:
            assert pipe.readline().startswith("wayland-")
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(60)

    def look(self, *options: str, **env: str) -> dict[str, list[str]]:
        """Return of each module whether it came from the one file, its source, and how its text begins."""
        command = [sys.executable, *options, "-c", LOOK]
        done = subprocess.run(
            command, env=self.env | env, capture_output=True, text=True, check=True, cwd="/"
        )
        return {words[0]: words[1:] for line in done.stdout.splitlines() if (words := line.split(" ", 3))}

    @property
    def files(self) -> list[Path]:
        return sorted((self.root / "compositor" / "__pycache__").glob("start.*"))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def used(found: dict[str, list[str]]) -> set[str]:
    return {name for name, (here, *_) in found.items() if here == "True"}


def test_the_second_start_finds_its_modules_in_one_file(tree: Tree) -> None:
    before = tree.look()
    assert set() == used(before)
    assert [] == tree.files
    tree.run_once()
    (file,) = tree.files
    after = tree.look()
    assert set(MODULES) == used(after)
    assert [words[1:] for words in before.values()] == [words[1:] for words in after.values()]
    inode = file.stat().st_ino
    tree.run_once()
    assert inode == file.stat().st_ino, "it is written again without need"


def test_what_was_edited_is_imported_as_ever_and_taken_anew_when_a_compositor_ends(tree: Tree) -> None:
    tree.run_once()
    source = tree.root / "compositor" / "model" / "desktop.py"
    source.write_text(source.read_text("utf-8").replace('"""', '"""Edited: ', 1), "utf-8")
    found = tree.look()
    assert set(MODULES) - {"compositor.model.desktop"} == used(found)
    assert found["compositor.model.desktop"][2].startswith("Edited: ")
    tree.run_once()
    found = tree.look()
    assert set(MODULES) == used(found)
    assert found["compositor.model.desktop"][2].startswith("Edited: ")
    source.unlink()
    # Python says what is missing, in its own words.
    with pytest.raises(subprocess.CalledProcessError) as error:
        tree.look()
    assert "No module named 'compositor.model.desktop'" in error.value.stderr


def test_a_file_that_was_cut_off_or_moved_is_not_used(
    tree: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree.run_once()
    (file,) = tree.files
    data = file.read_bytes()
    for wrong in (b"", data[:10], data[: len(data) // 2], b"other" + data[5:]):
        file.write_bytes(wrong)
        assert set() == used(tree.look())
    other = Tree(tmp_path_factory.mktemp("moved"))
    shutil.copytree(file.parent, other.root / "compositor" / "__pycache__", dirs_exist_ok=True)
    (other.root / "compositor" / "__pycache__" / file.name).write_bytes(data)
    assert set() == used(other.look())
    other.run_once()
    assert set(MODULES) == used(other.look())


def test_it_is_written_only_where_python_writes_bytecode(tree: Tree) -> None:
    tree.run_once(PYTHONDONTWRITEBYTECODE="1")
    assert [] == tree.files
    cache = tree.root / "cache"
    tree.run_once(PYTHONPYCACHEPREFIX=str(cache))
    assert [] == tree.files
    assert 1 == len(list(cache.rglob("start.*.bundle")))
    # Asserts are left out by -O: that is other code.
    tree.run_once("-O")
    assert ["opt-1" in file.name for file in tree.files] == [True]
    assert set() == used(tree.look())
    assert set(MODULES) == used(tree.look("-O"))


def test_a_folder_that_cannot_be_written_to_is_no_trouble(tree: Tree) -> None:
    # Root may write anywhere, but not into what is no folder.
    (tree.root / "compositor" / "__pycache__").write_text("")
    tree.run_once()
    assert set() == used(tree.look())
