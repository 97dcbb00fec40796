"""Every system call of a compositor that starts, runs a program and ends fails once.

Either it does without, or it says in one line what was missing and exits with a status that is not 0. It
leaves no socket and no lock behind.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from faults.failures import AT_START
from faults.shim import Faults

ZYGOTE = Path(__file__).with_name("zygote.py")
DEEPEST = 3


class Starts:
    """Starts compositors whose calls fail."""

    def __init__(self, faults: Faults, folder: Path) -> None:
        self.faults = faults
        self._folder = folder
        self._number = 0
        self._zygote = subprocess.Popen(
            [sys.executable, str(ZYGOTE)],
            env={**os.environ, **faults.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._zygote.stdin is not None and self._zygote.stdout is not None
        self._in: IO[str] = self._zygote.stdin
        self._out: IO[str] = self._zygote.stdout
        assert "ready\n" == self._out.readline()

    def start(self) -> tuple[int, str, list[str]]:
        """Start one and wait for its end; its status, what it wrote, what it left in its folder."""
        self._number += 1
        folder = self._folder / f"r{self._number}"
        folder.mkdir(mode=0o700)
        output = self._folder / "log"
        print(json.dumps({"folder": str(folder), "output": str(output)}), file=self._in, flush=True)
        status = int(self._out.readline())
        left = sorted(path.name for path in folder.iterdir())
        return status, output.read_text(), left

    def close(self) -> None:
        """End the zygote."""
        self._in.close()
        self._zygote.wait()
        self._out.close()


@pytest.fixture(scope="module")
def starts(need_compiler: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starts]:
    """Starts compositors."""
    with Faults() as faults:
        made = Starts(faults, tmp_path_factory.mktemp("start"))
        yield made
        made.close()


@pytest.mark.slow
def test_a_start_that_fails_says_why_and_leaves_nothing_behind(starts: Starts) -> None:
    faults = starts.faults
    assert (0, "", []) == starts.start()
    before = faults.counts()
    starts.start()
    counts = {call: count - before[call] for call, count in faults.counts().items()}
    said = 0
    for call, count in counts.items():
        for error in AT_START[call] if count else ():
            for skip in range(min(count, DEEPEST)):
                case = f"{call} {skip + 1}: {error}"
                faults.arm(call, getattr(errno, error), skip)
                status, output, left = starts.start()
                faults.disarm()
                assert "Traceback" not in output, f"{case}:\n{output}"
                assert "bug:" not in output, f"{case}:\n{output}"
                if call in ("flock", "fstat", "stat") and left == ["wayland-1.lock"]:
                    # A lock that is not known to be ours is not ours to remove; nobody holds it.
                    left.clear()
                if not (call == "unlink" and faults.hits):
                    assert [] == left, f"{case}:\n{output}"
                if status:
                    assert output.startswith("weddell: ") or "\nweddell: " in output, (
                        f"{case}: {status}\n{output}"
                    )
                    said += 1
    assert said > 10
