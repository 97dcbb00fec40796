"""What befalls a compositor from outside: its folder goes, disks are full, clocks jump, signals come."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults.provocations import ask
from faults.shim import Faults
from support.arena import Honest
from support.client import Client, ConnectionLost
from support.pixels import Buffer
from support.process import DEADLINE_S, Process
from support.windows import Toplevel


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Start compositors."""
    started: list[Process] = []

    def start(*arguments: str, **options: Any) -> Process:
        started.append(Process(*arguments, **options))
        return started[-1]

    yield start
    for process in started:
        process.close()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def children(process: Process) -> list[int]:
    """Return the processes that a compositor has started, the caretaker first."""
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return sorted(map(int, text.split()))


def has_ended(client: Client) -> bool:
    """Read until the compositor has closed the connection."""
    while client.receive(wait=True):
        pass
    return client.closed


# The runtime directory


def test_it_outlives_its_runtime_directory_and_comes_back_with_it(start: Callable[..., Process]) -> None:
    process = start()
    honest = Honest(process.connect())
    honest.frames(2)
    shutil.rmtree(process.runtime_dir)
    honest.frames(3)
    # No folder yet: it says so and goes on.
    process.process.send_signal(signal.SIGHUP)
    process.logged("reload: cannot make")
    honest.frames(3)
    process.runtime_dir.mkdir(mode=0o700)
    process.process.send_signal(signal.SIGHUP)
    process.logged("listening on")
    later = process.connect()
    Toplevel(later).show()
    assert ask(process, "clients.list")["result"]
    honest.frames(2)
    later.close()
    assert 0 == process.end()
    assert [] == os.listdir(process.runtime_dir)


def test_a_name_that_another_has_taken_meanwhile_stays_the_others(start: Callable[..., Process]) -> None:
    process = start("--socket", "ours")
    honest = Honest(process.connect())
    for path in process.runtime_dir.iterdir():
        path.unlink()
    other = subprocess.Popen(
        [sys.executable, "-m", "compositor", "run", "--headless", "--socket", "ours"],
        env={**os.environ, "XDG_RUNTIME_DIR": str(process.runtime_dir)},
        cwd=Path(__file__).parent.parent.parent,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout is not None
        assert b"WAYLAND_DISPLAY=ours" in other.stdout.readline()
        process.process.send_signal(signal.SIGHUP)
        process.logged("belongs to another compositor by now")
        honest.frames(2)
        assert 0 == process.end()
        # What ends now is not what the files belong to.
        client = process.connect()
        client.roundtrip()
        client.close()
    finally:
        other.terminate()
        assert 0 == other.wait(DEADLINE_S)
        other.stdout.close()
    assert [] == os.listdir(process.runtime_dir)


def test_what_is_there_is_left_alone_by_sighup(start: Callable[..., Process]) -> None:
    process = start()
    inode = process.path.stat().st_ino
    honest = Honest(process.connect())
    for _ in range(3):
        process.process.send_signal(signal.SIGHUP)
        honest.frames(1)
    assert inode == process.path.stat().st_ino
    assert "reload" not in process.log


# Disks


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
def test_a_trace_that_finds_no_room_ends_and_nobody_notices(start: Callable[..., Process]) -> None:
    process = start("--trace", "/dev/full")
    honest = Honest(process.connect())
    honest.frames(3)
    assert "the trace /dev/full ends: No space left on device" in process.logged("ends:")
    assert "bug:" not in process.log
    assert 0 == process.end()


def test_a_trace_that_was_moved_away_goes_on_in_a_new_file(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    process = start("--trace", str(trace))
    honest = Honest(process.connect())
    honest.frames(2)
    trace.rename(tmp_path / "trace.1")
    process.process.send_signal(signal.SIGHUP)
    until(trace.exists, "no new file")
    honest.frames(2)
    until(lambda: '"commit"' in trace.read_text(), "nothing in it")
    assert '"get_registry"' in (tmp_path / "trace.1").read_text()
    honest.client.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
def test_a_log_that_finds_no_room_is_no_reason_to_end(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with open("/dev/full", "wb") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "compositor", "run", "--headless", "-vv", "--socket", "full"],
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
            cwd=Path(__file__).parent.parent.parent,
            stdout=subprocess.PIPE,
            stderr=full,
        )
    try:
        assert process.stdout is not None
        assert b"WAYLAND_DISPLAY=full" in process.stdout.readline()
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(tmp_path / "full"))
        honest = Honest(Client(sock, timeout_s=DEADLINE_S))
        honest.frames(3)
        honest.client.close()
    finally:
        process.terminate()
        assert 0 == process.wait(DEADLINE_S)
        process.stdout.close()


# Signals


def test_sigterm_ends_it_in_order(start: Callable[..., Process]) -> None:
    process = start()
    honest = Honest(process.connect())
    honest.frames(1)
    # The program ignores the signal; its end of this pair closes when it is gone.
    ours, theirs = socket.socketpair()
    with theirs.makefile("rb") as stream:
        answer = ask(
            process,
            "launch",
            (theirs.fileno(),),
            argv=["sh", "-c", "trap '' TERM; sleep 60 & wait"],
            stdin=0,
        )
        assert answer["result"]["pid"]
        stream.close()
    theirs.close()
    assert 0 == process.end()
    assert has_ended(honest.client)
    assert honest.client.error is None
    ours.settimeout(DEADLINE_S)
    assert b"" == ours.recv(1)
    ours.close()
    assert [] == os.listdir(process.runtime_dir)


def test_settings_are_read_again_and_a_mistake_changes_none(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    file = tmp_path / "weddell.toml"
    file.write_text("verbose = 0\n[limit]\nsurfaces = 100\n")
    process = start("--config", str(file), "--limit", "pools=50")

    def reload(text: str, answer: str) -> None:
        said = process.log.count(answer)
        file.write_text(text)
        process.process.send_signal(signal.SIGHUP)
        until(lambda: process.log.count(answer) > said, f"{answer}: {process.log}")

    def surfaces(client: Client) -> int:
        compositor = client.get("wl_compositor")
        for count in range(101):
            compositor.create_surface()
            try:
                client.roundtrip()
            except ConnectionLost:
                return count
        return -1

    honest = Honest(process.connect())
    honest.frames(1)
    reload('seal = "require"\n[limit]\nsurfaces = 10\n', "the settings were read again")
    assert 10 == surfaces(process.connect())
    unsealed = process.connect()
    Buffer(unsealed, 20, 20, seals=0)
    with pytest.raises(ConnectionLost, match="not sealed against shrinking"):
        unsealed.roundtrip()
    honest.frames(1)
    for mistake in ("[limit]\nsurfaces = 'x'\n", 'layout = "nowhere"\n[limit]\nsurfaces = 20\n'):
        reload(mistake, "the settings stay as they were")
    assert 10 == surfaces(process.connect())
    # Who is not let in any more is sent away.
    python = os.path.realpath(sys.executable)
    reload(f'deny-exe = ["{python}"]\n[limit]\nsurfaces = 20\n', "the settings were read again")
    assert has_ended(honest.client)
    assert honest.client.error is not None and "is denied" in honest.client.error[3]
    assert has_ended(process.connect())
    reload("verbose = 1\n", "the settings were read again")
    assert -1 == surfaces(process.connect())
    assert "bug:" not in process.log


def test_no_program_is_left_a_zombie(start: Callable[..., Process]) -> None:
    process = start()
    script = "true & (sleep 0.01 &) ; exit 3"
    launches = [ask(process, "launch", argv=["sh", "-c", script])["result"]["launch"] for _ in range(8)]
    for launch in launches:
        assert {"status": 3} == ask(process, "launch.wait", launch=launch)["result"]
    until(lambda: 1 == len(children(process)), "others than the caretaker are left")


# Clocks


@pytest.mark.parametrize("seconds", [3600, -3600, 10**6], ids=["an hour", "back an hour", "twelve days"])
def test_a_clock_that_jumps_costs_no_frame(
    need_compiler: None, start: Callable[..., Process], seconds: int
) -> None:
    with Faults() as faults:
        process = start(env=faults.environment)
        faults.watch(process.pid)
        honest = Honest(process.connect())
        honest.frames(3)
        faults.jump(seconds)
        before = time.monotonic()
        honest.frames(10)
        # Neither a rush of frames that were missed, nor a wait for the time that is still to come.
        assert time.monotonic() - before < DEADLINE_S
        frames = ask(process, "outputs.list")["result"][0]["frames"]
        assert frames < 200
        assert "bug:" not in process.log
        honest.client.close()


# Crashes


def test_a_crash_leaves_a_report_and_no_socket(
    need_compiler: None, start: Callable[..., Process], tmp_path: Path
) -> None:
    with Faults() as faults:
        process = start(env={**faults.environment, "XDG_STATE_HOME": str(tmp_path)})
        faults.watch(process.pid)
        honest = Honest(process.connect())
        honest.frames(1)
        # What can only be a bug of ours.
        faults.arm("epoll_wait", errno.EBADF)
        assert has_ended(honest.client)
        assert 70 == process.process.wait(DEADLINE_S)
    (report,) = (tmp_path / "weddell").iterdir()
    assert 0o600 == report.stat().st_mode & 0o777
    text = report.read_text()
    for part in ("crashed on", "OSError: [Errno 9]", "clients: 1, windows: 1", "in turn"):
        assert part in text
    assert f"a report is in {report}" in process.log
    assert [] == os.listdir(process.runtime_dir)


def test_a_fault_in_a_library_leaves_a_report_and_no_socket(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    process = start(env={"XDG_STATE_HOME": str(tmp_path)})
    process.process.send_signal(signal.SIGSEGV)
    assert -signal.SIGSEGV == process.process.wait(DEADLINE_S)
    until(lambda: "a report is in" in process.log, "no report")
    (report,) = (tmp_path / "weddell").iterdir()
    assert 0o600 == report.stat().st_mode & 0o777
    for text in (report.read_text(), process.log):
        assert "Fatal Python error: Segmentation fault" in text
        assert "(most recent call first)" in text
    assert f"socket: {process.path} (removed)" in report.read_text()
    assert [] == os.listdir(process.runtime_dir)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGBUS], ids=lambda number: number.name)
def test_who_is_killed_leaves_no_socket(start: Callable[..., Process], number: signal.Signals) -> None:
    # SIGBUS has no handler, and not even faulthandler's: see watch_faults.
    process = start()
    process.process.send_signal(number)
    assert -number == process.process.wait(DEADLINE_S)
    until(lambda: "was killed" in process.log, "nothing was said of it")
    assert [] == os.listdir(process.runtime_dir)


def test_a_name_without_a_caretaker_is_the_next_ones(start: Callable[..., Process]) -> None:
    process = start("--socket", "faulty")
    (caretaker,) = children(process)
    os.kill(caretaker, signal.SIGKILL)
    process.process.kill()
    assert -signal.SIGKILL == process.process.wait(DEADLINE_S)
    assert process.path.exists()
    next_one = subprocess.run(
        [sys.executable, "-m", "compositor", "run", "--headless", "--socket", "faulty", "--", "true"],
        env={**os.environ, "XDG_RUNTIME_DIR": str(process.runtime_dir)},
        cwd=Path(__file__).parent.parent.parent,
        timeout=60,
        check=False,
    )
    assert 0 == next_one.returncode
    assert [] == os.listdir(process.runtime_dir)


def test_the_caretaker_holds_nothing_does_nothing_and_ends_with_it(start: Callable[..., Process]) -> None:
    ours, theirs = os.pipe()
    os.set_inheritable(ours, True)
    process = start("--until-fd", str(ours), descriptors_to_pass=(ours,))
    os.close(ours)
    (caretaker,) = children(process)
    folder = Path(f"/proc/{caretaker}")
    # Its end of the pipe, nowhere to write to, and where the compositor logs.
    until(lambda: {"0", "1", "2"} == set(os.listdir(folder / "fd")), "it holds more")

    def slept() -> int:
        lines = (folder / "status").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)

    # To lie down for the first time counts, too.
    until(lambda: "State:\tS" in (folder / "status").read_text(), "it is awake")
    before = slept()
    Honest(process.connect()).frames(30)
    assert before == slept()
    os.kill(caretaker, signal.SIGTERM)
    os.close(theirs)
    assert 0 == process.process.wait(DEADLINE_S)
    assert not folder.exists()
    assert "" == process.log
