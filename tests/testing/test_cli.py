"""The command line: every command against a running compositor, and the errors it gives."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time

import pytest
from PIL import Image

from compositor.cli import COMMANDS

MAIN = [sys.executable, "-m", "compositor"]


def weddell(*arguments, env=None, **options):
    """Run `weddell` and return status, stdout and stderr."""
    done = subprocess.run(
        [*MAIN, *map(str, arguments)],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=100,
        **options,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def runtime(tmp_path_factory):
    """Variables with a runtime directory of its own."""
    from compositor.testing.process import make_runtime_dir

    folder = make_runtime_dir()
    env = dict(os.environ, XDG_RUNTIME_DIR=str(folder))
    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        env.pop(name, None)
    yield env
    folder.rmdir()


@pytest.fixture
def there(compositor):
    """Variables that name the test's compositor."""
    return {
        "WAYLAND_DISPLAY": os.path.basename(compositor.socket),
        "XDG_RUNTIME_DIR": os.path.dirname(compositor.socket),
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command):
    status, out, _ = weddell(command, "--help")
    assert 0 == status
    assert f"usage: weddell {command}" in out
    assert "examples:" in out
    assert f"weddell {command}" in out.split("examples:")[1] or command == "run"


def test_the_overview_names_every_command():
    status, out, _ = weddell("--help")
    assert 0 == status
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", out, re.MULTILINE)


def test_a_wrong_command_is_told_which_is_near():
    assert (2, "", "weddell: there is no command 'windws'; did you mean windows?\n") == weddell("windws")
    status, _, err = weddell("foot")
    assert (2, "weddell: there is no command 'foot' (to start a program: weddell -- foot)\n") == (status, err)


def test_without_a_compositor_it_says_where_it_looked(runtime):
    env = {**runtime, "WAYLAND_DISPLAY": "wayland-5"}
    status, _, err = weddell("windows", env=env)
    where = f"{env['XDG_RUNTIME_DIR']}/wayland-5.ctl"
    assert (1, f"weddell: no compositor at {where}: No such file or directory\n") == (status, err)


@pytest.mark.parametrize(("script", "expected"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143)])
def test_run_exits_with_the_status_of_its_program(runtime, script, expected):
    arguments = ("run", "--headless", "--no-wallpaper", "--", "sh", "-c", script)
    assert expected == weddell(*arguments, env=runtime)[0]


def test_run_is_the_default_command(runtime):
    assert 5 == weddell("--headless", "--no-wallpaper", "--", "sh", "-c", "exit 5", env=runtime)[0]


def test_a_program_inside_sees_the_compositor(runtime):
    inside = f"{sys.executable} -m compositor outputs --json"
    arguments = ("--headless", "--no-wallpaper", "--output", "640x480@30*2", "--", "sh", "-c", inside)
    status, out, err = weddell(*arguments, env=runtime)
    assert (0, "") == (status, err)
    [output] = json.loads(out)
    assert (640, 480, 30_000, 2.0) == tuple(
        output[key] for key in ("width", "height", "refresh_mhz", "scale")
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--output", "5"), "'5' is not WxH[@HZ][*SCALE], such as 1920x1080@60*1.5"),
        (("--output", "0x5"), "width and height must be from 1 to 32768"),
        (("--output", "5x5@0"), "the refresh rate must be from 1 to 1000 Hz"),
        (("--socket", "a/b"), "'a/b' is no socket name"),
        (("--ready-fd", "99"), "--ready-fd 99: no such descriptor is open"),
        (("--layout", "xyzzy"), "layout"),
        (("--", "no-such-program"), "there is no program 'no-such-program'"),
        (("--headless", "--window"), "not allowed with argument --headless"),
    ],
)
def test_run_refuses_what_cannot_be(runtime, arguments, message):
    status, _, err = weddell(
        "run", *(["--headless"] if "--headless" not in arguments else []), *arguments, env=runtime
    )
    assert status in (1, 2)
    assert message in err
    assert "Traceback" not in err


def test_a_name_in_use_is_not_stolen(compositor, there):
    status, _, err = weddell("run", "--headless", "--socket", there["WAYLAND_DISPLAY"], env=there)
    assert 1 == status
    assert "is in use by another compositor" in err
    assert [] == compositor.windows


def test_windows_are_listed_and_steered(compositor, demo, there, tmp_path):
    window = demo("textpad", "--title", "listed", "--size", "300x200").window()
    [info] = json.loads(weddell("windows", "--json", env=there)[1])
    assert ("listed", window.id) == (info["title"], info["id"])
    status, out, err = weddell("windows", env=there)
    assert (0, "") == (status, err)
    assert re.search(r"^\s*ID +TITLE.*\n +\d+ +listed +weddell.textpad +300×200", out, re.MULTILINE)
    assert 0 == weddell("move", window.id, 10, 20, env=there)[0]
    assert 0 == weddell("resize", window.id, 400, 300, env=there)[0]
    window.wait_for(lambda w: w.geometry == (10, 20, 400, 300), "the new geometry")
    assert 0 == weddell("focus", window.id, env=there)[0]
    assert 0 == weddell("click", 30, 40, "--count", 2, env=there)[0]
    before = window.screenshot().copy()
    assert 0 == weddell("type", "-", env=there, input="typed ☃")[0]
    assert 0 == weddell("key", "Return", "ctrl+a", env=there)[0]
    window.wait_for_pixels(lambda image: (image != before).any(), "what was typed")
    shot = tmp_path / "shot.png"
    assert 0 == weddell("screenshot", shot, env=there)[0]
    assert (1920, 1080) == Image.open(shot).size
    assert 0 == weddell("screenshot", "--window", window.id, shot, env=there)[0]
    assert (400, 300) == Image.open(shot).size
    assert 0 == weddell("close", window.id, env=there)[0]
    window.wait_closed()
    status, _, err = weddell("close", window.id, env=there)
    assert (1, f"weddell: window.close: there is no window {window.id} (there are: none)\n") == (status, err)
    assert (0, "no windows\n", "") == weddell("windows", env=there)


def test_clients_and_pools_are_listed(demo, there):
    demo("textpad", "--size", "300x200").window()
    status, out, _ = weddell("pools", env=there)
    assert 0 == status
    assert re.search(r"textpad.py +1 +\d+\.\d KiB +.*SHRINK.* sealed", out)
    [pool] = json.loads(weddell("pools", "--json", env=there)[1])
    assert "sealed" == pool["verdict"]
    assert re.search(r"textpad.py +\d+ +\S+ +1 ", weddell("clients", env=there)[1])
    assert "HEADLESS-1" in weddell("outputs", env=there)[1]


def test_programs_are_launched(compositor, there):
    assert (0, "hello\n", "") == weddell("launch", "--wait", "--", "echo", "hello", env=there)
    assert 9 == weddell("launch", "--wait", "--", "sh", "-c", "exit 9", env=there)[0]
    status, out, _ = weddell("launch", "--", "sh", "-c", "exec sleep 60 >/dev/null 2>&1", env=there)
    assert 0 == status
    pid = int(out.removeprefix("pid "))
    assert os.path.exists(f"/proc/{pid}")
    status, _, err = weddell("launch", "--", "no-such-program", env=there)
    assert (1, "weddell: launch: cannot start 'no-such-program': No such file or directory\n") == (
        status,
        err,
    )


def test_time_is_advanced(there, compositor):
    status, _, err = weddell("advance", 10, env=there)
    assert 1 == status
    assert "the clock is the real one" in err


def test_the_doctor_finds_this_machine_well(runtime):
    status, out, err = weddell("doctor", env=runtime)
    assert (0, "") == (status, err)
    assert "ok  sealing" in out
    findings = json.loads(weddell("doctor", "--json", env=runtime)[1])
    assert "good" == next(f["health"] for f in findings if f["check"] == "trial run")


@pytest.mark.slow
def test_the_demo_shows_windows_between_two_sizes(runtime, tmp_path):
    start = time.monotonic()
    status, out, _ = weddell("demo", "--seconds", "3", "--json", env=runtime, cwd=tmp_path)
    assert 0 == status
    assert time.monotonic() - start < 60
    result = json.loads(out)
    assert 9 == len(result["programs"])
    assert result["resizing_in_picture"] >= 2
    for program in result["programs"]:
        assert "" == program["problem"]
        assert program["frames"] > 0
        assert ("copy" if program["program"] == "unsealed" else "sealed") == program["verdict"]
    assert sum(program["growths"] for program in result["programs"]) > 0
    assert (1600, 900) == Image.open(tmp_path / "demo.png").size
    assert Image.open(tmp_path / "demo.webp").n_frames > 2
