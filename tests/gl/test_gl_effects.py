"""Rounded corners, shadows, fades: what shaders add to the picture, and where it ends."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from render_scenes import difference, mask
from test_gl_window import captured, demo, is_on_screen, shown
from xhost import XHost, wait_for

from compositor.geometry import Rect, Region
from compositor.model.content import Content, SolidContent
from compositor.model.decoration import METRICS, shadow_rects, shadow_size
from compositor.model.formats import ARGB8888, XRGB8888
from compositor.model.node import Node
from compositor.render.decoration import draw_shadow
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
    compositor = headed(renderer="gl", clock="manual")

    def step(ms: int = 17) -> None:
        compositor.call("clock.advance", ms=ms)
        compositor.call("idle.wait", timeout_ms=10_000)

    application = compositor.launch(demo("menu"))

    def opened() -> Any:
        step()
        return (compositor.window_infos() or [None])[0]

    wait_for(opened, "the window")
    window = application.window()
    window.move(50, 60)
    step()
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture")
    compositor.call("window.resize", id=window.id, width=700, height=400)

    def fades() -> bool:
        """Whether the screen shows something else than a capture; time stands still meanwhile."""
        step()
        time.sleep(0.2)
        on_screen = shown(xhost).copy()
        return bool((on_screen != captured(compositor)).mean() > 0.02)

    wait_for(fades, "a fade")
    step(500)
    step()
    wait_for(lambda: is_on_screen(xhost, compositor), "the end of the fade")
    assert "bug" not in compositor.log


# Shadows


def shadow_nodes(frame: Rect, scale: int, darkness: float = 0.68) -> list[Node]:
    nodes = []
    for rect in shadow_rects(frame).values():
        node = Node(SolidContent(0, 0, 0, darkness), Rect(*(value * scale for value in rect)))
        node.frame = Rect(*(value * scale for value in frame))
        node.corner_radius = METRICS.corner_radius * scale
        node.shadow = METRICS.shadow_radius * scale, METRICS.shadow_drop * scale
        nodes.append(node)
    return nodes


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("size", [(300, 200), (90, 50), (24, 31)])
def test_shadows_are_those_that_the_cpu_paints(
    renderer: Any, new_target: NewTarget, size: tuple[int, int], scale: int
) -> None:
    frame = Rect(60, 60, *size)
    width, height = (size[0] + 120) * scale, (size[1] + 120) * scale
    whole = Region.from_rect(Rect(0, 0, width, height))
    expected, actual = new_target(width, height), new_target(width, height)
    painted = []
    for piece, rect in shadow_rects(frame).items():
        pixels = draw_shadow(
            piece, rect.width, rect.height, shadow_size(frame), True, float(scale), all_round=True
        )
        painted.append(Node(Content(pixels, ARGB8888), Rect(*(value * scale for value in rect))))
    renderer.render(expected, painted, whole, 0xFFFFFF)
    renderer.render(actual, shadow_nodes(frame, scale), whole, 0xFFFFFF)
    # In the middle of small frames the CPU takes the corners for farther away than they are.
    assert 4 >= difference(expected.pixels, actual.pixels)
    assert (actual.pixels & 255).min() < 240, "there is a shadow"


def test_a_shadow_is_soft_and_ends_in_nothing(renderer: Any, new_target: NewTarget) -> None:
    target = new_target(400, 300)
    frame = Rect(100, 80, 200, 120)
    renderer.render(target, shadow_nodes(frame, 1), Region.from_rect(Rect(0, 0, 400, 300)), 0xFFFFFF)
    shown = (target.pixels & 255).astype(int)
    below = shown[frame.y2 : frame.y2 + METRICS.shadow_radius + METRICS.shadow_drop, 200]
    steps = np.diff(below)
    assert (steps >= 0).all() and steps.max() <= 8, "lighter with the distance, and nowhere a step"
    assert below[-1] >= 252
    # Under the window there is none: what it shows need not be opaque.
    assert (shown[100:180, 120:280] == 255).all()
    # It hangs lower than the window, and lies evenly to both sides.
    assert shown[frame.y - 8, 200] > shown[frame.y2 + 8, 200]
    assert np.array_equal(shown[140, :100], shown[140, 300:][::-1])


def test_the_lower_corners_lie_in_the_shadow(renderer: Any, new_target: NewTarget) -> None:
    target = new_target(400, 300)
    frame = Rect(100, 80, 200, 120)
    renderer.render(target, shadow_nodes(frame, 1), Region.from_rect(Rect(0, 0, 400, 300)), 0xFFFFFF)
    shown = (target.pixels & 255).astype(int)
    assert shown[frame.y2 - 1, frame.x] < 245
    assert shown[frame.y2 - 1, frame.x2 - 1] < 245


def test_windows_on_the_screen_cast_them(xhost: XHost, headed: Start) -> None:
    compositor = headed(renderer="gl", wallpaper=True)
    wait_for(lambda: len(np.unique(shown(xhost))) > 500, "the wallpaper")
    before = shown(xhost).copy()
    window = compositor.launch(demo("menu")).window()
    window.move(150, 120)
    compositor.wait_idle()
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture")
    info = next(w for w in compositor.window_infos() if w["id"] == window.id)
    right, middle = info["x"] + info["width"] + 1, info["y"] + info["height"] // 2
    light = [
        (picture.view(np.uint8).reshape(*picture.shape, 4)[middle, right : right + 40, :3]).sum(axis=1)
        for picture in (before, np.ascontiguousarray(shown(xhost)))
    ]
    ratio = light[1] / light[0]
    assert ratio[0] < 0.85 < 0.98 < ratio[-1]
