"""zwlr_layer_shell_v1: surfaces around the windows, the room they take, and the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.client import Client
from support.layers import (
    ALL_EDGES,
    BACKGROUND,
    BOTTOM,
    EDGE_BOTTOM,
    EDGE_LEFT,
    EDGE_RIGHT,
    EDGE_TOP,
    OVERLAY,
    TOP,
    Panel,
)
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Popup, Toplevel, positioner

from compositor.geometry import Rect
from compositor.model.layer import LayerSurface
from compositor.server import OutputSpec

WIDTH, HEIGHT = 320, 240
SIDES = EDGE_LEFT | EDGE_RIGHT
ENDS = EDGE_TOP | EDGE_BOTTOM
NONE, EXCLUSIVE, ON_DEMAND = range(3)


def item_of(server: Stage, index: int = -1) -> LayerSurface:
    """The model of the newest layer surface, or of another one."""
    return server.desktop.layers.surfaces[index]


def rect_of(item: LayerSurface) -> tuple[int, int, int, int]:
    """Where it is in the layout."""
    return item.x, item.y, item.geometry.width, item.geometry.height


# Places


@pytest.mark.parametrize(
    ("anchor", "size", "margins", "rect"),
    [
        (0, (100, 50), (9, 9, 9, 9), (110, 95, 100, 50)),
        (EDGE_TOP, (100, 50), (5, 0, 0, 0), (110, 5, 100, 50)),
        (EDGE_BOTTOM, (100, 50), (0, 0, 7, 0), (110, 183, 100, 50)),
        (EDGE_LEFT, (100, 50), (0, 0, 0, 3), (3, 95, 100, 50)),
        (EDGE_RIGHT, (100, 50), (0, 4, 0, 0), (216, 95, 100, 50)),
        (EDGE_TOP | EDGE_LEFT, (100, 50), (1, 2, 3, 4), (4, 1, 100, 50)),
        (EDGE_BOTTOM | EDGE_RIGHT, (100, 50), (1, 2, 3, 4), (218, 187, 100, 50)),
        (EDGE_TOP | SIDES, (0, 30), (1, 2, 3, 4), (4, 1, 314, 30)),
        (EDGE_TOP | SIDES, (100, 30), (0, 0, 0, 0), (110, 0, 100, 30)),
        (EDGE_LEFT | ENDS, (40, 0), (1, 2, 3, 4), (4, 1, 40, 236)),
        (ALL_EDGES, (0, 0), (1, 2, 3, 4), (4, 1, 314, 236)),
        (ALL_EDGES, (100, 50), (0, 0, 0, 0), (110, 95, 100, 50)),
    ],
)
def test_a_surface_stands_where_its_anchors_margins_and_size_say(
    server: Stage,
    client: Client,
    anchor: int,
    size: tuple[int, int],
    margins: tuple[int, int, int, int],
    rect: tuple[int, int, int, int],
) -> None:
    panel = Panel(client, anchor=anchor, size=size, margins=margins).start()
    assert rect[2:] == panel.size
    panel.show(color=0xFFAA3366)
    assert rect == rect_of(item_of(server))
    server.frame()
    assert 0xAA3366 == server.pixel(rect[0], rect[1])
    assert 0xAA3366 == server.pixel(rect[0] + rect[2] - 1, rect[1] + rect[3] - 1)
    assert 0xAA3366 != server.pixel(rect[0] - 1, rect[1])


def test_a_surface_that_draws_another_size_stays_at_the_corner_of_its_place(
    server: Stage, client: Client
) -> None:
    Panel(client, anchor=ALL_EDGES, size=(0, 0)).show(size=(100, 40))
    assert (0, 0, 100, 40) == rect_of(item_of(server))


def test_layers_stand_around_the_windows(server: Stage, client: Client) -> None:
    window = Toplevel(client).show(320, 240, 0xFF000001)
    server.window.move_to(0, 0)
    colors = {BACKGROUND: 0xFF000010, BOTTOM: 0xFF000020, TOP: 0xFF000030, OVERLAY: 0xFF000040}
    panels = {
        layer: Panel(client, layer, ALL_EDGES, (0, 0)).show(color)
        for layer, color in reversed(colors.items())
    }
    seen = []
    for victim in (panels[OVERLAY], panels[TOP], window, panels[BOTTOM], panels[BACKGROUND]):
        seen.append(server.pixel(100, 100))
        victim.surface.attach(None, 0, 0)
        victim.surface.commit()
    assert [0x40, 0x30, 0x01, 0x20, 0x10] == seen


def test_a_fullscreen_window_covers_the_top_layer_and_not_the_overlay(server: Stage, client: Client) -> None:
    Panel(client, TOP, EDGE_TOP | SIDES, (0, 30)).show(0xFF000030)
    Panel(client, OVERLAY, EDGE_BOTTOM | SIDES, (0, 30)).show(0xFF000040)
    window = Toplevel(client).show()
    window.toplevel.set_fullscreen(None)
    client.roundtrip()
    window.ack().show(WIDTH, HEIGHT, 0xFF000001)
    assert 0x01 == server.pixel(5, 5)
    assert 0x40 == server.pixel(5, HEIGHT - 5)


def test_another_layer_is_taken_with_the_commit(server: Stage, client: Client) -> None:
    panel = Panel(client, BACKGROUND, ALL_EDGES, (0, 0)).show(0xFF000010)
    Panel(client, TOP, ALL_EDGES, (0, 0)).show(0xFF000030)
    panel.layer.set_layer(OVERLAY)
    client.roundtrip()
    assert 0x30 == server.pixel(5, 5)
    panel.surface.commit()
    client.roundtrip()
    assert 0x10 == server.pixel(5, 5)


# Room


@pytest.mark.parametrize(
    ("anchor", "size", "zone", "margins", "reserved"),
    [
        (EDGE_TOP | SIDES, (0, 30), 30, (0, 0, 0, 0), (0, 30, 0, 0)),
        (EDGE_TOP | SIDES, (0, 30), 30, (5, 0, 9, 0), (0, 35, 0, 0)),
        (EDGE_BOTTOM, (100, 30), 20, (0, 0, 4, 0), (0, 0, 0, 24)),
        (EDGE_LEFT | ENDS, (40, 0), 40, (0, 0, 0, 2), (42, 0, 0, 0)),
        (EDGE_RIGHT | ENDS, (40, 0), 40, (0, 3, 0, 0), (0, 0, 43, 0)),
        (EDGE_TOP | EDGE_LEFT, (40, 30), 30, (0, 0, 0, 0), (0, 0, 0, 0)),
        (SIDES, (0, 30), 30, (0, 0, 0, 0), (0, 0, 0, 0)),
        (ALL_EDGES, (0, 0), 30, (0, 0, 0, 0), (0, 0, 0, 0)),
        (0, (50, 30), 30, (0, 0, 0, 0), (0, 0, 0, 0)),
        (EDGE_TOP | SIDES, (0, 30), 0, (0, 0, 0, 0), (0, 0, 0, 0)),
        (EDGE_TOP | SIDES, (0, 30), -1, (0, 0, 0, 0), (0, 0, 0, 0)),
        (EDGE_TOP | SIDES, (0, 30), 10**6, (0, 0, 0, 0), (0, HEIGHT, 0, 0)),
    ],
)
def test_a_zone_reserves_room_at_the_edge_that_the_anchors_mean(
    server: Stage,
    client: Client,
    anchor: int,
    size: tuple[int, int],
    zone: int,
    margins: tuple[int, int, int, int],
    reserved: tuple[int, int, int, int],
) -> None:
    panel = Panel(client, anchor=anchor, size=size, zone=zone, margins=margins).start()
    assert (0, 0, 0, 0) == server.output.reserved
    panel.show()
    assert reserved == server.output.reserved
    panel.layer.destroy()
    client.roundtrip()
    assert (0, 0, 0, 0) == server.output.reserved


def test_an_exclusive_edge_says_what_a_corner_leaves_open(server: Stage, client: Client) -> None:
    panel = Panel(client, anchor=EDGE_TOP | EDGE_LEFT, size=(40, 30), zone=25).start()
    panel.layer.set_exclusive_edge(EDGE_LEFT)
    panel.show()
    assert (25, 0, 0, 0) == server.output.reserved


def test_exclusive_surfaces_are_stacked_and_others_move_out_of_their_way(
    server: Stage, client: Client
) -> None:
    Panel(client, TOP, EDGE_TOP | SIDES, (0, 30), 30).show()
    Panel(client, BOTTOM, EDGE_TOP | SIDES, (0, 20), 20).show()
    Panel(client, OVERLAY, EDGE_TOP | SIDES, (0, 10), 0).show()
    Panel(client, BACKGROUND, ALL_EDGES, (0, 0), -1).show()
    places = [rect_of(item) for item in server.desktop.layers.surfaces]
    assert [(0, 0, WIDTH, 30), (0, 30, WIDTH, 20), (0, 50, WIDTH, 10), (0, 0, WIDTH, HEIGHT)] == places
    assert (0, 50, 0, 0) == server.output.reserved


@pytest.mark.parametrize("anchor", [0, EDGE_TOP | EDGE_LEFT, SIDES, ENDS, ALL_EDGES])
def test_a_zone_of_no_certain_edge_is_as_good_as_none(server: Stage, client: Client, anchor: int) -> None:
    Panel(client, zone=30).show()
    Panel(client, OVERLAY, anchor, (40, 20), zone=10).show()
    assert item_of(server).y >= 30
    assert Rect(0, 30, WIDTH, HEIGHT - 30) == server.desktop.outputs[0].usable_layout


def test_a_maximized_window_follows_the_room_that_is_left(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    toplevel.toplevel.set_maximized()
    client.roundtrip()
    width, height, _ = toplevel.proposal
    assert (WIDTH, HEIGHT) == (width, height)
    panel = Panel(client, zone=30).show()
    assert (WIDTH, HEIGHT - 30) == toplevel.proposal[:2]
    assert (0, 30) == (server.window.x, server.window.y)
    panel.layer.set_exclusive_zone(50)
    panel.surface.commit()
    client.roundtrip()
    assert (WIDTH, HEIGHT - 50) == toplevel.proposal[:2]
    panel.surface.attach(None, 0, 0)
    panel.surface.commit()
    client.roundtrip()
    assert (WIDTH, HEIGHT) == toplevel.proposal[:2]


def test_a_change_of_mode_proposes_new_sizes(server: Stage, client: Client) -> None:
    panel = Panel(client, zone=30).show()
    server.output.configure(width=500, height=400)
    client.roundtrip()
    assert (500, 30) == panel.size
    assert Rect(0, 30, 500, 370) == server.output.usable_layout


# The life of a surface


def test_each_size_is_proposed_once(client: Client) -> None:
    panel = Panel(client).show()
    for _ in range(3):
        panel.surface.commit()
    client.roundtrip()
    assert 1 == panel.layer.count("configure")


def test_a_size_that_a_client_missed_is_told_when_it_goes_on(server: Stage, client: Client) -> None:
    panel = Panel(client).show()
    item_of(server).queue.limit = 8
    for width in range(200, 220):
        server.desktop.outputs[0].configure(width=width)
    client.roundtrip()
    assert 219 != panel.size[0]
    panel.ack().surface.commit()
    client.roundtrip()
    assert 219 == panel.size[0]


def test_an_unmapped_surface_starts_anew(server: Stage, client: Client) -> None:
    panel = Panel(client, zone=30).show()
    panel.surface.attach(None, 0, 0)
    panel.surface.commit()
    client.roundtrip()
    assert not item_of(server).visible
    # Its anchors are forgotten, so that it needs a size.
    panel.surface.commit()
    client.expect_error("zwlr_layer_surface_v1", "invalid_size")


def test_an_answer_that_crosses_the_unmapping_is_taken(server: Stage, client: Client) -> None:
    panel = Panel(client).show()
    panel.surface.attach(None, 0, 0)
    panel.surface.commit()
    server.desktop.outputs[0].configure(width=200)
    client.roundtrip()
    panel.ack()
    panel.layer.set_size(100, 30)
    panel.start().show()
    assert item_of(server).mapped


def test_an_unmapped_surface_can_be_mapped_again(server: Stage, client: Client) -> None:
    panel = Panel(client, zone=30).show()
    panel.surface.attach(None, 0, 0)
    panel.surface.commit()
    panel.layer.take()
    panel.layer.set_size(50, 60)
    panel.layer.set_anchor(EDGE_BOTTOM)
    panel.start().show(0xFF00FF00)
    assert (135, HEIGHT - 60, 50, 60) == rect_of(item_of(server))
    assert (0, 0, 0, 0) == server.output.reserved


def test_surfaces_of_an_output_that_is_unplugged_are_closed(
    make_stage: Callable[..., Stage],
) -> None:
    stage = make_stage(outputs=[OutputSpec(WIDTH, HEIGHT), OutputSpec(400, 300)])
    client = stage.connect()
    second = client.bind("wl_output", index=1)
    panel = Panel(client, zone=30, output=second).show()
    other = Panel(client, zone=30).show()
    assert 400 == panel.size[0]
    stage.server.backend.remove_output(stage.desktop.outputs[1])
    client.roundtrip()
    assert 1 == panel.layer.count("closed")
    assert 0 == other.layer.count("closed")
    # What comes too late is ignored.
    panel.show()
    panel.layer.set_size(1, 1)
    panel.surface.commit()
    panel.layer.destroy()
    client.roundtrip()


def test_a_surface_for_an_output_that_is_gone_is_closed_at_once(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(outputs=[OutputSpec(WIDTH, HEIGHT), OutputSpec(400, 300)])
    client = stage.connect()
    second = client.bind("wl_output", index=1)
    client.roundtrip()
    stage.server.backend.remove_output(stage.desktop.outputs[1])
    panel = Panel(client, output=second)
    panel.surface.commit()
    client.roundtrip()
    assert ["closed()"] == panel.layer.events


def test_a_surface_may_not_go_before_its_role(server: Stage, client: Client) -> None:
    panel = Panel(client, zone=30).show()
    panel.surface.destroy()
    client.expect_error("wl_surface", "defunct_role_object")
    assert [] == server.desktop.layers.surfaces
    assert (0, 0, 0, 0) == server.output.reserved


@pytest.mark.parametrize("version", [1, 5])
def test_a_surface_that_knows_no_such_error_may_go_before_its_role(
    server: Stage, client: Client, version: int
) -> None:
    client.bound["wl_compositor"] = client.bind("wl_compositor", version)
    panel = Panel(client, zone=30).show()
    assert 1 == len(server.desktop.layers.surfaces)
    panel.surface.destroy()
    client.roundtrip()
    assert (0, 0, 0, 0) == server.output.reserved
    panel.layer.set_size(0, 50)
    panel.layer.destroy()
    client.roundtrip()
    assert [] == server.desktop.layers.surfaces


def test_a_surface_goes_after_its_role(server: Stage, client: Client) -> None:
    panel = Panel(client, zone=30).show()
    panel.layer.destroy()
    panel.surface.destroy()
    client.roundtrip()
    assert [] == server.desktop.layers.surfaces


def test_a_client_that_hangs_up_gives_its_room_back(server: Stage, client: Client) -> None:
    Panel(client, zone=30, keyboard=EXCLUSIVE).show()
    client.close()
    server.pump()
    assert (0, 0, 0, 0) == server.output.reserved
    assert [] == server.desktop.layers.surfaces
    assert [] == server.desktop.seat.keyboard.grabs


# The keyboard


def keyboard_of(client: Client) -> list[str]:
    """Give the client a keyboard, and return the list of what it hears."""
    keyboard = client.get("wl_seat").get_keyboard()
    client.roundtrip()
    return keyboard.events


def focus(server: Stage) -> int:
    """The surface that has the keyboard, as its object id; 0 for none."""
    focused = server.desktop.seat.keyboard.focused
    return 0 if focused is None else int(focused.resource.oid)


@pytest.mark.parametrize("layer", [TOP, OVERLAY])
def test_an_exclusive_surface_has_the_keyboard_until_it_goes(
    server: Stage, client: Client, toplevel: Toplevel, layer: int
) -> None:
    assert toplevel.surface.id == focus(server)
    panel = Panel(client, layer, keyboard=EXCLUSIVE).show()
    assert panel.surface.id == focus(server)
    other = Toplevel(client).show()
    server.desktop.activate(server.desktop.windows[0])
    assert panel.surface.id == focus(server)
    panel.layer.destroy()
    client.roundtrip()
    assert toplevel.surface.id == focus(server)
    assert other.surface.id != focus(server)


@pytest.mark.parametrize("layer", [BACKGROUND, BOTTOM])
def test_below_the_windows_exclusive_means_on_demand(
    server: Stage, client: Client, toplevel: Toplevel, layer: int
) -> None:
    panel = Panel(client, layer, EDGE_LEFT, (20, 20), keyboard=EXCLUSIVE).show()
    assert toplevel.surface.id == focus(server)
    server.desktop.seat.pointer.move_to(5, HEIGHT / 2)
    server.desktop.seat.pointer.button(0x110, True)
    server.settle()
    assert panel.surface.id == focus(server)


def test_the_topmost_exclusive_surface_wins_and_the_newest_of_a_layer(server: Stage, client: Client) -> None:
    overlay = Panel(client, OVERLAY, keyboard=EXCLUSIVE).show()
    Panel(client, TOP, keyboard=EXCLUSIVE).show()
    assert overlay.surface.id == focus(server)
    newer = Panel(client, OVERLAY, keyboard=EXCLUSIVE).show()
    assert newer.surface.id == focus(server)
    newer.layer.set_keyboard_interactivity(NONE)
    newer.surface.commit()
    client.roundtrip()
    assert overlay.surface.id == focus(server)


def test_on_demand_a_click_takes_the_keyboard_and_another_gives_it_back(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    panel = Panel(client, TOP, EDGE_TOP | SIDES, (0, 20), keyboard=ON_DEMAND).show()
    pointer = server.desktop.seat.pointer
    server.window.move_to(50, 100)

    def click(x: float, y: float) -> None:
        pointer.move_to(x, y)
        pointer.button(0x110, True)
        pointer.button(0x110, False)
        server.settle()

    click(60, 110)
    assert toplevel.surface.id == focus(server)
    click(5, 5)
    assert panel.surface.id == focus(server)
    assert not server.window.activated
    click(60, 110)
    assert toplevel.surface.id == focus(server)
    click(5, 5)
    panel.layer.destroy()
    client.roundtrip()
    assert toplevel.surface.id == focus(server)
    assert server.window.activated


def test_a_surface_without_interest_never_gets_the_keyboard(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    Panel(client, TOP, EDGE_TOP | SIDES, (0, 20)).show()
    server.desktop.seat.pointer.move_to(5, 5)
    server.desktop.seat.pointer.button(0x110, True)
    server.settle()
    assert toplevel.surface.id == focus(server)


def test_before_version_4_the_interactivity_is_a_truth_value(server: Stage, client: Client) -> None:
    shell = client.bind("zwlr_layer_shell_v1", 3)
    client.bound["zwlr_layer_shell_v1"] = shell
    panel = Panel(client, keyboard=77).show()
    assert panel.surface.id == focus(server)


# Popups


def test_a_popup_of_a_panel_stands_relative_to_it(server: Stage, client: Client) -> None:
    panel = Panel(client, TOP, EDGE_BOTTOM | SIDES, (0, 30)).show()
    rules = positioner(client, 60, 40, (100, 0, 20, 30))
    rules.set_anchor(1)
    rules.set_gravity(1)
    popup = Popup(client, None, rules)
    panel.layer.get_popup(popup.popup)
    popup.show(0xFF00FF00)
    assert (80, -40, 60, 40) == popup.place
    left, top = 80, HEIGHT - 30 - 40
    server.frame()
    assert 0x00FF00 == server.pixel(left, top)
    assert 0x00FF00 == server.pixel(left + 59, top + 39)
    panel.surface.attach(None, 0, 0)
    panel.surface.commit()
    client.roundtrip()
    assert 1 == popup.popup.count("popup_done")


def test_a_popup_that_has_a_parent_cannot_be_given_to_a_panel(client: Client, toplevel: Toplevel) -> None:
    panel = Panel(client).show()
    popup = Popup(client, toplevel)
    panel.layer.get_popup(popup.popup)
    client.expect_error("zwlr_layer_surface_v1", "invalid_surface_state")


# Errors


def test_a_surface_with_another_role_is_an_error(client: Client, toplevel: Toplevel) -> None:
    client.get("zwlr_layer_shell_v1").get_layer_surface(toplevel.surface, None, TOP, "")
    client.expect_error("zwlr_layer_shell_v1", "role")


def test_a_second_role_object_is_an_error(client: Client) -> None:
    panel = Panel(client)
    client.get("zwlr_layer_shell_v1").get_layer_surface(panel.surface, None, TOP, "")
    client.expect_error("zwlr_layer_shell_v1", "role")


def test_a_surface_with_a_buffer_is_an_error(client: Client) -> None:
    surface = client.get("wl_compositor").create_surface()
    surface.attach(Buffer(client, 10, 10), 0, 0)
    client.get("zwlr_layer_shell_v1").get_layer_surface(surface, None, TOP, "")
    client.expect_error("zwlr_layer_shell_v1", "already_constructed")


def test_a_layer_that_is_none_is_an_error(client: Client) -> None:
    Panel(client, layer=4)
    client.expect_error("zwlr_layer_shell_v1", "invalid_layer")


@pytest.mark.parametrize(
    ("size", "anchor"),
    [((0, 10), EDGE_LEFT), ((10, 0), SIDES), ((0, 0), EDGE_TOP | SIDES), ((1 << 31, 5), 0)],
)
def test_a_size_that_the_anchors_do_not_give_is_an_error(
    client: Client, size: tuple[int, int], anchor: int
) -> None:
    Panel(client, anchor=anchor, size=size).surface.commit()
    client.expect_error("zwlr_layer_surface_v1", "invalid_size")


@pytest.mark.parametrize(
    ("request_name", "value", "error"),
    [
        ("set_anchor", 16, "invalid_anchor"),
        ("set_keyboard_interactivity", 3, "invalid_keyboard_interactivity"),
        ("set_exclusive_edge", 3, "invalid_exclusive_edge"),
        ("set_layer", 4, "invalid_size"),
    ],
)
def test_a_value_that_is_none_is_an_error(client: Client, request_name: str, value: int, error: str) -> None:
    panel = Panel(client)
    getattr(panel.layer, request_name)(value)
    # set_layer raises the shell's error (1) on the surface, where 1 reads invalid_size.
    client.expect_error("zwlr_layer_surface_v1", error)


def test_an_exclusive_edge_that_is_not_anchored_is_an_error(client: Client) -> None:
    panel = Panel(client, anchor=EDGE_TOP | SIDES)
    panel.layer.set_exclusive_edge(EDGE_BOTTOM)
    panel.surface.commit()
    client.expect_error("zwlr_layer_surface_v1", "invalid_exclusive_edge")


def test_a_buffer_before_the_first_configure_is_an_error(client: Client) -> None:
    panel = Panel(client)
    panel.surface.attach(Buffer(client, 10, 10), 0, 0)
    panel.surface.commit()
    client.expect_error("zwlr_layer_surface_v1", "invalid_surface_state")


def test_a_buffer_before_the_acknowledgement_is_an_error(client: Client) -> None:
    panel = Panel(client)
    panel.surface.commit()
    panel.surface.attach(Buffer(client, 10, 10), 0, 0)
    panel.surface.commit()
    client.expect_error("zwlr_layer_surface_v1", "invalid_surface_state")


def test_a_serial_that_was_not_sent_is_an_error(client: Client) -> None:
    panel = Panel(client).start()
    panel.layer.ack_configure(panel.layer.last("configure")[0] + 1000)
    client.expect_error("zwlr_layer_surface_v1", "invalid_surface_state")
