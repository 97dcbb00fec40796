"""wl_seat, and what it is needed for: moving, resizing, menus; by libwayland's client."""

from __future__ import annotations

import pytest
from seat_peers import Peer, Stage, press, release

from compositor.protocol.wl_seat import WlSeat

RIGHT = 0x111
A, SUPER = 30, 125

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
