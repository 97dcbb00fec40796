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
from xhost import XHost, attach, wait_for

from compositor.geometry import Rect, Region
from compositor.model.content import Content
from compositor.model.formats import XRGB8888
from compositor.model.node import Node
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer
from compositor.render.gl.errors import GlError

pytestmark = [pytest.mark.needs_gl, pytest.mark.timeout(120)]
NewTarget = Callable[..., Framebuffer]

FAILING = """
import sys
from compositor.render.gl.errors import GlError
from compositor.render.gl.renderer import GlRenderer
frames, draw = 0, GlRenderer.draw
def destroy(context):
    made = getattr(context, "_window", None)
    if made is None:
        egl, lost = context._egl, context._context
        egl.eglMakeCurrent(lost.display_connection, None, None, None)
        egl.eglDestroyContext(lost.display_connection, lost.egl_context)
    else:
        from pyglet.gl import glx
        lost = made.context
        glx.glXMakeContextCurrent(lost.x_display, 0, 0, None)
        glx.glXDestroyContext(lost.x_display, lost.glx_context)
def failing(self, *arguments):
    global frames
    frames += 1
    if frames > int(sys.argv[1]):
        if sys.argv[2] == "error":
            raise GlError("drawing a frame: the memory is full")
        if frames == int(sys.argv[1]) + 1:
            destroy(self.context)
    draw(self, *arguments)
GlRenderer.draw = failing
from compositor.cli import main
sys.exit(main(sys.argv[3:]))
"""


@pytest.fixture
def failing(xhost: XHost, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts a compositor whose OpenGL fails after some frames: with an error, or its context is destroyed.

    Returns its process, a driver, and its log.
    """
    running = []

    def start(frames: int, how: str, *options: str) -> tuple[subprocess.Popen[str], Any, Path]:
        runtime = Path(tempfile.mkdtemp(dir=tmp_path))
        runtime.chmod(0o700)
        log = runtime / "log"
        arguments = [sys.executable, "-c", FAILING, str(frames), how, "run", "--socket", "wl", *options]
        env = {"DISPLAY": xhost.display, "XDG_RUNTIME_DIR": str(runtime), "PATH": "/usr/bin:/bin"}
        env["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
        with log.open("w") as file:
            process = subprocess.Popen(arguments, env=env, stdout=file, stderr=file, text=True)
        running.append(process)
        return process, attach(runtime / "wl", log), log

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(("frames", "how"), [(0, "error"), (3, "error"), (0, "lost"), (3, "lost")])
def test_a_window_goes_on_without_opengl(
    xhost: XHost, failing: Callable[..., Any], frames: int, how: str
) -> None:
    process, compositor, log = failing(frames, how, "--window", "--renderer", "gl", "--output", "500x400")
    window = compositor.launch(demo("flower")).window()
    wait_for(lambda: "going on without OpenGL" in log.read_text(), "the failure")
    assert "cpu" in compositor.info["renderer"]
    window.close()
    wait_for(lambda: not compositor.windows, "the window's end")
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")
    assert 1 == log.read_text().count("going on without OpenGL")
    assert ("context is lost" in log.read_text()) is (how == "lost")
    assert "bug" not in log.read_text()
    assert 1 == len(xhost.windows())
    assert process.poll() is None


@pytest.mark.parametrize(("how", "text"), [("error", "the memory is full"), ("lost", "the context is lost")])
def test_a_headless_compositor_goes_on_without_opengl(
    failing: Callable[..., Any], how: str, text: str
) -> None:
    _, compositor, log = failing(
        0, how, "--headless", "--no-wallpaper", "--renderer", "gl", "--output", "200x100"
    )
    assert (100, 200) == captured(compositor).shape
    assert "going on without OpenGL: " in log.read_text() and text in log.read_text()
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
