"""Sealed shared memory: how programs that do not trust each other look at the same bytes.

Useful without Wayland: nothing here knows of it, and only numpy and Linux are needed. The rule for pixels
is short: *require the seal SHRINK and nothing else*. The one who draws may write and grow at any time; the
one who looks checks the seal, then the size, maps, and can never fault.

    producer                                  consumer
    buffer = GrowableBuffer(64 * 64 * 4)      pool = Pool(fd, 64 * 64 * 4)
    buffer.view(0, 64, 256, 64, "u4")[:] = 7  pool.view(0, 64, 256, 64, "u4")  # no copy
    buffer.grow(size); send(buffer.fd)        pool.resize(size)                # judged again

What lies where:

- `seals`, `judgement`, `filekind`: what a file promises, and what that is worth.
- `bounds`, `room`, `mapping`, `pool`: the reading side. `growable`: the writing side.
- `frozen`: messages that nobody can change any more.
- `fdpass`: descriptors over a socket, none lost and none leaked. `rpc`: questions and answers on top.
- `objects`, `grants`: memory whose owner says who may do what with it, and can take it back.
- `ring`: the last pictures of something that moves, for readers who disturb nobody.
- `inherit`: memory that only a parent and its children can see.
- `handshake`, `identity`: who it is that connected, and whether that is still so.

Every descriptor is close-on-exec, every function says who closes what, and no error path leaves one open.
No signal handler is installed anywhere. Every part of the compositor above this floor may import the
package; so may any other program.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositor.descriptor import Descriptor
    from compositor.memory.bounds import BadRectangle, check_rectangle
    from compositor.memory.fdpass import MAX_FDS, BrokenMessage, recv_fds, send_fds
    from compositor.memory.frozen import (
        FrozenMessage,
        FrozenMessageBuilder,
        freeze,
        freeze_parts,
        open_frozen,
    )
    from compositor.memory.grants import Grant, GrantDesk, ResourceMap, Resources, Ticket
    from compositor.memory.growable import GrowableBuffer
    from compositor.memory.handshake import (
        BadCheckIn,
        CheckInReader,
        Handshake,
        HandshakeError,
        HandshakeState,
        check_in,
        wait_for_child,
    )
    from compositor.memory.identity import Denied, Exclusive, Executable, Peer, Policy, exclusive_access
    from compositor.memory.inherit import (
        ChangedBuffer,
        Inherited,
        InheritError,
        StaleBuffer,
        StartAttributes,
        UnknownBuffer,
        import_buffer,
        inherited,
    )
    from compositor.memory.judgement import Judgement, Refused, SealPolicy, Verdict, judge
    from compositor.memory.mapping import Mapping
    from compositor.memory.objects import Access, AnonymousObject, reopen_read_only
    from compositor.memory.pool import Pool, ShortRead, WriteFailed
    from compositor.memory.ring import Frame, FrameRing, FrameRingView, RingShape
    from compositor.memory.rpc import RemoteError, RpcConnection
    from compositor.memory.seals import FROZEN, LAYOUT, Seal, add_seals, create_memfd, get_seals

_HOMES = {
    "Access": "compositor.memory.objects",
    "AnonymousObject": "compositor.memory.objects",
    "BadCheckIn": "compositor.memory.handshake",
    "BadRectangle": "compositor.memory.bounds",
    "BrokenMessage": "compositor.memory.fdpass",
    "ChangedBuffer": "compositor.memory.inherit",
    "CheckInReader": "compositor.memory.handshake",
    "Denied": "compositor.memory.identity",
    "Descriptor": "compositor.descriptor",
    "Exclusive": "compositor.memory.identity",
    "Executable": "compositor.memory.identity",
    "FROZEN": "compositor.memory.seals",
    "Frame": "compositor.memory.ring",
    "FrameRing": "compositor.memory.ring",
    "FrameRingView": "compositor.memory.ring",
    "FrozenMessage": "compositor.memory.frozen",
    "FrozenMessageBuilder": "compositor.memory.frozen",
    "Grant": "compositor.memory.grants",
    "GrantDesk": "compositor.memory.grants",
    "GrowableBuffer": "compositor.memory.growable",
    "Handshake": "compositor.memory.handshake",
    "HandshakeError": "compositor.memory.handshake",
    "HandshakeState": "compositor.memory.handshake",
    "InheritError": "compositor.memory.inherit",
    "Inherited": "compositor.memory.inherit",
    "Judgement": "compositor.memory.judgement",
    "LAYOUT": "compositor.memory.seals",
    "MAX_FDS": "compositor.memory.fdpass",
    "Mapping": "compositor.memory.mapping",
    "Peer": "compositor.memory.identity",
    "Policy": "compositor.memory.identity",
    "Pool": "compositor.memory.pool",
    "Refused": "compositor.memory.judgement",
    "RemoteError": "compositor.memory.rpc",
    "ResourceMap": "compositor.memory.grants",
    "Resources": "compositor.memory.grants",
    "RingShape": "compositor.memory.ring",
    "RpcConnection": "compositor.memory.rpc",
    "Seal": "compositor.memory.seals",
    "SealPolicy": "compositor.memory.judgement",
    "ShortRead": "compositor.memory.pool",
    "StaleBuffer": "compositor.memory.inherit",
    "StartAttributes": "compositor.memory.inherit",
    "Ticket": "compositor.memory.grants",
    "UnknownBuffer": "compositor.memory.inherit",
    "Verdict": "compositor.memory.judgement",
    "WriteFailed": "compositor.memory.pool",
    "add_seals": "compositor.memory.seals",
    "check_in": "compositor.memory.handshake",
    "check_rectangle": "compositor.memory.bounds",
    "create_memfd": "compositor.memory.seals",
    "exclusive_access": "compositor.memory.identity",
    "freeze": "compositor.memory.frozen",
    "freeze_parts": "compositor.memory.frozen",
    "get_seals": "compositor.memory.seals",
    "import_buffer": "compositor.memory.inherit",
    "inherited": "compositor.memory.inherit",
    "judge": "compositor.memory.judgement",
    "open_frozen": "compositor.memory.frozen",
    "recv_fds": "compositor.memory.fdpass",
    "reopen_read_only": "compositor.memory.objects",
    "send_fds": "compositor.memory.fdpass",
    "wait_for_child": "compositor.memory.handshake",
}
"""Where each public name lives. A module is imported when somebody first asks for one of its names."""


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted(_HOMES)


__all__ = [
    "FROZEN",
    "LAYOUT",
    "MAX_FDS",
    "Access",
    "AnonymousObject",
    "BadCheckIn",
    "BadRectangle",
    "BrokenMessage",
    "ChangedBuffer",
    "CheckInReader",
    "Denied",
    "Descriptor",
    "Exclusive",
    "Executable",
    "Frame",
    "FrameRing",
    "FrameRingView",
    "FrozenMessage",
    "FrozenMessageBuilder",
    "Grant",
    "GrantDesk",
    "GrowableBuffer",
    "Handshake",
    "HandshakeError",
    "HandshakeState",
    "InheritError",
    "Inherited",
    "Judgement",
    "Mapping",
    "Peer",
    "Policy",
    "Pool",
    "Refused",
    "RemoteError",
    "RingShape",
    "RpcConnection",
    "ResourceMap",
    "Resources",
    "Seal",
    "SealPolicy",
    "ShortRead",
    "StaleBuffer",
    "StartAttributes",
    "Ticket",
    "UnknownBuffer",
    "Verdict",
    "WriteFailed",
    "add_seals",
    "check_in",
    "check_rectangle",
    "create_memfd",
    "exclusive_access",
    "freeze",
    "freeze_parts",
    "get_seals",
    "import_buffer",
    "inherited",
    "judge",
    "open_frozen",
    "recv_fds",
    "reopen_read_only",
    "send_fds",
    "wait_for_child",
]
