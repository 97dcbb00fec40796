"""The demo clients of Weston, unmodified, each doing what it is there to show.

weston-confine is in test_input_tools; those that are also resized a hundred times are in
test_real_programs; those that cannot run here, and why, are in test_unsupported.
"""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures
from support.client import Client, Proxy
from support.looking import (
    Need,
    nothing_wrong,
    ready,
    redraws_when_resized,
    share_of,
    shows_something,
    wait_changed,
    wait_until,
)

from compositor.testing import Application, Compositor, Window

pytestmark = pytest.mark.slow


@pytest.fixture
def start(compositor: Compositor, need_program: Need) -> Start:
    """Return what starts one of them and waits for its window."""
    return Start(compositor, need_program)


class Start:
    """Starts a Weston client."""

    def __init__(self, compositor: Compositor, need_program: Need) -> None:
        self._compositor = compositor
        self._need = need_program

    def __call__(self, name: str, *arguments: str) -> tuple[Application, Window]:
        self._need(f"weston-{name}", "weston")
        app = self._compositor.launch([f"weston-{name}", *arguments])
        window = app.window()
        self._compositor.wait_keyboard_focus()
        return app, window


def ends(compositor: Compositor, app: Application, window: Window) -> None:
    """Have it closed, and expect that it ends and nothing went wrong."""
    window.close(timeout_s=20)
    assert 0 == app.wait(timeout_s=20), app.output
    nothing_wrong(compositor)


def test_clickdot_draws_a_dot_where_one_clicks(compositor: Compositor, start: Start) -> None:
    app, window = start("clickdot")
    before = ready(compositor, window)
    window.click(130, 150)
    after = wait_changed(window, before, "shows a dot")
    rows, columns = np.nonzero((before != after).any(axis=2))
    assert rows.min() <= 150 <= rows.max()
    assert columns.min() <= 130 <= columns.max()
    redraws_when_resized(window)
    ends(compositor, app, window)


def test_cliptest_obeys_its_keys(compositor: Compositor, start: Start) -> None:
    app, window = start("cliptest")
    before = ready(compositor, window)
    compositor.keyboard.press("d")
    wait_changed(window, before, "moves the clip")
    redraws_when_resized(window)
    ends(compositor, app, window)


def test_dnd_moves_an_item_to_where_it_is_dropped(compositor: Compositor, start: Start) -> None:
    app, window = start("dnd")
    before = ready(compositor, window)
    # Places of 80 pixels, every second of them with an item.
    here, there = (134, 75), (54, 75)
    area = (slice(60, 90), slice(39, 69))
    background = before[75, 54]
    assert (before[area] == background).all()
    assert (before[60:90, 119:149] != background).any()
    window.drag(here, there)
    window.wait_for_pixels(
        lambda image: bool((image[area] != background).any() and (image[60:90, 119:149] == background).all()),
        "shows the item where it was dropped, and there alone",
    )
    ends(compositor, app, window)


def test_eventdemo_tells_of_keys_and_buttons(compositor: Compositor, start: Start) -> None:
    app, window = start("eventdemo")
    ready(compositor, window)
    window.click(120, 130)
    compositor.keyboard.press("ctrl+a")
    redraws_when_resized(window)
    ends(compositor, app, window)
    # It writes to a file, so nothing is there before it ends.
    # Its coordinates are the surface's, 32 pixels of shadow included.
    assert 2 == app.output.count("key key: 30, unicode: 97")
    assert "button: 272, state: pressed, x: 152, y: 162" in app.output
    assert "unicode: 97, state: pressed, modifiers: 0x4" in app.output
    assert 3 <= app.output.count("resize width")


def test_fullscreen_goes_there_and_back(compositor: Compositor, start: Start) -> None:
    app, window = start("fullscreen")
    ready(compositor, window)
    size = window.size
    compositor.keyboard.press("f")
    window.wait_for(lambda w: "fullscreen" in w.state and w.size == compositor.output.mode, "is fullscreen")
    compositor.keyboard.press("f")
    window.wait_for(lambda w: "fullscreen" not in w.state and w.size == size, "is as before")
    ends(compositor, app, window)


@pytest.mark.parametrize("name", ["simple-damage", "simple-shm", "simple-egl"])
def test_an_animation_runs(compositor: Compositor, start: Start, name: str) -> None:
    _, window = start(name)
    first = window.wait_for_pixels(shows_something, "is not blank")
    second = wait_changed(window, first, "moves")
    wait_changed(window, second, "moves on")
    if name == "simple-egl":
        window.resize(320, 320)
        compositor.keyboard.press("F11")
        window.wait_for(lambda w: w.size == compositor.output.mode, "is fullscreen")
    nothing_wrong(compositor)


def test_stacking_opens_windows_and_a_popup(compositor: Compositor, start: Start) -> None:
    app, window = start("stacking")
    ready(compositor, window)
    compositor.keyboard.press("n")
    wait_until(compositor, lambda: len(app.windows) == 2, "a second window")
    second = app.windows[1]
    second.wait_for(lambda w: w.focused, "has the focus")
    ready(compositor, second)
    x, y = second.to_layout(*second.size)
    second.move(300, 300)
    window.move(900, 300)
    compositor.wait_idle()
    before = compositor.screenshot()
    second.focus()
    second.hover(60, 60)
    compositor.keyboard.press("p")
    wait_until(compositor, lambda: bool((compositor.screenshot() != before).any()), "the popup is shown")
    assert (x, y) != (0, 0)
    nothing_wrong(compositor)


def test_transformed_is_resized_and_shows_its_menu(compositor: Compositor, start: Start) -> None:
    app, window = start("transformed")
    ready(compositor, window)
    redraws_when_resized(window)
    bare = compositor.screenshot()
    window.click(250, 125, "right")
    wait_until(compositor, lambda: bool((compositor.screenshot() != bare).any()), "a menu")
    nothing_wrong(compositor)
    assert app.running


def test_smoke_rises_where_the_pointer_goes(compositor: Compositor, start: Start) -> None:
    _, window = start("smoke")
    window.hover(60, 100)
    before = window.screenshot()
    window.hover(140, 110)
    wait_changed(window, before, "shows smoke")
    nothing_wrong(compositor)


def test_simple_touch_draws_under_fingers(compositor: Compositor, start: Start) -> None:
    _, window = start("simple-touch")
    before = window.screenshot()
    compositor.touch.swipe(window.to_layout(100, 100), window.to_layout(300, 220))
    after = wait_changed(window, before, "shows a trace")
    rows, columns = np.nonzero((before != after).any(axis=2))
    assert 80 <= rows.min() and rows.max() <= 240
    assert 80 <= columns.min() and columns.max() <= 320
    nothing_wrong(compositor)


def test_image_shows_a_picture_and_zooms(compositor: Compositor, start: Start, tmp_path: Path) -> None:
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[:, :150] = (200, 30, 30)
    picture[:, 150:] = (30, 30, 200)
    path = tmp_path / "two-halves.png"
    Pictures.fromarray(picture).save(path)
    app, window = start("image", str(path))
    before = window.wait_for_pixels(lambda image: share_of(image, (200, 30, 30)) > 0.1, "shows the left half")
    assert share_of(before, (30, 30, 200)) > 0.1
    compositor.keyboard.press("plus")
    wait_changed(window, before, "is zoomed")
    redraws_when_resized(window)
    ends(compositor, app, window)


def test_multi_resource_gets_and_gives_back_pointers_and_keyboards_in_time(
    compositor: Compositor, start: Start
) -> None:
    app, window = start("multi-resource", "-p", "0:1", "-p", "0:3", "-k", "0:1", "-k", "0:3", "-k", "1:3")
    white = window.screenshot()
    assert 1 == share_of(white, tuple(int(value) for value in white[0, 0, :3]))
    # It says nothing of what it hears: what it holds is seen here.
    most = 0

    def gives_back() -> bool:
        nonlocal most
        window.click(100, 100)
        compositor.keyboard.press("a")
        [client] = [c for c in compositor.clients if c["pid"] == app.pid]
        most = max(most, client["objects"])
        return client["objects"] <= most - 3

    wait_until(compositor, gives_back, "it gives devices back")
    assert app.running, app.output
    nothing_wrong(compositor)


def test_calibrator_shows_the_next_cross_after_a_touch(compositor: Compositor, start: Start) -> None:
    _, window = start("calibrator")
    first = ready(compositor, window)
    rows, columns = np.nonzero((first != first[0, 0]).any(axis=2))
    center = (int(columns.min() + columns.max()) // 2, int(rows.min() + rows.max()) // 2)
    window.tap(*center)
    wait_changed(window, first, "shows the next cross")
    nothing_wrong(compositor)


def test_resizor_grows_by_its_own_keys_and_shows_a_menu(compositor: Compositor, start: Start) -> None:
    app, window = start("resizor")
    ready(compositor, window)
    width, height = window.size
    compositor.keyboard.press("Right")
    window.wait_for(lambda w: w.size[0] > width, "grows to the right")
    compositor.keyboard.press("Down")
    window.wait_for(lambda w: w.size[1] > height, "grows down")
    compositor.wait_idle()
    bare = compositor.screenshot()
    window.click(100, 100, "right")
    wait_until(compositor, lambda: bool((compositor.screenshot() != bare).any()), "a menu")
    compositor.keyboard.press("Escape")
    nothing_wrong(compositor)
    assert app.running


def test_terminal_runs_what_is_typed(compositor: Compositor, start: Start, tmp_path: Path) -> None:
    app, window = start("terminal", "--shell=/bin/sh")
    ready(compositor, window)
    compositor.keyboard.type(f"echo penguin > {tmp_path / 'typed'}; exit\n")
    window.wait_closed(20)
    app.wait(timeout_s=20)
    assert "penguin\n" == (tmp_path / "typed").read_text()
    nothing_wrong(compositor)


def test_subsurfaces_draws_its_parts_at_once(compositor: Compositor, start: Start) -> None:
    app, window = start("subsurfaces")
    first = window.wait_for_pixels(lambda image: len(np.unique(image)) > 20, "shows triangle and child")
    wait_changed(window, first, "turns")
    redraws_when_resized(window)
    window.close(timeout_s=20)
    app.wait(timeout_s=20)
    nothing_wrong(compositor)


def test_editor_takes_text_and_what_an_input_method_composes(
    compositor: Compositor, start: Start, need_program: Need
) -> None:
    app, window = start("editor")
    before = ready(compositor, window)
    window.click(100, 90)
    compositor.keyboard.type("krill")
    after = wait_changed(window, before, "shows what is typed")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(compositor.socket)
        client = Client(sock)
        method = client.get("zwp_input_method_manager_v2").get_input_method(client.get("wl_seat"))
        client.roundtrip()
        # Its text is told with every change; the field says "Entry" at first.
        wait_until(compositor, lambda: heard(client, method) == "Entrykrill", "the editor tells its text")
        method.commit_string(" 42")
        method.commit(method.count("done"))
        wait_until(compositor, lambda: heard(client, method) == "Entrykrill 42", "it takes the text")
    wait_changed(window, after, "shows what was composed")
    redraws_when_resized(window)
    ends(compositor, app, window)


def heard(client: Client, method: Proxy) -> str:
    """Return the text that an input method was told last."""
    client.roundtrip()
    return str(method.last("surrounding_text")[0])


@pytest.mark.options("--offer", "xdg_wm_base=3")
def test_presentation_shm_runs_where_xdg_shell_is_as_old_as_itself(
    compositor: Compositor, start: Start
) -> None:
    # It binds any version of xdg_wm_base, and aborts on events that it does not know.
    _, window = start("presentation-shm")
    first = window.wait_for_pixels(shows_something, "is not blank")
    wait_changed(window, first, "moves")
    nothing_wrong(compositor)
