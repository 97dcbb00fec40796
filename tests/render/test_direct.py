"""Drawing without pixman draws what pixman draws, to the byte."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_scenes import picture, random_scene

from compositor.geometry import Rect, Region
from compositor.model import formats
from compositor.model.content import Content, SolidContent
from compositor.model.node import Node
from compositor.render.cpu_pixman import PixmanPainter, Source
from compositor.render.framebuffer import Framebuffer
from compositor.render.pixman import load

direct = pytest.importorskip("compositor.render.cpu_direct", reason="the compiled modules are not in use")
pixels = pytest.importorskip("compositor.render.pixels")
pytestmark = pytest.mark.skipif(load() is None, reason="libpixman-1.so.0 is not installed")


@pytest.fixture(params=[16, 32, 64], autouse=True)
def vectors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every width that this processor has."""
    if pixels.use_vectors(request.param) != request.param:
        pytest.skip(f"this processor has no vectors of {request.param} bytes")
    yield
    pixels.use_vectors(64)


class Both:
    """A direct painter and one that has pixman draw, each with a target of its own."""

    def __init__(self, width: int, height: int) -> None:
        pixman = load()
        assert pixman is not None
        self.direct, self.other = direct.DirectPainter(pixman), PixmanPainter(pixman)
        self.targets = Framebuffer(width, height, 0x123456), Framebuffer(width, height, 0x123456)

    def paint(self, nodes: list[Node], damage: Region, background: int = 0xFF102030) -> None:
        """Draw with both, and compare."""
        for painter, target in zip((self.direct, self.other), self.targets, strict=True):
            for node in nodes:
                node.content.cache = None
            painter.paint(target, nodes, damage, background)
        ours, theirs = self.targets
        assert np.array_equal(ours.pixels, theirs.pixels)


def any_picture(seed: int, width: int, height: int, alpha: bool) -> Content:
    """Pixels of which none need be a valid premultiplied colour."""
    values = np.random.default_rng(seed).integers(0, 1 << 32, (height, width), np.uint32)
    # Extremes, where mistakes in rounding and saturation show.
    values[::3] |= 0xFF000000
    values[1::5] &= 0x00FFFFFF
    return Content(values, formats.ARGB8888 if alpha else formats.XRGB8888)


@given(seed=st.integers(0, 10**6), frames=st.integers(1, 3))
def test_scenes_of_every_kind(seed: int, frames: int) -> None:
    both = Both(200, 120)
    for frame in range(frames):
        nodes, damage = random_scene(seed + frame, 200, 120)
        damage = damage.intersect(Rect(0, 0, 200, 120))
        if damage.rects:
            both.paint(nodes, damage)


@given(
    sizes=st.lists(
        st.tuples(
            st.integers(1, 40), st.integers(1, 12), st.integers(-20, 60), st.integers(-5, 30), st.booleans()
        ),
        min_size=1,
        max_size=6,
    ),
    seed=st.integers(0, 10**6),
)
def test_widths_and_places_of_every_kind_with_colours_that_are_none(
    sizes: list[tuple[int, int, int, int, bool]], seed: int
) -> None:
    both = Both(64, 32)
    nodes = [
        Node(any_picture(seed + index, width, height, alpha), Rect(x, y, width, height))
        for index, (width, height, x, y, alpha) in enumerate(sizes)
    ]
    rng = random.Random(seed)
    rects = [
        Rect(rng.randrange(60), rng.randrange(30), rng.randrange(1, 40), rng.randrange(1, 20))
        for _ in range(3)
    ]
    for damage in (
        Region.from_rect(Rect(0, 0, 64, 32)),
        Region.from_rects(rects).intersect(Rect(0, 0, 64, 32)),
    ):
        both.paint(nodes, damage)


def test_every_alpha_over_every_value() -> None:
    """All of them: 256 values of alpha, of colour and of what is below."""
    alpha, colour = np.meshgrid(np.arange(256, dtype=np.uint32), np.arange(256, dtype=np.uint32))
    over = Content(alpha << 24 | colour << 16 | colour << 8 | colour, formats.ARGB8888)
    both = Both(256, 256)
    everything = Region.from_rect(Rect(0, 0, 256, 256))
    for below in range(0, 256, 5):
        ground = Content(np.full((256, 256), below * 0x010101, np.uint32), formats.XRGB8888)
        both.paint([Node(ground, Rect(0, 0, 256, 256)), Node(over, Rect(0, 0, 256, 256))], everything)


@pytest.mark.parametrize("alpha", [False, True])
def test_what_is_drawn_in_bands_or_past_the_caches_is_the_same(alpha: bool) -> None:
    both = Both(1003, 701)
    nodes = [
        Node(any_picture(1, 1003, 701, False), Rect(0, 0, 1003, 701)),
        Node(any_picture(2, 900, 650, alpha), Rect(101, 33, 900, 650)),
        Node(any_picture(3, 77, 3, True), Rect(500, 30, 77, 3)),
    ]
    both.paint(nodes, Region.from_rect(Rect(0, 0, 1003, 701)))
    both.paint(nodes, Region.from_rect(Rect(3, 5, 997, 690)))


def test_another_picture_of_the_same_shape_is_drawn_with_what_was_worked_out_before() -> None:
    both = Both(40, 20)
    nodes = [Node(any_picture(1, 30, 10, True), Rect(5, 5, 30, 10))]
    damage = Region.from_rect(Rect(0, 0, 40, 20))
    both.paint(nodes, damage)
    score = both.targets[0].cache.score
    nodes[0].content = any_picture(2, 30, 10, True)
    both.paint(nodes, damage)
    assert score is both.targets[0].cache.score


def test_contents_that_it_cannot_read_are_left_to_pixman_from_then_on() -> None:
    both = Both(40, 20)
    plain = any_picture(1, 30, 10, True)
    odd = [
        picture(2, 30, 10, formats.RGB565),
        picture(3, 30, 10, formats.ABGR8888),
        SolidContent(1, 0.5, 0, 0.5),
    ]
    nodes = [Node(plain, Rect(0, 0, 30, 10)), *(Node(c, Rect(k * 5, k, 30, 10)) for k, c in enumerate(odd))]
    damage = Region.from_rect(Rect(0, 0, 40, 20))
    both.paint(nodes, damage)
    assert [True, False] == [sheet is not None for _, sheet in both.targets[0].cache.score.parts]
    both.paint(nodes, damage)


def test_a_content_of_another_size_than_planned_is_planned_anew() -> None:
    both = Both(40, 20)
    nodes = [Node(any_picture(1, 30, 10, True), Rect(5, 5, 30, 10))]
    damage = Region.from_rect(Rect(0, 0, 40, 20))
    both.paint(nodes, damage)
    nodes[0].content = any_picture(2, 8, 4, True)
    both.paint(nodes, damage)


def test_a_raster_keeps_its_pixels_and_refuses_others() -> None:
    array = np.zeros((4, 8), np.uint32)
    before = sys.getrefcount(array)
    raster = pixels.Raster(array, True)
    assert before + 1 == sys.getrefcount(array)
    del raster
    assert before == sys.getrefcount(array)
    for wrong in (
        np.zeros((4, 8), np.uint16),
        array[:, ::2],
        array[::-1],
        np.zeros(33, np.uint8)[1:].view(np.uint32).reshape(2, 4),
    ):
        with pytest.raises(ValueError, match=r"pixels|aligned"):
            pixels.Raster(wrong, True)


def test_nothing_is_drawn_outside_of_the_target() -> None:
    target = pixels.Raster(np.zeros((4, 8), np.uint32), True)
    for rect in (Rect(-1, 0, 2, 2), Rect(7, 0, 2, 2), Rect(0, 3, 1, 2), Rect(0, 0, 1, -1)):
        with pytest.raises(ValueError, match="outside"):
            pixels.fill(target, [rect], 1)
    node = Node(any_picture(1, 8, 8, True), Rect(0, 0, 8, 8))
    painter = Both(8, 8)
    painter.paint([node], Region.from_rect(Rect(0, 0, 8, 8)))
    with pytest.raises(ValueError, match="outside"):
        pixels.Sheet(target, painter.targets[0].cache.rehearsed.places, [Rect(0, 0, 8, 8)])


def test_a_content_without_a_raster_of_the_planned_size_is_asked_for() -> None:
    both = Both(8, 8)
    node = Node(any_picture(1, 8, 8, True), Rect(0, 0, 8, 8))
    both.paint([node], Region.from_rect(Rect(0, 0, 8, 8)))
    (_, sheet), *_ = both.targets[0].cache.score.parts
    assert 0 == sheet.draw([node])
    node.content.cache = Source()
    assert 0 == sheet.draw([node])
    node.content.cache.raster = pixels.Raster(np.zeros((8, 9), np.uint32), True)
    assert 0 == sheet.draw([node])
    node.content.cache.raster = pixels.Raster(node.content.pixels, True)
    assert -1 == sheet.draw([node])
    with pytest.raises(IndexError):
        sheet.draw([])
