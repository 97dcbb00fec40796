"""``weddell wait``: what scripts wait for, so that none needs to sleep."""

from __future__ import annotations

import argparse
import re

from compositor.commands.options import add_json, add_socket, positive
from compositor.commands.tables import print_json

DESCRIPTIONS = {
    "wait": "Wait until programs have read all they were sent, and sleep, and no frame is due. With --title "
    "or --app-id, wait for such a window instead, and print its id."
}
EPILOGS = {
    "wait": """\
examples:
  weddell wait                                 after weddell type, key or click
  id=$(weddell wait --app-id foot)             the window of a program just launched
  weddell wait --title '\\.txt$' --seconds 5    a title that ends so
"""
}


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_socket(parser)
    add = parser.add_argument
    add(
        "--title",
        type=_pattern,
        metavar="PATTERN",
        help="of the window: a regular expression for a part of it",
    )
    add("--app-id", type=_pattern, metavar="PATTERN", help="likewise")
    add("--seconds", type=positive, default=30.0, metavar="S", help="how long at most (default: 30)")
    add_json(parser)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from None


def execute(name: str, options: argparse.Namespace) -> int:
    """Wait."""
    from compositor.testing.compositor import Compositor

    with Compositor.attach(options.socket, timeout_s=options.seconds) as compositor:
        if options.title is None and options.app_id is None:
            compositor.wait_idle()
        else:
            window = compositor.window(title=options.title, app_id=options.app_id)
            if options.json:
                print_json(window.info)
            else:
                print(window.id)
    return 0
