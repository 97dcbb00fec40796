"""Viewers of pictures and films, launchers, notifications and other small tools, unmodified."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures
from support.looking import (
    PATIENCE_S,
    Need,
    changes_much,
    nothing_wrong,
    redraws_when_resized,
    share_of,
    shows_something,
    wait_changed,
    wait_until,
)

from compositor.testing import Compositor

pytestmark = pytest.mark.slow

NOTIFICATIONS = "org.freedesktop.Notifications"
RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture of two halves, red and blue."""
    pixels = np.zeros((200, 300, 3), np.uint8)
    # Programs round in ways of their own; what is all or nothing stays as it is.
    pixels[:, :150] = RED
    pixels[:, 150:] = BLUE
    path = tmp_path / "halves.png"
    Pictures.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize(("program", "package"), [("imv-wayland", "imv"), ("swayimg", "swayimg")])
def test_a_viewer_shows_a_picture_zooms_and_is_resized(
    compositor: Compositor,
    need_program: Need,
    home: dict[str, str],
    picture: Path,
    program: str,
    package: str,
) -> None:
    need_program(program, package)
    app = compositor.launch([program, str(picture)], env=home)
    window = app.window(timeout_s=PATIENCE_S)
    first = window.wait_for_pixels(
        lambda image: share_of(image, RED) > 0.03 and share_of(image, BLUE) > 0.03, "shows it", PATIENCE_S
    )
    compositor.wait_keyboard_focus()
    compositor.keyboard.press("plus")
    wait_changed(window, first, "is zoomed")
    redraws_when_resized(window)
    window.wait_for_pixels(lambda image: share_of(image, RED) > 0.03, "shows it still", PATIENCE_S)
    compositor.keyboard.press("q")
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    nothing_wrong(compositor)


def test_mpv_plays_a_film_pauses_and_goes_fullscreen(
    compositor: Compositor, need_program: Need, home: dict[str, str]
) -> None:
    need_program("mpv", "mpv")
    film = "av://lavfi:testsrc=size=320x240:rate=20:duration=600"
    argv = ["mpv", "--no-config", "--vo=wlshm", "--ao=null", "--osd-level=0", "--no-osc", film]
    app = compositor.launch(argv, env=home)
    window = app.window(timeout_s=PATIENCE_S)
    assert (320, 240) == window.size
    first = window.wait_for_pixels(shows_something, "is not blank", PATIENCE_S)
    wait_changed(window, first, "plays")
    compositor.wait_keyboard_focus()
    compositor.keyboard.press("space")
    wait_until(compositor, lambda: "(Paused)" in app.output, "it pauses")
    compositor.wait_idle(timeout_s=PATIENCE_S)
    compositor.keyboard.press("f")
    window.wait_for(lambda w: w.size == compositor.output.mode, "is fullscreen", PATIENCE_S)
    image = window.wait_for_pixels(
        lambda image: image.shape[:2] == compositor.output.mode[::-1] and shows_something(image), "fills it"
    )
    # The film is 4:3, the screen is not: black at both sides.
    assert (image[:, :100, :3] == 0).all() and (image[:, -100:, :3] == 0).all()
    compositor.keyboard.press("q")
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    nothing_wrong(compositor)


def test_wev_hears_every_device(compositor: Compositor, need_program: Need) -> None:
    need_program("wev", "wev")
    app = compositor.launch(["wev"])
    window = app.window(timeout_s=PATIENCE_S)
    compositor.wait_keyboard_focus()
    assert (500, 400) == window.resize(500, 400, PATIENCE_S)
    window.click(100, 120)
    window.scroll(100, 120, dy=1)
    compositor.keyboard.type("é")
    compositor.keyboard.press("ctrl+F5")
    compositor.touch.tap(*window.to_layout(50, 60))
    compositor.clipboard.text = "told"
    window.close(timeout_s=PATIENCE_S)
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    # It writes to a file, so nothing is there before it ends.
    for told in (
        "x, y: 100.000000, 120.000000",
        "button: 272 (left), state: 1 (pressed)",
        "axis: 0 (vertical)",
        "utf8: 'é'",
        "sym: F5",
        "touch] down",
        "mime_type: text/plain",
        "configure: width: 500; height: 400",
    ):
        assert told in app.output, told
    nothing_wrong(compositor)


@pytest.mark.parametrize("argv", [("wofi", "--dmenu"), ("tofi",)], ids=["wofi", "tofi"])
def test_a_launcher_takes_what_is_typed(
    compositor: Compositor, need_program: Need, home: dict[str, str], argv: tuple[str, ...]
) -> None:
    need_program(argv[0], argv[0])
    command = f"printf 'krill\\npetrel\\nseal\\n' | {' '.join(argv)} 2>/dev/null"
    with changes_much(compositor, "shows its list"):
        app = compositor.launch(["sh", "-c", command], env=home)
    wait_until(compositor, lambda: bool(compositor.call("keyboard.state")["focused"]), "it has the keyboard")
    compositor.keyboard.type("petr")
    compositor.wait_idle(timeout_s=PATIENCE_S)
    compositor.keyboard.press("Return")
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    assert "petrel\n" == app.output
    nothing_wrong(compositor)


def test_dunst_shows_a_notification_and_a_click_takes_it_away(
    compositor: Compositor, need_program: Need, home: dict[str, str]
) -> None:
    need_program("dunst", "dunst")
    need_program("dbus-run-session", "dbus-daemon")
    need_program("gdbus", "libglib2.0-bin")
    call = (
        f"gdbus call --session --dest {NOTIFICATIONS} "
        "--object-path /org/freedesktop/Notifications --method org.freedesktop.Notifications.Notify "
        "-- test 0 '' 'Thin ice' 'ahead' '[]' '{}' 0"
    )
    bare = compositor.screenshot()
    with changes_much(compositor, "shows the notification"):
        compositor.launch(
            ["dbus-run-session", "sh", "-c", f"dunst & gdbus wait --session {NOTIFICATIONS}; {call}; wait"],
            env=home,
        )
    compositor.wait_idle(timeout_s=PATIENCE_S)
    rows, columns = np.nonzero((compositor.screenshot() != bare).any(axis=2))
    assert columns.min() > bare.shape[1] / 2 and rows.max() < bare.shape[0] / 2
    compositor.pointer.click(float(columns.mean()), float(rows.mean()))
    wait_until(compositor, lambda: bool((compositor.screenshot() == bare).all()), "it is gone")
    nothing_wrong(compositor)


def test_swayidle_notes_that_nobody_does_anything_and_that_somebody_does(
    compositor: Compositor, need_program: Need, tmp_path: Path
) -> None:
    need_program("swayidle", "swayidle")
    idle, back = tmp_path / "idle", tmp_path / "back"
    compositor.launch(["swayidle", "timeout", "1", f"touch {idle}", "resume", f"touch {back}"])
    compositor.wait_until((), idle.exists, PATIENCE_S, lambda: "it never was idle")
    assert not back.exists()
    compositor.pointer.move(30, 30)
    compositor.wait_until((), back.exists, PATIENCE_S, lambda: "it never heard that somebody is back")
    nothing_wrong(compositor)


def test_wdisplays_shows_the_outputs(
    compositor: Compositor, need_program: Need, home: dict[str, str]
) -> None:
    need_program("wdisplays", "wdisplays")
    compositor.add_output(1280, 720)
    app = compositor.launch(["wdisplays"], env=home)
    window = app.window(timeout_s=PATIENCE_S)
    window.wait_for_pixels(shows_something, "is not blank", PATIENCE_S)
    redraws_when_resized(window)
    window.close(timeout_s=PATIENCE_S)
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    nothing_wrong(compositor)
