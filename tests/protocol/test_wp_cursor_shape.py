"""wp_cursor_shape_manager_v1, and what of cursors captures show."""

from __future__ import annotations

import pytest
from support.client import Client, Proxy
from support.people import Desk, Person
from support.stage import Stage

from compositor.protocol.cursor_shape import WpCursorShapeDeviceV1
from compositor.render.cursors import cursor_image, names

SHAPES = list(WpCursorShapeDeviceV1.Shape)


@pytest.fixture
def inside(desk: Desk, person: Person) -> Desk:
    """A window that has the pointer."""
    person.point(desk.x + 30, desk.y + 20)
    return desk


def device(desk: Desk, version: int | None = None) -> Proxy:
    manager = desk.client.bind("wp_cursor_shape_manager_v1", version)
    made: Proxy = manager.get_pointer(desk.pointer)
    return made


def serial(desk: Desk) -> int:
    return int(desk.pointer.last("enter")[0])


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name.lower())
def test_every_shape_is_shown(inside: Desk, server: Stage, shape: int) -> None:
    device(inside).set_shape(serial(inside), shape)
    inside.client.roundtrip()
    assert names()[shape - 1] == server.desktop.seat.pointer.cursor.state.shape


@pytest.mark.parametrize(("version", "shape"), [(1, 0), (1, 35), (2, 0), (2, 37), (2, 0xFFFF_FFFF)])
def test_what_the_version_has_no_shape_for_is_an_error(inside: Desk, version: int, shape: int) -> None:
    device(inside, version).set_shape(serial(inside), shape)
    inside.client.expect_error("wp_cursor_shape_device_v1", "invalid_shape")


def test_an_older_serial_changes_nothing(inside: Desk, person: Person, server: Stage) -> None:
    old = serial(inside)
    person.point(0, 0)
    person.point(inside.x + 5, inside.y + 5)
    assert old != serial(inside)
    device(inside).set_shape(old, WpCursorShapeDeviceV1.Shape.TEXT)
    inside.client.roundtrip()
    assert "default" == server.desktop.seat.pointer.cursor.state.shape


def test_another_clients_serial_changes_nothing(inside: Desk, server: Stage) -> None:
    other = server.connect()
    pointer = other.get("wl_seat").get_pointer()
    made = other.get("wp_cursor_shape_manager_v1").get_pointer(pointer)
    made.set_shape(serial(inside), WpCursorShapeDeviceV1.Shape.TEXT)
    other.roundtrip()
    assert "default" == server.desktop.seat.pointer.cursor.state.shape


def test_a_shape_replaces_a_surface_and_a_surface_a_shape(inside: Desk, server: Stage) -> None:
    surface = inside.client.get("wl_compositor").create_surface()
    shapes = device(inside)
    inside.pointer.set_cursor(serial(inside), surface, 0, 0)
    shapes.set_shape(serial(inside), WpCursorShapeDeviceV1.Shape.GRAB)
    inside.client.roundtrip()
    state = server.desktop.seat.pointer.cursor.state
    assert ("grab", None) == (state.shape, state.surface)
    inside.pointer.set_cursor(serial(inside), surface, 0, 0)
    inside.client.roundtrip()
    assert server.desktop.seat.pointer.cursor.state.surface is not None


def test_devices_outlive_manager_and_pointer(inside: Desk, server: Stage) -> None:
    manager = inside.client.bind("wp_cursor_shape_manager_v1")
    made = manager.get_pointer(inside.pointer)
    number = serial(inside)
    manager.destroy()
    inside.pointer.release()
    made.set_shape(number, WpCursorShapeDeviceV1.Shape.TEXT)
    made.destroy()
    inside.client.roundtrip()
    assert "text" == server.desktop.seat.pointer.cursor.state.shape


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_a_capture_shows_the_shape_with_its_hot_spot_at_the_pointer(
    inside: Desk, server: Stage, client: Client, scale: float
) -> None:
    server.output.scale = scale
    for hook in list(server.output.on_changed):
        hook(server.output)
    server.advance(100)
    device(inside).set_shape(serial(inside), WpCursorShapeDeviceV1.Shape.CROSSHAIR)
    client.roundtrip()
    pixels, hot_x, hot_y = cursor_image("crosshair", round(24 * scale))
    with_cursor = server.desktop.capturer.output(server.output, True)
    without = server.desktop.capturer.output(server.output, False)
    changed = (with_cursor != without).nonzero()
    pointer = server.desktop.seat.pointer
    x, y = round(pointer.x * scale) - hot_x, round(pointer.y * scale) - hot_y
    shown = (pixels >> 24).nonzero()
    assert (x + shown[1].min(), x + shown[1].max()) == (changed[1].min(), changed[1].max())
    assert (y + shown[0].min(), y + shown[0].max()) == (changed[0].min(), changed[0].max())


def test_a_tool_of_a_tablet_cannot_be_named_since_there_is_none(client: Client) -> None:
    seat = client.get("zwp_tablet_manager_v2").get_tablet_seat(client.get("wl_seat"))
    client.roundtrip()
    assert [] == seat.events
    seat.destroy()
    client.get("zwp_tablet_manager_v2").destroy()
    client.get("wp_cursor_shape_manager_v1").get_tablet_tool_v2(4000)
    client.expect_error("wl_display", "invalid_method")
