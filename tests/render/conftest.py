"""The CPU renderer in both its ways."""

from collections.abc import Callable, Iterator

import pytest

from compositor.render import pixman
from compositor.render.cpu import CpuRenderer
from compositor.render.framebuffer import Framebuffer


@pytest.fixture(params=["numpy", "pixman"])
def renderer(request: pytest.FixtureRequest) -> Iterator[CpuRenderer]:
    if request.param == "pixman" and pixman.load() is None:
        pytest.skip("libpixman is missing (Debian package libpixman-1-0)")
    renderer = CpuRenderer(use_pixman=request.param == "pixman")
    yield renderer
    renderer.close()


@pytest.fixture
def new_target() -> Iterator[Callable[..., Framebuffer]]:
    """Makes framebuffers: width, height, background."""
    made = []

    def make(width: int, height: int, background: int = 0xFF000000) -> Framebuffer:
        made.append(Framebuffer(width, height, background))
        return made[-1]

    yield make
    for framebuffer in made:
        framebuffer.close()
