"""The events of ordinary frames, for many objects at once: wl_callback.done and wl_buffer.release.

The classes' own encoders do the same, for one object of any class; tests hold the two against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.wire.compile import tracing
from compositor.wire.core import WlCallback
from compositor.words import put2, put6

if TYPE_CHECKING:
    from compositor.wire.interface import Resource

DONE = 12 << 16
"""Size and opcode of wl_callback.done."""
DELETE_ID = 12 << 16 | 1
"""Of wl_display.delete_id."""
RELEASE = 8 << 16
"""Of wl_buffer.release."""


def send_done(callbacks: list[Any], time_ms: int) -> None:
    """Keep the promises of callbacks, which are gone afterwards.

    Args:
        callbacks: `WlCallback`, or anything else with its `done`.
        time_ms: what they are told.
    """
    if tracing():
        for other in callbacks:
            other.done(time_ms)
        return
    for other in callbacks:
        if type(other) is not WlCallback:
            other.done(time_ms)
            continue
        callback = other
        client = callback.client
        oid = callback.oid
        objects = client.objects
        if oid >= len(objects) or objects[oid] is not callback:
            other.done(time_ms)
            continue
        out = client.out
        if not out and not client.dirty:
            client.dirty = True
            client.display.dirty.append(client)
        objects[oid] = None
        put6(out, oid, DONE, time_ms, 1, DELETE_ID, oid)


def send_release(resource: Resource) -> None:
    """Tell the client of a wl_buffer that it may draw into it again."""
    client = resource.client
    out = client.out
    if not out and not client.dirty:
        client.dirty = True
        client.display.dirty.append(client)
    put2(out, resource.oid, RELEASE)
