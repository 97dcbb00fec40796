"""How a program treats its compositor: wrong damage, buffers drawn in while shown, leaks, ignored sizes."""

import pytest


@pytest.fixture
def compositor_args(compositor_args):
    return {**compositor_args, "lint": True}


@pytest.mark.parametrize("name", ["clock", "bubbles", "textpad"])
def test_a_demo_program_behaves_while_it_is_resized(compositor, demo, name):
    window = demo(name).window()
    for side in (200, 350, 260):
        window.resize(side, side)
    assert [] == compositor.lint_findings


def test_foot_behaves(compositor, need, launch):
    window = launch(need("foot"), "--config=/dev/null").window()
    window.type("ls\n")
    window.resize(500, 400)
    compositor.wait_idle()
    assert [] == [finding for finding in compositor.lint_findings if finding["severity"] == "error"]
