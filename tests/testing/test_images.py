"""Golden pictures: what counts as the same, what is told and kept when it is not."""

from __future__ import annotations

import numpy as np
import pytest

from compositor.testing import ImageMismatch, assert_image, compare
from compositor.testing.picture import load, save
from compositor.testing.settings import settings


def picture(height=20, width=30, colour=(200, 100, 50, 255)):
    image = np.empty((height, width, 4), np.uint8)
    image[:] = colour
    return image


def text_like(shift):
    """A dark bar on white whose edge is smoothed at a different place within a pixel."""
    image = picture(colour=(255, 255, 255, 255))
    image[:, 10:15, :3] = 0
    image[:, 15, :3] = round(255 * shift)
    return image


@pytest.fixture
def artifacts(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "artifacts", tmp_path / "artifacts")
    monkeypatch.setattr(settings, "update", False)
    return tmp_path / "artifacts"


def test_equal_pictures_are_the_same():
    assert compare(picture(), picture()).same


def test_one_channel_of_one_pixel_makes_a_difference():
    other = picture()
    other[7, 9, 2] += 1
    result = compare(picture(), other)
    assert "1 of 600 pixels differ, by up to 1 of 255, within x 9 to 9 and y 7 to 7" == result.problem
    assert [[7, 9]] == np.argwhere(result.different).tolist()
    assert compare(picture(), other, tolerance=1).same
    assert compare(picture(), other, different_share=0.002).same
    assert not compare(picture(), other, different_share=0.001).same


def test_alpha_counts_in_exact_mode():
    assert not compare(picture(), picture(colour=(200, 100, 50, 254))).same


def test_differences_do_not_wrap_around():
    black, white = picture(colour=(0, 0, 0, 255)), picture(colour=(255, 255, 255, 255))
    assert 255 == compare(black, white).greatest
    assert 255 == compare(white, black).greatest


def test_sizes_are_compared_first():
    assert "it should be 30×20 and is 20×30" == compare(picture(), picture(30, 20)).problem


def test_what_is_masked_does_not_count():
    other = picture()
    other[2:5, 3:8] = 0
    assert not compare(picture(), other).same
    assert compare(picture(), other, mask=[(3, 2, 5, 3)]).same
    assert not compare(picture(), other, mask=[(3, 2, 5, 2)]).same
    array = np.zeros((20, 30), np.bool_)
    array[2:5, 3:8] = True
    assert compare(picture(), other, mask=array).same
    with pytest.raises(ValueError, match="a mask of bool"):
        compare(picture(), other, mask=array[1:])


def test_nobody_sees_a_tiny_change_of_colour():
    close = picture(colour=(203, 99, 52, 255))
    assert not compare(picture(), close).same
    assert compare(picture(), close, mode="perceptual").same
    far = picture(colour=(200, 160, 50, 255))
    assert not compare(picture(), far, mode="perceptual").same


def test_an_edge_smoothed_otherwise_is_forgiven_and_a_moved_one_is_not():
    assert not compare(text_like(0.2), text_like(0.7)).same
    assert compare(text_like(0.2), text_like(0.7), mode="perceptual").same
    moved = np.roll(text_like(0.2), 5, axis=1)
    assert not compare(text_like(0.2), moved, mode="perceptual").same


def test_a_spot_on_an_even_ground_is_not_forgiven():
    spot = picture(colour=(255, 255, 255, 255))
    spot[5, 5, :3] = 90
    assert not compare(picture(colour=(255, 255, 255, 255)), spot, mode="perceptual").same


def test_there_is_no_third_mode():
    with pytest.raises(ValueError, match="there is no mode 'fuzzy'"):
        compare(picture(), picture(), mode="fuzzy")


def test_a_golden_picture_that_is_equal_passes_and_leaves_nothing(tmp_path, artifacts):
    save(picture(), tmp_path / "golden.png")
    assert_image(picture(), tmp_path / "golden.png")
    assert not artifacts.exists()


def test_a_golden_picture_that_differs_fails_with_pictures_of_it(tmp_path, artifacts):
    save(picture(), tmp_path / "golden.png")
    other = picture()
    other[0, 0] = 0
    with pytest.raises(
        ImageMismatch, match=r"(?s)1 of 600 pixels differ.*golden.diff.png.*--weddell-update-golden"
    ):
        assert_image(other, tmp_path / "golden.png")
    assert np.array_equal(other, load(artifacts / "golden.actual.png"))
    diff = load(artifacts / "golden.diff.png")
    assert (20, 30 * 3 + 2 * 8, 4) == diff.shape
    assert [220, 0, 0, 255] == diff[0, 2 * 38].tolist()


def test_a_golden_picture_that_is_not_there_fails_with_the_actual_one(tmp_path, artifacts):
    with pytest.raises(ImageMismatch, match="there is no golden picture"):
        assert_image(picture(), tmp_path / "missing.png")
    assert np.array_equal(picture(), load(artifacts / "missing.actual.png"))


def test_golden_pictures_are_written_when_asked_for(tmp_path, artifacts, monkeypatch):
    monkeypatch.setattr(settings, "update", True)
    golden = tmp_path / "folder" / "golden.png"
    assert_image(picture(), golden)
    assert np.array_equal(picture(), load(golden))
    before = golden.stat().st_mtime_ns
    assert_image(picture(), golden)
    assert before == golden.stat().st_mtime_ns


def test_a_relative_name_lies_beside_the_test(artifacts):
    with pytest.raises(ImageMismatch, match=__file__.replace("test_images.py", "never.png")):
        assert_image(picture(), "never.png")
