"""Logging, imported when there is something to log: `logging` takes a fourteenth of a start without a word.

A module keeps a `Log` where it would keep a logger. What `set_up` and `set_level` say holds from the first
line on; without them `logging` is as whoever embeds the compositor has it. Anybody may import this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Protocol

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Stream(Protocol):
    """Where lines go."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> None: ...


class _Wishes:
    """What `logging` is told as soon as it is there."""

    __slots__ = ("level", "streams")

    def __init__(self) -> None:
        self.streams: Iterable[Stream] = ()
        self.level: str | None = None


_wishes = _Wishes()


def set_up(*streams: Stream) -> None:
    """Have lines with time, level and place written to each stream."""
    _wishes.streams = streams
    if "logging" in sys.modules:
        load()


def set_level(verbose: int) -> None:
    """Log warnings (0), what happens (1), or everything (2 and more)."""
    _wishes.level = ("WARNING", "INFO", "DEBUG")[min(verbose, 2)]
    if "logging" in sys.modules:
        load()


def load() -> None:
    """Import `logging`, and tell it what was said here since the last time."""
    import logging

    root = logging.getLogger()
    for stream in _wishes.streams:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter(_FORMAT))
        root.addHandler(handler)
    _wishes.streams = ()
    if _wishes.level is not None:
        root.setLevel(_wishes.level)
        _wishes.level = None


class Log:
    """Writes what a logger of `logging` writes.

    Args:
        name: of the logger.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, text: str, *values: object) -> None:
        self._write("DEBUG", text, values)

    def info(self, text: str, *values: object) -> None:
        self._write("INFO", text, values)

    def warning(self, text: str, *values: object) -> None:
        self._write("WARNING", text, values)

    def error(self, text: str, *values: object) -> None:
        self._write("ERROR", text, values)

    def exception(self, text: str, *values: object) -> None:
        """Log an error with the stack of the exception that is being handled."""
        self._write("ERROR", text, values, sys.exception())

    def critical(self, text: str, *values: object, error: BaseException) -> None:
        """Log what ends the program, with the stack of `error`."""
        self._write("CRITICAL", text, values, error)

    def _write(
        self, level: str, text: str, values: tuple[object, ...], error: BaseException | None = None
    ) -> None:
        try:
            load()
            import logging
        except (OSError, ImportError):
            return  # No descriptor is left to read a module with.
        number: int = getattr(logging, level)
        # The caller's caller is who speaks.
        logging.getLogger(self._name).log(number, text, *values, exc_info=error, stacklevel=3)
