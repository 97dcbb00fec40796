"""ext_image_copy_capture_manager_v1: sessions of outputs, windows and the cursor."""

from __future__ import annotations

import fcntl
import os
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from support.client import Client, Proxy
from support.pixels import ARGB, XRGB, Buffer
from support.stage import Stage
from support.windows import Toplevel

from compositor.geometry import Rect, Transform

WIDTH, HEIGHT = 320, 240
UNKNOWN, CONSTRAINTS, STOPPED = 0, 1, 2


def pixels_of(buffer: Buffer) -> npt.NDArray[np.uint32]:
    """Read what lies in a buffer: (height, width) uint32."""
    data = os.pread(buffer.memory.fd, buffer.width * buffer.height * 4, 0)
    return np.frombuffer(data, np.uint32).reshape(buffer.height, buffer.width)


def of_output(client: Client, options: int = 0) -> Proxy:
    """Return a session of the output."""
    source = client.get("ext_output_image_capture_source_manager_v1").create_source(client.get("wl_output"))
    session: Proxy = client.get("ext_image_copy_capture_manager_v1").create_session(source, options)
    client.roundtrip()
    return session


def handle_of(client: Client) -> Proxy:
    """Return the handle of the newest window in the list."""
    toplevels = client.get("ext_foreign_toplevel_list_v1")
    client.roundtrip()
    handle: Proxy = toplevels.last("toplevel")[0]
    return handle


def of_window(client: Client, options: int = 0) -> Proxy:
    """Return a session of the newest window."""
    manager = client.get("ext_foreign_toplevel_image_capture_source_manager_v1")
    source = manager.create_source(handle_of(client))
    session: Proxy = client.get("ext_image_copy_capture_manager_v1").create_session(source, options)
    client.roundtrip()
    return session


def target(session: Proxy, format: int = XRGB) -> Buffer:
    """Return a buffer as the session wants it, filled with what nobody shows."""
    width, height = session.last("buffer_size")
    return Buffer(session.client, width, height, 0x12345678, format)


def capture(session: Proxy, buffer: Buffer, damage: Rect | None = None) -> Proxy:
    """Capture into a buffer, all of it stale unless told otherwise."""
    frame: Proxy = session.create_frame()
    frame.attach_buffer(buffer)
    frame.damage_buffer(*(damage or Rect(0, 0, buffer.width, buffer.height)))
    frame.capture()
    session.client.roundtrip()
    return frame


def names(proxy: Proxy) -> list[str]:
    """The names of the events that came."""
    return [name for name, _ in proxy.raw]


def damage_of(frame: Proxy) -> list[tuple[int, ...]]:
    """What the frame said is new."""
    return [values for name, values in frame.raw if name == "damage"]


# Outputs


def test_a_session_tells_what_buffers_must_be(client: Client) -> None:
    session = of_output(client)
    assert [f"buffer_size({WIDTH}, {HEIGHT})", "shm_format(1)", "shm_format(0)", "done()"] == session.events


@pytest.mark.parametrize("format", [XRGB, ARGB])
def test_the_first_frame_has_the_whole_output(
    server: Stage, client: Client, toplevel: Toplevel, format: int
) -> None:
    session = of_output(client)
    buffer = target(session, format)
    frame = capture(session, buffer)
    server.frame()
    seconds, nanoseconds = divmod(server.output.last_frame_ns, 1_000_000_000)
    assert [
        "transform(0)",
        f"damage(0, 0, {WIDTH}, {HEIGHT})",
        f"presentation_time(0, {seconds}, {nanoseconds})",
        "ready()",
    ] == frame.events
    assert len(np.unique(pixels_of(buffer))) > 1
    np.testing.assert_array_equal(server.capture(), pixels_of(buffer))


def test_the_next_frame_waits_for_a_change_and_tells_where_it_is(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    session = of_output(client)
    buffer = target(session)
    first = capture(session, buffer)
    server.frame()
    first.destroy()
    frame = capture(session, buffer, Rect(0, 0, 1, 1))
    server.advance(300)
    assert [] == frame.events
    toplevel.surface.attach(Buffer(client, 100, 80, 0xFFEE8811), 0, 0)
    toplevel.surface.damage_buffer(3, 5, 20, 10)
    toplevel.surface.commit()
    server.frame()
    assert [(server.window.x + 3, server.window.y + 5, 20, 10)] == damage_of(frame)
    assert "ready" == names(frame)[-1]
    np.testing.assert_array_equal(server.capture(), pixels_of(buffer))


def test_only_the_rows_that_are_stale_or_new_are_written(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    session = of_output(client)
    first = capture(session, target(session))
    server.frame()
    first.destroy()
    other = target(session)
    capture(session, other, Rect(0, 200, 10, 7))
    x, y = server.window.x, server.window.y
    toplevel.surface.attach(Buffer(client, 100, 80, 0xFFEE8811), 0, 0)
    toplevel.surface.damage_buffer(0, 30, 100, 10)
    toplevel.surface.commit()
    server.frame()
    written = np.flatnonzero((pixels_of(other) != 0x12345678).any(axis=1))
    assert (y + 30, 206) == (written.min(), written.max())
    assert 0xFFEE8811 == pixels_of(other)[y + 35, x + 5]


@pytest.mark.parametrize("transform", [Transform.ROTATE_90, Transform.FLIPPED_270])
def test_a_turned_output_comes_upright(
    server: Stage, client: Client, toplevel: Toplevel, transform: Transform
) -> None:
    server.output.configure(transform=transform)
    session = of_output(client)
    assert (HEIGHT, WIDTH) == session.last("buffer_size")
    buffer = target(session)
    frame = capture(session, buffer)
    server.frame()
    assert "transform(0)" == frame.events[0]
    np.testing.assert_array_equal(server.capture(), pixels_of(buffer))


@pytest.mark.parametrize("options", [0, 1])
def test_the_cursor_is_painted_only_when_asked(server: Stage, client: Client, options: int) -> None:
    server.desktop.seat.pointer.move_to(100, 100)
    session = of_output(client, options)
    buffer = target(session)
    capture(session, buffer)
    server.frame()
    assert bool(options) is bool((pixels_of(buffer) != server.capture()).any())


def test_another_mode_asks_for_other_buffers(server: Stage, client: Client) -> None:
    session = of_output(client)
    old = target(session)
    frame = capture(session, old)
    server.output.configure(width=400, height=300)
    server.frame()
    assert [f"failed({CONSTRAINTS})"] == frame.events
    assert (400, 300) == session.last("buffer_size")
    assert 2 == session.count("done")
    frame.destroy()
    again = capture(session, target(session))
    server.frame()
    assert [(0, 0, 400, 300)] == damage_of(again)


def test_a_session_of_an_output_that_is_unplugged_is_stopped(server: Stage, client: Client) -> None:
    session = of_output(client)
    frame = capture(session, target(session))
    server.server.backend.remove_output(server.output)
    client.roundtrip()
    assert [f"failed({STOPPED})"] == frame.events
    assert "stopped()" == session.events[-1]
    frame.destroy()
    buffer = target(session)
    assert [f"failed({STOPPED})"] == capture(session, buffer).events


def test_a_frame_outlives_its_session(server: Stage, client: Client) -> None:
    session = of_output(client)
    frame = capture(session, target(session))
    session.destroy()
    server.frame()
    assert "ready" == names(frame)[-1]
    assert 1 == len(server.output.on_damage)
    frame.destroy()
    client.roundtrip()
    assert [] == server.output.on_damage


def test_a_client_that_hangs_up_leaves_nothing_behind(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    pointer = server.desktop.seat.pointer
    before = list(pointer.on_moved)
    watcher = server.connect()
    sessions = [of_output(watcher, 1), of_window(watcher, 1)]
    for session in sessions:
        capture(session, target(session))
    watcher.close()
    server.pump()
    assert [] == server.desktop.captures.waiting
    assert [] == server.output.on_damage
    assert () == server.window.surface.on_commit
    assert before == pointer.on_moved


# Windows


def test_a_window_is_captured_by_itself(server: Stage, client: Client, toplevel: Toplevel) -> None:
    session = of_window(client)
    assert (100, 80) == session.last("buffer_size")
    Toplevel(client).show(WIDTH, HEIGHT, 0xFF00FF00)
    buffer = target(session, ARGB)
    frame = capture(session, buffer)
    server.frame()
    assert "ready" == names(frame)[-1]
    assert {0xFF336699} == set(pixels_of(buffer).flat)


def test_a_window_is_captured_while_it_is_minimized(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    session = of_window(client)
    server.window.set_minimized(True)
    server.frame()
    buffer = target(session)
    first = capture(session, buffer)
    server.frame()
    assert "ready" == names(first)[-1]
    first.destroy()
    frame = capture(session, buffer)
    server.advance(300)
    assert [] == frame.events
    toplevel.attach(Buffer(client, 100, 80, 0xFFEE8811))
    server.frame()
    assert "ready" == names(frame)[-1]
    assert {0xFFEE8811} == set(pixels_of(buffer).flat)


def test_a_commit_of_a_subsurface_is_news(server: Stage, client: Client, toplevel: Toplevel) -> None:
    session = of_window(client)
    child = client.get("wl_compositor").create_surface()
    sub = client.get("wl_subcompositor").get_subsurface(child, toplevel.surface)
    sub.set_desync()
    child.attach(Buffer(client, 10, 10, 0xFF111111), 0, 0)
    child.commit()
    toplevel.surface.commit()
    client.roundtrip()
    buffer = target(session)
    first = capture(session, buffer)
    server.frame()
    assert "ready" == names(first)[-1]
    first.destroy()
    frame = capture(session, buffer)
    server.advance(300)
    assert [] == frame.events
    child.attach(Buffer(client, 10, 10, 0xFF222222), 0, 0)
    child.damage(0, 0, 10, 10)
    child.commit()
    server.frame()
    assert "ready" == names(frame)[-1]
    assert 0xFF222222 == pixels_of(buffer)[5, 5]


def test_captures_of_a_window_keep_the_pace_of_its_output(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    session = of_window(client)
    buffer = target(session)
    times = []
    for shade in range(4):
        frame = capture(session, buffer)
        toplevel.attach(Buffer(client, 100, 80, 0xFF000000 + shade))
        while "ready" not in names(frame):
            server.advance(1)
        _, seconds, nanoseconds = frame.last("presentation_time")
        times.append(seconds * 1_000_000_000 + nanoseconds)
        frame.destroy()
    assert all(later - earlier >= 16_000_000 for earlier, later in pairwise(times))


def test_a_window_of_another_size_asks_for_other_buffers(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    session = of_window(client)
    frame = capture(session, target(session))
    toplevel.show(150, 90)
    server.frame()
    assert (150, 90) == session.last("buffer_size")
    assert [f"failed({CONSTRAINTS})"] == frame.events
    frame.destroy()
    buffer = target(session)
    assert "ready" != names(capture(session, buffer))[-1:]
    server.frame()
    assert {0xFF336699} == set(pixels_of(buffer).flat)


def test_another_size_of_a_window_is_told_though_nobody_waits_for_a_frame(
    client: Client, toplevel: Toplevel
) -> None:
    session = of_window(client)
    toplevel.show(150, 90)
    client.roundtrip()
    assert (150, 90) == session.last("buffer_size")
    assert 2 == session.count("done")


def test_a_session_of_a_window_that_closes_is_stopped(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    session = of_window(client)
    frame = capture(session, target(session))
    toplevel.destroy()
    client.roundtrip()
    assert [f"failed({STOPPED})"] == frame.events
    assert "stopped()" == session.events[-1]


def test_a_window_cannot_be_looked_at_while_the_session_is_locked(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    session = of_window(client)
    lock = server.connect().get("ext_session_lock_manager_v1").lock()
    server.frame()
    assert ["locked()"] == lock.events
    buffer = target(session)
    frame = capture(session, buffer)
    toplevel.attach(Buffer(client, 100, 80, 0xFFEE8811))
    server.advance(300)
    assert [] == frame.events
    assert {0x12345678} == set(pixels_of(buffer).flat)
    lock.unlock_and_destroy()
    server.frame()
    server.frame()
    assert "ready" == names(frame)[-1]


# The cursor


def test_a_cursor_session_tells_where_the_cursor_is(server: Stage, client: Client) -> None:
    pointer = client.get("wl_seat").get_pointer()
    source = client.get("ext_output_image_capture_source_manager_v1").create_source(client.get("wl_output"))
    manager = client.get("ext_image_copy_capture_manager_v1")
    server.desktop.seat.pointer.move_to(30, 40)
    cursor = manager.create_pointer_cursor_session(source, pointer)
    client.roundtrip()
    assert ["enter", "position", "hotspot"] == names(cursor)
    assert (30, 40) == cursor.last("position")
    cursor.take()
    server.desktop.seat.pointer.move_to(50, 60)
    client.roundtrip()
    assert ["position(50, 60)"] == cursor.take()
    server.desktop.seat.pointer.cursor.hide()
    client.roundtrip()
    assert ["leave()"] == cursor.take()
    session = cursor.get_capture_session()
    client.roundtrip()
    assert ["buffer_size(24, 24)", "shm_format(0)", "done()"] == session.events
    buffer = target(session, ARGB)
    frame = capture(session, buffer)
    server.advance(300)
    assert [] == frame.events
    server.desktop.seat.pointer.cursor.set_shape("text")
    server.frame()
    assert "ready" == names(frame)[-1]
    assert len(np.unique(pixels_of(buffer))) > 2
    assert "enter" == names(cursor)[0]


def test_a_second_session_of_a_cursor_is_an_error(client: Client) -> None:
    pointer = client.get("wl_seat").get_pointer()
    source = client.get("ext_output_image_capture_source_manager_v1").create_source(client.get("wl_output"))
    manager = client.get("ext_image_copy_capture_manager_v1")
    cursor = manager.create_pointer_cursor_session(source, pointer)
    cursor.get_capture_session()
    cursor.get_capture_session()
    client.expect_error("ext_image_copy_capture_cursor_session_v1", "duplicate_session")


# Buffers and errors


def test_a_buffer_of_another_size_fails(client: Client) -> None:
    session = of_output(client)
    frame = capture(session, Buffer(client, WIDTH - 1, HEIGHT))
    assert [f"failed({CONSTRAINTS})"] == frame.events


def test_a_buffer_that_cannot_be_written_fails_and_the_next_has_everything(
    server: Stage, client: Client
) -> None:
    session = of_output(client)
    buffer = target(session)
    fcntl.fcntl(buffer.memory.fd, fcntl.F_ADD_SEALS, 0x0008)
    frame = capture(session, buffer)
    server.frame()
    assert [f"failed({UNKNOWN})"] == frame.events
    frame.destroy()
    again = capture(session, target(session))
    server.frame()
    assert [(0, 0, WIDTH, HEIGHT)] == damage_of(again)


def test_capturing_without_a_buffer_is_an_error(client: Client) -> None:
    of_output(client).create_frame().capture()
    client.expect_error("ext_image_copy_capture_frame_v1", "no_buffer")


@pytest.mark.parametrize("name", ["attach_buffer", "damage_buffer", "capture"])
def test_changing_a_frame_after_capture_is_an_error(client: Client, name: str) -> None:
    session = of_output(client)
    buffer = target(session)
    frame = capture(session, buffer)
    arguments = {"attach_buffer": (buffer,), "damage_buffer": (0, 0, 1, 1), "capture": ()}[name]
    getattr(frame, name)(*arguments)
    client.expect_error("ext_image_copy_capture_frame_v1", "already_captured")


@pytest.mark.parametrize("rect", [(-1, 0, 5, 5), (0, -1, 5, 5), (0, 0, 0, 5), (0, 0, 5, -1)])
def test_damage_that_is_no_part_of_a_buffer_is_an_error(
    client: Client, rect: tuple[int, int, int, int]
) -> None:
    of_output(client).create_frame().damage_buffer(*rect)
    client.expect_error("ext_image_copy_capture_frame_v1", "invalid_buffer_damage")


def test_a_second_frame_is_an_error(client: Client) -> None:
    session = of_output(client)
    session.create_frame()
    session.create_frame()
    client.expect_error("ext_image_copy_capture_session_v1", "duplicate_frame")


def test_an_unknown_option_is_an_error(client: Client) -> None:
    source = client.get("ext_output_image_capture_source_manager_v1").create_source(client.get("wl_output"))
    client.get("ext_image_copy_capture_manager_v1").create_session(source, 2)
    client.expect_error("ext_image_copy_capture_manager_v1", "invalid_option")


def test_a_cursor_session_sees_what_a_client_draws(server: Stage, client: Client, toplevel: Toplevel) -> None:
    pointer = client.get("wl_seat").get_pointer()
    window = server.window
    server.desktop.seat.pointer.move_to(window.x + 50, window.y + 40)
    client.roundtrip()
    surface = client.get("wl_compositor").create_surface()
    surface.attach(Buffer(client, 32, 32, 0xFFFFFFFF, ARGB), 0, 0)
    surface.commit()
    pointer.set_cursor(pointer.last("enter")[0], surface, 16, 16)
    source = client.get("ext_output_image_capture_source_manager_v1").create_source(client.get("wl_output"))
    manager = client.get("ext_image_copy_capture_manager_v1")
    cursor = manager.create_pointer_cursor_session(source, pointer)
    session = cursor.get_capture_session()
    client.roundtrip()
    assert (32, 32) == session.last("buffer_size")
    assert (16, 16) == cursor.last("hotspot")
    for value in (0xFFFFFFFF, 0x7F7F7F7F, 0x40201000):
        surface.attach(Buffer(client, 32, 32, value, ARGB), 0, 0)
        surface.commit()
        buffer = target(session, ARGB)
        frame = session.create_frame()
        frame.attach_buffer(buffer)
        frame.capture()
        client.roundtrip()
        server.frame()
        assert "ready" == names(frame)[-1]
        assert {value} == set(pixels_of(buffer).flat)
        frame.destroy()
