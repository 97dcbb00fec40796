"""xdg_toplevel: what a window says of itself, and what is proposed to it."""

from __future__ import annotations

from typing import Any

import pytest
from support.client import Client
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

from compositor.model.node_maker import NodeMaker
from compositor.model.output import Output
from compositor.model.toplevel_state import ResizeEdge, State

INT_MAX = 2**31 - 1


def states(window: Toplevel) -> set[Any]:
    return window.proposal[2]


def test_the_first_proposal_leaves_the_size_to_the_client(client: Client) -> None:
    window = Toplevel(client).start()
    assert (0, 0, set()) == window.proposal


def test_bounds_and_capabilities_come_with_the_first_configure(client: Client, server: Stage) -> None:
    window = Toplevel(client).start()
    assert (320, 240) == window.toplevel.last("configure_bounds")
    (capabilities,) = window.toplevel.last("wm_capabilities")
    assert [2, 3, 4] == capabilities


@pytest.mark.parametrize(
    ("version", "names"),
    [
        (3, {"configure"}),
        (4, {"configure", "configure_bounds"}),
        (5, {"configure", "configure_bounds", "wm_capabilities"}),
    ],
)
def test_older_versions_hear_no_newer_events(client: Client, version: int, names: set[str]) -> None:
    client.bound["xdg_wm_base"] = client.bind("xdg_wm_base", version)
    window = Toplevel(client).start()
    assert names == {name for name, _ in window.toplevel.raw}


def test_title_and_app_id_are_taken(client: Client, server: Stage, toplevel: Toplevel) -> None:
    toplevel.toplevel.set_title("Weddell \N{SEAL}")
    toplevel.toplevel.set_app_id("org.example.seal")
    client.roundtrip()
    assert ("Weddell \N{SEAL}", "org.example.seal") == (server.window.title, server.window.app_id)


@pytest.mark.parametrize("title", ["x" * 60_000, "\N{SEAL}" * 15_000])
def test_an_endless_title_is_cut(client: Client, server: Stage, toplevel: Toplevel, title: str) -> None:
    toplevel.toplevel.set_title(title)
    client.roundtrip()
    assert title.startswith(server.window.title)
    assert 900 <= len(server.window.title.encode()) <= 4000


def test_a_mapped_window_has_the_focus_and_is_told_so(client: Client, toplevel: Toplevel) -> None:
    client.roundtrip()
    assert {"activated"} == states(toplevel)


def test_the_focus_goes_to_the_newest_window_and_back(client: Client, server: Stage) -> None:
    first = Toplevel(client).show()
    second = Toplevel(client).show()
    assert set() == states(first)
    assert {"activated"} == states(second)
    second.destroy()
    client.roundtrip()
    assert {"activated"} == states(first)


# Proposals and places


def test_a_proposed_size_is_sent_and_takes_effect_with_the_clients_buffer(
    client: Client, server: Stage, toplevel: Toplevel
) -> None:
    server.window.resize_to(150, 120)
    client.roundtrip()
    assert (150, 120) == toplevel.proposal[:2]
    assert (100, 80) == (server.window.width, server.window.height)
    toplevel.ack().show(150, 120)
    assert (150, 120) == (server.window.width, server.window.height)


def test_resizing_from_the_left_keeps_the_right_edge(
    client: Client, server: Stage, toplevel: Toplevel
) -> None:
    server.window.move_to(100, 100)
    server.window.resize_to(130, 90, ResizeEdge.LEFT | ResizeEdge.TOP)
    client.roundtrip()
    toplevel.ack().show(130, 90)
    assert (70, 90, 130, 90) == tuple(server.window.rect_layout)


def test_the_clients_bounds_are_kept(client: Client, server: Stage, toplevel: Toplevel) -> None:
    toplevel.toplevel.set_min_size(50, 60)
    toplevel.toplevel.set_max_size(200, 0)
    toplevel.surface.commit()
    client.roundtrip()
    server.window.resize_to(10, 10)
    client.roundtrip()
    assert (50, 60) == toplevel.proposal[:2]
    server.window.resize_to(1000, 1000)
    client.roundtrip()
    assert (200, 1000) == toplevel.proposal[:2]


def test_bounds_are_double_buffered(client: Client, server: Stage, toplevel: Toplevel) -> None:
    toplevel.toplevel.set_min_size(50, 60)
    client.roundtrip()
    assert (0, 0) == server.window.min_size
    toplevel.surface.commit()
    client.roundtrip()
    assert (50, 60) == server.window.min_size


@pytest.mark.parametrize("name", ["set_min_size", "set_max_size"])
@pytest.mark.parametrize("size", [(-1, 0), (0, -1), (-(2**31), 5)])
def test_negative_bounds_are_an_error(
    client: Client, toplevel: Toplevel, name: str, size: tuple[int, int]
) -> None:
    getattr(toplevel.toplevel, name)(*size)
    client.expect_error("xdg_toplevel", "invalid_size")


def test_a_minimum_above_the_maximum_is_an_error_once_committed(client: Client, toplevel: Toplevel) -> None:
    toplevel.toplevel.set_min_size(100, 100)
    toplevel.toplevel.set_max_size(200, 99)
    client.roundtrip()
    toplevel.surface.commit()
    client.expect_error("xdg_toplevel", "invalid_size")


def test_bounds_that_contradict_for_a_moment_are_fine(client: Client, toplevel: Toplevel) -> None:
    toplevel.toplevel.set_max_size(50, 50)
    toplevel.surface.commit()
    toplevel.toplevel.set_min_size(100, 100)
    toplevel.toplevel.set_max_size(0, 0)
    toplevel.surface.commit()
    client.roundtrip()


def test_the_largest_bounds_harm_nobody(client: Client, server: Stage, toplevel: Toplevel) -> None:
    toplevel.toplevel.set_min_size(INT_MAX, INT_MAX)
    toplevel.surface.commit()
    client.roundtrip()
    server.window.resize_to(10, 10)
    server.window.set_maximized(True)
    server.window.set_maximized(False)
    client.roundtrip()


# States


def test_maximize_fills_the_output_and_back(client: Client, server: Stage, toplevel: Toplevel) -> None:
    server.window.move_to(30, 40)
    toplevel.toplevel.set_maximized()
    client.roundtrip()
    assert (320, 240, {"activated", "maximized"}) == toplevel.proposal
    toplevel.ack().show(320, 240)
    assert (0, 0, 320, 240) == tuple(server.window.rect_layout)
    toplevel.toplevel.unset_maximized()
    client.roundtrip()
    assert (100, 80, {"activated"}) == toplevel.proposal
    toplevel.ack().show(100, 80)
    assert (30, 40, 100, 80) == tuple(server.window.rect_layout)


def test_maximize_before_mapping_counts_for_the_first_proposal(client: Client, server: Stage) -> None:
    window = Toplevel(client)
    window.toplevel.set_maximized()
    window.start()
    assert (320, 240, {"maximized"}) == window.proposal
    window.show(320, 240)
    assert (0, 0) == (server.window.x, server.window.y)


@pytest.mark.parametrize(
    "request_", ["set_maximized", "unset_maximized", "set_fullscreen", "unset_fullscreen"]
)
def test_every_request_for_a_state_is_answered(client: Client, toplevel: Toplevel, request_: str) -> None:
    client.roundtrip()
    toplevel.xdg_surface.take()
    arguments = (None,) if request_ == "set_fullscreen" else ()
    for _ in range(2):
        getattr(toplevel.toplevel, request_)(*arguments)
        client.roundtrip()
    assert 2 == toplevel.xdg_surface.count("configure")


def test_fullscreen_covers_the_output_and_back(client: Client, server: Stage, toplevel: Toplevel) -> None:
    server.window.move_to(30, 40)
    toplevel.toplevel.set_fullscreen(None)
    client.roundtrip()
    assert (320, 240, {"activated", "fullscreen"}) == toplevel.proposal
    toplevel.ack().show(320, 240, 0xFF00FF00)
    assert 0x00FF00 == server.pixel(0, 0)
    assert 0x00FF00 == server.pixel(319, 239)
    toplevel.toplevel.unset_fullscreen()
    client.roundtrip()
    assert (100, 80, {"activated"}) == toplevel.proposal
    toplevel.ack().show(100, 80)
    assert (30, 40) == (server.window.x, server.window.y)


def test_a_smaller_fullscreen_surface_stands_in_the_middle_of_black(
    client: Client, server: Stage, toplevel: Toplevel
) -> None:
    toplevel.toplevel.set_fullscreen(None)
    client.roundtrip()
    toplevel.ack().show(100, 80, 0xFF00FF00)
    assert (110, 80) == (server.window.x, server.window.y)
    assert 0x000000 == server.pixel(0, 0)
    assert 0x00FF00 == server.pixel(110, 80)


def test_fullscreen_goes_to_the_output_asked_for(client: Client, server: Stage) -> None:
    second = Output("NEW-1", 200, 100)
    server.server.backend.add_output(second)
    window = Toplevel(client).show()
    window.toplevel.set_fullscreen(client.bind("wl_output", index=1))
    client.roundtrip()
    assert (200, 100) == window.proposal[:2]
    window.ack().show(200, 100)
    assert (320, 0) == (server.window.x, server.window.y)
    server.server.backend.remove_output(second)
    client.roundtrip()
    assert "fullscreen" not in states(window)


def test_fullscreen_on_an_output_that_is_gone_takes_another(client: Client, server: Stage) -> None:
    second = Output("NEW-1", 200, 100)
    server.server.backend.add_output(second)
    output = client.bind("wl_output", index=1)
    window = Toplevel(client).show()
    server.server.backend.remove_output(second)
    window.toplevel.set_fullscreen(output)
    client.roundtrip()
    assert (320, 240) == window.proposal[:2]


def test_a_maximized_window_moves_to_what_remains_when_its_output_goes(client: Client, server: Stage) -> None:
    second = Output("NEW-1", 200, 100)
    server.server.backend.add_output(second)
    window = Toplevel(client).show()
    server.window.move_to(350, 10)
    window.toplevel.set_maximized()
    client.roundtrip()
    assert (200, 100) == window.proposal[:2]
    window.ack().show(200, 100)
    server.server.backend.remove_output(second)
    client.roundtrip()
    assert (320, 240) == window.proposal[:2]


def test_minimized_windows_leave_the_screen_and_the_focus(client: Client, server: Stage) -> None:
    first = Toplevel(client).show(color=0xFFFF0000)
    second = Toplevel(client).show(color=0xFF00FF00)
    second.toplevel.set_minimized()
    client.roundtrip()
    assert {"activated"} == states(first)
    assert server.desktop.windows[0] is server.desktop.focused
    assert [] == [v for v in server.scene.views if v.item is server.desktop.windows[1]]


def test_states_newer_than_the_version_are_not_sent(client: Client, server: Stage) -> None:
    client.bound["xdg_wm_base"] = client.bind("xdg_wm_base", 1)
    window = Toplevel(client).show()
    server.window.set_suspended(True)
    server.window.set_tiled(frozenset({State.TILED_LEFT}))
    client.roundtrip()
    assert {"activated"} == states(window)


def test_tiled_windows_take_half_of_the_output(client: Client, server: Stage, toplevel: Toplevel) -> None:
    server.window.set_tiled(frozenset({State.TILED_RIGHT, State.TILED_TOP, State.TILED_BOTTOM}))
    client.roundtrip()
    assert (160, 240) == toplevel.proposal[:2]
    toplevel.ack().show(160, 240)
    assert (160, 0, 160, 240) == tuple(server.window.rect_layout)
    server.output.configure(width=400)
    client.roundtrip()
    assert (200, 240) == toplevel.proposal[:2]


def test_close_asks_the_client(client: Client, server: Stage, toplevel: Toplevel) -> None:
    server.window.close()
    client.roundtrip()
    assert 1 == toplevel.toplevel.count("close")
    assert server.window.mapped


# Parents


def test_a_child_stays_above_its_parent(client: Client, server: Stage) -> None:
    parent, child = Toplevel(client).show(60, 60, 0xFFFF0000), Toplevel(client)
    child.toplevel.set_parent(parent.toplevel)
    child.show(20, 20, 0xFF00FF00)
    windows = server.desktop.windows
    assert windows[0] is windows[1].parent
    server.desktop.activate(windows[0])
    x, y = windows[1].x, windows[1].y
    assert 0x00FF00 == server.pixel(x, y)
    parent.toplevel.destroy()
    client.roundtrip()
    assert windows[-1].parent is None


def test_an_unmapped_parent_counts_as_none(client: Client, server: Stage) -> None:
    parent, child = Toplevel(client), Toplevel(client)
    child.toplevel.set_parent(parent.toplevel)
    client.roundtrip()
    assert server.window.parent is None


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_loop_of_parents_is_an_error(client: Client, length: int) -> None:
    windows = [Toplevel(client).show() for _ in range(length)]
    for child, parent in zip(windows, windows[1:] + windows[:1], strict=True):
        child.toplevel.set_parent(parent.toplevel)
    client.expect_error("xdg_toplevel", "invalid_parent")


def test_a_window_is_not_its_own_parent_before_it_is_mapped_either(client: Client) -> None:
    window = Toplevel(client)
    window.toplevel.set_parent(window.toplevel)
    client.expect_error("xdg_toplevel", "invalid_parent")


def test_children_of_an_unmapped_window_belong_to_its_parent(client: Client, server: Stage) -> None:
    first, second, third = (Toplevel(client).show() for _ in range(3))
    second.toplevel.set_parent(first.toplevel)
    third.toplevel.set_parent(second.toplevel)
    second.surface.attach(None, 0, 0)
    second.surface.commit()
    client.roundtrip()
    windows = server.desktop.windows
    assert [None, None, windows[0]] == [window.parent for window in windows]


def test_a_child_inherits_its_grandparent(client: Client, server: Stage) -> None:
    first, second, third = (Toplevel(client).show() for _ in range(3))
    second.toplevel.set_parent(first.toplevel)
    third.toplevel.set_parent(second.toplevel)
    second.destroy()
    client.roundtrip()
    windows = server.desktop.windows
    assert windows[0] is windows[-1].parent


# Interactive


@pytest.mark.parametrize("edges", [3, 7, 11, 12, 15, 16, 0xFFFF_FFFF])
def test_an_edge_that_does_not_exist_is_an_error(client: Client, toplevel: Toplevel, edges: int) -> None:
    toplevel.toplevel.resize(client.get("wl_seat"), 1, edges)
    client.expect_error("xdg_toplevel", "invalid_resize_edge")


def test_move_resize_and_menu_without_a_press_do_nothing(
    client: Client, server: Stage, toplevel: Toplevel
) -> None:
    seat = client.get("wl_seat")
    before = tuple(server.window.rect_layout)
    for serial in (0, 1, 0xFFFF_FFFF):
        toplevel.toplevel.move(seat, serial)
        toplevel.toplevel.resize(seat, serial, 10)
        toplevel.toplevel.show_window_menu(seat, serial, -5, 5)
    client.roundtrip()
    assert before == tuple(server.window.rect_layout)
    assert not server.window.resizing


# The end


def test_unmapping_forgets_everything_and_starts_anew(client: Client, server: Stage) -> None:
    parent = Toplevel(client).show()
    window = Toplevel(client)
    window.toplevel.set_title("a")
    window.toplevel.set_app_id("b")
    window.toplevel.set_parent(parent.toplevel)
    window.toplevel.set_min_size(10, 10)
    window.show(50, 50)
    window.xdg_surface.set_window_geometry(5, 5, 10, 10)
    window.toplevel.set_maximized()
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    client.roundtrip()
    model = server.window
    assert not model.mapped
    assert ("", "", None, (0, 0), None) == (
        model.title,
        model.app_id,
        model.parent,
        model.min_size,
        model.explicit_geometry,
    )
    window.xdg_surface.take()
    window.toplevel.take()
    window.attach(Buffer(client, 10, 10))
    client.expect_error("xdg_surface", "unconfigured_buffer")


def test_an_unmapped_window_is_configured_again_and_can_come_back(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(50, 50)
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    window.xdg_surface.take()
    window.toplevel.take()
    window.surface.commit()
    client.roundtrip()
    assert ["wm_capabilities", "configure_bounds", "configure"] == [n for n, _ in window.toplevel.raw]
    window.ack().show(60, 60)
    assert server.window.mapped
    assert (60, 60) == (server.window.width, server.window.height)


def test_destroying_the_toplevel_takes_the_window_away(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    window.toplevel.destroy()
    client.roundtrip()
    assert [] == server.desktop.windows
    assert [] == [v for v in server.scene.views if v.surface is not None]
    window.xdg_surface.destroy()
    window.surface.destroy()
    client.roundtrip()


@pytest.mark.parametrize("version", [6, 7])
def test_edges_at_which_a_window_is_tiled_are_constrained(
    client: Client, server: Stage, version: int
) -> None:
    client.bound["xdg_wm_base"] = client.bind("xdg_wm_base", version)
    window = Toplevel(client).show()
    server.window.set_tiled(frozenset({State.TILED_LEFT, State.TILED_TOP, State.TILED_BOTTOM}))
    client.roundtrip()
    constrained = {10, 12, 13} if version == 7 else set()
    assert constrained == {state for state in window.proposal[2] if isinstance(state, int) and state > 9}


def test_a_window_that_grows_is_not_laid_out_with_all_the_others(
    client: Client, server: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    Toplevel(client).show(20, 20)
    window = Toplevel(client).show(50, 40, 0xFF00_0001)
    server.desktop.windows[0].move_to(200, 10)
    server.desktop.windows[1].move_to(10, 10)
    server.frame()
    monkeypatch.setattr(NodeMaker, "lay_out", lambda *_: pytest.fail("everything was laid out"))
    window.show(80, 60, 0xFF00_0002)
    server.frame()
    assert [2, 2] == [server.pixel(10, 10), server.pixel(89, 69)]
    window.show(30, 30, 0xFF00_0003)
    server.frame()
    assert [3, 3] == [server.pixel(10, 10), server.pixel(39, 39)]
    assert server.pixel(200, 100) == server.pixel(40, 40) == server.pixel(89, 69), "nothing is left behind"


def test_a_window_that_grows_out_of_the_output_s_sight_is_laid_out(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(50, 40)
    server.window.move_to(-40, 10)
    server.frame()
    window.show(30, 40)
    server.frame()
    assert () == server.window.surface.nodes
    window.show(60, 40, 0xFF00_0005)
    server.frame()
    assert 5 == server.pixel(19, 20)
