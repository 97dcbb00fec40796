"""Requests in a row, taken at once: only where all is as it should be, and never seen by the client."""

from __future__ import annotations

import sys
from unittest import mock

import pytest
from support import wire
from support.line import Line

from compositor.wire import Client, Int, Interface, NewId, Uint, request, sequence
from compositor.wire.compile import add_tracer, remove_tracer


class Pair(Interface, name="test_pair", version=2):
    """Two requests, and what takes both unless the number is 13."""

    __slots__ = ("calls",)

    calls: list[tuple[object, ...]]

    @request()
    def other(self, other: Pair | None, number: Int) -> None:
        self.calls.append(("other", other, number))

    @request(since=2)
    def make(self, id: NewId[Pair], number: Uint) -> None:
        self.calls.append(("make", id, number))

    @sequence("other", "make")
    def both(self, other: Pair, number: Int, id: NewId[Pair], more: Uint) -> bool:
        """Take the two."""
        if number == 13:
            return False
        self.calls.append(("both", other, number, id, more))
        return True


class Many(Interface, name="test_many", version=1):
    """As `Pair`, with something that takes many rows at a time."""

    __slots__ = ("calls",)

    calls: list[tuple[object, ...]]
    most = 0

    @request()
    def one(self, number: Uint) -> None:
        self.calls.append(("one", number))

    @request()
    def two(self, number: Uint) -> None:
        self.calls.append(("two", number))

    @sequence("one", "two", rows=lambda: take)
    def both(self, number: Uint, more: Uint) -> bool:
        self.calls.append(("both", number, more))
        return True


def take(client: Client, data: memoryview, position: int) -> int:
    """Take as many rows as the first object wants, and are whole."""
    first = client.objects[int.from_bytes(data[position : position + 4], sys.byteorder)]
    assert isinstance(first, Many)
    count = min(first.most, (client.read_end - position) // 24)
    if count:
        first.calls.append(("rows", count))
    return 24 * count


@pytest.mark.parametrize(
    ("most", "calls"),
    [
        (0, [("both", 1, 2), ("both", 1, 2), ("both", 1, 2)]),
        (2, [("rows", 2), ("rows", 1)]),
        (9, [("rows", 3)]),
    ],
)
def test_many_rows_are_taken_at_a_time(line: Line, most: int, calls: list[tuple[object, ...]]) -> None:
    many = Many(line.client, 2, 1)
    many.calls = []
    with mock.patch.object(Many, "most", most):
        line.serve(3 * (wire.message(2, 0, wire.word(1)) + wire.message(2, 1, wire.word(2))))
    assert calls == many.calls
    assert 6 == line.client.messages
    assert line.client.alive


def pair(line: Line, oid: int = 2, version: int = 2) -> Pair:
    made = Pair(line.client, oid, version)
    made.calls = []
    return made


def row(other: int = 2, number: int = -5, id: int = 3, more: int = 9, to: int = 2) -> bytes:
    first = wire.message(2, 0, wire.word(other), wire.word(number))
    return first + wire.message(to, 1, wire.word(id), wire.word(more))


def test_two_requests_in_a_row_are_taken_at_once(line: Line) -> None:
    p = pair(line)
    line.serve(row() + row(number=6))
    assert [("both", p, -5, 3, 9), ("both", p, 6, 3, 9)] == p.calls
    assert 4 == line.client.messages


def test_the_first_alone_waits_for_nothing(line: Line) -> None:
    p = pair(line)
    line.serve(row()[:16])
    assert [("other", p, -5)] == p.calls
    line.serve(row()[16:])
    assert [("other", p, -5), ("make", 3, 9)] == p.calls


def test_what_was_read_before_is_no_part_of_the_row(line: Line) -> None:
    p = pair(line)
    line.serve(row())
    # The bytes of the second request still lie in the buffer behind this one.
    line.serve(row()[:16])
    assert [("both", p, -5, 3, 9), ("other", p, -5)] == p.calls
    assert 3 == line.client.messages


def test_what_the_method_leaves_is_handled_one_by_one(line: Line) -> None:
    p = pair(line)
    line.serve(row(number=13))
    assert [("other", p, 13), ("make", 3, 9)] == p.calls
    assert 2 == line.client.messages


def test_a_null_object_is_left_to_the_request(line: Line) -> None:
    p = pair(line)
    line.serve(row(other=0))
    assert [("other", None, -5), ("make", 3, 9)] == p.calls


def test_the_requests_must_go_to_one_object(line: Line) -> None:
    p, q = pair(line), pair(line, 3)
    line.serve(row(to=3))
    assert ([("other", p, -5)], [("make", 3, 9)]) == (p.calls, q.calls)


@pytest.mark.parametrize(
    ("row_of", "text"),
    [
        (row(other=7), "object 7 is None, not a test_pair"),
        (row(other=1), "object 1 is wl_display#1, not a test_pair"),
        (row(other=0xFF000000), "object 4278190080 is None"),
        (row(id=0), "new id 0"),
    ],
)
def test_errors_are_those_of_the_single_requests(line: Line, row_of: bytes, text: str) -> None:
    pair(line)
    line.serve(row_of)
    assert not line.client.alive
    assert text in line.errors[0][3]


def test_a_version_without_one_of_the_requests_does_not_have_the_row(line: Line) -> None:
    p = pair(line, version=1)
    line.serve(row())
    assert [("other", p, -5)] == p.calls
    assert "exists since version 2" in line.errors[0][3]


def test_a_tracer_is_told_each_request(line: Line) -> None:
    p = pair(line)
    told: list[str] = []

    def tracer(_resource: object, message: object, _is_event: bool, _arguments: object) -> None:
        told.append(message.name)  # type: ignore[attr-defined]

    add_tracer(tracer)
    try:
        line.serve(row())
    finally:
        remove_tracer(tracer)
    assert ["other", "make"] == told
    assert [("other", p, -5), ("make", 3, 9)] == p.calls
