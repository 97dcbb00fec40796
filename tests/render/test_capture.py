"""Screenshots are copies with straight alpha, and nobody can change them afterwards."""

import mmap
from collections.abc import Callable

import numpy as np
import pytest
from render_scenes import picture

from compositor.geometry import Rect, Region
from compositor.memory import open_frozen
from compositor.model import formats
from compositor.model.content import Content, SolidContent
from compositor.model.node import Node
from compositor.render import capture
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer
from compositor.render.scanout import decide


def test_reading_a_framebuffer_copies_the_part_that_exists(new_target: Callable[..., Framebuffer]) -> None:
    target = new_target(20, 10)
    target.pixels[:] = np.arange(200, dtype=np.uint32).reshape(10, 20)
    taken = capture.read(target.pixels, Rect(15, 8, 50, 50))
    expected = target.pixels[8:, 15:] | np.uint32(0xFF000000)
    target.pixels[:] = 0
    assert expected.tolist() == taken.tolist()
    assert (10, 20) == capture.read(target.pixels).shape


def test_reading_a_scanned_out_buffer_makes_it_opaque() -> None:
    node = Node(Content(np.full((8, 9), 0x00ABCDEF, np.uint32), formats.XRGB8888), Rect(0, 0, 9, 8))
    taken = capture.read(decide([node], 9, 8).pixels)
    assert {0xFFABCDEF} == set(taken.ravel().tolist())


def test_a_window_is_drawn_alone_with_its_transparency(renderer: CpuRenderer) -> None:
    shown = picture(1, 20, 15, formats.ARGB8888)
    window = Node(shown, Rect(100, 50, 20, 15))
    popup = Node(SolidContent(0, 1, 0), Rect(110, 60, 20, 20))
    taken = capture.draw(renderer, [window, popup], Rect(100, 50, 40, 30))
    assert (30, 40) == taken.shape
    assert shown.pixels[:10].tolist() == taken[:10, :20].tolist()
    assert {0xFF00FF00} == set(taken[10:30, 10:30].ravel().tolist())
    assert {0} == set(taken[:, 30:].ravel().tolist())
    assert Rect(100, 50, 20, 15) == window.dst


def test_opaque_promises_move_with_the_window(renderer: CpuRenderer) -> None:
    node = Node(
        Content(np.zeros((10, 10), np.uint32), formats.ARGB8888),
        Rect(50, 50, 10, 10),
        opaque=Region.from_rect(Rect(50, 50, 5, 10)),
    )
    taken = capture.draw(renderer, [node], Rect(50, 50, 10, 10))
    assert [0xFF000000] * 5 + [0] * 5 == taken[0].tolist()


@pytest.mark.parametrize(
    ("pixel", "expected"),
    [
        (0xFF123456, (0x12, 0x34, 0x56, 0xFF)),
        (0x80402010, (0x80, 0x40, 0x20, 0x80)),
        (0x00000000, (0, 0, 0, 0)),
        (0x00FFFFFF, (0, 0, 0, 0)),
        (0x40FFFF40, (0xFF, 0xFF, 0xFF, 0x40)),
    ],
)
def test_rgba_has_straight_alpha(pixel: int, expected: tuple[int, ...]) -> None:
    image = capture.to_rgba(np.full((2, 3), pixel, np.uint32))
    assert (2, 3, 4) == image.shape
    assert list(expected) == image[1, 2].tolist()


def test_multiplying_straight_alpha_again_gives_the_pixels_back() -> None:
    pixels = picture(1, 60, 60, formats.ARGB8888).pixels
    image = capture.to_rgba(pixels).astype(float)
    again = np.floor(image[..., :3] * image[..., 3:] / 255 + 0.5).astype(np.uint32)
    assert (pixels & np.uint32(0xFFFFFF)).tolist() == (
        again[..., 0] << 16 | again[..., 1] << 8 | again[..., 2]
    ).tolist()


def test_a_frozen_image_arrives_whole_and_cannot_be_changed() -> None:
    pixels = picture(2, 31, 17, formats.ARGB8888).pixels
    image = capture.to_rgba(pixels)
    with capture.freeze_rgba(pixels) as message, open_frozen(message.take()) as received:
        assert image.tolist() == received.array(np.uint8, (17, 31, 4)).tolist()
        with pytest.raises(PermissionError):
            mmap.mmap(received.fd, image.nbytes)


def test_a_large_picture_is_converted_in_parts_that_fit_together() -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 1 << 24, (300, 401), np.uint32) | np.uint32(0xFF000000)
    pixels[150, 200] = 0x80402010
    image = capture.to_rgba(pixels)
    assert ((pixels >> np.uint32(16) & np.uint32(255)) == image[..., 0])[:150].all()
    assert ((pixels & np.uint32(255)) == image[..., 2])[151:].all()
    assert [0x80, 0x40, 0x20, 0x80] == image[150, 200].tolist()
    with capture.freeze_rgba(pixels) as message, open_frozen(message.take()) as received:
        assert np.array_equal(image, received.array(np.uint8, image.shape))
