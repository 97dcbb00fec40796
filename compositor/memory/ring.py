"""A ring of frames: the last pictures of something that moves, for readers who cannot disturb the writer.

The writer keeps the only writable mapping of an object that is read-only for everybody else, and writes
picture after picture into it, round and round. Readers map it and take what they want when they want it: no
question, no copy for them, nobody waits. A reader that is overtaken notices by the slot's sequence number,
which is odd while a picture is written and another one afterwards.

What a reader reads are claims of the writer's; they are checked against the size of the mapping, so that a
hostile ring shows nonsense and never faults. Stores are seen in the order they were made on x86; elsewhere
a reader could take a torn picture for a whole one.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from compositor.descriptor import Descriptor
from compositor.memory.judgement import SealPolicy
from compositor.memory.objects import PAGE, Access, AnonymousObject
from compositor.memory.pool import Pool
from compositor.record import record

MAX_SLOTS = 64
# Ended, slots, width, height, stride.
_HEADER = struct.Struct("=IIIII")
# Sequence, number, time in nanoseconds.
_SLOT = struct.Struct("=QQQ")
_FIRST_SLOT = 64
_PIXEL_BYTES = 4


@record(frozen=True)
class RingShape:
    """How a ring lies in its object: a page of counters, then the slots, each from a page on."""

    slots: int
    width: int
    height: int

    @property
    def stride(self) -> int:
        """Bytes from one row to the next."""
        return self.width * _PIXEL_BYTES

    @property
    def slot_bytes(self) -> int:
        """Bytes from one slot to the next."""
        return -(-self.stride * self.height // PAGE) * PAGE

    @property
    def size(self) -> int:
        """Bytes of all of it."""
        return PAGE + self.slots * self.slot_bytes

    def offset(self, slot: int) -> int:
        """Byte at which a slot's pixels start."""
        return PAGE + slot * self.slot_bytes


@record(frozen=True)
class Frame:
    """One picture of a ring.

    Attributes:
        number: of the frame; grows, with gaps.
        time_ns: when it was written, on the writer's clock.
        pixels: (height, width) uint32, read-only; a copy, or the ring's own bytes, which change under you.
    """

    number: int
    time_ns: int
    pixels: npt.NDArray[np.uint32]


class FrameRing:
    """The writer's side.

    Args:
        slots: how many pictures are kept, 2 to `MAX_SLOTS`.
        width, height: pixels of 4 bytes.

    Raises:
        ValueError: for a ring of nothing.
        OSError: if there is no room.
    """

    __slots__ = ("_closed", "_next", "_sequences", "object", "shape")

    object: AnonymousObject
    """What to grant to readers; owned by the ring."""
    shape: RingShape

    def __init__(self, slots: int, width: int, height: int) -> None:
        if not 2 <= slots <= MAX_SLOTS or width < 1 or height < 1:
            raise ValueError(f"a ring of {slots} pictures of {width}×{height}")
        self.shape = RingShape(slots, width, height)
        self.object = AnonymousObject(self.shape.size, Access.READ_ONLY, "weddell-ring")
        self._closed = False
        self._next = 0
        self._sequences = [0] * slots
        self._head(0)

    def write(self, pixels: npt.NDArray[np.uint32], number: int, time_ns: int) -> None:
        """Put a picture in the place of the oldest.

        Args:
            pixels: (height, width) uint32.
            number: not less than any before.
            time_ns: when.

        Raises:
            ValueError: if it has another size.
        """
        shape = self.shape
        if pixels.shape != (shape.height, shape.width):
            raise ValueError(f"a picture of {pixels.shape} in a ring of {(shape.height, shape.width)}")
        slot = self._next
        self._next = (slot + 1) % shape.slots
        self._sequences[slot] += 1
        self._note(slot, number, time_ns)
        target = self.object.view(shape.offset(slot), shape.height, shape.stride, shape.width, np.uint32)
        np.copyto(target, pixels)
        self._sequences[slot] += 1
        self._note(slot, number, time_ns)

    def end(self) -> None:
        """Say that no picture will come any more; those that there are stay."""
        self._head(1)

    def close(self) -> None:
        """End it and let go of the memory; what was granted stays with those who have it. Harmless again."""
        if not self._closed:
            self._closed = True
            self.end()
            self.object.close()

    def _head(self, ended: int) -> None:
        shape = self.shape
        head = _HEADER.pack(ended, shape.slots, shape.width, shape.height, shape.stride)
        self.object.contents[: len(head)] = np.frombuffer(head, np.uint8)

    def _note(self, slot: int, number: int, time_ns: int) -> None:
        at = _FIRST_SLOT + slot * _SLOT.size
        note = _SLOT.pack(self._sequences[slot], number, time_ns)
        self.object.contents[at : at + _SLOT.size] = np.frombuffer(note, np.uint8)


class FrameRingView:
    """A reader's side.

    Args:
        descriptor: of the ring's object, as granted; used up.
        shape: as the writer told.

    Raises:
        Refused: if the file is not sealed or not as large as that.
    """

    __slots__ = ("_bytes", "shape")

    shape: RingShape

    def __init__(self, descriptor: Descriptor, shape: RingShape) -> None:
        self.shape = shape
        with Pool(descriptor.take(), shape.size, SealPolicy.REQUIRE) as pool:
            assert pool.mapping is not None
            self._bytes: npt.NDArray[Any] = pool.mapping.contents

    @property
    def ended(self) -> bool:
        """Whether no picture will come any more."""
        return bool(_HEADER.unpack_from(self._bytes.data)[0])

    @property
    def numbers(self) -> list[int]:
        """The frames that can be taken now, oldest first."""
        found = (self._look(slot) for slot in range(self.shape.slots))
        return sorted(number for sequence, number, _ in found if sequence and not sequence & 1)

    def latest(self) -> Frame | None:
        """Return a copy of the newest picture, whole; None before the first."""
        while numbers := self.numbers:
            frame = self.take(numbers[-1])
            if frame is not None:
                return frame
        return None

    def take(self, number: int) -> Frame | None:
        """Return a copy of one picture, whole; None if it is not there, or was overwritten meanwhile."""
        for slot in range(self.shape.slots):
            before = self._look(slot)
            if before[0] and not before[0] & 1 and before[1] == number:
                pixels = self._pixels(slot).copy()
                pixels.flags.writeable = False
                return Frame(number, before[2], pixels) if self._look(slot) == before else None
        return None

    def _look(self, slot: int) -> tuple[int, int, int]:
        sequence, number, time_ns = _SLOT.unpack_from(self._bytes.data, _FIRST_SLOT + slot * _SLOT.size)
        return sequence, number, time_ns

    def _pixels(self, slot: int) -> npt.NDArray[np.uint32]:
        shape = self.shape
        return np.ndarray(
            (shape.height, shape.width), np.uint32, self._bytes, shape.offset(slot), (shape.stride, 4)
        )
