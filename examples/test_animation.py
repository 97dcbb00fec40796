"""Time as an input: an animation shows the same frames on every run."""

import hashlib

import pytest


@pytest.fixture
def compositor_args(compositor_args):
    return {**compositor_args, "clock": "manual"}


def test_half_a_second_of_a_clock(compositor, demo):
    window = demo("clock", "--time", "10:09:36").window()
    before = window.screenshot()
    compositor.clock.advance(500)
    assert (before != window.screenshot()).any()


def test_nothing_moves_unless_time_does(compositor, demo):
    window = demo("flower").window()
    compositor.clock.advance(100)
    compositor.wait_idle()
    first = window.screenshot()
    compositor.wait_idle(quiet_ms=100)
    assert (first == window.screenshot()).all()


def test_ten_frames_are_ten_frames(compositor, demo):
    window = demo("flower").window()
    compositor.clock.advance_frames(1)
    pictures = set()
    for _ in range(10):
        compositor.clock.advance_frames(1)
        pictures.add(hashlib.sha256(window.screenshot().tobytes()).digest())
    assert 10 == len(pictures)
