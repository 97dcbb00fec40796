"""What the CPU renderer draws, against values worked out by hand or by plain arithmetic."""

import gc
import weakref
from collections.abc import Callable

import numpy as np
import pytest
from render_scenes import Pixels, difference, mask, picture

from compositor.geometry import Rect, Region, Transform
from compositor.model import formats
from compositor.model.content import Content, SolidContent
from compositor.model.formats import FORMATS, PixelFormat
from compositor.model.node import Node
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer

NewTarget = Callable[..., Framebuffer]
EVERYTHING = Region.from_rect(Rect(0, 0, 10_000, 10_000))


def content(rows: list[list[int]], format: PixelFormat = formats.XRGB8888) -> Content:
    return Content(np.array(rows, format.dtype), format)


def channels(pixels: Pixels) -> np.ndarray:
    """(height, width, 4) float: blue, green, red, alpha of 0 to 255."""
    return np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 4).astype(float)


@pytest.mark.parametrize(
    ("format", "words", "expected"),
    [
        (formats.XRGB8888, [0x00123456], 0xFF123456),
        (formats.ARGB8888, [0x80402010], 0xFF402010),
        (formats.XBGR8888, [0x00563412], 0xFF123456),
        (formats.ABGR8888, [0x80102040], 0xFF402010),
        (formats.RGB565, [0b10000_100000_00001], 0xFF848208),
        (formats.RGB888, [[0x56, 0x34, 0x12]], 0xFF123456),
        (formats.BGR888, [[0x12, 0x34, 0x56]], 0xFF123456),
        (formats.XRGB2101010, [0x3FF << 20 | 0x200 << 10 | 0x004], 0xFFFF8001),
        (formats.XBGR2101010, [0x3FF << 20 | 0x200 << 10 | 0x004], 0xFF0180FF),
        (formats.ARGB2101010, [1 << 30 | 0x154 << 20 | 0x0A8 << 10], 0xFF552A00),
        (formats.ABGR2101010, [1 << 30 | 0x154 << 20 | 0x0A8 << 10], 0xFF002A55),
    ],
    ids=lambda value: value.name if isinstance(value, PixelFormat) else "",
)
def test_every_format_is_read_in_its_channel_order(
    renderer: CpuRenderer, new_target: NewTarget, format: PixelFormat, words: list[int], expected: int
) -> None:
    # Over black: premultiplied colours come out as they are.
    target = new_target(4, 3)
    pixels = np.array([[words[0]] * 4] * 3, format.dtype)
    renderer.render(target, [Node(Content(pixels, format), Rect(0, 0, 4, 3))], EVERYTHING)
    assert 1 >= difference(np.full((3, 4), expected, np.uint32), target.pixels)


@pytest.mark.parametrize("format", FORMATS.values(), ids=lambda entry: entry.name)
def test_formats_blend_by_the_alpha_they_have(
    renderer: CpuRenderer, new_target: NewTarget, format: PixelFormat
) -> None:
    target = new_target(1, 1)
    pixels = np.zeros((1, 1, 3) if format.bytes_per_pixel == 3 else (1, 1), format.dtype)
    renderer.render(target, [Node(Content(pixels, format), Rect(0, 0, 1, 1))], EVERYTHING, 0x204060)
    # All bits zero: nothing at all if there is alpha, black if there is none.
    assert (0xFF204060 if format.has_alpha else 0xFF000000) == target.pixels[0, 0]


@pytest.mark.parametrize("alpha", [1.0, 0.5, 0.004])
def test_blending_is_premultiplied_over(renderer: CpuRenderer, new_target: NewTarget, alpha: float) -> None:
    shown = picture(1, 50, 40, formats.ARGB8888)
    below = picture(2, 50, 40, formats.XRGB8888)
    target = new_target(50, 40)
    place = Rect(0, 0, 50, 40)
    renderer.render(target, [Node(below, place), Node(shown, place, alpha=alpha)], EVERYTHING)
    source = channels(shown.pixels) * (round(alpha * 255) / 255)
    expected = source + channels(below.pixels | np.uint32(0xFF000000)) * (1 - source[..., 3:] / 255)
    assert 1.5 > np.abs(expected - channels(target.pixels)).max()


def test_colours_beyond_their_alpha_saturate_and_spoil_no_other_channel(
    renderer: CpuRenderer, new_target: NewTarget
) -> None:
    target = new_target(16, 1)
    node = Node(content([[0x00FF80FF] * 16], formats.ARGB8888), Rect(0, 0, 16, 1))
    renderer.render(target, [node], EVERYTHING, 0xC0C010)
    assert [0xFFFFFFFF] * 16 == target.pixels[0].tolist()


@pytest.mark.parametrize("transform", list(Transform))
@pytest.mark.parametrize("format", [formats.XRGB8888, formats.ARGB8888, formats.RGB565])
def test_a_transform_puts_each_buffer_pixel_where_the_protocol_says(
    renderer: CpuRenderer, new_target: NewTarget, transform: Transform, format: PixelFormat
) -> None:
    buffer = picture(3, 7, 5, format)
    width, height = transform.size(7, 5)
    upright = new_target(7, 5)
    renderer.render(upright, [Node(buffer, Rect(0, 0, 7, 5))], EVERYTHING)
    target = new_target(width + 4, height + 4)
    renderer.render(target, [Node(buffer, Rect(2, 2, width, height), None, transform)], EVERYTHING)
    for y in range(5):
        for x in range(7):
            place = transform.rect(Rect(x, y, 1, 1), 7, 5)
            assert upright.pixels[y, x] == target.pixels[place.y + 2, place.x + 2]


@pytest.mark.parametrize("transform", list(Transform))
def test_a_source_rectangle_is_counted_after_the_transform_is_undone(
    renderer: CpuRenderer, new_target: NewTarget, transform: Transform
) -> None:
    buffer = picture(4, 12, 10, formats.XRGB8888)
    width, height = transform.size(12, 10)
    whole, part = new_target(width, height), new_target(5, 4)
    renderer.render(whole, [Node(buffer, Rect(0, 0, width, height), None, transform)], EVERYTHING)
    renderer.render(part, [Node(buffer, Rect(0, 0, 5, 4), (3, 2, 5, 4), transform)], EVERYTHING)
    assert whole.pixels[2:6, 3:8].tolist() == part.pixels.tolist()


@pytest.mark.parametrize("transform", list(Transform))
@pytest.mark.parametrize("size", [(60, 50), (33, 47), (24, 18)])
def test_scaling_reads_bilinearly_at_pixel_centres(
    renderer: CpuRenderer, new_target: NewTarget, transform: Transform, size: tuple[int, int]
) -> None:
    buffer = picture(5, *transform.size(30, 25), formats.XRGB8888)
    width, height = size
    target = new_target(width, height)
    renderer.render(target, [Node(buffer, Rect(0, 0, width, height), None, transform)], EVERYTHING)
    upright = new_target(30, 25)
    renderer.render(upright, [Node(buffer, Rect(0, 0, 30, 25), None, transform)], EVERYTHING)

    source = channels(upright.pixels)
    x = np.clip((np.arange(width) + 0.5) * 30 / width - 0.5, 0, 29)
    y = np.clip((np.arange(height) + 0.5) * 25 / height - 0.5, 0, 24)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = np.minimum(left + 1, 29), np.minimum(top + 1, 24)
    fx, fy = (x - left)[None, :, None], (y - top)[:, None, None]
    rows = source[top] * (1 - fy) + source[bottom] * fy
    expected = rows[:, left] * (1 - fx) + rows[:, right] * fx
    # Weights have 7 bits: up to 1/128 of the full range wrong along each axis, and one for truncation.
    assert 5 >= np.abs(expected - channels(target.pixels)).max()
    assert 1 >= np.abs(expected - channels(target.pixels)).mean()


@pytest.mark.parametrize("factor", [4, 7, 16, 100])
def test_shrinking_averages_instead_of_skipping(
    renderer: CpuRenderer, new_target: NewTarget, factor: int
) -> None:
    size = 12 * factor
    board = np.indices((size, size)).sum(axis=0) % 2 * np.uint32(0xFFFFFF)
    target = new_target(12, 12)
    node = Node(Content(board.astype(np.uint32), formats.XRGB8888), Rect(0, 0, 12, 12))
    renderer.render(target, [node], EVERYTHING)
    assert 5 >= np.abs(channels(target.pixels)[..., :3] - 127.5).max()


@pytest.mark.parametrize("scale", [1.25, 1.5, 1.75])
def test_fine_lines_drawn_for_scale_2_stay_even_on_a_fractional_output(
    renderer: CpuRenderer, new_target: NewTarget, scale: float
) -> None:
    # Lines as thin as such programs draw them, two pixels, at every place between the pixels of the output.
    row = np.zeros(560, np.uint32)
    starts = range(15, 540, 15)
    for start in starts:
        row[start : start + 2] = 0xFFFFFF
    buffer = Content(np.tile(row, (16, 1)), formats.XRGB8888)
    target = new_target(int(560 * scale / 2), int(16 * scale / 2))
    renderer.render(target, [Node(buffer, Rect(0, 0, target.width, target.height))], EVERYTHING)
    line = channels(target.pixels)[target.height // 2, :, 0] / 255
    for start in starts:
        middle = int((start + 1) * scale / 2)
        light = line[middle - 4 : middle + 5].sum() / scale
        assert 0.78 < light < 1.15, f"the line at {start} has {light:.2f} of its light"


def test_shrinking_by_eight_is_the_mean_of_eight_by_eight(
    renderer: CpuRenderer, new_target: NewTarget
) -> None:
    buffer = picture(6, 80, 64, formats.XRGB8888)
    target = new_target(10, 8)
    renderer.render(target, [Node(buffer, Rect(0, 0, 10, 8))], EVERYTHING)
    expected = channels(buffer.pixels).reshape(8, 8, 10, 8, 4).mean(axis=(1, 3))[..., :3]
    assert 3 >= np.abs(expected - channels(target.pixels)[..., :3]).max()


@pytest.mark.parametrize("size", [(8, 8), (40, 24), (3, 3)])
def test_scaling_a_part_shows_nothing_of_what_lies_around_it(
    renderer: CpuRenderer, new_target: NewTarget, size: tuple[int, int]
) -> None:
    pixels = np.full((40, 40), 0xFFFF0000, np.uint32)
    pixels[10:20, 10:20] = 0xFF00FF00
    target = new_target(*size)
    node = Node(Content(pixels, formats.XRGB8888), Rect(0, 0, *size), (10, 10, 10, 10))
    renderer.render(target, [node], EVERYTHING)
    assert {0xFF00FF00} == set(target.pixels.ravel().tolist())


def test_pixels_outside_the_damage_are_not_touched(renderer: CpuRenderer, new_target: NewTarget) -> None:
    target = new_target(100, 80, 0x123456)
    damage = Region.from_rects([Rect(-5, 10, 30, 20), Rect(50, 0, 10, 90), Rect(40, 40, 30, 5)])
    nodes = [
        Node(picture(7, 100, 80, formats.XRGB8888), Rect(0, 0, 100, 80)),
        Node(picture(8, 60, 60, formats.ARGB8888), Rect(20, 10, 60, 60)),
        Node(picture(9, 30, 30, formats.ARGB8888), Rect(20, 10, 60, 60)),
        Node(SolidContent(1, 0, 0, 1), Rect(45, 35, 10, 10)),
        Node(SolidContent(0.2, 0, 0, 0.5), Rect(0, 0, 100, 30)),
    ]
    renderer.render(target, nodes, damage, 0x777777)
    outside = ~mask(damage, 100, 80)
    assert {0xFF123456} == set(target.pixels[outside].tolist())
    assert 0xFF123456 not in target.pixels[~outside].tolist()


def test_no_damage_is_no_work(renderer: CpuRenderer, new_target: NewTarget) -> None:
    target = new_target(10, 10, 0x123456)
    node = Node(SolidContent(1, 0, 0, 1), Rect(0, 0, 10, 10))
    renderer.render(target, [node], Region())
    renderer.render(target, [node], Region.from_rect(Rect(10, 0, 50, 50)))
    assert node.plan is None
    assert {0xFF123456} == set(target.pixels.ravel().tolist())


def test_the_background_shows_where_no_node_is(renderer: CpuRenderer, new_target: NewTarget) -> None:
    target = new_target(300, 300)
    node = Node(SolidContent(1, 0, 0, 1), Rect(10, 10, 200, 200))
    renderer.render(target, [node], EVERYTHING, 0x00204060)
    expected = np.full((300, 300), 0xFF204060, np.uint32)
    expected[10:210, 10:210] = 0xFFFF0000
    assert np.array_equal(expected, target.pixels)


@pytest.mark.parametrize(
    ("colour", "expected"), [((1, 0, 0.2, 1), 0xFFFF0033), ((0, 0.5, 0, 0.5), 0xFF208020)]
)
def test_a_solid_colour_fills_its_place(
    renderer: CpuRenderer, new_target: NewTarget, colour: tuple[float, ...], expected: int
) -> None:
    target = new_target(6, 6)
    renderer.render(target, [Node(SolidContent(*colour), Rect(2, 2, 3, 3))], EVERYTHING, 0x400040)
    picture = np.full((6, 6), 0xFF400040, np.uint32)
    picture[2:5, 2:5] = expected
    assert 1 >= difference(picture, target.pixels)


def test_a_promised_opaque_area_is_drawn_opaque(renderer: CpuRenderer, new_target: NewTarget) -> None:
    pixels = np.full((20, 20), 0x00112233, np.uint32)
    opaque = Region.from_rect(Rect(5, 5, 10, 10))
    node = Node(Content(pixels, formats.ARGB8888), Rect(0, 0, 20, 20), opaque=opaque)
    target = new_target(20, 20)
    renderer.render(target, [node], EVERYTHING, 0xFFFFFF)
    assert {0xFF112233} == set(target.pixels[5:15, 5:15].ravel().tolist())
    assert {0xFFFFFFFF} == set(target.pixels[:5].ravel().tolist())


def test_contents_may_be_swapped_between_frames(renderer: CpuRenderer, new_target: NewTarget) -> None:
    first, second = (picture(seed, 30, 30, formats.XRGB8888) for seed in (1, 2))
    node = Node(first, Rect(0, 0, 30, 30))
    target = new_target(30, 30)
    for shown in (first, second, first):
        node.content = shown
        renderer.render(target, [node], EVERYTHING)
        assert np.array_equal(shown.pixels | np.uint32(0xFF000000), target.pixels)


@pytest.mark.parametrize("format", [formats.XRGB8888, formats.ARGB8888, formats.XRGB2101010])
@pytest.mark.parametrize("size", [40, 66, 9])
def test_a_frame_shows_what_the_client_has_written_since(
    renderer: CpuRenderer, new_target: NewTarget, format: PixelFormat, size: int
) -> None:
    pixels = np.zeros((40, 40), np.uint32)
    shared = pixels[:]
    shared.flags.writeable = False
    target = new_target(40, 40)
    node = Node(Content(shared, format), Rect(0, 0, size, size))
    for value, colour in ((0, 0xFF000000), (0xFFFFFFFF, 0xFFFFFFFF), (0, 0xFF000000)):
        pixels[:] = value
        renderer.render(target, [node], EVERYTHING)
        assert colour == target.pixels[5, 5]


@pytest.mark.parametrize("transform", list(Transform))
def test_shrinking_along_one_axis_leaves_the_other_sharp(
    renderer: CpuRenderer, new_target: NewTarget, transform: Transform
) -> None:
    stripes = np.zeros((64, 64), np.uint32)
    stripes[::2] = 0xFFFFFF
    if transform.swaps_axes:
        stripes = np.ascontiguousarray(stripes.T)
    target = new_target(8, 64)
    node = Node(Content(stripes, formats.XRGB8888), Rect(0, 0, 8, 64), None, transform)
    renderer.render(target, [node], EVERYTHING)
    assert {0xFF000000, 0xFFFFFFFF} == set(target.pixels.ravel().tolist())


@pytest.mark.parametrize("scale", [1, 2])
def test_a_content_of_another_size_does_no_harm(
    renderer: CpuRenderer, new_target: NewTarget, scale: int
) -> None:
    node = Node(picture(1, 50, 50, formats.XRGB8888), Rect(0, 0, 50 * scale, 50 * scale))
    target = new_target(120, 120)
    renderer.render(target, [node], EVERYTHING)
    for other in (
        picture(2, 3, 2, formats.XRGB8888),
        SolidContent(1, 1, 1),
        picture(3, 1, 1, formats.RGB565),
    ):
        node.content = other
        renderer.render(target, [node], EVERYTHING)
    assert 0xFF000000 == target.pixels[119, 119]


@pytest.mark.parametrize("columns", [40_000, 70_000])
def test_buffers_beyond_the_limits_of_pixman_are_drawn(
    renderer: CpuRenderer, new_target: NewTarget, columns: int
) -> None:
    pixels = np.zeros((4, columns), np.uint32)
    pixels[:, 39_000:39_010] = 0x00ABCDEF
    wide = Content(pixels, formats.XRGB8888)
    target = new_target(10, 4)
    renderer.render(target, [Node(wide, Rect(0, 0, 10, 4), (39_000, 0, 10, 4))], EVERYTHING)
    assert {0xFFABCDEF} == set(target.pixels.ravel().tolist())
    pixels[:] = 0x00FEDCBA
    renderer.render(target, [Node(wide, Rect(0, 0, 10, 4))], EVERYTHING)
    assert {0xFFFEDCBA} == set(target.pixels.ravel().tolist())


def test_rows_and_pixels_may_lie_at_odd_addresses(renderer: CpuRenderer, new_target: NewTarget) -> None:
    memory = bytearray(1 + 4 * 61 + 40)
    pixels: Pixels = np.ndarray((4, 10), np.uint32, memory, offset=1, strides=(61, 4))
    pixels[:] = np.arange(40).reshape(4, 10)
    target = new_target(10, 4)
    renderer.render(target, [Node(Content(pixels, formats.XRGB8888), Rect(0, 0, 10, 4))], EVERYTHING)
    assert list(range(0xFF000000, 0xFF000000 + 40)) == target.pixels.ravel().tolist()


def test_what_a_renderer_keeps_dies_with_the_content(renderer: CpuRenderer, new_target: NewTarget) -> None:
    target = new_target(20, 20)
    pixels = np.zeros((20, 20), np.uint32)
    watch = weakref.ref(pixels)
    nodes = [Node(Content(pixels, formats.ARGB8888), Rect(0, 0, size, size)) for size in (20, 30, 5)]
    renderer.render(target, nodes, EVERYTHING)
    assert watch() is not None
    del nodes, pixels
    gc.collect()
    assert watch() is None
