"""The pytest plugin, run in a pytest of its own."""

from __future__ import annotations

import pytest

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
    assert {"HEADLESS-1.png", "golden.actual.png", "1-sh.txt", "trace.txt"} <= names
    assert "said something\n" == (kept / "1-sh.txt").read_text()
    result.stdout.fnmatch_lines(["*Weddell kept*", f"*{kept}/HEADLESS-1.png"])


def test_nothing_is_kept_when_nothing_is_wanted(run, pytester):
    result = run("def test_fails(compositor):\n    assert False\n", "--weddell-keep=never")
    result.assert_outcomes(failed=1)
    assert not (pytester.path / "weddell-artifacts").exists()


def test_golden_pictures_are_written_for_the_tests_named(run, pytester):
    source = """
        from compositor.testing import assert_image

        def test_one(compositor):
            assert_image(compositor.screenshot(), "one.png")

        def test_two(compositor):
            assert_image(compositor.screenshot(), "two.png")
        """
    run(source, "--weddell-update-golden=test_two").assert_outcomes(passed=1, failed=1)
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
