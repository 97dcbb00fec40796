"""``weddell launch``: start a program in a running compositor."""

from __future__ import annotations

import argparse
import os

from compositor.commands.options import add_socket
from compositor.errors import ConfigError
from compositor.testing.connection import Connection, control_path

DESCRIPTIONS = {"launch": "Start a program in a running compositor; its output comes here."}
EPILOGS = {
    "launch": """\
examples:
  weddell launch -- foot
  weddell launch --wait -- ./test.sh            exits with its status
  weddell launch --trusted -- grim shot.png     may capture under --privileged launched
""",
}


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_socket(parser)
    add = parser.add_argument
    add("--trusted", action="store_true", help="let it use privileged protocols under every policy")
    add("--wait", action="store_true", help="wait until it ends, and exit with its status")
    add("command", nargs="*", metavar="-- CMD ARGS", help="program to start")


def execute(name: str, options: argparse.Namespace) -> int:
    """Start it."""
    if not options.command:
        raise ConfigError("which program? weddell launch -- CMD ARGS")
    with Connection(control_path(options.socket)) as connection:
        params = {
            "argv": options.command,
            "cwd": os.getcwd(),
            "trusted": options.trusted,
            "stdin": 0,
            "stdout": 1,
            "stderr": 2,
        }
        result, _ = connection.exchange("launch", params, fds=(0, 1, 2))
        if not options.wait:
            print(f"pid {result['pid']}")
            return 0
        ended, _ = connection.exchange("launch.wait", {"launch": result["launch"]}, timeout_s=10**8)
    status: int = ended["status"]
    return 128 - status if status < 0 else status
