"""wl_seat and its devices, spoken to by libwayland's client through a real compositor."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seat_peers import Peer, Stage

from compositor.memory import FROZEN, Seal
from compositor.model.keymap import text_keymap
from compositor.model.seat import Axis, AxisSource, KeyboardDevice
from compositor.protocol.wl_seat import WlSeat

LEFT, RIGHT = 0x110, 0x111
A, SHIFT, SUPER = 30, 42, 125


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def peer(stage: Stage) -> Peer:
    return stage.peer()


def press(stage: Stage, x: float, y: float, button: int = LEFT) -> None:
    pointer = stage.seat.pointer
    pointer.move_to(x, y)
    pointer.frame()
    pointer.button(button, True)
    pointer.frame()


def release(stage: Stage, button: int = LEFT) -> None:
    stage.seat.pointer.button(button, False)
    stage.seat.pointer.frame()


# libwayland's client turns a surface that it has destroyed itself into null; pywayland warns of that.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


# The seat


def test_a_bound_seat_tells_name_and_capabilities_and_later_changes(stage: Stage, peer: Peer) -> None:
    told = peer.take("seat")
    assert {("seat.name", "seat0"), ("seat.capabilities", 7)} == set(told)
    entry = next(r.entry for r in peer.client.resources() if isinstance(r, WlSeat))
    entry.set_capabilities(WlSeat.Capability.POINTER | WlSeat.Capability.KEYBOARD)
    assert [("seat.capabilities", 3)] == peer.take("seat")


def test_a_device_the_seat_never_had_is_an_error(stage: Stage, peer: Peer) -> None:
    entry = next(r.entry for r in peer.client.resources() if isinstance(r, WlSeat))
    entry.capabilities = entry.ever = WlSeat.Capability.POINTER
    peer.touch()
    stage.pump()
    assert [("wl_seat", WlSeat.Error.MISSING_CAPABILITY)] == stage.errors


def test_devices_can_be_released_in_any_order_and_the_seat_first(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    pointer, keyboard, touch = peer.pointer(), peer.keyboard(), peer.touch()
    peer.seat.release()
    touch.release()
    pointer.release()
    keyboard.release()
    stage.pump()
    stage.seat.pointer.move_to(10, 10)
    stage.seat.keyboard.key(A, True)
    stage.seat.touch.down(0, 5, 5)
    peer.take()
    assert [] == stage.errors
    assert not peer.gone


def test_a_client_can_have_so_many_pointers_and_no_more(stage: Stage, peer: Peer) -> None:
    pointers = [peer.seat.get_pointer() for _ in range(256)]
    stage.pump()
    assert [] == stage.errors
    pointers.append(peer.seat.get_pointer())
    stage.pump()
    assert [("wl_display", 3)] == stage.errors


def test_nothing_of_a_client_that_is_gone_is_remembered(stage: Stage) -> None:
    peer = stage.peer()
    peer.window(0, 0)
    peer.pointer(), peer.keyboard()
    press(stage, 10, 10)
    client = peer.client
    client.close("test")
    assert client not in stage.seat.serials._log.values()


# Pointer


def test_motion_arrives_in_surface_space_and_in_frames(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.pointer()
    peer.take()
    stage.seat.pointer.move_to(110.5, 120)
    stage.seat.pointer.frame()
    stage.seat.pointer.move_to(111, 121)
    stage.seat.pointer.frame()
    told = peer.take("pointer")
    assert ["pointer.enter", "pointer.frame", "pointer.motion", "pointer.frame"] == [t[0] for t in told]
    assert (surface, 10.5, 20.0) == told[0][2:]
    assert (11.0, 21.0) == told[2][2:]


def test_a_pointer_made_while_the_pointer_is_on_the_client_hears_of_it_at_once(stage: Stage) -> None:
    peer = stage.peer()
    surface = peer.window(0, 0)
    stage.seat.pointer.move_to(10, 10)
    stage.pump()
    peer.pointer()
    told = peer.take("pointer")
    assert [
        ("pointer.enter", stage.seat.pointer.focus_serial, surface, 10.0, 10.0),
        ("pointer.frame",),
    ] == told


def test_other_clients_hear_nothing(stage: Stage, peer: Peer) -> None:
    other = stage.peer()
    other.pointer()
    peer.window(0, 0)
    press(stage, 10, 10)
    assert [] == other.take("pointer")


def test_a_window_moving_under_the_pointer_is_a_warp_since_version_11_and_motion_before(stage: Stage) -> None:
    new = stage.peer()
    surface = new.window(0, 0)
    new.pointer()
    press(stage, 10, 10)
    release(stage)
    new.take()
    surface.window.move_to(-5, 0)
    assert [("pointer.warp", 15.0, 10.0), ("pointer.frame",)] == new.take("pointer")
    old = stage.peer(wl_seat=9)
    surface = old.window(0, 0)
    old.pointer()
    stage.pump()
    old.take()
    surface.window.move_to(-5, 0)
    told = old.take("pointer")
    assert ["pointer.motion", "pointer.frame"] == [t[0] for t in told]
    assert (15.0, 10.0) == told[0][2:]


def test_a_version_1_pointer_gets_no_frame(stage: Stage) -> None:
    peer = stage.peer(wl_seat=1)
    peer.window(0, 0)
    peer.pointer()
    press(stage, 10, 10)
    assert {"pointer.enter", "pointer.motion", "pointer.button"} >= set(peer.names("pointer"))


def test_destroying_the_surface_under_the_pointer_does_not_break_the_client(stage: Stage, peer: Peer) -> None:
    surface = peer.window(0, 0)
    peer.pointer()
    peer.keyboard()
    press(stage, 10, 10)
    peer.take()
    surface.toplevel.destroy()
    surface.xdg_surface.destroy()
    surface.destroy()
    stage.pump()
    release(stage)
    stage.seat.keyboard.key(A, True)
    stage.pump()
    assert stage.seat.pointer.focus is None
    assert not peer.gone and [] == stage.errors


def test_a_client_that_dies_with_a_button_down_leaves_a_working_pointer(stage: Stage) -> None:
    below, above = stage.peer(), stage.peer()
    surface = below.window(0, 0)
    below.pointer()
    above.window(0, 0)
    above.pointer()
    press(stage, 10, 10)
    stage.pump()
    above.client.close("test")
    stage.pump()
    assert stage.seat.pointer.focus is stage.server.desktop.windows[0].surface
    below.take()
    release(stage)
    assert "pointer.button" not in below.names()
    press(stage, 10, 10)
    assert "pointer.button" in below.names()
    assert surface.window is stage.server.desktop.windows[0]


@pytest.mark.parametrize("version", [1, 4, 5, 7, 8, 9, 11])
def test_a_wheel_notch_in_the_words_of_each_version(stage: Stage, version: int) -> None:
    peer = stage.peer(wl_seat=version)
    peer.window(0, 0)
    peer.pointer()
    stage.seat.pointer.move_to(10, 10)
    stage.pump()
    peer.take()
    stage.seat.pointer.axis(Axis.VERTICAL, value120=120, source=AxisSource.WHEEL)
    stage.seat.pointer.frame()
    expected: list[tuple[Any, ...]] = [("pointer.axis", 1000, 0, 15.0)]
    if version >= 5:
        expected.append(("pointer.frame",))
        steps = ("pointer.axis_value120", 0, 120) if version >= 8 else ("pointer.axis_discrete", 0, 1)
        expected.insert(0, steps)
        if version >= 9:
            expected.insert(0, ("pointer.axis_relative_direction", 0, 0))
        expected.insert(0, ("pointer.axis_source", 0))
    assert expected == [e for e in peer.take("pointer") if e[0] != "pointer.motion"]


def test_a_third_of_a_notch_waits_for_clients_that_count_whole_ones(stage: Stage) -> None:
    peer = stage.peer(wl_seat=7)
    peer.window(0, 0)
    peer.pointer()
    stage.seat.pointer.move_to(10, 10)
    stage.seat.pointer.frame()
    peer.take()
    for _ in range(3):
        stage.seat.pointer.axis(Axis.VERTICAL, value120=40, source=AxisSource.WHEEL)
        stage.seat.pointer.frame()
    told = [e for e in peer.take("pointer.axis") if e[0] != "pointer.axis_source"]
    assert [("pointer.axis_discrete", 0, 1), ("pointer.axis", 1000, 0, 15.0)] == told


def test_a_finger_scroll_ends_with_stop(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    peer.pointer()
    stage.seat.pointer.move_to(10, 10)
    stage.seat.pointer.frame()
    peer.take()
    stage.seat.pointer.axis(Axis.HORIZONTAL, 2.5, source=AxisSource.FINGER, inverted=True)
    stage.seat.pointer.frame()
    stage.seat.pointer.axis_stop(Axis.HORIZONTAL, AxisSource.FINGER)
    stage.seat.pointer.frame()
    assert [
        ("pointer.axis_source", 1),
        ("pointer.axis_relative_direction", 1, 1),
        ("pointer.axis", 1000, 1, 2.5),
        ("pointer.frame",),
        ("pointer.axis_source", 1),
        ("pointer.axis_stop", 1000, 1),
        ("pointer.frame",),
    ] == peer.take("pointer")


# Cursor


def test_the_client_under_the_pointer_sets_the_cursor_naming_the_enter(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    pointer = peer.pointer()
    stage.seat.pointer.move_to(10, 10)
    serial = peer.last("pointer.enter")[0]
    cursor = peer.surface()
    pointer.set_cursor(serial - 1, cursor, 1, 2)
    stage.pump()
    assert stage.seat.pointer.cursor.state.surface is None
    pointer.set_cursor(serial, cursor, 1, 2)
    stage.pump()
    state = stage.seat.pointer.cursor.state
    assert (1, 2, None) == (state.hotspot_x, state.hotspot_y, state.shape)
    assert state.surface is not None


def test_a_client_without_the_pointer_cannot_change_the_cursor(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    peer.pointer()
    stage.seat.pointer.move_to(10, 10)
    serial = peer.last("pointer.enter")[0]
    other = stage.peer()
    other.pointer().set_cursor(serial, None, 0, 0)
    stage.pump()
    assert "default" == stage.seat.pointer.cursor.state.shape


def test_a_null_cursor_hides_it_until_another_client_has_the_pointer(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    pointer = peer.pointer()
    stage.seat.pointer.move_to(10, 10)
    pointer.set_cursor(peer.last("pointer.enter")[0], None, 0, 0)
    stage.pump()
    assert stage.seat.pointer.cursor.state.hidden
    stage.peer().window(500, 0)
    stage.seat.pointer.move_to(510, 10)
    assert "default" == stage.seat.pointer.cursor.state.shape


def test_an_offset_moves_the_hotspot_the_other_way(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    pointer = peer.pointer()
    stage.seat.pointer.move_to(10, 10)
    cursor = peer.surface()
    pointer.set_cursor(peer.last("pointer.enter")[0], cursor, 5, 5)
    peer.show(cursor, 16, 16)
    cursor.offset(2, 3)
    cursor.commit()
    stage.pump()
    state = stage.seat.pointer.cursor.state
    assert (3, 2) == (state.hotspot_x, state.hotspot_y)


def test_a_window_cannot_be_a_cursor_not_even_with_a_stale_serial(stage: Stage, peer: Peer) -> None:
    surface = peer.window(0, 0)
    peer.pointer().set_cursor(0, surface, 0, 0)
    stage.pump()
    assert [("wl_pointer", 0)] == stage.errors


def test_a_cursor_surface_can_be_set_again_and_destroyed(stage: Stage, peer: Peer) -> None:
    peer.window(0, 0)
    pointer = peer.pointer()
    stage.seat.pointer.move_to(10, 10)
    serial = peer.last("pointer.enter")[0]
    cursor = peer.surface()
    pointer.set_cursor(serial, cursor, 1, 1)
    pointer.set_cursor(serial, None, 0, 0)
    pointer.set_cursor(serial, cursor, 4, 4)
    stage.pump()
    assert 4 == stage.seat.pointer.cursor.state.hotspot_x
    cursor.destroy()
    stage.pump()
    assert stage.seat.pointer.cursor.state.surface is None
    assert [] == stage.errors


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


# Moving and resizing


def test_a_client_starts_a_move_with_the_serial_of_its_press(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.pointer()
    press(stage, 110, 110)
    serial = peer.last("pointer.button")[0]
    surface.toplevel.move(peer.seat, serial)
    assert "pointer.leave" in peer.names()
    stage.seat.pointer.move_to(150, 130)
    assert (140, 120) == (surface.window.x, surface.window.y)
    release(stage)
    stage.seat.pointer.move_to(500, 500)
    assert (140, 120) == (surface.window.x, surface.window.y)


def test_a_move_with_a_wrong_serial_does_nothing(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.pointer()
    press(stage, 110, 110)
    surface.toplevel.move(peer.seat, peer.last("pointer.button")[0] - 1)
    stage.pump()
    stage.seat.pointer.move_to(150, 130)
    assert (100, 100) == (surface.window.x, surface.window.y)


def test_super_and_a_button_move_and_resize_without_the_client_hearing(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.pointer()
    sizes: list[tuple[int, int]] = []
    surface.toplevel.dispatcher["configure"] = lambda t, w, h, s: sizes.append((w, h))
    stage.seat.keyboard.key(SUPER, True)
    peer.take()
    press(stage, 110, 110)
    stage.seat.pointer.move_to(120, 110)
    release(stage)
    assert 110 == surface.window.x
    press(stage, 300, 190, RIGHT)
    stage.seat.pointer.move_to(330, 200)
    stage.pump()
    release(stage, RIGHT)
    assert "pointer.button" not in peer.names()
    assert (230, 110) in sizes


def test_a_finger_moves_a_window_and_the_client_hears_cancel(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.touch()
    stage.seat.touch.down(3, 110, 110)
    stage.seat.touch.frame()
    surface.toplevel.move(peer.seat, peer.last("touch.down")[0])
    assert "touch.cancel" in peer.names("touch")
    stage.seat.touch.motion(3, 130, 140)
    assert (120, 130) == (surface.window.x, surface.window.y)
    stage.seat.touch.up(3)
    stage.seat.touch.frame()
    assert [] == peer.names("touch")


def test_a_window_destroyed_while_it_is_dragged_ends_the_drag(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.pointer()
    press(stage, 110, 110)
    surface.toplevel.move(peer.seat, peer.last("pointer.button")[0])
    stage.pump()
    surface.toplevel.destroy()
    surface.xdg_surface.destroy()
    surface.destroy()
    stage.pump()
    stage.seat.pointer.move_to(300, 300)
    release(stage)
    assert stage.seat.pointer.grab is stage.seat.pointer.default_grab


# Menus


def test_an_open_menu_has_the_keyboard_and_gives_it_back(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.pointer()
    peer.keyboard()
    press(stage, 110, 110)
    serial = peer.last("pointer.button")[0]
    release(stage)
    menu = peer.popup(surface, 10, 10, 50, 50, serial)
    told = [(t[0], t[2]) for t in peer.take("keyboard.enter")]
    assert ("keyboard.enter", menu) == told[-1]
    menu.popup.destroy()
    menu.xdg_surface.destroy()
    menu.destroy()
    assert [("keyboard.enter", surface)] == [(t[0], t[2]) for t in peer.take("keyboard.enter")]


def test_a_press_on_another_client_closes_the_menu_and_is_heard_by_nobody(stage: Stage) -> None:
    peer, other = stage.peer(), stage.peer()
    other.window(500, 0)
    other.pointer()
    surface = peer.window(100, 100)
    peer.pointer()
    press(stage, 110, 110)
    serial = peer.last("pointer.button")[0]
    release(stage)
    menu = peer.popup(surface, 10, 10, 50, 50, serial)
    peer.popup(menu, 10, 10, 50, 50, serial)
    peer.take(), other.take()
    stage.seat.pointer.move_to(510, 10)
    assert [] == other.take("pointer"), "while the menu is open the pointer is its client's"
    press(stage, 510, 10)
    release(stage)
    assert ["popup.done", "popup.done"] == peer.names("popup")
    assert "pointer.button" not in other.names("pointer")
    assert stage.seat.popup_grab is None
    press(stage, 510, 10)
    assert "pointer.button" in other.names("pointer")


def test_a_second_menu_beside_an_open_one_is_an_error(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.pointer()
    press(stage, 110, 110)
    serial = peer.last("pointer.button")[0]
    release(stage)
    peer.popup(surface, 10, 10, 50, 50, serial)
    peer.popup(surface, 10, 10, 50, 50, serial)
    assert [("xdg_wm_base", 2)] == stage.errors


def test_a_press_on_the_menus_own_window_is_the_clients_to_handle(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.pointer()
    press(stage, 110, 110)
    serial = peer.last("pointer.button")[0]
    release(stage)
    peer.popup(surface, 50, 50, 20, 20, serial)
    peer.take()
    press(stage, 110, 110)
    told = peer.names()
    assert "pointer.button" in told and "popup.done" not in told


def test_a_menu_that_no_input_asked_for_is_dismissed(stage: Stage, peer: Peer) -> None:
    surface = peer.window(100, 100)
    peer.popup(surface, 10, 10, 50, 50, 12345)
    assert ["popup.done"] == peer.names("popup")
    assert stage.seat.popup_grab is None


def test_a_client_that_dies_with_its_menu_open_gives_everything_back(stage: Stage) -> None:
    other = stage.peer()
    window = other.window(500, 0)
    peer = stage.peer()
    surface = peer.window(100, 100)
    peer.pointer()
    press(stage, 110, 110)
    serial = peer.last("pointer.button")[0]
    release(stage)
    peer.popup(surface, 10, 10, 50, 50, serial)
    peer.client.close("test")
    stage.pump()
    assert stage.seat.popup_grab is None
    assert stage.seat.keyboard.focused is window.window.surface
    assert stage.seat.pointer.grab is stage.seat.pointer.default_grab
