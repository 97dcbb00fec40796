"""Outputs: sizes in their two spaces, and the frame that is on its way."""

from __future__ import annotations

import pytest

from compositor.geometry import Transform
from compositor.model.output import Output, Redraw


@pytest.mark.parametrize(
    ("scale", "transform", "pixels", "layout"),
    [
        (1.0, Transform.NORMAL, (300, 200), (300, 200)),
        (2.0, Transform.NORMAL, (300, 200), (150, 100)),
        (1.5, Transform.NORMAL, (300, 200), (200, 133)),
        (1.0, Transform.ROTATE_90, (200, 300), (200, 300)),
        (2.0, Transform.FLIPPED_270, (200, 300), (100, 150)),
        (1.0, Transform.ROTATE_180, (300, 200), (300, 200)),
    ],
)
def test_sizes(scale: float, transform: Transform, pixels: tuple[int, int], layout: tuple[int, int]) -> None:
    output = Output("A", 300, 200, scale=scale, transform=transform, x=7, y=9)
    assert pixels == output.pixel_size
    assert (7, 9, *layout) == tuple(output.rect_layout)


@pytest.mark.parametrize(("scale", "whole"), [(0.5, 1), (1.0, 1), (1.01, 2), (1.5, 2), (2.0, 2), (2.25, 3)])
def test_old_clients_are_told_the_next_whole_scale(scale: float, whole: int) -> None:
    assert whole == Output("A", 300, 200, scale=scale).integer_scale


def test_panels_take_from_the_usable_part() -> None:
    output = Output("A", 300, 200, x=10)
    output.reserved = (5, 20, 0, 10)
    assert (15, 20, 295, 170) == tuple(output.usable_layout)


def test_a_refresh_is_a_part_of_a_second() -> None:
    assert 16_666_666 == Output("A", 1, 1, 60_000).refresh_ns
    assert 6_944_444 == Output("A", 1, 1, 144_000).refresh_ns


def test_one_frame_is_asked_for_at_a_time() -> None:
    output = Output("A", 1, 1)
    asked: list[Output] = []
    output.request_frame = asked.append
    output.schedule()
    output.schedule()
    assert [output] == asked
    output.begin_frame()
    output.end_frame(5)
    assert (Redraw.IDLE, 1, 5) == (output.redraw, output.frames, output.last_frame_ns)
    output.schedule()
    assert [output, output] == asked


def test_a_frame_nobody_promised_is_a_bug() -> None:
    output = Output("A", 1, 1)
    with pytest.raises(AssertionError):
        output.begin_frame()
    with pytest.raises(AssertionError):
        output.end_frame(1)


def test_a_change_is_told_to_everybody() -> None:
    output = Output("A", 300, 200)
    heard: list[Output] = []
    output.on_changed.append(heard.append)
    output.configure(width=100, scale=2.0)
    assert [output] == heard
    assert (100, 200, 2.0) == (output.width, output.height, output.scale)
