"""What is left of a compositor that crashed: a report for people.

An exception that nothing caught ends the compositor in order (its sockets are removed, its programs ended)
and is written down with what was logged last. Of a signal that the kernel ends it with (a fault in a library)
the stack is kept, by faulthandler: on stderr while it starts, and by the caretaker after that, which removes
the sockets too. SIGBUS keeps its default: nothing here can raise one, and no handler shall hide that.

Wiring of the server. Source: faulthandler, XDG Base Directory Specification.
"""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import sys
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEPT_LINES = 200


class LastWords:
    """A stream that keeps the lines which were logged last."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)

    def write(self, text: str) -> None:
        self.lines.append(text.rstrip("\n"))

    def flush(self) -> None:
        """Do nothing: what was written is kept."""


def watch_faults(fd: int | None = None) -> None:
    """Have the stack written to a descriptor, or stderr, if the kernel ends the process for a fault."""
    try:
        faulthandler.enable() if fd is None else faulthandler.enable(fd)
    except (OSError, ValueError, RuntimeError, io.UnsupportedOperation):
        return  # There is no stderr.
    signal.signal(signal.SIGBUS, signal.SIG_DFL)


def report_folder() -> Path:
    """Return where reports go: weddell in XDG_STATE_HOME, or in its default."""
    from pathlib import Path

    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if os.path.isabs(state) else Path("~/.local/state").expanduser()
    return base / "weddell"


def write_report(error: BaseException, words: LastWords) -> Path | None:
    """Write down how the compositor ended.

    Args:
        error: what nothing caught; its notes say how things stood.
        words: what was logged before.

    Returns:
        The file, or None if none could be written anywhere.
    """
    import traceback

    lines = [
        f"command: {' '.join(sys.argv)}",
        "",
        *"".join(traceback.format_exception(error)).splitlines(),
        "",
        "logged last:",
        *words.lines,
    ]
    return write_lines(os.getpid(), lines)


def write_lines(pid: int, lines: list[str]) -> Path | None:
    """Write a report about a process.

    Args:
        pid: of the compositor.
        lines: of the report, after those that say what crashed and when.

    Returns:
        The file, or None if none could be written anywhere.
    """
    import tempfile
    from pathlib import Path

    from compositor import __version__

    name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{pid}.txt"
    head = [
        f"weddell {__version__} crashed on {time.strftime('%Y-%m-%d %H:%M:%S %z')}",
        f"python: {sys.version.split()[0]}, kernel: {os.uname().release}",
    ]
    for folder in (report_folder(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Exclusive: in a folder that others can write to, the name may be a trap.
            fd = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(fd, "w", encoding="utf-8") as file:
                file.write("\n".join([*head, *lines, ""]))
            return folder / name
        except (OSError, RuntimeError):
            continue
    return None
