"""The control socket lies beside the Wayland socket, for the same user only."""

from __future__ import annotations

import errno
import os
import socket
import stat
import time

import pytest
from control_rig import RawDriver
from faults.provocations import ask
from faults.shim import Faults
from support.process import Process

from compositor.control import listener as listener_module
from compositor.control.listener import ControlListener
from compositor.control.registry import Registry, method
from compositor.errors import ConfigError


class Example:
    @method("ping")
    def ping(self) -> str:
        return "pong"


@pytest.fixture
def listener(loop, tmp_path):
    made = ControlListener(loop, lambda: Registry([Example()]), str(tmp_path / "wayland-7.ctl"))
    yield made
    made.close()


def dial(loop, path):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(os.fspath(path))
    return RawDriver(loop, sock)


def test_it_serves_drivers_and_forgets_those_that_leave(loop, listener):
    first, second = dial(loop, listener.path), dial(loop, listener.path)
    assert "pong" == first.request("ping")["result"]
    assert "pong" == second.request("ping")["result"]
    assert 2 == len(listener.connections)
    first.sock.close()
    loop.run()
    assert 1 == len(listener.connections)
    second.sock.close()


def test_nobody_but_the_owner_can_open_it(listener):
    assert 0o600 == stat.S_IMODE(os.stat(listener.path).st_mode)


def test_another_user_is_refused(loop, listener, monkeypatch):
    monkeypatch.setattr(listener_module, "same_user", lambda sock: False)
    driver = dial(loop, listener.path)
    assert "closed" == driver.line()
    driver.sock.close()


def test_a_socket_left_over_is_replaced_and_the_end_removes_it(loop, tmp_path):
    path = tmp_path / "wayland-7.ctl"
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(os.fspath(path))
    listener = ControlListener(loop, lambda: Registry([Example()]), str(path))
    driver = dial(loop, path)
    listener.close()
    listener.close()
    assert not path.exists()
    assert "closed" == driver.line()
    driver.sock.close()


def test_the_end_leaves_the_socket_of_a_successor_alone(loop, tmp_path):
    path = tmp_path / "wayland-7.ctl"
    first = ControlListener(loop, lambda: Registry([]), str(path))
    second = ControlListener(loop, lambda: Registry([]), str(path))
    first.close()
    assert path.exists()
    second.close()
    assert not path.exists()


def test_a_path_a_little_too_long_for_a_socket_address_works(loop, tmp_path):
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    listener = ControlListener(loop, lambda: Registry([Example()]), str(folder / "wayland-7.ctl"))
    fd = os.open(folder, os.O_PATH)
    driver = dial(loop, f"/proc/self/fd/{fd}/wayland-7.ctl")
    os.close(fd)
    assert "pong" == driver.request("ping")["result"]
    driver.sock.close()
    listener.close()


def test_a_folder_that_is_not_there_is_a_clear_error(loop, tmp_path):
    with pytest.raises(ConfigError, match=r"cannot listen on .*wayland-7.ctl: No such file"):
        ControlListener(loop, lambda: Registry([]), str(tmp_path / "missing" / "wayland-7.ctl"))


def test_a_driver_that_finds_no_room_is_served_later_and_meanwhile_the_loop_rests(
    need_compiler,
):
    with Faults() as faults:
        process = Process(env=faults.environment)
        try:
            faults.watch(process.pid)
            faults.arm("accept4", errno.EMFILE, count=3)
            before = time.monotonic()
            assert "result" in ask(process, "server.info")
            assert 3 == faults.hits
            # Three rests: without them it would be a matter of microseconds, and of a whole processor.
            assert time.monotonic() - before > 0.25
        finally:
            process.close()
