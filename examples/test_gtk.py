"""A GTK 3 program: it draws, takes keys and clicks, opens menus, and closes when asked."""

import pytest


@pytest.fixture
def program(need, launch):
    """The demonstration program, without asking a session bus that is not there."""
    environment = {"GDK_BACKEND": "wayland", "NO_AT_BRIDGE": "1", "GTK_USE_PORTAL": "0"}
    app = launch(need("gtk3-demo", "gtk-3-examples"), env=environment)
    return app, app.window()


def test_it_shows_something(program):
    _, window = program
    image = window.screenshot()
    assert len(set(map(tuple, image.reshape(-1, 4)[::97].tolist()))) > 10


def test_the_keyboard_moves_the_selection(compositor, program):
    _, window = program
    window.focus()
    compositor.wait_idle()
    before = window.screenshot()
    window.press("Down")
    window.wait_for_pixels(lambda image: image.shape == before.shape and (image != before).any())


def test_it_is_maximized_and_restored(compositor, program):
    _, window = program
    width = compositor.output.mode[0]
    window.maximize()
    window.wait_for(lambda window: window.geometry.width == width)
    window.restore()
    window.wait_for(lambda window: window.geometry.width < width)


def test_it_ends_when_its_window_is_closed(program):
    app, window = program
    window.close()
    assert 0 == app.wait()
