"""``weddell screenshot`` and ``record``: what an output or window shows, in a file."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from compositor.commands.options import add_socket
from compositor.errors import ConfigError
from compositor.testing.connection import Connection, control_path

if TYPE_CHECKING:
    from compositor.testing.picture import Image

DESCRIPTIONS = {
    "screenshot": "Save a picture of an output or a window; the name's ending says the format.",
    "record": "Save an animation of an output (.webp, .gif or .png), until interrupted or for some seconds.",
}
EPILOGS = {
    "screenshot": """\
examples:
  weddell screenshot shot.png
  weddell screenshot --window 3 window.png
  weddell screenshot --output HEADLESS-2 --cursor shot.webp
  weddell screenshot --vision deuteranopia shot.png
""",
    "record": "examples:\n  weddell record --seconds 5 clip.webp\n  weddell record --fps 10 clip.gif\n",
}
VISIONS = ("normal", "deuteranopia", "protanopia", "tritanopia")
_ANIMATED = (".webp", ".gif", ".png")


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_socket(parser)
    add = parser.add_argument
    add("--output", metavar="NAME", help="which output (default: the first)")
    add("--cursor", action="store_true", help="with the pointer's picture")
    if name == "screenshot":
        add("--window", type=int, metavar="ID", help="a window instead, without what covers it")
        add("--vision", choices=VISIONS, help="as eyes see it that lack a kind of cone")
    else:
        add("--seconds", type=float, metavar="S", help="how long (default: until Ctrl+C)")
        add("--fps", type=float, default=20.0, metavar="N", help="pictures per second (default: 20)")
    add("file", type=Path, metavar="FILE")


def execute(name: str, options: argparse.Namespace) -> int:
    """Save it."""
    with Connection(control_path(options.socket)) as connection:
        if name == "record":
            return _record(connection, options)
        image = grab(connection, options.output, options.window, options.cursor, options.vision)
    from compositor.testing.picture import save

    try:
        save(image, options.file)
    except (ValueError, OSError) as error:
        raise ConfigError(f"cannot write {options.file}: {error}") from None
    return 0


def grab(
    connection: Connection,
    output: str | None = None,
    window: int | None = None,
    cursor: bool = False,
    vision: str | None = None,
) -> Image:
    """Return one picture: (height, width, 4) uint8 RGBA."""
    from compositor.testing.picture import open_picture

    params = {"output": output, "window": window, "cursor": cursor or None, "vision": vision}
    return open_picture(*connection.exchange("capture", params))


def _record(connection: Connection, options: argparse.Namespace) -> int:
    if options.file.suffix.lower() not in _ANIMATED:
        raise ConfigError(
            f"cannot record to {options.file}: the ending must be one of {', '.join(_ANIMATED)}"
        )
    from compositor.commands.animation import Animation

    animation = Animation(options.fps)
    end = None if options.seconds is None else time.monotonic() + options.seconds
    try:
        while end is None or time.monotonic() < end:
            animation.add(grab(connection, options.output, cursor=options.cursor))
            animation.wait()
    except KeyboardInterrupt:
        pass
    animation.save(options.file)
    print(f"{animation.count} pictures in {options.file}", file=sys.stderr)
    return 0
