"""The CPU renderer in both its ways."""

from collections.abc import Iterator

import pytest

from compositor.render import pixman
from compositor.render.cpu import CpuRenderer


@pytest.fixture(params=["numpy", "pixman"])
def renderer(request: pytest.FixtureRequest) -> Iterator[CpuRenderer]:
    if request.param == "pixman" and pixman.load() is None:
        pytest.skip("libpixman is missing (Debian package libpixman-1-0)")
    renderer = CpuRenderer(use_pixman=request.param == "pixman")
    yield renderer
    renderer.close()
