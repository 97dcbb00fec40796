"""Colours of whole outputs: as other eyes see them, and for the night."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from test_gl_window import is_on_screen, shown
from xhost import XHost, wait_for

from compositor.geometry import Rect, Region
from compositor.model.content import Content
from compositor.model.formats import XRGB8888
from compositor.model.node import Node
from compositor.render.capture import Canvas as Memory
from compositor.render.colours import MATRICES, Colours, Vision, applied_rgba, white
from compositor.testing import Compositor
from compositor.testing.errors import RequestRefused

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


@pytest.mark.parametrize("colours", [Colours(Vision.TRITANOPIA), Colours(Vision.PROTANOPIA, 3600)])
def test_pictures_are_changed_as_the_screen_is(renderer: Any, colours: Colours) -> None:
    pixels = ramp()
    rgba = pixels.view(np.uint8).reshape(32, 32, 4)[..., [2, 1, 0, 3]]
    changed = applied_rgba(rgba, colours).astype(int)
    assert 1 >= np.abs(changed[..., :3] - put(renderer, pixels, colours)).max()
    assert np.array_equal(rgba[..., 3], changed[..., 3])


# Switched by drivers


def test_a_capture_is_as_other_eyes_see_it() -> None:
    with Compositor(outputs=["120x80"], wallpaper=True, timeout_s=20) as compositor:
        plain = compositor.screenshot()
        seen = compositor.screenshot(vision="deuteranopia")
        assert np.array_equal(applied_rgba(plain, Colours(Vision.DEUTERANOPIA)), seen)
        assert np.array_equal(plain, compositor.screenshot(vision="normal"))
        assert not np.array_equal(plain, seen)
        assert {"vision": "normal", "temperature_k": 6500} == compositor.call("output.colours")
        with pytest.raises(RequestRefused, match="a window drawn with OpenGL"):
            compositor.call("output.colours", vision="protanopia")
        with pytest.raises(RequestRefused, match="vision"):
            compositor.call("output.colours", vision="x-ray")


def test_a_driver_changes_what_the_screen_shows(xhost: XHost, headed: Callable[..., Any]) -> None:
    compositor = headed(renderer="gl", wallpaper=True)
    wait_for(lambda: is_on_screen(xhost, compositor), "the wallpaper")
    plain = compositor.screenshot()
    weddell = [sys.executable, "-m", "compositor", "colours", "--socket", compositor.socket]
    for options, colours, said in (
        (("--vision", "deuteranopia"), Colours(Vision.DEUTERANOPIA), "deuteranopia vision, white of 6500 K"),
        (("--night",), Colours(Vision.DEUTERANOPIA, 3600), "deuteranopia vision, white of 3600 K"),
    ):
        done = subprocess.run([*weddell, *options], capture_output=True, text=True, timeout=60, check=True)
        assert said == done.stdout.strip()
        expected = applied_rgba(plain, colours).astype(int)

        def is_seen(expected: np.ndarray = expected) -> bool:
            picture = shown(xhost).copy()
            channels = picture.view(np.uint8).reshape(*picture.shape, 4)[..., [2, 1, 0]].astype(int)
            return bool(np.abs(channels - expected[..., :3]).max() <= 1)

        wait_for(is_seen, said)
    assert np.array_equal(plain, compositor.screenshot()), "captures keep their colours"
    subprocess.run(
        [*weddell, "--vision", "normal", "--temperature", "6500"], capture_output=True, timeout=60, check=True
    )
    wait_for(lambda: is_on_screen(xhost, compositor), "the wallpaper as it was")
