"""Service: which client is served when, so that one that floods delays nobody but itself.

A turn of the loop gives requests a slice of time. Who has been served least goes first, and
whoever is not reached keeps its place by having been served less: a client that wakes up once
per frame is always ahead of one that never stops. A client whose single wake-up took far more
than the slice (one request can copy a large buffer) owes the excess; once that is more than
starting up costs anybody, it pays by waiting. Time is that of the processor, so that nobody
pays for a busy machine.

Wiring of the server; it looks at no message.
"""

from __future__ import annotations

from time import thread_time_ns

from compositor.clock import RealClock
from compositor.limits import Limits
from compositor.loop import Loop
from compositor.wire import Client

_PAY_BACK = 4
"""Nanoseconds that settle one nanosecond taken beyond the slice: the others keep four fifths."""
_CREDIT_NS = 50_000_000
"""What one may owe without waiting: imports and first drawings are slow."""
_LONGEST_REST_NS = 1_000_000_000


class Service:
    """Reads from clients that have sent something.

    Args:
        loop: the event loop.
        limits: how long the slice is.
        may_rest: whether clients that take too long wait; not where time is an input of tests.

    Attributes:
        rests: how often a client had to wait for having taken too long.
    """

    def __init__(self, loop: Loop, limits: Limits, may_rest: bool = True) -> None:
        self.rests = 0
        self._may_rest = may_rest
        self._debts: dict[Client, tuple[int, int]] = {}
        self._loop = loop
        self._limits = limits
        self._clock = RealClock()
        self._ready: list[Client] = []
        self._floor_ns = 0
        loop.after_events.append(self._run)

    def watch(self, client: Client) -> None:
        """Serve a client from now on."""
        self._loop.add_reader(client.fileno(), lambda: self._ready.append(client))

    def forget(self, client: Client) -> None:
        """Serve a client no more; call it before its socket is closed."""
        self._loop.remove(client.fileno())
        self._debts.pop(client, None)

    def _run(self) -> None:
        ready = self._ready
        if not ready:
            return
        self._ready = []
        slice_ns = self._limits.turn_us * 1000
        if len(ready) > 1:
            ready.sort(key=_served)
        # Having slept earns no credit: a client that wakes up stands with the least served of those awake.
        floor = self._floor_ns = max(self._floor_ns, ready[0].served_ns)
        now = thread_time_ns()
        end = now + slice_ns
        for client in ready:
            if not client.alive:
                continue
            if client.served_ns < floor:
                client.served_ns = floor
            client.readable()
            after = thread_time_ns()
            spent = after - now
            client.served_ns += spent
            if spent > slice_ns and self._may_rest and client.alive:
                self._charge(client, spent - slice_ns)
            now = after
            if now >= end:
                # The kernel says again who is ready: nobody is forgotten.
                break

    def _charge(self, client: Client, excess_ns: int) -> None:
        """Note what a client owes, and have it wait if that is too much."""
        now = self._clock.now_ns()
        debt, since = self._debts.get(client, (0, now))
        debt = max(0, debt - (now - since) // _PAY_BACK) + excess_ns
        self._debts[client] = debt, now
        if debt > _CREDIT_NS:
            self.rests += 1
            self._loop.remove_reader(client.fileno())
            wait = min(_PAY_BACK * (debt - _CREDIT_NS), _LONGEST_REST_NS)
            self._loop.timers.call_at(now + wait, lambda: self._resume(client))

    def _resume(self, client: Client) -> None:
        if client.alive:
            self.watch(client)


def _served(client: Client) -> int:
    return client.served_ns
