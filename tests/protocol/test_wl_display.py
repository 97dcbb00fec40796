"""wl_display, wl_callback: what every connection starts with."""

from __future__ import annotations

import os
import socket

import pytest
from support import wire
from support.client import Client, ConnectionLost
from support.stage import Stage


def test_sync_is_answered_with_done_and_the_id_becomes_free(client: Client) -> None:
    callback = client.display.sync()
    client.roundtrip()
    assert 1 == callback.count("done")
    assert [callback.id, callback.id + 1] == client.deleted
    assert callback.dead


def test_syncs_are_answered_in_their_order(client: Client) -> None:
    first, second, third = (client.display.sync() for _ in range(3))
    client.roundtrip()
    order = [event.split(".")[0] for event in client.events if ".done(" in event][:3]
    assert [repr(first), repr(second), repr(third)] == order


def test_a_sync_promises_that_everything_before_it_is_done(client: Client) -> None:
    registry = client.display.get_registry()
    callback = client.display.sync()
    client.roundtrip()
    last_global = max(i for i, e in enumerate(client.events) if e.startswith(f"{registry!r}.global("))
    assert last_global < client.events.index(f"{callback!r}.{callback.events[0]}")


def test_an_id_is_used_again_after_delete_id(client: Client) -> None:
    first = client.display.sync()
    client.roundtrip()
    again = client.display.sync()
    assert first.id == again.id
    client.roundtrip()
    assert 1 == again.count("done")


def test_a_request_to_an_object_that_never_was_is_invalid_object(client: Client) -> None:
    client.send(wire.message(777, 0))
    client.expect_error("wl_display", "invalid_object")


def test_a_request_to_a_destroyed_object_is_invalid_object(client: Client) -> None:
    region = client.get("wl_compositor").create_region()
    region.destroy()
    region.destroy()
    client.expect_error("wl_display", "invalid_object")


def test_a_request_to_object_zero_is_invalid_object(client: Client) -> None:
    client.send(wire.message(0, 0))
    client.expect_error("wl_display", "invalid_object")


def test_an_opcode_past_the_last_request_is_invalid_method(client: Client) -> None:
    client.send(wire.message(1, 2, wire.word(3)))
    client.expect_error("wl_display", "invalid_method")


def test_a_request_to_an_interface_without_any_is_invalid_method(client: Client) -> None:
    surface = client.get("wl_compositor").create_surface()
    callback = surface.frame()
    client.send(wire.message(callback.id, 0))
    client.expect_error("wl_display", "invalid_method")


def test_a_request_newer_than_the_bound_version_is_invalid_method(client: Client) -> None:
    surface = client.bind("wl_compositor", 4).create_surface()
    surface.offset(1, 1)
    assert "since version 5" in client.expect_error("wl_display", "invalid_method")


@pytest.mark.parametrize("oid", [0, 1, 2, 500, 0xFEFF_FFFF, 0xFF00_0000, 0xFFFF_FFFF])
def test_a_new_id_out_of_order_is_refused(client: Client, oid: int) -> None:
    assert 2 == client.registry.id
    client.send(wire.message(1, 0, wire.word(oid)))
    code = "invalid_method" if oid == 0 else "invalid_object"
    client.expect_error("wl_display", code)


def test_after_an_error_nothing_more_is_served(client: Client) -> None:
    client.send(wire.message(777, 0))
    callback = client.display.sync()
    client.expect_error("wl_display", "invalid_object")
    assert [] == callback.events


def test_the_error_names_the_object_and_comes_last(client: Client) -> None:
    surface = client.get("wl_compositor").create_surface()
    client.roundtrip()
    surface.set_buffer_scale(0)
    client.expect_error("wl_surface", "invalid_scale")
    assert client.error is not None
    assert surface.id == client.error[1]
    assert client.events[-1].startswith("wl_display#1.error(")


def test_a_text_made_of_what_the_client_sent_still_fits_a_message(client: Client) -> None:
    assert 2 == client.registry.id
    name = "\N{SEAL}" * 2000
    client.send(wire.message(2, 0, wire.word(1), wire.string(name), wire.word(1), wire.word(client.new_id())))
    client.expect_error("wl_registry", "invalid_object")


def test_bytes_that_come_one_by_one_make_the_same_requests(client: Client) -> None:
    callback = client.display.sync()
    data, client._out = client._out, b""
    for byte in data:
        client.send(bytes([byte]))
        client.drain()
    assert 1 == callback.count("done")


def test_a_client_that_hangs_up_in_mid_message_is_forgotten(client: Client, server: Stage) -> None:
    client.send(wire.message(1, 0, wire.word(2))[:-3])
    client.flush()
    client.sock.shutdown(socket.SHUT_RDWR)
    server.pump()
    assert [] == server.server.display.clients


def test_one_clients_error_does_not_touch_another(client: Client, server: Stage) -> None:
    other = server.connect()
    client.send(wire.message(777, 0))
    client.expect_error("wl_display", "invalid_object")
    other.roundtrip()
    with pytest.raises(ConnectionLost):
        client.roundtrip()


def test_descriptors_nobody_asked_for_are_closed_with_the_connection(client: Client, server: Stage) -> None:
    client.roundtrip()
    before = len(os.listdir("/proc/self/fd"))
    reader, writer = os.pipe()
    client.send(wire.message(1, 0, wire.word(client.new_id())), [writer] * 20)
    client.flush()
    os.close(writer)
    server.pump()
    client.send(wire.message(777, 0))
    client.flush()
    server.pump()
    assert b"" == os.read(reader, 1), "somebody holds the other end of the pipe"
    os.close(reader)
    assert before > len(os.listdir("/proc/self/fd"))
    client.closed = True


def test_more_descriptors_than_a_client_may_queue_end_the_connection(client: Client) -> None:
    reader, writer = os.pipe()
    # A message that never becomes whole: its descriptors can only pile up.
    client.send(wire.word(1) + wire.word(60_000 << 16) + bytes(1000), [writer] * (1024 + 28))
    client.expect_error("wl_display", "implementation")
    os.close(reader)
    os.close(writer)
