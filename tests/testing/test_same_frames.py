"""Time as an input: with a manual clock the same program and the same input show the same frames, always."""

from __future__ import annotations

import hashlib
import sys

import pytest

from compositor.locate import clients_dir
from compositor.testing import Compositor

RUNS = 20
FRAMES = 6


def frames_of_one_run(program):
    """Return a digest of each of the first frames of a demo client, while a key is held down."""
    digests = []
    with Compositor(outputs=["400x300"], clock="manual", timeout_s=60) as compositor:
        argv = [sys.executable, str(clients_dir() / program[0]), "--size", "160x120", *program[1:]]
        window = compositor.launch(argv).window()
        window.focus()
        compositor.wait_idle()
        for _ in range(FRAMES):
            compositor.clock.advance_frames(1)
            digests.append(hashlib.sha256(compositor.screenshot().tobytes()).hexdigest())
    return tuple(digests)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_animation_shows_identical_frames_on_twenty_runs():
    first = frames_of_one_run(("flower.py",))
    assert FRAMES == len(set(first))
    for run in range(1, RUNS):
        assert first == frames_of_one_run(("flower.py",)), f"run {run}"


@pytest.fixture
def compositor_args(compositor_args):
    return {**compositor_args, "clock": "manual"}


def test_key_repeat_follows_the_clock(compositor, demo):
    window = demo("textpad", "--size", "300x200").window()
    compositor.wait_keyboard_focus()
    compositor.wait_idle()
    with compositor.keyboard.hold("x"):
        compositor.clock.advance_frames(2)
        before = window.screenshot()
        # Real time alone repeats nothing.
        compositor.wait_idle(quiet_ms=700)
        assert (before == window.screenshot()).all()
        compositor.clock.advance(1500)
        compositor.wait_idle()
        assert (before != window.screenshot()).any()
