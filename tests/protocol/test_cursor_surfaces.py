"""Surfaces at the pointer: cursors and drag icons draw at the pace of their output."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from support.client import Client, Proxy
from support.people import Desk, Person
from support.pixels import ARGB, Buffer
from support.stage import Stage

from compositor.server import OutputSpec

RED, GREEN = 0xFFFF0000, 0xFF00FF00


@pytest.fixture
def inside(desk: Desk, person: Person) -> Desk:
    """A window that has the pointer, at (80, 60) of the layout. Its client hears of the output."""
    desk.client.get("wl_output")
    person.point(80, 60)
    return desk


def serial(desk: Desk) -> int:
    return int(desk.pointer.last("enter")[0])


def cursor(desk: Desk, size: int = 10, hot: tuple[int, int] = (0, 0), color: int = RED) -> Proxy:
    """Show a surface as the cursor."""
    surface: Proxy = desk.client.get("wl_compositor").create_surface()
    desk.pointer.set_cursor(serial(desk), surface, *hot)
    surface.attach(Buffer(desk.client, size, size, color, ARGB), 0, 0)
    surface.damage(0, 0, size, size)
    surface.commit()
    desk.client.roundtrip()
    return surface


def ask(desk: Desk, surface: Proxy) -> Proxy:
    callback: Proxy = surface.frame()
    surface.commit()
    desk.client.roundtrip()
    return callback


def child(desk: Desk, parent: Proxy, x: int, y: int, size: int, color: int) -> Proxy:
    """Show a subsurface; the parent's commit follows."""
    surface: Proxy = desk.client.get("wl_compositor").create_surface()
    role = desk.client.get("wl_subcompositor").get_subsurface(surface, parent)
    role.set_desync()
    role.set_position(x, y)
    surface.attach(Buffer(desk.client, size, size, color, ARGB), 0, 0)
    surface.commit()
    parent.commit()
    desk.client.roundtrip()
    return surface


def where(surface: Proxy) -> list[str]:
    return [event for event in surface.take() if event.startswith(("enter", "leave"))]


def test_a_cursor_surface_enters_the_output_once_it_has_content(inside: Desk) -> None:
    surface = inside.client.get("wl_compositor").create_surface()
    output = inside.client.get("wl_output")
    inside.pointer.set_cursor(serial(inside), surface, 0, 0)
    inside.client.roundtrip()
    assert [] == where(surface)
    surface.attach(Buffer(inside.client, 4, 4), 0, 0)
    surface.commit()
    inside.client.roundtrip()
    assert [f"enter({output!r})"] == where(surface)


def test_a_cursors_frame_callback_is_answered_with_the_next_frame(inside: Desk, server: Stage) -> None:
    surface = cursor(inside)
    for _ in range(3):
        callback = ask(inside, surface)
        assert 0 == callback.count("done")
        server.frame()
        assert 1 == callback.count("done")


def test_so_are_those_of_its_subsurfaces(inside: Desk, server: Stage) -> None:
    surface = cursor(inside)
    below = child(inside, surface, 2, 2, 4, GREEN)
    server.scene.settle()
    inside.client.roundtrip()
    assert ["enter"] == [event.split("(")[0] for event in where(below)]
    callback = ask(inside, below)
    server.frame()
    assert 1 == callback.count("done")


@pytest.mark.parametrize("how", ["hidden", "another", "shape", "unmapped"])
def test_a_surface_that_is_no_cursor_any_more_leaves_and_gets_slow_callbacks(
    inside: Desk, server: Stage, how: str
) -> None:
    surface = cursor(inside)
    where(surface)
    if how == "hidden":
        inside.pointer.set_cursor(serial(inside), None, 0, 0)
    elif how == "another":
        cursor(inside)
    elif how == "shape":
        inside.client.get("wp_cursor_shape_manager_v1").get_pointer(inside.pointer).set_shape(
            serial(inside), 3
        )
    else:
        surface.attach(None, 0, 0)
        surface.commit()
    inside.client.roundtrip()
    assert ["leave"] == [event.split("(")[0] for event in where(surface)]
    callback = ask(inside, surface)
    server.frame()
    server.frame()
    assert 0 == callback.count("done")
    server.advance(1000)
    assert 1 == callback.count("done")


def test_callbacks_that_wait_while_it_is_replaced_come_slowly_and_once(inside: Desk, server: Stage) -> None:
    surface = cursor(inside)
    callback = ask(inside, surface)
    inside.pointer.set_cursor(serial(inside), None, 0, 0)
    inside.client.roundtrip()
    server.frame()
    assert 0 == callback.count("done")
    server.advance(1100)
    assert 1 == callback.count("done")


def test_a_cursor_follows_the_pointer_to_another_output(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(outputs=[OutputSpec(320, 240), OutputSpec(320, 240, 60_000, 2.0)])
    desk = Desk(stage, stage.connect(), x=280, y=10)
    person = Person(stage)
    outputs = [desk.client.bind("wl_output", index=index) for index in (0, 1)]
    person.point(300, 20)
    surface = cursor(desk)
    where(surface)
    person.point(330, 20)
    assert [f"leave({outputs[0]!r})", f"enter({outputs[1]!r})"] == where(surface)
    callback = ask(desk, surface)
    stage.frame()
    assert 1 == callback.count("done")
    stage.server.backend.remove_output(stage.desktop.outputs[1])
    stage.settle()
    stage.scene.settle()
    callback = ask(desk, surface)
    stage.frame()
    assert 1 == callback.count("done")
    assert [f"leave({outputs[1]!r})", f"enter({outputs[0]!r})"] == where(surface)


@pytest.mark.parametrize("end", ["destroy", "disconnect"])
def test_a_cursor_with_callbacks_may_go_at_any_time(inside: Desk, server: Stage, end: str) -> None:
    surface = cursor(inside)
    ask(inside, surface)
    if end == "destroy":
        surface.destroy()
        inside.client.roundtrip()
    else:
        inside.client.close()
        server.pump()
    server.advance(1100)
    assert {} == server.scene.apart
    assert {} == server.scene.waiting


def cursor_pixels(server: Stage, color: int) -> tuple[int, int, int, int]:
    """Return x, y, width and height of what has a colour in a capture with the cursor."""
    pixels = server.desktop.capturer.output(server.output, True)
    rows, columns = np.nonzero(pixels == color)
    assert rows.size, "the colour is nowhere"
    x, y = int(columns.min()), int(rows.min())
    return x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1


def test_a_capture_shows_the_surface_with_its_hot_spot_at_the_pointer(inside: Desk, server: Stage) -> None:
    cursor(inside, 10, (3, 4))
    assert (80 - 3, 60 - 4, 10, 10) == cursor_pixels(server, RED)


def test_an_offset_moves_the_hot_spot(inside: Desk, server: Stage) -> None:
    surface = cursor(inside, 10, (3, 4))
    surface.offset(-2, 1)
    surface.commit()
    inside.client.roundtrip()
    assert (80 - 5, 60 - 3, 10, 10) == cursor_pixels(server, RED)


def test_a_capture_shows_its_subsurfaces(inside: Desk, server: Stage) -> None:
    surface = cursor(inside, 10, (3, 4))
    child(inside, surface, 12, -5, 6, GREEN)
    assert (80 - 3 + 12, 60 - 4 - 5, 6, 6) == cursor_pixels(server, GREEN)


def test_a_buffer_of_scale_two_is_shown_at_half_its_size(inside: Desk, server: Stage) -> None:
    surface = cursor(inside, 10, (3, 4))
    surface.set_buffer_scale(2)
    surface.commit()
    inside.client.roundtrip()
    assert (80 - 3, 60 - 4, 5, 5) == cursor_pixels(server, RED)


def test_a_hidden_cursor_is_not_captured(inside: Desk, server: Stage) -> None:
    inside.pointer.set_cursor(serial(inside), None, 0, 0)
    inside.client.roundtrip()
    with_cursor = server.desktop.capturer.output(server.output, True)
    assert (with_cursor == server.desktop.capturer.output(server.output, False)).all()


# Drag icons


def drag(desk: Desk, person: Person) -> Proxy:
    """Begin a drag with an icon; returns its surface."""
    icon: Proxy = desk.client.get("wl_compositor").create_surface()
    person.button(True)
    device = desk.client.get("wl_data_device_manager").get_data_device(desk.seat)
    desk.client.keep_device = device  # type: ignore[attr-defined]
    device.start_drag(None, desk.surface, icon, desk.pointer.last("button")[0])
    icon.attach(Buffer(desk.client, 20, 20, RED, ARGB), 0, 0)
    icon.commit()
    desk.client.roundtrip()
    return icon


def test_a_drag_icon_enters_the_output_and_draws_at_its_pace(
    inside: Desk, person: Person, server: Stage
) -> None:
    icon = drag(inside, person)
    server.frame()
    assert ["enter"] == [event.split("(")[0] for event in where(icon)]
    callback = ask(inside, icon)
    server.frame()
    assert 1 == callback.count("done")


def test_neither_a_drag_icon_nor_its_subsurfaces_take_input(
    inside: Desk, person: Person, server: Stage, client: Client
) -> None:
    icon = drag(inside, person)
    child(inside, icon, 0, 0, 20, GREEN)
    everything = inside.region((0, 0, 20, 20))
    icon.set_input_region(everything)
    icon.commit()
    client.roundtrip()
    device: Proxy = client.keep_device  # type: ignore[attr-defined]
    person.point(90, 70)
    person.point(91, 71)
    assert repr(inside.surface) == repr(device.last("enter")[1])
    assert (41.0, 31.0) == device.last("motion")[1:]
    person.point(10, 10)
    assert "leave()" == device.events[-1]
