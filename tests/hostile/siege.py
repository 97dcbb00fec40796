"""Siege: a compositor, an honest client beside it, and attacks, each measured.

What is measured of an attack: what became of the attacker, whether the compositor lives, how many
frames a second the honest client had meanwhile, and what memory and descriptors were left behind.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hostile.registry import NOT_HERE, Attack, Enemy, NotHere
from support.client import ConnectionLost

HONEST = Path(__file__).with_name("honest.py")
WINDOW_S = 0.35
"""How long an attack is repeated, so that there are frames to count."""
SETTLE_S = 10.0
NOT_OFFERED = "not offered"
"""The compositor lacks the protocol that the attack speaks."""


@dataclass(slots=True)
class Result:
    """What an attack did.

    Attributes:
        outcome: what became of the attacker.
        alive: whether the compositor was there afterwards.
        hertz: frames of the honest client per second during the attack; None if it lost its connection.
        calm_hertz: the same without an attack, measured where the first figure was low.
        grown_bytes: resident memory afterwards less that before.
        descriptors: open afterwards less those before.
        rounds: how often the attack was carried out.
    """

    outcome: str
    alive: bool
    hertz: float | None
    calm_hertz: float | None
    grown_bytes: int
    descriptors: int
    rounds: int


class Honest:
    """The honest client's process."""

    def __init__(self, path: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HONEST), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in: IO[str] = self._process.stdin
        self._out: IO[str] = self._process.stdout
        self._wait_for_frames(3)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def _wait_for_frames(self, count: int) -> None:
        deadline = time.monotonic() + 20
        while (self.sample() or (count, 0))[0] < count:
            assert time.monotonic() < deadline, "the honest client has no frames"

    def sample(self) -> tuple[int, int] | None:
        """Return frames so far and the time in nanoseconds; None if it is gone or never answers."""
        try:
            self._in.write("\n")
            self._in.flush()
        except BrokenPipeError:
            return None
        if not select.select([self._out], [], [], 20)[0]:
            return None
        line = self._out.readline().split()
        return (int(line[0]), int(line[1])) if line else None

    def hertz(self, before: tuple[int, int] | None, after: tuple[int, int] | None) -> float | None:
        """Return frames per second between two samples."""
        if before is None or after is None:
            return None
        return (after[0] - before[0]) / ((after[1] - before[1]) / 1e9)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(BrokenPipeError):
            self._in.close()
        self._process.kill()
        self._process.wait()
        self._out.close()


def _put_first(pid: int) -> None:
    """Have a process run whenever it can, before all that only competes for the processor."""
    try:
        os.sched_setscheduler(pid, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, -10)


class Siege:
    """One compositor under attack.

    Args:
        pid: its process.
        path: of its Wayland socket.
    """

    def __init__(self, pid: int, path: str) -> None:
        self.pid = pid
        self.path = path
        self.honest = Honest(path)
        # What is measured is what the attack takes from them, not what else the machine has to do.
        for process in (pid, self.honest.pid):
            _put_first(process)

    def carry_out(self, attack: Attack, seconds: float = WINDOW_S) -> Result:
        """Carry an attack out, again and again for a while, and measure."""
        calm = None
        for _ in range(6):
            result = self._once(attack, seconds)
            hertz = result.hertz
            if hertz is None or not result.alive or hertz >= 54:
                break
            # Slow: is it the attack, or does the machine have other things to do?
            before = self.honest.sample()
            time.sleep(seconds)
            calm = self.honest.hertz(before, self.honest.sample())
            result.calm_hertz = calm
            if calm is not None and hertz >= 0.9 * min(60.0, calm):
                break
        return result

    def _once(self, attack: Attack, seconds: float) -> Result:
        descriptors, memory = self._descriptors(), self._resident()
        before = self.honest.sample()
        end = time.monotonic() + seconds
        rounds = 0
        outcome = attack.outcome
        while rounds == 0 or (time.monotonic() < end and self._alive()):
            enemy = Enemy(self.path)
            try:
                came = attack.run(enemy) or enemy.outcome()
                if not rounds and not attack.is_right_elsewhere(came):
                    # It was let pass: give it the time to be looked at before hanging up.
                    self._wait_for_frames(3)
            except ConnectionLost:
                came = enemy.outcome()
            except KeyError:
                came = NOT_OFFERED
            except NotHere:
                came = NOT_HERE
            except (OSError, AssertionError) as error:
                came = f"{type(error).__name__}: {error}"[:60] if self._alive() else "its end"
            finally:
                enemy.close()
            rounds += 1
            if attack.is_right_elsewhere(outcome):
                # What is wrong once stays said.
                outcome = came
            if came in (NOT_OFFERED, NOT_HERE):
                break
        after = self.honest.sample()
        alive = self._alive() and after is not None
        left = self._settle(descriptors) if alive else 0
        grown = self._resident() - memory if alive else 0
        return Result(outcome, alive, self.honest.hertz(before, after), None, grown, left, rounds)

    def _wait_for_frames(self, count: int) -> None:
        """Let the honest client have some frames, unless none comes any more."""
        first = self.honest.sample()
        deadline = time.monotonic() + 1
        while first is not None and time.monotonic() < deadline:
            now = self.honest.sample()
            if now is None or now[0] >= first[0] + count:
                return
            time.sleep(0.002)

    def _alive(self) -> bool:
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state not in "ZX"

    def _settle(self, before: int) -> int:
        """Wait until the descriptors are what they were, and return how many are left over."""
        deadline = time.monotonic() + SETTLE_S
        while (left := self._descriptors() - before) > 0 and time.monotonic() < deadline:
            # An answer means that the compositor has turned its loop once more.
            if self.honest.sample() is None:
                break
            time.sleep(0.01)
        return left

    def _descriptors(self) -> int:
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except OSError:
            return 0

    def _resident(self) -> int:
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        except OSError:
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def close(self) -> None:
        """End the honest client."""
        self.honest.close()
