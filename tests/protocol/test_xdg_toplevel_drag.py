"""xdg_toplevel_drag_manager_v1: a window follows a drag."""

from __future__ import annotations

import pytest
from support.client import Client, Proxy
from support.people import Desk, Person
from support.stage import Stage
from support.windows import Toplevel


class Tab:
    """A drag that began on the window of a `Desk`, and what came of it."""

    def __init__(self, desk: Desk, person: Person) -> None:
        self.desk = desk
        self.client = desk.client
        manager = desk.client.get("wl_data_device_manager")
        self.device: Proxy = manager.get_data_device(desk.seat)
        self.source: Proxy = manager.create_data_source()
        self.source.offer("application/x-tab")
        self.source.set_actions(2)
        self.drag: Proxy = desk.client.get("xdg_toplevel_drag_manager_v1").get_xdg_toplevel_drag(self.source)
        self.person = person

    def start(self) -> Tab:
        self.person.point(80, 60)
        self.person.button(True)
        serial = self.desk.pointer.last("button")[0]
        self.device.start_drag(self.source, self.desk.surface, None, serial)
        self.client.roundtrip()
        return self


@pytest.fixture
def tab(desk: Desk, person: Person) -> Tab:
    """A source that carries a window once it is dragged."""
    return Tab(desk, person)


def corner(server: Stage) -> tuple[int, int]:
    """Where the newest window is."""
    return server.window.x, server.window.y


def test_a_new_window_appears_at_the_offset_and_follows(tab: Tab, server: Stage, person: Person) -> None:
    tab.start()
    torn = Toplevel(tab.client)
    tab.drag.attach(torn.toplevel, 20, 7)
    torn.show(60, 40)
    assert (60, 53) == corner(server)
    person.point(200, 150)
    assert (180, 143) == corner(server)
    person.button(False)
    person.point(10, 10)
    assert (180, 143) == corner(server)


def test_a_window_that_is_shown_stays_under_the_pointer_as_it_is(
    tab: Tab, server: Stage, person: Person
) -> None:
    tab.drag.attach(tab.desk.toplevel.toplevel, 1, 1)
    tab.start()
    assert (50, 40) == corner(server)
    person.point(100, 100)
    assert (70, 80) == corner(server)


def test_the_window_is_not_what_the_drag_is_over(
    tab: Tab, server: Stage, person: Person, client: Client
) -> None:
    below = Desk(server, server.connect(), x=180, y=120)
    device = below.client.get("wl_data_device_manager").get_data_device(below.seat)
    below.client.roundtrip()
    tab.start()
    torn = Toplevel(tab.client)
    tab.drag.attach(torn.toplevel, 20, 7)
    torn.show(60, 40)
    person.point(200, 150)
    assert below.surface is device.last("enter")[1]
    assert (20.0, 30.0) == device.last("enter")[2:4]


def test_a_drop_on_a_taker_is_a_drop_as_any(tab: Tab, server: Stage, person: Person) -> None:
    below = Desk(server, server.connect(), x=180, y=120)
    device = below.client.get("wl_data_device_manager").get_data_device(below.seat)
    below.client.roundtrip()
    tab.start()
    torn = Toplevel(tab.client)
    tab.drag.attach(torn.toplevel, 20, 7)
    torn.show(60, 40)
    person.point(200, 150)
    offer = device.last("enter")[4]
    offer.accept(device.last("enter")[0], "application/x-tab")
    offer.set_actions(2, 2)
    below.client.roundtrip()
    tab.client.roundtrip()
    tab.source.take()
    person.button(False)
    assert ["dnd_drop_performed()"] == tab.source.events
    below.client.roundtrip()
    assert "drop()" in device.events


def test_a_drop_where_nobody_takes_it_leaves_the_window_there(
    tab: Tab, server: Stage, person: Person
) -> None:
    tab.start()
    torn = Toplevel(tab.client)
    tab.drag.attach(torn.toplevel, 0, 0)
    torn.show(60, 40)
    person.point(250, 10)
    tab.source.take()
    person.button(False)
    assert ["dnd_drop_performed()", "dnd_finished()"] == tab.source.events
    assert (250, 10) == corner(server)
    tab.drag.destroy()
    tab.client.roundtrip()


def test_without_a_window_such_a_drop_is_cancelled(tab: Tab, person: Person) -> None:
    tab.start()
    person.point(250, 10)
    tab.source.take()
    person.button(False)
    assert ["cancelled()"] == tab.source.events


def test_an_unmapped_window_is_detached_and_another_may_come(tab: Tab, server: Stage, person: Person) -> None:
    tab.start()
    first = Toplevel(tab.client)
    tab.drag.attach(first.toplevel, 0, 0)
    first.show(60, 40)
    first.surface.attach(None, 0, 0)
    first.surface.commit()
    second = Toplevel(tab.client)
    tab.drag.attach(second.toplevel, 5, 5)
    second.show(60, 40)
    person.point(200, 150)
    assert (195, 145) == corner(server)
    assert not server.desktop.windows[-2].mapped


def test_a_second_window_beside_one_that_is_shown_is_an_error(tab: Tab) -> None:
    tab.start()
    tab.drag.attach(tab.desk.toplevel.toplevel, 0, 0)
    tab.drag.attach(Toplevel(tab.client).toplevel, 0, 0)
    tab.client.expect_error("xdg_toplevel_drag_v1", "toplevel_attached")


def test_destroying_it_during_the_drag_is_an_error(tab: Tab) -> None:
    tab.start()
    tab.drag.destroy()
    tab.client.expect_error("xdg_toplevel_drag_v1", "ongoing_drag")


def test_a_source_in_use_is_an_error(tab: Tab) -> None:
    tab.client.get("xdg_toplevel_drag_manager_v1").get_xdg_toplevel_drag(tab.source)
    tab.client.expect_error("xdg_toplevel_drag_manager_v1", "invalid_source")


def test_a_source_that_is_being_dragged_is_an_error(desk: Desk, person: Person) -> None:
    tab = Tab(desk, person)
    tab.drag.destroy()
    tab.start()
    tab.client.get("xdg_toplevel_drag_manager_v1").get_xdg_toplevel_drag(tab.source)
    tab.client.expect_error("xdg_toplevel_drag_manager_v1", "invalid_source")


def test_such_a_source_is_no_selection(desk: Desk) -> None:
    manager = desk.client.get("wl_data_device_manager")
    source = manager.create_data_source()
    desk.client.get("xdg_toplevel_drag_manager_v1").get_xdg_toplevel_drag(source)
    manager.get_data_device(desk.seat).set_selection(source, desk.keyboard.last("enter")[0])
    desk.client.expect_error("wl_data_source", "invalid_source")


@pytest.mark.parametrize("order", ["source", "toplevel", "escape", "disconnect"])
def test_the_drag_may_end_in_any_way(tab: Tab, server: Stage, person: Person, order: str) -> None:
    tab.start()
    torn = Toplevel(tab.client)
    tab.drag.attach(torn.toplevel, 0, 0)
    torn.show(60, 40)
    if order == "source":
        tab.source.destroy()
    elif order == "toplevel":
        torn.destroy()
    elif order == "escape":
        person.tap(1)
        assert "cancelled()" == tab.source.events[-1]
    else:
        tab.client.close()
    server.settle()
    server.pump()
    person.point(200, 150)
    person.button(False)
    if order != "disconnect":
        tab.drag.destroy()
        tab.client.roundtrip()
    assert server.desktop.seat.drag is None


def test_a_maximized_window_gets_its_size_back(tab: Tab, server: Stage, person: Person) -> None:
    tab.desk.window.set_maximized(True)
    tab.client.roundtrip()
    tab.desk.toplevel.ack().show(320, 240)
    tab.drag.attach(tab.desk.toplevel.toplevel, 10, 10)
    tab.start()
    person.point(200, 150)
    assert not tab.desk.window.maximized
