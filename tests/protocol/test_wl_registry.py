"""wl_registry and wl_fixes: globals come, are bound, and go."""

from __future__ import annotations

from typing import Any

import pytest
from support import wire
from support.client import Client
from support.stage import Stage

from compositor.model.output import Output


def bind(client: Client, name: int, interface: str, version: int) -> None:
    """Bind any number under any name."""
    registry = client.registry
    oid = client.new_id()
    parts = wire.word(name), wire.string(interface), wire.word(version), wire.word(oid)
    client.send(wire.message(registry.id, 0, *parts))


def test_the_core_of_every_desktop_is_announced(client: Client) -> None:
    assert client.registry.id
    expected = {
        "wl_compositor": 6,
        "wl_subcompositor": 1,
        "wl_shm": 2,
        "wl_seat": 9,
        "wl_output": 4,
        "wl_data_device_manager": 3,
        "wl_fixes": 1,
        "xdg_wm_base": 6,
        "zxdg_decoration_manager_v1": 1,
        "zxdg_output_manager_v1": 3,
        "wp_viewporter": 1,
        "wp_presentation": 2,
    }
    announced = {name: entries[0][1] for name, entries in client.globals.items()}
    assert {} == {name: v for name, v in expected.items() if announced.get(name, 0) < v}


def test_every_global_has_a_number_of_its_own(client: Client) -> None:
    assert client.registry.id
    numbers = [number for entries in client.globals.values() for number, _ in entries]
    assert len(numbers) == len(set(numbers))
    assert 0 not in numbers


@pytest.mark.parametrize("interface", ["wl_compositor", "wl_shm", "xdg_wm_base", "wl_seat", "wl_output"])
def test_every_version_up_to_the_announced_one_can_be_bound(client: Client, interface: str) -> None:
    assert client.registry.id
    for version in range(1, client.globals[interface][0][1] + 1):
        client.bind(interface, version)
        client.roundtrip()


@pytest.mark.parametrize("version", [0, 7, 0xFFFF_FFFF])
def test_a_version_that_was_not_announced_is_refused(client: Client, version: int) -> None:
    assert client.registry.id
    bind(client, client.globals["wl_compositor"][0][0], "wl_compositor", version)
    client.expect_error("wl_registry", "invalid_object")


def test_a_global_that_does_not_exist_is_refused(client: Client) -> None:
    bind(client, 54_321, "wl_compositor", 1)
    client.expect_error("wl_registry", "invalid_object")


def test_binding_under_another_interface_is_refused(client: Client) -> None:
    assert client.registry.id
    bind(client, client.globals["wl_compositor"][0][0], "wl_shm", 1)
    client.expect_error("wl_registry", "invalid_object")


def test_a_global_may_be_bound_many_times(client: Client) -> None:
    first, second = client.bind("wl_compositor", 4), client.bind("wl_compositor", 6)
    first.create_surface()
    second.create_surface()
    client.roundtrip()


def test_a_new_output_is_announced_to_those_who_listen(client: Client, server: Stage) -> None:
    registry = client.registry
    registry.take()
    server.server.backend.add_output(Output("NEW-1", 100, 100))
    client.roundtrip()
    assert 1 == len(registry.events)
    assert "wl_output, 4)" in registry.events[0]


def test_an_output_that_goes_is_taken_back_and_may_be_bound_a_little_longer(
    client: Client, server: Stage
) -> None:
    second = Output("NEW-1", 100, 100)
    server.server.backend.add_output(second)
    registry = client.registry
    number = client.globals["wl_output"][1][0]
    server.server.backend.remove_output(second)
    # The client has not heard of it yet: its bind is honest.
    client.bind("wl_output", index=1)
    client.roundtrip()
    assert [f"global_remove({number})"] == registry.events[-1:]


def test_two_registries_hear_the_same(client: Client, server: Stage) -> None:
    first, second = client.display.get_registry(), client.display.get_registry()
    client.roundtrip()
    assert first.events == second.events
    server.server.backend.add_output(Output("NEW-1", 100, 100))
    client.roundtrip()
    assert first.events == second.events


def test_fixes_destroys_a_registry(client: Client, server: Stage) -> None:
    second: Any = client.display.get_registry()
    client.get("wl_fixes").destroy_registry(second)
    client.roundtrip()
    assert second.dead
    heard = len(second.events)
    server.server.backend.add_output(Output("NEW-1", 100, 100))
    client.roundtrip()
    assert heard == len(second.events)


def test_fixes_can_be_destroyed(client: Client) -> None:
    fixes = client.bind("wl_fixes")
    fixes.destroy()
    client.roundtrip()
    assert fixes.dead


def test_only_a_registry_can_be_given_to_destroy_registry(client: Client) -> None:
    client.get("wl_fixes").destroy_registry(client.get("wl_compositor"))
    client.expect_error("wl_display", "invalid_method")
