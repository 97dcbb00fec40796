"""The rules of the lint, and what was found against them. Used by the lint alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from compositor.wire import Client

_MAX_FINDINGS = 1000


class Severity(Enum):
    """How bad it is."""

    ERROR = "error"
    """People see it: wrong pixels, a window that does not follow, a program that dies or grows."""
    WARNING = "warning"
    """It works, and costs more than it must."""


class Rule(NamedTuple):
    """One thing that programs should not do."""

    severity: Severity
    text: str


RULES = {
    "protocol-error": Rule(Severity.ERROR, "the program broke the protocol and was disconnected"),
    "held-buffer": Rule(Severity.ERROR, "a buffer was written to while the compositor held it"),
    "damage-missing": Rule(Severity.ERROR, "pixels changed that no damage covers"),
    "configure-ignored": Rule(
        Severity.ERROR, "a configure was not acknowledged, not followed, or not obeyed"
    ),
    "leak": Rule(Severity.ERROR, "surfaces, buffers, pools or descriptors pile up"),
    "pool-unsealed": Rule(Severity.WARNING, "a pool's file is not sealed against shrinking"),
    "damage-large": Rule(Severity.WARNING, "damage is much larger than what changed"),
    "commit-unchanged": Rule(Severity.WARNING, "commits that change nothing"),
    "frame-callback": Rule(
        Severity.WARNING, "frames are drawn that nobody can see: frame callbacks are not waited for"
    ),
    "wrong-scale": Rule(Severity.WARNING, "buffers have another scale than the outputs the surface is on"),
}
"""Every rule by its name."""


@dataclass(slots=True)
class Finding:
    """One rule broken by one object, however often.

    Attributes:
        rule, severity, text: what, how bad, and the particulars of the first time.
        client, pid: who.
        object: as ``wl_surface#7``.
        request: the request or event at which it was seen.
        time_ms, last_ms: since the watch began, by the compositor's clock: of the first and the last.
        count: how often.
    """

    rule: str
    severity: str
    text: str
    client: int
    pid: int
    object: str
    request: str
    time_ms: float
    last_ms: float
    count: int = 1


class Findings:
    """What was found, in the order it was first seen.

    Attributes:
        on_new: called with each finding when it is first seen.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._start_ns = now_ns()
        self._found: dict[tuple[int, str, str], Finding] = {}
        self.on_new: list[Callable[[dict[str, Any]], None]] = []

    def report(self, rule: str, client: Client, object: str, request: str, text: str) -> None:
        """Note that a rule was broken; the same rule and object again only counts."""
        now_ms = round((self._now_ns() - self._start_ns) / 1e6, 3)
        key = client.name, rule, object
        known = self._found.get(key)
        if known is not None:
            known.count += 1
            known.last_ms = now_ms
            return
        if len(self._found) >= _MAX_FINDINGS:
            return
        severity = RULES[rule].severity.value
        finding = Finding(rule, severity, text, client.name, client.pid, object, request, now_ms, now_ms)
        self._found[key] = finding
        for hook in self.on_new:
            hook(asdict(finding))

    def list(self) -> list[dict[str, Any]]:
        """Return everything, for JSON."""
        return [asdict(finding) for finding in self._found.values()]
