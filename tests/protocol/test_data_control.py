"""ext_data_control_v1 and wlr_data_control_unstable_v1: the same under two names."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from support.client import Client, Proxy
from support.people import Desk
from support.stage import Stage

from compositor.protocol.selection_common import MAX_DEVICES


@dataclass
class Family:
    """One of the two protocols."""

    prefix: str

    def manager(self, client: Client, version: int | None = None) -> Proxy:
        name = f"{self.prefix}_data_control_manager_v1"
        return client.get(name) if version is None else client.bind(name, version)

    def device(self, client: Client, version: int | None = None) -> Proxy:
        made: Proxy = self.manager(client, version).get_data_device(client.get("wl_seat"))
        client.roundtrip()
        return made

    def source(self, client: Client, *types: str) -> Proxy:
        made: Proxy = self.manager(client).create_data_source()
        for mime_type in types:
            made.offer(mime_type)
        return made


@pytest.fixture(params=["ext", "zwlr"])
def family(request: pytest.FixtureRequest) -> Family:
    """Either protocol."""
    return Family(request.param)


def offered(device: Proxy, event: str = "selection") -> list[str] | None:
    (offer,) = device.last(event)
    return None if offer is None else [arguments[0] for _, arguments in offer.raw]


def test_a_new_device_hears_of_both_selections_without_any_window(family: Family, client: Client) -> None:
    assert ["selection(None)", "primary_selection(None)"] == family.device(client).events


def test_either_selection_is_set_without_input_and_told_to_every_device(
    family: Family, client: Client, server: Stage
) -> None:
    mine, other = family.device(client), server.connect()
    theirs = family.device(other)
    mine.set_selection(family.source(client, "text/plain", "a/b"))
    mine.set_primary_selection(family.source(client, "c/d"))
    client.roundtrip()
    other.roundtrip()
    for device in (mine, theirs):
        assert ["text/plain", "a/b"] == offered(device)
        assert ["c/d"] == offered(device, "primary_selection")
    order = [event.split("(")[0] for event in theirs.events[2:]]
    assert ["data_offer", "selection", "data_offer", "primary_selection"] == order


def test_a_window_that_has_the_keyboard_is_offered_it_too(family: Family, desk: Desk, server: Stage) -> None:
    window = desk.client.get("wl_data_device_manager").get_data_device(desk.seat)
    client = server.connect()
    family.device(client).set_selection(family.source(client, "text/plain"))
    client.roundtrip()
    desk.client.roundtrip()
    assert ["text/plain"] == offered(window)


def test_what_a_window_copied_is_told_and_read(family: Family, desk: Desk, server: Stage) -> None:
    client = server.connect()
    device = family.device(client)
    manager = desk.client.get("wl_data_device_manager")
    source = manager.create_data_source()
    source.offer("text/plain")
    manager.get_data_device(desk.seat).set_selection(source, desk.keyboard.last("enter")[0])
    desk.client.roundtrip()
    client.roundtrip()
    read, write = os.pipe()
    device.last("selection")[0].receive("text/plain", write)
    client.flush()
    os.close(write)
    client.roundtrip()
    desk.client.roundtrip()
    os.write(source.last("send")[1].fd, b"krill")
    assert b"krill" == os.read(read, 10)
    os.close(read)


def test_a_source_hears_when_it_is_replaced_and_when_it_is_cleared(family: Family, client: Client) -> None:
    device = family.device(client)
    first, second = family.source(client, "a/a"), family.source(client, "b/b")
    device.set_selection(first)
    device.set_selection(second)
    client.roundtrip()
    assert (["cancelled()"], []) == (first.events, second.events)
    device.set_selection(None)
    client.roundtrip()
    assert ["cancelled()"] == second.events
    assert offered(device) is None


@pytest.mark.parametrize("again", ["set_selection", "set_primary_selection"])
def test_a_source_used_twice_is_an_error(family: Family, client: Client, again: str) -> None:
    device, source = family.device(client), family.source(client, "a/a")
    device.set_selection(source)
    getattr(device, again)(source)
    client.expect_error(f"{family.prefix}_data_control_device_v1", "used_source")


def test_a_type_offered_after_the_source_was_set_is_an_error(family: Family, client: Client) -> None:
    device, source = family.device(client), family.source(client, "a/a")
    device.set_selection(source)
    source.offer("b/b")
    client.expect_error(f"{family.prefix}_data_control_source_v1", "invalid_offer")


def test_a_normal_client_with_an_older_serial_cannot_undo_it(
    family: Family, desk: Desk, server: Stage
) -> None:
    serial = desk.keyboard.last("enter")[0]
    client = server.connect()
    device = family.device(client)
    device.set_selection(family.source(client, "a/a"))
    client.roundtrip()
    manager = desk.client.get("wl_data_device_manager")
    manager.get_data_device(desk.seat).set_selection(None, serial)
    desk.client.roundtrip()
    client.roundtrip()
    assert ["a/a"] == offered(device)


def test_version_one_of_wlroots_knows_no_primary_selection(client: Client) -> None:
    family = Family("zwlr")
    old, new = family.device(client, 1), family.device(client, 2)
    new.set_primary_selection(family.source(client, "a/a"))
    client.roundtrip()
    assert ["selection(None)"] == old.events
    old.set_primary_selection(None)
    client.expect_error("wl_display", "invalid_method")


def test_a_reader_that_never_reads_holds_nobody_up(family: Family, client: Client) -> None:
    device, source = family.device(client), family.source(client, "a/a")
    device.set_selection(source)
    client.roundtrip()
    before = len(os.listdir("/proc/self/fd"))
    pipes = [os.pipe() for _ in range(50)]
    for _, write in pipes:
        device.last("selection")[0].receive("a/a", write)
    client.roundtrip()
    assert 50 == source.count("send")
    source.take()
    for pipe in pipes:
        for fd in pipe:
            os.close(fd)
    assert before == len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("order", ["device", "source", "manager", "disconnect"])
def test_objects_go_in_any_order(family: Family, client: Client, server: Stage, order: str) -> None:
    watcher = server.connect()
    watching = family.device(watcher)
    device, source = family.device(client), family.source(client, "a/a")
    device.set_selection(source)
    client.roundtrip()
    (offer,) = device.last("selection")
    gone: dict[str, Callable[[], object]] = {
        "device": device.destroy,
        "source": source.destroy,
        "manager": family.manager(client).destroy,
    }
    if order == "disconnect":
        client.close()
        server.pump()
    else:
        gone.pop(order)()
        for destroy in gone.values():
            destroy()
        offer.destroy()
        client.roundtrip()
    watcher.roundtrip()
    assert offered(watching) is None


def test_too_many_devices_are_an_error(family: Family, client: Client) -> None:
    for _ in range(MAX_DEVICES):
        family.device(client)
    family.manager(client).get_data_device(client.get("wl_seat"))
    client.expect_error("wl_display", "implementation")


def test_both_protocols_see_one_clipboard(client: Client, server: Stage) -> None:
    other = server.connect()
    theirs = Family("zwlr").device(other)
    Family("ext").device(client).set_selection(Family("ext").source(client, "a/a"))
    client.roundtrip()
    other.roundtrip()
    assert ["a/a"] == offered(theirs)
