"""Events: what is encoded, byte by byte, how it leaves, and how much may wait."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest
from support import wire
from support.line import Fleeting, Line, Thing

from compositor.limits import Limits

LITTLE = sys.byteorder == "little"
FLOOD = wire.message(1, 0, wire.word(2))
"""wl_display.sync under an id that is free again at once."""


def numbers(data: bytes) -> list[int]:
    """Return the first arguments of so many `told_numbers`."""
    return [int.from_bytes(data[i + 8 : i + 12], sys.byteorder) for i in range(0, len(data), 20)]


@pytest.mark.skipif(not LITTLE, reason="the bytes below are those of a little-endian machine")
def test_numbers(line: Line, thing: Thing) -> None:
    thing.told_numbers(-2, 0xFFFF_FFFF, -1.5)
    assert bytes.fromhex("0200000000001400feffffffffffffff80feffff") == line.heard()


@pytest.mark.skipif(not LITTLE, reason="the bytes below are those of a little-endian machine")
def test_strings_and_null(line: Line, thing: Thing) -> None:
    thing.told_text("seal", None)
    assert (
        bytes.fromhex("02000000 01001800 05000000 7365616c 00000000 00000000".replace(" ", ""))
        == line.heard()
    )


@pytest.mark.parametrize("size", range(9))
def test_arrays_of_every_padding(line: Line, thing: Thing, size: int) -> None:
    data = bytes(range(1, size + 1))
    thing.told_data(data)
    assert wire.message(2, 2, wire.padded(data)) == line.heard()


@pytest.mark.parametrize("text", ["", "a", "abc", "abcd", "\N{SEAL}\N{SEAL}"])
def test_strings_of_every_padding(line: Line, thing: Thing, text: str) -> None:
    thing.told_text(text, text)
    assert wire.message(2, 1, wire.string(text), wire.string(text)) == line.heard()


def test_objects_and_null(line: Line, thing: Thing) -> None:
    other = line.thing(3)
    thing.told_things(other, None)
    thing.told_things(thing, other)
    expected = wire.message(2, 3, wire.word(3), wire.word(0)) + wire.message(2, 3, wire.word(2), wire.word(3))
    assert expected == line.heard()


def test_a_new_object_of_the_server(line: Line, thing: Thing) -> None:
    thing.told_new(line.thing(0))
    assert wire.message(2, 5, wire.word(0xFF00_0000)) == line.heard()


@pytest.mark.parametrize("value", [8_388_607.99, 1e9, -1e9, float(2**40)])
def test_a_fixed_out_of_range_is_cut_to_what_can_be_said(line: Line, thing: Thing, value: float) -> None:
    thing.told_numbers(0, 0, value)
    expected = 0x7FFF_FFFF if value > 0 else 0x8000_0000
    word = int.from_bytes(line.heard()[-4:], sys.byteorder)
    assert abs(expected - word) <= 2


def test_an_event_newer_than_the_version_is_not_sent_and_its_descriptor_closed(line: Line) -> None:
    reader, writer = os.pipe()
    line.thing(2, version=1).told_newer(writer)
    assert b"" == line.heard()
    assert b"" == os.read(reader, 1)
    os.close(reader)


def test_an_event_of_the_version_is_sent(line: Line) -> None:
    line.thing(2, version=2).told_newer(os.memfd_create("sent"))
    data, fds = line.heard_with_fds()
    assert wire.message(2, 6) == data
    assert 1 == len(fds)
    os.close(fds[0])


def test_a_text_that_no_client_could_receive_is_our_bug_and_sends_nothing(line: Line, thing: Thing) -> None:
    with pytest.raises(ValueError, match="4096"):
        thing.told_text("x" * 4096, None)
    thing.told_numbers(1, 2, 3)
    assert wire.message(2, 0, wire.word(1), wire.word(2), wire.word(3 * 256)) == line.heard()


def test_a_destructor_event_ends_the_object_and_frees_its_id(line: Line, thing: Thing) -> None:
    thing.over(5)
    assert wire.message(2, 7, wire.word(5)) + wire.message(1, 1, wire.word(2)) == line.heard()
    assert 1 == thing.gone
    assert not thing.alive


def test_a_destructor_event_of_an_object_without_cleanup_does_the_same(line: Line) -> None:
    fleeting = Fleeting(line.client, 2, 1)
    fleeting.over(5)
    fleeting.over(6)
    assert wire.message(2, 0, wire.word(5)) + wire.message(1, 1, wire.word(2)) == line.heard()
    assert not fleeting.alive


def test_a_destructor_event_of_an_object_of_the_server(line: Line) -> None:
    fleeting = Fleeting(line.client, 0, 1)
    fleeting.over(5)
    assert wire.message(0xFF00_0000, 0, wire.word(5)) == line.heard()
    assert not fleeting.alive


def test_events_of_one_turn_leave_together_and_in_order(line: Line, thing: Thing) -> None:
    for number in range(100):
        thing.told_numbers(number, 0, 0)
    assert [line.client] == line.display.dirty
    data = line.heard()
    assert list(range(100)) == [
        int.from_bytes(data[i + 8 : i + 12], sys.byteorder) for i in range(0, 2000, 20)
    ]


def test_a_descriptor_arrives_with_its_event_and_is_closed_here(line: Line, thing: Thing) -> None:
    before = len(os.listdir("/proc/self/fd"))
    fd = os.memfd_create("sent")
    inode = os.fstat(fd).st_ino
    thing.told_file(5, fd)
    data, fds = line.heard_with_fds()
    assert wire.message(2, 4, wire.word(5)) == data
    assert [inode] == [os.fstat(fd).st_ino for fd in fds]
    os.close(fds[0])
    assert before == len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("count", [27, 28, 29, 56, 57, 200])
def test_more_descriptors_than_a_message_carries_arrive_in_order(
    line: Line, thing: Thing, count: int
) -> None:
    inodes = []
    for number in range(count):
        fd = os.memfd_create("sent")
        inodes.append(os.fstat(fd).st_ino)
        thing.told_file(number, fd)
    data, fds = line.heard_with_fds()
    assert b"".join(wire.message(2, 4, wire.word(n)) for n in range(count)) == data
    assert inodes == [os.fstat(fd).st_ino for fd in fds]
    for fd in fds:
        os.close(fd)


def test_what_was_queued_for_a_client_that_left_is_closed(line: Line, thing: Thing) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(40):
        thing.told_file(number, os.memfd_create("lost"))
    line.client.close("test")
    thing.told_file(1, os.memfd_create("late"))
    # Less the socket that was closed.
    assert before - 1 == len(os.listdir("/proc/self/fd"))


def test_a_client_that_does_not_read_keeps_its_events_until_it_does(line: Line, thing: Thing) -> None:
    for number in range(40_000):
        thing.told_numbers(number, 0, 0)
    assert [line.client] == line.display.flush()
    data = b""
    waits = True
    while waits:
        data += line.heard()
        waits = line.client.flush()
    data += line.heard()
    assert list(range(40_000)) == numbers(data)


def test_a_client_that_never_reads_is_disconnected_when_too_much_waits(new_line: Any) -> None:
    line = new_line(Limits(pending_output_bytes=100_000))
    thing = line.thing()
    for _turn in range(1000):
        for number in range(100):
            thing.told_numbers(number, 0, 0)
        line.display.flush()
        if not line.client.alive:
            break
    assert not line.client.alive
    # What the socket took, what may wait, and one turn.
    assert _turn * 2000 < 100_000 + 1_000_000


def test_a_client_whose_requests_make_events_that_it_does_not_read_is_disconnected(new_line: Any) -> None:
    line = new_line(Limits(pending_output_bytes=100_000))
    for _ in range(2000):
        try:
            line.serve(FLOOD * 50)
        except (BrokenPipeError, ConnectionResetError):
            break
    assert not line.client.alive


def test_a_client_that_never_reads_cannot_hoard_descriptors(new_line: Any) -> None:
    line = new_line(Limits(pending_output_fds=100))
    thing = line.thing()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(100_000):
        thing.told_numbers(0, 0, 0)
    line.display.flush()
    for number in range(200):
        if line.client.alive:
            thing.told_file(number, os.memfd_create("hoard"))
            line.display.flush()
    assert not line.client.alive
    assert before - 1 == len(os.listdir("/proc/self/fd"))
