"""Buffers that are written to while the compositor holds them, and pools that are not sealed.

Used by the lint alone.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from compositor.lint.look import Look, bounds, difference, format_of, show
from compositor.memory import Seal, get_seals
from compositor.model.buffer import Buffer
from compositor.model.content import Content
from compositor.model.surface import DAMAGE

if TYPE_CHECKING:
    import numpy.typing as npt

    from compositor.lint.findings import Findings
    from compositor.wire import Client, Resource

_SAMPLE_NS = 50_000_000


class Hold:
    """A buffer that the compositor reads, and what it held when it was committed."""

    __slots__ = ("client", "name", "pixels")

    def __init__(self, client: Client, name: str, pixels: npt.NDArray[Any]) -> None:
        self.client = client
        self.name = name
        self.pixels = pixels


class Held:
    """Compares each held buffer with its copy: on frames, at its release, and when it is attached again."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._held: dict[Buffer, Hold] = {}
        self._names: dict[Client, dict[Buffer, str]] = {}
        self._next_sample = 0

    def attach(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_surface.attach: remember what the buffer is called."""
        if args[0] is not None:
            names = self._names.setdefault(resource.client, {})
            names[args[0].buffer] = f"wl_buffer#{args[0].oid}"

    def commit(self, look: Look) -> None:
        """Compare what is still held and comes again; then hold what comes."""
        buffer = look.buffer
        if buffer is None:
            current = look.surface.buffer
            if look.fields & DAMAGE and not look.attached and current is not None:
                self._compare(current, "commit", "without attaching it again: ")
            return
        if buffer.locks:
            self._compare(buffer, "commit", "and attached again: ")
        else:
            self._held.pop(buffer, None)
        if not buffer.copies and look.pixels is not None:
            name = self._names.get(look.client, {}).get(buffer, "wl_buffer")
            self._held[buffer] = Hold(look.client, name, look.pixels)

    def release(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_buffer.release is about to be sent: until now it was not the program's to draw in."""
        buffer = getattr(resource, "buffer", None)
        if buffer in self._held:
            self._compare(buffer, "release")
            del self._held[buffer]

    def destroy(self, resource: Resource, args: tuple[Any, ...]) -> None:
        """wl_buffer.destroy."""
        buffer = getattr(resource, "buffer", None)
        if isinstance(buffer, Buffer):
            self._names.get(resource.client, {}).pop(buffer, None)
            if buffer in self._held:
                self._compare(buffer, "destroy")
                del self._held[buffer]

    def sample(self) -> None:
        """Compare everything that is held, not more often than a person would notice."""
        now = time.monotonic_ns()
        if now >= self._next_sample:
            self._next_sample = now + _SAMPLE_NS
            for buffer in self._held:
                self._compare(buffer, "frame")

    def gone(self, client: Client) -> None:
        """Compare and forget what a client leaves behind."""
        for buffer in [b for b, hold in self._held.items() if hold.client is client]:
            self._compare(buffer, "disconnect")
            del self._held[buffer]
        self._names.pop(client, None)

    def _compare(self, buffer: Buffer, request: str, how: str = "") -> None:
        hold = self._held.get(buffer)
        pixel_format = format_of(buffer)
        if hold is None or pixel_format is None or not isinstance(buffer.content, Content):
            return
        now = buffer.content.pixels
        changed = difference(hold.pixels, now, pixel_format)
        if changed is not None:
            text = f"{hold.name} was written to before its release {how}{int(changed.sum())} pixels within "
            self._findings.report(
                "held-buffer", hold.client, hold.name, request, text + show(bounds(changed))
            )
            hold.pixels = now.copy()


def check_seals(findings: Findings, resource: Resource, args: tuple[Any, ...]) -> None:
    """wl_shm.create_pool: look at the seals before the compositor adds its own. Source: memfd_create(2)."""
    try:
        seals = get_seals(args[1].fileno())
    except (OSError, ValueError):
        why = "a file that cannot be sealed at all"
    else:
        if seals & Seal.SHRINK:
            return
        if seals & Seal.SEAL:
            why = "memory that was made without MFD_ALLOW_SEALING"
        else:
            why = "a memfd that F_SEAL_SHRINK could be added to"
    text = f"a pool of {args[2]} bytes is {why}: the compositor has to add the seal or copy every frame"
    findings.report("pool-unsealed", resource.client, repr(resource), "create_pool", text)
