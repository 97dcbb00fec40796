"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.client import Client, Proxy
    from support.stage import Stage
    from support.windows import Toplevel

    from compositor.clock import ManualClock
    from compositor.render.framebuffer import Framebuffer


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--programs-page", metavar="FILE", help="write the page about real programs there")
    parser.addoption("--programs-json", metavar="FILE", help="write what is in that page, for scripts")


def pytest_configure(config: pytest.Config) -> None:
    page, data = config.getoption("--programs-page"), config.getoption("--programs-json")
    if (page or data) and not hasattr(config, "workerinput"):
        from support.program_page import ProgramPage

        config.pluginmanager.register(ProgramPage(page, data))


@pytest.fixture
def need_program(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """Return a function that takes a program and its Debian package, and returns where it is or skips."""

    def need(program: str, package: str) -> str:
        request.node.user_properties.append(("program", (Path(program).name, package)))
        path = shutil.which(program)
        if path is None:
            text = f"{program} is not installed (apt-get install {package})"
            if request.config.getoption("--require-programs"):
                pytest.fail(text, pytrace=False)
            pytest.skip(text)
        return path

    return need


@pytest.fixture(scope="session")
def need_compiler(request: pytest.FixtureRequest) -> None:
    """Skip without a compiler for the library."""
    if shutil.which("gcc") is None:
        text = "gcc is not installed (apt-get install gcc libc6-dev)"
        if request.config.getoption("--require-programs"):
            pytest.fail(text, pytrace=False)
        pytest.skip(text)


@pytest.fixture
def make_stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Return a function that starts a compositor in this process, with any of `ServerOptions`."""
    from support.stage import Stage

    stages: list[Stage] = []

    def make(**options: Any) -> Stage:
        runtime = tmp_path / f"run{len(stages)}"
        runtime.mkdir()
        stages.append(Stage(runtime, **options))
        return stages[-1]

    yield make
    for stage in stages:
        stage.close()


@pytest.fixture
def server(make_stage: Callable[..., Stage]) -> Stage:
    """A compositor in this process: manual clock, one output of 320×240, no wallpaper."""
    return make_stage()


@pytest.fixture
def clock(server: Stage) -> ManualClock:
    """The clock of `server`; `server.advance` moves it."""
    return server.clock


@pytest.fixture
def output(server: Stage) -> Any:
    """The output of `server`."""
    return server.output


@pytest.fixture
def new_client(server: Stage) -> Callable[[], Client]:
    """Connect one more client to `server`."""
    return server.connect


@pytest.fixture
def client(server: Stage) -> Client:
    """A client of `server`."""
    return server.connect()


@pytest.fixture
def surface(client: Client) -> Proxy:
    """A wl_surface of `client`, without a role."""
    made: Proxy = client.get("wl_compositor").create_surface()
    return made


@pytest.fixture
def toplevel(client: Client) -> Toplevel:
    """A window of `client` of 100×80, shown."""
    from support.windows import Toplevel

    return Toplevel(client).show()


@pytest.fixture
def new_target() -> Iterator[Callable[..., Framebuffer]]:
    """Makes framebuffers: width, height, background."""
    from compositor.render.framebuffer import Framebuffer

    made: list[Framebuffer] = []

    def make(width: int, height: int, background: int = 0xFF000000) -> Framebuffer:
        made.append(Framebuffer(width, height, background))
        return made[-1]

    yield make
    for framebuffer in made:
        framebuffer.close()
