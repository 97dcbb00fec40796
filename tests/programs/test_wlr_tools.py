"""The tools of the wlroots family, unmodified: screenshots, panels, launchers, lockers, output set-up."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from compositor.testing import Application, Compositor, CompositorDied, Window

Image = npt.NDArray[np.uint8]
Need = Callable[[str, str], str]

WIDTH, HEIGHT = 640, 400
TRANSFORMS = ("normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270")


@pytest.fixture
def screen(compositor: Compositor) -> Compositor:
    """The compositor, its output 640×400."""
    compositor.output.configure(width=WIDTH, height=HEIGHT)
    return compositor


def run(compositor: Compositor, *argv: str) -> str:
    """Run a program to its end, which must be a good one, and return its output."""
    app = compositor.launch(list(argv))
    assert 0 == app.wait(timeout_s=20), app.output
    return app.output


def wait_for(compositor: Compositor, condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so; looked at again after every frame."""
    compositor.wait_until(("window", "frame", "output", "client"), condition, 20, lambda: f"never: {what}")


def ppm(path: Path) -> Image:
    """Read a binary PPM of 8 bits: (height, width, 3) uint8."""
    data = path.read_bytes()
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    assert head is not None, data[:20]
    width, height = int(head[1]), int(head[2])
    return np.frombuffer(data, np.uint8, offset=head.end()).reshape(height, width, 3)


def all_of(image: Image, color: tuple[int, int, int]) -> bool:
    """Whether a picture has one colour."""
    return bool((image[..., :3] == color).all())


def show_foot(compositor: Compositor) -> Window:
    """Show a window with text in it."""
    window = compositor.launch(["foot", "-W", "40x10", "sh", "-c", "echo Weddell; sleep 1000"]).window()
    compositor.wait_idle()
    return window


# Screenshots


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_grim_sees_what_we_see_however_the_output_is_turned(
    screen: Compositor, need_program: Need, tmp_path: Path, transform: str
) -> None:
    need_program("grim", "grim")
    need_program("foot", "foot")
    show_foot(screen)
    screen.output.configure(transform=transform)
    screen.wait_idle()
    run(screen, "grim", "-t", "ppm", str(tmp_path / "grim.ppm"))
    ours = screen.screenshot()[..., :3]
    assert len(np.unique(ours)) > 2
    np.testing.assert_array_equal(ours, ppm(tmp_path / "grim.ppm"))


def test_grim_copies_a_region(screen: Compositor, need_program: Need, tmp_path: Path) -> None:
    need_program("grim", "grim")
    need_program("foot", "foot")
    window = show_foot(screen)
    x, y, _, _ = window.geometry
    run(screen, "grim", "-g", f"{x},{y} 120x50", "-t", "ppm", str(tmp_path / "grim.ppm"))
    ours = screen.screenshot()[y : y + 50, x : x + 120, :3]
    assert len(np.unique(ours)) > 2
    np.testing.assert_array_equal(ours, ppm(tmp_path / "grim.ppm"))


def test_grim_copies_the_cursor_only_when_asked(
    screen: Compositor, need_program: Need, tmp_path: Path
) -> None:
    need_program("grim", "grim")
    screen.pointer.move(300, 200)
    run(screen, "grim", "-t", "ppm", str(tmp_path / "without.ppm"))
    run(screen, "grim", "-c", "-t", "ppm", str(tmp_path / "with.ppm"))
    without, image = ppm(tmp_path / "without.ppm"), ppm(tmp_path / "with.ppm")
    np.testing.assert_array_equal(screen.screenshot(cursor=True)[..., :3], image)
    rows, columns = np.nonzero((without != image).any(axis=2))
    assert len(rows) > 20
    assert 280 < columns.min() <= 300 <= columns.max() < 330
    assert 180 < rows.min() <= 200 <= rows.max() < 230


def test_wf_recorder_records_what_changes(screen: Compositor, need_program: Need, tmp_path: Path) -> None:
    need_program("wf-recorder", "wf-recorder")
    need_program("foot", "foot")
    target = tmp_path / "film.nut"
    app = screen.launch(["wf-recorder", "-c", "rawvideo", "-x", "bgr0", "-f", str(target)])
    wait_for(screen, lambda: target.exists() and target.stat().st_size > 0, "wf-recorder writes")
    window = screen.launch(["foot", "sh", "-c", "read line"]).window()
    # The film is raw: it grows with every frame, and frames come when something changes.
    before = target.stat().st_size
    screen.wait_keyboard_focus()

    def typed_and_filmed() -> bool:
        window.type("x")
        return target.stat().st_size > before + WIDTH * HEIGHT * 4

    wait_for(screen, typed_and_filmed, "the film grows with what is typed")
    app.signal(signal.SIGINT)
    assert 0 == app.wait(timeout_s=20), app.output


# Layers


def test_swaybg_colours_the_background_below_windows(screen: Compositor, need_program: Need) -> None:
    need_program("swaybg", "swaybg")
    need_program("foot", "foot")
    window = show_foot(screen)
    screen.launch(["swaybg", "-c", "#4477aa"])
    wait_for(screen, lambda: screen.screenshot()[HEIGHT - 1, 0, :3].tolist() == [0x44, 0x77, 0xAA], "colour")
    shot = screen.screenshot()
    x, y, width, height = window.geometry
    np.testing.assert_array_equal(window.screenshot()[..., :3], shot[y : y + height, x : x + width, :3])
    assert all_of(shot[:, -2:], (0x44, 0x77, 0xAA))


def test_swaybg_follows_the_mode_of_the_output(screen: Compositor, need_program: Need) -> None:
    need_program("swaybg", "swaybg")
    screen.launch(["swaybg", "-c", "#4477aa"])
    wait_for(screen, lambda: all_of(screen.screenshot(), (0x44, 0x77, 0xAA)), "the whole output is coloured")
    screen.output.configure(width=800, height=600)
    wait_for(
        screen,
        lambda: (
            screen.screenshot().shape[:2] == (600, 800) and all_of(screen.screenshot(), (0x44, 0x77, 0xAA))
        ),
        "all of the larger output is coloured",
    )


@pytest.fixture
def waybar(screen: Compositor, need_program: Need, tmp_path: Path) -> Application:
    """A panel of waybar's at the top, 40 pixels high."""
    need_program("waybar", "waybar")
    need_program("dbus-run-session", "dbus-daemon")
    config = tmp_path / "waybar.json"
    settings = {"layer": "top", "height": 40, "modules-left": ["custom/x"], "custom/x": {"format": "panel"}}
    config.write_text(json.dumps(settings))
    style = tmp_path / "waybar.css"
    style.write_text("* { border: none; min-height: 0; } window#waybar { background: #aa3366; }")
    app = screen.launch(["dbus-run-session", "waybar", "-c", str(config), "-s", str(style)])
    wait_for(
        screen,
        lambda: screen.screenshot()[1, WIDTH - 2, :3].tolist() == [0xAA, 0x33, 0x66],
        "waybar shows its panel",
    )
    return app


def test_a_maximized_window_leaves_waybar_its_room_and_takes_it_when_it_goes(
    screen: Compositor, need_program: Need, waybar: Application
) -> None:
    need_program("foot", "foot")
    window = show_foot(screen)
    window.maximize()
    x, y, width, height = window.geometry
    bare_top = y - 40
    assert (0, WIDTH, HEIGHT) == (x, width, y + height)
    assert 0 <= bare_top < 40
    assert all_of(screen.screenshot()[:40, -2:], (0xAA, 0x33, 0x66))
    waybar.terminate()
    wait_for(screen, lambda: window.geometry == (0, bare_top, WIDTH, HEIGHT - bare_top), "the room is taken")


def test_a_fullscreen_window_covers_waybar(
    screen: Compositor, need_program: Need, waybar: Application
) -> None:
    need_program("foot", "foot")
    window = show_foot(screen)
    window.fullscreen()
    assert (0, 0, WIDTH, HEIGHT) == window.geometry
    np.testing.assert_array_equal(window.screenshot()[..., :3], screen.screenshot()[..., :3])


def test_fuzzel_takes_what_is_typed_and_gives_the_keyboard_back(
    screen: Compositor, need_program: Need, tmp_path: Path
) -> None:
    need_program("fuzzel", "fuzzel")
    need_program("foot", "foot")
    typed = tmp_path / "typed"
    foot = screen.launch(["foot", "sh", "-c", f'read line; printf %s "$line" > {typed}'])
    foot.window()
    screen.wait_keyboard_focus()
    bare = screen.screenshot()
    launcher = screen.launch(["sh", "-c", "printf 'krill\\npetrel\\nseal\\n' | fuzzel --dmenu 2>/dev/null"])
    wait_for(screen, lambda: bool((screen.screenshot() != bare).any()), "fuzzel shows its list")
    wait_for(screen, lambda: screen.call("keyboard.state")["window"] is None, "fuzzel has the keyboard")
    screen.keyboard.type("petr\n")
    assert 0 == launcher.wait(timeout_s=20)
    assert "petrel\n" == launcher.output
    wait_for(screen, lambda: screen.call("keyboard.state")["window"] is not None, "foot has the keyboard")
    screen.keyboard.type("back\n")
    foot.wait(timeout_s=20)
    assert "back" == typed.read_text()


def test_mako_shows_a_notification_at_the_corner(
    screen: Compositor, need_program: Need, tmp_path: Path
) -> None:
    need_program("mako", "mako-notifier")
    need_program("dbus-run-session", "dbus-daemon")
    need_program("gdbus", "libglib2.0-bin")
    bare = screen.screenshot()
    call = (
        "gdbus call --session --dest org.freedesktop.Notifications "
        "--object-path /org/freedesktop/Notifications --method org.freedesktop.Notifications.Notify "
        "-- test 0 '' 'Thin ice' 'ahead' '[]' '{}' 0"
    )
    config = tmp_path / "mako"
    config.write_text("background-color=#227744\nborder-size=0\nanchor=top-right\nmargin=10\n")
    script = f"mako -c {config} & until {call}; do :; done; wait"
    screen.launch(["dbus-run-session", "sh", "-c", script])

    def shown() -> bool:
        return bool((screen.screenshot()[20, WIDTH - 20, :3] == (0x22, 0x77, 0x44)).all())

    wait_for(screen, shown, "mako shows the notification")
    changed = (screen.screenshot() != bare).any(axis=2)
    assert not changed[:, : WIDTH // 4].any()
    assert not changed[:, WIDTH - 9 :].any()
    assert not changed[:9].any()


def test_slurp_selects_a_region_with_the_pointer(screen: Compositor, need_program: Need) -> None:
    need_program("slurp", "slurp")
    bare = screen.screenshot()
    slurp = screen.launch(["slurp", "-f", "%x %y %w %h"])
    wait_for(screen, lambda: bool((screen.screenshot() != bare).any()), "slurp dims the screen")
    screen.pointer.drag((100, 80), (260, 170))
    assert 0 == slurp.wait(timeout_s=20), slurp.output
    x, y, width, height = (int(word) for word in slurp.output.split())
    assert (100, 80) == (x, y)
    assert abs(width - 160) <= 1
    assert abs(height - 90) <= 1


# Outputs


def test_wlr_randr_changes_mode_scale_place_and_transform(screen: Compositor, need_program: Need) -> None:
    need_program("wlr-randr", "wlr-randr")
    name = screen.output.name
    run(screen, "wlr-randr", "--output", name, "--mode", "1280x720")
    assert (1280, 720) == screen.output.mode
    custom = ("--custom-mode", "1000x700@75Hz", "--scale", "1.5", "--transform", "90", "--pos", "10,20")
    run(screen, "wlr-randr", "--output", name, *custom)
    info = screen.output.info
    assert (1000, 700, 75_000) == (info["width"], info["height"], info["refresh_mhz"])
    assert (1.5, "90", 10, 20) == (info["scale"], info["transform"], info["x"], info["y"])
    listed = run(screen, "wlr-randr")
    assert "1000x700 px, 75.000000 Hz (current)" in listed
    assert "Transform: 90" in listed
    assert "Scale: 1.500000" in listed


def test_wlr_randr_switches_an_output_off_and_on(screen: Compositor, need_program: Need) -> None:
    need_program("wlr-randr", "wlr-randr")
    need_program("foot", "foot")
    second = screen.add_output(800, 600)
    window = show_foot(screen)
    window.move(WIDTH + 100, 100)
    run(screen, "wlr-randr", "--output", second.name, "--off")
    assert [screen.output.name] == [output.name for output in screen.outputs]
    assert window.geometry.x < WIDTH
    assert "Enabled: no" in run(screen, "wlr-randr")
    run(screen, "wlr-randr", "--output", second.name, "--on")
    assert second.name in [output.name for output in screen.outputs]
    assert (800, 600) == second.screenshot().shape[1::-1]


# Lock


def test_swaylock_hides_everything_takes_the_keyboard_and_gives_it_back(
    screen: Compositor, need_program: Need, tmp_path: Path
) -> None:
    need_program("swaylock", "swaylock")
    need_program("foot", "foot")
    typed = tmp_path / "typed"
    foot = screen.launch(["foot", "sh", "-c", f'read line; printf %s "$line" > {typed}'])
    window = foot.window()
    screen.wait_keyboard_focus()
    screen.wait_idle()
    before = screen.screenshot()
    lock = screen.launch(["swaylock", "-u", "-c", "884422"])
    wait_for(screen, lambda: all_of(screen.screenshot(), (0x88, 0x44, 0x22)), "only the lock is seen")
    assert screen.call("keyboard.state")["window"] is None
    screen.keyboard.type("secret")
    screen.pointer.click(*window.to_layout(20, 20))
    assert all_of(screen.screenshot(), (0x88, 0x44, 0x22))
    # What swaylock takes for a good password from whoever may signal it.
    lock.signal(signal.SIGUSR1)
    assert 0 == lock.wait(timeout_s=20), lock.output
    wait_for(screen, lambda: screen.call("keyboard.state")["window"] is not None, "foot has the keyboard")
    screen.wait_idle()
    np.testing.assert_array_equal(before, screen.screenshot())
    screen.keyboard.type("open\n")
    foot.wait(timeout_s=20)
    assert "open" == typed.read_text()


def test_a_session_whose_locker_was_killed_stays_locked_until_another_unlocks_it(
    screen: Compositor, need_program: Need
) -> None:
    need_program("swaylock", "swaylock")
    need_program("foot", "foot")
    window = show_foot(screen)
    lock = screen.launch(["swaylock", "-u", "-c", "884422"])
    wait_for(screen, lambda: all_of(screen.screenshot(), (0x88, 0x44, 0x22)), "only the lock is seen")
    lock.kill()
    wait_for(screen, lambda: not all_of(screen.screenshot(), (0x88, 0x44, 0x22)), "the lock is not seen")
    shot = screen.screenshot()
    assert all_of(shot, tuple(int(v) for v in shot[0, 0, :3]))
    assert screen.call("keyboard.state")["window"] is None
    other = screen.launch(["swaylock", "-u", "-c", "228844"])
    wait_for(screen, lambda: all_of(screen.screenshot(), (0x22, 0x88, 0x44)), "the other lock is seen")
    other.signal(signal.SIGUSR1)
    assert 0 == other.wait(timeout_s=20), other.output
    wait_for(screen, lambda: window.focused, "the window is back")


# Who may


def test_wayland_info_lists_what_is_offered(screen: Compositor, need_program: Need) -> None:
    need_program("wayland-info", "wayland-utils")
    listed = run(screen, "wayland-info")
    for name, version in (
        ("zwlr_screencopy_manager_v1", 3),
        ("zwlr_layer_shell_v1", 5),
        ("zwlr_foreign_toplevel_manager_v1", 3),
        ("zwlr_output_manager_v1", 4),
        ("ext_session_lock_manager_v1", 1),
        ("wp_security_context_manager_v1", 1),
    ):
        assert re.search(rf"'{name}',\s+version:\s+{version}\b", listed), name
    assert "'wl_shell'" not in listed


def test_grim_may_not_look_unless_trusted_where_only_launched_programs_may(
    need_program: Need, tmp_path: Path
) -> None:
    need_program("grim", "grim")
    with Compositor(outputs=["320x200"], arguments=["--privileged", "launched"]) as compositor:
        target = str(tmp_path / "grim.ppm")
        refused = compositor.launch(["grim", "-t", "ppm", target])
        assert 0 != refused.wait(timeout_s=20)
        trusted = compositor.launch(["grim", "-t", "ppm", target], trusted=True)
        assert 0 == trusted.wait(timeout_s=20), trusted.output
    assert (200, 320, 3) == ppm(Path(target)).shape


def test_the_option_brings_wl_shell(need_program: Need) -> None:
    need_program("wayland-info", "wayland-utils")
    with Compositor(outputs=["320x200"], arguments=["--legacy-shell"]) as compositor:
        listed = subprocess.run(
            ["wayland-info"],
            env={"WAYLAND_DISPLAY": compositor.socket, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    assert "'wl_shell'" in listed.stdout


def test_an_option_offers_less_of_a_global_or_nothing(need_program: Need) -> None:
    need_program("wayland-info", "wayland-utils")
    less = ["--offer", "xdg_wm_base=3", "--offer", "wl_seat=0", "--offer", "wl_output=99"]
    with Compositor(outputs=["320x200"], arguments=less) as compositor:
        listed = run(compositor, "wayland-info")
    assert re.search(r"'xdg_wm_base',\s+version:\s+3\b", listed)
    assert re.search(r"'wl_output',\s+version:\s+4\b", listed)
    assert "wl_seat" not in listed


@pytest.mark.parametrize(
    ("offer", "problem"),
    [
        ("xdg_wm_bass=3", "no such global"),
        ("xdg_wm_base", "is not GLOBAL=VERSION"),
        ("x=-1", "is not GLOBAL"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(offer: str, problem: str) -> None:
    with pytest.raises(CompositorDied, match=problem):
        Compositor(arguments=["--offer", offer])
