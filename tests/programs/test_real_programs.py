"""Real programs, unmodified: each starts, shows something, takes input, is resized and closes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from compositor.testing import Compositor, Window

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Program:
    """One program and what may be expected of it."""

    argv: tuple[str, ...]
    package: str
    title: str | None = None
    resizable: bool = True
    closes: bool = True
    verdicts: frozenset[str] = frozenset({"sealed"})

    @property
    def name(self) -> str:
        return self.argv[0]


PROGRAMS = [
    Program(("foot", "--override=initial-window-size-pixels=500x300"), "foot"),
    Program(("weston-simple-shm",), "weston", resizable=False, closes=False),
    Program(("weston-flower",), "weston", resizable=False),
    Program(("weston-resizor",), "weston"),
    Program(("weston-subsurfaces",), "weston", verdicts=frozenset({"sealed", "adopted"})),
    Program(("weston-terminal",), "weston"),
    Program(("weston-scaler",), "weston", resizable=False),
    Program(("gtk3-widget-factory",), "gtk-3-examples", verdicts=frozenset({"copy", "sealed"})),
    Program(
        ("es2gears_wayland",),
        "mesa-utils",
        resizable=False,
        closes=False,
        verdicts=frozenset({"adopted", "sealed"}),
    ),
]


def shows_something(image: Image) -> bool:
    """Whether a window is more than one colour."""
    opaque = image[image[..., 3] > 0]
    return len(opaque) > 0 and bool((opaque != opaque[0]).any())


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_starts_takes_input_is_resized_a_hundred_times_and_closes(
    program: Program, compositor: Compositor, need_program: Callable[[str, str], str]
) -> None:
    need_program(program.name, program.package)
    app = compositor.launch(list(program.argv))
    window: Window = app.window()
    window.wait_for_pixels(shows_something, "is not blank", timeout_s=20)
    compositor.wait_keyboard_focus()

    width, height = window.size
    window.click(width / 2, height / 2)
    compositor.keyboard.press("a")
    assert app.running

    if program.resizable:
        wanted = [(width + 7 * (1 + n % 50), height + 5 * (1 + n % 40)) for n in range(100)]
        sizes = {window.resize(*size) for size in wanted}
        assert len(sizes) > 10, sizes
        image = window.wait_for_pixels(shows_something, "is not blank after a hundred resizes")
        assert window.size[::-1] == image.shape[:2]

    verdicts = {pool["verdict"] for pool in compositor.pools}
    assert verdicts
    assert verdicts <= program.verdicts, compositor.pools

    if program.closes:
        window.close()
        app.wait(timeout_s=20)
    assert [] == [error for error in compositor.log.splitlines() if "bug:" in error]


def test_typing_into_foot_reaches_the_shell_inside(
    compositor: Compositor, need_program: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    need_program("foot", "foot")
    target = tmp_path_factory.mktemp("typed") / "text"
    app = compositor.launch(["foot", "-e", "sh", "-c", f'read line; printf %s "$line" > {target}'])
    app.window()
    compositor.wait_keyboard_focus()
    compositor.keyboard.type("Hello, wörld! 5 < 7 & ~{|}\n")
    app.wait(timeout_s=20)
    assert "Hello, wörld! 5 < 7 & ~{|}" == target.read_text()


def test_the_clipboard_travels_between_two_programs(
    compositor: Compositor, need_program: Callable[[str, str], str]
) -> None:
    need_program("wl-copy", "wl-clipboard")
    compositor.clipboard.text = "sea ice"
    app = compositor.launch(["wl-paste", "--no-newline"])
    app.wait(timeout_s=20)
    assert "sea ice" == app.output
