"""The command line: every command against a running compositor, and the errors it gives."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest
from PIL import Image

from compositor.cli import COMMANDS
from compositor.locate import clients_dir

MAIN = [sys.executable, "-m", "compositor"]

_SYSTEM = {name: value for name, value in os.environ.items() if name not in ("XDG_RUNTIME_DIR", "DISPLAY")}


def weddell(*arguments, env=None, **options):
    """Run `weddell` and return status, stdout and stderr."""
    done = subprocess.run(
        [*MAIN, *map(str, arguments)],
        env=os.environ if env is None else {**_SYSTEM, **env},
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
def bare(tmp_path_factory):
    """Variables of a shell without a runtime directory; temporary files have a folder of their own."""
    folder = tempfile.mkdtemp(prefix="wd-")
    env = dict(os.environ, TMPDIR=folder)
    for name in ("XDG_RUNTIME_DIR", "WAYLAND_DISPLAY", "DISPLAY"):
        env.pop(name, None)
    yield env
    shutil.rmtree(folder)


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


def test_without_a_runtime_directory_one_is_made_and_found(bare):
    folder = f"{bare['TMPDIR']}/weddell-{os.geteuid()}"
    inside = f"{sys.executable} -m compositor outputs --json"
    status, out, err = weddell("--headless", "--no-wallpaper", "--", "sh", "-c", inside, env=bare)
    assert (0, f"weddell: XDG_RUNTIME_DIR is not set: sockets lie in {folder}\n") == (status, err)
    assert 1 == len(json.loads(out))
    assert 0o40700 == os.stat(folder).st_mode
    assert [] == os.listdir(folder)
    status, _, err = weddell("windows", env=bare)
    assert (1, f"weddell: no compositor runs in {folder} (to start one: weddell run --headless)\n") == (
        status,
        err,
    )


def test_a_runtime_directory_that_somebody_else_laid_there_is_refused(bare, tmp_path):
    folder = f"{bare['TMPDIR']}/weddell-{os.geteuid()}"
    os.symlink(tmp_path, folder)
    status, _, err = weddell("--headless", "--", "true", env=bare)
    assert (1, f"weddell: {folder} is a link; remove it, or set XDG_RUNTIME_DIR\n") == (status, err)
    os.unlink(folder)
    os.mkdir(folder, 0o755)
    status, _, err = weddell("--headless", "--", "true", env=bare)
    assert (1, True) == (status, "has mode 755: others could reach the socket" in err)


def test_a_detached_compositor_serves_a_shell_until_it_is_stopped(bare):
    script = f"""
        set -e
        weddell() {{ {sys.executable} -m compositor "$@"; }}
        eval "$(weddell run --headless --no-wallpaper --detach)"
        echo "$WAYLAND_DISPLAY"
        weddell launch -- {sys.executable} {clients_dir()}/textpad.py --title notes
        id=$(weddell wait --title '^notes$')
        weddell type "hello"
        weddell wait
        weddell windows --json
        weddell close $id
        weddell stop
        ls $XDG_RUNTIME_DIR
    """
    # Communicating to the end says that the compositor does not hold on to our pipes.
    done = subprocess.run(["bash", "-c", script], env=bare, capture_output=True, text=True, timeout=100)
    assert 0 == done.returncode, done.stderr
    name, pid, *listed = done.stdout.splitlines()
    assert ("wayland-1", True) == (name, pid.startswith("pid "))
    assert ["notes"] == [window["title"] for window in json.loads("\n".join(listed))]
    assert re.search(r"weddell: process \d+, log in .*/weddell-\d+.log\n$", done.stderr)


def test_a_detached_compositor_that_cannot_start_says_why(compositor, there):
    arguments = ("run", "--headless", "--detach", "--socket", there["WAYLAND_DISPLAY"])
    status, out, err = weddell(*arguments, env=there)
    text = f"weddell: the socket name {there['WAYLAND_DISPLAY']} is in use by another compositor"
    assert (1, "", True) == (status, out, err.startswith(text))
    assert [] == [name for name in os.listdir(there["XDG_RUNTIME_DIR"]) if name.startswith("weddell-")]
    assert 1 == weddell("run", "--headless", "--detach", "--", "true", env=there)[0]


def test_a_window_that_does_not_come_is_waited_for_and_no_longer(there):
    status, _, err = weddell("wait", "--title", "nobody", "--seconds", "0.5", env=there)
    assert (1, True) == (status, "nobody showed a window with title" in err)
    assert (0, "", "") == weddell("wait", env=there)
    assert "is no regular expression" in weddell("wait", "--title", "(", env=there)[2]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_and_leaves_nothing(runtime, end):
    arguments = [*MAIN, "run", "--headless", "--no-wallpaper", "--", "sh", "-c", "echo up; exec sleep 600"]
    with subprocess.Popen(arguments, env=runtime, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert b"up\n" == process.stdout.readline()
        process.send_signal(end)
        # Ends only when nobody holds the pipe any more: the program inside has gone too.
        out, err = process.communicate(timeout=60)
    assert (b"", b"") == (out, err)
    # It is the status of the program, which was told to end.
    assert 128 + signal.SIGTERM == process.returncode
    assert [] == os.listdir(runtime["XDG_RUNTIME_DIR"])


def test_a_person_at_a_terminal_is_told_what_now(runtime):
    ours, theirs = os.openpty()
    arguments = [*MAIN, "run", "--headless", "--no-wallpaper"]
    with subprocess.Popen(arguments, env=runtime, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        assert b"weddell: WAYLAND_DISPLAY=wayland-1\n" == process.stdout.readline()
        with open(ours, "rb", buffering=0) as terminal:
            said = terminal.read(4096).decode()
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert "In another terminal: WAYLAND_DISPLAY=wayland-1 foot" in said


def test_the_only_compositor_need_not_be_named(compositor, there):
    env = {"XDG_RUNTIME_DIR": there["XDG_RUNTIME_DIR"], "WAYLAND_DISPLAY": ""}
    assert (0, "no windows\n", "") == weddell("windows", env=env)
    status, _, err = weddell("windows", "--socket", "wayland-77", env=env)
    assert (1, True) == (status, err.endswith(f"(there is: {there['WAYLAND_DISPLAY']})\n"))
    arguments = [*MAIN, "run", "--headless", "--no-wallpaper", "--socket", "another"]
    with subprocess.Popen(arguments, env={**_SYSTEM, **env}, stdout=subprocess.PIPE) as second:
        assert second.stdout.readline().endswith(b"another\n")
        status, _, err = weddell("windows", env=env)
        second.terminate()
        second.wait(60)
    names = ", ".join(sorted(["another", there["WAYLAND_DISPLAY"]]))
    text = f"weddell: which compositor? Neither --socket nor WAYLAND_DISPLAY names one of {names}\n"
    assert (1, text) == (status, err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("record", "--fps", "0", "a.webp"), "'0' is not greater than zero"),
        (("record", "--seconds", "-1", "a.webp"), "'-1' is not greater than zero"),
        (("record", "/nowhere/a.webp"), "cannot write /nowhere/a.webp"),
        (("screenshot", "/nowhere/a.png"), "cannot write /nowhere/a.png: there is no folder /nowhere"),
        (("screenshot", "a.xyz"), "the ending must be one of .png, .webp, .jpg, .bmp"),
        (("screenshot", "--window", "7", "a.png"), "there is no window 7"),
        (("screenshot", "--output", "X", "a.png"), "there is no output 'X' (there are: HEADLESS-1)"),
        (("click", "1", "2", "--count", "1.5"), "'1.5' is not a whole number"),
        (("click", "nan", "2"), "'nan' is not a number"),
        (("key", "Foo"), "no key of the keymap 'English (US)' is called 'Foo'"),
        (("events", "foo"), "there is no kind 'foo' (there are: window,"),
        (("launch",), "which program? weddell launch -- CMD ARGS"),
        (("lint",), "which program? weddell lint -- CMD ARGS"),
        (("lint", "--output", "0x0", "--", "true"), "width and height must be from 1 to 32768"),
        (("demo", "--seconds", "0"), "'0' is not greater than zero"),
        (("demo", "--directory", "/nowhere"), "--directory /nowhere: there is no such folder"),
        (("trace", "/nowhere/a"), "cannot read /nowhere/a: No such file or directory"),
    ],
)
def test_wrong_uses_are_told_what_is_wrong(there, tmp_path, arguments, message):
    status, out, err = weddell(*arguments, env=there, cwd=tmp_path)
    assert status in (1, 2)
    assert message in err
    assert ("", True, []) == (out, err.count("\n") <= 2, os.listdir(tmp_path))


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
    assert 0 == weddell("screenshot", tmp_path / "shot.jpg", env=there)[0]
    assert "JPEG" == Image.open(tmp_path / "shot.jpg").format
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
    assert "A headless compositor runs here." in out.splitlines()[-1]
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


def test_the_demo_ends_at_once_when_it_is_interrupted(bare):
    arguments = [*MAIN, "demo", "--seconds", "600", "--directory", bare["TMPDIR"]]
    with subprocess.Popen(
        arguments, env=bare, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        said = next(line for line in process.stderr if line.startswith("resizing"))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "resizing 7 of 9 windows\n" == said
    assert (130, "", "") == (process.returncode, out, err)
    # Nor is anything left in the folder for temporary files: the compositor and all programs have ended.
    assert [] == os.listdir(bare["TMPDIR"])
