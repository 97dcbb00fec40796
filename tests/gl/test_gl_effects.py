"""Rounded corners, fades: what shaders add to the picture, and where it ends."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from render_scenes import difference, mask
from test_gl_window import demo, is_on_screen, shown
from xhost import XHost, wait_for

from compositor.geometry import Rect, Region
from compositor.model.content import Content, SolidContent
from compositor.model.formats import XRGB8888
from compositor.model.node import Node
from compositor.render.framebuffer import Framebuffer

pytestmark = pytest.mark.needs_gl
NewTarget = Callable[..., Framebuffer]
Start = Callable[..., Any]
WHOLE = Region.from_rect(Rect(0, 0, 100, 100))


def rounded(content: Content | SolidContent, radius: int) -> Node:
    dst = Rect(10, 10, 80, 60)
    corners = [Rect(x, y, radius, radius) for x in (10, 90 - radius) for y in (10, 70 - radius)]
    node = Node(content, dst, opaque=Region.from_rect(dst).subtract(Region.from_rects(corners)))
    node.corner_radius = radius
    return node


@pytest.mark.parametrize("kind", ["picture", "colour", "scaled"])
def test_corners_are_quarter_discs(renderer: Any, new_target: NewTarget, kind: str) -> None:
    white = {
        "picture": Content(np.full((60, 80), 0xFFFFFF, np.uint32), XRGB8888),
        "scaled": Content(np.full((20, 30), 0xFFFFFF, np.uint32), XRGB8888),
        "colour": SolidContent(1, 1, 1),
    }[kind]
    target = new_target(100, 100)
    renderer.render(target, [rounded(white, 16)], WHOLE)
    shown = (target.pixels & 255).astype(int)
    y, x = np.mgrid[0:100, 0:100] + 0.5
    beyond_x = np.maximum(np.maximum(26 - x, x - 74), 0)
    beyond_y = np.maximum(np.maximum(26 - y, y - 54), 0)
    inside = (x > 10) & (x < 90) & (y > 10) & (y < 70)
    expected = np.clip(16.5 - np.hypot(beyond_x, beyond_y), 0, 1) * 255 * inside
    assert 2 >= np.abs(expected - shown).max()
    # The area that the corners lose is that of a square less its disc.
    assert (80 * 60 - (4 - np.pi) * 16**2) == pytest.approx(shown.sum() / 255, rel=0.001)


def test_a_frame_around_several_nodes_rounds_them_as_one(renderer: Any, new_target: NewTarget) -> None:
    frame = Rect(10, 10, 80, 60)
    whole, parts = new_target(100, 100), new_target(100, 100)
    renderer.render(whole, [rounded(SolidContent(1, 0, 0), 12)], WHOLE)
    nodes = []
    for dst in (Rect(10, 10, 80, 25), Rect(10, 35, 80, 35)):
        node = Node(SolidContent(1, 0, 0), dst, opaque=Region())
        node.corner_radius, node.frame = 12, frame
        nodes.append(node)
    renderer.render(parts, nodes, WHOLE)
    assert 1 >= difference(whole.pixels, parts.pixels)


def test_rounded_corners_respect_the_damage(renderer: Any, new_target: NewTarget) -> None:
    target = new_target(100, 100, 0x123456)
    damage = Region.from_rects([Rect(5, 5, 12, 12), Rect(70, 50, 40, 40)])
    renderer.render(target, [rounded(SolidContent(1, 1, 1), 20)], damage, 0)
    assert {0xFF123456} == set(target.pixels[~mask(damage, 100, 100)].tolist())


# In the window


def test_a_decorated_window_has_four_round_corners(xhost: XHost, headed: Start, need_program: Any) -> None:
    need_program("foot", "foot")
    compositor = headed(renderer="gl")
    window = compositor.launch(["foot", "-w", "400x300"]).window()
    window.move(100, 100)
    compositor.wait_idle()
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture")
    info = next(w for w in compositor.window_infos() if w["id"] == window.id)
    bottom = info["y"] + info["height"]
    picture = shown(xhost)
    corner, inside = picture[bottom, info["x"] - 1], picture[bottom - 20, info["x"] + 20]
    assert corner != inside
    # As dark as the shadow around it, and no darker.
    beside = picture[bottom - 20, info["x"] - 4]
    assert abs(int(corner & 255) - int(beside & 255)) < 24


def test_a_jump_in_size_fades_and_captures_do_not(xhost: XHost, headed: Start) -> None:
    compositor = headed(renderer="gl")
    window = compositor.launch(demo("menu")).window()
    window.move(50, 60)
    compositor.wait_idle()
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture")
    between = 0
    for width in (700, 300, 720):
        window.resize(width, 400)
        end = time.monotonic() + 0.4
        while time.monotonic() < end:
            between += not is_on_screen(xhost, compositor)
    assert between
    wait_for(lambda: is_on_screen(xhost, compositor), "the end of the fade")
    assert "bug" not in compositor.log
