"""Looking at real programs: what their pixels say, and whether the compositor had anything to say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from compositor.testing import Compositor, Window

Image = npt.NDArray[np.uint8]
Color = tuple[int, int, int]
Need = Callable[[str, str], str]
"""The fixture `need_program`: a program and its Debian package."""

PATIENCE_S = 40.0
"""How long a program may take on a machine that is busy with others."""


def shows_something(image: Image) -> bool:
    """Whether a window is more than one colour."""
    opaque = image[image[..., 3] > 0]
    return len(opaque) > 0 and bool((opaque != opaque[0]).any())


def share_of(image: Image, color: Color) -> float:
    """Return how much of a picture has a colour, give or take what scaling rounds; from 0 to 1."""
    return float((abs(image[..., :3].astype(np.int16) - color) <= 3).all(axis=-1).mean())


def ready(compositor: Compositor, window: Window) -> Image:
    """Wait until a window shows something, has the keyboard and its program rests; return its pixels."""
    window.wait_for_pixels(shows_something, "is not blank", PATIENCE_S)
    compositor.wait_keyboard_focus()
    compositor.wait_idle(timeout_s=PATIENCE_S)
    return window.screenshot()


def wait_changed(window: Window, before: Image, what: str) -> Image:
    """Wait until a window shows something else than before, and return that."""
    return window.wait_for_pixels(
        lambda image: image.shape != before.shape or bool((image != before).any()), what, PATIENCE_S
    )


def wait_until(compositor: Compositor, condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so; looked at again whenever anything happens."""
    compositor.wait_until(
        ("window", "frame", "output", "client", "launch", "clipboard"),
        condition,
        PATIENCE_S,
        lambda: f"never: {what}",
    )


def redraws_when_resized(window: Window, width: int = 70, height: int = 50) -> None:
    """Propose another size, and expect that the program fills what it chose."""
    before = window.size
    window.resize(before[0] + width, before[1] + height, PATIENCE_S)
    # Some acknowledge a size with a commit of the old picture, and draw the new one later.
    window.wait_for(lambda w: w.size != before, "has another size", PATIENCE_S)
    window.wait_for_pixels(
        lambda image: shows_something(image) and image.shape[:2] == window.size[::-1],
        "fills its new size",
        PATIENCE_S,
    )


def nothing_wrong(compositor: Compositor) -> None:
    """Expect that no client was told of an error and nothing of ours failed."""
    lines = compositor.log.splitlines()
    assert [] == [line for line in lines if "bug:" in line or "protocol error" in line]


@contextmanager
def changes_much(compositor: Compositor, what: str, pixels: int = 4000) -> Iterator[None]:
    """Expect that what is done inside changes the screen by more than a caret or a spinner would."""
    bare = compositor.screenshot()
    yield
    wait_until(compositor, lambda: int((compositor.screenshot() != bare).any(axis=2).sum()) > pixels, what)
