"""Code blocks of the documentation, and a shell session that runs those of one page.

What a block is says its fence:

* ``sh``: commands; all those of a page are one bash session.
* ``console``: ``$ command`` and what it prints, whatever its status; ``...`` stands for any text.
* ``python``: a script; those of a page are one program. With a test in it: a file for pytest.
* ``json``: must be JSON. ``text``: not for running.

A comment above the fence may say more: ``<!-- not run: WHY -->``, ``<!-- file: NAME -->`` (written and
not run by itself), ``<!-- needs: PROGRAM (PACKAGE) -->``.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("sh", "console", "python", "json", "text")
HELD_ELSEWHERE = {
    "docs/testing.md": "tests/docs/test_tutorial.py",
    "docs/reference/driver.md": "tests/docs/test_driver_page.py",
}
"""Pages whose examples need more than a shell, such as fixtures, and the test that runs them."""
_FENCE = re.compile(r"^( *)```(\S*)$")
_NOTE = re.compile(r"^<!-- (not run|file|needs): (.+) -->$")
_SHORTEST_REASON = 8


def pages() -> list[Path]:
    """Every page for users, as paths from the root."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "examples" / "README.md"]
    found += sorted((ROOT / "docs").rglob("*.md"))
    return [path.relative_to(ROOT) for path in found]


@dataclass
class Block:
    """One block of code.

    Attributes:
        kind: what its fence says.
        text: without the fence.
        line: of its first line in the page, from 1.
        notes: what the comments above it say.
    """

    kind: str
    text: str
    line: int
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def is_test(self) -> bool:
        """Whether it is for pytest."""
        return self.kind == "python" and re.search(r"^def test_", self.text, re.MULTILINE) is not None


def blocks(page: Path) -> list[Block]:
    """Return the code blocks of a page.

    Raises:
        ValueError: if a block does not say what it is; the text names the line.
    """
    found: list[Block] = []
    notes: dict[str, str] = {}
    block: Block | None = None
    blank = True
    for number, line in enumerate((ROOT / page).read_text("utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if block is not None:
            if fence and not fence[2]:
                found.append(block)
                block = None
            else:
                block.text += line + "\n"
            continue
        if fence:
            if fence[2] not in KINDS and "not run" not in notes:
                raise ValueError(f"{page}:{number}: the fence says {fence[2]!r}, none of {', '.join(KINDS)}")
            block = Block(fence[2], "", number + 1, notes)
            notes = {}
        elif note := _NOTE.match(line):
            if note[1] == "not run" and len(note[2]) < _SHORTEST_REASON:
                raise ValueError(f"{page}:{number}: say why it is not run")
            notes[note[1]] = note[2]
        elif line.strip():
            if blank and re.match(r" {4,}\S", line) and not re.match(r" *([-*]|\d+\.) ", line):
                raise ValueError(f"{page}:{number}: an indented block does not say what it is; use a fence")
            notes = {}
        blank = not line.strip() or (blank and line.startswith("    "))
    return found


class Session:
    """Runs the blocks of a page in a folder of their own, as somebody would who reads it from the top."""

    def __init__(self, page: Path) -> None:
        self.page = page
        self.blocks = [block for block in blocks(page) if "not run" not in block.notes]
        self.folder = Path(tempfile.mkdtemp(prefix="wd-page-"))
        self._checks: list[tuple[int, Path, str]] = []

    def missing(self) -> str | None:
        """Return why the page cannot be run here, or None."""
        for block in self.blocks:
            program, _, package = block.notes.get("needs", "").partition(" ")
            if program and shutil.which(program) is None:
                return f"{program} is not installed (apt-get install {package.strip('()') or program})"
        return None

    def run(self) -> None:
        """Run everything.

        Raises:
            AssertionError: with the line of the page that did not do what it says.
        """
        script = self._script()
        if not script:
            return
        (self.folder / "session.sh").write_text(script, "utf-8")
        with subprocess.Popen(
            ["bash", str(self.folder / "session.sh")],
            cwd=self.folder / "here",
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                process.wait(300)
            finally:
                # What it left in the background ends with it; the process group is ours.
                try:
                    os.killpg(process.pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
                said, _ = process.communicate(timeout=20)
            assert process.returncode == 0, f"{self.page}: {said}"
        for line, file, expected in self._checks:
            _compare(self.page, line, expected, file.read_text("utf-8"))

    def close(self) -> None:
        """End the compositors that were left running, and remove the folder."""
        for path in (self.folder / "tmp").glob("weddell-*/*.ctl"):
            name = str(path).removesuffix(".ctl")
            stop = [sys.executable, "-m", "compositor", "stop", "--socket", name]
            subprocess.run(stop, cwd=ROOT, capture_output=True, timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        (self.folder / "bin").mkdir()
        (self.folder / "tmp").mkdir()
        python = shlex.quote(sys.executable)
        programs = {"weddell": "-m compositor", "pytest": "-m pytest", "python": "", "python3": ""}
        for name, arguments in programs.items():
            file = self.folder / "bin" / name
            file.write_text(f'#!/bin/sh\nexec {python} {arguments} "$@"\n')
            file.chmod(0o755)
        names = ("XDG_RUNTIME_DIR", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY", "PYTEST_ADDOPTS")
        environment = {key: value for key, value in os.environ.items() if key not in names}
        path = os.pathsep.join([str(self.folder / "bin"), environment.get("PATH", "")])
        own = {
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(self.folder / "tmp"),
            "HOME": str(self.folder),
        }
        # A machine that is busy with other tests is slow, and no page is about that.
        return {**environment, **own, "PYTEST_ADDOPTS": "--weddell-timeout 60"}

    def _script(self) -> str:
        """Return the session, and lay out its files. A checkout's folders are there as in a checkout."""
        here = self.folder / "here"
        here.mkdir()
        for name in ("clients", "examples", "docs", "benchmarks", "compositor", "assets", "tests"):
            (here / name).symlink_to(ROOT / name)
        lines, program = [], []
        for number, block in enumerate(self.blocks):
            said = self.folder / f"{number}.out"
            file = self.folder / f"{number}.txt"
            file.write_text(block.text, "utf-8")
            where = f"line {block.line} on"
            if "file" in block.notes:
                lines.append(f"cp {file} {shlex.quote(block.notes['file'])}")
            elif block.kind == "json":
                json.loads(block.text)
            elif block.kind == "sh":
                lines += [f"begin {shlex.quote(where)} {said}", block.text, "end"]
            elif block.kind == "console":
                for part, (command, expected) in enumerate(_commands(block.text)):
                    said = self.folder / f"{number}.{part}.out"
                    lines += [
                        f"begin {shlex.quote(where + ': ' + command)} {said}",
                        f"{{ {command}\n}} || true",
                        "end",
                    ]
                    self._checks.append((block.line, said, expected))
            elif block.is_test:
                lines += [f"cp {file} test_block_{number}.py"]
                lines += [f"begin {shlex.quote(where)} {said}", _pytest(f"test_block_{number}.py"), "end"]
            elif block.kind == "python":
                # On the lines that they have in the page, so that a traceback names them.
                program += [""] * (block.line - 1 - len(program)) + block.text.splitlines()
        if program:
            (self.folder / "program.py").write_text("\n".join(program) + "\n", "utf-8")
            lines += [
                f"begin 'a Python block (its lines are the page'\"'\"'s)' {self.folder}/program.out",
                f"python {self.folder}/program.py",
                "end",
            ]
        return "\n".join([_PROLOGUE, *lines]) + "\n" if lines else ""


_PROLOGUE = """\
set -eE
exec 8>&1
begin() { step=$1; said=$2; exec >"$said" 2>&1; }
end() { exec >&8 2>&8; }
failed() { status=$?; exec >&8 2>&8; echo "$step ended with status $status and said:"; cat "$said"; exit 1; }
trap failed ERR
"""


def _pytest(name: str) -> str:
    return f"python -m pytest -q -p no:cacheprovider --rootdir . {name}"


def _commands(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1] = (found[-1][0] + "\n" + line[2:], "")
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + line + "\n")
    return found


def _compare(page: Path, line: int, expected: str, said: str) -> None:
    lines = "\n".join(part.strip() for part in expected.strip().splitlines())
    pattern = ".*?".join(re.escape(part) for part in lines.split("..."))
    # Columns are as wide as what is in them.
    pattern = re.sub(r"(?:\\ )+", r"\\s+", pattern)
    text = "\n".join(part.strip() for part in said.strip().splitlines())
    assert re.fullmatch(pattern, text, re.DOTALL), f"{page}:{line} says\n{expected}\nand it printed\n{said}"
