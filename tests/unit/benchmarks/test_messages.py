"""The in-process measurement of the message path: what it sends is what it says, and it notices silence."""

from __future__ import annotations

import struct

import pytest

from benchmarks import messages


def test_a_message_is_encoded_as_the_wire_wants_it() -> None:
    expected = struct.pack("=IIIi", 7, 16 << 16 | 3, 1, -2)
    assert expected == messages.encode(7, 3, 1, -2)


def test_a_string_is_counted_with_its_null_and_padded() -> None:
    expected = struct.pack("=III", 2, 20 << 16, 4) + b"abc\0" + struct.pack("=I", 9)
    assert expected == messages.encode(2, 0, b"abc", 9)


def test_events_are_taken_apart_where_they_were_put_together() -> None:
    data = messages.encode(3, 0, 5) + messages.encode(1, 1, 3)
    expected = [(3, 0, struct.pack("=I", 5)), (1, 1, struct.pack("=I", 3))]
    assert expected == list(messages.events(data))


@pytest.mark.parametrize("draw", [False, True])
def test_the_parts_of_a_frame_make_up_its_cost(draw: bool) -> None:
    found = messages.measure(surfaces=150, frames=20, warmup=5, draw=draw)
    assert found.total_us == pytest.approx(found.requests_us + found.frame_us + found.send_us, rel=0.8)
    assert 0.1 < found.total_us < 1000


def test_a_surface_without_an_answer_is_noticed() -> None:
    with messages.bench(2) as made:
        made.frame(0)
        made.count = 3
        with pytest.raises(AssertionError, match="not answered"):
            made.frame(1)
