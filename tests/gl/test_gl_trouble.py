"""OpenGL that fails in the middle, and what is too large for it: said once, then done on the CPU."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from render_scenes import difference, fresh, random_scene
from test_gl_window import captured, demo, is_on_screen
from xhost import XHost, wait_for

from compositor.geometry import Rect, Region
from compositor.model.content import Content
from compositor.model.formats import XRGB8888
from compositor.model.node import Node
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer
from compositor.render.gl.errors import GlError
from compositor.testing import Compositor

pytestmark = [pytest.mark.needs_gl, pytest.mark.timeout(120)]
NewTarget = Callable[..., Framebuffer]

FAILING = """
import sys
from compositor.render.gl.errors import GlError
from compositor.render.gl.renderer import GlRenderer
frames, draw = 0, GlRenderer.draw
def failing(*arguments):
    global frames
    frames += 1
    if frames > int(sys.argv[1]):
        raise GlError("drawing a frame: the context is lost")
    draw(*arguments)
GlRenderer.draw = failing
from compositor.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def failing(xhost: XHost, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts a compositor whose OpenGL fails after some frames; returns its process and a driver."""
    running = []

    def start(frames: int, *options: str) -> tuple[subprocess.Popen[str], Any, Path]:
        runtime = Path(tempfile.mkdtemp(dir=tmp_path))
        runtime.chmod(0o700)
        log = runtime / "log"
        arguments = [sys.executable, "-c", FAILING, str(frames), "run", "--socket", "wl", *options]
        env = {"DISPLAY": xhost.display, "XDG_RUNTIME_DIR": str(runtime), "PATH": "/usr/bin:/bin"}
        env["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
        with log.open("w") as file:
            process = subprocess.Popen(arguments, env=env, stdout=file, stderr=file, text=True)
        running.append(process)
        wait_for((runtime / "wl.ctl").exists, f"the socket; its log: {log}")
        return process, Compositor.attach(str(runtime / "wl"), timeout_s=20), log

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("frames", [0, 3])
def test_a_window_goes_on_without_opengl(xhost: XHost, failing: Callable[..., Any], frames: int) -> None:
    process, compositor, log = failing(frames, "--window", "--renderer", "gl", "--output", "500x400")
    window = compositor.launch(demo("flower")).window()
    wait_for(lambda: "going on without OpenGL" in log.read_text(), "the failure")
    assert "cpu" in compositor.info["renderer"]
    window.close()
    wait_for(lambda: not compositor.windows, "the window's end")
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")
    assert 1 == log.read_text().count("going on without OpenGL")
    assert "bug" not in log.read_text()
    assert 1 == len(xhost.windows())
    assert process.poll() is None


def test_a_headless_compositor_goes_on_without_opengl(failing: Callable[..., Any]) -> None:
    _, compositor, log = failing(0, "--headless", "--no-wallpaper", "--renderer", "gl", "--output", "200x100")
    assert (100, 200) == captured(compositor).shape
    assert "going on without OpenGL: drawing a frame: the context is lost" in log.read_text()
    assert "cpu" in compositor.info["renderer"]


def test_contents_too_large_for_a_texture_are_drawn_by_the_cpu(
    renderer: Any, new_target: NewTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer.pictures, "max_size", 121)
    for seed in range(20):
        nodes, damage = random_scene(seed, 120, 90)
        expected, actual = new_target(120, 90), new_target(120, 90)
        CpuRenderer(use_pixman=False).render(expected, nodes, damage, 0x305070)
        fresh(nodes)
        renderer.render(actual, nodes, damage, 0x305070)
        assert 4 >= difference(expected.pixels, actual.pixels)


def test_a_frame_too_large_for_opengl_is_said(renderer: Any) -> None:
    side = renderer.max_size + 1
    with pytest.raises(GlError, match=f"{side}×1 pixels; OpenGL allows {renderer.max_size}"):
        renderer.new_canvas(side, 1)


def test_pictures_survive_a_renderer_that_is_closed(new_target: NewTarget) -> None:
    from compositor.render.gl.renderer import GlRenderer

    node = Node(Content(np.full((20, 20), 0xABCDEF, np.uint32), XRGB8888), Rect(0, 0, 20, 20))
    whole = Region.from_rect(node.dst)
    for _ in range(2):
        renderer, target = GlRenderer(), new_target(20, 20)
        renderer.render(target, [node], whole)
        assert {0xFFABCDEF} == set(target.pixels.ravel().tolist())
        renderer.close()
