"""The pytest plugin, run in a pytest of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from PIL import Image

from compositor.locate import clients_dir

pytest_plugins = ["pytester"]

LIGHT = ("numpy", "PIL", "compositor.testing.compositor", "compositor.memory")


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a test file in a pytest of its own process."""

    def run(source, *arguments):
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=120)

    return run


def test_every_fixture_works(run):
    result = run(
        """
        def test_one(compositor, launch):
            assert 0 == launch("true").wait()
            assert 0 == launch(["true"]).wait()
            assert [] == compositor.windows

        def test_two(compositor_session):
            global pid
            pid = compositor_session.pid

        def test_three(compositor_session, compositor):
            assert pid == compositor_session.pid != compositor.pid
        """
    )
    result.assert_outcomes(passed=3)


def test_options_and_the_override_point_reach_the_compositor(run):
    result = run(
        """
        import pytest

        def test_options(compositor):
            assert (800, 600) == compositor.output.mode
            assert "require" == compositor.info["seal"]
            assert "manual" == compositor.info["clock"]

        class TestOverride:
            @pytest.fixture
            def compositor_args(self, compositor_args):
                return {**compositor_args, "outputs": ("320x200",)}

            def test_override(self, compositor):
                assert (320, 200) == compositor.output.mode
        """,
        "--weddell-output=800x600",
        "--weddell-seal=require",
        "--weddell-clock=manual",
    )
    result.assert_outcomes(passed=2)


def test_a_failure_keeps_what_there_is_to_see_and_names_it(run, pytester):
    result = run(
        """
        import numpy as np
        from compositor.testing import assert_image

        def test_fails(compositor, launch):
            launch("sh", "-c", "echo said something").wait()
            assert_image(compositor.screenshot(), "golden.png")

        def test_passes(compositor):
            pass
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    folder = pytester.path / "weddell-artifacts"
    [kept] = folder.iterdir()
    assert "test_fails" in kept.name
    names = {path.name for path in kept.iterdir()}
    assert {"HEADLESS-1.png", "golden.actual.png", "1-sh.txt", "trace.json"} <= names
    assert "said something\n" == (kept / "1-sh.txt").read_text()
    result.stdout.fnmatch_lines(["*Weddell kept*", f"*{kept}/HEADLESS-1.png"])


def test_what_fails_while_a_test_is_set_up_is_kept_as_well(run, pytester):
    result = run(
        """
        import pytest

        @pytest.fixture
        def window(launch):
            return launch("sh", "-c", "echo said something; exec sleep 60").window(timeout_s=0.5)

        def test_fails(window):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    [kept] = (pytester.path / "weddell-artifacts").iterdir()
    assert {"HEADLESS-1.png", "1-sh.txt", "trace.json"} <= {path.name for path in kept.iterdir()}
    result.stdout.fnmatch_lines(
        ["*sh did not show a window; there is no window", "*said something*", "*Weddell kept*"]
    )


def test_a_picture_that_differs_is_kept_with_the_difference(run, pytester):
    result = run(
        """
        import numpy as np
        from compositor.testing import assert_image, save

        def test_fails(compositor, tmp_path):
            image = compositor.screenshot()
            golden = image.copy()
            golden[5, 5] = 0
            save(golden, tmp_path / "golden.png")
            assert_image(image, tmp_path / "golden.png")
        """
    )
    result.assert_outcomes(failed=1)
    [kept] = (pytester.path / "weddell-artifacts").iterdir()
    assert {"golden.actual.png", "golden.diff.png"} <= {path.name for path in kept.iterdir()}
    result.stdout.fnmatch_lines(
        ["*1 of 2073600 pixels differ*", "*Weddell kept*", f"*{kept}/golden.diff.png"]
    )


def test_a_compositor_of_the_session_is_kept_with_its_trace(run, pytester):
    result = run("def test_fails(compositor_session):\n    assert False\n")
    result.assert_outcomes(failed=1)
    [kept] = (pytester.path / "weddell-artifacts").iterdir()
    assert {"HEADLESS-1.png", "trace.json"} <= {path.name for path in kept.iterdir()}


def test_nothing_is_kept_when_nothing_is_wanted(run, pytester):
    result = run("def test_fails(compositor):\n    assert False\n", "--weddell-keep=never")
    result.assert_outcomes(failed=1)
    assert not (pytester.path / "weddell-artifacts").exists()


def test_golden_pictures_are_written_for_the_tests_that_are_run(run, pytester):
    source = """
        from compositor.testing import assert_image

        def test_one(compositor):
            assert_image(compositor.screenshot(), "one.png")

        def test_two(compositor):
            assert_image(compositor.screenshot(), "two.png")
        """
    # The path that follows is a test to run, and no value of the option.
    node = f"{pytester.path}/test_golden_pictures_are_written_for_the_tests_that_are_run.py::test_two"
    run(source, "--weddell-update-golden", node).assert_outcomes(passed=1)
    assert not (pytester.path / "one.png").exists()
    assert (pytester.path / "two.png").exists()
    run(source, "--weddell-update-golden").assert_outcomes(passed=2)
    run(source).assert_outcomes(passed=2)


def test_a_compositor_that_dies_fails_the_test(run):
    result = run(
        """
        import os, signal

        def test_dies(compositor):
            os.kill(compositor.pid, signal.SIGKILL)
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the compositor was killed by SIGKILL*"])


def test_tests_run_in_parallel(run):
    source = """
        import pytest

        @pytest.mark.parametrize("n", range(4))
        def test_it(compositor, n):
            assert compositor.pid
        """
    run(source, "-n", "2").assert_outcomes(passed=4)


def test_loading_the_plugin_costs_next_to_nothing(run):
    result = run(
        f"""
        import sys

        def test_light():
            assert "compositor.testing.plugin" in sys.modules
            assert [] == [name for name in {LIGHT!r} if name in sys.modules]
        """
    )
    result.assert_outcomes(passed=1)


def test_a_failure_keeps_a_video_of_the_last_seconds(run, pytester):
    result = run(
        f"""
        import sys

        def test_fails(compositor, launch):
            window = launch(sys.executable, {str(clients_dir() / "flower.py")!r}).window()
            frames = compositor.output.frames
            compositor.wait_until(("frame",), lambda: compositor.output.frames > frames + 60, None, str)
            assert False
        """
    )
    result.assert_outcomes(failed=1)
    [video] = (pytester.path / "weddell-artifacts").glob("*/last-seconds.webp")
    with Image.open(video) as animation:
        assert 2 <= animation.n_frames <= 50
        assert (960, 540) == animation.size
    result.stdout.fnmatch_lines([f"*{video}"])


def test_bad_manners_fail_a_test_where_that_is_asked_for(run):
    source = f"""
        import sys

        def test_it(compositor, launch):
            assert 0 == launch(sys.executable, {str(clients_dir() / "unsealed.py")!r}, "--frames", "3").wait()

        def test_good(compositor, launch):
            assert 0 == launch(sys.executable, {str(clients_dir() / "clock.py")!r}, "--frames", "3").wait()
        """
    run(source).assert_outcomes(passed=2)
    result = run(source, "--weddell-lint")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*warning pool-unsealed: wl_shm#* at create_pool: *", "kept: *HEADLESS-1.png"]
    )
    run(source, "--weddell-lint-errors").assert_outcomes(passed=2)


def test_eight_at_once_with_a_long_folder_for_temporary_files(run, pytester, monkeypatch):
    long = pytester.path / ("long-" * 24)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    source = """
        import sys
        import pytest

        @pytest.mark.parametrize("n", range(16))
        def test_it(compositor, launch, n):
            assert 0 == launch("sh", "-c", f"exit {n % 2}").wait() - n % 2
            assert (1080, 1920, 4) == compositor.screenshot().shape
        """
    run(source, "-n", "8", "--weddell-timeout=60").assert_outcomes(passed=16)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_user_without_privileges_can_use_it():
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv is not installed (Debian package util-linux)")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        folder.chmod(0o777)
        test = folder / "test_plain.py"
        test.write_text(
            "import os\n"
            "def test_it(compositor, launch):\n"
            "    assert 65534 == os.geteuid()\n"
            "    assert 0 == launch('true').wait()\n"
        )
        test.chmod(0o644)
        become = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
        environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder)}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        options = {"cwd": folder, "env": environment, "capture_output": True, "text": True, "timeout": 100}
        # The interpreter that runs us may lie in a folder that only root can enter.
        probe = "import sys, subprocess, pytest, numpy; subprocess.check_call([sys.executable, '-c', ''])"
        system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
        for python in (sys.executable, system):
            command = [*become, python, "-c", probe]
            if os.path.exists(python) and not subprocess.run(command, **options, check=False).returncode:
                break
        else:
            pytest.skip("no interpreter here may be run by everybody")
        command = [*become, python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run([*command, str(test)], **options, check=False)
        assert 0 == done.returncode, done.stdout + done.stderr
        assert "1 passed" in done.stdout
    finally:
        shutil.rmtree(folder)


def test_slow_motion_leaves_time_to_watch(run):
    result = run(
        """
        import time

        def test_it(compositor):
            start = time.monotonic()
            compositor.pointer.move(10, 10)
            assert time.monotonic() - start >= 0.3
        """,
        "--weddell-slow-motion=300",
    )
    result.assert_outcomes(passed=1)


def test_headed_shows_a_window_on_the_desktop(run, monkeypatch):
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed (Debian package xvfb)")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1000x800x24", "-nolisten", "tcp"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, pass_fds=(write,), **quiet) as xvfb:
        os.close(write)
        try:
            with os.fdopen(read) as said:
                monkeypatch.setenv("DISPLAY", f":{said.readline().strip()}")
            monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
            result = run(
                """
                def test_it(compositor):
                    assert "window" == compositor.info["backend"]
                """,
                "--weddell-headed",
                "--weddell-output=400x300",
                "--weddell-timeout=60",
            )
            result.assert_outcomes(passed=1)
        finally:
            xvfb.terminate()
