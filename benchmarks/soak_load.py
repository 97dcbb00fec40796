"""The clients of the soak: raw bytes, so that the load costs little beside the compositor.

Each comes, makes a window (some with a subsurface), commits in batches, resizes with buffers in pools that
grow, and ends one way or another: orderly, in the middle of a message, with an error of its own, or killed
with the process. Many live in one process. What was served is counted in memory that the parent shares, so
that a process that is killed takes no figure with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import random
import select
import socket
import struct
from enum import IntEnum

BATCH = 16
"""Commits between two answers that a client waits for."""
_WIDEST = 160
_GLOBALS = ("wl_compositor", "wl_subcompositor", "wl_shm", "xdg_wm_base")
_DISPLAY, _REGISTRY, _COMPOSITOR, _SUBCOMPOSITOR, _SHM, _WM_BASE = 1, 2, 3, 4, 5, 6
_SURFACE, _XDG_SURFACE, _TOPLEVEL, _CHILD, _SUBSURFACE = 7, 8, 9, 10, 11
_FIRST_FREE = 12


class Count(IntEnum):
    """What is counted, by place in a process's part of the shared memory."""

    COMMITS = 0
    CAME = 1
    LEFT = 2
    CRASHED = 3
    REFUSED = 4
    RESIZED = 5
    WORKING = 6
    """Not a sum: how many of its clients are there now."""


class Board:
    """Figures that all processes of a soak share.

    Args:
        processes: how many there are.
    """

    def __init__(self, processes: int) -> None:
        self._words = memoryview(mmap.mmap(-1, 8 * (1 + processes * len(Count)))).cast("Q")
        self._processes = processes

    @property
    def open(self) -> bool:
        """Whether clients that have ended come anew."""
        return bool(self._words[0])

    @open.setter
    def open(self, value: bool) -> None:
        self._words[0] = int(value)

    def add(self, process: int, count: Count, value: int = 1) -> None:
        """Add to a figure of a process."""
        self._words[1 + process * len(Count) + count] += value

    def clear(self, process: int, count: Count) -> None:
        """Set a figure of a process to nothing."""
        self._words[1 + process * len(Count) + count] = 0

    def total(self, count: Count) -> int:
        """Return a figure of all processes together."""
        return sum(self._words[1 + k * len(Count) + count] for k in range(self._processes))


def _message(oid: int, opcode: int, body: bytes = b"") -> bytes:
    return struct.pack("=II", oid, 8 + len(body) << 16 | opcode) + body


def _words(*values: int) -> bytes:
    return struct.pack(f"={len(values)}I", *(value & 0xFFFFFFFF for value in values))


def _string(text: str) -> bytes:
    data = text.encode() + b"\0"
    return _words(len(data)) + data + bytes(-len(data) % 4)


class SoakClient:
    """One client, from its connection to its end.

    Args:
        path: of the compositor's socket.
        names: of the globals, by interface.
        chance: what it does is up to.
        board: says when to come to an end.
        process: whose figures on the board are its own.
    """

    def __init__(
        self, path: str, names: dict[str, int], chance: random.Random, board: Board, process: int
    ) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(path)
        self.ended = False
        self._chance = chance
        self._board = board
        self._process = process
        self._batches = chance.randint(3, 40)
        self._with_child = chance.random() < 0.3
        self._in = b""
        self._out: list[bytes] = []
        self._free: list[int] = []
        self._next = _FIRST_FREE
        self._answer = 0
        self._buffers: list[int] = []
        self._size = (0, 0)
        self._used = 0
        self._pool = 0
        self._file = -1
        self._file_size = 0
        self._last_words = False
        self._count(Count.CAME)
        self._begin(names)

    def _count(self, what: Count, value: int = 1) -> None:
        self._board.add(self._process, what, value)

    def _id(self) -> int:
        if self._free:
            return self._free.pop()
        self._next += 1
        return self._next - 1

    def _begin(self, names: dict[str, int]) -> None:
        out = self._out
        out.append(_message(_DISPLAY, 1, _words(_REGISTRY)))
        for k, name in enumerate(_GLOBALS):
            body = _words(names[name]) + _string(name) + _words(4 if k == 0 else 1, _COMPOSITOR + k)
            out.append(_message(_REGISTRY, 0, body))
        out.append(_message(_COMPOSITOR, 0, _words(_SURFACE)))
        out.append(_message(_WM_BASE, 2, _words(_XDG_SURFACE, _SURFACE)))
        out.append(_message(_XDG_SURFACE, 1, _words(_TOPLEVEL)))
        out.append(_message(_TOPLEVEL, 2, _string("soak")))
        out.append(_message(_COMPOSITOR, 0, _words(_CHILD)))
        out.append(_message(_SUBCOMPOSITOR, 1, _words(_SUBSURFACE, _CHILD, _SURFACE)))
        out.append(_message(_SUBSURFACE, 5))
        out.append(_message(_SURFACE, 6))
        self._send()

    # Memory

    def _resize(self) -> None:
        """Have buffers of another size, in a pool that grows where it is too small, or in another pool."""
        chance, out = self._chance, self._out
        width, height = chance.randint(16, _WIDEST), chance.randint(16, _WIDEST)
        need = 2 * 4 * width * height
        out += [_message(oid, 0) for oid in self._buffers]
        fds: list[int] = []
        if not self._pool or chance.random() < 0.2:
            self._drop_pool()
            self._new_pool(need, fds)
        elif need > self._file_size:
            self._file_size = need
            os.ftruncate(self._file, need)
            out.append(_message(self._pool, 2, _words(need)))
        self._buffers = [self._id(), self._id()]
        for k, oid in enumerate(self._buffers):
            body = _words(oid, k * need // 2, width, height, 4 * width, 1)
            out.append(_message(self._pool, 0, body))
        self._size = (width, height)
        self._count(Count.RESIZED)
        self._send(fds)

    def _new_pool(self, size: int, fds: list[int]) -> None:
        # Sealed, to be sealed by the compositor, and not to be sealed: it copies then.
        kind = self._chance.random()
        flags = os.MFD_CLOEXEC | (os.MFD_ALLOW_SEALING if kind < 0.9 else 0)
        self._file = os.memfd_create("soak", flags)
        self._file_size = size
        os.ftruncate(self._file, size)
        if kind < 0.7:
            fcntl.fcntl(self._file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
        self._pool = self._id()
        self._out.append(_message(_SHM, 0, _words(self._pool, size)))
        fds.append(self._file)

    def _drop_pool(self) -> None:
        if self._pool:
            self._out.append(_message(self._pool, 1))
            self._pool = 0
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    # In and out

    def _send(self, fds: list[int] | None = None) -> None:
        data = b"".join(self._out)
        self._out.clear()
        try:
            if fds:
                data = data[socket.send_fds(self.sock, [data], fds) :]
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self._end(Count.REFUSED)

    def readable(self) -> None:
        """Read what has come, and go on."""
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self._end(Count.LEFT if self._last_words else Count.REFUSED)
            return
        self._in += data
        position = 0
        answered = False
        configured = 0
        while len(self._in) - position >= 8:
            oid, word = struct.unpack_from("=II", self._in, position)
            size = word >> 16
            if size > len(self._in) - position:
                break
            if oid == _DISPLAY:
                if word & 0xFFFF == 1:
                    (freed,) = struct.unpack_from("=I", self._in, position + 8)
                    if freed >= _FIRST_FREE:
                        self._free.append(freed)
                elif not self._last_words:
                    raise SystemExit(f"soak: refused: {self._in[position + 20 : position + size]!r}")
            elif oid == self._answer:
                answered = True
            elif oid == _XDG_SURFACE:
                (configured,) = struct.unpack_from("=I", self._in, position + 8)
            elif oid == _WM_BASE:
                self._out.append(_message(_WM_BASE, 3, self._in[position + 8 : position + 12]))
            position += size
        self._in = self._in[position:]
        if configured:
            self._out.append(_message(_XDG_SURFACE, 4, _words(configured)))
            if not self._answer:
                self._resize()
                self._batch()
        if answered:
            self._count(Count.COMMITS, self._used)
            self._go_on()

    def _go_on(self) -> None:
        self._batches -= 1
        if self._last_words:
            self._end(Count.LEFT)
        elif self._batches > 0 and self._board.open:
            if self._chance.random() < 0.15:
                self._resize()
            if self._chance.random() < 0.1:
                title = _string("soak " + "x" * self._chance.randint(0, 60))
                self._out.append(_message(_TOPLEVEL, 2, title))
            if not self.ended:
                self._batch()
        else:
            self._finish()

    def _batch(self) -> None:
        """Commit some times, and ask to be told when that has been served."""
        out = self._out
        width, height = self._size
        damage = _message(_SURFACE, 9, _words(0, 0, width, height))
        commit = _message(_SURFACE, 6)
        attach = [_message(_SURFACE, 1, _words(oid, 0, 0)) for oid in self._buffers]
        self._used = BATCH
        for k in range(BATCH):
            out += (attach[k & 1], damage, commit)
        if self._with_child:
            self._used += 2
            for oid in self._buffers:
                out.append(_message(_CHILD, 1, _words(oid, 0, 0)))
                out.append(_message(_CHILD, 6))
        out.append(_message(_SURFACE, 3, _words(self._id())))
        out.append(commit)
        self._used += 1
        self._answer = self._id()
        out.append(_message(_DISPLAY, 0, _words(self._answer)))
        self._send()

    # The end

    def _finish(self) -> None:
        """End in one of the ways that clients end."""
        way = self._chance.random()
        if way < 0.4:
            self._drop_pool()
            self._out += [_message(oid, 0) for oid in self._buffers]
            self._out += [
                _message(oid, 0) for oid in (_SUBSURFACE, _CHILD, _TOPLEVEL, _XDG_SURFACE, _SURFACE)
            ]
            self._last_words = True
            self._answer = self._id()
            self._out.append(_message(_DISPLAY, 0, _words(self._answer)))
            self._send()
        elif way < 0.6:
            # An error of its own: the compositor hangs up.
            self._last_words = True
            self._out.append(_message(_SURFACE, 8, _words(0)))
            self._send()
        else:
            # In the middle of a message, with a descriptor on its way.
            half = _message(_SHM, 0, _words(self._id(), 4096))[: self._chance.randint(1, 15)]
            with contextlib.suppress(OSError):
                socket.send_fds(self.sock, [half], [self._file])
            self._end(Count.CRASHED)

    def _end(self, how: Count) -> None:
        if not self.ended:
            self.ended = True
            self._count(how)
            self.close()

    def close(self) -> None:
        """Close what it has. Harmless when repeated."""
        self.sock.close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def global_names(path: str) -> dict[str, int]:
    """Return the names of the globals that the clients bind, by interface."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(path)
        sock.sendall(_message(_DISPLAY, 1, _words(2)) + _message(_DISPLAY, 0, _words(3)))
        data = b""
        names: dict[str, int] = {}
        while True:
            data += sock.recv(65536)
            while len(data) >= 8:
                oid, word = struct.unpack_from("=II", data)
                size = word >> 16
                if size > len(data):
                    break
                if oid == 3:
                    return names
                if oid == 2:
                    name, length = struct.unpack_from("=II", data, 8)
                    names[data[16 : 16 + length - 1].decode()] = name
                data = data[size:]


def run(path: str, clients: int, board: Board, process: int, seed: int) -> None:
    """Have so many clients at a time for as long as the board says; never returns.

    Runs in a process of its own, which is killed at the end, or before.
    """
    chance = random.Random(seed)
    names = global_names(path)
    poll = select.poll()
    alive: dict[int, SoakClient] = {}
    while True:
        board.clear(process, Count.WORKING)
        board.add(process, Count.WORKING, len(alive))
        if board.open and len(alive) < clients:
            client = SoakClient(path, names, chance, board, process)
            alive[client.sock.fileno()] = client
            poll.register(client.sock, select.POLLIN)
        for fd, _ in poll.poll(0 if board.open and len(alive) < clients else 50):
            client = alive[fd]
            client.readable()
            if client.ended:
                poll.unregister(fd)
                del alive[fd]
