"""Instructions of the message path: ``python -m benchmarks.instructions``.

Times drift on a machine that others use; what a processor executes does not. The in-process benchmark of
`benchmarks.messages` runs under Valgrind's callgrind for two numbers of frames, and the difference is what
the further frames took: the interpreter, the compiled modules and the C library, without the kernel.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence

from benchmarks import report

FEW, MANY = 50, 150
#: In: attach, damage_buffer, frame, commit. Out: release, done, delete_id.
MESSAGES = 7


class CountError(Exception):
    """Callgrind cannot count here; the text says why."""


def play(surfaces: int, frames: int) -> None:
    """Play frames, and end at once: what runs under callgrind."""
    import gc

    from benchmarks.messages import bench

    with bench(surfaces) as made:
        gc.disable()
        # The peer sends and receives, and does nothing that would be counted.
        made.checks = False
        for number in range(frames):
            made.frame(number)
        # Taking it all down again is not counted.
        os._exit(0)


def count(surfaces: int, frames: int) -> int:
    """Return the instructions of a whole run.

    Raises:
        CountError: if there is no Valgrind, or it fails.
    """
    if shutil.which("valgrind") is None:
        raise CountError("valgrind is not installed (Debian package valgrind)")
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
    command += ["-m", "benchmarks.instructions", "--play", str(surfaces), str(frames)]
    # The same hashes in each run, so that dictionaries are the same.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or found is None:
        raise CountError(f"callgrind failed:\n{done.stderr.strip()[-2000:]}")
    return int(found.group(1))


def per_surface(surfaces: int) -> float:
    """Return the instructions for each surface and frame."""
    return (count(surfaces, MANY) - count(surfaces, FEW)) / (MANY - FEW) / surfaces


def main(arguments: Sequence[str] | None = None) -> int:
    """Count and print a table."""
    command_line = argparse.ArgumentParser(
        prog="python -m benchmarks.instructions",
        description="Instructions of the message path, counted by callgrind.",
        epilog="example:\n  python -m benchmarks.instructions --surfaces 1 50 1000",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command_line.add_argument("--surfaces", type=int, nargs="+", default=[1, 50, 200], metavar="N")
    command_line.add_argument("--play", type=int, nargs=2, help=argparse.SUPPRESS)
    options = command_line.parse_args(arguments)
    if options.play:
        play(*options.play)
    rows = []
    for number, surfaces in enumerate(options.surfaces, 1):
        print(f"[{number}/{len(options.surfaces)}] {surfaces} surfaces", file=sys.stderr, flush=True)
        try:
            each = per_surface(surfaces)
        except CountError as error:
            print(error, file=sys.stderr)
            return 1
        rows.append([str(surfaces), f"{each:,.0f}", f"{each / MESSAGES:,.0f}"])
    print(report.table(["surfaces", "instructions a surface and frame", "a message"], rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
