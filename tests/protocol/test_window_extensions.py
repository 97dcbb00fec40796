"""What extends windows: icons, the bell, and decorations as KDE's protocol has them."""

from __future__ import annotations

from typing import Any

import pytest
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

NONE, CLIENT, SERVER = range(3)


# xdg_toplevel_icon_v1


def test_sizes_of_icons_are_told_at_once(client: Client) -> None:
    manager = client.get("xdg_toplevel_icon_manager_v1")
    client.roundtrip()
    assert manager.count("icon_size") and "done()" == manager.events[-1]


def test_an_icon_is_set_by_the_windows_next_commit(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    manager = client.get("xdg_toplevel_icon_manager_v1")
    icon = manager.create_icon()
    icon.set_name("seal")
    icon.add_buffer(Buffer(client, 16, 16), 1)
    manager.set_icon(window.toplevel, icon)
    icon.destroy()
    client.roundtrip()
    assert server.window.icon is None
    window.surface.commit()
    client.roundtrip()
    assert ("seal", [(16, 1)]) == (server.window.icon.name, list(server.window.icon.buffers))
    manager.set_icon(window.toplevel, None)
    window.surface.commit()
    client.roundtrip()
    assert server.window.icon is None


@pytest.mark.parametrize("how", ["set_name", "add_buffer"])
def test_an_icon_that_was_given_away_cannot_change(client: Client, how: str) -> None:
    window = Toplevel(client).show()
    manager = client.get("xdg_toplevel_icon_manager_v1")
    icon = manager.create_icon()
    manager.set_icon(window.toplevel, icon)
    arguments: tuple[Any, ...] = ("seal",) if how == "set_name" else (Buffer(client, 16, 16), 1)
    getattr(icon, how)(*arguments)
    client.expect_error("xdg_toplevel_icon_v1", "immutable")


def test_a_picture_that_is_no_square_is_an_error(client: Client) -> None:
    icon = client.get("xdg_toplevel_icon_manager_v1").create_icon()
    icon.add_buffer(Buffer(client, 16, 17), 1)
    client.expect_error("xdg_toplevel_icon_v1", "invalid_buffer")


def test_a_picture_without_shared_memory_is_an_error(client: Client) -> None:
    icon = client.get("xdg_toplevel_icon_manager_v1").create_icon()
    colour = client.get("wp_single_pixel_buffer_manager_v1").create_u32_rgba_buffer(0, 0, 0, 0)
    icon.add_buffer(colour, 1)
    client.expect_error("xdg_toplevel_icon_v1", "invalid_buffer")


def test_a_picture_destroyed_before_it_is_used_is_an_error(client: Client) -> None:
    window = Toplevel(client).show()
    manager = client.get("xdg_toplevel_icon_manager_v1")
    icon = manager.create_icon()
    buffer = Buffer(client, 16, 16)
    icon.add_buffer(buffer, 1)
    buffer.proxy.destroy()
    manager.set_icon(window.toplevel, icon)
    client.expect_error("xdg_toplevel_icon_v1", "no_buffer")


# xdg_system_bell_v1


def test_the_bell_rings_for_a_window_or_for_none(client: Client, server: Stage) -> None:
    heard: list[Any] = []
    server.desktop.on_bell.append(heard.append)
    window = Toplevel(client).show()
    bell = client.get("xdg_system_bell_v1")
    bell.ring(window.surface)
    bell.ring(None)
    bell.ring(client.get("wl_compositor").create_surface())
    bell.destroy()
    client.roundtrip()
    assert [server.window, None, None] == heard


# org_kde_kwin_server_decoration_manager


def decorated(client: Client) -> tuple[Toplevel, Proxy]:
    """Return a window and its decoration."""
    window = Toplevel(client)
    made: Proxy = client.get("org_kde_kwin_server_decoration_manager").create(window.surface)
    return window, made


def test_windows_that_ask_for_nothing_draw_their_own(client: Client, server: Stage) -> None:
    window, decoration = decorated(client)
    window.show()
    assert (CLIENT,) == client.get("org_kde_kwin_server_decoration_manager").last("default_mode")
    assert (CLIENT,) == decoration.last("mode")
    assert not server.window.server_decorated


@pytest.mark.parametrize("mode", [NONE, CLIENT, SERVER])
def test_a_wish_is_granted(client: Client, server: Stage, mode: int) -> None:
    window, decoration = decorated(client)
    decoration.request_mode(mode)
    window.show()
    assert (mode,) == decoration.last("mode")
    assert (mode == SERVER) == server.window.server_decorated
    decoration.release()
    client.roundtrip()
