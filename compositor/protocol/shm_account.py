"""What each client's shared memory takes, and the one place that says when it is too much.

Only wl_shm, its rows, and those who report on clients import it.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from compositor.memory import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from compositor.limits import Limits
    from compositor.memory import Pool, Verdict
    from compositor.wire import Client

_PAGE = 4096
_BLOCK = 512
"""Bytes of one of st_blocks. Source: stat(2)."""


class Totals:
    """What all clients of a compositor take together."""

    __slots__ = ("copied_bytes", "mappings", "pool_bytes")

    def __init__(self) -> None:
        self.pool_bytes = 0
        self.copied_bytes = 0
        self.mappings = 0


class Account:
    """What one client's pools take.

    Attributes:
        pools: those that are needed, by their wl_shm_pool or by a buffer.
        pool_bytes: sum of their sizes.
        copied_bytes: private copies of buffers.
        mappings: areas of address space that its files take, earlier ones that buffers keep among them.
        sparse_bytes: bytes of its buffers that were in holes when last looked at.
        verdicts: how often the judge came to each verdict on a pool of its, new or grown.
        totals: of all clients.
        close_later: closes a pool that nobody needs any more, at the end of the turn.
        close_leaving: closes now what was left for later.
    """

    __slots__ = (
        "_limits",
        "_live",
        "close_later",
        "close_leaving",
        "copied_bytes",
        "mappings",
        "pool_bytes",
        "pools",
        "sparse_bytes",
        "totals",
        "verdicts",
    )

    def __init__(
        self,
        limits: Limits,
        totals: Totals,
        close_later: Callable[[Pool], None],
        close_leaving: Callable[[], None],
    ) -> None:
        self.close_later = close_later
        self.close_leaving = close_leaving
        self.pools: list[SharedPool] = []
        self.pool_bytes = 0
        self.copied_bytes = 0
        self.mappings = 0
        self.sparse_bytes = 0
        self.verdicts: dict[Verdict, int] = {}
        self._limits = limits
        self.totals = totals
        self._live: dict[int, weakref.ref[Any]] = {}

    def check_pool(self, size: int, before: int | None = None) -> None:
        """Refuse a new pool, or one that grows, if that is too much.

        Args:
            size: bytes that it shall have.
            before: bytes that it has; None for a new one.

        Raises:
            Refused: naming the limit.
        """
        limits = self._limits
        more = size - (before or 0)
        if before is None and len(self.pools) >= limits.pools:
            raise Refused(f"over the limit of {limits.pools} pools")
        if size > limits.pool_bytes:
            raise Refused(f"{size} bytes are over the limit of {limits.pool_bytes} for one pool")
        if self.pool_bytes + more > limits.pool_bytes_total:
            raise Refused(f"over the limit of {limits.pool_bytes_total} bytes of pools")
        if self.totals.pool_bytes + more > limits.pool_bytes_in_all:
            raise Refused(f"over the limit of {limits.pool_bytes_in_all} bytes of pools in all")
        if self.mappings >= limits.mappings or self.totals.mappings >= limits.mappings_in_all:
            # What nobody needs any more has its areas until it is closed.
            self.close_leaving()
        if self.mappings >= limits.mappings:
            raise Refused(f"over the limit of {limits.mappings} mappings: old buffers keep them")
        if self.totals.mappings >= limits.mappings_in_all:
            raise Refused(f"over the limit of {limits.mappings_in_all} mappings in all")

    def add_copied_bytes(self, more: int) -> None:
        """Note that private copies came or went."""
        self.copied_bytes += more
        self.totals.copied_bytes += more

    def note_verdict(self, verdict: Verdict) -> None:
        """Count what the judge said of a pool."""
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1

    def check_copy(self, size: int) -> str | None:
        """Return why a private copy of a buffer would be too much, or None."""
        limits = self._limits
        if size > limits.copied_buffer_bytes:
            return f"a buffer of {size} bytes is over the limit of {limits.copied_buffer_bytes} for a copy"
        if self.copied_bytes + size > limits.copied_bytes:
            return f"copies of unsealed buffers would take more than {limits.copied_bytes} bytes"
        if self.totals.copied_bytes + size > limits.copied_bytes_in_all:
            return (
                f"copies of unsealed buffers would take more than {limits.copied_bytes_in_all} bytes in all"
            )
        return None

    def note_mapping(self, pool: Pool) -> None:
        """Count the areas of a pool's new mapping until the last view of it is gone."""
        mapping = pool.mapping
        if mapping is None:
            return
        for _ in range(mapping.areas):
            self.mappings += 1
            self.totals.mappings += 1
            # An array has no hash, so its reference is kept under its own identity.
            reference = weakref.ref(mapping.whole, self._unmapped)
            self._live[id(reference)] = reference

    def _unmapped(self, reference: weakref.ref[Any]) -> None:
        self._live.pop(id(reference), None)
        self.mappings -= 1
        self.totals.mappings -= 1

    def check_sparse(self, shared: SharedPool, height: int, stride: int, row_bytes: int) -> None:
        """Refuse a buffer if reading all the client's buffers would fill too many holes with memory.

        What was a hole when a buffer was made may be full by now, so it is looked at again before the
        answer is no.

        Raises:
            Refused: naming the limit.
        """
        found = shared.pool.look()
        if found is None or shared.pool.size <= found.st_blocks * _BLOCK:
            return
        holes = shared.holes()
        span = min(stride * height, height * (row_bytes + _PAGE))
        more = min(holes, shared.sparse_bytes + span) - shared.sparse_bytes
        if more <= 0:
            return
        limit = self._limits.sparse_bytes
        if self.sparse_bytes + more > limit:
            for pool in self.pools:
                pool.set_sparse(min(pool.sparse_bytes, max(pool.holes(), 0)))
            if self.sparse_bytes + more > limit:
                raise Refused(f"over the limit of {limit} bytes of buffers that are holes")
        shared.set_sparse(shared.sparse_bytes + more)


class SharedPool:
    """A pool and who still needs it: its wl_shm_pool and the buffers in it.

    Attributes:
        sparse_bytes: of its buffers, how much was in holes when last looked at.
    """

    __slots__ = ("account", "buffers", "id", "pool", "resource_alive", "sparse_bytes")

    def __init__(self, pool: Pool, account: Account, number: int) -> None:
        self.pool = pool
        self.account = account
        self.id = number
        self.buffers = 0
        self.resource_alive = True
        self.sparse_bytes = 0
        account.pools.append(self)
        account.pool_bytes += pool.size
        account.totals.pool_bytes += pool.size
        if pool.mapping is not None:
            account.note_mapping(pool)
        verdicts, verdict = account.verdicts, pool.verdict
        verdicts[verdict] = verdicts.get(verdict, 0) + 1

    def resize(self, size: int) -> bool:
        """Make the pool larger, within the limits.

        Returns:
            Whether it was mapped anew; else there was room for it, or it is copied.

        Raises:
            Refused: by the judge, or for the limit; the pool is as before.
            OSError, ValueError: if it cannot be mapped.
        """
        pool, account = self.pool, self.account
        before, mapping = pool.size, pool.mapping
        account.check_pool(size, before)
        pool.resize(size)
        account.pool_bytes += size - before
        account.totals.pool_bytes += size - before
        grown = pool.mapping
        account.note_verdict(pool.verdict)
        if grown is None or (mapping is not None and grown.whole is mapping.whole):
            return False
        account.note_mapping(pool)
        return True

    def holes(self) -> int:
        """Return how many bytes of the pool no memory was given to yet; 0 for a pool that is closed."""
        found = self.pool.look()
        return 0 if found is None else self.pool.size - found.st_blocks * _BLOCK

    def set_sparse(self, sparse_bytes: int) -> None:
        """Note how much of its buffers is holes."""
        self.account.sparse_bytes += sparse_bytes - self.sparse_bytes
        self.sparse_bytes = sparse_bytes

    def let_go(self) -> None:
        """Close the file once nobody needs it any more."""
        if not self.resource_alive and not self.buffers and self in self.account.pools:
            account = self.account
            account.pools.remove(self)
            account.pool_bytes -= self.pool.size
            account.totals.pool_bytes -= self.pool.size
            if self.sparse_bytes:
                self.set_sparse(0)
            account.close_later(self.pool)


def account_of(client: Client) -> Account:
    """Return the client's account, made when first asked for."""
    account = client.data.get("shm")
    if account is None:
        display = client.display
        totals = display.shared.get("shm")
        if totals is None:
            totals = display.shared["shm"] = Totals()
        account = client.data["shm"] = Account(
            display.limits, totals, display.close_later, display.close_leaving
        )
    assert isinstance(account, Account)
    return account
