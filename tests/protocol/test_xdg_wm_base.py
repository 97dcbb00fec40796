"""xdg_wm_base: the entry to windows, and the ping that finds who hangs."""

from __future__ import annotations

import pytest
from support.client import Client, Proxy
from support.people import Person
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel


def test_destroy_before_its_surfaces_is_an_error(client: Client, toplevel: Toplevel) -> None:
    client.bound.pop("xdg_wm_base").destroy()
    client.expect_error("xdg_wm_base", "defunct_surfaces")


def test_destroy_after_its_surfaces_is_fine(client: Client) -> None:
    Toplevel(client).show().destroy()
    base = client.bound.pop("xdg_wm_base")
    base.destroy()
    client.roundtrip()
    assert base.dead


def test_a_base_may_go_while_the_surfaces_of_another_live(client: Client, toplevel: Toplevel) -> None:
    client.bind("xdg_wm_base").destroy()
    client.roundtrip()


def test_positioners_do_not_keep_it(client: Client) -> None:
    base = client.bind("xdg_wm_base")
    base.create_positioner()
    base.destroy()
    client.roundtrip()


def test_a_surface_has_one_xdg_surface(client: Client, toplevel: Toplevel) -> None:
    client.get("xdg_wm_base").get_xdg_surface(toplevel.surface)
    client.expect_error("xdg_wm_base", "role")


def test_a_surface_with_a_buffer_attached_is_refused(client: Client, surface: Proxy) -> None:
    surface.attach(Buffer(client, 4, 4), 0, 0)
    client.get("xdg_wm_base").get_xdg_surface(surface)
    client.expect_error("xdg_wm_base", "invalid_surface_state")


def test_a_surface_with_a_buffer_committed_is_refused(client: Client, surface: Proxy) -> None:
    surface.attach(Buffer(client, 4, 4), 0, 0)
    surface.commit()
    client.get("xdg_wm_base").get_xdg_surface(surface)
    client.expect_error("xdg_wm_base", "invalid_surface_state")


def test_a_buffer_attached_and_taken_back_is_none(client: Client, surface: Proxy) -> None:
    surface.attach(Buffer(client, 4, 4), 0, 0)
    surface.attach(None, 0, 0)
    client.get("xdg_wm_base").get_xdg_surface(surface)
    client.roundtrip()


def test_a_subsurface_is_refused(client: Client, surface: Proxy, toplevel: Toplevel) -> None:
    client.get("wl_subcompositor").get_subsurface(surface, toplevel.surface)
    client.get("xdg_wm_base").get_xdg_surface(surface)
    client.expect_error("xdg_wm_base", "role")


def test_a_ping_is_answered_in_time(client: Client, server: Stage, toplevel: Toplevel) -> None:
    base = client.get("xdg_wm_base")
    server.window.shell.ask_for_life()
    client.roundtrip()
    (serial,) = base.last("ping")
    base.pong(serial)
    client.roundtrip()
    server.advance(20_000)
    assert server.window.responsive


def test_who_does_not_answer_is_not_responding_until_it_does(
    client: Client, server: Stage, toplevel: Toplevel
) -> None:
    base = client.get("xdg_wm_base")
    server.window.shell.ask_for_life()
    client.roundtrip()
    server.advance(9_900)
    assert server.window.responsive
    server.advance(200)
    assert not server.window.responsive
    base.pong(base.last("ping")[0])
    client.roundtrip()
    assert server.window.responsive


def test_one_ping_at_a_time(client: Client, server: Stage, toplevel: Toplevel) -> None:
    server.window.shell.ask_for_life()
    server.window.shell.ask_for_life()
    client.roundtrip()
    assert 1 == client.get("xdg_wm_base").count("ping")


@pytest.mark.parametrize("serial", [0, 12345, 0xFFFF_FFFF])
def test_a_pong_nobody_asked_for_is_ignored(
    client: Client, server: Stage, toplevel: Toplevel, serial: int
) -> None:
    client.get("xdg_wm_base").pong(serial)
    client.roundtrip()
    server.window.shell.ask_for_life()
    client.get("xdg_wm_base").pong(serial)
    client.roundtrip()
    server.advance(11_000)
    assert not server.window.responsive


def test_a_press_asks_for_a_sign_of_life_and_so_does_closing(
    client: Client, server: Stage, toplevel: Toplevel
) -> None:
    base = client.get("xdg_wm_base")
    window = server.window
    person = Person(server)
    person.point(window.x + 5, window.y + 5)
    person.key(30, True)
    person.key(30, False)
    client.roundtrip()
    assert 0 == base.count("ping")
    person.click()
    client.roundtrip()
    assert 1 == base.count("ping")
    base.pong(base.last("ping")[0])
    client.roundtrip()
    window.close()
    client.roundtrip()
    assert 2 == base.count("ping")


def test_a_hung_client_is_ended_when_it_is_asked_to_close_again(
    client: Client, server: Stage, toplevel: Toplevel
) -> None:
    window = server.window
    window.close()
    client.roundtrip()
    server.advance(10_001)
    assert not window.responsive
    assert 1 == toplevel.toplevel.count("close")
    window.close()
    assert "ping" in client.expect_error("xdg_wm_base", "unresponsive")
    assert not window.mapped


def test_a_client_that_answers_is_asked_as_often_as_one_likes(
    client: Client, server: Stage, toplevel: Toplevel
) -> None:
    base = client.get("xdg_wm_base")
    for _ in range(3):
        server.window.close()
        client.roundtrip()
        server.advance(10_001)
        base.pong(base.last("ping")[0])
        client.roundtrip()
    assert 3 == toplevel.toplevel.count("close")
