"""A process that has imported the compositor and forks one for each line that it reads.

Run by test_starting, with the library of shim.c in front of libc. A line is a JSON object: the folder to
start in and where to write; the answer is the wait status. In the child the calls fail from the first line
of the compositor's own start on, and not while Python starts.
"""

from __future__ import annotations

import importlib
import json
import mmap
import os
import sys
import traceback
from pathlib import Path

MODULES = (
    "compositor.backend.capture",
    "compositor.backend.headless",
    "compositor.cli",
    "compositor.commands.run",
    "compositor.control",
    "compositor.control.methods",
    "compositor.model.decoration",
    "compositor.model.keymap",
    "compositor.model.window_frame",
    "compositor.render.lazy",
    "compositor.server",
)


def start(folder: str, output: str) -> None:
    """Be a compositor that starts one program and ends with it."""
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ["XDG_RUNTIME_DIR"] = folder
    sys.argv = ["weddell"]
    fd = os.open(os.environ["WEDDELL_TEST_FAULTS"], os.O_RDWR)
    words = memoryview(mmap.mmap(fd, 0)).cast("i")
    from compositor.cli import main

    words[0] = os.getpid()
    try:
        status = main(["run", "--headless", "--output", "64x48", "--", "true"])
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    words[0] = 0
    os._exit(status)


def serve() -> None:
    """Fork for each line."""
    for name in MODULES:
        importlib.import_module(name)
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            try:
                start(**request)
            except BaseException:
                traceback.print_exc()
            os._exit(99)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
    serve()
