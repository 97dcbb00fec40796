"""``weddell view``: a window on a running headless compositor."""

from __future__ import annotations

import argparse
import signal
import sys

from compositor.commands.options import add_socket
from compositor.testing.connection import Connection, control_path

DESCRIPTIONS = {
    "view": "Open a window on a running compositor: what it shows, live, and your input goes to it. The "
    "picture is its own memory, mapped read-only and sealed, so looking cannot alter it."
}
EPILOGS = {
    "view": """\
examples:
  weddell view                       the one in WAYLAND_DISPLAY
  weddell view --socket wayland-3 --output HEADLESS-2
"""
}


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_socket(parser)
    parser.add_argument("--output", metavar="NAME", help="which screen (default: the first)")


def execute(name: str, options: argparse.Namespace) -> int:
    """Show it until the window is closed."""
    from compositor.backend.window.viewer import view

    # Ended from outside, it lets go of keys and buttons as well.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with Connection(control_path(options.socket)) as connection:
        return view(connection, options.output)
