"""Make an input that finds something smaller, for as long as it finds the same.

Each try is a process of its own: what is found may be a crash, or no end.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from fuzz.targets import Target

TIMEOUT_S = 30.0
ROOT = Path(__file__).resolve().parent.parent.parent


def verdict(target: Target, data: bytes) -> str:
    """Return what an input finds, in a line; nothing if it finds nothing."""
    command = [sys.executable, "-m", "tests.fuzz", "--target", target.name, "-"]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, cwd=ROOT, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return "no end"
    if done.returncode == 0:
        return ""
    if done.returncode < 0:
        return f"signal {-done.returncode}"
    lines = [line for line in done.stdout.decode(errors="replace").splitlines() if line.startswith("FOUND ")]
    return lines[0].split(":")[1][:60] if lines else "failed"


def _pieces(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def minimize(target: Target, data: bytes, seconds: float = 120.0) -> bytes:
    """Return the smallest input that finds the same as this one, as far as there was time."""
    wanted = verdict(target, data)
    end = time.monotonic() + seconds
    if not wanted:
        return data
    pieces = _pieces(data)
    size = max(1, len(pieces) // 2)
    while size and time.monotonic() < end:
        start = 0
        smaller = False
        while start < len(pieces) and time.monotonic() < end:
            rest = pieces[:start] + pieces[start + size :]
            if rest and verdict(target, b"".join(rest)) == wanted:
                pieces = rest
                smaller = True
            else:
                start += size
        if not smaller or size > len(pieces):
            size //= 2
    return b"".join(pieces)
