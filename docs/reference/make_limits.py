"""Writes limits.md beside this file: every bound on clients, from the dataclass that holds them."""

from __future__ import annotations

import re
from pathlib import Path

from compositor import limits
from compositor.limits import Limits
from compositor.record import fields

INTRODUCTION = """\
# Limits

How much one client may take. Whoever goes over a limit gets a protocol error, or loses its connection, and
nobody else notices. Each figure is far above what honest programs were seen to use and far below what hurts
the others. Set any of them when starting, as often as needed; K, M and G stand for powers of 1024:

```sh
weddell run --headless --limit surfaces=500 --limit pool_bytes=256M -- true
```

Python code passes `Limits(...)` in `ServerOptions.limits`. The tables are written by
`python docs/reference/make_limits.py` from [the dataclass](../../compositor/limits.py). "In all" means the
clients of one compositor together: whoever asks last is refused.
"""

EPILOG = """\
## What happens at a limit

| limit | what the client gets |
|---|---|
| pools, mappings, sparse and copied bytes | `wl_shm.error.invalid_fd`, with the limit in its text |
| `buffer_side_px` | `wl_shm.error.invalid_stride` |
| `objects` | `wl_display.error.invalid_object` |
| any other number of things | `wl_display.error.implementation`, naming the limit |
| `popup_depth` | `xdg_wm_base.error.invalid_popup_parent` |
| `pending_output_bytes`, `pending_output_fds` | its connection is closed: an error could not be read either |
| `clients`, `clients_per_uid`, `clients_per_pid` | the new connection is closed |
| `descriptor_reserve` | the process that holds most loses a connection, and is told so |
| `message_budget_bytes`, `turn_us` | it waits for its turn; nothing is lost |
| `pending_configures`, `transfers` | it is sent no more of them for now |

## Slowed, not stopped

A turn of the loop serves requests for `turn_us`, then draws what is due and sends what is queued. Who was
served least is served first, counted by process: a client that draws once per frame is ahead of one that
never stops, and two hundred connections of one process count as one. A process whose single requests take
longer than a frame (copying a large unsealed buffer, ending a connection with 60,000 objects) owes that time.
Once it owes more than 50 ms it waits nine times as long, unless it is alone. `make attack` measures that an
honest client keeps 60 Hz, within a tenth, during each attack.

## Bounds that cannot be set

They follow from protocols or the system: 4,096 bytes of one event and 28 descriptors sent at once (what
libwayland receives), 253 descriptors received at once (`SCM_MAX_FD`), a line of 1 MiB and 8 MiB of unread
answers on the control socket, 60 s and 64 readers for what a driver has copied.
"""

_SECTION = re.compile(r"    # (.+): (compositor/.+)")
_FIELD = re.compile(r"    (\w+): int = _limit")


def show(value: int) -> str:
    """Return a figure as the command line takes it."""
    for unit, shift in (("G", 30), ("M", 20)):
        if value % (1 << shift) == 0:
            return f"{value >> shift}{unit}"
    return str(value)


def page() -> str:
    """Return the whole page."""
    entries = fields(Limits)
    parts = [INTRODUCTION]
    for line in Path(limits.__file__).read_text("utf-8").splitlines():
        if found := _SECTION.fullmatch(line):
            places = ", ".join(f"`{place.strip()}`" for place in found[2].split(","))
            parts.append(f"## {found[1]}\n\nEnforced in {places}.\n")
            parts.append("| name | default | bounds | why so much |\n|---|---|---|---|")
        elif found := _FIELD.match(line):
            entry = entries[found[1]]
            what, why = entry.about["what"], entry.about["why"]
            row = f"| `{found[1]}` | {show(entry.default)} | {what} | {why} |"
            last = parts.pop()
            parts.append(f"{last}\n{row}")
    return "\n".join(f"{part}\n" if part.endswith("|") else part for part in parts) + "\n" + EPILOG


if __name__ == "__main__":
    Path(__file__).with_name("limits.md").write_text(page(), "utf-8")
