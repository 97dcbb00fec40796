"""Colours of whole outputs: as other eyes see them, and for the night."""

from typing import Any

import numpy as np
import pytest

from compositor.geometry import Rect, Region
from compositor.model.content import Content
from compositor.model.formats import XRGB8888
from compositor.model.node import Node
from compositor.render.capture import Canvas as Memory
from compositor.render.colours import MATRICES, Colours, Vision, white

pytestmark = pytest.mark.needs_gl


def put(renderer: Any, pixels: np.ndarray, colours: Colours) -> np.ndarray:
    """Pixels as an output with these colours shows them: (height, width, 3) of red, green, blue."""
    from compositor.render.gl.output import OutputPass

    height, width = pixels.shape
    whole = Rect(0, 0, width, height)
    frame, screen = renderer.new_canvas(width, height), renderer.new_canvas(width, height)
    renderer.draw(frame, [Node(Content(pixels, XRGB8888), whole)], Region.from_rect(whole), 0)
    screen.bind()
    output = OutputPass()
    output.put(frame, [whole], height, colours, for_window=False)
    memory = Memory(width, height)
    renderer.read(screen, Region.from_rect(whole), memory)
    output.delete()
    for canvas in (frame, screen):
        renderer.delete_canvas(canvas)
    return memory.pixels.view(np.uint8).reshape(height, width, 4)[..., [2, 1, 0]]


def ramp() -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.integers(0, 1 << 24, (32, 32), np.uint32)


def test_plain_colours_are_the_pixels_themselves(renderer: Any) -> None:
    pixels = ramp()
    shown = put(renderer, pixels, Colours())
    assert np.array_equal(pixels.view(np.uint8).reshape(32, 32, 4)[..., [2, 1, 0]], shown)


@pytest.mark.parametrize("vision", list(Vision)[1:])
def test_vision_applies_its_matrix_to_light(renderer: Any, vision: Vision) -> None:
    pixels = ramp()
    encoded = pixels.view(np.uint8).reshape(32, 32, 4)[..., [2, 1, 0]] / 255
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    light = np.clip(light @ np.array(MATRICES[vision]).reshape(3, 3).T, 0, 1)
    expected = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    assert 1.01 > np.abs(expected - put(renderer, pixels, Colours(vision))).max()


@pytest.mark.parametrize("vision", list(Vision))
def test_grey_stays_grey(renderer: Any, vision: Vision) -> None:
    greys = (np.arange(256, dtype=np.uint32) * 0x010101).reshape(16, 16)
    shown = put(renderer, greys, Colours(vision)).astype(int)
    assert 2 >= (shown.max(axis=-1) - shown.min(axis=-1)).max()


def test_red_and_green_are_told_apart_by_those_who_can(renderer: Any) -> None:
    # Two colours that deuteranopes confuse: as light, apart along their line of confusion.
    pixels = np.array([[0xB06040, 0x6E8038]], np.uint32)
    seen = [put(renderer, pixels, Colours(v)).astype(int)[0] for v in (Vision.NORMAL, Vision.DEUTERANOPIA)]
    apart = [np.abs(pair[0] - pair[1]).sum() for pair in seen]
    assert apart[1] < apart[0] / 2


def test_night_is_warmer() -> None:
    assert (1.0, 1.0, 1.0) == pytest.approx(white(6500), abs=0.01)
    red, green, blue = white(3600)
    assert 1.0 == red > green > blue > 0.3
    assert white(1000)[2] == 0.0
