"""For people who test GUI programs: a compositor per test, driven from Python.

    from compositor.testing import assert_image

    def test_editor(compositor):
        app = compositor.launch(["foot", "-e", "vi"])
        window = app.window(title="foot")
        window.resize(800, 600)
        compositor.keyboard.type("ihello")
        compositor.wait_idle()
        assert_image(window.screenshot(), "editor.png")

The pytest plugin brings the fixtures; outside of pytest, `Compositor` is a
context manager. It talks to the control socket only and imports nothing of
the compositor but `compositor.memory`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compositor.testing.application import Application
    from compositor.testing.clipboard import Clipboard
    from compositor.testing.clock import Clock
    from compositor.testing.compositor import Compositor
    from compositor.testing.errors import (
        CompositorDied,
        ConnectionFailed,
        DriverError,
        ImageMismatch,
        RequestRefused,
        RequestTimedOut,
        WaitTimeout,
        WindowGone,
    )
    from compositor.testing.images import Comparison, assert_image, compare
    from compositor.testing.input import Keyboard, Pointer, Touch
    from compositor.testing.output import Output
    from compositor.testing.picture import load, save
    from compositor.testing.recording import Recording
    from compositor.testing.search import Found, find_image, find_images, find_text, read_text
    from compositor.testing.window import Geometry, Window

_PLACES = {
    "Application": "application",
    "Clipboard": "clipboard",
    "Clock": "clock",
    "Comparison": "images",
    "Compositor": "compositor",
    "CompositorDied": "errors",
    "ConnectionFailed": "errors",
    "DriverError": "errors",
    "Found": "search",
    "Geometry": "window",
    "ImageMismatch": "errors",
    "Keyboard": "input",
    "Output": "output",
    "Pointer": "input",
    "Recording": "recording",
    "RequestRefused": "errors",
    "RequestTimedOut": "errors",
    "Touch": "input",
    "WaitTimeout": "errors",
    "Window": "window",
    "WindowGone": "errors",
    "assert_image": "images",
    "compare": "images",
    "find_image": "search",
    "find_images": "search",
    "find_text": "search",
    "load": "picture",
    "read_text": "search",
    "save": "picture",
}

__all__ = [
    "Application",
    "Clipboard",
    "Clock",
    "Comparison",
    "Compositor",
    "CompositorDied",
    "ConnectionFailed",
    "DriverError",
    "Found",
    "Geometry",
    "ImageMismatch",
    "Keyboard",
    "Output",
    "Pointer",
    "Recording",
    "RequestRefused",
    "RequestTimedOut",
    "Touch",
    "WaitTimeout",
    "Window",
    "WindowGone",
    "assert_image",
    "compare",
    "find_image",
    "find_images",
    "find_text",
    "load",
    "read_text",
    "save",
]


def __getattr__(name: str) -> Any:
    # Late, because pytest loads the plugin in every run of every project, and numpy takes its time.
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{place}"), name)
