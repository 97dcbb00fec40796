"""Fault injection from the test's side: compiles the library, shares memory with it, says what is to fail.

with Faults() as faults:
    process = Process(env=faults.environment)
    faults.watch(process.pid)
    faults.arm("mmap", errno.ENOMEM, skip=1)
    ...
    assert faults.hits
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
VARIABLE = "WEDDELL_TEST_FAULTS"
WHOEVER = 1
"""Stands for the process that is started next, for faults of its start."""
NOTHING = -1
_INT = 4
_PID, _CALL, _ERROR, _SKIP, _COUNT, _HITS, _SPARE, _JUMP, _CALLS = range(9)


@functools.cache
def library() -> Path:
    """Compile the library once per test run, and return where it is.

    Raises:
        subprocess.CalledProcessError: with what gcc has to say.
    """
    folder = tempfile.TemporaryDirectory(prefix="weddell-shim-")
    _kept.append(folder)
    path = Path(folder.name) / "shim.so"
    subprocess.run(["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", path, SOURCE, "-ldl"], check=True)
    return path


_kept: list[tempfile.TemporaryDirectory[str]] = []


@functools.cache
def names() -> tuple[str, ...]:
    """The calls that can be made to fail, as the library numbers them."""
    text = ctypes.c_char.from_address(ctypes.addressof(ctypes.c_char.in_dll(_loaded(), "fault_names")))
    return tuple(ctypes.string_at(ctypes.addressof(text)).decode().split())


@functools.cache
def _loaded() -> ctypes.CDLL:
    # Loaded late, it stands in front of nothing.
    return ctypes.CDLL(os.fspath(library()))


class Faults:
    """What one process is told to fail at."""

    def __init__(self) -> None:
        size = _INT * (_CALLS + len(names()))
        self._file = tempfile.NamedTemporaryFile(prefix="weddell-faults-")  # noqa: SIM115  (closed in close)
        self._file.truncate(size)
        self._words = memoryview(mmap.mmap(self._file.fileno(), size)).cast("i")
        self._words[_CALL] = NOTHING

    @property
    def environment(self) -> dict[str, str]:
        """Variables for the process."""
        return {"LD_PRELOAD": os.fspath(library()), VARIABLE: self._file.name}

    def watch(self, pid: int) -> None:
        """Say whose calls are meant; 0 for nobody's."""
        self._words[_PID] = pid

    def arm(self, call: str, error: int, skip: int = 0, count: int = 1, spare: int = NOTHING) -> None:
        """Have calls fail from now on.

        Args:
            call: one of `names`.
            error: errno.
            skip: how many of them go well before.
            count: how many fail.
            spare: a socket of the process that is left alone by all sending and receiving.
        """
        self.disarm()
        self._words[_ERROR], self._words[_SKIP], self._words[_SPARE] = error, skip, spare
        self._words[_HITS], self._words[_COUNT] = 0, count
        self._words[_CALL] = names().index(call)

    def disarm(self) -> None:
        """Have no call fail any more."""
        self._words[_CALL] = NOTHING
        self._words[_COUNT] = 0

    def jump(self, seconds: int) -> None:
        """Have all clocks of the process show another time, from now on; may be negative."""
        self._words[_JUMP] = seconds

    @property
    def hits(self) -> int:
        """How many calls have failed since `arm`."""
        return self._words[_HITS]

    def counts(self) -> dict[str, int]:
        """How often each call was made since the process was watched."""
        return dict(zip(names(), self._words[_CALLS:], strict=True))

    def close(self) -> None:
        """Give the memory back."""
        self._words.release()
        self._file.close()

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
