"""The GL renderer off screen: EGL on Mesa's llvmpipe, no display."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# The scenes and the expectations of the CPU renderer serve here too.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "render"))


@pytest.fixture(scope="session")
def shared_renderer() -> Iterator[Any]:
    api = pytest.importorskip("compositor.render.gl.api", reason="libGL is missing (Debian package libgl1)")
    from compositor.render.gl.renderer import GlRenderer

    try:
        made = GlRenderer()
    except api.GlError as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture
def renderer(shared_renderer: Any) -> Iterator[Any]:
    """A GL renderer; a test that leaves an OpenGL error behind fails."""
    from compositor.render.gl.api import check

    yield shared_renderer
    shared_renderer.context.make_current()
    check("after the test")


@pytest.fixture
def xhost(tmp_path: Path) -> Iterator[Any]:
    """An X server."""
    from xhost import XHost

    host = XHost(tmp_path)
    yield host
    host.close()


@pytest.fixture
def headed(xhost: Any) -> Iterator[Callable[..., Any]]:
    """Starts compositors in windows on `xhost`; arguments as for `compositor.testing.Compositor`."""
    from compositor.testing import Compositor, CompositorDied

    running = []

    def start(env: dict[str, str] | None = None, **options: Any) -> Any:
        options.setdefault("outputs", ["800x600"])
        running.append(
            Compositor(headed=True, env={"DISPLAY": xhost.display, **(env or {})}, timeout_s=20, **options)
        )
        return running[-1]

    yield start
    for compositor in running:
        # Some tests end it themselves.
        with contextlib.suppress(CompositorDied):
            compositor.close()
