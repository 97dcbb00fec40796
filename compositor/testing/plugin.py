"""The pytest plugin: fixtures, options, and what is kept when a test fails.

Fixtures:
    compositor: a private headless compositor for one test.
    compositor_session: one for all tests of the run (of each worker under xdist).
    launch: starts a program in `compositor`.
    compositor_args: a dict of arguments for `Compositor`; override it to change them.

On failure the screenshots, a video of the last seconds, the picture differences,
the protocol trace, the compositor's log and the programs' output are kept and
named in the report. With ``--weddell-lint`` a test fails too if a program did
something badly.
pytest loads this module in every run: it imports nothing heavy.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from compositor.testing.settings import settings

if TYPE_CHECKING:
    from compositor.testing.application import Application
    from compositor.testing.compositor import Compositor
    from compositor.testing.recording import Recording

_VIDEO_WIDTH = 960
_VIDEO_PICTURES = 50
"""At five a second, the last ten seconds in which something moved."""

_compositors = pytest.StashKey[list["Compositor"]]()
_failed = pytest.StashKey[bool]()
_traces = pytest.StashKey[dict[int, Path]]()
_videos = pytest.StashKey[dict[int, "Recording"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("weddell", "Weddell: GUI programs in a compositor of their own")
    add = group.addoption
    add("--weddell-renderer", choices=("auto", "cpu", "gl"), help="what draws (default: auto)")
    add("--weddell-seal", choices=("adopt", "require", "copy"), help="what to do about unsealed memory")
    add(
        "--weddell-output",
        action="append",
        default=[],
        metavar="WxH[@HZ][*SCALE]",
        help="a screen; may be repeated (default: one of 1920x1080)",
    )
    add("--weddell-clock", choices=("real", "manual"), help="whose time it is (default: real)")
    # Options that may or may not have a value would swallow the path of a test that follows them.
    add(
        "--weddell-lint",
        action="store_const",
        const="warning",
        help="fail tests in which a program does something badly (as weddell lint)",
    )
    add(
        "--weddell-lint-errors",
        action="store_const",
        const="error",
        dest="weddell_lint",
        help="the same, but let warnings pass",
    )
    add(
        "--weddell-video",
        type=float,
        default=5.0,
        metavar="FPS",
        help="pictures a second of the video that failed tests keep; 0 for none (default: 5)",
    )
    add("--weddell-headed", action="store_true", help="show the compositor in a window on your desktop")
    add(
        "--weddell-slow-motion",
        type=float,
        default=0.0,
        metavar="MS",
        help="pause after each action, to watch",
    )
    add("--weddell-timeout", type=float, default=10.0, metavar="S", help="how long to wait for anything (10)")
    add(
        "--weddell-artifacts",
        type=Path,
        default=None,
        metavar="DIR",
        help="where screenshots, traces and logs of failed tests go (default: weddell-artifacts)",
    )
    add(
        "--weddell-keep",
        choices=("failed", "always", "never"),
        default="failed",
        help="for which tests to keep them (default: failed)",
    )
    add(
        "--weddell-update-golden",
        action="store_true",
        help="write golden pictures that differ or are missing, in the tests that are run",
    )


def _option(config: pytest.Config, name: str) -> Any:
    return config.getoption(f"weddell_{name}")


def _folder(config: pytest.Config, node_id: str) -> Path:
    base = _option(config, "artifacts") or Path(config.rootpath) / "weddell-artifacts"
    # Keep the name of the test recognisable and within what file systems take.
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", node_id.replace("::", "."))[-150:].strip("-.")
    return Path(base).absolute() / name


# Fixtures


def _arguments(config: pytest.Config) -> dict[str, Any]:
    return {
        "outputs": tuple(_option(config, "output")),
        "renderer": _option(config, "renderer"),
        "seal": _option(config, "seal"),
        "clock": _option(config, "clock"),
        "lint": _option(config, "lint") is not None,
        "headed": _option(config, "headed"),
        "slow_motion_ms": _option(config, "slow_motion"),
        "timeout_s": _option(config, "timeout"),
    }


@pytest.fixture
def compositor_args(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Arguments for `Compositor`, from the command line. Override it and change what you like."""
    return _arguments(request.config)


def _start(arguments: dict[str, Any], config: pytest.Config, factory: pytest.TempPathFactory) -> Compositor:
    """Start a compositor, with a trace for the case that something fails."""
    from compositor.testing.compositor import Compositor

    trace = None
    if _option(config, "keep") != "never" and arguments.get("trace") is None:
        trace = factory.mktemp("weddell", numbered=True) / "trace.json"
        arguments = {**arguments, "trace": trace}
    made = Compositor(**arguments)
    if trace is not None:
        config.stash.setdefault(_traces, {})[id(made)] = trace
    return made


@pytest.fixture
def compositor(
    request: pytest.FixtureRequest, compositor_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Compositor]:
    """A private compositor that ends with the test."""
    made = _start(compositor_args, request.config, tmp_path_factory)
    item = request.node
    item.stash.setdefault(_compositors, []).append(made)
    fps = _option(request.config, "video")
    if _option(request.config, "keep") != "never" and fps > 0:
        item.stash.setdefault(_videos, {})[id(made)] = _film_tail(made, item, fps)
    yield made
    _finish(made, item)


def _film_tail(made: Compositor, item: pytest.Item, fps: float) -> Recording:
    """Record the last seconds, for the case that the test fails."""
    from compositor.testing.films import AnimationFile
    from compositor.testing.recording import Recording

    path = _folder(item.config, item.nodeid) / "last-seconds.webp"
    return Recording(made, AnimationFile(path, _VIDEO_WIDTH, _VIDEO_PICTURES), fps, still=False)


def _finish(made: Compositor, item: pytest.Item) -> None:
    from compositor.testing.errors import CompositorDied

    failed = item.stash.get(_failed, False)
    bad = _bad_manners(made, item.config) if made.lint and not failed else ""
    if bad and _option(item.config, "keep") != "never":
        bad += "\nkept: " + "\n      ".join(_keep(made, item))
    recorder = item.stash.get(_videos, {}).pop(id(made), None)
    if recorder is not None:
        recorder.abandon()
    problem = ""
    try:
        made.close()
    except CompositorDied as error:
        problem = str(error)
    # A test that failed has failed because of it already; otherwise it fails now.
    if (problem or bad) and not failed:
        pytest.fail(problem or bad, pytrace=False)


def _bad_manners(made: Compositor, config: pytest.Config) -> str:
    """Return what the programs of a test did badly, as text; empty if nothing that counts."""
    from compositor.errors import WeddellError

    least = _option(config, "lint") or "warning"
    try:
        made.wait_idle(timeout_s=1)
    except WeddellError:
        # Something is animated, and is judged by what it has done so far.
        pass
    try:
        found = [f for f in made.lint_findings if least == "warning" or f["severity"] == "error"]
    except WeddellError as error:
        return f"what the lint has found cannot be had: {error}"
    lines = [f"{f['severity']} {f['rule']}: {f['object']} at {f['request']}: {f['text']}" for f in found]
    return "\n".join(["a program did something badly:", *lines]) if found else ""


@pytest.fixture(scope="session")
def compositor_session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Compositor]:
    """One compositor for all tests: quicker, and they see each other's windows."""
    made = _start(_arguments(request.config), request.config, tmp_path_factory)
    request.session.stash.setdefault(_compositors, []).append(made)
    yield made
    made.close()


@pytest.fixture
def launch(compositor: Compositor) -> Callable[..., Application]:
    """Start a program in `compositor`: ``launch("foot", "-e", "vi")``; options as `Compositor.launch`."""

    def launch(*argv: str | Sequence[str], **options: Any) -> Application:
        if len(argv) == 1 and not isinstance(argv[0], str):
            return compositor.launch(argv[0], **options)
        return compositor.launch([str(part) for part in argv], **options)

    return launch


# What is kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Any:
    """Tell image comparisons where their pictures go and whether golden ones are written."""
    settings.update = _option(item.config, "update_golden")
    settings.artifacts = _folder(item.config, item.nodeid)
    settings.saved.clear()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Keep what there is to see while the compositor is still there, and name it in the report."""
    report = yield
    # A fixture that launches a program may fail as well; at teardown nothing is left to be seen.
    if report.when == "teardown" or (report.when == "setup" and not report.failed):
        return report
    if report.failed:
        item.stash[_failed] = True
    keep = _option(item.config, "keep")
    if keep == "never" or (keep == "failed" and not report.failed):
        return report
    kept: list[str] = []
    for made in _all_compositors(item):
        kept += _keep(made, item)
    kept += [str(path) for path in settings.saved]
    if kept:
        report.sections.append(("Weddell kept", "\n".join(kept)))
    return report


def _all_compositors(item: pytest.Item) -> list[Compositor]:
    own = item.stash.get(_compositors, [])
    if "compositor_session" in getattr(item, "fixturenames", ()):
        own = [*own, *item.session.stash.get(_compositors, [])]
    return own


def _keep(made: Compositor, item: pytest.Item) -> list[str]:
    """Write down all that can be had of a compositor; returns the files' names."""
    from compositor.errors import WeddellError

    folder = _folder(item.config, item.nodeid)
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[str] = []

    def note(name: str, text: str) -> None:
        if text.strip():
            path = folder / name
            path.write_text(text, "utf-8")
            kept.append(str(path))

    try:
        from compositor.testing.picture import save

        for output in made.outputs:
            path = folder / f"{output.name}.png"
            save(output.screenshot(cursor=True), path)
            kept.append(str(path))
        windows = "".join(f"{info}\n" for info in made.window_infos())
        note("windows.txt", windows)
    except (WeddellError, OSError) as error:
        kept.append(f"no screenshot: {error}")
    recorder = item.stash.get(_videos, {}).get(id(made))
    try:
        if recorder is not None:
            recorder.stop()
            if recorder.count:
                kept.append(str(folder / "last-seconds.webp"))
    except (ImportError, WeddellError) as error:
        kept.append(f"no video: {error}")
    for number, application in enumerate(made.applications, 1):
        note(f"{number}-{application.name}.txt", application.output)
    note("compositor.log", made.log)
    trace = item.config.stash.get(_traces, {}).get(id(made))
    if trace is not None and trace.exists():
        shutil.copyfile(trace, folder / "trace.json")
        kept.append(f"{folder / 'trace.json'} (weddell trace prints it)")
    return kept
