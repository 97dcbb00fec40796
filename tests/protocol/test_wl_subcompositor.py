"""wl_subcompositor and wl_subsurface: trees of surfaces, their order, and their ends."""

from __future__ import annotations

import random
from itertools import pairwise, permutations

import pytest
from subsurface_trees import Child, at, placed
from support.client import Client, Proxy
from support.pixels import ARGB, Buffer
from support.stage import Stage
from support.windows import Toplevel

RED, GREEN, BLUE, WHITE = 0xFFFF0000, 0xFF00FF00, 0xFF0000FF, 0xFFFFFFFF


# Mapping


def test_a_child_shows_with_its_parents_next_commit(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    child.role.set_position(5, 6)
    client.roundtrip()
    assert 0xFF0000 == at(server, 5, 6)
    window.surface.commit()
    client.roundtrip()
    assert 0x00FF00 == at(server, 5, 6)
    assert 0x00FF00 == at(server, 14, 15)
    assert 0xFF0000 == at(server, 15, 15)
    assert 0xFF0000 == at(server, 4, 6)


def test_a_child_is_not_shown_without_its_parent(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    Child(client, window.surface).show(GREEN)
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    client.roundtrip()
    assert [] == [view for view in server.scene.views if view.surface is not None]


def test_a_child_may_reach_beyond_its_parent(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    child.role.set_position(-5, 38)
    window.surface.commit()
    client.roundtrip()
    assert (45, 48) == (server.window.width, server.window.height)
    placed(server)
    assert 0x00FF00 == server.pixel(60, 60 + 47)


def test_a_child_without_a_buffer_hides_its_own_children(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface)
    grandchild = Child(client, child.surface).show(GREEN)
    child.surface.commit()
    window.surface.commit()
    client.roundtrip()
    assert 0xFF0000 == at(server, 0, 0)
    child.show(BLUE)
    window.surface.commit()
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)
    assert grandchild.buffer is not None


# Position and order


def test_a_position_waits_for_the_parent_even_if_the_child_does_not(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    child.role.set_desync()
    window.surface.commit()
    child.role.set_position(20, 20)
    child.surface.commit()
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)
    window.surface.commit()
    client.roundtrip()
    assert (0xFF0000, 0x00FF00) == (at(server, 0, 0), at(server, 20, 20))


@pytest.mark.parametrize("position", [(2**31 - 1, 2**31 - 1), (-(2**31), -(2**31))])
def test_any_position_is_taken(client: Client, server: Stage, position: tuple[int, int]) -> None:
    window = Toplevel(client).show(40, 40, RED)
    parent = window.surface
    for _ in range(20):
        child = Child(client, parent)
        child.role.set_position(*position)
        child.show(GREEN)
        parent.commit()
        parent = child.surface
    for _ in range(20):
        window.surface.commit()
    client.roundtrip()
    server.frame()
    server.window.set_resizing(True)
    client.roundtrip()


def stacked(server: Stage, client: Client) -> tuple[Toplevel, list[Child]]:
    """Return a window with three children over one another, in the order made."""
    window = Toplevel(client).show(40, 40, RED)
    children = [Child(client, window.surface).show(color) for color in (GREEN, BLUE, WHITE)]
    window.surface.commit()
    client.roundtrip()
    return window, children


def order(server: Stage, window: Toplevel, children: list[Child]) -> str:
    """Return the stack bottom to top: w is the window, 0 1 2 its children."""
    names = {window.surface.id: "w"} | {c.surface.id: str(i) for i, c in enumerate(children)}
    server.scene.update()
    return "".join(names[v.surface.resource.oid] for v in server.scene.views if v.surface is not None)


def test_new_children_come_on_top(client: Client, server: Stage) -> None:
    window, children = stacked(server, client)
    assert "w012" == order(server, window, children)


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([("above", 0, 1)], "w102"),
        ([("above", 0, 2)], "w120"),
        ([("below", 2, 0)], "w201"),
        ([("below", 0, "w")], "0w12"),
        ([("below", 0, "w"), ("below", 1, "w")], "01w2"),
        ([("below", 0, "w"), ("below", 1, 0)], "10w2"),
        ([("below", 0, "w"), ("above", 1, 0)], "01w2"),
        ([("above", 2, "w")], "w201"),
        ([("below", 0, "w"), ("above", 0, "w")], "w012"),
        ([("above", 0, 1), ("above", 1, 2)], "w021"),
    ],
)
def test_place_above_and_below(
    client: Client, server: Stage, moves: list[tuple[str, int, int | str]], expected: str
) -> None:
    window, children = stacked(server, client)
    for where, which, other in moves:
        sibling = window.surface if other == "w" else children[int(other)].surface
        getattr(children[which].role, f"place_{where}")(sibling)
    client.roundtrip()
    assert "w012" == order(server, window, children)
    window.surface.commit()
    client.roundtrip()
    assert expected == order(server, window, children)


def test_a_new_order_shows_on_the_screen(client: Client, server: Stage) -> None:
    window, children = stacked(server, client)
    assert 0xFFFFFF == at(server, 0, 0)
    children[0].role.place_above(children[2].surface)
    window.surface.commit()
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)


def test_placing_next_to_a_stranger_is_an_error(client: Client, server: Stage) -> None:
    _, children = stacked(server, client)
    stranger = client.get("wl_compositor").create_surface()
    children[0].role.place_above(stranger)
    client.expect_error("wl_subsurface", "bad_surface")


def test_placing_next_to_itself_is_an_error(client: Client, server: Stage) -> None:
    _, children = stacked(server, client)
    children[0].role.place_below(children[0].surface)
    client.expect_error("wl_subsurface", "bad_surface")


def test_placing_next_to_a_sibling_that_was_taken_out_is_an_error(client: Client, server: Stage) -> None:
    _, children = stacked(server, client)
    children[1].role.destroy()
    children[0].role.place_below(children[1].surface)
    client.expect_error("wl_subsurface", "bad_surface")


# Who may be whose child


def test_a_surface_cannot_be_its_own_parent(client: Client, surface: Proxy) -> None:
    client.get("wl_subcompositor").get_subsurface(surface, surface)
    client.expect_error("wl_subcompositor", "bad_surface")


def test_a_surface_has_one_parent(client: Client, surface: Proxy) -> None:
    child = Child(client, surface)
    client.get("wl_subcompositor").get_subsurface(child.surface, surface)
    client.expect_error("wl_subcompositor", "bad_surface")


def test_a_window_cannot_become_a_child(client: Client, toplevel: Toplevel, surface: Proxy) -> None:
    client.get("wl_subcompositor").get_subsurface(toplevel.surface, surface)
    client.expect_error("wl_subcompositor", "bad_surface")


def test_a_surface_that_was_a_window_cannot_become_a_child(client: Client, surface: Proxy) -> None:
    window = Toplevel(client).show()
    window.toplevel.destroy()
    window.xdg_surface.destroy()
    client.get("wl_subcompositor").get_subsurface(window.surface, surface)
    client.expect_error("wl_subcompositor", "bad_surface")


def test_a_child_cannot_become_a_window(client: Client, surface: Proxy) -> None:
    child = Child(client, surface)
    client.get("xdg_wm_base").get_xdg_surface(child.surface)
    client.expect_error("xdg_wm_base", "role")


def test_a_loop_of_two_is_an_error(client: Client, surface: Proxy) -> None:
    child = Child(client, surface)
    client.get("wl_subcompositor").get_subsurface(surface, child.surface)
    client.expect_error("wl_subcompositor", "bad_parent")


def test_a_loop_of_three_is_an_error(client: Client, surface: Proxy) -> None:
    grandchild = Child(client, Child(client, surface).surface)
    client.get("wl_subcompositor").get_subsurface(surface, grandchild.surface)
    client.expect_error("wl_subcompositor", "bad_parent")


def test_a_surface_may_be_a_child_again(client: Client, server: Stage) -> None:
    first = Toplevel(client).show(40, 40, RED)
    child = Child(client, first.surface).show(GREEN)
    first.surface.commit()
    client.roundtrip()
    child.role.destroy()
    second = Toplevel(client).show(40, 40, BLUE)
    child.role = client.get("wl_subcompositor").get_subsurface(child.surface, second.surface)
    second.surface.commit()
    child.show(WHITE)
    second.surface.commit()
    client.roundtrip()
    assert 0xFFFFFF == at(server, 0, 0)
    server.check()


@pytest.mark.parametrize("top_down", [True, False], ids=["from the top", "from the bottom"])
def test_a_tree_too_deep_ends_the_connection(client: Client, server: Stage, top_down: bool) -> None:
    compositor, subcompositor = client.get("wl_compositor"), client.get("wl_subcompositor")
    surfaces = [compositor.create_surface() for _ in range(server.server.options.limits.subsurface_depth + 5)]
    pairs = list(pairwise(surfaces))
    for parent, child in pairs if top_down else reversed(pairs):
        subcompositor.get_subsurface(child, parent)
    client.expect_error("wl_display", "implementation")


def test_deep_trees_may_not_be_joined_to_a_deeper_one(client: Client, server: Stage) -> None:
    compositor, subcompositor = client.get("wl_compositor"), client.get("wl_subcompositor")
    half = server.server.options.limits.subsurface_depth * 2 // 3
    trees = [[compositor.create_surface() for _ in range(half)] for _ in range(2)]
    for tree in trees:
        for parent, child in pairwise(tree):
            subcompositor.get_subsurface(child, parent)
    client.roundtrip()
    subcompositor.get_subsurface(trees[1][0], trees[0][-1])
    client.expect_error("wl_display", "implementation")


# Ends


def test_destroying_the_role_object_takes_the_child_away_at_once(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    client.roundtrip()
    child.role.destroy()
    client.roundtrip()
    assert 0xFF0000 == at(server, 0, 0)


def test_destroying_the_childs_surface_takes_it_away_and_leaves_an_inert_role(
    client: Client, server: Stage
) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    sibling = Child(client, window.surface)
    window.surface.commit()
    child.surface.destroy()
    child.role.set_position(1, 1)
    child.role.set_desync()
    child.role.set_sync()
    child.role.place_above(sibling.surface)
    client.roundtrip()
    assert 0xFF0000 == at(server, 0, 0)
    child.role.destroy()
    client.roundtrip()
    assert child.buffer is not None
    assert 1 == child.buffer.releases


def test_a_child_outlives_its_parent_unseen(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    waits = child.surface.frame()
    child.show(BLUE)
    window.destroy()
    client.roundtrip()
    assert [] == [v for v in server.scene.views if v.surface is not None]
    # Nothing holds its commits back any more, and buffers come back.
    blue = child.buffer
    child.show(WHITE)
    client.roundtrip()
    assert blue is not None
    assert 1 == blue.releases
    server.advance(1100)
    assert 1 == waits.count("done")
    child.role.set_position(1, 1)
    child.role.set_desync()
    child.role.destroy()
    client.roundtrip()


def test_a_child_that_never_joined_loses_a_parent_that_never_committed(
    client: Client, server: Stage, surface: Proxy
) -> None:
    child = Child(client, surface).show(GREEN)
    child.role.set_position(4, 4)
    surface.destroy()
    child.role.set_position(5, 5)
    child.role.set_desync()
    child.show(BLUE)
    client.roundtrip()
    server.check()
    child.surface.destroy()
    client.roundtrip()


def test_the_subcompositor_may_go_first(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    client.bound.pop("wl_subcompositor").destroy()
    window.surface.commit()
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)
    assert not child.role.dead


@pytest.mark.parametrize("order", list(permutations(["parent", "child", "role", "buffer"])), ids="-".join)
def test_everything_may_be_destroyed_in_any_order(
    client: Client, server: Stage, order: tuple[str, ...]
) -> None:
    parent = client.get("wl_compositor").create_surface()
    parent.attach(Buffer(client, 20, 20), 0, 0)
    child = Child(client, parent).show(GREEN)
    grandchild = Child(client, child.surface).show(BLUE, 5, 5)
    child.surface.commit()
    parent.commit()
    grandchild.show(WHITE, 5, 5)
    assert child.buffer is not None
    things = {"parent": parent, "child": child.surface, "role": child.role, "buffer": child.buffer.proxy}
    for name in order:
        things[name].destroy()
        client.roundtrip()
        server.frame()
        server.check()


@pytest.mark.parametrize("seed", range(20))
def test_a_disconnect_destroys_in_any_order(
    client: Client, server: Stage, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = Toplevel(client).show(40, 40, RED)
    children = [Child(client, window.surface).show(GREEN) for _ in range(3)]
    for child in list(children):
        children += [Child(client, child.surface).show(BLUE), Child(client, child.surface)]
    children[1].role.place_below(window.surface)
    children[0].surface.frame()
    window.surface.commit()
    children[4].show(WHITE)
    client.roundtrip()
    connection = server.server.display.clients[0]
    resources = connection.resources()
    random.Random(seed).shuffle(resources)
    monkeypatch.setattr(type(connection), "resources", lambda self: resources)
    connection.close("test")
    monkeypatch.undo()
    client.closed = True
    server.check()
    server.frame()
    assert [] == server.scene.views
    assert ARGB == 0


def test_an_empty_child_takes_part_in_nothing(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface)
    child.surface.commit()
    window.surface.commit()
    callback = child.surface.frame()
    child.role.set_desync()
    child.surface.commit()
    server.advance(1100)
    assert 1 == callback.count("done")
    assert 0xFF0000 == at(server, 0, 0)
