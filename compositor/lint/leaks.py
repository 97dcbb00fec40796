"""What a program does not give back. Used by the lint alone."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from compositor.lint.look import Look
from compositor.protocol.shm_account import account_of
from compositor.protocol.wl_shm import WlBuffer
from compositor.protocol.wl_surface import WlSurface

if TYPE_CHECKING:
    from compositor.lint.findings import Findings
    from compositor.wire import Client, Resource

MAX_IDLE_POOLS = 8
MAX_IDLE_BUFFERS = 32
"""Themes of cursors have a buffer for each picture; nobody else needs this many at rest."""
MAX_NEW_DESCRIPTORS = 16
_IDLE_NS = 1_000_000_000
_SAMPLE_NS = 250_000_000
_ROLES_WITH_OBJECTS = ("xdg_toplevel", "xdg_popup", "wl_subsurface", "zwlr_layer_surface_v1")


class Samples:
    """How many descriptors a program had open, now and then."""

    __slots__ = ("counts", "next_ns")

    def __init__(self) -> None:
        self.counts: list[int] = []
        self.next_ns = 0


class Leaks:
    """Looks, when a client leaves or somebody asks, at what it holds and has not used for a while."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._used: dict[Any, int] = {}
        self._born: dict[Any, int] = {}
        self._samples: dict[Client, Samples] = {}

    def attach(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_surface.attach."""
        if args[0] is not None:
            self._used[args[0]] = time.monotonic_ns()

    def destroy(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_buffer.destroy, wl_surface.destroy."""
        self._used.pop(resource, None)
        self._born.pop(resource, None)

    def commit(self, look: Look) -> None:
        """Count descriptors, from the second second on: until then programs start."""
        now = time.monotonic_ns()
        self._born.setdefault(look.resource, now)
        samples = self._samples.get(look.client)
        if samples is None:
            samples = self._samples[look.client] = Samples()
            samples.next_ns = now + _IDLE_NS
        if now >= samples.next_ns:
            samples.next_ns = now + _SAMPLE_NS
            try:
                samples.counts.append(len(os.listdir(f"/proc/{look.client.pid}/fd")))
            except OSError:
                # Another user's program, or it is gone.
                return
            if len(samples.counts) > 512:
                del samples.counts[1::2]

    def finish(self, client: Client) -> None:
        """Look at what it has."""
        now = time.monotonic_ns()
        buffers = [r for r in client.resources() if isinstance(r, WlBuffer)]
        self._surfaces(client, now)
        idle = [
            b
            for b in buffers
            if not b.buffer.locks and now - self._used.get(b, now if b.shared is None else 0) > _IDLE_NS
        ]
        if len(idle) > MAX_IDLE_BUFFERS:
            text = f"{len(idle)} buffers have not been attached for a second and are not destroyed"
            self._findings.report("leak", client, repr(idle[0]), "wl_buffer.destroy", text)
        in_use = {id(b.shared) for b in buffers} - {id(b.shared) for b in idle}
        pools = [p for p in account_of(client).pools if id(p) not in in_use]
        if len(pools) > MAX_IDLE_POOLS:
            size = sum(p.pool.size for p in pools)
            text = f"{len(pools)} pools of {size} bytes have no buffer that is used, and are not destroyed"
            self._findings.report("leak", client, f"wl_shm_pool {pools[0].id}", "wl_shm_pool.destroy", text)
        self._descriptors(client)

    def _surfaces(self, client: Client, now: int) -> None:
        lost = []
        for resource in client.resources():
            if not isinstance(resource, WlSurface):
                continue
            name, role = resource.surface.role_name, resource.surface.role
            orphan = name in _ROLES_WITH_OBJECTS and role is None and resource.surface.subsurface is None
            unused = name is None and now - self._born.get(resource, now) > _IDLE_NS
            if orphan or unused:
                lost.append(resource)
        if len(lost) > 1 or (lost and lost[0].surface.role_name is not None):
            had = lost[0].surface.role_name
            why = f"its {had} is destroyed" if had is not None else "it never had a role"
            text = (
                f"{len(lost)} surfaces are left over; {why}" if len(lost) > 1 else f"it is left over; {why}"
            )
            self._findings.report("leak", client, repr(lost[0]), "wl_surface.destroy", text)

    def _descriptors(self, client: Client) -> None:
        samples = self._samples.get(client)
        if samples is None or len(samples.counts) < 8:
            return
        counts = samples.counts
        half = len(counts) // 2
        # One that opens what it needs stays level in the end; one that leaks has never fewer than before.
        if counts[-1] - counts[0] >= MAX_NEW_DESCRIPTORS and min(counts[half:]) > max(counts[:half]):
            text = f"open descriptors grew from {counts[0]} to {counts[-1]}"
            self._findings.report("leak", client, "process", "close", text)

    def gone(self, client: Client) -> None:
        """Forget a client."""
        self._samples.pop(client, None)
        for table in (self._used, self._born):
            for resource in [r for r in table if r.client is client]:
                del table[resource]
