"""wl_pointer and its cursor, spoken to by libwayland's client through a real compositor."""

from __future__ import annotations

from typing import Any

import pytest
from seat_peers import Peer, Stage, press, release

from compositor.model.seat import Axis, AxisSource

A = 30

# libwayland's client turns a surface that it has destroyed itself into null; pywayland warns of that.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


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
