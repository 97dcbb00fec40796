"""The commands that steer a running compositor: ``weddell resize``, ``type``, ``click`` and so on."""

from __future__ import annotations

import argparse
import os
import select
import sys

from compositor.commands.options import add_socket, count, number
from compositor.commands.pictures import VISIONS
from compositor.render.colours import NIGHT_K
from compositor.testing.connection import Connection, control_path
from compositor.testing.errors import WaitTimeout
from compositor.testing.keys import BUTTONS, button_code

DESCRIPTIONS = {
    "resize": "Propose a size to a window; programs may round it.",
    "move": "Put a window's top-left corner at a layout point.",
    "focus": "Raise a window and give it the keyboard.",
    "close": "Ask a window to close.",
    "type": "Type text, any Unicode, into the window that has the focus.",
    "key": "Press and release keys or chords, one after the other.",
    "click": "Move the pointer to a layout point and click.",
    "stop": "End a running compositor, and the programs that were started in it.",
    "colours": "Change how a compositor in a window shows its colours, or print how it does: as other eyes "
    "see them, and warmer for the night. Captures keep theirs.",
    "advance": "Let time pass for a compositor with a manual clock; prints how many frames were drawn.",
}
EPILOGS = {
    "resize": "examples:\n  weddell resize 3 800 600\n",
    "move": "examples:\n  weddell move 3 0 0\n",
    "focus": "examples:\n  weddell focus 3\n",
    "close": "examples:\n  weddell close 3\n",
    "type": "examples:\n  weddell type 'grüße, 世界'\n  printf 'ls\\n' | weddell type -\n",
    "key": "examples:\n  weddell key ctrl+shift+t\n  weddell key Escape colon w Return\n",
    "click": """\
examples:
  weddell click 100 200
  weddell click 100 200 --button right
  weddell click 5 5 --count 2
""",
    "stop": "examples:\n  weddell stop\n  weddell stop --socket test\n",
    "colours": """\
examples:
  weddell colours --vision deuteranopia
  weddell colours --night
  weddell colours --vision normal --temperature 6500    as they are
""",
    "advance": "examples:\n  weddell advance 100\n  weddell advance 16.667 --socket test\n",
}

_STOP_S = 30


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_socket(parser)
    add = parser.add_argument
    if name in ("resize", "move", "focus", "close"):
        add("id", type=int, metavar="ID", help="of the window (see weddell windows)")
    if name == "resize":
        add("width", type=int, metavar="WIDTH", help="of the window geometry, layout pixels")
        add("height", type=int, metavar="HEIGHT")
    elif name in ("move", "click"):
        add("x", type=number, metavar="X", help="layout pixels")
        add("y", type=number, metavar="Y")
    if name == "click":
        add("--button", choices=tuple(BUTTONS), default="left", help="which button (default: left)")
        add("--count", type=count, default=1, metavar="N", help="how often; 2 is a double click")
    elif name == "type":
        add("text", metavar="TEXT", help="what to type; - reads standard input")
    elif name == "key":
        add("keys", nargs="+", metavar="KEYS", help="such as Return, F5, ctrl+shift+t")
    elif name == "colours":
        add("--vision", choices=VISIONS, help="whose eyes look")
        warmth = parser.add_mutually_exclusive_group()
        warmth.add_argument("--temperature", type=int, metavar="K", help="of white: 1000 to 6500 kelvin")
        warmth.add_argument("--night", action="store_true", help=f"the same as --temperature {NIGHT_K}")
    elif name == "advance":
        add("ms", type=number, metavar="MS", help="milliseconds")


def execute(name: str, options: argparse.Namespace) -> int:
    """Send the request."""
    with Connection(control_path(options.socket)) as connection:
        if name == "resize":
            connection.call("window.resize", id=options.id, width=options.width, height=options.height)
        elif name == "move":
            connection.call("window.move", id=options.id, x=options.x, y=options.y)
        elif name in ("focus", "close"):
            connection.call(f"window.{name}", id=options.id)
        elif name == "type":
            text = sys.stdin.read() if options.text == "-" else options.text
            for start in range(0, len(text), 10_000):
                connection.call("keyboard.type", text=text[start : start + 10_000])
        elif name == "key":
            for chord in options.keys:
                connection.call("keyboard.chord", keys=chord)
        elif name == "click":
            connection.call("pointer.move", x=options.x, y=options.y)
            connection.call("pointer.click", button=button_code(options.button), count=options.count)
        elif name == "stop":
            _stop(connection)
        elif name == "colours":
            temperature = NIGHT_K if options.night else options.temperature
            now = connection.call("output.colours", vision=options.vision, temperature_k=temperature)
            print(f"{now['vision']} vision, white of {now['temperature_k']} K")
        else:
            timeout_s = 30 + options.ms / 10
            result, _ = connection.exchange("clock.advance", {"ms": options.ms}, timeout_s=timeout_s)
            print(f"{result['frames']} frame{'s' * (result['frames'] != 1)}")
    return 0


def _stop(connection: Connection) -> None:
    """End the compositor, and return when its process has ended and its sockets are gone."""
    pid = connection.call("server.info")["pid"]
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        # In another process namespace, where its end cannot be seen.
        connection.call("server.stop")
        return
    try:
        connection.call("server.stop")
        if not select.select([process], [], [], _STOP_S)[0]:
            raise WaitTimeout(f"the compositor, process {pid}, did not end within {_STOP_S} s")
    finally:
        os.close(process)
