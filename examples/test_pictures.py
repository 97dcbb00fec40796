"""Golden pictures: what a program draws is what it drew when somebody last looked at it and agreed."""

import numpy as np
import pytest

from compositor.testing import assert_image, find_image


@pytest.fixture
def paint(compositor, demo):
    """A painting program with nothing painted yet."""
    window = demo("paint", "--size", "400x330").window()
    compositor.wait_idle()
    return window


def test_a_stroke(compositor, paint):
    paint.drag((100, 150), (300, 150))
    compositor.wait_idle()
    # Written by `pytest --weddell-update-golden`, looked at, and committed.
    assert_image(paint.screenshot(), "pictures/stroke.png", mode="perceptual")


def test_a_stroke_whatever_the_palette_looks_like(compositor, paint):
    paint.drag((100, 150), (300, 150))
    compositor.wait_idle()
    # Where not to look: x, y, width, height.
    assert_image(paint.screenshot(), "pictures/stroke.png", mode="perceptual", mask=[(0, 0, 56, 330)])


def test_a_stroke_leaves_the_palette_alone(compositor, paint):
    before = paint.screenshot()
    paint.drag((100, 150), (300, 150))
    compositor.wait_idle()
    after = paint.screenshot()
    # Pictures are numpy arrays of rows, columns and red, green, blue, alpha.
    assert (before[:, :56] == after[:, :56]).all()
    assert (before[148:152, 120:280] != after[148:152, 120:280]).any(axis=2).all()


def test_another_colour_is_found_by_its_looks_and_chosen(compositor, paint):
    orange = np.zeros((8, 8, 4), np.uint8)
    orange[:] = (240, 106, 80, 255)
    place = find_image(paint.screenshot(), orange, tolerance=20)
    paint.click(*place.center)
    paint.drag((100, 200), (300, 200))
    compositor.wait_idle()
    red, _, blue, _ = paint.screenshot()[200, 200]
    assert red > 200 > blue
