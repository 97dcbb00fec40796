"""`weddell view`: a headless compositor seen and steered through a window."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xhost import HEIGHT, WIDTH, XHost, wait_for

from compositor.backend.window.viewer import LiveFrame, changed
from compositor.geometry import Rect
from compositor.locate import clients_dir
from compositor.testing import Compositor, CompositorDied

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def hidden() -> Iterator[Any]:
    compositor = Compositor(outputs=["500x400"], wallpaper=True, timeout_s=20)
    yield compositor
    # One test kills it.
    with contextlib.suppress(CompositorDied):
        compositor.close()


@pytest.fixture
def viewer(xhost: XHost, hidden: Any) -> Iterator[subprocess.Popen[str]]:
    process = start(xhost, hidden.socket)
    yield process
    end(process)


def start(xhost: XHost, socket: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "compositor", "view", "--socket", socket, *options],
        env={"DISPLAY": xhost.display, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> str:
    """End it if it has not, and return what it said."""
    process.terminate()
    said = process.communicate(timeout=10)[1]
    return str(said)


def shown(xhost: XHost) -> np.ndarray:
    return xhost.screen()[:400, :500]


def captured(compositor: Any) -> np.ndarray:
    rgba = compositor.screenshot().astype(np.uint32)
    return rgba[..., 0] << 16 | rgba[..., 1] << 8 | rgba[..., 2] | np.uint32(0xFF000000)


def agree(xhost: XHost, compositor: Any) -> bool:
    return bool(np.array_equal(captured(compositor), shown(xhost)))


def test_the_viewer_shows_what_changes(xhost: XHost, hidden: Any, viewer: subprocess.Popen[str]) -> None:
    wait_for(lambda: agree(xhost, hidden), "the first picture")
    window = hidden.launch([sys.executable, str(clients_dir() / "menu.py")]).window()
    hidden.wait_idle()
    wait_for(lambda: agree(xhost, hidden), "the window")
    window.move(10, 60)
    hidden.wait_idle()
    wait_for(lambda: agree(xhost, hidden), "the window elsewhere")
    assert viewer.poll() is None


def test_input_goes_back(
    xhost: XHost,
    hidden: Any,
    viewer: subprocess.Popen[str],
    tmp_path: Path,
    need_program: Callable[[str, str], str],
) -> None:
    need_program("foot", "foot")
    said = tmp_path / "said"
    window = hidden.launch(
        ["foot", "sh", "-c", f"read l; echo $l > {said}.new; mv {said}.new {said}"]
    ).window()
    wait_for(lambda: agree(xhost, hidden), "the picture")
    info = next(w for w in hidden.window_infos() if w["id"] == window.id)
    xhost.xdotool("mousemove", info["x"] + 40, info["y"] + 40, "mousedown", 1)
    wait_for(lambda: hidden.call("pointer.state")["buttons"] == [0x110], "the button")
    state = hidden.call("pointer.state")
    assert (info["x"] + 40, info["y"] + 40) == (state["x"], state["y"])
    xhost.xdotool("mouseup", 1, "type", "--delay", "5", "through the window\n")
    wait_for(said.exists, "the line")
    assert "through the window\n" == said.read_text()
    xhost.xdotool("mousemove", WIDTH - 1, HEIGHT - 1)


def test_the_viewer_follows_the_mode_and_ends_with_the_compositor(
    xhost: XHost, hidden: Any, viewer: subprocess.Popen[str]
) -> None:
    wait_for(lambda: agree(xhost, hidden), "the first picture")
    hidden.call("output.configure", width=640, height=300)
    wait_for(lambda: np.array_equal(captured(hidden), xhost.screen()[:300, :640]), "the new mode")
    hidden.close()
    wait_for(lambda: viewer.poll() is not None, "the end")


def test_closing_the_viewer_leaves_the_compositor_alone(
    xhost: XHost, hidden: Any, viewer: subprocess.Popen[str]
) -> None:
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    xhost.ask_to_close(window)
    assert 0 == wait_for(lambda: None if viewer.poll() is None else viewer.poll() + 1, "the end") - 1
    assert hidden.info["pid"]


@pytest.mark.parametrize("how", ["closed", "terminated"])
def test_a_viewer_that_leaves_holds_nothing_down(
    xhost: XHost, hidden: Any, viewer: subprocess.Popen[str], how: str
) -> None:
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    xhost.xdotool("mousemove", 100, 100, "windowfocus", window, "keydown", "a", "mousedown", 1)

    def held() -> tuple[list[int], list[int]]:
        return hidden.call("keyboard.state")["pressed"], hidden.call("pointer.state")["buttons"]

    wait_for(lambda: held() == ([30], [0x110]), "what is held down")
    if how == "closed":
        xhost.ask_to_close(window)
    else:
        viewer.terminate()
    wait_for(lambda: viewer.poll() is not None, "the end")
    assert ([], []) == held()
    xhost.xdotool("keyup", "a", "mouseup", 1)


def test_viewers_come_and_go_and_see_the_output_they_asked_for(xhost: XHost, hidden: Any) -> None:
    second = hidden.call("output.add", width=300, height=200)["name"]
    viewers = [start(xhost, hidden.socket, "--output", second) for _ in range(2)]
    wait_for(lambda: len(xhost.windows(second)) == 2, "both windows")
    hidden.call("output.configure", output=second, transform="90")
    wait_for(
        lambda: all(
            "Geometry: 200x300" in xhost.xdotool("getwindowgeometry", w) for w in xhost.windows(second)
        ),
        "the turned windows",
    )
    xhost.xdotool("mousemove", 20, 250)
    wait_for(lambda: hidden.call("pointer.state")["y"] == 250, "the pointer")
    assert 520 == hidden.call("pointer.state")["x"]
    assert "" == end(viewers.pop())
    wait_for(lambda: len(xhost.windows(second)) == 1, "one window")
    assert 200 == len(hidden.screenshot(output=second)[0])
    hidden.call("output.remove", output=second)
    (last,) = viewers
    wait_for(lambda: last.poll() is not None, "the end with the output")
    assert (0, "") == (last.returncode, end(last))


def test_viewers_without_anything_to_view_say_so(xhost: XHost, hidden: Any, tmp_path: Path) -> None:
    def fails_with(viewer: subprocess.Popen[str], text: str) -> None:
        said = viewer.communicate(timeout=30)[1]
        assert 1 == viewer.returncode
        assert said.startswith("weddell: ") and text in said and 1 == len(said.strip().splitlines())

    fails_with(start(xhost, str(tmp_path / "none")), "no compositor at")
    fails_with(start(xhost, hidden.socket, "--output", "NONE-1"), "there is no output 'NONE-1'")
    left = start(xhost, hidden.socket)
    wait_for(lambda: len(xhost.windows()) == 1, "the window")
    os.kill(hidden.pid, signal.SIGKILL)
    fails_with(left, "is gone")


def test_a_live_frame_cannot_be_written(hidden: Any) -> None:
    frame = LiveFrame(hidden, "HEADLESS-1")
    assert (400, 500) == frame.pixels.shape
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0] = 1


def test_what_differs_is_found_in_bands() -> None:
    before = np.zeros((100, 50), np.uint32)
    now = before.copy()
    assert [] == changed(now, before)
    now[40, 7] = now[50, 20] = now[99, 49] = 1
    assert [Rect(7, 32, 14, 32), Rect(49, 96, 1, 4)] == changed(now, before)
