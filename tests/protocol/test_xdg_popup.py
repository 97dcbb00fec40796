"""xdg_popup and xdg_positioner: menus, where they go, and how they end."""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.client import Client, Proxy
from support.people import Person
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Popup, Toplevel, positioner

from compositor.model.toplevel_state import ResizeEdge

INT_MAX = 2**31 - 1
NONE, TOP, BOTTOM, LEFT, RIGHT, TOP_LEFT, BOTTOM_LEFT, TOP_RIGHT, BOTTOM_RIGHT = range(9)
SLIDE_X, SLIDE_Y, FLIP_X, FLIP_Y, RESIZE_X, RESIZE_Y = 1, 2, 4, 8, 16, 32


def parent(client: Client, server: Stage, x: int = 100, y: int = 80) -> Toplevel:
    """Return a window of 100×80 at a place of the output of 320×240."""
    window = Toplevel(client).show(100, 80)
    server.window.move_to(x, y)
    return window


def place(client: Client, window: Toplevel, rules: Proxy) -> tuple[int, int, int, int]:
    """Return where a popup is told to go."""
    popup = Popup(client, window, rules)
    popup.surface.commit()
    client.roundtrip()
    return popup.place


# Placing


@pytest.mark.parametrize(
    ("anchor", "gravity", "expected"),
    [
        (NONE, NONE, (15, 15)),
        (TOP_LEFT, NONE, (0, 5)),
        (TOP_LEFT, BOTTOM_RIGHT, (10, 20)),
        (TOP_LEFT, TOP_LEFT, (-10, -10)),
        (BOTTOM_RIGHT, BOTTOM_RIGHT, (40, 40)),
        (BOTTOM, BOTTOM, (15, 40)),
        (TOP, TOP, (15, -10)),
        (LEFT, LEFT, (-10, 15)),
        (RIGHT, RIGHT, (40, 15)),
        (BOTTOM_LEFT, BOTTOM_RIGHT, (10, 40)),
        (TOP_RIGHT, BOTTOM_RIGHT, (40, 20)),
        (TOP_RIGHT, BOTTOM_LEFT, (20, 20)),
    ],
)
def test_anchor_and_gravity(
    client: Client, server: Stage, anchor: int, gravity: int, expected: tuple[int, int]
) -> None:
    # The anchor rectangle is 10, 20, 30×20; the popup 20×30.
    rules = positioner(client, 20, 30, (10, 20, 30, 20))
    rules.set_anchor(anchor)
    rules.set_gravity(gravity)
    assert (*expected, 20, 30) == place(client, parent(client, server), rules)


def test_an_offset_is_added(client: Client, server: Stage) -> None:
    rules = positioner(client, 20, 30, (10, 20, 30, 20))
    rules.set_anchor(TOP_LEFT)
    rules.set_gravity(BOTTOM_RIGHT)
    rules.set_offset(-3, 7)
    assert (7, 27, 20, 30) == place(client, parent(client, server), rules)


def test_places_are_relative_to_the_window_geometry(client: Client, server: Stage) -> None:
    window = parent(client, server)
    window.xdg_surface.set_window_geometry(20, 10, 60, 60)
    window.surface.commit()
    popup = Popup(client, window, positioner(client, 20, 20, (0, 0, 1, 1)))
    popup.show(0xFF00FF00)
    x, y, _, _ = popup.place
    corner = server.window.x + x, server.window.y + y
    assert 0x00FF00 == server.pixel(*corner)
    assert 0x00FF00 != server.pixel(corner[0] - 1, corner[1])


def dropdown(client: Client, adjustment: int, width: int = 60, height: int = 40) -> Proxy:
    """Return rules of a menu that hangs from the lower left corner of a button at 70, 60."""
    rules = positioner(client, width, height, (70, 60, 20, 10))
    rules.set_anchor(BOTTOM_LEFT)
    rules.set_gravity(BOTTOM_RIGHT)
    rules.set_constraint_adjustment(adjustment)
    return rules


@pytest.mark.parametrize(
    ("adjustment", "expected"),
    [
        (0, (70, 70, 60, 40)),
        (SLIDE_X | SLIDE_Y, (40, 40, 60, 40)),
        (SLIDE_X, (40, 70, 60, 40)),
        (FLIP_Y, (70, 20, 60, 40)),
        (FLIP_X, (30, 70, 60, 40)),
        (FLIP_X | FLIP_Y, (30, 20, 60, 40)),
        (RESIZE_X | RESIZE_Y, (70, 70, 30, 10)),
        (FLIP_X | SLIDE_X | RESIZE_X | RESIZE_Y, (30, 70, 60, 10)),
    ],
)
def test_at_the_edge_of_the_output(
    client: Client, server: Stage, adjustment: int, expected: tuple[int, int, int, int]
) -> None:
    # The window's corner is at 220, 160: there are 30 and 10 pixels from the menu's corner to the edges.
    window = parent(client, server, 220, 160)
    assert expected == place(client, window, dropdown(client, adjustment))


def test_what_does_not_fit_either_way_is_not_flipped(client: Client, server: Stage) -> None:
    window = parent(client, server, 100, 80)
    rules = dropdown(client, FLIP_Y, 60, 200)
    assert (70, 70, 60, 200) == place(client, window, rules)


def test_what_is_too_large_to_slide_shows_its_beginning(client: Client, server: Stage) -> None:
    window = parent(client, server, 100, 80)
    x, y, width, height = place(client, window, dropdown(client, SLIDE_X | SLIDE_Y, 400, 300))
    assert (-100, -80, 400, 300) == (x, y, width, height)


def test_reposition_is_answered_with_its_token(client: Client, server: Stage) -> None:
    popup = Popup(client, parent(client, server), positioner(client, 20, 20)).show()
    rules = positioner(client, 30, 25, (40, 40, 1, 1))
    rules.set_anchor(TOP_LEFT)
    rules.set_gravity(BOTTOM_RIGHT)
    popup.popup.take()
    popup.popup.reposition(rules, 77)
    client.roundtrip()
    assert ["repositioned(77)", "configure(40, 40, 30, 25)"] == popup.popup.events


def test_a_new_place_is_taken_when_it_is_acknowledged(client: Client, server: Stage) -> None:
    popup = Popup(client, parent(client, server), positioner(client, 20, 20)).show()
    model = server.window.popups[0]
    before = model.origin
    rules = positioner(client, 20, 20, (40, 40, 1, 1))
    rules.set_anchor(TOP_LEFT)
    rules.set_gravity(BOTTOM_RIGHT)
    popup.popup.reposition(rules, 77)
    popup.surface.commit()
    client.roundtrip()
    assert before == model.origin
    popup.ack()
    client.roundtrip()
    assert (100 + 40, 80 + 40) == model.origin


def test_reposition_with_half_a_positioner_is_an_error(client: Client, server: Stage) -> None:
    popup = Popup(client, parent(client, server)).show()
    popup.popup.reposition(client.get("xdg_wm_base").create_positioner(), 1)
    client.expect_error("xdg_wm_base", "invalid_positioner")


def test_reposition_is_newer_than_version_2(client: Client, server: Stage) -> None:
    client.bound["xdg_wm_base"] = client.bind("xdg_wm_base", 2)
    popup = Popup(client, parent(client, server)).show()
    popup.popup.reposition(positioner(client), 1)
    client.expect_error("wl_display", "invalid_method")


def test_a_reactive_popup_is_placed_anew_when_its_parent_moves(client: Client, server: Stage) -> None:
    window = parent(client, server)
    rules = dropdown(client, SLIDE_X)
    rules.set_reactive()
    popup = Popup(client, window, rules).show()
    before = popup.place
    popup.popup.take()
    server.window.move_to(250, 80)
    client.roundtrip()
    assert before[0] > popup.place[0]
    assert 0 == popup.popup.count("repositioned")


def test_a_popup_that_is_not_reactive_stays_with_its_parent(client: Client, server: Stage) -> None:
    popup = Popup(client, parent(client, server), dropdown(client, SLIDE_X)).show()
    popup.popup.take()
    server.window.move_to(250, 80)
    client.roundtrip()
    assert [] == popup.popup.events


def test_the_positioner_is_copied(client: Client, server: Stage) -> None:
    rules = positioner(client, 20, 20, (0, 0, 1, 1))
    rules.set_anchor(TOP_LEFT)
    rules.set_gravity(BOTTOM_RIGHT)
    popup = Popup(client, parent(client, server), rules)
    rules.set_size(90, 90)
    rules.set_anchor_rect(50, 50, 1, 1)
    rules.destroy()
    popup.surface.commit()
    client.roundtrip()
    assert (0, 0, 20, 20) == popup.place


# Errors of the positioner


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 1), (1, -(2**31))])
def test_a_size_must_be_positive(client: Client, size: tuple[int, int]) -> None:
    client.get("xdg_wm_base").create_positioner().set_size(*size)
    client.expect_error("xdg_positioner", "invalid_input")


@pytest.mark.parametrize("size", [(-1, 1), (1, -1)])
def test_an_anchor_rectangle_must_not_be_negative(client: Client, size: tuple[int, int]) -> None:
    client.get("xdg_wm_base").create_positioner().set_anchor_rect(0, 0, *size)
    client.expect_error("xdg_positioner", "invalid_input")


@pytest.mark.parametrize("name", ["set_anchor", "set_gravity"])
@pytest.mark.parametrize("value", [9, 0xFFFF_FFFF])
def test_an_edge_that_does_not_exist_is_an_error(client: Client, name: str, value: int) -> None:
    getattr(client.get("xdg_wm_base").create_positioner(), name)(value)
    client.expect_error("xdg_positioner", "invalid_input")


@pytest.mark.parametrize("parts", [(), ("size",), ("anchor",)], ids=["nothing", "size", "anchor"])
def test_an_incomplete_positioner_is_an_error(client: Client, server: Stage, parts: tuple[str, ...]) -> None:
    window = parent(client, server)
    rules = client.get("xdg_wm_base").create_positioner()
    if "size" in parts:
        rules.set_size(5, 5)
    if "anchor" in parts:
        rules.set_anchor_rect(0, 0, 1, 1)
    Popup(client, window, rules)
    client.expect_error("xdg_wm_base", "invalid_positioner")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("adjustment", [0, 63, 0xFFFF_FFFF])
def test_the_largest_numbers_harm_nobody(client: Client, server: Stage, sign: int, adjustment: int) -> None:
    window = parent(client, server)
    for anchor in range(9):
        rules = positioner(client, INT_MAX, INT_MAX, (sign * INT_MAX, sign * INT_MAX, INT_MAX, INT_MAX))
        rules.set_anchor(anchor)
        rules.set_gravity(anchor)
        rules.set_offset(sign * INT_MAX, sign * INT_MAX)
        rules.set_constraint_adjustment(adjustment)
        rules.set_reactive()
        rules.set_parent_size(INT_MAX, -INT_MAX)
        rules.set_parent_configure(0xFFFF_FFFF)
        popup = Popup(client, window, rules)
        popup.surface.commit()
        client.roundtrip()
        popup.ack()
        popup.surface.attach(Buffer(client, 5, 5), 0, 0)
        popup.surface.commit()
        client.roundtrip()
    server.window.move_to(5, 5)
    server.frame()
    client.roundtrip()


# Stacking and ends


def test_a_popup_shows_above_its_parent_and_moves_with_it(client: Client, server: Stage) -> None:
    window = parent(client, server)
    rules = positioner(client, 20, 20, (5, 5, 1, 1))
    rules.set_anchor(TOP_LEFT)
    rules.set_gravity(BOTTOM_RIGHT)
    Popup(client, window, rules).show(0xFF00FF00)
    assert 0x00FF00 == server.pixel(105, 85)
    server.window.move_to(10, 10)
    assert 0x00FF00 == server.pixel(15, 15)


def test_a_popup_without_a_parent_cannot_be_committed(client: Client) -> None:
    popup = Popup(client, None)
    popup.surface.commit()
    client.expect_error("xdg_wm_base", "invalid_popup_parent")


def test_a_parent_without_a_role_object_is_an_error(client: Client, surface: Proxy) -> None:
    bare = client.get("xdg_wm_base").get_xdg_surface(surface)

    class Bare:
        xdg_surface = bare

    Popup(client, Bare)
    client.expect_error("xdg_wm_base", "invalid_popup_parent")


def test_destroying_a_popup_below_another_is_an_error(client: Client, server: Stage) -> None:
    below = Popup(client, parent(client, server)).show()
    Popup(client, below).show()
    below.popup.destroy()
    client.expect_error("xdg_wm_base", "not_the_topmost_popup")


def test_popups_are_destroyed_from_the_top(client: Client, server: Stage) -> None:
    popups: list[Any] = [parent(client, server)]
    for _ in range(4):
        popups.append(Popup(client, popups[-1]).show())
    for popup in reversed(popups[1:]):
        popup.popup.destroy()
        popup.xdg_surface.destroy()
        popup.surface.destroy()
    client.roundtrip()
    assert [] == server.window.popups


def test_popups_are_dismissed_from_the_top_when_their_window_goes(client: Client, server: Stage) -> None:
    window = parent(client, server)
    first = Popup(client, window).show()
    second = Popup(client, first).show()
    client.events.clear()
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    client.roundtrip()
    done = [event for event in client.events if "popup_done" in event]
    assert [f"{second.popup!r}.popup_done()", f"{first.popup!r}.popup_done()"] == done
    assert [] == [v for v in server.scene.views if v.surface is not None]


def test_a_dismissed_popup_is_told_once_and_may_still_be_spoken_to(client: Client, server: Stage) -> None:
    window = parent(client, server)
    popup = Popup(client, window).show()
    [model] = server.window.popups
    model.dismiss()
    model.dismiss()
    client.roundtrip()
    assert 1 == popup.popup.count("popup_done")
    popup.popup.reposition(positioner(client), 5)
    popup.surface.attach(Buffer(client, 50, 40), 0, 0)
    popup.surface.commit()
    client.roundtrip()
    assert [] == [v for v in server.scene.views if v.item is model]
    popup.popup.destroy()
    client.roundtrip()


def test_a_popup_unmapped_by_its_client_can_come_back(client: Client, server: Stage) -> None:
    window = parent(client, server)
    popup = Popup(client, window).show(0xFF00FF00)
    popup.surface.attach(None, 0, 0)
    popup.surface.commit()
    client.roundtrip()
    assert [] == server.window.popups
    popup.xdg_surface.take()
    popup.surface.commit()
    client.roundtrip()
    popup.ack()
    popup.surface.attach(Buffer(client, 50, 40), 0, 0)
    popup.surface.commit()
    client.roundtrip()
    assert 1 == len(server.window.popups)


def test_grabbing_after_mapping_is_an_error(client: Client, server: Stage) -> None:
    popup = Popup(client, parent(client, server)).show()
    popup.popup.grab(client.get("wl_seat"), 1)
    client.expect_error("xdg_popup", "invalid_grab")


def test_grabbing_above_a_popup_without_a_grab_is_an_error(client: Client, server: Stage) -> None:
    below = Popup(client, parent(client, server)).show()
    Popup(client, below).popup.grab(client.get("wl_seat"), 1)
    client.expect_error("xdg_popup", "invalid_grab")


def test_a_grab_above_a_popup_that_was_dismissed_dismisses_the_new_one(client: Client, server: Stage) -> None:
    window = parent(client, server)
    seat = client.get("wl_seat")
    pointer = seat.get_pointer()
    client.roundtrip()
    person = Person(server)
    person.point(110, 90)
    person.click()
    client.roundtrip()
    serial = pointer.last("button")[0]
    below = Popup(client, window)
    below.popup.grab(seat, serial)
    below.show()
    [model] = server.window.popups
    model.dismiss()
    other = Popup(client, window)
    other.popup.grab(seat, serial)
    other.show()
    # Sent before the client had read that the popup below is gone.
    late = Popup(client, below)
    late.popup.grab(seat, serial)
    client.roundtrip()
    assert 1 == late.popup.count("popup_done")
    assert 0 == other.popup.count("popup_done")


def test_a_grab_without_a_press_dismisses_the_popup(client: Client, server: Stage) -> None:
    popup = Popup(client, parent(client, server))
    popup.popup.grab(client.get("wl_seat"), 12345)
    popup.surface.commit()
    client.roundtrip()
    assert 1 == popup.popup.count("popup_done")


def test_popups_nested_too_deep_are_an_error(client: Client, server: Stage) -> None:
    server.server.options.limits.popup_depth = 5
    below: Any = parent(client, server)
    for _ in range(10):
        below = Popup(client, below)
    client.expect_error("xdg_wm_base", "invalid_popup_parent")


@pytest.mark.parametrize("seed", range(20))
def test_a_disconnect_destroys_in_any_order(
    client: Client, server: Stage, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = parent(client, server)
    first = Popup(client, window).show()
    Popup(client, first).show()
    Popup(client, window).show()
    Popup(client, None)
    connection = server.server.display.clients[0]
    resources = connection.resources()
    random.Random(seed).shuffle(resources)
    monkeypatch.setattr(type(connection), "resources", lambda self: resources)
    connection.close("test")
    monkeypatch.undo()
    client.closed = True
    server.check()
    server.frame()
    assert ([], []) == (server.desktop.windows, server.scene.views)


def test_a_popup_goes_along_when_its_window_grows_to_the_left_under_a_surface_that_stays(
    client: Client, server: Stage
) -> None:
    window = Toplevel(client).start()
    window.xdg_surface.set_window_geometry(0, 0, 100, 80)
    window.show(120, 80)
    Popup(client, window).show()
    server.frame()
    server.window.resize_to(90, 80, ResizeEdge.LEFT)
    client.roundtrip()
    window.ack()
    window.xdg_surface.set_window_geometry(10, 0, 90, 80)
    window.surface.commit()
    client.roundtrip()
    server.frame()
    (popup,) = server.window.popups
    assert (popup.surface.view.x, popup.surface.view.y) == popup.origin
