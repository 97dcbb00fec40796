"""Weddell in a window of Xwayland, which is in Weddell: input that no X server without devices can make up.

Xvfb turns wheels by whole notches and knows no way that goes on at the edge of the screen. Xwayland passes on
what its compositor's devices do; here that compositor is ours, and its devices are the driver's.
"""

import os
import select
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from support.client import Client
from support.windows import Toplevel
from test_gl_window import captured, demo
from xhost import wait_for

from compositor.testing import Compositor

pytestmark = pytest.mark.timeout(180)


class Nest(NamedTuple):
    """The host's compositor, and the one in a window on it."""

    outer: Any
    inner: Any


@pytest.fixture(scope="module")
def nest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nest]:
    import shutil

    if shutil.which("Xwayland") is None:
        pytest.skip("Xwayland is not installed (apt-get install xwayland)")
    with Compositor(outputs=["700x500"], timeout_s=30) as outer:
        read_end, write_end = os.pipe()
        runtime, name = os.path.split(outer.socket)
        server = subprocess.Popen(
            ["Xwayland", "-shm", "-noreset", "-displayfd", str(write_end)],
            env={**os.environ, "XDG_RUNTIME_DIR": runtime, "WAYLAND_DISPLAY": name},
            pass_fds=(write_end,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        try:
            with os.fdopen(read_end) as reader:
                assert select.select([reader], [], [], 30)[0], "Xwayland does not start"
                display = f":{reader.readline().strip()}"
            environment = {"DISPLAY": display}
            with Compositor(
                headed=True, renderer="cpu", env=environment, outputs=["600x400"], timeout_s=30
            ) as inner:
                yield Nest(outer, inner)
        finally:
            server.terminate()
            server.wait(20)


class Guest:
    """A window of the inner compositor, with the host's pointer in it."""

    def __init__(self, nest: Nest) -> None:
        self.nest = nest
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(nest.inner.socket)
        self.client = Client(sock)
        self.pointer = self.client.get("wl_seat").get_pointer()
        self.toplevel = Toplevel(self.client).start()
        self.toplevel.show(300, 200)
        (info,) = nest.inner.window_infos()
        self.x, self.y = info["x"] + 100.0, info["y"] + 90.0
        for x in (self.x + 1, self.x):
            nest.outer.pointer.move(x, self.y)
            wait_for(lambda x=x: place(nest.inner) == (x, self.y), "the pointer")
        self.wait(lambda: self.pointer.count("enter"), "the pointer")

    def wait(self, probe: Any, what: str) -> Any:
        return wait_for(lambda: self.client.roundtrip() or probe(), what)


@pytest.fixture
def guest(nest: Nest) -> Iterator[Guest]:
    made = Guest(nest)
    yield made
    made.client.close()
    wait_for(lambda: not nest.inner.window_infos(), "the window's end")


def place(compositor: Any) -> tuple[float, float]:
    state = compositor.call("pointer.state")
    return state["x"], state["y"]


def scrolled(guest: Guest) -> list[tuple[int, int]]:
    return [values for name, values in guest.pointer.raw if name == "axis_value120"]


def test_a_touchpad_scrolls_by_fractions_of_a_notch(guest: Guest) -> None:
    guest.pointer.take()
    expected = []
    # Xwayland counts ten pixels as a notch. The first turn of each wheel counts, too.
    for dx, dy, turn in (
        (0, 3.0, (0, 36)),
        (0, 0.5, (0, 6)),
        (0, -7.5, (0, -90)),
        (2.5, 0, (1, 30)),
        (-20, 0, (1, -240)),
    ):
        guest.nest.outer.call("pointer.axis", dx=dx, dy=dy, source="finger")
        expected.append(turn)
        guest.wait(lambda: scrolled(guest) == expected, f"{expected}; there was {scrolled(guest)}")
    assert 0 == guest.pointer.count("motion"), "who scrolls moves nothing"


def test_a_wheel_that_turned_elsewhere_does_not_jump(guest: Guest) -> None:
    outer = guest.nest.outer
    outer.call("pointer.axis", dy=5.0, source="finger")
    guest.wait(lambda: scrolled(guest) == [(0, 60)], "half a notch")
    # Over the root window of the X server, where nobody listens.
    outer.pointer.move(690, 490)
    outer.call("pointer.axis", dy=80.0, source="finger")
    outer.pointer.move(guest.x + 1, guest.y)
    guest.wait(lambda: place(guest.nest.inner) == (guest.x + 1, guest.y), "the pointer")
    outer.call("pointer.axis", dy=5.0, source="finger")
    guest.wait(lambda: len(scrolled(guest)) > 1, "half a notch more")
    assert [(0, 60), (0, 60)] == scrolled(guest)


def test_a_pointer_locked_here_is_locked_by_the_hosts_compositor(guest: Guest) -> None:
    outer, inner, client = guest.nest.outer, guest.nest.inner, guest.client
    relative = client.get("zwp_relative_pointer_manager_v1").get_relative_pointer(guest.pointer)
    lock = client.get("zwp_pointer_constraints_v1").lock_pointer(
        guest.toplevel.surface, guest.pointer, None, 2
    )
    guest.wait(lambda: "locked()" in lock.events, "the lock")

    def holds() -> bool:
        before = place(outer)
        outer.call("pointer.move_by", dx=1, dy=0)
        return before == place(outer)

    wait_for(holds, "the host's compositor to lock it, too")
    held = place(outer)
    ways = [(10, -4), (-1000, 3), (0.5, 0.25), (2000, -2000)]
    for dx, dy in ways:
        outer.call("pointer.move_by", dx=dx, dy=dy)

    def told() -> list[tuple[float, ...]]:
        return [values[2:4] for name, values in relative.raw if name == "relative_motion"]

    guest.wait(lambda: told()[-1:] == ways[-1:], f"the ways {ways}; there were {told()}")
    assert ways == told()[-4:]
    assert {(1, 0)} >= set(told()[:-4])
    assert held == place(outer)
    assert (guest.x, guest.y) == place(inner)
    lock.destroy()
    client.roundtrip()

    def follows() -> bool:
        outer.pointer.move(guest.x + 20, guest.y + 10)
        return place(inner) == (guest.x + 20, guest.y + 10)

    wait_for(follows, "the pointer let go")


def test_keys_pass_through_both(guest: Guest) -> None:
    keyboard = guest.client.get("wl_seat").get_keyboard()
    guest.wait(lambda: keyboard.count("enter"), "the keyboard")
    # An A, and a key that only some keyboards have.
    for key in (30, 183):
        for pressed in (True, False):
            guest.nest.outer.call("keyboard.key", key=key, pressed=pressed)
            guest.wait(
                lambda k=key, p=pressed: keyboard.count("key") and keyboard.last("key")[2:] == (k, int(p)),
                f"key {key}",
            )


def test_a_finger_on_the_hosts_screen_is_a_pointer_here(guest: Guest) -> None:
    outer = guest.nest.outer
    outer.call("touch.down", id=1, x=guest.x + 30, y=guest.y + 20)
    guest.wait(lambda: guest.pointer.count("button") == 1, "the press")
    assert (272, 1) == guest.pointer.last("button")[2:]
    assert (130, 110) == pytest.approx(guest.pointer.last("motion")[1:], abs=0.01)
    outer.call("touch.up", id=1)
    guest.wait(lambda: guest.pointer.count("button") == 2, "the release")


def test_the_hosts_screen_shows_the_picture(nest: Nest) -> None:
    nest.inner.launch(demo("menu")).window().move(120, 90)
    nest.outer.pointer.move(690, 490)
    nest.inner.wait_idle()

    def agree() -> bool:
        return np.array_equal(captured(nest.inner), captured(nest.outer)[:400, :600])

    wait_for(agree, "the picture on the host's screen")
    assert 50 < len(np.unique(captured(nest.inner)))
    assert "bug" not in nest.inner.log and "X error" not in nest.inner.log
    assert Path(nest.inner.socket).exists()
