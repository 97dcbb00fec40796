"""Scripts: what clients and the person at the devices do, as text, one step a line.

    - with lint legacy_shell                   options of the compositor; first of all, if at all
    0 wl_compositor:0.create_surface           client 0 sends a request; its new object needs no name
    0 xdg_wm_base:0.get_xdg_surface wl_surface:0
    0 xdg_surface:0.ack_configure s            s is the serial that the object was sent last, s2 the
                                               third last of all that the client was sent
    0 wl_shm:0.create_pool memfd/4096/s 4096   a descriptor is described, see `fuzz.descriptors`
    0 xdg_toplevel:0.set_title "a\\u0020title"  strings as JSON, without blanks; arrays as x0011aabb
    0 wl_surface:0!.commit                     even if it was destroyed
    0 raw 0100000000000c0000                   these bytes
    0 cut 5                                    of what it has to send, only so much arrives for now
    0 truncate 0 100                           its first memfd changes size
    0 deaf | hear | hangup | connect           it does not read; reads; ends; comes anew
    0 draw 0 0 1 2                             from now on it answers every frame with the next: of its first
                                               surface, with the first three buffers in turn
    0 rest                                     no longer
    - turn                                     the compositor serves everybody
    - advance 17                               time passes, in milliseconds
    - pointer.move {"x":10,"y":20}             a driver calls a method of the control socket

`wl_surface:1` is the second wl_surface that the client has made; a number that is too high counts round,
and one that is dead stands for the next that lives. A global is bound when first named. What makes no
sense is passed over, so that any text is a script, and what is cut out of one leaves a script.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

CLIENTS = 4
"""How many clients a script may have."""
MAX_STEPS = 600

_TARGET = re.compile(r"([a-z][a-z0-9_]*):(\d{1,4})(!?)\.([a-z_][a-z0-9_]*)")
_METHOD = re.compile(r"[a-z]+(\.[a-z_]+)?")
_DOINGS = {"raw", "cut", "truncate", "deaf", "hear", "hangup", "connect", "draw", "rest"}
_WORLD = {"with", "turn", "advance"}


class Step(NamedTuple):
    """One line.

    Attributes:
        who: number of the client, -1 for the world around them.
        what: "interface.request", or the word for what else is done.
        index: which object of the interface.
        forced: whether it is named even if it was destroyed.
        arguments: as written.
    """

    who: int
    what: str
    index: int = 0
    forced: bool = False
    arguments: tuple[str, ...] = ()

    @property
    def interface(self) -> str:
        """The interface of a request, else nothing."""
        return self.what.partition(".")[0] if self.who >= 0 and "." in self.what else ""

    @property
    def request(self) -> str:
        """The request's name."""
        return self.what.partition(".")[2]

    def __str__(self) -> str:
        if self.who < 0:
            head = f"- {self.what}"
        elif self.interface:
            head = f"{self.who} {self.interface}:{self.index}{'!' * self.forced}.{self.request}"
        else:
            head = f"{self.who} {self.what}"
        return " ".join((head, *self.arguments))


def parse_line(line: str) -> Step | None:
    """Return a line's step, or None if it is none."""
    words = line.split()
    if len(words) < 2 or len(words[0]) != 1:
        return None
    who, what, *arguments = words
    if who == "-":
        if what in _WORLD or _METHOD.fullmatch(what):
            return Step(-1, what, arguments=tuple(arguments))
        return None
    if who not in "0123":
        return None
    if what in _DOINGS:
        return Step(int(who), what, arguments=tuple(arguments))
    found = _TARGET.fullmatch(what)
    if found is None:
        return None
    interface, index, forced, request = found.groups()
    return Step(int(who), f"{interface}.{request}", int(index), bool(forced), tuple(arguments))


def parse(data: bytes) -> list[Step]:
    """Return the steps of a script; lines that are none are left out."""
    lines = data.decode("ascii", "replace").split("\n", MAX_STEPS)[:MAX_STEPS]
    return [step for line in lines if (step := parse_line(line)) is not None]


def unparse(steps: list[Step]) -> bytes:
    """Return the script of some steps."""
    return "".join(f"{step}\n" for step in steps).encode("ascii", "replace")


def quote(text: str) -> str:
    """Return a string argument."""
    return json.dumps(text).replace(" ", "\\u0020")


def unquote(word: str) -> str | None:
    """Return what a string argument says; None for null and for what is none."""
    try:
        text = json.loads(word)
    except (ValueError, RecursionError):
        return None
    return text if isinstance(text, str) else None


def number(word: str, default: int = 0) -> int:
    """Return a number as written, or the default."""
    try:
        return int(word) if len(word) < 20 else default
    except ValueError:
        return default
