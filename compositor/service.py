"""Service: which client is served when, so that one that floods delays nobody but itself.

A turn of the loop gives requests a slice of time. The process that has been served least goes
first, and whoever is not reached, or not finished with, keeps its place by having been served
less: a client that wakes up once per frame is always ahead of one that never stops. A process
whose single requests take more than a frame (one can copy a large buffer, or end a connection of
65,000 objects) owes that time, and pays by waiting. Several connections of one process share.

Wiring of the server; it looks at no message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from time import perf_counter_ns

from compositor.clock import RealClock
from compositor.limits import Limits
from compositor.loop import Loop
from compositor.wire import Client

_HEAVY_NS = 16_000_000
"""A wake-up that takes longer costs the others a frame."""
_CREDIT_NS = 50_000_000
"""What a process may owe without waiting: imports and first drawings are slow."""
_PAY_BACK = 14
"""Nanoseconds that settle one that is owed: of what the others had, they keep fourteen fifteenths."""
_LONGEST_REST_NS = 1_000_000_000
_MAX_SHARES = 4096


class Share:
    """What one process has been given.

    Attributes:
        served_ns: time that its requests have taken, or as if.
        debt_ns: time that it owes, as of `since_ns`.
        rests: whether it is not served for now.
    """

    __slots__ = ("debt_ns", "rests", "served_ns", "since_ns")

    def __init__(self) -> None:
        self.served_ns = 0
        self.debt_ns = 0
        self.since_ns = 0
        self.rests = False


class Service:
    """Reads from clients that have sent something.

    Args:
        loop: the event loop.
        limits: how long the slice is.
        fair: whether time decides; where time is an input of tests, everybody is served as the kernel
            names them.

    Attributes:
        rests: how often a process had to wait for having taken too long.
        on_rest: called with each client that has to wait.
    """

    def __init__(self, loop: Loop, limits: Limits, fair: bool = True) -> None:
        self.rests = 0
        self.on_rest: list[Callable[[Client], None]] = []
        self._loop = loop
        self._limits = limits
        self._fair = fair
        self._clock = RealClock()
        self._ready: dict[Client, None] = {}
        self._shares: dict[int, Share] = {}
        self._by_client: dict[Client, Share] = {}
        self._floor_ns = 0
        loop.after_events.append(self._run)

    def watch(self, client: Client) -> None:
        """Serve a client from now on.

        Raises:
            OSError: if it cannot be waited for.
        """
        # A connection made on somebody's behalf is named after its process later: then it has a share of
        # ours, which does no harm.
        share = self._shares.get(client.pid)
        if share is None:
            share = self._shares[client.pid] = Share()
        self._by_client[client] = share
        if not share.rests:
            self._watch(client)

    def _watch(self, client: Client) -> None:
        self._loop.add_reader(client.fileno(), partial(self._ready.__setitem__, client, None))

    def quiet(self, client: Client) -> None:
        """Do not wake up for what a client sends, only for its end: whoever asks for this will `read` it."""
        self._loop.mute(client.fileno())

    def attend(self, client: Client) -> None:
        """Take `quiet` back."""
        self._loop.unmute(client.fileno())

    def read(self, clients: Iterable[Client]) -> None:
        """Read now what clients may have sent, those for which `quiet` was asked."""
        for client in clients:
            if client in self._by_client:
                self._ready[client] = None
        self._run()

    def forget(self, client: Client) -> None:
        """Serve a client no more; call it before its socket is closed."""
        self._loop.remove(client.fileno())
        self._ready.pop(client, None)
        share = self._by_client.pop(client)
        used = set(self._by_client.values())
        if len(self._shares) > _MAX_SHARES:
            self._shares = {pid: other for pid, other in self._shares.items() if other in used}
        elif not share.debt_ns and share not in used:
            # A debt outlives the connection: coming back does not settle it.
            self._shares = {pid: other for pid, other in self._shares.items() if other is not share}

    def _run(self) -> None:
        ready = self._ready
        if not ready:
            return
        if not self._fair:
            for client in list(ready):
                del ready[client]
                client.readable()
            return
        slice_ns = self._limits.turn_us * 1000
        shares = self._by_client
        order = list(ready)
        if len(order) > 1:
            order.sort(key=lambda client: shares[client].served_ns)
        # Having slept earns no credit: who wakes up stands with the least served of those awake.
        floor = self._floor_ns = max(self._floor_ns, shares[order[0]].served_ns)
        now = perf_counter_ns()
        end = now + slice_ns
        for client in order:
            share = shares.get(client)
            if share is None:
                # Gone, by what was done for another.
                continue
            del ready[client]
            if client.readable(end):
                ready[client] = None
            after = perf_counter_ns()
            spent = after - now
            share.served_ns = max(share.served_ns, floor) + spent
            if spent > _HEAVY_NS:
                self._charge(share, spent - slice_ns)
            now = after
            if now >= end:
                # The kernel says again who has sent something; what was read and not served waits here.
                break
        self._loop.again = bool(ready)

    def _charge(self, share: Share, excess_ns: int) -> None:
        """Note what a process owes, and have it wait if that is too much."""
        now = self._clock.now_ns()
        share.debt_ns = max(0, share.debt_ns - (now - share.since_ns) // _PAY_BACK) + excess_ns
        share.since_ns = now
        owed = share.debt_ns - _CREDIT_NS
        if owed > 0 and not share.rests and len(self._shares) > 1:
            self.rests += 1
            share.rests = True
            for client in self._of(share):
                for hook in self.on_rest:
                    hook(client)
                self._loop.remove_reader(client.fileno())
                self._ready.pop(client, None)
            wait = min(_PAY_BACK * owed, _LONGEST_REST_NS)
            self._loop.timers.call_at(now + wait, lambda: self._resume(share))

    def _of(self, share: Share) -> list[Client]:
        return [client for client, other in self._by_client.items() if other is share]

    def _resume(self, share: Share) -> None:
        share.rests = False
        clients = self._of(share)
        for client in clients:
            try:
                self._watch(client)
            except OSError as error:
                client.close(f"cannot be waited for: {error.strerror}")
                continue
            if client.unfinished:
                self._ready[client] = None
        self._loop.again = bool(self._ready)
        if not clients:
            self._shares = {pid: other for pid, other in self._shares.items() if other is not share}
