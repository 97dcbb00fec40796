"""What a command says on stderr while it is at work. Used by the commands that take a while."""

from __future__ import annotations

import sys


class Progress:
    """One line that is written over on a terminal, and a line per step elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._said = ""

    def say(self, text: str, part: float | None = None, detail: str = "") -> None:
        """Say what is going on, how much of it is done, and on a terminal what changes all the time."""
        if self._terminal:
            bar = ""
            if part is not None:
                done = round(24 * min(part, 1.0))
                bar = f" [{'#' * done}{'.' * (24 - done)}]"
            more = f" {detail}" if detail else ""
            print(f"\r\033[K{text}{bar}{more}", end="", file=sys.stderr, flush=True)
        elif text != self._said:
            print(text, file=sys.stderr, flush=True)
        self._said = text

    def end(self) -> None:
        """Leave the line."""
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
