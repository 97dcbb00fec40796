"""Requests: bytes written by hand, and what the handler is given; then everything that is not a request."""

from __future__ import annotations

import os
import struct
import sys
from typing import Any

import pytest
from support import wire
from support.line import Line, Thing, ask

LITTLE = sys.byteorder == "little"


def bad(line: Line, data: bytes, code: int = 1) -> str:
    """Serve what must be refused; returns the text."""
    line.serve(data)
    assert not line.client.alive
    assert 1 == len(line.errors)
    name, oid, actual, text = line.errors[0]
    assert ("wl_display", 1, code) == (name, oid, actual)
    assert 0 == line.display.bugs
    return text


@pytest.mark.skipif(not LITTLE, reason="the bytes below are those of a little-endian machine")
def test_numbers_are_words_and_fixed_has_eight_bits_of_fraction(line: Line, thing: Thing) -> None:
    line.serve(bytes.fromhex("02000000 00001400 feffffff ffffffff 80feffff".replace(" ", "")))
    assert [(-2, 0xFFFF_FFFF, -1.5)] == thing.calls


@pytest.mark.skipif(not LITTLE, reason="the bytes below are those of a little-endian machine")
def test_a_string_has_its_length_with_the_nul_and_padding(line: Line, thing: Thing) -> None:
    # "seal" is 5 bytes with its NUL, then 3 of padding; a null string is a length of zero.
    line.serve(bytes.fromhex("02000000 01001800 05000000 7365616c 00000000 00000000".replace(" ", "")))
    assert [("seal", None)] == thing.calls


@pytest.mark.skipif(not LITTLE, reason="the bytes below are those of a little-endian machine")
def test_an_array_has_its_length_and_padding(line: Line, thing: Thing) -> None:
    line.serve(bytes.fromhex("02000000 02001400 03000000 01020300 2a000000".replace(" ", "")))
    assert [(b"\x01\x02\x03", 42)] == thing.calls


@pytest.mark.parametrize("text", ["", "a", "abc", "abcd", "Weddell-Robbe", "\N{SEAL}", "x" * 3000])
def test_strings_of_every_padding(line: Line, thing: Thing, text: str) -> None:
    line.serve(ask("text", wire.string(text), wire.string(text)))
    assert [(text, text)] == thing.calls


@pytest.mark.parametrize("size", range(9))
def test_arrays_of_every_padding(line: Line, thing: Thing, size: int) -> None:
    line.serve(ask("data", wire.padded(bytes(range(size))), wire.word(1)))
    assert [(bytes(range(size)), 1)] == thing.calls


def test_text_that_is_not_utf8_does_not_cost_the_connection(line: Line, thing: Thing) -> None:
    line.serve(ask("text", wire.padded(b"caf\xe9\0"), wire.string("x")))
    assert [("caf\N{REPLACEMENT CHARACTER}", "x")] == thing.calls


def test_objects_are_handed_over_as_resources(line: Line, thing: Thing) -> None:
    other = line.thing(3)
    line.serve(ask("things", wire.word(3), wire.word(0), wire.word(1)))
    assert [(other, None, line.client.display_resource)] == thing.calls


def test_descriptors_are_taken_in_order_and_closed_after_the_handler(line: Line, thing: Thing) -> None:
    first, second = os.memfd_create("first"), os.memfd_create("second")
    inodes = os.fstat(first).st_ino, os.fstat(second).st_ino
    before = len(os.listdir("/proc/self/fd"))
    line.serve(ask("files", wire.word(5)), [first, second])
    assert [(inodes[0], 5, inodes[1])] == thing.calls
    assert before == len(os.listdir("/proc/self/fd"))
    os.close(first)
    os.close(second)


def test_a_handler_may_keep_a_descriptor(line: Line, thing: Thing) -> None:
    fd = os.memfd_create("kept")
    inode = os.fstat(fd).st_ino
    line.serve(ask("keep"), [fd])
    os.close(fd)
    [(kept,)] = thing.calls
    assert inode == os.fstat(kept).st_ino
    assert not os.get_inheritable(kept)
    os.close(kept)


def test_descriptors_may_come_before_their_message(line: Line, thing: Thing) -> None:
    fds = [os.memfd_create("a"), os.memfd_create("b")]
    inodes = [os.fstat(fd).st_ino for fd in fds]
    data = ask("numbers", wire.word(1), wire.word(2), wire.word(0)) + ask("files", wire.word(5))
    line.serve(data[:4], fds[:1])
    line.serve(data[4:30], fds[1:])
    line.serve(data[30:])
    assert [(1, 2, 0.0), (inodes[0], 5, inodes[1])] == thing.calls
    for fd in fds:
        os.close(fd)


def test_hundreds_of_descriptors_in_one_reading(line: Line, thing: Thing) -> None:
    fd = os.memfd_create("many")
    inode = os.fstat(fd).st_ino
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        line.serve(ask("files", wire.word(0)) * 126, [fd] * 252)
    assert [(inode, 0, inode)] * 630 == thing.calls
    assert before == len(os.listdir("/proc/self/fd"))
    os.close(fd)


def test_an_untyped_new_id_brings_interface_and_version(line: Line, thing: Thing) -> None:
    line.serve(ask("bind", wire.string("wl_seal"), wire.word(4), wire.word(9)))
    assert [("wl_seal", 4, 9)] == thing.calls


def test_a_new_object_lives_under_the_id_that_the_client_chose(line: Line, thing: Thing) -> None:
    line.serve(ask("make", wire.word(3)))
    [(made,)] = thing.calls
    assert 3 == made.oid
    assert made.alive


def test_half_a_message_waits_for_the_other_half(line: Line, thing: Thing) -> None:
    data = ask("text", wire.string("half"), wire.string("whole")) * 3
    for byte in data[:-1]:
        line.serve(bytes([byte]))
    assert 2 == len(thing.calls)
    line.serve(data[-1:])
    assert [("half", "whole")] * 3 == thing.calls


def test_as_long_a_message_as_a_size_can_say(line: Line, thing: Thing) -> None:
    payload = bytes(65532 - 8 - 4 - 4)
    line.serve(ask("data", wire.padded(payload), wire.word(1)))
    assert [(payload, 1)] == thing.calls


def test_a_flood_is_served_in_pieces(line: Line, thing: Thing) -> None:
    one = ask("numbers", wire.word(1), wire.word(2), wire.word(0))
    count = 3 * (line.display.limits.message_budget_bytes // len(one))
    data = one * count
    line.sock.setblocking(True)
    pieces = 0
    while data:
        data = data[line.sock.send(data[:100_000]) :]
        while line.unread():
            line.client.readable()
            pieces += 1
    assert count == len(thing.calls)
    # More than one reading takes; how many more is for the socket's buffer to say.
    assert 2 <= pieces


# What is refused


@pytest.mark.parametrize("size", [0, 4, 7])
def test_a_size_smaller_than_the_header_is_refused(line: Line, thing: Thing, size: int) -> None:
    bad(line, wire.word(2) + wire.word(size << 16))


@pytest.mark.parametrize("size", [9, 10, 11, 21])
def test_a_size_that_is_no_multiple_of_a_word_is_refused(line: Line, thing: Thing, size: int) -> None:
    bad(line, wire.word(2) + wire.word(size << 16) + bytes(32))


@pytest.mark.parametrize("parts", [2, 4])
def test_a_fixed_message_of_another_length_is_refused(line: Line, thing: Thing, parts: int) -> None:
    assert "test_thing#2.numbers" in bad(line, ask("numbers", wire.word(1) * parts))


@pytest.mark.parametrize(
    "parts",
    [
        b"",
        wire.string("only one"),
        wire.string("two") * 3,
        wire.string("two") * 2 + wire.word(0),
        wire.word(5) + b"seal",
        wire.word(0xFFFF_FFFF) + wire.string("x"),
        wire.word(0xFFFF_FFFC) + wire.string("x"),
        wire.word(0x7FFF_FFFF) + wire.string("x"),
        wire.string("x") + wire.word(100),
    ],
)
def test_strings_that_do_not_fit_are_refused(line: Line, thing: Thing, parts: bytes) -> None:
    bad(line, ask("text", parts))


@pytest.mark.parametrize(
    "raw",
    [b"seal", b"se\0l\0", b"\0\0", b"seal\0\0"],
    ids=["no NUL", "NUL inside", "two NULs", "NUL before the last"],
)
def test_a_string_must_end_with_its_only_nul(line: Line, thing: Thing, raw: bytes) -> None:
    assert "NUL" in bad(line, ask("text", wire.padded(raw), wire.string("x")))


def test_null_for_a_string_that_may_not_be_is_refused(line: Line, thing: Thing) -> None:
    assert "null" in bad(line, ask("text", wire.string(None), wire.string("x")))


@pytest.mark.parametrize(
    "parts",
    [
        b"",
        wire.word(0),
        wire.word(8) + bytes(4) + wire.word(1),
        wire.word(3) + b"ab",
        wire.word(0xFFFF_FFFD) + wire.word(0),
        wire.padded(b"abc") + wire.word(1) + wire.word(2),
    ],
)
def test_arrays_that_do_not_fit_are_refused(line: Line, thing: Thing, parts: bytes) -> None:
    bad(line, ask("data", parts))


def things(*ids: int) -> bytes:
    return ask("things", *(wire.word(oid) for oid in ids))


@pytest.mark.parametrize("oid", [0, 4, 900, 0xFEFF_FFFF, 0xFF00_0000, 0xFFFF_FFFF])
def test_an_object_that_is_not_there_is_refused(line: Line, thing: Thing, oid: int) -> None:
    bad(line, things(oid, 0, 1))


def test_an_object_of_another_interface_is_refused(line: Line, thing: Thing) -> None:
    assert "wl_display#1, not a test_thing" in bad(line, things(1, 0, 1))


def test_null_for_an_object_that_may_not_be_is_refused(line: Line, thing: Thing) -> None:
    assert "null" in bad(line, things(2, 0, 0))


def test_an_object_that_was_destroyed_is_refused(line: Line, thing: Thing) -> None:
    line.thing(3).retire()
    bad(line, things(3, 0, 1))


def test_a_descriptor_that_did_not_come_is_refused(line: Line, thing: Thing) -> None:
    fd = os.memfd_create("alone")
    before = len(os.listdir("/proc/self/fd"))
    line.serve(ask("files", wire.word(1)), [fd])
    assert ("wl_display", 1, 1) == line.errors[0][:3]
    # The socket itself is gone too.
    assert before - 1 == len(os.listdir("/proc/self/fd"))
    os.close(fd)


@pytest.mark.parametrize(
    ("oid", "code"), [(0, 1), (1, 0), (2, 0), (4, 0), (0x7FFF_FFFF, 0), (0xFF00_0000, 0), (0xFFFF_FFFF, 0)]
)
def test_a_new_id_must_be_the_next_free_one(line: Line, thing: Thing, oid: int, code: int) -> None:
    bad(line, ask("make", wire.word(oid)), code)


@pytest.mark.parametrize("parts", [wire.string("wl_seal") + wire.word(1), wire.word(0) + wire.word(1) * 2])
def test_an_untyped_new_id_that_is_not_whole_is_refused(line: Line, thing: Thing, parts: bytes) -> None:
    bad(line, ask("bind", parts))


def test_an_untyped_new_id_of_zero_is_refused(line: Line, thing: Thing) -> None:
    bad(line, ask("bind", wire.string("x"), wire.word(1), wire.word(0)))


def test_an_opcode_that_is_not_there_is_refused(line: Line, thing: Thing) -> None:
    bad(line, wire.message(2, len(Thing.REQUESTS)))
    assert "opcode" in line.errors[0][3]


def test_a_request_newer_than_the_version_is_refused(line: Line) -> None:
    thing = line.thing(2, version=2)
    bad(line, ask("newer"))
    assert [] == thing.calls


def test_a_request_as_new_as_the_version_is_served(line: Line, thing: Thing) -> None:
    line.serve(ask("newer"))
    assert [("newer",)] == thing.calls


def test_more_objects_than_the_limit_are_refused(new_line: Any) -> None:
    from compositor.limits import Limits

    line = new_line(Limits(objects=8))
    line.thing()
    line.serve(b"".join(ask("make", wire.word(oid)) for oid in range(3, 8)))
    assert line.client.alive
    assert "limit is 8" in bad(line, ask("make", wire.word(8)), 0)


# What a handler does


def test_a_handlers_protocol_error_is_posted_and_ends_the_connection(line: Line, thing: Thing) -> None:
    line.serve(ask("fail", wire.word(3)) + ask("numbers", wire.word(1) * 3))
    assert [("test_thing", 2, 7, "test_thing#2: failed 3")] == line.errors
    assert (
        wire.message(1, 0, wire.word(2), wire.word(7), wire.string("test_thing#2: failed 3")) == line.heard()
    )
    assert b"" == line.sock.recv(1)
    assert [] == thing.calls


def test_a_bug_in_a_handler_costs_that_client_and_is_counted(line: Line, thing: Thing) -> None:
    line.serve(ask("fail", wire.word(0)))
    assert 1 == line.display.bugs
    assert ("wl_display", 1, 3) == line.errors[0][:3]
    assert not line.client.alive


def test_a_destructor_ends_the_object_after_its_handler(line: Line, thing: Thing) -> None:
    line.serve(ask("destroy"))
    assert [("destroy",)] == thing.calls
    assert 1 == thing.gone
    assert not thing.alive
    assert wire.message(1, 1, wire.word(2)) == line.heard()


def test_every_object_is_cleaned_up_once_when_the_client_leaves(line: Line) -> None:
    things = [line.thing(oid) for oid in range(2, 12)]
    things[4].retire()
    server_side = line.thing(0)
    line.client.close("test")
    assert [1] * 10 == [thing.gone for thing in things]
    assert 1 == server_side.gone
    line.client.close("again")
    assert [1] * 10 == [thing.gone for thing in things]


def test_the_servers_ids_start_where_the_protocol_says(line: Line) -> None:
    made = line.thing(0)
    assert 0xFF00_0000 == made.oid
    assert made.alive
    line.serve(ask("numbers", wire.word(1), wire.word(2), wire.word(256), oid=made.oid))
    assert [(1, 2, 1.0)] == made.calls
    made.retire()
    # The client frees the server's ids by itself: there is no delete_id for them.
    assert b"" == line.heard()


def test_random_bytes_never_reach_a_bug(new_line: Any) -> None:
    import random

    for seed in range(300):
        line = new_line()
        line.thing()
        line.thing(3)
        rng = random.Random(seed)
        data = b""
        for _ in range(rng.randrange(1, 12)):
            body = b"".join(
                struct.pack("=I", rng.choice((0, 1, 2, 3, 4, 5, 8, 255, 0xFF00_0000, rng.getrandbits(32))))
                for _ in range(rng.randrange(6))
            )
            data += wire.message(rng.choice((1, 2, 3)), rng.randrange(11), body)
        line.serve(data)
        # Only the request that fails on purpose may count as a bug.
        assert line.display.bugs <= (b"\0\0\0\0" in data)
        line.close()
