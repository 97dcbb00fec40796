"""xdg_surface: configure, acknowledge, commit."""

from __future__ import annotations

import pytest
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Popup, Toplevel


@pytest.fixture
def xdg_surface(client: Client, surface: Proxy) -> Proxy:
    """An xdg_surface without a role object."""
    made: Proxy = client.get("xdg_wm_base").get_xdg_surface(surface)
    return made


def test_the_first_commit_is_answered_with_a_configure(client: Client) -> None:
    window = Toplevel(client)
    client.roundtrip()
    assert [] == window.xdg_surface.events
    window.surface.commit()
    client.roundtrip()
    assert 1 == window.xdg_surface.count("configure")
    names = [e.split(".")[1].split("(")[0] for e in client.events if e.startswith("xdg_")]
    assert ["wm_capabilities", "configure_bounds", "configure", "configure"] == names


def test_a_second_empty_commit_is_not(client: Client) -> None:
    window = Toplevel(client)
    for _ in range(3):
        window.surface.commit()
    client.roundtrip()
    assert 1 == window.xdg_surface.count("configure")


def test_a_buffer_before_the_first_configure_is_an_error(client: Client) -> None:
    window = Toplevel(client)
    window.attach(Buffer(client, 10, 10))
    client.expect_error("xdg_surface", "unconfigured_buffer")


def test_a_buffer_before_the_first_ack_is_an_error(client: Client) -> None:
    window = Toplevel(client)
    window.surface.commit()
    client.roundtrip()
    window.attach(Buffer(client, 10, 10))
    client.expect_error("xdg_surface", "unconfigured_buffer")


def test_a_buffer_of_a_popup_before_the_first_ack_is_an_error(client: Client, toplevel: Toplevel) -> None:
    popup = Popup(client, toplevel)
    popup.surface.attach(Buffer(client, 10, 10), 0, 0)
    popup.surface.commit()
    client.expect_error("xdg_surface", "unconfigured_buffer")


def test_a_buffer_without_a_role_object_is_an_error(
    client: Client, surface: Proxy, xdg_surface: Proxy
) -> None:
    surface.attach(Buffer(client, 10, 10), 0, 0)
    client.expect_error("xdg_surface", "unconfigured_buffer")


def test_an_empty_commit_without_a_role_object_is_nothing(
    client: Client, surface: Proxy, xdg_surface: Proxy
) -> None:
    surface.commit()
    client.roundtrip()
    assert [] == xdg_surface.events


def test_ack_without_a_role_object_is_an_error(client: Client, xdg_surface: Proxy) -> None:
    xdg_surface.ack_configure(1)
    client.expect_error("xdg_surface", "invalid_serial")


def test_geometry_without_a_role_object_is_an_error(client: Client, xdg_surface: Proxy) -> None:
    xdg_surface.set_window_geometry(0, 0, 1, 1)
    client.expect_error("xdg_surface", "not_constructed")


def test_a_serial_never_sent_is_an_error(client: Client) -> None:
    window = Toplevel(client)
    window.surface.commit()
    client.roundtrip()
    window.xdg_surface.ack_configure(window.serial + 1)
    client.expect_error("xdg_surface", "invalid_serial")


def test_a_serial_acknowledged_twice_is_an_error(client: Client) -> None:
    window = Toplevel(client).start()
    window.ack()
    client.expect_error("xdg_surface", "invalid_serial")


def test_an_older_serial_than_the_last_acknowledged_is_an_error(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    serials = []
    for size in (200, 210):
        server.window.resize_to(size, size)
        client.roundtrip()
        serials.append(window.serial)
    window.xdg_surface.ack_configure(serials[1])
    window.xdg_surface.ack_configure(serials[0])
    client.expect_error("xdg_surface", "invalid_serial")


def test_acknowledging_the_newest_covers_the_older_ones(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    for size in (200, 210, 220):
        server.window.resize_to(size, size)
    client.roundtrip()
    window.ack()
    window.surface.commit()
    client.roundtrip()
    assert not server.window.queue.inflight


def test_the_acknowledged_one_in_the_middle_leaves_the_newer_open(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    serials = []
    for size in (200, 210, 220):
        server.window.resize_to(size, size)
        client.roundtrip()
        serials.append(window.serial)
    window.xdg_surface.ack_configure(serials[1])
    client.roundtrip()
    assert [serials[2]] == [serial for serial, _ in server.window.queue.inflight]
    window.xdg_surface.ack_configure(serials[2])
    client.roundtrip()


def test_an_answer_that_crosses_the_unmapping_is_taken(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    server.window.resize_to(200, 200)
    client.roundtrip()
    window.ack()
    window.surface.commit()
    client.roundtrip()
    window.ack().show()
    assert server.window.mapped


def test_an_answer_that_crosses_the_unmapping_agrees_to_nothing(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    server.window.resize_to(200, 200)
    client.roundtrip()
    window.ack()
    window.attach(Buffer(client, 10, 10))
    client.expect_error("xdg_surface", "unconfigured_buffer")


def test_an_answer_that_crosses_the_end_of_the_role_object_is_taken(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.window.resize_to(200, 200)
    window.toplevel.destroy()
    client.roundtrip()
    window.ack()
    client.roundtrip()
    window.ack()
    client.expect_error("xdg_surface", "invalid_serial")


def test_a_second_role_object_is_an_error(client: Client, toplevel: Toplevel) -> None:
    toplevel.xdg_surface.get_toplevel()
    client.expect_error("xdg_surface", "already_constructed")


def test_destroy_before_its_role_object_is_an_error(client: Client, toplevel: Toplevel) -> None:
    toplevel.xdg_surface.destroy()
    client.expect_error("xdg_surface", "defunct_role_object")


def test_a_window_stays_a_window(client: Client, toplevel: Toplevel) -> None:
    toplevel.toplevel.destroy()
    parent = Toplevel(client)
    rules = client.get("xdg_wm_base").create_positioner()
    rules.set_size(1, 1)
    rules.set_anchor_rect(0, 0, 1, 1)
    toplevel.xdg_surface.get_popup(parent.xdg_surface, rules)
    client.expect_error("xdg_wm_base", "role")


def test_a_surface_may_become_the_same_again_and_starts_anew(client: Client, server: Stage) -> None:
    first = Toplevel(client).show(30, 30)
    first.toplevel.destroy()
    first.xdg_surface.destroy()
    client.roundtrip()
    assert [] == server.desktop.windows
    first.surface.attach(None, 0, 0)
    first.surface.commit()
    again = Toplevel(client, first.surface)
    again.surface.commit()
    client.roundtrip()
    assert 1 == again.xdg_surface.count("configure")
    again.ack()
    again.show(20, 20)
    assert server.window.mapped


def test_a_new_role_object_on_old_content_is_not_shown_before_it_agreed(
    client: Client, server: Stage
) -> None:
    window = Toplevel(client).show(30, 30)
    window.toplevel.destroy()
    window.toplevel = window.xdg_surface.get_toplevel()
    window.xdg_surface.take()
    window.surface.commit()
    client.roundtrip()
    assert not server.window.mapped
    assert 1 == window.xdg_surface.count("configure")
    window.ack()
    window.surface.commit()
    client.roundtrip()
    assert server.window.mapped


# Window geometry


def test_without_geometry_the_window_is_all_of_its_surfaces(client: Client, server: Stage) -> None:
    Toplevel(client).show(30, 20)
    assert (0, 0, 30, 20) == tuple(server.window.geometry)


def test_geometry_is_double_buffered_and_leaves_shadows_outside(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(50, 40)
    server.window.move_to(100, 100)
    window.xdg_surface.set_window_geometry(10, 5, 30, 20)
    client.roundtrip()
    assert (0, 0, 50, 40) == tuple(server.window.geometry)
    window.surface.commit()
    client.roundtrip()
    assert (10, 5, 30, 20) == tuple(server.window.geometry)
    assert (90, 95) == server.window.origin
    assert (100, 100, 30, 20) == tuple(server.window.rect_layout)


def test_geometry_stays_for_later_commits(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(50, 40)
    window.xdg_surface.set_window_geometry(10, 5, 30, 20)
    window.surface.commit()
    window.show(60, 50)
    assert (10, 5, 30, 20) == tuple(server.window.geometry)


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ((-10, -10, 1000, 1000), (0, 0, 50, 40)),
        ((40, 30, 100, 100), (40, 30, 10, 10)),
        ((2**31 - 1, 2**31 - 1, 2**31 - 1, 2**31 - 1), (0, 0, 50, 40)),
    ],
)
def test_geometry_is_cut_to_the_surfaces(
    client: Client, server: Stage, given: tuple[int, ...], counts: tuple[int, ...]
) -> None:
    window = Toplevel(client).show(50, 40)
    window.xdg_surface.set_window_geometry(*given)
    window.surface.commit()
    client.roundtrip()
    assert counts == tuple(server.window.geometry)


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 1), (1, -1)])
def test_geometry_must_be_positive(client: Client, toplevel: Toplevel, size: tuple[int, int]) -> None:
    toplevel.xdg_surface.set_window_geometry(0, 0, *size)
    client.expect_error("xdg_surface", "invalid_size")


def test_a_client_that_acknowledges_nothing_is_not_told_without_end(client: Client, server: Stage) -> None:
    server.server.options.limits.pending_configures = 50
    window = Toplevel(client).show()
    model = server.window
    model.queue.limit = 50
    for size in range(100, 300):
        model.resize_to(size, size)
    client.roundtrip()
    assert window.xdg_surface.count("configure") <= 52
    window.ack()
    client.roundtrip()
    model.resize_to(123, 123)
    client.roundtrip()
    assert (123, 123) == window.proposal[:2]


def test_what_a_client_missed_is_told_when_it_goes_on(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    model = server.window
    model.queue.limit = 8
    for size in range(100, 120):
        model.resize_to(size, size)
    client.roundtrip()
    assert (119, 119) != window.proposal[:2]
    window.ack().surface.commit()
    client.roundtrip()
    assert (119, 119) == window.proposal[:2]
    window.ack().surface.commit()
    client.roundtrip()
    assert not model.queue.inflight
