"""A terminal: what is typed appears, what is printed scrolls, and its shell's status comes back."""

import numpy as np
import pytest


@pytest.fixture
def terminal(need, launch):
    """A foot with a shell that has no startup files."""
    app = launch(need("foot"), "--config=/dev/null", "sh", env={"PS1": "$ ", "ENV": ""})
    return app, app.window()


def test_typing_changes_the_screen(terminal):
    _, window = terminal
    before = window.screenshot()
    window.type("echo héllo ☃")
    window.wait_for_pixels(lambda image: image.shape == before.shape and (image != before).any())


def test_what_a_command_writes_can_be_asked_for(compositor, terminal, tmp_path):
    _, window = terminal
    window.type(f"echo done > {tmp_path}/file\n")
    compositor.wait_idle()
    assert "done\n" == (tmp_path / "file").read_text()


def test_it_follows_a_resize(terminal):
    _, window = terminal
    for width, height in ((800, 600), (400, 300), (640, 480)):
        window.resize(width, height)
        # A terminal takes whole characters, so it may stay a little below.
        assert width - 20 < window.geometry.width <= width
        assert height - 40 < window.geometry.height <= height
        assert window.screenshot().shape[:2] == (window.geometry.height, window.geometry.width)


def test_clearing_leaves_one_colour_below_the_prompt(compositor, terminal):
    _, window = terminal
    window.type("seq 100; clear\n")
    window.wait_for_pixels(lambda image: np.ptp(image[image.shape[0] // 2 :, :, :3]) == 0)


def test_a_line_is_selected_and_copied(compositor, terminal):
    _, window = terminal
    window.type("echo krill")
    compositor.wait_idle()
    window.click(30, 12, count=3)
    window.press("ctrl+shift+c")
    compositor.clipboard.wait_text("$ echo krill\n")


def test_its_status_comes_back(terminal):
    app, window = terminal
    window.type("exit 7\n")
    assert 7 == app.wait()
