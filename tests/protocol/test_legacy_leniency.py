"""What ``--legacy-shell`` lets pass of what programs of old do, and nobody else may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.client import Client, Proxy
from support.people import Desk
from support.pixels import Buffer, is_unsealable
from support.stage import Stage
from support.windows import Toplevel

CLIPBOARD = ("wl_data_device_manager", "create_data_source", "get_data_device")
PRIMARY = ("zwp_primary_selection_device_manager_v1", "create_source", "get_device")


@pytest.fixture
def old(make_stage: Callable[..., Stage]) -> Stage:
    """A compositor that lets it pass."""
    return make_stage(legacy_shell=True)


def select(client: Client, kind: tuple[str, str, str], serial: int = 0) -> Proxy:
    """Set a selection, and return its source."""
    manager = client.get(kind[0])
    source: Proxy = getattr(manager, kind[1])()
    source.offer("text/plain")
    getattr(manager, kind[2])(client.get("wl_seat")).set_selection(source, serial)
    client.roundtrip()
    return source


@pytest.mark.parametrize("kind", [CLIPBOARD, PRIMARY])
def test_a_first_selection_needs_no_serial(old: Stage, kind: tuple[str, str, str]) -> None:
    sink = Desk(old, old.connect())
    device: Proxy = getattr(sink.client.get(kind[0]), kind[2])(sink.seat)
    sink.client.roundtrip()
    source = select(old.connect(), kind)
    sink.client.roundtrip()
    assert [] == source.events
    assert device.last("selection")[0] is not None


@pytest.mark.parametrize("kind", [CLIPBOARD, PRIMARY])
def test_a_later_one_must_not_be_older(old: Stage, kind: tuple[str, str, str]) -> None:
    client = old.connect()
    desk = Desk(old, client)
    first = select(client, kind, desk.keyboard.last("enter")[0])
    second = select(old.connect(), kind)
    client.roundtrip()
    assert ([], ["cancelled()"]) == (first.events, second.events)


@pytest.mark.parametrize("kind", [CLIPBOARD, PRIMARY])
def test_without_the_option_a_serial_of_nobody_sets_nothing(
    server: Stage, client: Client, kind: tuple[str, str, str]
) -> None:
    assert ["cancelled()"] == select(client, kind).events


def test_a_window_is_configured_though_nothing_was_committed(old: Stage) -> None:
    client = old.connect()
    window = Toplevel(client)
    client.drain()
    old.pump()
    client.drain()
    assert 1 == window.xdg_surface.count("configure")
    window.ack()
    window.show()
    assert old.window.mapped


def test_the_first_commit_of_the_same_batch_is_still_what_it_answers(old: Stage) -> None:
    client = old.connect()
    window = Toplevel(client)
    window.toplevel.set_maximized()
    window.surface.commit()
    client.drain()
    assert 1 == window.xdg_surface.count("configure")
    assert "maximized" in window.proposal[2]


def test_without_the_option_the_first_commit_is_waited_for(server: Stage, client: Client) -> None:
    window = Toplevel(client)
    client.roundtrip()
    server.frame()
    assert 0 == window.xdg_surface.count("configure")


@pytest.mark.parametrize("legacy", [True, False])
def test_what_is_attached_without_damage_is_shown(make_stage: Callable[..., Stage], legacy: bool) -> None:
    stage = make_stage(legacy_shell=legacy)
    client = stage.connect()
    desk = Desk(stage, client)
    for color in (0xFF0000FF, 0xFF00FF00):
        desk.surface.attach(Buffer(client, 100, 80, color, **is_unsealable()), 0, 0)
        if color == 0xFF0000FF:
            desk.surface.damage(0, 0, 100, 80)
        desk.commit()
        stage.frame()
    assert (0x00FF00 if legacy else 0x0000FF) == stage.pixel(desk.x + 5, desk.y + 5)
