"""Options that several commands share."""

from __future__ import annotations

import argparse
import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from compositor.server import OutputSpec

_OUTPUT = re.compile(r"(\d+)x(\d+)(?:@(\d+(?:\.\d+)?))?(?:\*(\d+(?:\.\d+)?))?")


def output_spec(text: str) -> OutputSpec:
    """Read ``WxH[@HZ][*SCALE]``.

    Raises:
        ArgumentTypeError: if it is no such thing.
    """
    from compositor.server import OutputSpec

    match = _OUTPUT.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not WxH[@HZ][*SCALE], such as 1920x1080@60*1.5")
    width, height = int(match[1]), int(match[2])
    hertz, scale = float(match[3] or 60), float(match[4] or 1)
    if not (1 <= width <= 32_768 and 1 <= height <= 32_768):
        raise argparse.ArgumentTypeError(f"{text!r}: width and height must be from 1 to 32768")
    if not 1 <= hertz <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r}: the refresh rate must be from 1 to 1000 Hz")
    if not 0.1 <= scale <= 16:
        raise argparse.ArgumentTypeError(f"{text!r}: the scale must be from 0.1 to 16")
    return OutputSpec(width, height, round(hertz * 1000), scale)


def path(text: str) -> Path:
    """Return a path; where none is given, a start does without `pathlib`."""
    from pathlib import Path

    return Path(text)


def number(text: str) -> float:
    """Read a finite number.

    Raises:
        ArgumentTypeError: if it is no such thing.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return value


def positive(text: str) -> float:
    """Read a number greater than zero.

    Raises:
        ArgumentTypeError: if it is no such thing.
    """
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not greater than zero")
    return value


def count(text: str) -> int:
    """Read a whole number greater than zero.

    Raises:
        ArgumentTypeError: if it is no such thing.
    """
    value = positive(text)
    if value != int(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(value)


def offer(text: str) -> tuple[str, int]:
    """Read ``GLOBAL=VERSION``.

    Raises:
        ArgumentTypeError: if it is no such thing.
    """
    name, equals, version = text.partition("=")
    if not name or not equals or not version.isascii() or not version.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not GLOBAL=VERSION, such as xdg_wm_base=3")
    return name, int(version)


def add_socket(parser: argparse.ArgumentParser) -> None:
    """Add ``--socket``, which says which running compositor is meant."""
    parser.add_argument(
        "--socket",
        metavar="NAME",
        help="which compositor: the name or path of its Wayland socket (default: $WAYLAND_DISPLAY, else "
        "the only one that runs)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print JSON for programs instead of a table")
