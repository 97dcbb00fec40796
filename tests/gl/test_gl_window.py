"""The compositor in a window of an X server: what is seen there, and what people do there."""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xhost import HEIGHT, WIDTH, XHost, wait_for

from compositor.locate import clients_dir

pytestmark = [pytest.mark.needs_gl, pytest.mark.timeout(180)]
Start = Callable[..., Any]


def demo(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(clients_dir() / f"{name}.py"), *arguments]


def place(xhost: XHost) -> tuple[int, int, int, int]:
    """x, y, width, height of the compositor's window on the screen."""
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    found = dict(line.split("=") for line in xhost.xdotool("getwindowgeometry", "--shell", window).split())
    return int(found["X"]), int(found["Y"]), int(found["WIDTH"]), int(found["HEIGHT"])


def shown(xhost: XHost) -> np.ndarray:
    x, y, width, height = place(xhost)
    return xhost.screen()[y : y + height, x : x + width]


def captured(compositor: Any) -> np.ndarray:
    """What the control socket says is shown: (height, width) uint32, the top byte 0xff."""
    rgba = compositor.screenshot().astype(np.uint32)
    return rgba[..., 0] << 16 | rgba[..., 1] << 8 | rgba[..., 2] | np.uint32(0xFF000000)


def is_on_screen(xhost: XHost, compositor: Any) -> bool:
    expected, actual = captured(compositor), shown(xhost)
    return expected.shape == actual.shape and np.array_equal(expected, actual)


@pytest.mark.parametrize("renderer", ["gl", "cpu"])
def test_the_window_shows_what_captures_hold(xhost: XHost, headed: Start, renderer: str) -> None:
    compositor = headed(renderer=renderer, wallpaper=True)
    assert renderer in compositor.info["renderer"]
    assert (800, 600) == place(xhost)[2:]
    app = compositor.launch(demo("menu"))
    app.window()
    compositor.wait_idle()
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")
    assert 500 < len(np.unique(shown(xhost)))


def test_a_window_is_captured_by_itself_whoever_draws(xhost: XHost, headed: Start) -> None:
    pictures = []
    for renderer in ("gl", "cpu"):
        compositor = headed(renderer=renderer)
        window = compositor.launch(demo("menu")).window()
        compositor.wait_idle()
        pictures.append(window.screenshot())
        compositor.close()
    # With the corners that the client drew.
    assert np.array_equal(*pictures)
    assert (pictures[0][..., 3] == 255).all()


def test_both_renderers_show_the_same_picture(xhost: XHost, headed: Start) -> None:
    pictures = []
    corners = []
    for renderer in ("gl", "cpu"):
        compositor = headed(renderer=renderer, wallpaper=True)
        compositor.launch(demo("menu")).window().move(100, 80)
        compositor.pointer.move(790, 590)
        compositor.wait_idle()
        wait_for(lambda c=compositor: is_on_screen(xhost, c), "the picture on the screen")
        pictures.append(captured(compositor))
        (info,) = compositor.window_infos()
        bottom = info["y"] + info["height"]
        corners += [(x, bottom) for x in (info["x"], info["x"] + info["width"])]
        compositor.close()
    for picture in pictures:
        # Only OpenGL rounds the lower corners.
        for x, y in corners:
            picture[y - 12 : y + 2, x - 12 : x + 12] = 0
    channels = [p.view(np.uint8).astype(np.int16) for p in pictures]
    assert 2 >= np.abs(channels[0] - channels[1]).max()


def test_the_window_has_a_title_an_icon_and_a_process(xhost: XHost, headed: Start) -> None:
    compositor = headed()
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    properties = xhost.run("xprop", "-id", str(window), "-notype")
    assert "Weddell — WINDOW-1" in properties
    assert 'WM_CLASS = "weddell", "Weddell"' in properties
    assert f"_NET_WM_PID = {compositor.pid}" in properties
    assert "_NET_WM_ICON" in properties
    assert "WM_DELETE_WINDOW" in properties


def test_what_people_type_and_click_arrives(
    xhost: XHost, headed: Start, tmp_path: Path, need_program
) -> None:
    need_program("foot", "foot")
    compositor = headed(env={"HOME": str(tmp_path)})
    said = tmp_path / "said"
    app = compositor.launch(["foot", "sh", "-c", f"read line; echo $line > {said}.new; mv {said}.new {said}"])
    window = app.window()
    x, y, _, _ = place(xhost)
    info = next(w for w in compositor.window_infos() if w["id"] == window.id)
    xhost.xdotool("mousemove", x + info["x"] + 50, y + info["y"] + 50, "click", 1)
    xhost.xdotool("type", "--delay", "5", "Hello, Weddell (1+1=2) ~#@")
    xhost.xdotool("key", "Return")
    wait_for(said.exists, "the line")
    assert "Hello, Weddell (1+1=2) ~#@\n" == said.read_text()


def test_a_window_is_dragged_by_its_title(xhost: XHost, headed: Start) -> None:
    compositor = headed()
    window = compositor.launch(demo("menu")).window()
    window.move(150, 100)
    compositor.wait_idle()
    x, y, _, _ = place(xhost)
    xhost.xdotool("mousemove", x + 200, y + 85, "mousedown", 1)
    for step in range(1, 11):
        xhost.xdotool("mousemove", x + 200 + step * 12, y + 85 + step * 7)
    xhost.xdotool("mouseup", 1)

    def where() -> tuple[int, int]:
        info = next(w for w in compositor.window_infos() if w["id"] == window.id)
        return info["x"], info["y"]

    wait_for(lambda: where() == (270, 170), "the window at its new place")
    xhost.xdotool("mousemove", WIDTH - 1, HEIGHT - 1)
    compositor.wait_idle()
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")


def test_buttons_arrive_by_their_names(xhost: XHost, headed: Start) -> None:
    compositor = headed()
    window = compositor.launch(demo("menu")).window()
    x, y, _, _ = place(xhost)
    info = next(w for w in compositor.window_infos() if w["id"] == window.id)
    xhost.xdotool("mousemove", x + info["x"] + 30, y + info["y"] + 30)
    for number, code in ((1, 0x110), (2, 0x112), (3, 0x111), (8, 0x113), (9, 0x114)):
        xhost.xdotool("mousedown", number)
        wait_for(lambda c=code: compositor.call("pointer.state")["buttons"] == [c], f"button {number}")
        xhost.xdotool("mouseup", number)
        wait_for(lambda: compositor.call("pointer.state")["buttons"] == [], "its release")


@pytest.mark.parametrize("renderer", ["gl", "cpu"])
def test_the_output_follows_the_window(xhost: XHost, headed: Start, renderer: str) -> None:
    compositor = headed(renderer=renderer, wallpaper=True)
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    for width, height in ((1000, 700), (321, 257), (1201, 801)):
        xhost.xdotool("windowsize", window, width, height)

        def size() -> tuple[int, int]:
            output = compositor.call("outputs.list")[0]
            return output["width"], output["height"]

        wait_for(lambda w=width, h=height: size() == (w, h), "the output's new mode")
        wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")
        # The wallpaper is nowhere black.
        assert (shown(xhost) != 0xFF000000).all()


ANIMATED = ("flower", "bubbles", "clock", "video", "resizer", "unsealed", "flower", "bubbles")


def held(compositor: Any, pid: int) -> dict[str, int]:
    """What a leak would make more of."""
    pools = compositor.call("pools.list")
    maps = Path(f"/proc/{pid}/maps").read_text()
    return {
        "textures": compositor.info["textures"],
        "pools": len(pools),
        "buffers": sum(pool["buffers"] for pool in pools),
        "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
        "memfds mapped": maps.count("memfd:"),
    }


@pytest.mark.slow
def test_two_hundred_sizes_while_eight_clients_draw_leak_nothing(xhost: XHost, headed: Start) -> None:
    compositor = headed(renderer="gl", wallpaper=True)
    pid = compositor.pid
    applications = [compositor.launch(demo(name, "--size", "200x150")) for name in ANIMATED]
    for application in applications:
        application.window()
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")

    def resize(steps: range) -> None:
        """Ten at once, as fast as the server takes them, the last seen to be drawn."""
        sizes = [(str(300 + step * 37 % 400), str(250 + step * 53 % 300)) for step in steps]
        xhost.xdotool(*(word for size in sizes for word in ("windowsize", window, *size)))
        wait_for(lambda: compositor.call("outputs.list")[0]["width"] == int(sizes[-1][0]), "the last size")
        before = compositor.call("outputs.list")[0]["frames"]
        wait_for(lambda: compositor.call("outputs.list")[0]["frames"] > before, "a frame of it")

    for start in range(0, 40, 10):
        resize(range(start, start + 10))
    before = held(compositor, pid)
    for start in range(40, 240, 10):
        resize(range(start, start + 10))

    def no_more_than_before() -> bool:
        # At any moment clients are in the middle of something: a few more are no leak of two hundred.
        return all(now <= before[what] + 16 for what, now in held(compositor, pid).items())

    wait_for(no_more_than_before, f"no more than {before}")
    assert len(ANIMATED) == len(compositor.window_infos())
    assert "bug" not in compositor.log and "rror" not in compositor.log
    for opened in compositor.windows:
        opened.close()
    wait_for(lambda: not compositor.call("pools.list"), "the end of their memory")
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")
    assert (shown(xhost) != 0xFF000000).all()


TEN = ("flower", "picture", "bubbles", "clock", "video", "paint", "textpad", "resizer", "unsealed", "menu")


@pytest.mark.slow
def test_ten_demos_and_a_terminal_run_in_the_window(xhost: XHost, headed: Start, need_program: Any) -> None:
    need_program("foot", "foot")
    compositor = headed(renderer="gl", wallpaper=True, outputs=["1000x700"])
    applications = [compositor.launch(demo(name, "--size", "220x160")) for name in TEN]
    for number, application in enumerate(applications):
        application.window().move(10 + number % 4 * 240, 40 + number // 4 * 210)
    terminal = compositor.launch(["foot", "-w", "300x200", "sh", "-c", "echo here; exec sleep 1000"]).window()
    terminal.move(600, 460)
    assert 11 == len(compositor.window_infos())
    before = compositor.call("outputs.list")[0]["frames"]
    wait_for(lambda: compositor.call("outputs.list")[0]["frames"] > before + 30, "thirty frames", 60)
    terminal.focus()

    def agrees() -> bool:
        """Whether what is on top and stands still is on the screen as a capture has it, but for corners."""
        image = terminal.screenshot().astype(np.uint32)[:-12]
        expected = image[..., 0] << 16 | image[..., 1] << 8 | image[..., 2]
        height, width = expected.shape
        return np.array_equal(expected, shown(xhost)[460 : 460 + height, 600 : 600 + width] & 0xFFFFFF)

    wait_for(agrees, "the terminal on the screen")
    assert "bug" not in compositor.log and "rror" not in compositor.log


def test_closing_the_window_ends_the_compositor(xhost: XHost, headed: Start) -> None:
    compositor = headed()
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    pid = compositor.pid
    xhost.ask_to_close(window)
    wait_for(lambda: not os.path.exists(f"/proc/{pid}") or _ended(pid), "the end")


def _ended(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_outputs_are_windows_that_come_and_go(xhost: XHost, headed: Start) -> None:
    compositor = headed(outputs=["400x300", "300x200"])
    wait_for(lambda: len(xhost.windows()) == 2, "two windows")
    assert ["WINDOW-1", "WINDOW-2"] == [o["name"] for o in compositor.call("outputs.list")]
    compositor.call("output.add", width=200, height=100)
    wait_for(lambda: len(xhost.windows()) == 3, "the third")
    compositor.call("output.remove", output="WINDOW-2")
    wait_for(lambda: len(xhost.windows()) == 2, "one less")
    second = xhost.windows("WINDOW-3")[0]
    xhost.ask_to_close(second)
    wait_for(lambda: len(xhost.windows()) == 1, "one less")
    assert ["WINDOW-1"] == [o["name"] for o in compositor.call("outputs.list")]


# Trouble


def test_opengl_that_is_too_old_is_said_and_done_without(xhost: XHost, headed: Start) -> None:
    old = {"MESA_GL_VERSION_OVERRIDE": "2.1", "MESA_GLSL_VERSION_OVERRIDE": "120"}
    compositor = headed(renderer="auto", env=old, wallpaper=True)
    assert "cpu" in compositor.info["renderer"]
    assert "no OpenGL, so the CPU draws" in compositor.log
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")


def test_opengl_that_was_demanded_and_is_too_old_is_an_error(xhost: XHost, headed: Start) -> None:
    from compositor.testing import CompositorDied

    old = {"MESA_GL_VERSION_OVERRIDE": "2.1", "MESA_GLSL_VERSION_OVERRIDE": "120"}
    with pytest.raises(CompositorDied, match=r"OpenGL 3\.3"):
        headed(renderer="gl", env=old)


def test_without_x_server_there_is_a_clear_message(xhost: XHost, headed: Start) -> None:
    from compositor.testing import CompositorDied

    for renderer in ("auto", "cpu"):
        with pytest.raises(CompositorDied, match="weddell: the X server :4711 does not answer"):
            headed(renderer=renderer, env={"DISPLAY": ":4711"})


@pytest.mark.parametrize("renderer", ["gl", "cpu"])
def test_the_compositor_ends_in_order_when_the_x_server_dies(
    xhost: XHost, headed: Start, renderer: str
) -> None:
    from compositor.testing import CompositorDied

    compositor = headed(renderer=renderer)
    compositor.launch(demo("flower")).window()
    pid, socket = compositor.pid, Path(compositor.socket)
    assert socket.exists()
    xhost.process.kill()
    wait_for(lambda: not os.path.exists(f"/proc/{pid}") or _ended(pid), "the end")
    assert "the X server is gone" in compositor.log
    assert not socket.exists()
    with pytest.raises(CompositorDied, match="ended with status 1"):
        compositor.close()


@pytest.mark.parametrize("renderer", ["gl", "cpu"])
def test_what_was_shown_stays_while_the_window_is_resized(xhost: XHost, headed: Start, renderer: str) -> None:
    compositor = headed(renderer=renderer, wallpaper=True)
    window = wait_for(lambda: (xhost.windows() or [None])[0], "the window")
    wait_for(lambda: is_on_screen(xhost, compositor), "the picture on the screen")
    stop = threading.Event()
    black: list[float] = []

    def watch() -> None:
        while not stop.is_set():
            black.append(float((xhost.screen()[:400, :500] == 0xFF000000).mean()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    # At least so often, and until that many were seen: a busy machine looks seldom.
    for step in range(400):
        if step >= 25 and len(black) > 20:
            break
        xhost.xdotool("windowsize", window, 500 + step * 97 % 700, 400 + step * 61 % 400)
    stop.set()
    watcher.join()
    assert 20 < len(black)
    assert 0 == max(black)
