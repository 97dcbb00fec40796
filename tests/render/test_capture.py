"""Screenshots are copies with straight alpha, and nobody can change them afterwards."""

import mmap
from collections.abc import Callable

import numpy as np
import pytest
from render_scenes import picture

from compositor.geometry import Rect, Region, Transform
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


def _alone(**changes: object) -> tuple[list[Node], Rect]:
    """An opaque buffer, of which the window shows a part."""
    area = Rect(40, 30, 33, 21)
    given: dict[str, object] = {"opaque": Region.from_rect(area), **changes}
    content = given.pop("content", picture(4, 50, 40, formats.ARGB8888))
    above = given.pop("above", [])
    given.setdefault("src", (3, 4, 33, 21))
    dst = given.pop("dst", area)
    return [Node(content, dst, **given), *above], area  # type: ignore[arg-type, list-item]


@pytest.mark.parametrize(
    ("scene", "direct"),
    [
        (_alone(), True),
        (_alone(content=picture(5, 50, 40, formats.XRGB8888)), True),
        (_alone(content=picture(5, 50, 40, formats.XRGB8888, pad=12)), True),
        (_alone(content=picture(5, 50, 40, formats.ABGR8888)), False),
        (_alone(content=picture(5, 50, 40, formats.RGB565)), False),
        (_alone(dst=Rect(35, 26, 50, 40), src=(0, 0, 50, 40)), False),
        (_alone(alpha=0.5), False),
        (_alone(opaque=Region.from_rect(Rect(40, 30, 33, 20))), False),
        (_alone(transform=Transform.ROTATE_180), False),
        (_alone(src=(1, 1, 25, 20)), False),
        (_alone(content=SolidContent(0.1, 0.5, 1)), False),
        (_alone(above=[Node(SolidContent(0, 1, 0), Rect(50, 40, 3, 3))]), False),
        (([], Rect(0, 0, 5, 4)), False),
    ],
)
def test_a_glance_shows_to_the_byte_what_is_drawn_and_draws_only_if_it_must(
    renderer: CpuRenderer, scene: tuple[list[Node], Rect], direct: bool
) -> None:
    nodes, area = scene
    drawn = capture.to_rgba(capture.draw(renderer, nodes, area))
    seen = capture.glance(renderer, nodes, area)
    assert direct == seen.opaque
    assert direct == any(
        isinstance(node.content, Content) and np.shares_memory(seen.pixels, node.content.pixels)
        for node in nodes
    )
    with capture.freeze_rgba(*seen) as message, open_frozen(message.take()) as received:
        assert np.array_equal(drawn, received.array(np.uint8, drawn.shape))
    assert np.array_equal(drawn, capture.to_rgba(*seen))
