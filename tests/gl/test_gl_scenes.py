"""The GL renderer draws what the CPU renderer draws, to within 2 of 255 per channel."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from reference_scenes import SCENES, drawn
from render_scenes import difference, fresh, mask, random_scene

from compositor.geometry import Rect, Region
from compositor.locate import assets_dir
from compositor.render import capture
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer

pytestmark = pytest.mark.needs_gl


@pytest.mark.parametrize("scene", SCENES)
def test_a_reference_scene_looks_as_it_should(renderer: Any, scene: str) -> None:
    expected = np.asarray(Image.open(assets_dir() / "reference" / f"{scene}.png").convert("RGB"), np.int16)
    actual = drawn(renderer, scene)[..., :3].astype(np.int16)
    assert 2 >= np.abs(expected - actual).max()


@pytest.mark.parametrize("seed", range(60))
def test_a_random_scene_looks_as_on_the_cpu(
    renderer: Any, new_target: Callable[..., Framebuffer], seed: int
) -> None:
    nodes, damage = random_scene(seed, 120, 90)
    expected, actual = new_target(120, 90, 0x123456), new_target(120, 90, 0x123456)
    CpuRenderer(use_pixman=False).render(expected, nodes, damage, 0x305070)
    fresh(nodes)
    renderer.render(actual, nodes, damage, 0x305070)
    # Each of up to nine layers may round otherwise.
    assert 4 >= difference(expected.pixels, actual.pixels)
    outside = ~mask(damage, 120, 90)
    assert {0xFF123456} >= set(actual.pixels[outside].tolist())
    assert {0xFF} == set((actual.pixels >> np.uint32(24)).ravel().tolist())


@pytest.mark.parametrize("seed", range(10))
def test_drawing_the_damage_alone_gives_the_same_picture_as_drawing_everything(
    renderer: Any, new_target: Callable[..., Framebuffer], seed: int
) -> None:
    nodes, _ = random_scene(seed, 120, 90)
    whole = Region.from_rect(Rect(0, 0, 120, 90))
    at_once, in_parts = new_target(120, 90), new_target(120, 90)
    renderer.render(at_once, nodes, whole)
    for part in (Rect(0, 0, 50, 33), Rect(50, 0, 70, 33), Rect(0, 33, 97, 57), Rect(97, 33, 23, 57)):
        renderer.render(in_parts, nodes, Region.from_rect(part))
    assert np.array_equal(at_once.pixels, in_parts.pixels)


def test_two_renderers_may_draw_the_same_nodes_in_turn(
    renderer: Any, new_target: Callable[..., Framebuffer]
) -> None:
    nodes, _ = random_scene(7, 120, 90)
    whole = Region.from_rect(Rect(0, 0, 120, 90))
    cpu = CpuRenderer()
    for _ in range(2):
        expected, actual = new_target(120, 90), new_target(120, 90)
        cpu.render(expected, nodes, whole)
        renderer.render(actual, nodes, whole)
        assert 4 >= difference(expected.pixels, actual.pixels)


def test_captures_are_drawn_over_what_is_there(renderer: Any) -> None:
    canvas = capture.Canvas(40, 30)
    canvas.pixels[:] = 0xFF112233
    nodes, _ = random_scene(3, 40, 30)
    renderer.render(canvas, nodes, Region.from_rect(Rect(10, 10, 5, 5)), 0)
    outside = ~mask(Region.from_rect(Rect(10, 10, 5, 5)), 40, 30)
    assert {0xFF112233} == set(canvas.pixels[outside].tolist())
