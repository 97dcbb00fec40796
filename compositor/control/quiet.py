"""Whether programs have anything left to do: asked of the kernel, not guessed from the time.

A program rests when it has read all it was sent and all threads of it and of
the processes it started sleep. Two looks in a row that find everybody asleep,
and nobody having run in between, leave no room for one process to wake
another unseen. What a program's own timers will do later, nobody can know.

Source: proc(5) task/[tid]/stat, schedstat, children; tty_ioctl(2) TIOCOUTQ as unix(7) has it (SIOCOUTQ).
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from compositor.clock import RealClock
from compositor.descriptor import close_own
from compositor.protocol.wl_surface import WlSurface
from compositor.timers import Timer, TimerQueue

if TYPE_CHECKING:
    from compositor.wire import Client

_FIRST_LOOK_NS = 200_000
_SLOWEST_LOOK_NS = 4_000_000
_MAX_PROCESSES = 512
_ASLEEP = b"SITZXt"


class Look(NamedTuple):
    """What one look found.

    Attributes:
        activity: equal in two looks only if nobody ran or said anything in between.
        busy: who is busy with what, in words; empty when all rest.
    """

    activity: tuple[int, int]
    busy: str


def unread_bytes(client: Client) -> int:
    """Return how much of what was sent to a client it has not read yet."""
    try:
        return int(struct.unpack("=i", fcntl.ioctl(client.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0])
    except OSError:
        return 0


def unserved_bytes(client: Client) -> int:
    """Return how much a client has sent that was not read yet. Source: unix(7) SIOCINQ."""
    try:
        return int(struct.unpack("=i", fcntl.ioctl(client.fileno(), termios.FIONREAD, b"\0\0\0\0"))[0])
    except OSError:
        return 0


def shows_something(client: Client) -> bool:
    """Return whether a client has a surface with a role, so that what it reads may change what is seen.

    Some programs have a second connection that they never look at, such as SDL's, for gamepads, beside that
    of a toolkit. Whoever does wait for events is awake from the moment that they are sent, and seen to be.
    """
    surfaces = (resource.surface for resource in client.resources() if isinstance(resource, WlSurface))
    return any(surface.role_name is not None for surface in surfaces)


def _read(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""
    finally:
        close_own(fd)


def look_at_processes(pids: Iterable[int]) -> Look:
    """Look at processes and all that they started, ourselves excepted."""
    ourselves = os.getpid()
    waiting = list(dict.fromkeys(pids))
    seen = {ourselves}
    turns = 0
    busy = ""
    while waiting and len(seen) < _MAX_PROCESSES:
        pid = waiting.pop()
        if pid in seen:
            continue
        seen.add(pid)
        try:
            threads = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for thread in threads:
            base = f"/proc/{pid}/task/{thread}/"
            stat = _read(base + "stat")
            name_end = stat.rfind(b")")
            state = stat[name_end + 2 : name_end + 3]
            if state and state not in _ASLEEP and not busy:
                name = stat[stat.find(b"(") + 1 : name_end].decode("utf-8", "replace")
                busy = f"process {pid} ({name}) is running"
            schedule = _read(base + "schedstat").split()
            turns += int(schedule[2]) if len(schedule) == 3 else 0
            waiting += map(int, _read(base + "children").split())
    return Look((turns, len(seen)), busy)


class QuietWatch:
    """Looks again and again, until everybody has been quiet for a while.

    Args:
        timers: deadlines of CLOCK_MONOTONIC.
        look: what is looked at.
        quiet_ms: how long nothing may happen; with 0, two looks in a row must find the same.
        timeout_ms: when to give up.
        done: called once with "" when all are quiet, else with who is still busy.
    """

    def __init__(
        self,
        timers: TimerQueue,
        look: Callable[[], Look],
        quiet_ms: float,
        timeout_ms: float,
        done: Callable[[str], None],
    ) -> None:
        self._timers = timers
        self._look = look
        self._done = done
        self._clock = RealClock()
        now = self._clock.now_ns()
        self._deadline = now + round(timeout_ms * 1e6)
        self._quiet_ns = round(quiet_ms * 1e6)
        self._quiet_since = now
        self._last: Look | None = None
        self._busy = ""
        self._timer: Timer | None = None
        self._interval = _FIRST_LOOK_NS
        self._again(0)

    def _again(self, after_ns: int) -> None:
        self._timer = self._timers.call_at(self._clock.now_ns() + after_ns, self._turn)

    def _turn(self) -> None:
        now = self._clock.now_ns()
        look = self._look()
        if look.busy or self._last is None or look.activity != self._last.activity:
            self._quiet_since = now
            self._busy = look.busy or self._busy
            self._last = None if look.busy else look
        elif now - self._quiet_since >= self._quiet_ns:
            self._done("")
            return
        if now >= self._deadline:
            self._done(look.busy or self._busy or "programs wake up again and again")
            return
        self._again(self._interval)
        self._interval = min(self._interval * 5 // 4, _SLOWEST_LOOK_NS)

    def cancel(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
