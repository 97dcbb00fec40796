"""What clients hear of focus when surfaces go, and where windows stand when their content changes."""

from __future__ import annotations

from typing import Any

from support.client import Client
from support.layers import EDGE_LEFT, EDGE_RIGHT, EDGE_TOP, Panel
from support.people import Desk, Person
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Popup, Toplevel, positioner


def test_a_destroyed_surface_is_left_while_its_id_is_known(server: Stage, client: Client) -> None:
    desk = Desk(server, client)
    Person(server).point(60, 50)
    client.roundtrip()
    desk.pointer.take(), desk.keyboard.take()
    desk.toplevel.destroy()
    client.roundtrip()
    assert "leave" == desk.pointer.events[0].split("(")[0]
    assert "leave" == desk.keyboard.events[0].split("(")[0]


def test_a_popup_gives_the_pointer_back_before_the_window_gets_it(server: Stage, client: Client) -> None:
    desk = Desk(server, client)
    popup = Popup(client, desk.toplevel, positioner(client, anchor=(50, 40, 1, 1))).show()
    person = Person(server)
    x, y = desk.x + popup.place[0] + 2, desk.y + popup.place[1] + 2
    person.point(x, y)
    client.roundtrip()
    desk.pointer.take()
    popup.popup.destroy()
    popup.xdg_surface.destroy()
    popup.surface.destroy()
    client.roundtrip()
    person.point(x + 1, y + 1)
    client.roundtrip()
    heard = [event.split("(")[0] for event in desk.pointer.events]
    assert ["leave", "frame", "enter", "frame"] == heard[:4]


def test_the_window_before_has_the_keyboard_when_the_newest_is_destroyed(
    server: Stage, client: Client
) -> None:
    desk = Desk(server, client)
    other = Toplevel(client).show()
    client.roundtrip()
    desk.keyboard.take()
    # The surface's end is told to several, one of which gives the keyboard on.
    other.destroy()
    client.roundtrip()
    heard = [event.split("(")[0] for event in desk.keyboard.events]
    assert ["leave", "enter", "modifiers"] == heard
    assert server.desktop.seat.keyboard.focused is desk.window.surface


def test_a_destroyed_surface_has_its_fingers_lifted(server: Stage, client: Client) -> None:
    desk = Desk(server, client)
    touch = desk.seat.get_touch()
    client.roundtrip()
    fingers = server.desktop.seat.touch
    fingers.down(3, 60, 50)
    fingers.frame()
    client.roundtrip()
    touch.take()
    desk.toplevel.destroy()
    client.roundtrip()
    assert ["up", "frame"] == [event.split("(")[0] for event in touch.events]
    assert [3] == list(fingers.points)


def test_a_surface_that_moves_under_a_finger_is_told_where_it_is(server: Stage, client: Client) -> None:
    desk = Desk(server, client)
    touch = desk.seat.get_touch()
    client.roundtrip()
    fingers = server.desktop.seat.touch
    fingers.down(0, 60, 50)
    fingers.frame()
    client.roundtrip()
    touch.take()
    desk.window.move_to(desk.x - 5, desk.y - 7)
    server.scene.settle()
    client.roundtrip()
    assert (10 + 5, 10 + 7) == touch.last("motion")[2:]
    assert ["motion", "frame"] == [event.split("(")[0] for event in touch.events]


def test_a_new_window_closes_the_menus_that_are_open(server: Stage, client: Client) -> None:
    desk = Desk(server, client)
    person = Person(server)
    person.point(60, 50)
    person.click()
    client.roundtrip()
    popup = Popup(client, desk.toplevel)
    popup.popup.grab(desk.seat, desk.pointer.last("button")[0])
    popup.show()
    assert 0 == popup.popup.count("popup_done")
    Toplevel(client).show()
    assert 1 == popup.popup.count("popup_done")


def test_a_window_that_comes_back_stands_where_it_was_put(server: Stage, client: Client) -> None:
    window = Toplevel(client).show()
    model = server.window
    model.move_to(17, 23)
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    client.roundtrip()
    window.xdg_surface.raw.clear()
    window.show(60, 50)
    assert (17, 23, 60, 50) == model.rect_layout


def test_a_subsurface_that_sticks_out_does_not_push_the_window_away(server: Stage, client: Client) -> None:
    window = Toplevel(client).show()
    model = server.window
    model.move_to(50, 40)
    child = client.get("wl_compositor").create_surface()
    role = client.get("wl_subcompositor").get_subsurface(child, window.surface)
    role.set_position(-20, -10)
    child.attach(Buffer(client, 30, 30), 0, 0)
    child.commit()
    window.surface.commit()
    client.roundtrip()
    assert (50, 40) == model.origin
    assert (30, 30) == (model.x, model.y)


def above(server: Stage, *windows: Toplevel) -> list[Any]:
    """The models of windows as they stand, lowest first, over all layers."""
    surfaces = [window.surface.id for window in windows]
    items = [item for layer in server.scene.layers.values() for item in layer]
    return [
        surfaces.index(item.surface.resource.oid) for item in items if item.surface.resource.oid in surfaces
    ]


def test_every_dialog_stands_above_its_parent_whoever_is_raised(server: Stage, client: Client) -> None:
    parent = Toplevel(client).show()
    first, second = Toplevel(client), Toplevel(client)
    first.toplevel.set_parent(parent.toplevel)
    first.show()
    second.toplevel.set_parent(parent.toplevel)
    second.show()
    assert [0, 1, 2] == above(server, parent, first, second)
    server.desktop.activate(server.desktop.windows[1])
    assert [0, 2, 1] == above(server, parent, first, second)
    other = Toplevel(client).show()
    assert [0, 2, 1, 3] == above(server, parent, first, second, other)
    server.desktop.activate(server.desktop.windows[0])
    assert [3, 0, 2, 1] == above(server, parent, first, second, other)


def test_a_fullscreen_window_covers_panels_while_its_dialog_has_the_focus(
    server: Stage, client: Client
) -> None:
    from compositor.model.scene import Layer

    Panel(client, anchor=EDGE_TOP | EDGE_LEFT | EDGE_RIGHT).show()
    parent = Toplevel(client)
    parent.toplevel.set_fullscreen(None)
    parent.show(320, 240)
    dialog = Toplevel(client)
    dialog.toplevel.set_parent(parent.toplevel)
    dialog.show()
    layers = server.scene.layers
    assert 2 == len(layers[Layer.FULLSCREEN])
    other = Toplevel(client).show()
    assert [] == layers[Layer.FULLSCREEN]
    assert [0, 1, 2] == above(server, parent, dialog, other)
