"""Ordinary frames, many at once: attach, damage_buffer, frame and commit, of surface after surface.

Most of what clients send, and what it costs counts for each surface of each frame. So it is decoded four
requests to a call and handled where it is decoded, for as long as each frame is what nearly all are: another
buffer of the same shape for a surface that is shown in one place, with nothing else to it. What is more than
that, an error above all, is left to `WlSurface` and the model, which do the same; tests hold the two ways
against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compositor.model.content import Content
from compositor.model.damage import DAMAGE_LIST_BOUND, add_straight
from compositor.model.output import QUEUED
from compositor.protocol.shm_copy import CopiedBuffer, CopiedContent
from compositor.protocol.wl_shm import WlBuffer
from compositor.protocol.wl_surface import WlSurface
from compositor.wire import WlCallback
from compositor.wire.interface import request_header
from compositor.wire.ordinary import send_release
from compositor.words import ROW, Rows

if TYPE_CHECKING:
    from compositor.wire import Client

_MOST = 16
"""Frames in one go: a client's time is looked at between the goes."""


ATTACH, DAMAGE, FRAME, COMMIT = (
    request_header(WlSurface, name) for name in ("attach", "damage_buffer", "frame", "commit")
)
_BYTES = ROW.size
_DAMAGE_BUFFER_SINCE = 4
_new: Any = object.__new__


def take_rows(client: Client, data: memoryview, position: int) -> int:
    """Handle the ordinary frames at `position` of what was read; see `compositor.wire.interface.Rows`."""
    count = (client.read_end - position) // _BYTES
    if count > _MOST:
        count = _MOST
    objects: list[Any] = client.objects
    known = len(objects)
    taken = 0
    end = count * _BYTES
    rows = Rows(data)
    while taken < end:
        oid, h0, attached, x, y, o1, h1, left, top, width, height, o2, h2, callback, o3, h3 = rows.row(
            position + taken
        )
        if (
            not oid == o1 == o2 == o3
            or h0 != ATTACH
            or h1 != DAMAGE
            or h2 != FRAME
            or h3 != COMMIT
            or x
            or y
            or width <= 0
            or height <= 0
            or oid >= known
            or attached >= known
            or not 0 < callback < known
            or objects[callback] is not None
        ):
            break
        # Looked at before they get a name that the compiled module has a type for.
        if type(objects[oid]) is not WlSurface or type(objects[attached]) is not WlBuffer:
            break
        resource, buffer = objects[oid], objects[attached]
        if resource.version < _DAMAGE_BUFFER_SINCE or resource.before_attach is not None:
            break
        surface, held = resource.surface, buffer.buffer
        child, nodes = surface.subsurface, surface.nodes
        if len(nodes) != 1:
            break
        copied = type(surface.content) is CopiedContent and type(held) is CopiedBuffer
        if not copied and (type(surface.content) is not Content or type(held.content) is not Content):
            break
        old = surface.content
        content = old if copied else held.content
        pending = surface.pending
        if (
            pending.fields
            or surface.cached is not None
            or surface.queued
            or surface.on_commit
            or surface.children_above
            or surface.children_below
            or surface.changes is not None
            or surface.scale != 1
            or surface.source is not None
            or len(surface.callbacks) > 256
        ):
            break
        if child is None:
            if not surface.steady:
                break
        elif (
            child.sync
            # Whether those further up are synchronized is for them to say.
            or (parent := child.parent) is None
            or parent.subsurface is not None
            or surface.role is not child
            or resource.before_commit is not None
        ):
            break
        if content is not old and (
            content.width != old.width or content.height != old.height or content.format is not old.format
        ):
            break
        ((entry, node, straight),) = nodes
        if not straight:
            break
        if copied and not held.show_in(old, ((left, top, width, height),)):
            break
        # From here on nothing can go wrong.
        promise = objects[callback] = _new(WlCallback)
        promise.client = client
        promise.oid = callback
        promise.version = 1
        held.locks += 1
        previous, surface.buffer = surface.buffer, held
        surface.content = node.content = content
        dst = node.dst
        if left <= 0 and top <= 0 and left + width >= dst[2] and top + height >= dst[3]:
            damage, output = entry.damage, entry.output
            damage.append(dst)
            if output.redraw is not QUEUED or len(damage) > DAMAGE_LIST_BOUND:
                entry.damaged()
        else:
            add_straight(entry, ((left, top, width, height),), dst)
        callbacks, scene = surface.callbacks, surface.scene
        callbacks.append(promise)
        scene.waiting[surface] = None
        if previous is None:
            pass
        elif copied:
            previous.unlock()
        else:
            previous.locks -= 1
            if not previous.locks:
                told = previous.resource
                if told is not None:
                    send_release(told)
        taken += _BYTES
    return taken
