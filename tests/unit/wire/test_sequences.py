"""Requests in a row, taken at once: only where all is as it should be, and never seen by the client."""

from __future__ import annotations

import pytest
from support import wire
from support.line import Line

from compositor.wire import Int, Interface, NewId, Uint, request, sequence
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
