"""The GL renderer draws what the CPU renderer draws, to within 2 of 255 per channel."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from reference_scenes import SCENES, disc, drawn, letter, zone_plate
from render_scenes import difference, fresh, mask, random_scene
from support.client import Client
from support.pixels import ARGB, Buffer
from support.windows import Toplevel
from xhost import XHost

from compositor.geometry import Rect, Region
from compositor.locate import assets_dir
from compositor.render import capture
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer
from compositor.testing import Compositor

pytestmark = pytest.mark.needs_gl


def reference(scene: str) -> np.ndarray:
    return np.asarray(Image.open(assets_dir() / "reference" / f"{scene}.png").convert("RGB"), np.int16)


@pytest.mark.parametrize("scene", SCENES)
def test_a_reference_scene_looks_as_it_should(renderer: Any, scene: str) -> None:
    actual = drawn(renderer, scene)[..., :3].astype(np.int16)
    assert 2 >= np.abs(reference(scene) - actual).max()


def test_the_reference_scenes_look_so_in_the_context_of_windows(xhost: XHost, tmp_path: Path) -> None:
    xhost.run(sys.executable, str(Path(__file__).with_name("glxscenes.py")), str(tmp_path / "scenes.npz"))
    with np.load(tmp_path / "scenes.npz") as scenes:
        assert set(SCENES) == set(scenes)
        for scene in SCENES:
            assert 2 >= np.abs(reference(scene) - scenes[scene][..., :3].astype(np.int16)).max(), scene


def show_everything(client: Client) -> None:
    """A window with subsurfaces: cropped and scaled, turned, of one colour, blended over each other."""
    compositor, subcompositor = client.get("wl_compositor"), client.get("wl_subcompositor")
    window = Toplevel(client).start()

    def picture(pixels: np.ndarray) -> Buffer:
        buffer = Buffer(client, pixels.shape[1], pixels.shape[0], format=ARGB)
        buffer.paint(pixels)
        return buffer

    def child(x: int, y: int, buffer: Any, width: int, height: int, **how: Any) -> None:
        surface = compositor.create_surface()
        subcompositor.get_subsurface(surface, window.surface).set_position(x, y)
        viewport = client.get("wp_viewporter").get_viewport(surface)
        if "source" in how:
            viewport.set_source(*how["source"])
        viewport.set_destination(width, height)
        surface.set_buffer_transform(how.get("transform", 0))
        surface.attach(buffer, 0, 0)
        surface.damage_buffer(0, 0, 10_000, 10_000)
        surface.commit()

    child(7, 5, picture(zone_plate(96)), 61, 53)
    child(75, 5, picture(zone_plate(96)), 53, 61, source=(10.5, 7.25, 31.0, 40.5))
    for transform in range(8):
        child(8 + transform * 27, 75, picture(letter(32)), 23, 23, transform=transform)
    solid = client.get("wp_single_pixel_buffer_manager_v1").create_u32_rgba_buffer(
        0, 1 << 30, 1 << 30, 1 << 31
    )
    child(20, 40, solid, 90, 60)
    child(60, 50, picture(disc(71, (255, 64, 0))), 71, 71)
    child(90, 60, picture(disc(48, (64, 128, 255))), 97, 33)
    window.attach(Buffer(client, 240, 140, 0xC0204030, ARGB))
    client.roundtrip()


@pytest.mark.parametrize("how", ["egl", "glx"])
def test_what_clients_make_of_it_looks_as_on_the_cpu_at_a_fractional_scale(
    xhost: XHost, headed: Callable[..., Any], how: str
) -> None:
    pictures = []
    for renderer in ("cpu", "gl"):
        if how == "glx":
            compositor = headed(renderer=renderer, outputs=["450x330*1.5"])
        else:
            compositor = Compositor(outputs=["450x330*1.5"], renderer=renderer, timeout_s=20)
        assert renderer in compositor.info["renderer"]
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(compositor.socket)
        client = Client(sock)
        show_everything(client)
        (window,) = compositor.windows
        window.move(20, 30)
        pictures.append(window.screenshot().astype(np.int16))
        client.close()
        compositor.close()
    assert (210, 360) == pictures[0].shape[:2]
    assert 500 < len(np.unique(pictures[0].reshape(-1, 4), axis=0))
    assert 2 >= np.abs(pictures[0] - pictures[1]).max()


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
