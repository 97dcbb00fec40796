"""zwlr_virtual_pointer_manager_v1 and zwlr_virtual_pointer_v1."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.client import Client, Proxy
from support.people import LEFT, Desk, Person
from support.stage import Stage

from compositor.server import OutputSpec


@pytest.fixture
def player(server: Stage, desk: Desk) -> Client:
    """A client that plays pointers over the window of `desk`, where the pointer is already."""
    server.desktop.seat.pointer.move_to(60, 50)
    server.desktop.seat.pointer.frame()
    desk.client.roundtrip()
    desk.pointer.take()
    return server.connect()


def virtual(client: Client) -> Proxy:
    manager = client.get("zwlr_virtual_pointer_manager_v1")
    pointer: Proxy = manager.create_virtual_pointer(client.get("wl_seat"))
    return pointer


def told(desk: Desk, player: Client) -> list[str]:
    """What the window's client was told, without serials and times."""
    player.roundtrip()
    desk.client.roundtrip()
    shown = []
    for name, arguments in desk.pointer.raw:
        skip = {"button": 2, "motion": 1, "axis": 1, "axis_stop": 1, "enter": 2, "leave": 2}.get(name, 0)
        shown.append(f"{name}{arguments[skip:]}".replace(",)", ")"))
    desk.pointer.take()
    return shown


def test_relative_motion_moves_the_pointer(desk: Desk, player: Client, person: Person) -> None:
    pointer = virtual(player)
    pointer.motion(0, 3.5, -2)
    pointer.frame()
    assert ["motion(13.5, 8.0)", "frame()"] == told(desk, player)
    assert (63.5, 48.0) == person.place


def test_absolute_motion_is_a_part_of_the_layout(desk: Desk, player: Client, person: Person) -> None:
    pointer = virtual(player)
    pointer.motion_absolute(0, 1, 1, 4, 4)
    pointer.frame()
    player.roundtrip()
    assert (80, 60) == person.place


def test_absolute_motion_ends_at_the_edge_of_the_last_pixel(player: Client, person: Person) -> None:
    pointer = virtual(player)
    pointer.motion_absolute(0, 9, 0xFFFF_FFFF, 4, 4)
    pointer.frame()
    player.roundtrip()
    assert (320 - 1 / 256, 240 - 1 / 256) == person.place


def test_an_extent_of_zero_moves_nothing(player: Client, person: Person) -> None:
    pointer = virtual(player)
    pointer.motion_absolute(0, 1, 1, 0, 4)
    pointer.motion_absolute(0, 1, 1, 4, 0)
    pointer.frame()
    player.roundtrip()
    assert (60, 50) == person.place


def test_a_pointer_of_an_output_moves_on_that_output(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(outputs=[OutputSpec(320, 240), OutputSpec(400, 200)])
    client = stage.connect()
    manager, seat = client.get("zwlr_virtual_pointer_manager_v1"), client.get("wl_seat")
    second = client.bind("wl_output", index=1)
    pointer = manager.create_virtual_pointer_with_output(seat, second)
    pointer.motion_absolute(0, 1, 1, 2, 2)
    pointer.frame()
    client.roundtrip()
    where = stage.desktop.seat.pointer
    assert (320 + 200, 100) == (where.x, where.y)
    anywhere = manager.create_virtual_pointer_with_output(None, None)
    anywhere.motion_absolute(0, 1, 1, 2, 2)
    anywhere.frame()
    client.roundtrip()
    assert (360, 120) == (where.x, where.y)


def test_a_pointer_of_an_output_that_is_gone_moves_on_the_layout(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(outputs=[OutputSpec(320, 240), OutputSpec(400, 200)])
    client = stage.connect()
    second = client.bind("wl_output", index=1)
    manager = client.get("zwlr_virtual_pointer_manager_v1")
    pointer = manager.create_virtual_pointer_with_output(None, second)
    client.roundtrip()
    stage.server.backend.remove_output(stage.desktop.outputs[1])
    pointer.motion_absolute(0, 1, 1, 2, 2)
    pointer.frame()
    client.roundtrip()
    assert (160, 120) == (stage.desktop.seat.pointer.x, stage.desktop.seat.pointer.y)


def test_buttons_are_told_once_and_raise_the_window(desk: Desk, player: Client) -> None:
    pointer = virtual(player)
    for state in (1, 1, 0, 0):
        pointer.button(0, LEFT, state)
        pointer.frame()
    assert ["button(272, 1)", "frame()", "button(272, 0)", "frame()"] == told(desk, player)


def test_a_button_that_another_device_holds_stays_its_own(desk: Desk, player: Client, person: Person) -> None:
    person.button(True)
    told(desk, player)
    pointer = virtual(player)
    pointer.button(0, LEFT, 1)
    pointer.button(0, LEFT, 0)
    pointer.frame()
    pointer.destroy()
    assert [] == told(desk, player)
    person.button(False)
    assert ["button(272, 0)", "frame()"] == told(desk, player)


@pytest.mark.parametrize("end", ["destroy", "disconnect"])
def test_what_a_pointer_holds_is_released_when_it_goes(desk: Desk, player: Client, end: str) -> None:
    pointer = virtual(player)
    pointer.button(0, LEFT, 1)
    pointer.frame()
    assert ["button(272, 1)", "frame()"] == told(desk, player)
    if end == "destroy":
        pointer.destroy()
        player.roundtrip()
    else:
        player.close()
        desk.stage.pump()
    desk.client.roundtrip()
    assert [0, 1] == [desk.pointer.count("button") - 1, desk.pointer.count("frame")]
    assert {} == desk.stage.desktop.seat.pointer.buttons


@pytest.mark.parametrize("button", [0x300, 0xFFFF_FFFF])
def test_no_button_at_all_is_ignored(desk: Desk, player: Client, button: int) -> None:
    pointer = virtual(player)
    pointer.button(0, button, 1)
    pointer.frame()
    assert [] == told(desk, player)


def test_a_frame_of_scrolling_carries_source_steps_and_both_axes(desk: Desk, player: Client) -> None:
    pointer = virtual(player)
    pointer.axis_discrete(0, 0, 30, 2)
    pointer.axis(0, 1, -5)
    pointer.axis_source(0)
    assert [] == told(desk, player)
    pointer.frame()
    assert [
        "axis_source(0)",
        "axis_relative_direction(0, 0)",
        "axis_value120(0, 240)",
        "axis(0, 30.0)",
        "axis_relative_direction(1, 0)",
        "axis(1, -5.0)",
        "frame()",
    ] == told(desk, player)


def test_a_scroll_of_a_finger_ends(desk: Desk, player: Client) -> None:
    pointer = virtual(player)
    pointer.axis_source(1)
    pointer.axis(0, 0, 7)
    pointer.frame()
    pointer.axis_source(1)
    pointer.axis_stop(0, 0)
    pointer.frame()
    assert [
        "axis_source(1)",
        "axis_relative_direction(0, 0)",
        "axis(0, 7.0)",
        "frame()",
        "axis_source(1)",
        "axis_stop(0)",
        "frame()",
    ] == told(desk, player)


def test_a_source_told_ahead_of_other_frames_counts_for_the_first_scroll(desk: Desk, player: Client) -> None:
    pointer = virtual(player)
    pointer.axis_source(1)
    pointer.frame()
    pointer.motion(0, 1, 1)
    pointer.frame()
    for _ in range(2):
        pointer.axis(0, 0, 7)
        pointer.frame()
    assert ["axis_source(1)"] == [event for event in told(desk, player) if event.startswith("axis_source")]


def test_steps_without_a_source_are_a_wheels(desk: Desk, player: Client) -> None:
    pointer = virtual(player)
    pointer.axis_discrete(0, 0, 15, 1)
    pointer.frame()
    assert "axis_source(0)" == told(desk, player)[0]


def test_two_pointers_that_scroll_do_not_mix(desk: Desk, player: Client) -> None:
    first, second = virtual(player), virtual(player)
    first.axis_source(0)
    first.axis_discrete(0, 0, 15, 1)
    second.axis_source(1)
    second.axis(0, 0, 4)
    second.frame()
    assert ["axis_source(1)", "axis_relative_direction(0, 0)", "axis(0, 4.0)", "frame()"] == told(
        desk, player
    )
    first.frame()
    assert "axis_value120(0, 120)" in told(desk, player)


@pytest.mark.parametrize("discrete", [2**31 - 1, -(2**31)])
def test_steps_beyond_every_wheel_are_cut_off(desk: Desk, player: Client, discrete: int) -> None:
    pointer = virtual(player)
    for _ in range(3):
        pointer.axis_discrete(0, 0, 8_000_000, discrete)
    pointer.frame()
    told(desk, player)
    assert player.error is None


@pytest.mark.parametrize("request_name", ["axis", "axis_stop", "axis_discrete"])
def test_a_third_axis_is_an_error(player: Client, request_name: str) -> None:
    pointer = virtual(player)
    arguments = {"axis": (0, 2, 1), "axis_stop": (0, 2), "axis_discrete": (0, 2, 1, 1)}[request_name]
    getattr(pointer, request_name)(*arguments)
    player.expect_error("zwlr_virtual_pointer_v1", "invalid_axis")


def test_an_unknown_source_is_an_error(player: Client) -> None:
    virtual(player).axis_source(4)
    player.expect_error("zwlr_virtual_pointer_v1", "invalid_axis_source")


def test_the_seat_may_go_before_the_pointer(desk: Desk, player: Client) -> None:
    pointer = virtual(player)
    player.get("zwlr_virtual_pointer_manager_v1").destroy()
    player.get("wl_seat").release()
    pointer.motion(0, 1, 1)
    pointer.frame()
    assert ["motion(11.0, 11.0)", "frame()"] == told(desk, player)
