"""``weddell screenshot`` and ``record``: what an output or window shows, in a file."""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from compositor.commands.options import add_socket, positive
from compositor.commands.progress import Progress
from compositor.errors import ConfigError, WeddellError
from compositor.testing.connection import Connection, control_path

if TYPE_CHECKING:
    from compositor.testing.picture import Image

DESCRIPTIONS = {
    "screenshot": "Save a picture of an output or a window; the name's ending says the format.",
    "record": "Record an output or a window, until interrupted or for some seconds. The name says the "
    "format: .webp, .gif or .png for an animation, .mp4, .mkv or .webm for a video (with PyAV: pip install "
    "'weddell[video]'), a folder or a name such as shot-%04d.png for a PNG each. Pictures are taken when "
    "something is drawn, and last as long as it was shown.",
}
EPILOGS = {
    "screenshot": """\
examples:
  weddell screenshot shot.png
  weddell screenshot --window 3 window.png
  weddell screenshot --output HEADLESS-2 --cursor shot.webp
  weddell screenshot --vision deuteranopia shot.png
""",
    "record": """\
examples:
  weddell record --seconds 5 clip.webp
  weddell record --fps 30 --cursor clip.mp4
  weddell record --window 3 --width 400 clip.gif
  weddell record --fps 10 --seconds 2 frames/        frames/00001.png, frames/00002.png, ...
""",
}
VISIONS = ("normal", "deuteranopia", "protanopia", "tritanopia")
_USUAL = (".png", ".webp", ".jpg", ".bmp")
_SAY_AGAIN_S = 0.25


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_socket(parser)
    add = parser.add_argument
    add("--output", metavar="NAME", help="which output (default: the first)")
    add("--cursor", action="store_true", help="with the pointer's picture")
    add("--window", type=int, metavar="ID", help="a window instead, without what covers it")
    if name == "screenshot":
        add("--vision", choices=VISIONS, help="as eyes see it that lack a kind of cone")
    else:
        add("--width", type=int, metavar="PX", help="scale wider pictures down to this width")
        add("--seconds", type=positive, metavar="S", help="how long (default: until Ctrl+C)")
        add("--fps", type=positive, default=20.0, metavar="N", help="pictures per second (default: 20)")
    add("file", type=Path, metavar="FILE")


def execute(name: str, options: argparse.Namespace) -> int:
    """Save it."""
    if name == "screenshot":
        _check(options.file)
    with Connection(control_path(options.socket)) as connection:
        if name == "record":
            return _record(connection, options)
        image = grab(connection, options.output, options.window, options.cursor, options.vision)
    from compositor.testing.picture import save

    try:
        save(image, options.file)
    except OSError as error:
        raise ConfigError(f"cannot write {options.file}: {error.strerror or error}") from None
    return 0


def _check(path: Path) -> None:
    """Refuse a file that cannot be written before anything is taken.

    Raises:
        ConfigError: if its ending is none that Pillow writes, or its folder is not there.
    """
    from PIL import Image

    Image.init()
    endings = {ending for ending, kind in Image.EXTENSION.items() if kind in Image.SAVE}
    if path.suffix.lower() not in endings:
        few = [ending for ending in _USUAL if ending in endings]
        raise ConfigError(f"cannot write {path}: the ending must be one of {', '.join(few)}")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"cannot write {path}: there is no folder {path.parent}")


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
    from compositor.testing.films import open_film
    from compositor.testing.recording import Camera

    if options.output is not None and options.window is not None:
        raise ConfigError("--output and --window exclude each other")
    parent = options.file.absolute().parent
    if not parent.is_dir():
        raise ConfigError(f"cannot write {options.file}: there is no folder {parent}")
    params = {"output": options.output, "window": options.window, "cursor": options.cursor or None}
    progress = Progress()
    # The camera comes first: what it refuses leaves no empty file behind.
    camera = Camera(connection, options.fps, params)
    first = camera.shoot()
    film = open_film(options.file, options.fps, options.width)
    start = time.monotonic()
    end = math.inf if options.seconds is None else start + options.seconds
    gone = ""
    try:
        film.add(*first)
        while (now := time.monotonic()) < end:
            part = (now - start) / options.seconds if options.seconds else None
            progress.say("recording", part, f"{now - start:.1f} s, {film.count} pictures; Ctrl+C ends it")
            if camera.wait(min(_SAY_AGAIN_S, end - now)):
                film.add(*camera.shoot())
    except KeyboardInterrupt:
        pass
    except WeddellError as error:
        gone = str(error)
    try:
        film.close(camera.end_s(), lambda done, of: progress.say("writing", done / of, f"{done} of {of}"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot write {options.file}: {error}") from None
    finally:
        progress.end()
    print(f"{film.count} pictures in {options.file}", file=sys.stderr)
    if gone:
        raise ConfigError(f"the recording ended early: {gone}")
    return 0
