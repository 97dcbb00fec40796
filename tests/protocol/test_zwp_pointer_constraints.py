"""zwp_pointer_constraints_v1, zwp_relative_pointer_v1 and wp_pointer_warp_v1."""

from __future__ import annotations

from typing import Any

import pytest
from support.client import Proxy
from support.people import Desk, Person
from support.pixels import Buffer
from support.stage import Stage

ONESHOT, PERSISTENT = 1, 2


def constrain(
    desk: Desk, kind: str, region: Proxy | None = None, lifetime: int = PERSISTENT, surface: Any = None
) -> Proxy:
    manager = desk.client.get("zwp_pointer_constraints_v1")
    request = manager.lock_pointer if kind == "lock" else manager.confine_pointer
    made: Proxy = request(surface or desk.surface, desk.pointer, region, lifetime)
    desk.client.roundtrip()
    return made


def relative(desk: Desk) -> Proxy:
    made: Proxy = desk.client.get("zwp_relative_pointer_manager_v1").get_relative_pointer(desk.pointer)
    desk.client.roundtrip()
    return made


@pytest.fixture
def inside(desk: Desk, person: Person) -> Desk:
    """A window with keyboard and pointer, the latter at (30, 20) of it and (80, 60) of the layout."""
    person.point(80, 60)
    desk.pointer.take()
    return desk


KINDS = {"lock": ("locked()", "unlocked()"), "confine": ("confined()", "unconfined()")}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    """Lock or confine."""
    name: str = request.param
    return name


# When it holds


def test_it_holds_at_once_where_the_pointer_is_inside(inside: Desk, kind: str) -> None:
    assert [KINDS[kind][0]] == constrain(inside, kind).events


def test_it_waits_until_the_pointer_enters_the_surface(desk: Desk, person: Person, kind: str) -> None:
    constraint = constrain(desk, kind)
    assert [] == constraint.events
    person.point(80, 60)
    assert [KINDS[kind][0]] == constraint.events
    enter = next(i for i, e in enumerate(desk.client.events) if ".enter(" in e and "pointer" in e)
    told = next(i for i, e in enumerate(desk.client.events) if KINDS[kind][0] in e)
    assert enter < told, "the surface has to have the pointer first"


def test_it_waits_until_the_pointer_enters_the_region(inside: Desk, person: Person, kind: str) -> None:
    constraint = constrain(inside, kind, inside.region((50, 50, 10, 10)))
    person.point(90, 70)
    assert [] == constraint.events
    person.point(50 + 55, 40 + 55)
    assert [KINDS[kind][0]] == constraint.events


def test_it_waits_until_the_pointer_enters_the_input_region(inside: Desk, person: Person, kind: str) -> None:
    inside.surface.set_input_region(inside.region((0, 0, 100, 80)))
    inside.commit()
    constraint = constrain(inside, kind, inside.region((25, 15, 10, 10)))
    assert [KINDS[kind][0]] == constraint.events
    constraint.destroy()
    inside.surface.set_input_region(inside.region((50, 0, 50, 80)))
    inside.commit()
    constraint = constrain(inside, kind)
    assert [] == constraint.events
    person.point(110, 60)
    assert [KINDS[kind][0]] == constraint.events


def test_the_region_is_that_of_the_request_and_not_of_later(inside: Desk, person: Person, kind: str) -> None:
    region = inside.region((0, 0, 10, 10))
    constraint = constrain(inside, kind, region)
    region.add(0, 0, 100, 80)
    region.destroy()
    inside.commit()
    person.point(81, 61)
    assert [] == constraint.events


def test_a_new_region_counts_with_the_commit(inside: Desk, person: Person, kind: str) -> None:
    constraint = constrain(inside, kind, inside.region((0, 0, 10, 10)))
    constraint.set_region(None)
    inside.client.roundtrip()
    person.point(81, 61)
    assert [] == constraint.events
    inside.commit()
    assert [KINDS[kind][0]] == constraint.events


@pytest.mark.parametrize("lifetime", [ONESHOT, PERSISTENT])
def test_it_ends_when_the_keyboard_goes_to_another_window(
    inside: Desk, server: Stage, person: Person, kind: str, lifetime: int
) -> None:
    constraint = constrain(inside, kind, None, lifetime)
    constraint.take()
    other = Desk(server, server.connect(), x=200, y=150)
    inside.client.roundtrip()
    assert [KINDS[kind][1]] == constraint.take()
    person.point(90, 70)
    assert (90, 70) == person.place
    server.desktop.activate(inside.window)
    server.settle()
    person.point(91, 70)
    again = [KINDS[kind][0]] if lifetime == PERSISTENT else []
    assert again == constraint.events
    other.client.roundtrip()


def test_it_ends_when_the_window_is_unmapped(inside: Desk, person: Person, kind: str) -> None:
    constraint = constrain(inside, kind)
    inside.surface.attach(None, 0, 0)
    inside.commit()
    person.point(10, 10)
    assert list(KINDS[kind]) == constraint.events
    assert (10, 10) == person.place


def test_it_ends_when_the_window_moves_away_from_the_pointer(
    inside: Desk, server: Stage, person: Person
) -> None:
    constraint = constrain(inside, "lock")
    inside.window.move_to(200, 150)
    server.scene.settle()
    inside.client.roundtrip()
    assert ["locked()", "unlocked()"] == constraint.events


def test_the_popup_of_a_window_that_has_the_keyboard_may_hold_the_pointer(
    inside: Desk, person: Person
) -> None:
    from support.windows import Popup, positioner

    popup = Popup(inside.client, inside.toplevel, positioner(inside.client, 50, 40, (20, 10, 1, 1))).show()
    person.point(81, 61)
    assert popup.surface is inside.pointer.last("enter")[1]
    assert ["locked()"] == constrain(inside, "lock", surface=popup.surface).events


# Locked


def test_a_locked_pointer_stays_and_tells_only_relative_motion(inside: Desk, person: Person) -> None:
    motion = relative(inside)
    constrain(inside, "lock")
    person.push(7, -3)
    assert (80, 60) == person.place
    assert [7.0, -3.0, 7.0, -3.0] == list(motion.last("relative_motion")[2:])
    assert ["frame()"] == inside.pointer.events


def test_buttons_and_scrolling_are_told_as_ever(inside: Desk, person: Person) -> None:
    constrain(inside, "lock")
    person.click()
    person.seat.pointer.axis(0, 5.0)  # type: ignore[arg-type]
    person.seat.pointer.frame()
    inside.client.roundtrip()
    assert [2, 1] == [inside.pointer.count("button"), inside.pointer.count("axis")]


def test_destroying_the_lock_sets_the_pointer_where_the_client_showed_it(
    inside: Desk, person: Person
) -> None:
    motion = relative(inside)
    lock = constrain(inside, "lock")
    lock.set_cursor_position_hint(12.5, 40)
    inside.commit()
    lock.destroy()
    inside.client.roundtrip()
    assert (62.5, 80) == person.place
    assert [] == motion.events
    assert ["warp(12.5, 40)", "frame()"] == inside.pointer.events


@pytest.mark.parametrize("hint", [(100, 40), (-1, 0), (8_000_000, 0)])
def test_a_hint_outside_the_surface_is_ignored(
    inside: Desk, person: Person, hint: tuple[float, float]
) -> None:
    lock = constrain(inside, "lock")
    lock.set_cursor_position_hint(*hint)
    inside.commit()
    lock.destroy()
    inside.client.roundtrip()
    assert (80, 60) == person.place


def test_a_hint_that_was_not_committed_is_ignored(inside: Desk, person: Person) -> None:
    lock = constrain(inside, "lock")
    lock.set_cursor_position_hint(12, 40)
    lock.destroy()
    inside.client.roundtrip()
    assert (80, 60) == person.place


# Confined


def test_a_confined_pointer_slides_along_the_edge(inside: Desk, person: Person) -> None:
    constrain(inside, "confine", inside.region((20, 10, 20, 20)))
    person.push(500, 5)
    assert (50 + 40 - 1, 65) == person.place
    person.push(-500, -500)
    assert (50 + 20, 40 + 10) == person.place


def test_a_confined_pointer_stays_on_the_surface_without_a_region(inside: Desk, person: Person) -> None:
    constrain(inside, "confine")
    person.push(500, 500)
    assert (150 - 1, 120 - 1) == person.place
    assert 0 == inside.pointer.count("leave")


def test_a_confined_pointer_stays_within_the_input_region(inside: Desk, person: Person) -> None:
    inside.surface.set_input_region(inside.region((0, 0, 60, 80)))
    inside.commit()
    constrain(inside, "confine", inside.region((20, 0, 80, 80)))
    person.push(500, 0)
    assert (50 + 60 - 1, 60) == person.place
    person.push(-500, 0)
    assert (50 + 20, 60) == person.place


def test_it_goes_through_doors_and_not_through_walls(inside: Desk, person: Person) -> None:
    rooms = inside.region((0, 0, 40, 80), (40, 30, 10, 4), (50, 0, 40, 80))
    constrain(inside, "confine", rooms)
    person.push(40, 0)
    assert (50 + 40 - 1, 60) == person.place
    person.point(50 + 30, 40 + 32)
    person.push(30, 0)
    assert (50 + 60, 40 + 32) == person.place


def test_it_jumps_over_no_gap(inside: Desk, person: Person) -> None:
    constrain(inside, "confine", inside.region((0, 0, 40, 80), (60, 0, 40, 80)))
    person.push(45, 0)
    assert (50 + 40 - 1, 60) == person.place


def test_a_region_that_leaves_it_outside_draws_it_in_without_relative_motion(
    inside: Desk, person: Person
) -> None:
    motion = relative(inside)
    confinement = constrain(inside, "confine")
    confinement.set_region(inside.region((60, 50, 10, 10)))
    inside.commit()
    assert (50 + 60, 40 + 50) == person.place
    assert ["confined()"] == confinement.events
    assert [] == motion.events
    assert ["warp(60, 50)", "frame()"] == inside.pointer.events


def test_an_empty_region_frees_it(inside: Desk, person: Person) -> None:
    confinement = constrain(inside, "confine")
    confinement.set_region(inside.region())
    inside.commit()
    assert ["confined()", "unconfined()"] == confinement.events
    person.push(300, 0)
    assert 320 - 1 / 256 == person.place[0]


def test_a_surface_that_shrinks_draws_it_in(inside: Desk, person: Person, server: Stage) -> None:
    person.point(140, 110)
    confinement = constrain(inside, "confine")
    inside.toplevel.attach(Buffer(inside.client, 60, 50))
    inside.client.roundtrip()
    server.scene.settle()
    inside.client.roundtrip()
    assert (110 - 1 / 256, 90 - 1 / 256) == person.place
    assert ["confined()"] == confinement.events


# Errors and ends


@pytest.mark.parametrize("first", ["lock", "confine"])
@pytest.mark.parametrize("second", ["lock", "confine"])
def test_a_second_constraint_of_a_surface_is_an_error(inside: Desk, first: str, second: str) -> None:
    constrain(inside, first)
    manager = inside.client.get("zwp_pointer_constraints_v1")
    request = manager.lock_pointer if second == "lock" else manager.confine_pointer
    request(inside.surface, inside.seat.get_pointer(), None, ONESHOT)
    inside.client.expect_error("zwp_pointer_constraints_v1", "already_constrained")


def test_one_that_waits_counts_as_well(desk: Desk) -> None:
    constrain(desk, "lock")
    manager = desk.client.get("zwp_pointer_constraints_v1")
    manager.confine_pointer(desk.surface, desk.pointer, None, ONESHOT)
    desk.client.expect_error("zwp_pointer_constraints_v1", "already_constrained")


def test_after_it_was_destroyed_or_is_over_there_may_be_another(
    inside: Desk, server: Stage, kind: str
) -> None:
    constrain(inside, kind).destroy()
    over = constrain(inside, kind, None, ONESHOT)
    Desk(server, server.connect(), x=200, y=150)
    inside.client.roundtrip()
    assert list(KINDS[kind]) == over.events
    constrain(inside, kind)
    over.set_region(None)
    inside.commit()


@pytest.mark.parametrize("lifetime", [0, 3, 0xFFFF_FFFF])
def test_an_unknown_lifetime_is_an_error(inside: Desk, kind: str, lifetime: int) -> None:
    manager = inside.client.get("zwp_pointer_constraints_v1")
    request = manager.lock_pointer if kind == "lock" else manager.confine_pointer
    request(inside.surface, inside.pointer, None, lifetime)
    inside.client.expect_error("wl_display", "implementation")


@pytest.mark.parametrize("order", ["surface", "pointer", "seat", "manager", "constraint", "disconnect"])
def test_the_pointer_is_free_whatever_goes_first(
    inside: Desk, server: Stage, person: Person, kind: str, order: str
) -> None:
    constraint = constrain(inside, kind)
    client = inside.client
    if order == "surface":
        inside.toplevel.destroy()
        client.roundtrip()
        assert list(KINDS[kind]) == constraint.events
        constraint.set_region(None)
    elif order == "disconnect":
        client.close()
        server.pump()
    else:
        gone = {"pointer": inside.pointer.release, "seat": inside.seat.release}
        gone["manager"] = client.get("zwp_pointer_constraints_v1").destroy
        if order in gone:
            gone[order]()
            client.roundtrip()
        constraint.destroy()
    if order != "disconnect":
        client.roundtrip()
    server.scene.settle()
    person.point(10, 10)
    assert (10, 10) == person.place
    assert server.desktop.seat.pointer.constraint is None


# Relative motion


def test_relative_motion_comes_before_the_motion_of_its_frame(inside: Desk, person: Person) -> None:
    motion = relative(inside)
    person.push(1.5, 2)
    names = [e.split("(")[0].split(".")[1] for e in inside.client.events[-3:]]
    assert ["relative_motion", "motion", "frame"] == names
    high, low = motion.last("relative_motion")[:2]
    assert inside.stage.clock.now_ns() // 1000 == high << 32 | low


def test_it_is_told_to_the_client_that_has_the_pointer_alone(
    inside: Desk, server: Stage, person: Person
) -> None:
    mine = relative(inside)
    other = Desk(server, server.connect(), x=200, y=150)
    theirs = relative(other)
    person.push(1, 1)
    assert (1, 0) == (mine.count("relative_motion"), theirs.count("relative_motion"))
    person.point(210, 160)
    mine.take()
    person.push(1, 1)
    assert (0, 1) == (mine.count("relative_motion"), theirs.count("relative_motion"))


def test_what_the_device_said_is_told_besides(inside: Desk, server: Stage) -> None:
    motion = relative(inside)
    server.desktop.seat.pointer.move_by(4, 6, unaccelerated=(2, 3))
    inside.client.roundtrip()
    assert (4.0, 6.0, 2.0, 3.0) == motion.last("relative_motion")[2:]


def test_a_destroyed_one_is_told_nothing(inside: Desk, person: Person, server: Stage) -> None:
    motion = relative(inside)
    inside.client.get("zwp_relative_pointer_manager_v1").destroy()
    motion.destroy()
    person.push(1, 1)
    assert [] == motion.events
    assert [] == server.desktop.seat.pointer.on_relative


# Warping


def warp(desk: Desk, x: float, y: float, serial: int | None = None, surface: Proxy | None = None) -> None:
    serial = serial if serial is not None else desk.pointer.last("enter")[0]
    desk.client.get("wp_pointer_warp_v1").warp_pointer(surface or desk.surface, desk.pointer, x, y, serial)
    desk.client.roundtrip()


@pytest.fixture
def entered(desk: Desk, person: Person) -> Desk:
    """As `inside`, with the enter event kept."""
    person.point(80, 60)
    return desk


def test_a_surface_that_has_the_pointer_sets_it_elsewhere(entered: Desk, person: Person) -> None:
    motion = relative(entered)
    warp(entered, 70.5, 0)
    assert (120.5, 40) == person.place
    assert [] == motion.events
    assert ["warp(70.5, 0)", "frame()"] == entered.pointer.events[-2:]


@pytest.mark.parametrize("place", [(100, 0), (0, 80), (-0.5, 0), (0, -1)])
def test_a_place_outside_the_surface_is_refused(
    entered: Desk, person: Person, place: tuple[float, float]
) -> None:
    warp(entered, *place)
    assert (80, 60) == person.place


def test_a_wrong_serial_is_refused(entered: Desk, person: Person) -> None:
    for serial in (0, entered.pointer.last("enter")[0] + 1, entered.keyboard.last("enter")[0]):
        warp(entered, 1, 1, serial)
    assert (80, 60) == person.place


def test_a_surface_without_the_pointer_is_refused(entered: Desk, server: Stage, person: Person) -> None:
    other = Desk(server, server.connect(), x=200, y=150)
    warp(other, 1, 1, entered.pointer.last("enter")[0])
    assert (80, 60) == person.place
    hidden = entered.client.get("wl_compositor").create_surface()
    warp(entered, 1, 1, None, hidden)
    assert (80, 60) == person.place


def test_a_lock_is_not_warped_and_a_confinement_only_within(entered: Desk, person: Person) -> None:
    lock = constrain(entered, "lock")
    warp(entered, 1, 1)
    assert (80, 60) == person.place
    lock.destroy()
    constrain(entered, "confine", entered.region((0, 0, 50, 50)))
    warp(entered, 60, 10)
    assert (80, 60) == person.place
    warp(entered, 10, 10)
    assert (60, 50) == person.place


def test_while_a_button_is_held_it_is_warped_too(entered: Desk, person: Person) -> None:
    person.button(True)
    warp(entered, 10, 10)
    assert (60, 50) == person.place
    person.button(False)
