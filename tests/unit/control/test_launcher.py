"""Programs started by the compositor: real processes, real signals, nothing polled."""

from __future__ import annotations

import os
import signal
import socket
import sys

import pytest
from control_rig import open_descriptors

from compositor.control import launcher as launcher_module
from compositor.control.launcher import Launcher, LaunchError
from compositor.control.registry import Deferred
from compositor.loop import Loop
from compositor.memory.handshake import TOKEN_BYTES, HandshakeState

PYTHON = sys.executable


@pytest.fixture
def launcher(loop):
    made = Launcher(loop, {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": "/nowhere"})
    yield made
    made.close(5)


def wait(loop, launch):
    while launch.status is None:
        loop.turn(10)
    return launch.status


@pytest.mark.parametrize(("code", "status"), [("0", 0), ("7", 7)])
def test_the_exit_status_is_noticed(loop, launcher, code, status):
    assert status == wait(loop, launcher.launch(["sh", "-c", f"exit {code}"]))


def test_a_program_ended_by_a_signal_has_its_negative_as_status(loop, launcher):
    launch = launcher.launch(["sleep", "60"])
    assert launch.signal(signal.SIGTERM)
    assert -signal.SIGTERM == wait(loop, launch)
    assert not launch.signal(signal.SIGTERM)


def test_whoever_waits_is_answered_when_it_ends(loop, launcher):
    launch = launcher.launch(["sh", "-c", "exit 3"])
    answers = []
    deferred = Deferred()
    deferred.attach(answers.append)
    launch.waiting.append(deferred)
    wait(loop, launch)
    assert [{"status": 3}] == [answer.value for answer in answers]


def test_a_program_that_is_not_there_is_a_clear_error(launcher):
    with pytest.raises(LaunchError, match="cannot start 'no-such-program': No such file"):
        launcher.launch(["no-such-program"])
    with pytest.raises(LaunchError, match="the folder /no/such does not exist"):
        launcher.launch(["true"], cwd="/no/such")
    with pytest.raises(LaunchError, match="null byte"):
        launcher.launch(["a\0b"])


def test_it_gets_our_variables_and_its_own_and_no_other_display(loop, launcher, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setenv("WAYLAND_SOCKET", "99")
    read, write = os.pipe()
    script = "echo $WAYLAND_DISPLAY,$XDG_RUNTIME_DIR,$MINE,$DISPLAY,$WAYLAND_SOCKET"
    wait(loop, launcher.launch(["sh", "-c", script], env={"MINE": "m"}, stdout=write))
    os.close(write)
    assert b"wayland-7,/nowhere,m,,\n" == os.read(read, 1000)
    os.close(read)


def test_it_inherits_no_other_descriptor(loop, launcher):
    read, write = os.pipe()
    os.set_inheritable(read, True)
    wait(loop, launcher.launch(["sh", "-c", "ls /proc/self/fd | wc -l"], stdout=write))
    os.close(write)
    # Its three standard ones and the folder it reads.
    assert b"4" == os.read(read, 100).strip()
    os.close(read)


def test_a_trusted_program_gets_a_connection_of_its_own(loop):
    adopted = []
    launcher = Launcher(loop, {}, adopt=lambda sock, launch: adopted.append((sock, launch)))
    script = "import os, socket; socket.socket(fileno=int(os.environ['WAYLAND_SOCKET'])).send(b'me')"
    launch = launcher.launch([PYTHON, "-c", script], trusted=True)
    [(sock, adopted_launch)] = adopted
    assert launch is adopted_launch
    assert b"me" == sock.recv(10)
    assert 0 == wait(loop, launch)
    # Its end has only one owner: nothing is left open here.
    assert b"" == sock.recv(10)
    sock.close()


def test_processes_are_told_apart_by_their_session(loop, launcher):
    read, write = os.pipe()
    launch = launcher.launch(["sh", "-c", "sleep 60 & echo $!; wait"], stdout=write)
    other = launcher.launch(["sleep", "60"])
    child = int(os.read(read, 100))
    assert launch is launcher.of_process(child)
    assert launch is launcher.of_process(launch.pid)
    assert other is launcher.of_process(other.pid)
    assert None is launcher.of_process(os.getpid())
    assert None is launcher.of_process(2**22 - 1)
    os.close(read)
    os.close(write)


def test_the_end_of_the_compositor_ends_the_program_and_what_it_started(loop):
    launcher = Launcher(loop, {})
    ours, theirs = socket.socketpair()
    # The grandchild ignores SIGTERM; its copy of the socket closes when it is really gone.
    launcher.launch(["sh", "-c", "trap '' TERM; sleep 60 & wait"], stdin=theirs.fileno())
    theirs.close()
    launcher.close(0.05)
    ours.settimeout(10)
    assert b"" == ours.recv(1)
    ours.close()


def test_no_descriptor_is_left_open(loop):
    before = open_descriptors()
    launcher = Launcher(loop, {}, adopt=lambda sock, launch: sock.close())
    wait(loop, launcher.launch(["true"], trusted=True))
    with pytest.raises(LaunchError):
        launcher.launch(["no-such-program"], trusted=True)
    launcher.launch(["sleep", "60"])
    launcher.close()
    assert before == open_descriptors()


TELL_TOKEN = """
import os, socket, sys
pipe = socket.socket(fileno=int(os.environ["WEDDELL_HANDSHAKE"]))
sys.stdout.buffer.write(pipe.recv(36, socket.MSG_WAITALL)[4:])
"""
"""A program that learns its token, and ends: what it sent is still in a queue when its pipe is closed."""


@pytest.fixture
def turning():
    made = Loop()
    yield made
    made.close()


@pytest.fixture
def greeting_launcher(turning):
    made = Launcher(turning, {}, public_socket="/nowhere/wayland-7")
    yield made
    made.close(5)


def told_token(launcher):
    read, write = os.pipe()
    launch = launcher.launch([PYTHON, "-c", TELL_TOKEN], stdout=write)
    os.close(write)
    with open(read, "rb") as stream:
        token = stream.read(TOKEN_BYTES)
    return launch, token


def turn_until(loop, condition):
    while not condition():
        loop.turn()


def test_a_check_in_whose_sender_has_closed_its_pipe_is_still_heard(turning, greeting_launcher):
    launch, token = told_token(greeting_launcher)
    # Its end and that of the pipe are seen first, as they are when the connection waits to be accepted.
    turn_until(turning, lambda: launch.status is not None)
    turn_until(turning, lambda: len(turning.timers) or launch.handshake.state is HandshakeState.GONE)
    assert launch is greeting_launcher.check_in(token)
    assert HandshakeState.CHECKED_IN is launch.handshake.state
    assert greeting_launcher.check_in(token) is None


def test_a_pipe_that_is_closed_for_long_means_that_nobody_comes(turning, greeting_launcher, monkeypatch):
    monkeypatch.setattr(launcher_module, "_LAST_WORD_NS", 0)
    launch, token = told_token(greeting_launcher)
    turn_until(turning, lambda: launch.handshake.state is not HandshakeState.WAITING)
    assert HandshakeState.GONE is launch.handshake.state
    assert greeting_launcher.check_in(token) is None


def test_what_is_written_to_the_pipe_does_not_end_it(turning, greeting_launcher, monkeypatch):
    monkeypatch.setattr(launcher_module, "_LAST_WORD_NS", 0)
    chatter = TELL_TOKEN + "sys.stdout.flush(); pipe.send(b'x'); sys.stdin.read()"
    read, write = os.pipe()
    answer, stdout = os.pipe()
    launch = greeting_launcher.launch([PYTHON, "-c", chatter], stdin=read, stdout=stdout)
    for fd in (read, stdout):
        os.close(fd)
    with open(answer, "rb") as stream:
        token = stream.read(TOKEN_BYTES)
    # One turn for the byte, in which it is also read and thrown away.
    turning.turn()
    assert HandshakeState.WAITING is launch.handshake.state
    assert launch is greeting_launcher.check_in(token)
    os.close(write)
