"""A Qt program of our own: fields, a list that pops up, a button, the clipboard."""

import subprocess
import sys
from pathlib import Path

import pytest

FORM = Path(__file__).parent / "programs" / "qt_form.py"
NAME, COLOUR, SEND = (160, 36), (160, 86), (80, 136)  # where its widgets are


@pytest.fixture(scope="session")
def python():
    """A Python that has Qt."""
    for python in (sys.executable, "/usr/bin/python3"):
        for binding in ("PyQt5", "PySide6"):
            command = [python, "-c", f"import {binding}.QtWidgets"]
            if not subprocess.run(command, capture_output=True, check=False).returncode:
                return python
    pytest.skip("PyQt5 is not installed (Debian packages python3-pyqt5 and qtwayland5)")


@pytest.fixture
def form(python, launch):
    """The program, and its window."""
    environment = {"QT_QPA_PLATFORM": "wayland", "QT_WAYLAND_DISABLE_WINDOWDECORATION": "1"}
    app = launch(python, FORM, env=environment)
    return app, app.window(title="Form")


def test_a_name_is_typed_and_sent(form):
    app, window = form
    window.click(*NAME)
    window.type("Zoë Ωmega\n")
    app.wait_output("Zoë Ωmega likes red")


def test_a_colour_is_chosen_from_the_list_that_pops_up(compositor, form):
    app, window = form
    window.click(*COLOUR)
    compositor.wait_idle()
    compositor.keyboard.press("Down")
    compositor.keyboard.press("Return")
    compositor.wait_idle()
    window.click(*SEND)
    app.wait_output("likes green")


def test_a_name_is_pasted(compositor, form):
    app, window = form
    compositor.clipboard.text = "pasted"
    window.click(*NAME)
    window.press("ctrl+v")
    window.press("Return")
    app.wait_output("pasted likes red")


def test_a_name_is_selected_and_copied(compositor, form):
    _, window = form
    window.click(*NAME)
    window.type("copy me")
    window.press("ctrl+a")
    window.press("ctrl+c")
    compositor.clipboard.wait_text("copy me")


def test_the_button_looks_pressed_while_it_is(compositor, form):
    _, window = form
    window.hover(*SEND)
    compositor.wait_idle()
    before = window.screenshot()
    compositor.pointer.down()
    window.wait_for_pixels(lambda image: (image[120:152, 20:140] != before[120:152, 20:140]).any())
    compositor.pointer.up()
