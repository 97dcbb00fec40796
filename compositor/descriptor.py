"""A file descriptor that somebody owns.

An integer does not say who must close it; a `Descriptor` does. It is closed
when its owner lets go of it, unless the number was taken out. Anybody may
import this module.
"""

from __future__ import annotations

import os


class Descriptor:
    """Owner of one open file descriptor.

    After `close` or `take` the number is forgotten, so that a second close
    can never hit an unrelated file that was given the same number.
    """

    __slots__ = ("_fd",)

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        """Return the number, still owned here.

        Raises:
            ValueError: if it was closed or taken.
        """
        if self._fd < 0:
            raise ValueError("the descriptor was closed or taken")
        return self._fd

    @property
    def closed(self) -> bool:
        """Whether it was closed or taken."""
        return self._fd < 0

    def take(self) -> int:
        """Return the number and leave closing it to the caller."""
        fd = self.fileno()
        self._fd = -1
        return fd

    def close(self) -> None:
        """Close it if it is still owned; harmless otherwise."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Descriptor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
