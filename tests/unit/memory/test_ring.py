"""A ring of frames: whole pictures for readers, whatever the writer does meanwhile, and nothing else."""

from __future__ import annotations

import mmap
import os
import struct

import numpy as np
import pytest

from compositor.descriptor import Descriptor
from compositor.memory import (
    Access,
    AnonymousObject,
    FrameRing,
    FrameRingView,
    GrowableBuffer,
    Refused,
    RingShape,
)

SHAPE = RingShape(3, 16, 10)


def picture(shade: int) -> np.ndarray:
    return np.full((10, 16), shade, np.uint32)


@pytest.fixture
def ring():
    made = FrameRing(3, 16, 10)
    yield made
    made.close()


def view_of(ring):
    # No fixture: pytest would keep it, and with it the mapping, until the leaks were counted.
    return FrameRingView(ring.object.open(), SHAPE)


def test_a_reader_takes_the_newest_picture(ring):
    view = view_of(ring)
    assert view.latest() is None
    for number in range(1, 6):
        ring.write(picture(number), number, number * 10)
        frame = view.latest()
        assert (number, number * 10) == (frame.number, frame.time_ns)
        assert (frame.pixels == number).all()


def test_the_last_pictures_are_there_and_the_older_ones_are_not(ring):
    view = view_of(ring)
    for number in range(1, 6):
        ring.write(picture(number), number, 0)
    assert [3, 4, 5] == view.numbers
    assert (view.take(3).pixels == 3).all()
    assert view.take(2) is None


def test_a_picture_that_is_being_written_is_not_taken(ring):
    view = view_of(ring)
    ring.write(picture(1), 1, 0)
    ring.write(picture(2), 2, 0)
    # As in the middle of a write.
    ring._sequences[1] += 1
    ring._note(1, 5, 0)
    assert [1] == view.numbers
    assert view.take(5) is None
    assert 1 == view.latest().number


def test_what_was_taken_does_not_change(ring):
    view = view_of(ring)
    ring.write(picture(1), 1, 0)
    frame = view.latest()
    for number in range(2, 6):
        ring.write(picture(number), number, 0)
    assert (frame.pixels == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0] = 1


def test_nobody_but_the_writer_can_write(ring):
    with ring.object.open() as descriptor, pytest.raises(PermissionError):
        mmap.mmap(descriptor.fileno(), SHAPE.size)


def test_a_ring_that_ends_says_so_and_keeps_its_pictures(ring):
    view = view_of(ring)
    ring.write(picture(7), 7, 0)
    assert not view.ended
    ring.end()
    assert view.ended
    assert 7 == view.latest().number


def test_a_ring_that_is_revoked_shows_nothing_and_does_not_fault(ring):
    view = view_of(ring)
    ring.write(picture(7), 7, 0)
    ring.object.revoke()
    ring.close()
    assert view.latest() is None
    assert view.ended


def test_pictures_start_at_pages_and_a_picture_of_another_size_is_refused(ring):
    assert [4096, 8192, 12288] == [SHAPE.offset(slot) for slot in range(3)]
    assert SHAPE.size == ring.object.size
    with pytest.raises(ValueError, match="ring of"):
        ring.write(np.zeros((10, 17), np.uint32), 1, 0)


@pytest.mark.parametrize("arguments", [(1, 16, 10), (65, 16, 10), (3, 0, 10), (3, 16, 0)])
def test_a_ring_of_nothing_is_refused(arguments):
    with pytest.raises(ValueError, match="a ring of"):
        FrameRing(*arguments)


def test_memory_that_is_not_sealed_or_too_small_is_refused():
    with AnonymousObject(4096, Access.READ_ONLY) as small, pytest.raises(Refused):
        FrameRingView(small.open(), SHAPE)


def test_a_writer_that_lies_is_nonsense_and_no_fault():
    with GrowableBuffer(SHAPE.size) as buffer:
        liar = buffer.view(0, 1, SHAPE.size, SHAPE.size, np.uint8)[0]
        liar[:] = 0xFF
        view = FrameRingView(Descriptor(os.dup(buffer.fd)), SHAPE)
        assert view.latest() is None
        note = struct.pack("=QQQ", 2, (1 << 64) - 1, 0)
        liar[64 : 64 + len(note)] = np.frombuffer(note, np.uint8)
        frame = view.latest()
        assert (1 << 64) - 1 == frame.number
        assert (10, 16) == frame.pixels.shape
