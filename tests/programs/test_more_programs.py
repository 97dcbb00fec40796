"""More real programs, unmodified: each starts, shows something, and does what a person would have it do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from compositor.testing import Compositor

Image = npt.NDArray[np.uint8]
CHROMIUM = (
    "chromium",
    "--ozone-platform=wayland",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Program:
    """One program: what starts it, its Debian package and its environment."""

    argv: tuple[str, ...]
    package: str
    env: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.argv[0]


# Not here: the editor speaks zwp_text_input_manager_v1 alone; presentation-shm binds any version of
# xdg_wm_base and aborts on events of those it does not know;
# simple-touch draws for fingers alone and smoke where the pointer goes.
WESTON = [
    "clickdot",
    "cliptest",
    "confine",
    "dnd",
    "eventdemo",
    "fullscreen",
    "simple-damage",
    "simple-egl",
    "stacking",
    "transformed",
]
CAIRO = {"GSK_RENDERER": "cairo"}
PROGRAMS = [
    *(Program((f"weston-{name}",), "weston") for name in WESTON),
    Program(("gtk3-demo",), "gtk-3-examples"),
    Program(("gtk4-demo",), "gtk-4-examples", CAIRO),
    Program(("gtk4-widget-factory",), "gtk-4-examples", CAIRO),
    Program(("mpv", "--no-config", "--vo=wlshm", "--ao=null", "av://lavfi:testsrc"), "mpv"),
]


def shows_something(image: Image) -> bool:
    """Whether a window is more than one colour."""
    opaque = image[image[..., 3] > 0]
    return len(opaque) > 0 and bool((opaque != opaque[0]).any())


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_starts_shows_something_and_takes_input(
    program: Program, compositor: Compositor, need_program: Callable[[str, str], str]
) -> None:
    need_program(program.name, program.package)
    app = compositor.launch(list(program.argv), env=program.env)
    window = app.window()
    window.wait_for_pixels(shows_something, "is not blank", timeout_s=40)
    width, height = window.size
    window.click(width / 2, height / 2)
    compositor.keyboard.press("a")
    assert app.running
    assert [] == [line for line in compositor.log.splitlines() if "bug:" in line]
    assert "protocol error" not in compositor.log


@pytest.mark.slow
def test_chromium_shows_a_page_and_the_text_typed_into_it(
    compositor: Compositor, need_program: Callable[[str, str], str], tmp_path: Path
) -> None:
    need_program("chromium", "chromium")
    page = tmp_path / "page.html"
    page.write_text(
        "<title>empty</title><body style='background:#336699'><input autofocus "
        "oninput='document.title=this.value'>"
    )
    app = compositor.launch([*CHROMIUM, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()])
    window = app.window()
    window.wait_for_pixels(
        lambda image: bool((image[..., :3] == (0x33, 0x66, 0x99)).all(-1).any()), "shows the page", 60
    )
    compositor.wait_keyboard_focus()
    compositor.keyboard.type("sea ice")
    compositor.wait_until(
        ("window",),
        lambda: any("sea ice" in info["title"] for info in compositor.window_infos()),
        30,
        lambda: f"titles: {[info['title'] for info in compositor.window_infos()]}",
    )
