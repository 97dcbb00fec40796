"""``make attack``: every attack against Weddell, and against Weston and Sway where they are installed.

    python -m tests.hostile [--only TEXT] [--compositors weddell,weston,sway]

Prints a row per attack: what became of the attacker, the frames per second that the honest client kept,
memory and descriptors left behind. A compositor that dies is started anew for the next attack. Exits with
status 1 if Weddell failed any.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import hostile.attacks  # noqa: F401  (fills the list)
from hostile.registry import ATTACKS, Attack
from hostile.siege import NOT_OFFERED, Result, Siege

from benchmarks.compositors import COMPOSITORS

GROWTH_BYTES = 50 << 20


class Fortress:
    """One compositor, started when needed and again after each death."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.deaths = 0
        self._stack = contextlib.ExitStack()
        self._siege: Siege | None = None

    def carry_out(self, attack: Attack) -> Result:
        """Carry an attack out against it."""
        if self._siege is None:
            running = self._stack.enter_context(COMPOSITORS[self.name].running())
            self._siege = Siege(running.pid, str(running.runtime_dir / running.socket))
            self._stack.callback(self._siege.close)
        result = self._siege.carry_out(attack)
        if not result.alive or result.hertz is None:
            self.deaths += not result.alive
            self.close()
        return result

    def close(self) -> None:
        """End it."""
        self._siege = None
        self._stack.close()


def faults(attack: Attack, result: Result) -> list[str]:
    """Return what is wrong with a result."""
    found = []
    if not result.alive:
        return ["DIED"]
    if result.hertz is None:
        found.append("the honest client was lost")
    else:
        expected = 54.0 if result.calm_hertz is None else 0.9 * min(60.0, result.calm_hertz)
        if result.hertz < min(54.0, expected):
            found.append("frames lost")
    if not attack.is_right(result.outcome):
        found.append("another end")
    if result.grown_bytes >= GROWTH_BYTES:
        found.append("memory")
    if result.descriptors > 0:
        found.append("descriptors")
    return found


def cell(result: Result) -> str:
    """Return a result in few words."""
    if not result.alive:
        return "DIED"
    if result.outcome == NOT_OFFERED:
        return NOT_OFFERED
    hertz = "lost its client" if result.hertz is None else f"{min(result.hertz, 60):.0f} Hz"
    grown = f"{result.grown_bytes / 2**20:+.0f} MB" if abs(result.grown_bytes) >= 1 << 20 else ""
    left = f"{result.descriptors:+d} fd" if result.descriptors > 0 else ""
    return ", ".join(part for part in (result.outcome, hertz, grown, left) if part)


def main() -> int:
    """Attack."""
    parser = argparse.ArgumentParser(description="Attack Weddell, and others beside it.")
    parser.add_argument("--only", default="", metavar="TEXT", help="attacks whose name contains this")
    parser.add_argument("--compositors", default="weddell,weston,sway", metavar="NAMES")
    options = parser.parse_args()
    names = []
    for name in options.compositors.split(","):
        missing = COMPOSITORS[name].missing()
        if missing:
            print(f"without {name}: {missing}", file=sys.stderr)
        else:
            names.append(name)
    fortresses = [Fortress(name) for name in names]
    attacks = [attack for attack in ATTACKS if options.only in attack.name]
    width = max(len(attack.name) for attack in attacks)
    widths = [max(44, len(name)) for name in names]
    heads = [f"{name} {COMPOSITORS[name].version()}" for name in names]
    print(f"{'attack':{width}}  " + "  ".join(f"{h:{w}}" for h, w in zip(heads, widths, strict=True)))
    wrong = 0
    started = time.monotonic()
    try:
        for attack in attacks:
            cells = []
            for fortress in fortresses:
                result = fortress.carry_out(attack)
                text = cell(result)
                if fortress.name == "weddell" and (bad := faults(attack, result)):
                    wrong += 1
                    text += f" !! {', '.join(bad)}"
                cells.append(text)
            row = "  ".join(f"{text:{w}}" for text, w in zip(cells, widths, strict=True))
            print(f"{attack.name:{width}}  {row}".rstrip(), flush=True)
    finally:
        for fortress in fortresses:
            fortress.close()
    seconds = time.monotonic() - started
    deaths = ", ".join(f"{fortress.name} died {fortress.deaths} times" for fortress in fortresses)
    print(f"\n{len(attacks)} attacks in {seconds:.0f} s: {deaths}; Weddell failed {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
