"""What extends one surface: fractional scale, alpha, content type, tearing.

A surface has one of a kind, which is inert without it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.client import Client, Proxy
from support.stage import Stage
from support.windows import Toplevel

from compositor.server import OutputSpec

KINDS = {
    "wp_fractional_scale_manager_v1": ("get_fractional_scale", "fractional_scale_exists"),
    "wp_alpha_modifier_v1": ("get_surface", "already_constructed"),
    "wp_content_type_manager_v1": ("get_surface_content_type", "already_constructed"),
    "wp_tearing_control_manager_v1": ("get_tearing_control", "tearing_control_exists"),
}


def extend(client: Client, manager: str, surface: Proxy) -> Proxy:
    """Give a surface an extension."""
    made: Proxy = getattr(client.get(manager), KINDS[manager][0])(surface)
    return made


@pytest.mark.parametrize("manager", KINDS)
def test_a_second_one_is_an_error(client: Client, manager: str) -> None:
    surface = client.get("wl_compositor").create_surface()
    extend(client, manager, surface)
    extend(client, manager, surface)
    client.expect_error(manager, KINDS[manager][1])


@pytest.mark.parametrize("manager", KINDS)
def test_after_the_first_was_destroyed_there_may_be_another(client: Client, manager: str) -> None:
    surface = client.get("wl_compositor").create_surface()
    extend(client, manager, surface).destroy()
    extend(client, manager, surface)
    client.get(manager).destroy()
    client.roundtrip()


@pytest.mark.parametrize(
    ("manager", "request_name"),
    [
        ("wp_content_type_manager_v1", "set_content_type"),
        ("wp_tearing_control_manager_v1", "set_presentation_hint"),
        ("wp_fractional_scale_manager_v1", "destroy"),
    ],
)
def test_without_its_surface_it_is_inert(client: Client, manager: str, request_name: str) -> None:
    surface = client.get("wl_compositor").create_surface()
    extension = extend(client, manager, surface)
    surface.destroy()
    getattr(extension, request_name)(*(() if request_name == "destroy" else (1,)))
    client.roundtrip()


def test_the_alpha_of_a_surface_that_is_gone_is_an_error(client: Client) -> None:
    surface = client.get("wl_compositor").create_surface()
    alpha = extend(client, "wp_alpha_modifier_v1", surface)
    surface.destroy()
    alpha.set_multiplier(0)
    client.expect_error("wp_alpha_modifier_surface_v1", "no_surface")


def test_alpha_is_part_of_a_commit_and_ends_with_its_object(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(60, 60, 0xFFFFFFFF)
    server.window.move_to(0, 0)
    bare = server.capture()[30, 30]
    alpha = extend(client, "wp_alpha_modifier_v1", window.surface)

    def after_commit(change: Callable[[], object]) -> int:
        change()
        client.roundtrip()
        before = int(server.capture()[30, 30])
        window.surface.commit()
        client.roundtrip()
        assert before == shown[-1], "it was shown before it was committed"
        return int(server.capture()[30, 30])

    shown = [int(bare)]
    shown.append(after_commit(lambda: alpha.set_multiplier(0)))
    assert 0xFFFFFFFF == bare and bare != shown[-1]
    shown.append(after_commit(lambda: alpha.set_multiplier(0x8000_0000)))
    assert shown[-1] not in shown[:-1]
    shown.append(after_commit(alpha.destroy))
    assert bare == shown[-1]


def test_the_preferred_scale_follows_the_outputs(make_stage: Callable[..., Stage]) -> None:
    server = make_stage(outputs=[OutputSpec(200, 150, scale=1.25), OutputSpec(300, 300, scale=1.5)])
    client = server.connect()
    window = Toplevel(client)
    scale = extend(client, "wp_fractional_scale_manager_v1", window.surface)
    client.roundtrip()
    assert ["preferred_scale(150)"] == scale.take(), "told before anything is drawn"
    window.show(60, 60)
    server.window.move_to(10, 10)
    server.scene.settle()
    client.roundtrip()
    assert [] == scale.take(), "the same is not told again"
    server.window.move_to(server.desktop.outputs[1].x + 10, 10)
    server.scene.settle()
    client.roundtrip()
    assert ["preferred_scale(180)"] == scale.take()
    server.desktop.outputs[1].configure(scale=2.0)
    server.scene.settle()
    client.roundtrip()
    assert ["preferred_scale(240)"] == scale.take()
