"""Golden pictures: what counts as the same, what is told and kept when it is not."""

from __future__ import annotations

import re
import shutil
import sys

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from compositor.testing import (
    DriverError,
    ImageMismatch,
    assert_image,
    compare,
    find_image,
    find_images,
    find_text,
)
from compositor.testing.difference import _FRAME as FRAME
from compositor.testing.difference import RED, difference_picture, places
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
    # Red is what differs, in the third panel alone; a frame around it is in all three.
    diff = load(artifacts / "golden.diff.png")
    _, xs = np.nonzero((diff[..., :3] == RED).all(axis=2))
    column = diff.shape[1] / 3
    assert len(xs) and (xs > 2 * column).all()
    frames = (diff[..., :3] == FRAME).all(axis=2)
    assert all(frames[:, int(n * column) : int((n + 1) * column)].any() for n in range(3))


def test_places_that_differ_are_grouped_and_the_worst_comes_first():
    different = np.zeros((300, 400), np.bool_)
    different[250, 390] = True
    different[10:20, 30:60] = True
    different[22, 70] = True
    assert [(30, 10, 71, 23), (390, 250, 391, 251)] == places(different)
    assert [] == places(np.zeros((5, 5), np.bool_))


def test_the_picture_of_a_difference_stays_handy_and_loses_no_pixel():
    large = picture(1080, 1920)
    other = large.copy()
    other[1079, 1919] = 0
    diff = difference_picture(large, other, compare(large, other).different)
    assert diff.shape[1] < 2100
    assert (diff[..., :3] == RED).all(axis=2).any()
    assert difference_picture(large, picture(), None).shape[0] < 500


def test_a_part_is_found_where_it_is_and_nowhere_else():
    rng = np.random.default_rng(5)
    image = rng.integers(0, 256, (120, 161, 4), np.uint8)
    image[..., 3] = 255
    part = image[30:50, 70:101].copy()
    assert (70, 30, 31, 20) == find_image(image, part)[:4]
    assert (85.5, 40.0) == find_image(image, part).center
    assert find_image(image, part[::-1]) is None
    assert find_image(part, image) is None
    # Corners are places as well, and nothing wraps around.
    assert (0, 0) == find_image(image, image[:9, :9])[:2]
    assert (152, 111) == find_image(image, image[111:, 152:])[:2]


def test_every_place_is_found_once_and_the_best_first():
    image = picture(60, 80)
    for x, y, shade in ((10, 5, 3), (50, 30, 0), (20, 40, 1)):
        image[y : y + 6, x : x + 8, :3] = (10, 200 + shade, 30)
    part = picture(10, 12)
    part[2:8, 2:10, :3] = (10, 200, 30)
    assert [(48, 28), (18, 38), (8, 3)] == [found[:2] for found in find_images(image, part)]
    assert [(48, 28)] == [found[:2] for found in find_images(image, part, tolerance=0)]


def test_transparent_pixels_of_a_part_do_not_count():
    image = picture(40, 50)
    image[10:16, 20:26, :3] = (0, 0, 255)
    part = picture(6, 8, (0, 0, 255, 255))
    assert find_image(image, part) is None
    part[:, 6:, 3] = 0
    assert (20, 10) == find_image(image, part)[:2]
    with pytest.raises(DriverError, match="nothing of it counts"):
        find_image(image, picture(5, 5, (1, 2, 3, 0)))


def test_text_is_read_where_tesseract_is_there():
    pytest.importorskip("pytesseract", reason="pytesseract is not installed (pip install 'weddell[ocr]')")
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed (Debian package tesseract-ocr)")
    for ground, ink in (("white", "black"), ("#102030", "#f0e0d0")):
        drawn = PillowImage.new("RGBA", (400, 100), ground)
        draw = ImageDraw.Draw(drawn)
        draw.text((20, 10), "Open the file", ink, ImageFont.load_default(16))
        draw.text((20, 60), "Save as draft", ink, ImageFont.load_default(16))
        image = np.asarray(drawn)
        found = find_text(image, "Save as")
        assert found is not None and "Save as" == found.text
        assert 15 <= found.x <= 25 and 55 <= found.y <= 70
        assert find_text(image, re.compile("d.aft$")) is not None
        assert find_text(image, "Print") is None


def test_without_what_reads_text_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pytesseract", None)
    with pytest.raises(DriverError, match=r"needs pytesseract: pip install 'weddell\[ocr\]'"):
        find_text(picture(), "anything")


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
