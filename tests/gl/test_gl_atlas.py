"""Small pictures that share textures: each in its place, drawn together, and no room lost."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from compositor.geometry import Rect, Region, Transform
from compositor.model import formats
from compositor.model.changes import Changes
from compositor.model.content import Content
from compositor.model.node import Node
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer
from compositor.render.gl.atlas import CELLS

pytestmark = pytest.mark.needs_gl
NewTarget = Callable[..., Framebuffer]
WHOLE = Region.from_rect(Rect(0, 0, 400, 400))


def tile(number: int, width: int, height: int, form: Any = formats.XRGB8888) -> Node:
    """A small surface with pixels of its own."""
    rng = np.random.default_rng(number)
    pixels = rng.integers(0, 1 << 24, (height, width), np.uint32) | np.uint32(0xFF000000)
    node = Node(Content(pixels, form), Rect(number % 20 * 20, number // 20 * 20, width, height))
    node.changes = Changes()
    return node


def agree(renderer: Any, new_target: NewTarget, nodes: list[Node], most: int = 0) -> None:
    expected, actual = new_target(400, 400), new_target(400, 400)
    renderer.render(actual, nodes, WHOLE)
    CpuRenderer(use_pixman=False).render(expected, nodes, WHOLE)
    channels = [target.pixels.view(np.uint8).astype(np.int16) for target in (expected, actual)]
    assert most >= np.abs(channels[0] - channels[1]).max()


def test_hundreds_of_small_pictures_are_one_draw_call(renderer: Any, new_target: NewTarget) -> None:
    nodes = [tile(number, 16, 16) for number in range(400)]
    agree(renderer, new_target, nodes)
    before, textures = renderer._quads.draws, renderer.textures
    for node in nodes:
        assert node.changes is not None
        node.changes.add(Rect(0, 0, 16, 16))
    renderer.render(new_target(400, 400), nodes, WHOLE)
    assert 2 >= renderer._quads.draws - before
    assert textures == renderer.textures


def test_pictures_of_any_size_and_format_stay_apart(renderer: Any, new_target: NewTarget) -> None:
    sizes = [(1, 1), (16, 16), (17, 3), (5, 40), (64, 64), (128, 128), (129, 20), (100, 200)]
    kinds = [formats.XRGB8888, formats.ARGB8888, formats.XBGR8888, formats.ABGR8888]
    nodes = [
        tile(number, *sizes[number % len(sizes)], kinds[number // len(sizes) % len(kinds)])
        for number in range(64)
    ]
    agree(renderer, new_target, nodes, 1)


def test_scaled_and_turned_pictures_show_nothing_of_their_neighbours(
    renderer: Any, new_target: NewTarget
) -> None:
    nodes = []
    for number, transform in enumerate(Transform):
        for place, size in enumerate((60, 11, 5)):
            small = tile(number * 3 + place, 30, 30)
            node = Node(small.content, Rect(number * 48, place * 70, size, size), None, transform)
            node.changes = small.changes
            nodes.append(node)
    agree(renderer, new_target, nodes, 2)


def test_room_is_given_again_when_a_picture_is_gone(renderer: Any, new_target: NewTarget) -> None:
    target = new_target(400, 400)
    renderer.render(target, [], WHOLE)
    before = renderer.textures
    keeper = tile(0, 100, 100)
    renderer.render(target, [keeper], WHOLE)
    with_one = renderer.textures
    for generation in range(5):
        nodes = [tile(number + generation * 60, 128, 128) for number in range(60)]
        renderer.render(target, [keeper, *nodes], WHOLE)
        assert with_one == renderer.textures
    del nodes, keeper
    renderer.render(target, [], WHOLE)
    assert before == renderer.textures


def test_a_picture_moves_out_when_it_grows_and_in_when_it_shrinks(
    renderer: Any, new_target: NewTarget
) -> None:
    changes = Changes()
    for side in (16, 60, CELLS[-1], CELLS[-1] + 1, 300, 90, 16):
        node = tile(side, side, side)
        node.dst = Rect(0, 0, side, side)
        node = Node(node.content, Rect(0, 0, side, side))
        node.changes = changes
        agree(renderer, new_target, [node])
        assert changes.cache.shared is (side <= CELLS[-1])  # type: ignore[attr-defined]
