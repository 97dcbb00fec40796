"""wl_keyboard and wl_touch, spoken to by libwayland's client through a real compositor."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from typing import Any

import pytest
from seat_peers import Peer, Stage

from compositor.memory import FROZEN, Seal
from compositor.model.keymap import text_keymap
from compositor.model.seat import KeyboardDevice

A, SHIFT = 30, 42

# libwayland's client turns a surface that it has destroyed itself into null; pywayland warns of that.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


# Keyboard


def _keymap(told: tuple[Any, ...]) -> tuple[bytes, int]:
    """Read a keymap as clients do, and return it with its seals."""
    kind, fd, size = told
    assert 1 == kind
    seals = fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    with mmap.mmap(fd, size, mmap.MAP_PRIVATE, mmap.PROT_READ) as memory:
        text = memory.read()
    with mmap.mmap(fd, size, mmap.MAP_SHARED, mmap.PROT_READ) as memory:
        assert text == memory.read(), "clients before version 7 may map it shared"
    os.close(fd)
    return text, seals


def test_a_new_keyboard_is_told_how_things_stand(stage: Stage, peer: Peer) -> None:
    surface = peer.window(0, 0)
    stage.seat.keyboard.key(A, True)
    peer.keyboard()
    told = peer.take("keyboard")
    expected = ["keyboard.repeat_info", "keyboard.keymap", "keyboard.enter", "keyboard.modifiers"]
    assert expected == [t[0] for t in told]
    assert (25, 600) == told[0][1:]
    text, seals = _keymap(told[1][1:])
    assert text.startswith(b"xkb_keymap") and text.endswith(b"\0") and 1 == text.count(b"\0")
    assert FROZEN == Seal(seals) & FROZEN
    assert surface == told[2][2]
    assert [A] == list(struct.unpack("=I", bytes(told[2][3])))
    assert 0 < told[3][1] and (0, 0, 0, 0) == told[3][2:]


def test_keymaps_of_all_keyboards_are_one_memory(stage: Stage) -> None:
    inodes = set()
    for _ in range(3):
        peer = stage.peer()
        peer.keyboard()
        fd = peer.last("keyboard.keymap")[1]
        inodes.add(os.fstat(fd).st_ino)
        os.close(fd)
    assert 1 == len(inodes)


def test_a_client_without_the_keyboard_gets_a_new_keymap_before_its_next_enter(stage: Stage) -> None:
    first, second = stage.peer(), stage.peer()
    first.keyboard()
    second.keyboard()
    first.window(0, 0)
    second.window(300, 0)
    for peer in (first, second):
        os.close(peer.last("keyboard.keymap")[1])
        peer.take()
    device = KeyboardDevice(text_keymap("xyz"))
    stage.seat.keyboard.key(30, True, device=device)
    stage.seat.keyboard.key(30, False, device=device)
    told = second.take("keyboard")
    names = [t[0] for t in told]
    assert ["keyboard.keymap", "keyboard.modifiers", "keyboard.key", "keyboard.key"] == names[:4]
    os.close(told[0][2])
    assert [] == first.take("keyboard")
    stage.server.desktop.activate(stage.server.desktop.windows[0])
    told = first.take("keyboard")
    assert ["keyboard.keymap", "keyboard.enter", "keyboard.modifiers"] == [t[0] for t in told]
    os.close(told[0][2])


def test_keys_and_modifiers_arrive_in_order(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    peer.keyboard()
    peer.take()
    for key, pressed in ((SHIFT, True), (A, True), (A, False), (SHIFT, False)):
        stage.seat.keyboard.key(key, pressed)
    assert [
        "keyboard.key",
        "keyboard.modifiers",
        "keyboard.key",
        "keyboard.key",
        "keyboard.key",
        "keyboard.modifiers",
    ] == peer.names("keyboard")


def test_a_window_that_is_unmapped_loses_the_keyboard(stage: Stage, peer: Peer) -> None:
    surface = peer.window(0, 0)
    peer.keyboard()
    peer.take()
    surface.attach(None, 0, 0)
    surface.commit()
    assert [("keyboard.leave", surface)] == [(t[0], t[2]) for t in peer.take("keyboard")]


# Touch


def test_fingers_stay_with_their_surface_and_frames_go_to_each_client_once(stage: Stage) -> None:
    a, b = stage.peer(), stage.peer()
    left, right = a.window(0, 0), b.window(300, 0)
    a.touch(), b.touch()
    a.take(), b.take()
    touch = stage.seat.touch
    touch.down(0, 10, 10)
    touch.down(1, 20, 20)
    touch.down(2, 310, 10)
    touch.frame()
    touch.motion(0, 500, 10)
    touch.frame()
    touch.up(0)
    touch.frame()
    told = a.take("touch")
    assert ["touch.down", "touch.down", "touch.frame", "touch.motion", "touch.frame"] == [t[0] for t in told][
        :5
    ]
    assert (left, 0, 10.0, 10.0) == told[0][3:]
    assert (0, 500.0, 10.0) == told[3][2:]
    assert ["touch.up", "touch.frame"] == [t[0] for t in told][5:]
    told = b.take("touch")
    assert ["touch.down", "touch.frame"] == [t[0] for t in told]
    assert (right, 2, 10.0, 10.0) == told[0][3:]


def test_a_tap_focuses_the_window(stage: Stage) -> None:
    a, b = stage.peer(), stage.peer()
    a.window(0, 0)
    b.window(300, 0)
    stage.seat.touch.down(0, 10, 10)
    stage.pump()
    assert stage.server.desktop.focused is stage.server.desktop.windows[0]


def test_cancel_is_told_and_ids_can_be_used_again(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    peer.touch()
    peer.take()
    stage.seat.touch.down(0, 10, 10)
    stage.seat.touch.frame()
    stage.seat.touch.cancel()
    stage.seat.touch.down(0, 20, 20)
    stage.seat.touch.frame()
    names = ["touch.down", "touch.frame", "touch.cancel", "touch.down", "touch.frame"]
    assert names == peer.names("touch")


def test_shape_and_orientation_are_for_version_6(stage: Stage) -> None:
    for version, expected in ((6, ["touch.shape", "touch.orientation", "touch.frame"]), (5, ["touch.frame"])):
        peer = stage.peer(wl_seat=version)
        peer.window(0, 0)
        peer.touch()
        stage.seat.touch.down(0, 10, 10)
        stage.seat.touch.frame()
        peer.take()
        stage.seat.touch.shape(0, 8.0, 6.0)
        stage.seat.touch.orientation(0, 45.0)
        stage.seat.touch.frame()
        assert expected == peer.names("touch")
        stage.seat.touch.up(0)


def test_a_surface_destroyed_under_a_finger_is_safe(stage: Stage, peer: Peer) -> None:
    surface = peer.window(0, 0)
    peer.touch()
    stage.seat.touch.down(0, 10, 10)
    stage.pump()
    surface.toplevel.destroy()
    surface.xdg_surface.destroy()
    surface.destroy()
    stage.pump()
    stage.seat.touch.motion(0, 20, 20)
    stage.seat.touch.up(0)
    stage.seat.touch.frame()
    stage.pump()
    assert not peer.gone and [] == stage.errors
