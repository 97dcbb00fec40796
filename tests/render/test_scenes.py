"""Random scenes: both ways of drawing agree, and hiding what is covered changes no pixel."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render_scenes import difference, fresh, mask, picture, random_scene

from compositor.geometry import Rect, Region
from compositor.model import formats
from compositor.model.node import Node
from compositor.render import cpu_numpy, pixman
from compositor.render.capture import Canvas
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer
from compositor.render.schedule import Plan, Rehearsed, schedule

WIDTH, HEIGHT = 200, 170
seeds = st.integers(0, 1_000_000)


@pytest.mark.skipif(pixman.load() is None, reason="libpixman is missing (Debian package libpixman-1-0)")
@settings(deadline=None, max_examples=300)
@given(seeds)
def test_numpy_and_pixman_draw_the_same(seed: int) -> None:
    nodes, damage = random_scene(seed, WIDTH, HEIGHT)
    drawn = []
    for use_pixman in (True, False):
        fresh(nodes)
        target = Canvas(WIDTH, HEIGHT)
        target.pixels.fill(0x12345678)
        CpuRenderer(use_pixman).render(target, nodes, damage, 0x334455)
        drawn.append(target.pixels)
    assert 1 >= difference(*drawn)
    outside = ~mask(damage, WIDTH, HEIGHT)
    for pixels in drawn:
        assert (pixels[outside] == 0x12345678).all(), "pixels outside the damage changed"
        assert (pixels[~outside] >= 0xFF000000).all(), "alpha of the frame is not 0xff"


@settings(deadline=None, max_examples=200)
@given(seeds)
def test_leaving_out_what_is_hidden_changes_no_pixel(seed: int) -> None:
    nodes, damage = random_scene(seed, WIDTH * 2, HEIGHT * 2)
    damage = damage.intersect(Rect(0, 0, WIDTH * 2, HEIGHT * 2))
    expected, actual = Canvas(WIDTH * 2, HEIGHT * 2), Canvas(WIDTH * 2, HEIGHT * 2)
    cpu_numpy.fill(expected.pixels, damage.rects, 0xFF334455)
    for node in nodes:
        cpu_numpy.draw(expected.pixels, node, Plan(node), damage.rects)
    fresh(nodes)
    CpuRenderer(use_pixman=False).render(actual, nodes, damage, 0x334455)
    assert np.array_equal(expected.pixels, actual.pixels)


def window(x: int, y: int, width: int, height: int, **more: object) -> Node:
    return Node(picture(1, width, height, formats.XRGB8888), Rect(x, y, width, height), **more)  # type: ignore[arg-type]


WHOLE = Region.from_rect(Rect(0, 0, 1000, 800))


def test_nothing_below_a_covering_window_is_drawn() -> None:
    below, above = window(100, 100, 300, 300), window(0, 0, 1000, 800)
    jobs, rest = schedule([below, above], WHOLE)
    assert [above] == [node for node, _, _ in jobs]
    assert [] == list(rest)


def test_a_window_that_others_cover_together_is_not_drawn() -> None:
    below, left, right = window(50, 50, 400, 400), window(0, 0, 300, 800), window(300, 0, 300, 800)
    jobs, rest = schedule([below, left, right], WHOLE)
    assert [left, right] == [node for node, _, _ in jobs]
    assert [Rect(600, 0, 400, 800)] == list(rest)


def test_a_half_covered_window_is_drawn_where_it_shows() -> None:
    below, above = window(0, 0, 400, 400), window(200, 0, 400, 400)
    (job, _), _ = schedule([below, above], WHOLE)
    assert (below, [Rect(0, 0, 200, 400)]) == (job[0], job[2])


@pytest.mark.parametrize("change", [{"alpha": 0.5}, {"opaque": Region()}])
def test_a_translucent_window_hides_nothing(change: dict[str, object]) -> None:
    below, above = window(100, 100, 300, 300), window(0, 0, 1000, 800, **change)
    jobs, rest = schedule([below, above], WHOLE)
    assert [below, above] == [node for node, _, _ in jobs]
    assert WHOLE.subtract(below.dst) == Region.from_rects(rest)


def test_an_absurd_opaque_region_makes_few_pieces(new_target: Callable[..., Framebuffer]) -> None:
    squares = [Rect(x, y, 4, 4) for x in range(0, 300, 10) for y in range(0, 300, 10)]
    node = Node(
        picture(1, 300, 300, formats.ARGB8888), Rect(0, 0, 300, 300), opaque=Region.from_rects(squares)
    )
    assert 100 > len(Plan(node).pieces)


def test_what_was_scheduled_serves_again_while_only_contents_change() -> None:
    below, left, right = window(50, 50, 400, 400), window(0, 0, 300, 800), window(300, 0, 300, 800)
    nodes = [below, left, right]
    rehearsed = Rehearsed()
    assert not rehearsed.fits(nodes, WHOLE)
    first = rehearsed.places
    assert [1, 2] == [index for index, _, _ in first]
    left.content = picture(2, 300, 800, formats.XRGB8888)
    assert rehearsed.fits(list(nodes), WHOLE)
    assert first is rehearsed.places


@pytest.mark.parametrize("change", ["damage", "plan", "hidden plan", "fewer", "more", "order", "another"])
def test_what_was_scheduled_does_not_serve_where_anything_else_has_changed(change: str) -> None:
    below, left, right = window(50, 50, 700, 400), window(0, 0, 300, 800), window(300, 0, 300, 800)
    nodes, damage = [below, left, right], WHOLE
    rehearsed = Rehearsed()
    assert not rehearsed.fits(nodes, damage)
    if change == "damage":
        damage = Region.from_rect(Rect(0, 0, 999, 800))
    elif change == "plan":
        right.dst = Rect(400, 0, 300, 800)
        right.plan = None
    elif change == "hidden plan":
        below.plan = None
    elif change == "fewer":
        nodes = nodes[:2]
    elif change == "more":
        nodes = [*nodes, window(0, 0, 10, 10)]
    elif change == "order":
        nodes = nodes[::-1]
    else:
        nodes = [below, left, window(300, 0, 300, 800)]
    assert not rehearsed.fits(nodes, damage)
    jobs, rest = schedule(nodes, damage)
    assert jobs == [(nodes[index], plan, clip) for index, plan, clip in rehearsed.places]
    assert rest == rehearsed.rest


def test_a_frame_that_failed_leaves_no_clip_behind(new_target: Callable[..., Framebuffer]) -> None:
    """The second node is cut by the third, and drawing it fails the first time."""
    nodes = [window(900, 700, 50, 50), window(100, 0, 400, 400), window(300, 0, 400, 400)]
    expected, target = new_target(1000, 800), new_target(1000, 800)
    CpuRenderer(use_pixman=False).render(expected, nodes, WHOLE)
    fresh(nodes)
    renderer = CpuRenderer(use_pixman=True)
    renderer.render(target, nodes, WHOLE)
    broken, content = object(), nodes[1].content
    nodes[1].content = broken  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        renderer.render(target, nodes, WHOLE)
    nodes[1].content = content
    target.pixels[:] = 0
    renderer.render(target, nodes, WHOLE)
    assert np.array_equal(expected.pixels, target.pixels)
