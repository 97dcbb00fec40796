"""zwlr_screencopy_manager_v1: outputs copied into the client's memory."""

from __future__ import annotations

import fcntl
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from support.client import Client, Proxy
from support.pixels import ARGB, Buffer, is_unsealable
from support.stage import Stage
from support.windows import Toplevel

from compositor.geometry import Rect, Transform

WIDTH, HEIGHT = 320, 240


def pixels_of(buffer: Buffer) -> npt.NDArray[np.uint32]:
    """Read what lies in a buffer: (height, width) uint32."""
    data = os.pread(buffer.memory.fd, buffer.width * buffer.height * 4, 0)
    return np.frombuffer(data, np.uint32).reshape(buffer.height, buffer.width)


def frame_of(client: Client, cursor: int = 0, version: int | None = None) -> Proxy:
    """Ask for a frame of the whole output."""
    if version is None:
        manager = client.get("zwlr_screencopy_manager_v1")
    else:
        manager = client.bind("zwlr_screencopy_manager_v1", version)
    frame: Proxy = manager.capture_output(cursor, client.get("wl_output"))
    client.roundtrip()
    return frame


def region_of(client: Client, x: int, y: int, width: int, height: int) -> Proxy:
    """Ask for a frame of a region, layout pixels of the output."""
    manager = client.get("zwlr_screencopy_manager_v1")
    frame: Proxy = manager.capture_output_region(0, client.get("wl_output"), x, y, width, height)
    client.roundtrip()
    return frame


def target(client: Client, width: int = WIDTH, height: int = HEIGHT, **options: Any) -> Buffer:
    """Return a buffer to copy into, filled with what no output shows."""
    return Buffer(client, width, height, 0x12345678, **options)


def names(frame: Proxy) -> list[str]:
    """The names of the events that came."""
    return [name for name, _ in frame.raw]


def test_a_frame_tells_its_buffer_and_is_copied_with_the_next_frame(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    frame = frame_of(client)
    assert [f"buffer(1, {WIDTH}, {HEIGHT}, {WIDTH * 4})", "buffer_done()"] == frame.take()
    buffer = target(client)
    frame.copy(buffer)
    client.roundtrip()
    assert [] == frame.events
    server.frame()
    seconds, nanoseconds = divmod(server.output.last_frame_ns, 1_000_000_000)
    assert ["flags(0)", f"ready(0, {seconds}, {nanoseconds})"] == frame.events
    assert len(np.unique(server.capture())) > 1
    np.testing.assert_array_equal(server.capture(), pixels_of(buffer))


@pytest.mark.parametrize("version", [1, 2])
def test_old_versions_are_told_the_buffer_and_no_end_of_the_list(
    server: Stage, client: Client, version: int
) -> None:
    frame = frame_of(client, version=version)
    assert ["buffer"] == names(frame)
    buffer = target(client)
    frame.copy(buffer)
    server.frame()
    assert ["buffer", "flags", "ready"] == names(frame)
    np.testing.assert_array_equal(server.capture(), pixels_of(buffer))


def test_a_region_is_cut_to_the_output(server: Stage, client: Client, toplevel: Toplevel) -> None:
    frame = region_of(client, WIDTH - 30, -10, 100, 50)
    assert "buffer(1, 30, 40, 120)" == frame.events[0]
    buffer = target(client, 30, 40)
    frame.copy(buffer)
    server.frame()
    np.testing.assert_array_equal(server.capture()[:40, -30:], pixels_of(buffer))


@pytest.mark.parametrize("region", [(WIDTH, 0, 10, 10), (0, 0, 0, 5), (0, 0, -4, 5), (-20, 0, 20, 5)])
def test_a_region_that_is_nowhere_fails(client: Client, region: tuple[int, int, int, int]) -> None:
    assert ["failed()"] == region_of(client, *region).events


@pytest.mark.parametrize("transform", list(Transform))
def test_a_turned_output_is_copied_as_its_mode_is(
    server: Stage, client: Client, toplevel: Toplevel, transform: Transform
) -> None:
    server.output.configure(transform=transform)
    server.frame()
    rect = Rect(5, 7, 60, 40)
    frame = region_of(client, *rect)
    shown = server.capture()
    box = transform.invert().rect(rect, shown.shape[1], shown.shape[0])
    assert f"buffer(1, {box.width}, {box.height}, {box.width * 4})" == frame.events[0]
    buffer = target(client, box.width, box.height)
    frame.copy(buffer)
    server.frame()
    copied = pixels_of(buffer)
    for x, y in ((0, 0), (59, 0), (0, 39), (59, 39), (17, 11)):
        pixel = transform.invert().rect(Rect(rect.x + x, rect.y + y, 1, 1), shown.shape[1], shown.shape[0])
        assert shown[rect.y + y, rect.x + x] == copied[pixel.y - box.y, pixel.x - box.x]


def test_a_scaled_output_is_copied_in_its_own_pixels(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    server.output.configure(scale=1.5)
    server.frame()
    frame = region_of(client, 10, 20, 40, 30)
    assert "buffer(1, 60, 45, 240)" == frame.events[0]
    buffer = target(client, 60, 45)
    frame.copy(buffer)
    server.frame()
    np.testing.assert_array_equal(server.capture()[30:75, 15:75], pixels_of(buffer))


def test_the_cursor_is_copied_only_when_asked(server: Stage, client: Client) -> None:
    server.desktop.seat.pointer.move_to(100, 100)
    pictures = []
    for cursor in (0, 1):
        frame, buffer = frame_of(client, cursor), target(client)
        frame.copy(buffer)
        server.frame()
        assert "ready" == names(frame)[-1]
        pictures.append(pixels_of(buffer))
    rows, columns = np.nonzero(pictures[0] != pictures[1])
    assert len(rows) > 20
    assert 76 <= rows.min() <= 100 <= rows.max() <= 124
    assert 76 <= columns.min() <= 100 <= columns.max() <= 124


# Damage


def test_with_damage_the_first_copy_has_everything_and_the_next_waits_for_a_change(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    server.frame()
    first, buffer = frame_of(client), target(client)
    first.copy_with_damage(buffer)
    server.frame()
    assert f"damage(0, 0, {WIDTH}, {HEIGHT})" in first.events
    second = frame_of(client)
    second.copy_with_damage(buffer)
    server.advance(500)
    assert ["buffer", "buffer_done"] == names(second)
    x, y = server.window.x, server.window.y
    change = Buffer(client, 100, 80, 0xFFEE8811)
    toplevel.surface.attach(change, 0, 0)
    toplevel.surface.damage_buffer(3, 5, 20, 10)
    toplevel.surface.commit()
    server.frame()
    assert ["buffer", "buffer_done", "flags", "damage", "ready"] == names(second)
    assert (x + 3, y + 5, 20, 10) == second.last("damage")
    assert 0xFFEE8811 == pixels_of(buffer)[y + 5, x + 3]


def test_damage_that_a_look_from_elsewhere_has_taken_is_still_told(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    frame, buffer = frame_of(client), target(client)
    frame.copy_with_damage(buffer)
    server.frame()
    toplevel.attach(Buffer(client, 100, 80, 0xFF00FF00))
    client.roundtrip()
    server.capture()
    server.frame()
    later = frame_of(client)
    later.copy_with_damage(buffer)
    server.frame()
    assert (server.window.x, server.window.y, 100, 80) == later.last("damage")


def test_a_change_outside_the_region_is_no_damage(server: Stage, client: Client, toplevel: Toplevel) -> None:
    server.desktop.windows[0].move_to(200, 150)
    server.frame()
    buffer = target(client, 50, 50)
    for expected in (True, False):
        frame = region_of(client, 0, 0, 50, 50)
        frame.copy_with_damage(buffer)
        server.frame()
        toplevel.attach(Buffer(client, 100, 80, 0xFF00FF00))
        server.advance(200)
        assert expected is ("ready" in names(frame))


def test_each_manager_has_damage_of_its_own(server: Stage, client: Client) -> None:
    buffer = target(client)
    for _ in range(2):
        frame = client.bind("zwlr_screencopy_manager_v1").capture_output(0, client.get("wl_output"))
        frame.copy_with_damage(buffer)
        server.frame()
        assert "ready" in names(frame)


def test_a_moving_cursor_is_damage_for_those_who_copy_it(server: Stage, client: Client) -> None:
    buffer = target(client)
    first = frame_of(client, cursor=1)
    first.copy_with_damage(buffer)
    server.frame()
    with_cursor, without = frame_of(client, cursor=1), frame_of(client, cursor=0)
    with_cursor.copy_with_damage(buffer)
    server.frame()
    assert "ready" not in names(with_cursor)
    without.copy_with_damage(target(client))
    server.frame()
    assert "ready" in names(without)
    server.desktop.seat.pointer.move_to(150, 150)
    server.frame()
    assert "ready" in names(with_cursor)
    damage = [Rect(*values) for name, values in with_cursor.raw if name == "damage"]
    assert any(rect.contains(150, 150) for rect in damage)
    assert all(rect.area < 100 * 100 for rect in damage)


def test_nobody_listens_to_damage_once_the_manager_is_gone(server: Stage, client: Client) -> None:
    frame = frame_of(client)
    frame.copy_with_damage(target(client))
    server.frame()
    assert 1 == len(server.output.on_damage)
    client.get("zwlr_screencopy_manager_v1").destroy()
    client.roundtrip()
    assert [] == server.output.on_damage


def test_many_regions_are_remembered_no_further_than_a_bound(server: Stage, client: Client) -> None:
    buffer = target(client, 10, 10)
    for x in range(40):
        region_of(client, x, 0, 10, 10).copy_with_damage(buffer)
    server.frame()
    assert len(server.output.on_damage) <= 16


# Buffers


@pytest.mark.parametrize(
    ("size", "options"),
    [((WIDTH - 1, HEIGHT), {}), ((WIDTH, HEIGHT + 1), {}), ((WIDTH, HEIGHT), {"format": ARGB})],
    ids=["too narrow", "too high", "another format"],
)
def test_a_buffer_of_another_kind_is_an_error(
    client: Client, size: tuple[int, int], options: dict[str, int]
) -> None:
    frame_of(client).copy(target(client, *size, **options))
    client.expect_error("zwlr_screencopy_frame_v1", "invalid_buffer")


def test_a_buffer_without_memory_is_an_error(client: Client) -> None:
    manager = client.get("wp_single_pixel_buffer_manager_v1")
    frame_of(client).copy(manager.create_u32_rgba_buffer(0, 0, 0, 0xFFFFFFFF))
    client.expect_error("zwlr_screencopy_frame_v1", "invalid_buffer")


@pytest.mark.parametrize("ready", [False, True])
def test_copying_twice_is_an_error(server: Stage, client: Client, ready: bool) -> None:
    frame, buffer = frame_of(client), target(client)
    frame.copy(buffer)
    if ready:
        server.frame()
        assert "ready" in names(frame)
    frame.copy(buffer)
    client.expect_error("zwlr_screencopy_frame_v1", "already_used")


def test_memory_that_cannot_be_sealed_is_written_too(server: Stage, client: Client) -> None:
    frame, buffer = frame_of(client), target(client, **is_unsealable())
    frame.copy(buffer)
    server.frame()
    np.testing.assert_array_equal(server.capture(), pixels_of(buffer))


def test_memory_sealed_against_writing_fails_and_nothing_else(server: Stage, client: Client) -> None:
    frame = frame_of(client)
    buffer = target(client)
    frame.copy(buffer)
    client.roundtrip()
    fcntl.fcntl(buffer.memory.fd, fcntl.F_ADD_SEALS, 0x0010)
    server.frame()
    assert "failed" == names(frame)[-1]
    client.roundtrip()


def test_a_file_that_was_cut_fails_and_is_not_made_longer(server: Stage, client: Client) -> None:
    frame, buffer = frame_of(client), target(client, **is_unsealable())
    frame.copy(buffer)
    client.roundtrip()
    os.ftruncate(buffer.memory.fd, 4096)
    server.frame()
    assert "failed" == names(frame)[-1]
    assert 4096 == os.fstat(buffer.memory.fd).st_size


def test_a_buffer_destroyed_while_it_waits_fails(server: Stage, client: Client) -> None:
    frame, buffer = frame_of(client), target(client)
    frame.copy(buffer)
    buffer.proxy.destroy()
    server.frame()
    assert "failed" == names(frame)[-1]


# Outputs that go


def test_a_frame_of_an_output_that_is_unplugged_fails(server: Stage, client: Client) -> None:
    frame = frame_of(client)
    frame.copy(target(client))
    client.roundtrip()
    server.server.backend.remove_output(server.output)
    server.settle()
    assert "failed" == names(frame)[-1]


def test_a_frame_of_an_output_whose_mode_changes_fails(server: Stage, client: Client) -> None:
    frame = frame_of(client)
    frame.copy(target(client))
    client.roundtrip()
    server.output.configure(width=400)
    server.frame()
    assert "failed" == names(frame)[-1]


def test_a_dark_output_cannot_be_copied(server: Stage, client: Client) -> None:
    client.get("wl_output")
    server.output.set_powered(False)
    assert ["failed()"] == frame_of(client).events


def test_a_frame_destroyed_while_it_waits_is_forgotten(server: Stage, client: Client) -> None:
    frame, buffer = frame_of(client), target(client)
    frame.copy(buffer)
    frame.destroy()
    server.frame()
    assert [] == server.desktop.captures.waiting
    assert {0x12345678} == set(pixels_of(buffer).flat)


def test_a_client_that_hangs_up_leaves_nothing_waiting(server: Stage, client: Client) -> None:
    frame_of(client).copy_with_damage(target(client))
    client.drain()
    assert 1 == len(server.desktop.captures.waiting)
    client.close()
    server.pump()
    assert [] == server.desktop.captures.waiting
    assert [] == server.output.on_damage


def test_one_client_may_not_have_any_number_of_copies_waiting(server: Stage, client: Client) -> None:
    buffer = target(client, 1, 1)
    frames = [region_of(client, 0, 0, 1, 1) for _ in range(70)]
    for frame in frames:
        frame.copy(buffer)
    client.roundtrip()
    assert 6 == sum("failed" in names(frame) for frame in frames)
    server.frame()
    assert 64 == sum("ready" in names(frame) for frame in frames)
