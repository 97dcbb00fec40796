"""The clipboard, between libwayland clients through a real compositor."""

from __future__ import annotations

import os

import pytest
from seat_peers import Stage, focused_peer, key_serial

from compositor.model.selection import Source

COPY = 1
TEXT = "text/plain"

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


# Clipboard


def test_the_focused_client_copies_and_another_pastes_when_it_has_the_keyboard(stage: Stage) -> None:
    owner = focused_peer(stage)
    owner.device.set_selection(owner.source(TEXT, "text/html", data=b"hello"), key_serial(stage, owner))
    stage.pump()
    reader = focused_peer(stage, 300)
    told = reader.take("device", "keyboard.enter")
    assert ["device.selection", "keyboard.enter"] == [t[0] for t in told], "the selection comes before enter"
    offer = told[0][1]
    assert [TEXT, "text/html"] == offer.mime_types
    assert b"hello" == reader.receive_from(offer, TEXT)


def test_a_reader_without_the_keyboard_hears_of_nothing(stage: Stage) -> None:
    reader = focused_peer(stage)
    owner = focused_peer(stage, 300)
    reader.take(), owner.take()
    owner.device.set_selection(owner.source(TEXT), key_serial(stage, owner))
    assert [] == reader.take("device")
    assert ["device.selection"] == owner.names("device")


def test_a_device_made_while_the_client_has_the_keyboard_hears_the_selection_at_once(stage: Stage) -> None:
    owner = focused_peer(stage)
    owner.device.set_selection(owner.source(TEXT), key_serial(stage, owner))
    stage.pump()
    owner.log.clear()
    owner.data_device()
    assert [[TEXT]] == [t[1].mime_types for t in owner.take("device.selection")]


def test_a_second_copy_cancels_the_first(stage: Stage) -> None:
    owner = focused_peer(stage)
    owner.device.set_selection(owner.source(TEXT), key_serial(stage, owner))
    stage.pump()
    owner.log.clear()
    owner.device.set_selection(owner.source("b"), key_serial(stage, owner))
    assert ["source.cancelled", "device.selection"] == owner.names("source", "device")


def test_null_clears_the_selection(stage: Stage) -> None:
    owner = focused_peer(stage)
    owner.device.set_selection(owner.source(TEXT), key_serial(stage, owner))
    owner.device.set_selection(None, key_serial(stage, owner))
    assert ("device.selection", None) == owner.take("device")[-1]
    assert stage.seat.selection.source is None


def test_a_destroyed_source_clears_the_selection(stage: Stage) -> None:
    owner = focused_peer(stage)
    source = owner.source(TEXT)
    owner.device.set_selection(source, key_serial(stage, owner))
    stage.pump()
    owner.log.clear()
    source.destroy()
    assert [("device.selection", None)] == owner.take("device")


def test_a_serial_that_was_never_sent_is_refused_and_the_source_cancelled(stage: Stage) -> None:
    owner = focused_peer(stage)
    owner.device.set_selection(owner.source(TEXT), key_serial(stage, owner) + 1000)
    assert ["source.cancelled"] == owner.names("source")
    assert stage.seat.selection.source is None


def test_another_clients_serial_is_refused(stage: Stage) -> None:
    thief = focused_peer(stage)
    owner = focused_peer(stage, 300)
    serial = key_serial(stage, owner)
    thief.device.set_selection(thief.source(TEXT), serial)
    stage.pump()
    assert stage.seat.selection.source is None


def test_an_older_serial_does_not_replace_a_newer_selection(stage: Stage) -> None:
    owner = focused_peer(stage)
    old, new = key_serial(stage, owner), key_serial(stage, owner)
    owner.device.set_selection(owner.source("new"), new)
    owner.device.set_selection(owner.source("old"), old)
    stage.pump()
    assert stage.seat.selection.source is not None
    assert ["new"] == stage.seat.selection.source.mime_types


def test_an_offer_whose_source_is_gone_gives_nothing(stage: Stage) -> None:
    owner = focused_peer(stage)
    source = owner.source(TEXT, data=b"x")
    owner.device.set_selection(source, key_serial(stage, owner))
    reader = focused_peer(stage, 300)
    offer = reader.last("device.selection")[0]
    owner.client.close("test")
    assert b"" == reader.receive_from(offer, TEXT)
    assert [] == stage.errors


def test_a_type_that_was_not_offered_gives_nothing(stage: Stage) -> None:
    owner = focused_peer(stage)
    owner.device.set_selection(owner.source(TEXT, data=b"x"), key_serial(stage, owner))
    offer = owner.last("device.selection")[0]
    owner.log.clear()
    assert b"" == owner.receive_from(offer, "image/png")
    assert [] == owner.take("source")


def test_a_source_with_actions_cannot_be_the_selection(stage: Stage) -> None:
    owner = focused_peer(stage)
    owner.device.set_selection(owner.source(TEXT, actions=COPY), key_serial(stage, owner))
    stage.pump()
    assert [("wl_data_source", 1)] == stage.errors


def test_a_source_is_used_once(stage: Stage) -> None:
    owner = focused_peer(stage)
    source = owner.source(TEXT)
    owner.device.set_selection(source, key_serial(stage, owner))
    owner.device.set_selection(owner.source("b"), key_serial(stage, owner))
    owner.device.set_selection(source, key_serial(stage, owner))
    stage.pump()
    assert [("wl_data_device", 1)] == stage.errors


def test_setting_the_same_source_again_is_no_error(stage: Stage) -> None:
    owner = focused_peer(stage)
    source = owner.source(TEXT)
    owner.device.set_selection(source, key_serial(stage, owner))
    owner.device.set_selection(source, key_serial(stage, owner))
    stage.pump()
    assert [] == stage.errors
    assert [] == owner.take("source")


class OwnSource(Source):
    """What the compositor itself has copied."""

    def send(self, mime_type: str, fd: int) -> None:
        os.write(fd, b"ours")
        os.close(fd)


def test_the_compositors_own_source_can_be_pasted(stage: Stage) -> None:
    source = OwnSource(None)
    source.offer(TEXT)
    stage.seat.selection.set(source)
    reader = focused_peer(stage)
    assert b"ours" == reader.receive_from(reader.last("device.selection")[0], TEXT)


def test_too_many_types_or_too_long_a_type_costs_the_client_its_connection(stage: Stage) -> None:
    peer = stage.peer()
    stage.server.display.limits.mime_types = 3
    peer.source("a", "b", "c", "d")
    stage.pump()
    long = stage.peer()
    long.source("x" * 4001)
    stage.pump()
    assert [("wl_display", 3), ("wl_display", 3)] == stage.errors


def test_too_many_devices_or_types_too_long_in_all_cost_the_client_its_connection(stage: Stage) -> None:
    peer = stage.peer()
    for _ in range(17):
        peer.data_device()
    assert ("wl_display", 3) == stage.errors.pop()
    peer = stage.peer()
    peer.source(*(f"{n:04}" + "x" * 3900 for n in range(17)))
    stage.pump()
    assert ("wl_display", 3) == stage.errors.pop()


def test_the_longest_type_allowed_reaches_its_readers(stage: Stage) -> None:
    owner = focused_peer(stage)
    long = "x" * stage.server.display.limits.string_bytes
    owner.device.set_selection(owner.source(long, data=b"1"), key_serial(stage, owner))
    offer = owner.last("device.selection")[0]
    assert [long] == offer.mime_types
    assert b"1" == owner.receive_from(offer, long)


# Errors of offers and sources


def test_finish_and_set_actions_are_for_drags(stage: Stage) -> None:
    for misuse, code in ((lambda o: o.finish(), 0), (lambda o: o.set_actions(COPY, COPY), 3)):
        owner = focused_peer(stage)
        owner.device.set_selection(owner.source(TEXT), key_serial(stage, owner))
        misuse(owner.last("device.selection")[0])
        stage.pump()
        assert ("wl_data_offer", code) == stage.errors.pop()


def test_action_masks_are_checked(stage: Stage) -> None:
    for misuse in (lambda s: s.set_actions(8), lambda s: (s.set_actions(1), s.set_actions(1))):
        peer = stage.peer()
        misuse(peer.source(TEXT))
        stage.pump()
        assert ("wl_data_source", 0) == stage.errors.pop()
