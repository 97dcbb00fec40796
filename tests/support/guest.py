"""A program that connects to a compositor and says what it is offered: as it is, or checked in.

    guest.py SOCKET                  connect to a socket's path, or to an abstract one by @name
    guest.py check-in [exec PROGRAM] check in with the launcher; then go on as another program, or not
    guest.py fd NUMBER               go on with a connection that was inherited

Prints a line of JSON: the globals, or why there are none. It ends when its stdin does.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from support.client import Client, ConnectionLost  # noqa: E402


def reach(address: str) -> socket.socket:
    """Connect to a path, or an abstract name that begins with @."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect("\0" + address[1:] if address.startswith("@") else address)
    return sock


def offered(sock: socket.socket) -> dict[str, object]:
    """Say what a connection is offered."""
    client = Client(sock, timeout_s=20)
    try:
        client.roundtrip()
        _ = client.registry
    except (ConnectionLost, ConnectionResetError, BrokenPipeError) as error:
        return {"refused": str(error)}
    return {"globals": sorted(client.globals)}


def main(arguments: list[str]) -> None:
    """Do what the module says."""
    match arguments:
        case ["fd", number]:
            sock = socket.socket(fileno=int(number))
        case ["check-in", *rest]:
            from compositor.memory import check_in

            sock = check_in()
            if rest:
                # What counts is what runs when the token is heard.
                Client(sock, timeout_s=20).roundtrip()
                sock.set_inheritable(True)
                os.execv(rest[1], [rest[1], __file__, "fd", str(sock.detach())])
        case [address]:
            sock = reach(address)
    print(json.dumps(offered(sock)), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
