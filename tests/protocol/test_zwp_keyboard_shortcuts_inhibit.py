"""zwp_keyboard_shortcuts_inhibit_manager_v1, zwp_pointer_gestures_v1 and ext_transient_seat_manager_v1."""

from __future__ import annotations

import pytest
from support.client import Client, Proxy
from support.people import ESC, SUPER, A, Desk, Person
from support.stage import Stage


def inhibit(desk: Desk) -> Proxy:
    manager = desk.client.get("zwp_keyboard_shortcuts_inhibit_manager_v1")
    made: Proxy = manager.inhibit_shortcuts(desk.surface, desk.seat)
    desk.client.roundtrip()
    return made


def shortcut(server: Stage) -> list[tuple[int, bool]]:
    """Have the compositor keep the key A; returns what it kept."""
    kept: list[tuple[int, bool]] = []

    def keep(key: int, pressed: bool, state: object) -> bool:
        if key == A:
            kept.append((key, pressed))
        return key == A

    server.desktop.seat.keyboard.filters.append(keep)
    return kept


def keys(desk: Desk) -> list[tuple[int, int]]:
    desk.client.roundtrip()
    return [arguments[2:] for name, arguments in desk.keyboard.raw if name == "key"]


def test_while_it_is_active_the_surface_gets_the_shortcuts(desk: Desk, server: Stage, person: Person) -> None:
    kept = shortcut(server)
    person.tap(A)
    assert [] == keys(desk)
    assert ["active()"] == inhibit(desk).events
    person.tap(A)
    assert [(A, 1), (A, 0)] == keys(desk)
    assert [(A, True), (A, False)] == kept


def test_a_drag_with_super_is_the_surfaces_too(desk: Desk, server: Stage, person: Person) -> None:
    inhibit(desk)
    person.key(SUPER, True)
    person.point(80, 60)
    person.button(True)
    assert 1 == desk.pointer.count("button")
    person.point(90, 60)
    assert (desk.x, desk.y) == (desk.window.x, desk.window.y)


def test_it_is_void_while_another_window_has_the_keyboard(desk: Desk, server: Stage, person: Person) -> None:
    kept, inhibitor = shortcut(server), inhibit(desk)
    Desk(server, server.connect(), x=200, y=150)
    person.tap(A)
    assert [(A, True), (A, False)] == kept
    desk.client.roundtrip()
    assert ["active()"] == inhibitor.take()
    server.desktop.activate(desk.window)
    person.tap(A)
    assert 2 == len(kept)
    assert ["active()"] == inhibitor.take()


def test_super_escape_takes_the_shortcuts_back_and_gives_them_again(
    desk: Desk, server: Stage, person: Person
) -> None:
    kept, inhibitor = shortcut(server), inhibit(desk)
    inhibitor.take()
    person.key(SUPER, True)
    person.tap(ESC)
    person.key(SUPER, False)
    assert ["inactive()"] == inhibitor.take()
    assert ESC not in [key for key, _ in keys(desk)]
    person.tap(A)
    assert 2 == len(kept)
    person.key(SUPER, True)
    person.tap(ESC)
    person.key(SUPER, False)
    assert ["active()"] == inhibitor.take()
    person.tap(A)
    assert 2 == len(kept)


def test_without_inhibitor_super_escape_is_a_key_like_any(desk: Desk, person: Person) -> None:
    inhibit(desk).destroy()
    person.key(SUPER, True)
    person.tap(ESC)
    person.key(SUPER, False)
    assert (ESC, 1) in keys(desk)


@pytest.mark.parametrize("end", ["destroy", "surface", "disconnect"])
def test_the_shortcuts_are_back_when_it_goes(desk: Desk, server: Stage, person: Person, end: str) -> None:
    kept, inhibitor = shortcut(server), inhibit(desk)
    if end == "destroy":
        inhibitor.destroy()
    elif end == "surface":
        desk.toplevel.destroy()
        inhibitor.destroy()
    else:
        desk.client.close()
        server.pump()
    person.tap(A)
    assert [(A, True), (A, False)] == kept


def test_a_second_inhibitor_of_a_surface_is_an_error(desk: Desk) -> None:
    inhibit(desk)
    manager = desk.client.get("zwp_keyboard_shortcuts_inhibit_manager_v1")
    manager.inhibit_shortcuts(desk.surface, desk.seat)
    desk.client.expect_error("zwp_keyboard_shortcuts_inhibit_manager_v1", "already_inhibited")


def test_transient_seats_are_denied(client: Client) -> None:
    manager = client.get("ext_transient_seat_manager_v1")
    seat = manager.create()
    client.roundtrip()
    assert ["denied()"] == seat.events
    manager.destroy()
    seat.destroy()
    client.roundtrip()
    assert 1 == len(client.globals["wl_seat"])
