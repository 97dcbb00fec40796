"""Programs of the toolkits, unmodified: GTK 3 and 4, Qt 5 and 6, SDL 2, OpenGL."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.looking import (
    PATIENCE_S,
    Image,
    Need,
    changes_much,
    nothing_wrong,
    ready,
    redraws_when_resized,
    shows_something,
    wait_changed,
    wait_until,
)

from compositor.testing import Compositor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

CAIRO = {"GSK_RENDERER": "cairo"}
"""GTK 4 draws with OpenGL otherwise, and would have to find a driver."""
SDL_TESTS = Path("/usr/libexec/installed-tests/SDL2")


# GTK


@pytest.mark.parametrize(
    ("program", "package"),
    [("gtk3-widget-factory", "gtk-3-examples"), ("gtk4-widget-factory", "gtk-4-examples")],
)
def test_a_widget_factory_takes_text_copies_it_and_shows_a_menu(
    compositor: Compositor, need_program: Need, home: dict[str, str], program: str, package: str
) -> None:
    need_program(program, package)
    app = compositor.launch([program], env={**CAIRO, **home})
    window = app.window(timeout_s=PATIENCE_S)
    window.wait_for_pixels(shows_something, "is not blank", PATIENCE_S)
    # The first field has the keyboard; spinners turn, so it never rests.
    compositor.keyboard.press("ctrl+a")
    compositor.keyboard.type("krill 42")
    compositor.keyboard.press("ctrl+a")
    compositor.keyboard.press("ctrl+c")
    compositor.clipboard.wait_text("krill 42", PATIENCE_S)
    redraws_when_resized(window)
    with changes_much(compositor, "shows a menu"):
        window.click(window.size[0] - 72, 20)
    window.close(timeout_s=PATIENCE_S)
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    nothing_wrong(compositor)


@pytest.mark.parametrize(
    ("program", "package", "row"),
    [("gtk3-demo", "gtk-3-examples", 203), ("gtk4-demo", "gtk-4-examples", 411)],
)
def test_a_demo_opens_another_of_its_windows(
    compositor: Compositor, need_program: Need, home: dict[str, str], program: str, package: str, row: int
) -> None:
    need_program(program, package)
    app = compositor.launch([program], env={**CAIRO, **home})
    window = app.window(timeout_s=PATIENCE_S)
    before = ready(compositor, window)
    window.click(80, row)
    wait_changed(window, before, "shows what was chosen")
    window.click(35, 22)
    second = app.window(index=1, timeout_s=PATIENCE_S)
    assert "Clipboard" == second.title
    second.wait_for_pixels(shows_something, "is not blank", PATIENCE_S)
    redraws_when_resized(second)
    second.close(timeout_s=PATIENCE_S)
    redraws_when_resized(window)
    window.close(timeout_s=PATIENCE_S)
    app.wait(timeout_s=PATIENCE_S)
    nothing_wrong(compositor)


@pytest.mark.parametrize(
    ("program", "package", "argument"),
    [
        ("mousepad", "mousepad", "--disable-server"),
        ("gnome-text-editor", "gnome-text-editor", "-s"),
        ("featherpad", "featherpad", "-s"),
    ],
)
def test_an_editor_takes_text_saves_it_and_copies_it(
    compositor: Compositor,
    need_program: Need,
    home: dict[str, str],
    tmp_path: Path,
    program: str,
    package: str,
    argument: str,
) -> None:
    need_program(program, package)
    text = tmp_path / "letter.txt"
    text.write_text("")
    app = compositor.launch([program, argument, str(text)], env={**CAIRO, **home})
    window = app.window(timeout_s=PATIENCE_S)
    before = ready(compositor, window)
    window.click(window.size[0] / 2, window.size[1] / 2)
    window.type("Dear seal, grüße 5 < 7")
    wait_changed(window, before, "shows the text")
    compositor.keyboard.press("ctrl+a")
    compositor.keyboard.press("ctrl+c")
    compositor.clipboard.wait_text("Dear seal, grüße 5 < 7", PATIENCE_S)
    compositor.keyboard.press("ctrl+s")
    wait_until(compositor, lambda: text.read_text().strip() == "Dear seal, grüße 5 < 7", "it is saved")
    redraws_when_resized(window)
    window.close(timeout_s=PATIENCE_S)
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    nothing_wrong(compositor)


def test_a_calculator_reckons(compositor: Compositor, need_program: Need, home: dict[str, str]) -> None:
    need_program("gnome-calculator", "gnome-calculator")
    app = compositor.launch(["gnome-calculator", "--mode=basic"], env={**CAIRO, **home})
    window = app.window(timeout_s=PATIENCE_S)
    ready(compositor, window)
    compositor.keyboard.type("6*7\n")

    def copies_the_result() -> bool:
        # It reckons in a thread of its own.
        compositor.keyboard.press("ctrl+c")
        return bool(compositor.clipboard.text == "42")

    wait_until(compositor, copies_the_result, "6 × 7 is 42")
    redraws_when_resized(window)
    nothing_wrong(compositor)


def test_a_pen_draws_in_xournalpp(compositor: Compositor, need_program: Need, home: dict[str, str]) -> None:
    need_program("xournalpp", "xournalpp")
    app = compositor.launch(["xournalpp"], env=home)
    window = app.window(index=0, timeout_s=PATIENCE_S)
    before = ready(compositor, window)
    middle = window.size[0] / 2, window.size[1] / 2
    window.drag(middle, (middle[0] + 80, middle[1] + 60))

    def shows_the_line(image: Image) -> bool:
        # Other things change too, and earlier: the scroll bar, the first piece of the line.
        rows, columns = np.nonzero((before != image).any(axis=2))
        near = (abs(rows - middle[1] - 30) < 40) & (abs(columns - middle[0] - 40) < 60)
        return int(near.sum()) > 50

    window.wait_for_pixels(shows_the_line, "shows the line", PATIENCE_S)
    nothing_wrong(compositor)


# Qt


def test_a_menu_of_qt_5_opens_and_is_closed(
    compositor: Compositor, need_program: Need, home: dict[str, str]
) -> None:
    need_program("featherpad", "featherpad")
    app = compositor.launch(["featherpad", "-s"], env=home)
    window = app.window(timeout_s=PATIENCE_S)
    ready(compositor, window)
    bare = compositor.screenshot()
    with changes_much(compositor, "shows a menu"):
        compositor.keyboard.press("alt+f")
    compositor.keyboard.press("Escape")
    compositor.wait_idle(timeout_s=PATIENCE_S)
    assert (compositor.screenshot() != bare).any(axis=2).sum() < 1000
    nothing_wrong(compositor)


def test_qt_6_shows_its_pages_and_a_list_that_pops_up(
    compositor: Compositor, need_program: Need, home: dict[str, str]
) -> None:
    need_program("qt6ct", "qt6ct")
    app = compositor.launch(["qt6ct"], env=home)
    window = app.window(timeout_s=PATIENCE_S)
    first = ready(compositor, window)
    window.click(130, 68)
    wait_changed(window, first, "shows the next page")
    window.click(50, 68)
    redraws_when_resized(window)
    with changes_much(compositor, "shows a list", 1000):
        window.click(340, 100)
    compositor.keyboard.press("Escape")
    window.close(timeout_s=PATIENCE_S)
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    nothing_wrong(compositor)


QML_PAGE = """
import QtQuick
import QtQuick.Controls

ApplicationWindow {
    visible: true; width: 300; height: 200; title: "page"
    TextField { id: field; focus: true; width: 200; onAccepted: console.log("told " + text) }
    ComboBox { y: 60; model: ["krill", "petrel", "seal"]; onActivated: console.log("took " + currentText) }
}
"""


def test_qml_takes_text_and_a_list_pops_up(
    compositor: Compositor, need_program: Need, home: dict[str, str], tmp_path: Path
) -> None:
    qml = "/usr/lib/qt6/bin/qml"
    need_program(qml, "qml-qt6")
    page = tmp_path / "page.qml"
    page.write_text(QML_PAGE)
    app = compositor.launch([qml, str(page)], env={**home, "QT_QPA_PLATFORM": "wayland"})
    window = app.window(timeout_s=PATIENCE_S)
    ready(compositor, window)
    compositor.keyboard.type("grüße\n")
    app.wait_output("told grüße", timeout_s=PATIENCE_S)
    redraws_when_resized(window)
    with changes_much(compositor, "shows a list", 1000):
        window.click(40, 80)
    compositor.wait_idle(timeout_s=PATIENCE_S)
    compositor.keyboard.press("Down")
    compositor.keyboard.press("Return")
    app.wait_output("took petrel", timeout_s=PATIENCE_S)
    window.close(timeout_s=PATIENCE_S)
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    nothing_wrong(compositor)


# SDL


def test_sdl_tells_of_the_keys(compositor: Compositor, need_program: Need) -> None:
    need_program(str(SDL_TESTS / "checkkeys"), "libsdl2-tests")
    app = compositor.launch([str(SDL_TESTS / "checkkeys")])
    window = app.window(timeout_s=PATIENCE_S)
    compositor.wait_keyboard_focus()
    compositor.keyboard.type("s")
    wait_until(compositor, lambda: 'INPUT Text (\\x73): "s"' in app.output, "it hears the text")
    assert "Key pressed" in app.output
    window.close(timeout_s=PATIENCE_S)
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    nothing_wrong(compositor)


def test_sdl_sprites_fly_and_go_fullscreen(compositor: Compositor, need_program: Need) -> None:
    need_program(str(SDL_TESTS / "testsprite2"), "libsdl2-tests")
    app = compositor.launch([str(SDL_TESTS / "testsprite2")], cwd=SDL_TESTS)
    window = app.window(timeout_s=PATIENCE_S)
    first = window.wait_for_pixels(shows_something, "is not blank", PATIENCE_S)
    wait_changed(window, first, "flies")
    compositor.keyboard.press("ctrl+Return")
    window.wait_for(
        lambda w: "fullscreen" in w.state and w.size == compositor.output.mode, "is fullscreen", 20
    )
    window.close(timeout_s=PATIENCE_S)
    app.wait(timeout_s=PATIENCE_S)
    nothing_wrong(compositor)


# OpenGL by Mesa's software driver


def test_glmark_draws_its_scenes_and_ends(compositor: Compositor, need_program: Need) -> None:
    need_program("glmark2-wayland", "glmark2-wayland")
    scenes = ["-b", "build:duration=1", "-b", "shading:duration=1"]
    app = compositor.launch(["glmark2-wayland", "-s", "300x200", *scenes])
    window = app.window(timeout_s=PATIENCE_S)
    first = window.wait_for_pixels(shows_something, "is not blank", PATIENCE_S)
    wait_changed(window, first, "turns")
    assert (300, 200) == window.size
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    assert "glmark2 Score" in app.output
    nothing_wrong(compositor)


@pytest.mark.parametrize(
    "argv", [("kitty", "--config=NONE"), ("alacritty", "--config-file=/dev/null")], ids=["kitty", "alacritty"]
)
def test_a_terminal_that_draws_with_opengl_runs_what_is_typed(
    compositor: Compositor, need_program: Need, home: dict[str, str], tmp_path: Path, argv: tuple[str, ...]
) -> None:
    need_program(argv[0], argv[0])
    typed = tmp_path / "typed"
    run = ["sh", "-c", f'echo penguin; read line; printf %s "$line" > {typed}']
    arguments = [*argv, *(["-e"] if argv[0] == "alacritty" else []), *run]
    app = compositor.launch(arguments, env=home)
    window = app.window(timeout_s=PATIENCE_S)
    before = window.wait_for_pixels(shows_something, "is not blank", PATIENCE_S)
    compositor.keyboard.type("échidné")
    wait_changed(window, before, "shows what is typed")
    redraws_when_resized(window)
    compositor.keyboard.type("\n")
    assert 0 == app.wait(timeout_s=PATIENCE_S), app.output
    assert "échidné" == typed.read_text()
    nothing_wrong(compositor)
