"""Plain memory that takes no seals: the one question that a new file of it leaves open.

Toolkits that never heard of seals make a file of it for each frame, so this is asked with each. A module of
its own since it is one of those that may be compiled (`compositor.native`). For `pool` and who handles
such frames.
"""

from __future__ import annotations

import fcntl
import os

from compositor.calls import look
from compositor.memory.filekind import memfd_device

_SEAL: int = fcntl.F_SEAL_SEAL
_ACCESS: int = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
_WRITING: int = os.O_WRONLY
_device = -1
"""What `memfd_device` has answered."""


def plain_bytes(fd: int) -> int:
    """Return how many bytes plain memory has that takes no seals and has none, and that can be read.

    It is copied, whatever the policy, unless that is REQUIRE, and may be shorter than was claimed.

    Args:
        fd: a descriptor from anywhere; stays open and the caller's.

    Returns:
        At least 1; -1 if the file is something else, or empty, or there is none: `judge` says what of it.
    """
    global _device
    if _device < 0:
        _device = memfd_device()
    seals, flags, device, size = look(fd)
    if seals != _SEAL or flags & _ACCESS == _WRITING or not size or device != _device:
        return -1
    return size
