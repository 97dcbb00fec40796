"""Panels, menus, the launcher's programs, and what is known of windows."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.pixels import Buffer, is_unsealable
from support.windows import Toplevel
from test_gl_window import demo, place, shown
from xhost import XHost, wait_for

from compositor.backend.window.inspector import Inspector
from compositor.backend.window.menus import Entry, Menu
from compositor.backend.window.panels import Panel, Row, draw_panel, panel_size, row_at
from compositor.backend.window.programs import desktop_entry, programs
from compositor.backend.window.shortcuts import Shortcuts
from compositor.clock import ManualClock
from compositor.commands.run import EPILOGS
from compositor.geometry import Rect
from compositor.limits import Limits
from compositor.model.desktop import Desktop
from compositor.model.seat import Seat
from compositor.server import OutputSpec
from compositor.timers import TimerQueue

Start = Callable[..., Any]


def test_a_panel_is_as_large_as_it_says_and_has_text() -> None:
    panel = Panel("Title", (Row("left", "right"), Row("a longer line of text")), "hint")
    for scale in (1.0, 1.5, 2.0):
        content = draw_panel(panel, scale)
        width, height = panel_size(panel)
        assert (round(height * scale), round(width * scale)) == content.pixels.shape
        assert 50 < len(np.unique(content.pixels))
        # Corners are cut, colours are premultiplied.
        assert 0 == content.pixels[0, 0]
        channels = content.pixels.view(np.uint8).reshape(*content.pixels.shape, 4)
        assert (channels[..., :3] <= channels[..., 3:]).all()


def test_rows_are_found_by_their_height() -> None:
    panel = Panel("Title", (Row("first"), Row("second")), large=True)
    _, height = panel_size(panel)
    assert [None, 0, 1, None] == [row_at(panel, y) for y in (20, 60, 90, height + 1)]


def test_programs_are_the_demos_and_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "applications"
    folder.mkdir()
    (folder / "a.desktop").write_text("[Desktop Entry]\nType=Application\nName=Shell\nExec=sh -c 'true' %U\n")
    (folder / "b.desktop").write_text("[Desktop Entry]\nName=Hidden\nExec=sh\nNoDisplay=true\n")
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    found = {program.name: program for program in programs()}
    assert ("sh", "-c", "true") == found["Shell"].argv
    assert "Hidden" not in found
    assert {"Flower", "Clock", "Liar"} <= set(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[Desktop Entry]\nName=x\n",
        "[Desktop Entry]\nName=x\nExec='unclosed\n",
        "[Desktop Entry]\nName=x\nExec=no-such-program-anywhere\n",
        "[Desktop Entry]\nName=x\nExec=sh\nTerminal=true\n",
        "[Other]\nName=x\nExec=sh\n",
    ],
)
def test_desktop_files_that_name_no_program_are_left_out(text: str) -> None:
    assert desktop_entry(text) is None


def test_every_shortcut_is_listed_in_the_readme_and_in_the_help() -> None:
    desktop = Desktop(ManualClock(), Limits(), TimerQueue(), lambda: 1)
    desktop.seat = Seat(desktop)
    table = Shortcuts(desktop, lambda argv: None, lambda colours: None, lambda inspector: None).table
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    words = " ".join(EPILOGS["run"].split())
    for shortcut in table:
        assert f"| <kbd>{shortcut.name}</kbd> | {shortcut.about} |" in readme
        assert f"{shortcut.name} " in words
        assert shortcut.about.split(",")[0].split(":")[0] in words


def inspected(server: Any) -> dict[str, tuple[list[tuple[str, str]], Rect]]:
    """Texts and place of each panel of the inspector, by what its first line says."""
    inspector = Inspector(server.desktop)
    inspector.toggle()
    found = {}
    for panel, x, y in inspector._place():
        rows = [(row.left, row.right) for row in panel.rows]
        found[rows[0][0]] = rows[1:], Rect(x, y, *panel_size(panel))
    inspector.toggle()
    return found


def test_the_inspector_says_what_the_memory_of_a_window_is(make_stage: Callable[..., Any]) -> None:
    server = make_stage(outputs=[OutputSpec(900, 600)])
    client = server.connect()
    window = Toplevel(client)
    window.toplevel.set_app_id("sealed")
    window.show(300, 200)
    other = Toplevel(server.connect())
    other.toplevel.set_app_id("unsealed")
    other.start().attach(Buffer(other.client, 200, 100, **is_unsealable()))
    other.client.roundtrip()
    panels = inspected(server)
    pid = os.getpid()
    assert [
        ("300 × 200 · XRGB8888", f"pid {pid}"),
        ("pool 1 · 234 KiB", "never grew"),
        ("SEALED", "SHRINK"),
    ] == panels["sealed"][0]
    assert [
        ("200 × 100 · XRGB8888", f"pid {pid}"),
        ("pool 1 · 78.1 KiB", "never grew"),
        ("COPY", "SEAL"),
    ] == panels["unsealed"][0]


def test_the_inspectors_panels_keep_out_of_each_others_way(make_stage: Callable[..., Any]) -> None:
    server = make_stage(outputs=[OutputSpec(900, 600)])
    client = server.connect()
    # Each in the way of the one before, and one that sticks out of the screen.
    for number, (x, y) in enumerate(((50, 50), (150, 150), (250, 250), (700, 500))):
        window = Toplevel(client)
        window.toplevel.set_app_id(f"window {number}")
        window.show(400, 300)
        server.desktop.windows[-1].move_to(x, y)
    rects = [rect for _, rect in inspected(server).values()]
    assert 4 == len(rects)
    for rect in rects:
        assert Rect(0, 0, 900, 600).contains_rect(rect)
        assert not any(rect.intersects(other) for other in rects if other is not rect)


def test_a_menu_fits_the_screen_that_it_is_on(make_stage: Callable[..., Any]) -> None:
    for width, height, rows in ((900, 600, 12), (400, 300, 5), (200, 100, 1)):
        server = make_stage(outputs=[OutputSpec(width, height)])
        chosen: list[int] = []
        menu = Menu(server.desktop)
        menu.show("Numbers", [Entry(str(n), "", lambda n=n, to=chosen: to.append(n)) for n in range(30)])
        ((panel, x, y),) = menu._place()
        assert rows == len(panel.rows)
        if rows > 1:
            rect = Rect(x, y, *panel_size(panel))
            assert Rect(0, 0, width, height).contains_rect(rect)
            # There is wallpaper at both sides.
            assert x >= 16 and rect.x2 <= width - 16
        # A page is what is seen at once, and what is pressed is what is seen.
        menu.key(0xFF56, "")
        ((panel, x, y),) = menu._place()
        assert str(rows) == panel.rows[panel.selected].left
        _, height = panel_size(panel)
        row = next(n for n in range(height) if row_at(panel, n) == 0)
        menu._pressed(panel, 20, row)
        assert [int(panel.rows[0].left)] == chosen


# On the screen


def differs(xhost: XHost, before: np.ndarray) -> bool:
    return bool((shown(xhost) != before).any())


def picture(xhost: XHost) -> np.ndarray:
    """What is shown, once there is more than a plain colour."""
    return wait_for(lambda: shown(xhost).copy() if len(np.unique(shown(xhost))) > 500 else None, "a picture")


@pytest.mark.needs_gl
@pytest.mark.parametrize("prefix", ["super", "ctrl+alt"])
def test_a_program_is_started_from_the_launcher(xhost: XHost, headed: Start, prefix: str) -> None:
    compositor = headed(wallpaper=True)
    x, y, width, height = place(xhost)
    xhost.xdotool("mousemove", x + width - 2, y + height - 2)
    before = shown(xhost).copy()
    xhost.xdotool("key", f"{prefix}+space")
    wait_for(lambda: differs(xhost, before), "the launcher")
    xhost.xdotool("type", "--delay", "10", "clo")
    xhost.xdotool("key", "Return")
    window = compositor.window(title="Clock")
    assert "Clock" == window.title


@pytest.mark.needs_gl
def test_keys_for_a_menu_reach_no_client(xhost: XHost, headed: Start, tmp_path: Path) -> None:
    compositor = headed()
    said = tmp_path / "said"
    compositor.launch(["foot", "sh", "-c", f"read l; echo $l > {said}.new; mv {said}.new {said}"]).window()
    compositor.wait_keyboard_focus()
    x, y, _, _ = place(xhost)
    xhost.xdotool("mousemove", x + 3, y + 3)
    xhost.xdotool("type", "--delay", "10", "be")
    xhost.xdotool("key", "super+h")
    xhost.xdotool("type", "--delay", "10", "zzz")
    xhost.xdotool("key", "Escape")
    xhost.xdotool("type", "--delay", "10", "fore")
    xhost.xdotool("key", "Return")
    wait_for(said.exists, "the line")
    assert "before\n" == said.read_text()


@pytest.mark.needs_gl
def test_the_inspector_shows_and_flashes_and_goes_without_a_trace(xhost: XHost, headed: Start) -> None:
    compositor = headed(wallpaper=True)
    compositor.launch(demo("menu")).window().move(100, 100)
    compositor.wait_idle()
    x, y, _, _ = place(xhost)
    xhost.xdotool("mousemove", x + 3, y + 3)
    compositor.wait_idle()
    before = wait_for(
        lambda: shown(xhost).copy() if len(np.unique(shown(xhost))) > 500 else None, "the window"
    )
    xhost.xdotool("key", "super+i")
    wait_for(lambda: differs(xhost, before), "the inspector")
    xhost.xdotool("key", "super+i")
    wait_for(lambda: not differs(xhost, before), "the picture from before")
    assert "bug" not in compositor.log


@pytest.mark.needs_gl
def test_the_window_list_activates_the_window_before(xhost: XHost, headed: Start) -> None:
    compositor = headed()
    first = compositor.launch(demo("menu")).window()
    compositor.launch(demo("clock")).window()
    wait_for(lambda: compositor.focused_window.title == "Clock", "the focus")
    x, y, _, _ = place(xhost)
    xhost.xdotool("mousemove", x + 3, y + 3)
    xhost.xdotool("key", "super+Tab")
    xhost.xdotool("key", "Return")
    wait_for(lambda: compositor.focused_window.id == first.id, "the other window")


@pytest.mark.needs_gl
def test_colours_are_changed_on_the_screen_and_not_in_captures(xhost: XHost, headed: Start) -> None:
    compositor = headed(renderer="gl", wallpaper=True)
    x, y, _, _ = place(xhost)
    xhost.xdotool("mousemove", x + 3, y + 3)
    before = wait_for(
        lambda: shown(xhost).copy() if len(np.unique(shown(xhost))) > 500 else None, "wallpaper"
    )
    capture = compositor.screenshot()
    xhost.xdotool("key", "super+n")
    wait_for(lambda: differs(xhost, before), "night")
    blue = (shown(xhost)[20:] & 255).astype(int)
    assert (blue < (before[20:] & 255)).mean() > 0.9
    assert np.array_equal(capture, compositor.screenshot())
    xhost.xdotool("key", "super+n")
    wait_for(lambda: not differs(xhost, before), "day")


@pytest.mark.slow
@pytest.mark.needs_gl
@pytest.mark.timeout(180)
def test_the_picture_of_the_readme_can_be_made(tmp_path: Path, need_program: Callable[..., str]) -> None:
    for program, package in (("foot", "foot"), ("Xvfb", "xvfb"), ("xdotool", "xdotool")):
        need_program(program, package)
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, str(root / "docs/pictures/make_pictures.py"), "desktop"]
    subprocess.run([*command, "--directory", str(tmp_path)], check=True, timeout=170, capture_output=True)
    made, kept = (
        np.asarray(Image.open(folder / "desktop.webp").convert("RGB")).astype(int)
        for folder in (tmp_path, root / "docs/pictures")
    )
    assert (750, 1200, 3) == made.shape
    # As it stands in the README, but for numbers of processes and what moved on meanwhile.
    assert (np.abs(made - kept).max(axis=-1) < 40).mean() > 0.8
