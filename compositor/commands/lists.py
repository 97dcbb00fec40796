"""``weddell windows``, ``clients``, ``pools``, ``outputs``, ``events``: what there is and what happens."""

from __future__ import annotations

import argparse
import json
from typing import Any

from compositor.commands.options import add_json, add_socket
from compositor.commands.tables import print_json, show_bytes, table
from compositor.testing.connection import Connection, control_path

DESCRIPTIONS = {
    "windows": "List the windows of a running compositor: id, place, size, state and owner.",
    "clients": "List the clients of a running compositor: who they are, what they hold, and why they may do "
    "what they may do.",
    "pools": "List the clients' shared memory: size, seals, what the judge made of it, how often it grew.",
    "outputs": "List the outputs of a running compositor.",
    "events": "Print what happens in a running compositor, a JSON object per line, until interrupted.",
}
EPILOGS = {
    "windows": """\
examples:
  weddell windows
  weddell windows --json | jq '.[] | select(.focused).title'
""",
    "clients": "examples:\n  weddell clients --socket wayland-2\n",
    "pools": """\
examples:
  weddell pools
  watch -n 0.5 weddell pools          see them grow while windows are resized
  weddell pools --json
""",
    "outputs": "examples:\n  weddell outputs --json\n",
    "events": """\
examples:
  weddell events
  weddell events window client        kinds: window frame client error bell launch output clipboard
""",
}


def declare(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_socket(parser)
    if name == "events":
        parser.add_argument("kinds", nargs="*", metavar="KIND", help="which (default: all but frame)")
    else:
        add_json(parser)


def execute(name: str, options: argparse.Namespace) -> int:
    """List or print."""
    with Connection(control_path(options.socket)) as connection:
        if name == "events":
            return _events(connection, options.kinds)
        found = connection.call(f"{name}.list")
    if options.json:
        print_json(found)
    elif not found:
        print(f"no {name}")
    else:
        print(
            {"windows": _windows, "clients": _clients, "pools": pools_table, "outputs": _outputs}[name](found)
        )
    return 0


def _events(connection: Connection, kinds: list[str]) -> int:
    wanted = kinds or ["window", "client", "error", "bell", "launch", "output", "clipboard"]
    connection.call("events.subscribe", kinds=wanted)
    while True:
        event = connection.next_event(3600)
        if event is not None:
            print(json.dumps(event, ensure_ascii=False), flush=True)


def _windows(found: list[dict[str, Any]]) -> str:
    rows = []
    for window in found:
        state = [*window["state"]] if window["mapped"] else ["not mapped"]
        size = f"{window['width']}×{window['height']}"
        place = f"{window['x']},{window['y']}"
        rows.append(
            (window["id"], window["title"], window["app_id"], size, place, window["pid"], " ".join(state))
        )
    return table(("ID", "TITLE", "APP ID", "SIZE", "PLACE", "PID", "STATE"), rows)


def _clients(found: list[dict[str, Any]]) -> str:
    headings = (
        "CLIENT",
        "PROGRAM",
        "PID",
        "USER",
        "WINDOWS",
        "OBJECTS",
        "MESSAGES",
        "POOLS",
        "MEMORY",
        "COPIED",
        "WAY",
        "PRIVILEGED",
    )
    rows = [
        (
            client["client"],
            client["program"],
            client["pid"] if client["alive"] else f"{client['pid']} (gone)",
            client["user"],
            " ".join(map(str, client["windows"])),
            client["objects"],
            client["messages"],
            client["pools"],
            show_bytes(client["pool_bytes"]),
            show_bytes(client["copied_bytes"]),
            client["way"] or "unknown",
            f"{'yes' if client['privileged'] else 'no'}: {client['why']}",
        )
        for client in found
    ]
    return table(headings, rows)


def pools_table(found: list[dict[str, Any]]) -> str:
    """Return the table of pools."""
    headings = ("CLIENT", "PROGRAM", "POOL", "SIZE", "SEALS", "VERDICT", "GROWTHS", "BUFFERS", "MAPPED")
    rows = [
        (
            pool["client"],
            pool["program"],
            pool["pool"],
            show_bytes(pool["size"]),
            " ".join(pool["seals"]) or "none",
            pool["verdict"],
            pool["growths"],
            pool["buffers"],
            show_bytes(pool["mapped_bytes"]),
        )
        for pool in found
    ]
    return table(headings, rows)


def _outputs(found: list[dict[str, Any]]) -> str:
    headings = ("NAME", "MODE", "SCALE", "TRANSFORM", "PLACE", "FRAMES", "DRAWN", "SCANNED OUT")
    rows = [
        (
            output["name"],
            f"{output['width']}×{output['height']}@{output['refresh_mhz'] / 1000:g}",
            f"{output['scale']:g}",
            output["transform"],
            f"{output['x']},{output['y']}",
            output["frames"],
            output["drawn"],
            output["scanned_out"],
        )
        for output in found
    ]
    return table(headings, rows)
