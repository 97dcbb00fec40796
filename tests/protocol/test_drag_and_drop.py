"""Drag and drop, between libwayland clients through a real compositor."""

from __future__ import annotations

from typing import Any

import pytest
from seat_peers import Peer, Stage, focused_peer

LEFT = 0x110
A, ESC, CONTROL, SHIFT = 30, 1, 29, 42
COPY, MOVE, ASK = 1, 2, 4
TEXT = "text/plain"

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


# Drag and drop


def drag_peer(stage: Stage, x: int, **versions: int) -> Peer:
    peer = focused_peer(stage, x, **versions)
    peer.pointer()
    return peer


def press(stage: Stage, peer: Peer, x: float, y: float) -> int:
    pointer = stage.seat.pointer
    pointer.move_to(x, y)
    pointer.frame()
    pointer.button(LEFT, True)
    pointer.frame()
    return int(peer.last("pointer.button")[0])


def start(stage: Stage, peer: Peer, source: Any, x: float = 10, icon: Any = None) -> None:
    serial = press(stage, peer, x, 10)
    peer.log.clear()
    peer.device.start_drag(source, peer.surface_, icon, serial)
    stage.pump()


def go(stage: Stage, x: float, y: float = 10) -> None:
    stage.seat.pointer.move_to(x, y)
    stage.pump()


def let_go(stage: Stage) -> None:
    stage.seat.pointer.button(LEFT, False)
    stage.seat.pointer.frame()
    stage.pump()


def test_a_drag_between_clients_from_press_to_finish(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    source = source_peer.source(TEXT, actions=COPY | MOVE, data=b"dragged")
    start(stage, source_peer, source)
    assert "pointer.leave" in [e[0] for e in source_peer.log]
    target.log.clear()
    go(stage, 310)
    go(stage, 320)
    told = target.take("device", "offer")
    names = ["offer.source_actions", "device.enter", "device.motion"]
    assert names == [t[0] for t in told]
    assert COPY | MOVE == told[0][1]
    assert (target.surface_, 10.0, 10.0) == told[1][2:5]
    offer = told[1][5]
    assert [TEXT] == offer.mime_types
    offer.accept(told[1][1], TEXT)
    offer.set_actions(COPY | MOVE, MOVE)
    assert [("offer.action", MOVE)] == target.take("offer")
    told = source_peer.take("source")
    assert [("source.target", TEXT), ("source.action", MOVE)] == told
    let_go(stage)
    assert ["device.drop", "device.leave"] == target.names("device")
    assert ["source.dnd_drop_performed"] == source_peer.names("source")
    assert b"dragged" == target.receive_from(offer, TEXT)
    offer.finish()
    assert ["source.send", "source.dnd_finished"] == source_peer.names("source")
    offer.destroy()
    stage.pump()
    assert [] == stage.errors
    assert stage.seat.drag is None


def test_after_the_drop_the_pointer_enters_what_it_is_over(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY))
    go(stage, 310)
    target.log.clear()
    let_go(stage)
    told = target.names("pointer")
    assert "pointer.enter" in told and "pointer.button" not in told


def test_a_drop_where_no_type_was_accepted_is_cancelled(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY))
    go(stage, 310)
    target.offers[-1].set_actions(COPY, COPY)
    stage.pump()
    source_peer.log.clear()
    let_go(stage)
    assert "device.drop" not in target.names("device")
    assert "source.cancelled" in source_peer.names("source")


def test_a_drop_where_no_action_fits_is_cancelled(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=MOVE))
    go(stage, 310)
    target.offers[-1].accept(0, TEXT)
    target.offers[-1].set_actions(COPY, COPY)
    let_go(stage)
    assert "device.drop" not in target.names("device")
    assert "source.cancelled" in source_peer.names("source")


def test_a_drop_on_nothing_is_cancelled(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, peer.source(TEXT, actions=COPY))
    go(stage, 900, 700)
    let_go(stage)
    assert "source.cancelled" in peer.names("source")


def test_leaving_makes_the_offer_inert(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY, data=b"x"))
    go(stage, 310)
    offer = target.offers[-1]
    offer.accept(0, TEXT)
    offer.set_actions(COPY, COPY)
    stage.pump()
    source_peer.log.clear()
    go(stage, 900, 700)
    assert ["device.leave"] == [n for n in target.names("device") if n == "device.leave"]
    # pywayland cannot receive the null string of target, unless the demo clients' toolkit taught it to.
    told = [entry for entry in source_peer.take("source") if entry != ("source.target", None)]
    assert [("source.action", 0)] == told
    offer.accept(0, TEXT)
    offer.set_actions(COPY, COPY)
    offer.finish()
    assert b"" == target.receive_from(offer, TEXT)
    assert [] == source_peer.take("source")
    assert [] == stage.errors


def test_finish_before_the_drop_is_an_error(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, peer.source(TEXT, actions=COPY))
    offer = peer.offers[-1]
    offer.accept(0, TEXT)
    offer.set_actions(COPY, COPY)
    offer.finish()
    stage.pump()
    assert [("wl_data_offer", 0)] == stage.errors


def test_finish_after_taking_the_type_back_is_an_error(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, peer.source(TEXT, actions=COPY))
    offer = peer.offers[-1]
    offer.accept(0, TEXT)
    offer.set_actions(COPY, COPY)
    stage.pump()
    let_go(stage)
    offer.accept(0, None)
    offer.finish()
    stage.pump()
    assert [("wl_data_offer", 0)] == stage.errors


def test_ask_is_settled_after_the_drop(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY | MOVE | ASK))
    go(stage, 310)
    offer = target.offers[-1]
    offer.accept(0, TEXT)
    offer.set_actions(COPY | MOVE | ASK, ASK)
    stage.pump()
    let_go(stage)
    target.log.clear()
    source_peer.log.clear()
    offer.set_actions(MOVE, MOVE)
    stage.pump()
    assert [] == source_peer.take("source")
    offer.finish()
    assert [("source.action", MOVE), ("source.dnd_finished",)] == source_peer.take("source")
    assert [] == stage.errors


def test_ask_that_was_not_settled_is_an_invalid_finish(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, peer.source(TEXT, actions=ASK))
    offer = peer.offers[-1]
    offer.accept(0, TEXT)
    offer.set_actions(ASK, ASK)
    stage.pump()
    let_go(stage)
    offer.finish()
    stage.pump()
    assert [("wl_data_offer", 3)] == stage.errors


def test_an_offer_destroyed_after_the_drop_without_finish_cancels_the_source(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY))
    go(stage, 310)
    offer = target.offers[-1]
    offer.accept(0, TEXT)
    offer.set_actions(COPY, COPY)
    stage.pump()
    let_go(stage)
    source_peer.log.clear()
    offer.destroy()
    assert ["source.cancelled"] == source_peer.names("source")


def test_a_target_that_dies_after_the_drop_cancels_the_source(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY))
    go(stage, 310)
    target.offers[-1].accept(0, TEXT)
    target.offers[-1].set_actions(COPY, COPY)
    stage.pump()
    let_go(stage)
    source_peer.log.clear()
    target.client.close("test")
    assert ["source.cancelled"] == source_peer.names("source")


def test_an_old_target_needs_no_finish(stage: Stage) -> None:
    source_peer = drag_peer(stage, 0)
    target = drag_peer(stage, 300, wl_data_device_manager=1)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY))
    go(stage, 310)
    target.offers[-1].accept(0, TEXT)
    stage.pump()
    let_go(stage)
    assert "device.drop" in target.names("device")
    source_peer.log.clear()
    target.offers[-1].destroy()
    assert ["source.dnd_finished"] == source_peer.names("source")


def test_an_old_source_is_copied_and_not_told_of_cancelling(stage: Stage) -> None:
    source_peer = drag_peer(stage, 0, wl_data_device_manager=2)
    target = drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT))
    go(stage, 310)
    target.offers[-1].accept(0, TEXT)
    target.offers[-1].set_actions(COPY | MOVE, MOVE)
    assert ("offer.action", COPY) in target.take("offer")
    go(stage, 900, 700)
    let_go(stage)
    assert "source.cancelled" not in source_peer.names("source")


def test_modifiers_choose_the_action(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, peer.source(TEXT, actions=COPY | MOVE))
    offer = peer.offers[-1]
    offer.set_actions(COPY | MOVE, COPY)
    stage.pump()
    peer.log.clear()
    stage.seat.keyboard.key(SHIFT, True)
    assert [("source.action", MOVE), ("offer.action", MOVE)] == peer.take("source", "offer")
    stage.seat.keyboard.key(SHIFT, False)
    stage.seat.keyboard.key(CONTROL, True)
    assert ("offer.action", COPY) in peer.take("offer")


def test_escape_cancels_and_nothing_is_typed_during_a_drag(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, peer.source(TEXT, actions=COPY))
    peer.log.clear()
    for key in (A, ESC):
        stage.seat.keyboard.key(key, True)
        stage.seat.keyboard.key(key, False)
    told = peer.names()
    assert "source.cancelled" in told and "keyboard.key" not in told
    assert stage.seat.drag is None


def test_a_key_held_before_the_drag_is_released_for_the_client(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    stage.seat.keyboard.key(A, True)
    start(stage, peer, peer.source(TEXT, actions=COPY))
    stage.seat.keyboard.key(A, False)
    assert ["keyboard.key"] == peer.names("keyboard")


def test_a_destroyed_source_ends_the_drag(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    source = source_peer.source(TEXT, actions=COPY)
    start(stage, source_peer, source)
    go(stage, 310)
    target.log.clear()
    source.destroy()
    assert "device.leave" in target.names("device")
    assert stage.seat.drag is None
    let_go(stage)


def test_a_source_client_that_dies_ends_the_drag(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY), icon=source_peer.surface())
    go(stage, 310)
    source_peer.client.close("test")
    assert "device.leave" in target.names("device")
    assert stage.seat.drag is None
    let_go(stage)


def test_a_target_surface_destroyed_under_the_drag_is_safe(stage: Stage) -> None:
    source_peer, target = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, source_peer, source_peer.source(TEXT, actions=COPY))
    go(stage, 310)
    surface = target.surface_
    surface.toplevel.destroy()
    surface.xdg_surface.destroy()
    surface.destroy()
    stage.pump()
    go(stage, 320)
    let_go(stage)
    assert "source.cancelled" in source_peer.names("source")
    assert [] == stage.errors


def test_a_drag_without_source_stays_within_its_client(stage: Stage) -> None:
    peer, other = drag_peer(stage, 0), drag_peer(stage, 300)
    start(stage, peer, None)
    told = peer.take("device")
    assert [("device.enter", peer.surface_, 10.0, 10.0, None)] == [(t[0], *t[2:]) for t in told]
    other.log.clear()
    go(stage, 310)
    assert [] == other.take("device")
    go(stage, 20)
    let_go(stage)
    assert ["device.leave", "device.enter", "device.drop", "device.leave"] == peer.names("device")


def test_a_drag_needs_a_button_of_the_clients_own(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    source = peer.source(TEXT, actions=COPY)
    serial = press(stage, peer, 10, 10)
    let_go(stage)
    peer.device.start_drag(source, peer.surface_, None, serial)
    assert "source.cancelled" in peer.names("source")
    assert stage.seat.drag is None


def test_a_source_dragged_twice_is_an_error(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    source = peer.source(TEXT, actions=COPY)
    start(stage, peer, source)
    let_go(stage)
    start(stage, peer, source)
    assert [("wl_data_device", 1)] == stage.errors


def test_actions_come_before_the_drag(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    source = peer.source(TEXT)
    start(stage, peer, source)
    source.set_actions(COPY)
    stage.pump()
    assert [("wl_data_source", 0)] == stage.errors


def test_the_icon_follows_the_pointer_by_its_offset_and_takes_no_input(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    icon = peer.surface()
    start(stage, peer, peer.source(TEXT, actions=COPY), icon=icon)
    peer.show(icon, 20, 20)
    icon.offset(-3, 4)
    icon.commit()
    go(stage, 50, 60)
    model = stage.seat.drag.icon
    assert (47, 64) == model.origin
    assert (47, 64) == model.surface.view_offset()
    assert stage.seat.drag.focus is peer.surface_.window.surface
    let_go(stage)
    assert model.surface.view_offset() is None


def test_an_icon_can_be_destroyed_during_the_drag(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    icon = peer.surface()
    peer.show(icon, 20, 20)
    start(stage, peer, peer.source(TEXT, actions=COPY), icon=icon)
    icon.destroy()
    stage.pump()
    assert stage.seat.drag is not None and stage.seat.drag.icon is None
    go(stage, 30)
    let_go(stage)
    assert [] == stage.errors


def test_a_window_cannot_be_an_icon(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, None, icon=peer.surface_)
    assert [("wl_data_device", 0)] == stage.errors


def test_a_device_released_during_the_drag_is_told_nothing_more(stage: Stage) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, peer.source(TEXT, actions=COPY))
    peer.device.release()
    stage.pump()
    peer.log.clear()
    go(stage, 30)
    let_go(stage)
    assert [] == peer.take("device")
    assert not peer.gone


def test_the_dragging_client_may_change_the_cursor(stage: Stage) -> None:
    peer = stage.peer()
    pointer = peer.pointer()
    peer.device, peer.surface_ = peer.data_device(), peer.window(0, 0)
    serial = press(stage, peer, 10, 10)
    entered = peer.last("pointer.enter")[0]
    peer.device.start_drag(peer.source(TEXT, actions=COPY), peer.surface_, None, serial)
    pointer.set_cursor(entered, None, 0, 0)
    stage.pump()
    assert stage.seat.drag is not None
    assert stage.seat.pointer.cursor.state.hidden


def test_a_finger_drags_as_well(stage: Stage) -> None:
    source_peer, target = focused_peer(stage), focused_peer(stage, 300)
    source_peer.touch()
    touch = stage.seat.touch
    touch.down(7, 10, 10)
    touch.frame()
    serial = source_peer.last("touch.down")[0]
    source_peer.device.start_drag(source_peer.source(TEXT, actions=COPY), source_peer.surface_, None, serial)
    assert "touch.cancel" in source_peer.names("touch")
    touch.motion(7, 310, 10)
    stage.pump()
    target.offers[-1].accept(0, TEXT)
    target.offers[-1].set_actions(COPY, COPY)
    stage.pump()
    touch.up(7)
    assert "device.drop" in target.names("device")
    assert "source.dnd_drop_performed" in source_peer.names("source")


def test_a_cancelled_touch_cancels_its_drag(stage: Stage) -> None:
    peer = focused_peer(stage)
    peer.touch()
    stage.seat.touch.down(7, 10, 10)
    serial = peer.last("touch.down")[0]
    peer.device.start_drag(peer.source(TEXT, actions=COPY), peer.surface_, None, serial)
    stage.pump()
    stage.seat.touch.cancel()
    assert "source.cancelled" in peer.names("source")
    assert stage.seat.drag is None


@pytest.mark.parametrize(("actions", "preferred", "code"), [(8, 0, 1), (3, 3, 2), (1, 2, 2), (0, 1, 2)])
def test_bad_actions_of_an_offer_are_errors(stage: Stage, actions: int, preferred: int, code: int) -> None:
    peer = drag_peer(stage, 0)
    start(stage, peer, peer.source(TEXT, actions=COPY))
    peer.offers[-1].set_actions(actions, preferred)
    stage.pump()
    assert [("wl_data_offer", code)] == stage.errors
