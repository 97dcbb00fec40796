"""``weddell run --detach``: the compositor goes on in the background once clients can connect.

Used by `compositor.commands.run` alone.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from pathlib import Path

from compositor import runtime
from compositor.errors import ConfigError


def detach() -> int | None:
    """Split the process in two.

    Returns:
        In the process that goes on as the compositor: the descriptor to write the socket's name to. In the
        one that was called: None, after the other one is ready; the shell's variables have been printed.

    Raises:
        ConfigError: in the one that was called, if the other one ended instead.
    """
    log = Path(runtime.runtime_dir(), f"weddell-{os.getpid()}.log")
    ready, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ready)
        _leave(log)
        os.set_inheritable(theirs, False)
        return theirs
    os.close(theirs)
    with open(ready, "rb") as pipe:
        name = pipe.read().decode().strip()
    if not name:
        os.waitpid(pid, 0)
        said = log.read_text("utf-8", "replace").strip().removeprefix("weddell: ")
        log.unlink()
        raise ConfigError(said or "the compositor ended before clients could connect")
    where = os.environ[runtime.VARIABLE]
    print(f"export {runtime.VARIABLE}={shlex.quote(where)} WAYLAND_DISPLAY={shlex.quote(name)}", flush=True)
    print(f"weddell: process {pid}, log in {log}", file=sys.stderr)
    return None


def _leave(log: Path) -> None:
    """Let go of the terminal and of whoever waits for our output to end."""
    os.setsid()
    with open(os.devnull, "r+b") as null, open(log, "wb") as out:
        os.dup2(null.fileno(), 0)
        os.dup2(null.fileno(), 1)
        os.dup2(out.fileno(), 2)
    import atexit

    def tidy() -> None:
        with contextlib.suppress(OSError):
            if log.stat().st_size == 0:
                log.unlink()

    atexit.register(tidy)
