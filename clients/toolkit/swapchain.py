"""A surface's buffers: slots of ONE sealed, growing wl_shm pool, reused as the compositor releases them.

A larger window makes the same memfd longer (`wl_shm_pool.resize`), never a new pool; the file is sealed
against shrinking and nothing else, so the compositor may map it without fear. No slot is drawn in while
the compositor holds it, and each slot remembers which parts of it the later frames have made stale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from compositor.memory import GrowableBuffer

from . import boxes
from .boxes import Box
from .canvas import Pixels
from .connection import Connection

MOST_SLOTS = 3
"""Slots at most, those of an older size included: one shown, one queued, one to draw in."""

_PAGE = 4096


class Memory(Protocol):
    """What a swapchain needs of its memory; GrowableBuffer has it."""

    size: int

    @property
    def fd(self) -> int: ...

    def grow(self, size: int) -> None: ...

    def view(self, offset: int, height: int, stride: int, width: int, dtype: str) -> Pixels: ...

    def close(self) -> None: ...


Allocate = Callable[[int, str], Memory]
"""Makes memory of a size in bytes, with a name for people."""


class Arena:
    """First-fit allocation of byte ranges in a file that only grows. Pure bookkeeping."""

    __slots__ = ("size", "taken")

    def __init__(self) -> None:
        self.size = 0  # bytes
        self.taken: dict[int, int] = {}  # offset -> length

    def allocate(self, length: int) -> int:
        """Return the offset of `length` free bytes, page-aligned; `size` grows when they go past the end."""
        length = -(-length // _PAGE) * _PAGE
        offset = 0
        for start in sorted(self.taken):
            if start - offset >= length:
                break
            offset = start + self.taken[start]
        self.taken[offset] = length
        if offset + length > self.size:
            # Room for two at first, then a quarter more: a window dragged larger must not grow its file at
            # every step, nor keep much memory it does not draw in.
            self.size = max(offset + length, self.size * 5 // 4 // _PAGE * _PAGE, 2 * length)
        return offset

    def free(self, offset: int) -> None:
        """Give back the range at `offset`."""
        del self.taken[offset]


class Slot:
    """One wl_buffer: its place in the pool and what we know of its contents."""

    __slots__ = ("buffer", "held", "offset", "pixels", "stale")

    def __init__(self, buffer: Any, offset: int, pixels: Pixels) -> None:
        self.buffer = buffer
        self.offset = offset
        self.pixels = pixels  # (height, width) uint32, ours to write while not held
        self.held = False
        self.stale: list[Box] | None = None  # buffer pixels behind the latest frame; None: all of them


class Swapchain:
    """The slots of one surface, in one pool.

    Args:
        format: wl_shm format code, 32 bits a pixel.
        allocate: where the memory comes from; another than GrowableBuffer only to show what happens then.
    """

    def __init__(
        self, connection: Connection, name: str, format: int, allocate: Allocate = GrowableBuffer
    ) -> None:
        self.format = format
        self.growths = 0
        self.buffers_made = 0
        self.memory: Memory | None = None
        self._connection = connection
        self._name = name
        self._allocate = allocate
        self._arena = Arena()
        self._pool: Any = None
        self._slots: list[Slot] = []
        self._retired: list[Slot] = []  # of another size, still held by the compositor
        self._front: Slot | None = None

    @property
    def pool_bytes(self) -> int:
        """The pool's size in bytes."""
        return self._arena.size

    @property
    def used_bytes(self) -> int:
        """Bytes of the pool that buffers lie in now."""
        return sum(self._arena.taken.values())

    @property
    def slots(self) -> int:
        """How many buffers of the current size exist."""
        return len(self._slots)

    def acquire(self, width: int, height: int) -> Slot | None:
        """Return a slot of this size to draw in, or None until the compositor releases one."""
        if self._slots and self._slots[0].pixels.shape != (height, width):
            self._retire()
        free = [slot for slot in self._slots if not slot.held]
        if self._front in free:
            return self._front  # already holds the latest frame: nothing to bring up to date
        if free:
            return free[0]
        if len(self._slots) + len(self._retired) >= MOST_SLOTS:
            return None
        slot = self._create(width, height)
        self._slots.append(slot)
        return slot

    def refresh(self, slot: Slot, damage: list[Box]) -> bool:
        """Copy into `slot` what it missed of the latest frame, apart from `damage`, which will be redrawn.

        Returns False when there is no frame to copy from: then everything must be drawn.
        """
        front = self._front
        if slot.stale is None and (front is None or front.pixels.shape != slot.pixels.shape):
            return False
        if front is not None and slot is not front:
            height, width = slot.pixels.shape
            stale = slot.stale if slot.stale is not None else [Box(0, 0, width, height)]
            for box in stale:
                if not any(other.covers(box) for other in damage):
                    rows, columns = slice(box.y, box.y2), slice(box.x, box.x2)
                    slot.pixels[rows, columns] = front.pixels[rows, columns]
        slot.stale = []
        return True

    def present(self, slot: Slot, damage: list[Box]) -> None:
        """Note that `slot` was committed with `damage` (buffer pixels), so the other slots lack that."""
        slot.held = True
        slot.stale = []
        for other in self._slots:
            if other is not slot and other.stale is not None:
                for box in damage:
                    boxes.add(other.stale, box)
        self._front = slot

    def destroy(self) -> None:
        """Destroy the buffers, the pool and the memory."""
        for slot in self._slots + self._retired:
            slot.buffer.destroy()
        self._slots.clear()
        self._retired.clear()
        self._front = None
        if self._pool is not None:
            self._pool.destroy()
            self._pool = None
        if self.memory is not None:
            self.memory.close()
            self.memory = None

    def _create(self, width: int, height: int) -> Slot:
        offset = self._arena.allocate(width * height * 4)
        self._grow()
        assert self.memory is not None
        buffer = self._pool.create_buffer(offset, width, height, width * 4, self.format)
        slot = Slot(buffer, offset, self.memory.view(offset, height, width * 4, width, "<u4"))
        # The slot is found by its buffer, not caught in the handler: a cycle would outlive the pool.
        buffer.dispatcher["release"] = self._on_release
        self.buffers_made += 1
        return slot

    def _grow(self) -> None:
        size = self._arena.size
        if self.memory is None:
            self.memory = self._allocate(size, self._name)
            self._pool = self._connection.shm.create_pool(self.memory.fd, size)
        elif size > self.memory.size:
            self.memory.grow(size)  # the file first: the compositor checks that it is as long as we say
            self._pool.resize(size)
            self.growths += 1

    def _retire(self) -> None:
        for slot in self._slots:
            if slot.held:
                self._retired.append(slot)  # its memory stays taken until the release
            else:
                self._discard(slot)
        self._slots.clear()
        self._front = None

    def _discard(self, slot: Slot) -> None:
        slot.buffer.destroy()
        self._arena.free(slot.offset)

    def _on_release(self, buffer: Any) -> None:
        for slot in self._retired:
            if slot.buffer is buffer:
                self._retired.remove(slot)
                self._discard(slot)
                break
        for slot in self._slots:
            if slot.buffer is buffer:
                slot.held = False
