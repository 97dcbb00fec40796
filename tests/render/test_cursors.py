"""The cursor theme and the wallpaper: files, and what is made of them."""

from __future__ import annotations

import runpy

import numpy as np
import pytest
from PIL import Image
from pywayland.protocol.cursor_shape_v1 import WpCursorShapeDeviceV1

from compositor.locate import assets_dir
from compositor.render.cursors import MAX_SIZE, SIZES, cursor_image, names
from compositor.render.wallpaper import wallpaper


def test_every_shape_of_the_protocol_is_there() -> None:
    shapes = [shape.name.replace("_", "-") for shape in WpCursorShapeDeviceV1.shape]
    assert shapes == list(names())[: len(shapes)]


@pytest.mark.parametrize("size", [1, 16, 24, 30, 32, 36, 48, 64, 72, 96, 128])
def test_a_cursor_has_the_size_asked_for_and_valid_colours(size: int) -> None:
    for name in names():
        pixels, x, y = cursor_image(name, size)
        assert ((size, size), np.uint32) == (pixels.shape, pixels.dtype)
        channels = pixels.view(np.uint8).reshape(size, size, 4)
        assert (channels[:, :, :3] <= channels[:, :, 3:]).all(), name
        assert 0 <= x < size and 0 <= y < size
        assert not pixels.flags.writeable


def test_shapes_differ_and_show_something() -> None:
    pictures = {name: bytes(cursor_image(name, 24)[0]) for name in names()}
    assert len(names()) == len(set(pictures.values()))
    assert all(any(picture) for picture in pictures.values())


@pytest.mark.parametrize("size", SIZES)
def test_the_arrows_tip_is_at_the_hot_spot(size: int) -> None:
    pixels, x, y = cursor_image("default", size)
    alpha = pixels >> 24
    assert alpha[y : y + 2, x : x + 2].max() > 100
    assert alpha[: max(0, y - size // 24)].max(initial=0) < 60
    assert alpha[:, : max(0, x - 2 * size // 24)].max(initial=0) < 60


def test_names_with_underscores_and_unknown_ones_do() -> None:
    np.testing.assert_array_equal(cursor_image("ew-resize", 24)[0], cursor_image("ew_resize", 24)[0])
    np.testing.assert_array_equal(cursor_image("default", 24)[0], cursor_image("no-such-cursor", 24)[0])


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1])
def test_impossible_sizes_are_errors(size: int) -> None:
    with pytest.raises(ValueError, match="a cursor of"):
        cursor_image("default", size)


def test_the_files_are_what_their_script_draws() -> None:
    script = runpy.run_path(str(assets_dir() / "make_cursors.py"))
    folder = assets_dir() / "cursors"
    drawn = script["atlas"](24)
    with Image.open(folder / "24.png") as file:
        stored = np.asarray(file.convert("RGBA")).astype(int)
    # Other versions of Pillow may round differently.
    assert np.abs(stored - drawn).max() <= 3
    assert list(script["SHAPES"]) == list(names())


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (320, 240), (1080, 1920), (1, 1), (2561, 3)])
def test_the_wallpaper_covers_any_output(size: tuple[int, int]) -> None:
    pixels = wallpaper(*size)
    assert ((size[1], size[0]), np.uint32) == (pixels.shape, pixels.dtype)
    assert (pixels >> 24 == 0xFF).all()
    assert not pixels.flags.writeable
    assert pixels is wallpaper(*size)


def test_the_wallpaper_keeps_its_proportions() -> None:
    wide = wallpaper(640, 360).view(np.uint8).reshape(360, 640, 4).astype(int)
    narrow = wallpaper(360, 360).view(np.uint8).reshape(360, 360, 4).astype(int)
    assert np.abs(wide[:, 140:500] - narrow).mean() < 3


def test_the_files_are_small() -> None:
    assert (assets_dir() / "wallpaper.jpg").stat().st_size < 400_000
    with Image.open(assets_dir() / "icon.png") as icon:
        assert ((256, 256), "RGBA") == (icon.size, icon.mode)
