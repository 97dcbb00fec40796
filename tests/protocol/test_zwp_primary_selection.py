"""zwp_primary_selection_device_manager_v1 and what it makes."""

from __future__ import annotations

import os

import pytest
from support.client import Client, Proxy
from support.people import Desk, Person
from support.stage import Stage

from compositor.protocol.selection_common import MAX_DEVICES, MAX_OFFERS

MANAGER = "zwp_primary_selection_device_manager_v1"


def device(client: Client) -> Proxy:
    made: Proxy = client.get(MANAGER).get_device(client.get("wl_seat"))
    return made


def source(client: Client, *types: str) -> Proxy:
    made: Proxy = client.get(MANAGER).create_source()
    for mime_type in types:
        made.offer(mime_type)
    return made


def offered(made: Proxy) -> list[str] | None:
    """The types that a device was told can be pasted; None for nothing."""
    (offer,) = made.last("selection")
    return None if offer is None else [arguments[0] for _, arguments in offer.raw]


@pytest.fixture
def serial(desk: Desk, person: Person) -> int:
    """Of a click on the window of `desk`."""
    person.point(desk.x + 5, desk.y + 5)
    person.click()
    return int(desk.pointer.last("button")[0])


def test_what_is_selected_is_offered_to_the_client_that_has_the_keyboard(
    server: Stage, desk: Desk, serial: int
) -> None:
    made = device(desk.client)
    desk.client.roundtrip()
    assert ["selection(None)"] == made.take()
    made.set_selection(source(desk.client, "text/plain", "text/html"), serial)
    desk.client.roundtrip()
    assert ["text/plain", "text/html"] == offered(made)
    other = server.connect()
    theirs = device(other)
    other.roundtrip()
    assert [] == theirs.events
    Desk(server, other)
    assert ["text/plain", "text/html"] == offered(theirs)


def test_bytes_go_from_client_to_client(server: Stage, desk: Desk, serial: int) -> None:
    given = source(desk.client, "text/plain")
    device(desk.client).set_selection(given, serial)
    desk.client.roundtrip()
    other = server.connect()
    theirs = device(other)
    Desk(server, other)
    read, write = os.pipe()
    theirs.last("selection")[0].receive("text/plain", write)
    other.flush()
    os.close(write)
    other.roundtrip()
    desk.client.roundtrip()
    mime_type, file = given.last("send")
    assert "text/plain" == mime_type
    os.write(file.fd, b"penguin")
    given.raw.clear()
    del file
    assert b"penguin" == os.read(read, 100)
    assert b"" == os.read(read, 100)
    os.close(read)


def test_a_type_that_is_not_offered_closes_the_descriptor(desk: Desk, serial: int) -> None:
    made, given = device(desk.client), source(desk.client, "text/plain")
    made.set_selection(given, serial)
    desk.client.roundtrip()
    read, write = os.pipe()
    made.last("selection")[0].receive("image/png", write)
    desk.client.flush()
    os.close(write)
    desk.client.roundtrip()
    assert b"" == os.read(read, 1)
    assert [] == given.events
    os.close(read)


def test_the_next_source_cancels_the_last(desk: Desk, serial: int) -> None:
    made = device(desk.client)
    first, second = source(desk.client, "a/a"), source(desk.client, "b/b")
    made.set_selection(first, serial)
    made.set_selection(second, serial)
    desk.client.roundtrip()
    assert ["cancelled()"] == first.events
    assert [] == second.events
    made.set_selection(None, serial)
    desk.client.roundtrip()
    assert ["cancelled()"] == second.events
    assert offered(made) is None


@pytest.mark.parametrize("wrong", [0, 1, 0xFFFF_FFFF])
def test_a_serial_of_no_input_is_refused_and_the_source_cancelled(desk: Desk, wrong: int) -> None:
    made, given = device(desk.client), source(desk.client, "a/a")
    made.set_selection(given, wrong)
    desk.client.roundtrip()
    assert ["cancelled()"] == given.events
    assert desk.stage.desktop.seat.primary.source is None


def test_another_clients_serial_is_refused(server: Stage, desk: Desk, serial: int) -> None:
    other = server.connect()
    given = source(other, "a/a")
    device(other).set_selection(given, serial)
    other.roundtrip()
    assert ["cancelled()"] == given.events


def test_it_is_not_the_clipboard(desk: Desk, serial: int) -> None:
    device(desk.client).set_selection(source(desk.client, "a/a"), serial)
    desk.client.roundtrip()
    assert desk.stage.desktop.seat.selection.source is None


def test_a_source_that_is_destroyed_leaves_nothing(desk: Desk, serial: int) -> None:
    made, given = device(desk.client), source(desk.client, "a/a")
    made.set_selection(given, serial)
    desk.client.roundtrip()
    (offer,) = made.last("selection")
    given.destroy()
    desk.client.roundtrip()
    assert offered(made) is None
    read, write = os.pipe()
    offer.receive("a/a", write)
    desk.client.flush()
    os.close(write)
    desk.client.roundtrip()
    assert b"" == os.read(read, 1)
    os.close(read)


def test_a_client_that_leaves_takes_its_selection_along(server: Stage, desk: Desk, serial: int) -> None:
    device(desk.client).set_selection(source(desk.client, "a/a"), serial)
    desk.client.roundtrip()
    other = server.connect()
    theirs = device(other)
    Desk(server, other)
    desk.client.close()
    server.pump()
    other.roundtrip()
    assert offered(theirs) is None


def test_everything_may_be_destroyed_in_any_order(desk: Desk, serial: int) -> None:
    made, given = device(desk.client), source(desk.client, "a/a")
    made.set_selection(given, serial)
    desk.client.roundtrip()
    (offer,) = made.last("selection")
    desk.client.get(MANAGER).destroy()
    made.destroy()
    given.destroy()
    offer.destroy()
    desk.client.roundtrip()


def test_too_many_devices_and_types_are_errors(server: Stage) -> None:
    client = server.connect()
    for _ in range(MAX_DEVICES):
        device(client)
    client.roundtrip()
    device(client)
    client.expect_error("wl_display", "implementation")
    client = server.connect()
    source(client, *(f"a/{n}" for n in range(server.server.options.limits.mime_types + 1)))
    client.expect_error("wl_display", "implementation")


def test_who_hoards_offers_is_disconnected_and_not_who_copies(server: Stage, desk: Desk, serial: int) -> None:
    # Offers to the client that has the keyboard: the copier itself, so a data control client copies.
    device(desk.client)
    desk.client.roundtrip()
    copier = server.connect()
    manager, seat = copier.get("ext_data_control_manager_v1"), copier.get("wl_seat")
    control = manager.get_data_device(seat)
    for number in range(MAX_OFFERS + 2):
        given = manager.create_data_source()
        given.offer("a/a")
        control.set_primary_selection(given)
        copier.roundtrip()
        control.last("primary_selection")[0].destroy()
        given.destroy()
        copier.roundtrip()
        if number % 500 == 0:
            desk.client.drain()
    desk.client.drain()
    assert desk.client.closed
    assert desk.client.error is not None
    assert "offers were not destroyed" in desk.client.error[3]
    copier.roundtrip()
