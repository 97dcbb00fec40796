"""What every demo program shares: its options, its errors and exit status, its statistics."""

from __future__ import annotations

import argparse
import json
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .connection import Connection
from .errors import ClientError
from .inherited import FirstFrame
from .seat import Seat
from .surface import Surface

Options = argparse.Namespace


def size(text: str) -> tuple[int, int]:
    """Parse WIDTHxHEIGHT, surface pixels."""
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if match is None or not (int(match[1]) and int(match[2])):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 640x480")
    return int(match[1]), int(match[2])


def count(text: str) -> int:
    """Parse a number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)


def parser(description: str, default_size: str, examples: str = "") -> argparse.ArgumentParser:
    """Return a parser with the options every demo has; `examples` are lines of arguments with comments."""
    name = Path(sys.argv[0]).name
    lines = [line.strip() for line in examples.strip().splitlines()]
    shown = "\n".join(f"  python {name} {line}" for line in [*lines, "--frames 60 --json"])
    result = argparse.ArgumentParser(
        description=description,
        epilog=f"examples:\n{shown}\n\nexit status: 0 done, 2 wrong arguments, 3 no compositor, "
        "4 an interface is missing, 5 disconnected",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("--size", type=size, default=size(default_size), metavar="WxH",
                        help=f"size of the content in surface pixels (default {default_size})")  # fmt: skip
    result.add_argument("--title", help="the window's title")
    result.add_argument("--frames", type=count, metavar="N", help="end after N frames")
    result.add_argument("--seed", type=int, default=1, metavar="N", help="for what is random (default 1)")
    result.add_argument("--first-frame", metavar="NAME",
                        help="show this inherited buffer first; env:VARIABLE for one by string")  # fmt: skip
    result.add_argument("--json", action="store_true", help="print statistics at the end")
    return result


def statistics(surfaces: list[Surface], started: float) -> dict[str, float | int]:
    """Return what --json prints: frames and memory of these surfaces, and what the process has used."""
    chains = [surface.swapchain for surface in surfaces]
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "frames": surfaces[0].frames if surfaces else 0,
        "growths": sum(chain.growths for chain in chains),
        "pool_bytes": sum(chain.pool_bytes for chain in chains),
        "buffers_made": sum(chain.buffers_made for chain in chains),
        "seconds": round(time.monotonic() - started, 3),
        "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1000),
        "max_rss_kb": usage.ru_maxrss,
    }


def run(options: Options, build: Callable[[Connection, Options], Surface]) -> int:
    """Connect, build the main surface, run until it is closed; return the exit status."""
    started = time.monotonic()
    try:
        with Connection() as connection:
            Seat(connection)
            surface = build(connection, options)
            surface.limit = options.frames or 0
            if options.first_frame:
                pixel_format = surface.swapchain.format
                surface.first_frame = FirstFrame(connection, options.first_frame, *options.size, pixel_format)
            connection.run()
            if options.json:
                surfaces = [s for s in connection.updatables if isinstance(s, Surface)]
                print(json.dumps(statistics(surfaces, started)))
            return 0
    except ClientError as error:
        print(f"{Path(sys.argv[0]).stem}: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return 130
