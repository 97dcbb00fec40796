"""Descriptors of every sort, from a few letters: what a client may send where one is due.

memfd/SIZE/SEALS   s shrink, g grow, w write, f future write, S seal, n: cannot be sealed;
                   c: coloured, where others are all zeros
ro/SIZE            a sealed memfd, opened for reading only
file/SIZE          an unlinked file in /dev/shm
huge/SIZE          a memfd of huge pages
keymap             a memfd with the compositor's own keymap
listen             a listening socket, for a sandbox
pipe, pipe-w       the end to read from, to write to
null, zero, dir, socket, event, none
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile

from fuzz.script import number

from compositor.model.keymap import builtin_keymap

MAX_BYTES = 1 << 40
_MAX_COLOURED = 1 << 20
KEYMAP_BYTES = len(builtin_keymap().text)
_SEALS = {
    "s": fcntl.F_SEAL_SHRINK,
    "g": fcntl.F_SEAL_GROW,
    "w": fcntl.F_SEAL_WRITE,
    "f": 0x10,
    "S": fcntl.F_SEAL_SEAL,
}
_MFD_HUGETLB = 0x4

KINDS = (
    *("memfd", "ro", "file", "huge", "keymap", "listen", "pipe", "pipe-w", "null", "zero", "dir", "socket"),
    *("event", "none"),
)


def _memfd(size: int, seals: str, flags: int = 0) -> int:
    sealable = 0 if "n" in seals else os.MFD_ALLOW_SEALING
    fd = os.memfd_create("fuzz", os.MFD_CLOEXEC | sealable | flags)
    os.ftruncate(fd, size)
    if "c" in seals and size <= _MAX_COLOURED:
        os.pwrite(fd, b"".join(bytes([page * 37 & 255]) * 4096 for page in range(-(-size // 4096)))[:size], 0)
    wanted = 0
    for letter in seals:
        wanted |= _SEALS.get(letter, 0)
    if wanted and sealable:
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, wanted)
    return fd


def make(word: str) -> list[int]:
    """Return the descriptor to send, and after it those that the client keeps; nothing for none.

    Raises:
        OSError: if the kernel will not.
    """
    kind, *rest = word.split("/")
    size = max(0, min(number(rest[0]) if rest else 4096, MAX_BYTES))
    seals = rest[1] if len(rest) > 1 else ""
    match kind:
        case "memfd":
            return [_memfd(size, seals)]
        case "huge":
            return [_memfd(size & ~0x1FFFFF, seals, _MFD_HUGETLB)]
        case "keymap":
            fd = os.memfd_create("fuzz", os.MFD_CLOEXEC)
            os.write(fd, builtin_keymap().text)
            return [fd]
        case "listen":
            listening = socket.socket(socket.AF_UNIX)
            # The kernel chooses a name that is no file's (unix(7), "autobind").
            listening.bind("")
            listening.listen(4)
            return [listening.detach()]
        case "ro":
            whole = _memfd(size, "s")
            try:
                return [os.open(f"/proc/self/fd/{whole}", os.O_RDONLY | os.O_CLOEXEC)]
            finally:
                os.close(whole)
        case "file":
            fd, path = tempfile.mkstemp(dir="/dev/shm")
            os.unlink(path)
            os.ftruncate(fd, size)
            return [fd]
        case "pipe" | "pipe-w":
            reader, writer = os.pipe2(os.O_CLOEXEC)
            return [reader, writer] if kind == "pipe" else [writer, reader]
        case "socket":
            ours, theirs = socket.socketpair()
            return [ours.detach(), theirs.detach()]
        case "event":
            return [os.eventfd(0, os.EFD_CLOEXEC)]
        case "dir":
            return [os.open("/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)]
        case "zero":
            return [os.open("/dev/zero", os.O_RDWR | os.O_CLOEXEC)]
        case "none":
            return []
        case _:
            return [os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)]
