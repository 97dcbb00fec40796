"""attach, damage_buffer, frame, commit in one piece: the same as one after the other, errors included."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

RED, GREEN, BLUE = 0xFFFF0000, 0xFF00FF00, 0xFF0000FF

Pause = Callable[[], None]


@pytest.fixture(params=["at once", "one by one"])
def pause(request: pytest.FixtureRequest, client: Client) -> Pause:
    """Between two requests: nothing, or a roundtrip so that the compositor sees them alone."""
    if request.param == "at once":
        return lambda: None

    def roundtrip() -> None:
        client.roundtrip()

    return roundtrip


def submit(surface: Proxy, buffer: Buffer | None, pause: Pause, area: tuple[int, int, int, int]) -> Proxy:
    surface.attach(buffer, 0, 0)
    pause()
    surface.damage_buffer(*area)
    pause()
    frame: Proxy = surface.frame()
    pause()
    surface.commit()
    return frame


class Child:
    """A desynchronized subsurface of a window, with two buffers."""

    def __init__(self, client: Client, parent: Proxy) -> None:
        self.surface: Proxy = client.get("wl_compositor").create_surface()
        self.role: Proxy = client.get("wl_subcompositor").get_subsurface(self.surface, parent)
        self.role.set_desync()
        self.role.set_position(10, 10)
        parent.commit()
        self.buffers = [Buffer(client, 20, 10, RED), Buffer(client, 20, 10, GREEN)]
        self.surface.attach(self.buffers[0], 0, 0)
        self.surface.commit()
        client.roundtrip()


def test_a_child_shows_the_buffer_and_hears_of_the_frame(client: Client, server: Stage, pause: Pause) -> None:
    window = Toplevel(client).show(100, 80, BLUE)
    child = Child(client, window.surface)
    first, second = child.buffers
    x, y = server.window.x + 10, server.window.y + 10
    assert 0xFF0000 == server.pixel(x, y)
    frame = submit(child.surface, second, pause, (0, 0, 20, 10))
    client.roundtrip()
    assert (1, 0) == (first.releases, second.releases)
    assert [] == frame.events
    server.advance(20)
    client.roundtrip()
    assert 1 == len(frame.events)
    assert 0x00FF00 == server.pixel(x, y)
    submit(child.surface, first, pause, (-5, -5, 50, 50))
    client.roundtrip()
    assert (1, 1) == (first.releases, second.releases)
    server.advance(20)
    assert 0xFF0000 == server.pixel(x, y)


def test_only_what_is_damaged_need_be_drawn_and_all_of_it_is(
    client: Client, server: Stage, pause: Pause
) -> None:
    window = Toplevel(client).show(100, 80, BLUE)
    child = Child(client, window.surface)
    x, y = server.window.x + 10, server.window.y + 10
    server.pixel(x, y)
    submit(child.surface, child.buffers[1], pause, (15, 5, 100, 100))
    server.advance(20)
    client.roundtrip()
    assert 0x00FF00 == server.pixel(x + 15, y + 5)
    assert 0x00FF00 == server.pixel(x + 19, y + 9)


def test_a_synchronized_child_waits_for_its_parent(client: Client, server: Stage, pause: Pause) -> None:
    window = Toplevel(client).show(100, 80, BLUE)
    child = Child(client, window.surface)
    child.role.set_sync()
    x, y = server.window.x + 10, server.window.y + 10
    submit(child.surface, child.buffers[1], pause, (0, 0, 20, 10))
    client.roundtrip()
    assert 0 == child.buffers[0].releases
    assert 0xFF0000 == server.pixel(x, y)
    window.surface.commit()
    client.roundtrip()
    assert 1 == child.buffers[0].releases
    assert 0x00FF00 == server.pixel(x, y)


def test_a_grandchild_of_a_synchronized_child_waits_too(client: Client, server: Stage, pause: Pause) -> None:
    window = Toplevel(client).show(100, 80, BLUE)
    child = Child(client, window.surface)
    grandchild = Child(client, child.surface)
    child.role.set_sync()
    submit(grandchild.surface, grandchild.buffers[1], pause, (0, 0, 20, 10))
    client.roundtrip()
    assert 0 == grandchild.buffers[0].releases
    child.surface.commit()
    window.surface.commit()
    client.roundtrip()
    assert 1 == grandchild.buffers[0].releases


def test_a_window_takes_another_size(client: Client, server: Stage, pause: Pause) -> None:
    window = Toplevel(client).show(100, 80, BLUE)
    submit(window.surface, Buffer(client, 120, 90, GREEN), pause, (0, 0, 120, 90))
    client.roundtrip()
    assert (120, 90) == (server.window.width, server.window.height)
    assert 0x00FF00 == server.pixel(server.window.x + 119, server.window.y + 89)


def test_a_scaled_surface_is_damaged_where_its_buffer_is(client: Client, server: Stage, pause: Pause) -> None:
    window = Toplevel(client).start()
    window.surface.set_buffer_scale(2)
    window.attach(Buffer(client, 40, 20, BLUE))
    client.roundtrip()
    x, y = server.window.x, server.window.y
    assert 0x0000FF == server.pixel(x + 19, y + 9)
    submit(window.surface, Buffer(client, 40, 20, GREEN), pause, (0, 0, 40, 20))
    client.roundtrip()
    server.advance(20)
    assert 0x00FF00 == server.pixel(x + 19, y + 9)


def test_a_buffer_that_does_not_fit_the_scale_is_refused(client: Client, pause: Pause) -> None:
    window = Toplevel(client).start()
    window.surface.set_buffer_scale(2)
    window.attach(Buffer(client, 40, 20, BLUE))
    submit(window.surface, Buffer(client, 41, 20, GREEN), pause, (0, 0, 41, 20))
    client.expect_error("wl_surface", "invalid_size")


def test_a_buffer_before_the_first_configure_is_refused(client: Client, pause: Pause) -> None:
    window = Toplevel(client)
    buffer = Buffer(client, 40, 20)
    submit(window.surface, buffer, pause, (0, 0, 40, 20))
    client.expect_error("xdg_surface", "unconfigured_buffer")


def test_a_buffer_without_a_role_object_is_refused_at_once(client: Client) -> None:
    surface: Proxy = client.get("wl_compositor").create_surface()
    client.get("xdg_wm_base").get_xdg_surface(surface)
    submit(surface, Buffer(client, 40, 20), lambda: None, (0, 0, 40, 20))
    client.expect_error("xdg_surface", "unconfigured_buffer")


def test_nothing_at_all_unmaps(client: Client, server: Stage, pause: Pause) -> None:
    window = Toplevel(client).show(100, 80, BLUE)
    submit(window.surface, None, pause, (0, 0, 100, 80))
    client.roundtrip()
    assert [] == [item for item in server.server.desktop.windows if item.mapped]


def test_damage_of_no_size_is_none(client: Client, server: Stage, pause: Pause) -> None:
    window = Toplevel(client).show(100, 80, BLUE)
    frame = submit(window.surface, Buffer(client, 100, 80, GREEN), pause, (0, 0, 0, -1))
    client.roundtrip()
    server.advance(20)
    client.roundtrip()
    assert 1 == len(frame.events)
