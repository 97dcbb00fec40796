"""What people who are new to the driver do wrong is answered with what to do instead."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from compositor.locate import clients_dir
from compositor.testing import Compositor, DriverError, Window, assert_image, compare
from compositor.testing.picture import save


@pytest.fixture(scope="module")
def paint() -> Iterator[Window]:
    with Compositor(outputs=["800x600"], timeout_s=60) as compositor:
        program = [sys.executable, str(clients_dir() / "paint.py"), "--size", "300x200"]
        yield compositor.launch(program).window()


def _compositor(window: Window) -> Compositor:
    return window._compositor


def _set_layout(window: Window) -> None:
    _compositor(window).keyboard.layout = "klingon"


WRONG: list[tuple[Callable[[Window], object], str]] = [
    (lambda w: Compositor(outputs="800x600"), r"outputs is a list, as in outputs=\['800x600'\]"),
    (lambda w: Compositor(outputs=["800 600"]), "'800 600' is not WxH"),
    (lambda w: Compositor(renderer="vulkan"), "choose from 'auto', 'cpu', 'gl'"),
    (lambda w: _compositor(w).launch("foot --fullscreen"), r"are a list: \['foot', '--fullscreen'\]"),
    (lambda w: _compositor(w).launch(["true"], env={"A": 1}), r'"env"\["A"\] must be a string'),  # type: ignore[dict-item]
    (lambda w: _compositor(w).window(title=3), "is a string or a compiled pattern, not 3"),  # type: ignore[arg-type]
    (
        lambda w: _compositor(w).window(title="paint", timeout_s=0),
        r"there are: 1: 'Paint'.*; title=re.compile\('paint', re.IGNORECASE\) would match",
    ),
    (
        lambda w: _compositor(w).window(app_id="weddell.*", timeout_s=0),
        r"app_id=re.compile\('weddell.\*'\) would match",
    ),
    (lambda w: _compositor(w).window(title="(", timeout_s=0), r"there are: 1: 'Paint' \([^;]*\) \(waited"),
    (
        lambda w: _compositor(w).launch(["sh", "-c", "echo no file; exit 3"]).window(),
        "sh ended with status 3 before it showed a window\nits output:\nno file",
    ),
    (lambda w: w.click(10, 10, button="lefty"), "there are: left, right"),
    (lambda w: w.press("ctrl-c"), r"keys are joined by \+, as in ctrl\+c"),
    (lambda w: w.press("ctrl+foo"), r"is called 'foo' \(in 'ctrl\+foo'\)$"),
    (lambda w: w.type(5), "only a string can be typed, not 5"),  # type: ignore[arg-type]
    (_set_layout, "keyboard.set_layout: keyboard layout klingon"),
    (lambda w: _compositor(w).record("/nowhere/film.webp"), "there is no folder /nowhere"),
    (lambda w: _compositor(w).clock.advance(5), "run with --clock manual"),
    (lambda w: assert_image(w, "any.png"), r"as screenshot\(\) returns it, not <Window 1"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("use", "answer"), WRONG)
def test_the_answer_says_what_to_do(paint: Window, use: Callable[[Window], object], answer: str) -> None:
    with pytest.raises(DriverError) as caught:
        use(paint)
    text = str(caught.value)
    assert re.search(answer, text, re.DOTALL)
    assert "internal error" not in text


def test_a_compositor_that_was_closed_says_so() -> None:
    compositor = Compositor(timeout_s=60)
    compositor.close()
    for use in (lambda: compositor.windows, lambda: compositor.launch(["true"]), compositor.connect):
        with pytest.raises(DriverError, match="this compositor was closed"):
            use()


def test_a_comparison_is_told_what_it_cannot_compare(tmp_path: Path) -> None:
    picture = np.zeros((4, 5, 4), np.uint8)
    save(picture, tmp_path / "golden.png")
    with pytest.raises(ValueError, match="there are: exact, perceptual"):
        assert_image(picture[:2], tmp_path / "golden.png", mode="fuzzy")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"a list of rectangles \(x, y, width, height\), not \(0, 0, 5, 5\)"):
        compare(picture, picture, mask=(0, 0, 5, 5))  # type: ignore[arg-type]
    with pytest.raises(DriverError, match=r"not an array of shape \(4, 5\)"):
        compare(picture, picture[..., 0])
    assert not list(tmp_path.glob("*.actual.png"))
