"""What a client's program is called, which globals it bound and what became of its memory.

`clients.list` and the events about clients tell it. Used by the control package alone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositor.wire import Client


def program_of(pid: int) -> str:
    """Return the name of a program, for people: of the script, if an interpreter runs one."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            arguments = file.read(4096).decode("utf-8", "replace").split("\0")
    except OSError:
        return "?"
    # Programs that set their title (Chromium's) have all of it in one argument.
    name = os.path.basename(arguments[0].partition(" ")[0])
    if name.startswith(("python", "perl", "ruby", "node", "sh", "bash")) and len(arguments) > 1:
        script = arguments[1]
        if script and not script.startswith("-"):
            return os.path.basename(script)
    return name or "?"


def usage_of(client: Client) -> dict[str, Any]:
    """Return what a client has used so far.

    Returns:
        ``globals``: the version bound of each, by interface; ``verdicts``: how often the judge came to
        each of its verdicts on pools of the client's, also those that are gone.
    """
    from compositor.protocol.shm_account import account_of

    verdicts = account_of(client).verdicts
    return {
        "globals": dict(client.bound),
        "verdicts": {verdict.name.lower(): count for verdict, count in verdicts.items()},
    }
