"""Sealed shared memory: how programs that do not trust each other look at the same bytes.

Useful without Wayland: nothing here knows of it, and only numpy and Linux are needed. The rule for pixels
is short: *require the seal SHRINK and nothing else*. The one who draws may write and grow at any time; the
one who looks checks the seal, then the size, maps, and can never fault.

    producer                                  consumer
    buffer = GrowableBuffer(64 * 64 * 4)      pool = Pool(fd, 64 * 64 * 4)
    buffer.view(0, 64, 256, 64, "u4")[:] = 7  pool.view(0, 64, 256, 64, "u4")  # no copy
    buffer.grow(size); send(buffer.fd)        pool.resize(size)                # judged again

What lies where:

- `seals`, `judge`, `filekind`: what a file promises, and what that is worth.
- `bounds`, `mapping`, `pool`: the reading side. `growable`: the writing side.
- `frozen`: messages that nobody can change any more.
- `fdpass`: descriptors over a socket, none lost and none leaked.

Every descriptor is close-on-exec, every function says who closes what, and no error path leaves one open.
No signal handler is installed anywhere. Every part of the compositor above this floor may import the
package; so may any other program.
"""

from __future__ import annotations

from compositor.descriptor import Descriptor
from compositor.memory.bounds import BadRectangle, check_rectangle
from compositor.memory.fdpass import MAX_FDS, BrokenMessage, recv_fds, send_fds
from compositor.memory.frozen import FrozenMessage, FrozenMessageBuilder, freeze, open_frozen
from compositor.memory.growable import GrowableBuffer
from compositor.memory.judge import Judgement, Refused, SealPolicy, Verdict, judge
from compositor.memory.mapping import Mapping
from compositor.memory.pool import Pool, ShortRead
from compositor.memory.seals import FROZEN, LAYOUT, Seal, add_seals, create_memfd, get_seals

__all__ = [
    "FROZEN",
    "LAYOUT",
    "MAX_FDS",
    "BadRectangle",
    "BrokenMessage",
    "Descriptor",
    "FrozenMessage",
    "FrozenMessageBuilder",
    "GrowableBuffer",
    "Judgement",
    "Mapping",
    "Pool",
    "Refused",
    "Seal",
    "SealPolicy",
    "ShortRead",
    "Verdict",
    "add_seals",
    "check_rectangle",
    "create_memfd",
    "freeze",
    "get_seals",
    "judge",
    "open_frozen",
    "recv_fds",
    "send_fds",
]
