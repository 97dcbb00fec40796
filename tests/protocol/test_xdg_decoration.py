"""zxdg_decoration_manager_v1: who draws the title bar."""

from __future__ import annotations

import pytest
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

CLIENT, SERVER = 1, 2


def decorated(client: Client) -> tuple[Toplevel, Proxy]:
    """Return a window that nothing was committed for yet, and its decoration."""
    window = Toplevel(client)
    return window, client.get("zxdg_decoration_manager_v1").get_toplevel_decoration(window.toplevel)


def test_left_to_us_the_server_decorates(client: Client, server: Stage) -> None:
    window, decoration = decorated(client)
    window.start()
    assert (SERVER,) == decoration.last("configure")
    assert server.window.server_decorated


def test_the_mode_comes_before_the_configure_that_applies_it(client: Client) -> None:
    window, decoration = decorated(client)
    window.start()
    own = client.events.index(f"{decoration!r}.configure({SERVER})")
    assert own < client.events.index(f"{window.xdg_surface!r}.configure({window.serial})")


@pytest.mark.parametrize("mode", [CLIENT, SERVER])
def test_a_wish_is_granted(client: Client, server: Stage, mode: int) -> None:
    window, decoration = decorated(client)
    decoration.set_mode(mode)
    window.start()
    assert (mode,) == decoration.last("configure")
    assert (mode == SERVER) == server.window.server_decorated


def test_a_change_is_answered(client: Client, server: Stage) -> None:
    window, decoration = decorated(client)
    window.show()
    for mode in (CLIENT, SERVER, SERVER):
        window.xdg_surface.take()
        decoration.take()
        decoration.set_mode(mode)
        client.roundtrip()
        assert [f"configure({mode})"] == decoration.events
        assert 1 == window.xdg_surface.count("configure")
        window.ack()
    decoration.set_mode(CLIENT)
    decoration.unset_mode()
    client.roundtrip()
    assert (SERVER,) == decoration.last("configure")


@pytest.mark.parametrize("mode", [0, 3, 0xFFFF_FFFF])
def test_a_mode_that_does_not_exist_is_an_error(client: Client, mode: int) -> None:
    _, decoration = decorated(client)
    decoration.set_mode(mode)
    client.expect_error("zxdg_toplevel_decoration_v1", "invalid_mode")


def test_a_second_decoration_is_an_error(client: Client) -> None:
    window, _ = decorated(client)
    client.get("zxdg_decoration_manager_v1").get_toplevel_decoration(window.toplevel)
    client.expect_error("zxdg_decoration_manager_v1", "already_constructed")


def test_another_after_the_first_is_fine(client: Client) -> None:
    window, decoration = decorated(client)
    decoration.destroy()
    client.get("zxdg_decoration_manager_v1").get_toplevel_decoration(window.toplevel)
    client.roundtrip()


def test_a_window_with_a_buffer_is_too_late(client: Client, toplevel: Toplevel) -> None:
    client.get("zxdg_decoration_manager_v1").get_toplevel_decoration(toplevel.toplevel)
    client.expect_error("zxdg_decoration_manager_v1", "unconfigured_buffer")


def test_a_window_with_a_buffer_attached_is_too_late(client: Client) -> None:
    window = Toplevel(client).start()
    window.surface.attach(Buffer(client, 5, 5), 0, 0)
    client.get("zxdg_decoration_manager_v1").get_toplevel_decoration(window.toplevel)
    client.expect_error("zxdg_decoration_manager_v1", "unconfigured_buffer")


def test_a_toplevel_destroyed_before_its_decoration_is_an_error(client: Client) -> None:
    window, _ = decorated(client)
    window.show()
    window.toplevel.destroy()
    client.expect_error("zxdg_toplevel_decoration_v1", "orphaned")


def test_destroying_the_decoration_leaves_the_client_to_it(client: Client, server: Stage) -> None:
    window, decoration = decorated(client)
    window.show()
    decoration.destroy()
    client.roundtrip()
    assert not server.window.server_decorated
    window.destroy()
    client.roundtrip()


def test_the_manager_may_go_first(client: Client) -> None:
    window, decoration = decorated(client)
    client.bound.pop("zxdg_decoration_manager_v1").destroy()
    window.start()
    assert (SERVER,) == decoration.last("configure")


def test_the_title_bar_keeps_out_of_a_maximized_windows_size(client: Client, server: Stage) -> None:
    window, _ = decorated(client)
    window.show()
    window.toplevel.set_maximized()
    client.roundtrip()
    left, top, right, bottom = server.window.extents
    assert (320 - left - right, 240 - top - bottom) == window.proposal[:2]
    assert top > 0


def test_a_huge_decorated_window_costs_little(client: Client, server: Stage) -> None:
    window, _ = decorated(client)
    window.start()
    client.get("wp_viewporter").get_viewport(window.surface).set_destination(2**31 - 1, 2**31 - 1)
    window.attach(Buffer(client, 1, 1))
    window.toplevel.set_title("wide")
    client.roundtrip()
    server.frame()
    server.capture()
    assert server.window.width <= 65_536
