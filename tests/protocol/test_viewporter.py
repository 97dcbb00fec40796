"""wp_viewporter and wp_viewport: cropping and scaling."""

from __future__ import annotations

import numpy as np
import pytest
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

BIG = 2**31 - 1


def cropped(client: Client) -> tuple[Toplevel, Proxy]:
    """Return a window, not shown yet, and its viewport."""
    window = Toplevel(client).start()
    return window, client.get("wp_viewporter").get_viewport(window.surface)


def quarters(client: Client) -> Buffer:
    """Return a buffer of 8×8 with a colour in each quarter: 1 2 / 3 4."""
    buffer = Buffer(client, 8, 8)
    buffer.paint(np.kron(np.array([[1, 2], [3, 4]], np.uint32), np.ones((4, 4), np.uint32)))
    return buffer


def shown(server: Stage, width: int, height: int) -> list[list[int]]:
    x, y = server.window.x, server.window.y
    return (server.capture()[y : y + height, x : x + width] & 0xFFFFFF).tolist()


def test_a_source_cuts_out_a_part(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    viewport.set_source(4, 0, 4, 8)
    window.attach(quarters(client))
    client.roundtrip()
    assert (4, 8) == (server.window.width, server.window.height)
    assert [[2] * 4] * 4 + [[4] * 4] * 4 == shown(server, 4, 8)


def test_a_destination_sets_the_size_of_the_surface(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    viewport.set_source(0, 0, 4, 4)
    viewport.set_destination(20, 10)
    window.attach(quarters(client))
    client.roundtrip()
    assert (20, 10) == (server.window.width, server.window.height)
    assert [[1] * 20] * 10 == shown(server, 20, 10)


def test_it_is_double_buffered(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    window.attach(quarters(client))
    viewport.set_destination(20, 10)
    client.roundtrip()
    assert (8, 8) == (server.window.width, server.window.height)
    window.surface.commit()
    client.roundtrip()
    assert (20, 10) == (server.window.width, server.window.height)


def test_minus_one_takes_it_back(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    viewport.set_source(0, 0, 4, 4)
    viewport.set_destination(20, 10)
    window.attach(quarters(client))
    viewport.set_destination(-1, -1)
    window.surface.commit()
    client.roundtrip()
    assert (4, 4) == (server.window.width, server.window.height)
    viewport.set_source(-1, -1, -1, -1)
    window.surface.commit()
    client.roundtrip()
    assert (8, 8) == (server.window.width, server.window.height)


def test_destroying_it_takes_it_back_with_the_next_commit(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    viewport.set_destination(20, 10)
    window.attach(quarters(client))
    viewport.destroy()
    client.roundtrip()
    assert (20, 10) == (server.window.width, server.window.height)
    window.surface.commit()
    client.roundtrip()
    assert (8, 8) == (server.window.width, server.window.height)


def test_a_source_is_in_surface_pixels_after_transform_and_scale(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    window.surface.set_buffer_scale(2)
    window.surface.set_buffer_transform(1)
    viewport.set_source(0, 0, 2, 2)
    window.attach(quarters(client))
    client.roundtrip()
    # Turned back clockwise, the lower left quarter comes to the upper left.
    viewport.set_destination(4, 4)
    window.surface.commit()
    client.roundtrip()
    assert [[3] * 4] * 4 == shown(server, 4, 4)


def test_a_part_of_a_pixel_may_be_the_source_of_a_destination(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    viewport.set_source(0.5, 0.25, 3.5, 3.75)
    viewport.set_destination(6, 6)
    window.attach(quarters(client))
    client.roundtrip()
    assert [1] * 4 == shown(server, 4, 4)[0]


def test_damage_in_the_buffer_follows_crop_and_scale(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    viewport.set_source(4, 4, 4, 4)
    viewport.set_destination(40, 40)
    buffer = quarters(client)
    window.attach(buffer)
    client.roundtrip()
    shown(server, 1, 1)
    buffer.fill(9)
    window.surface.damage_buffer(4, 4, 1, 1)
    window.surface.commit()
    client.roundtrip()
    [rect] = server.scene.for_output(server.output).take_damage().rects
    x, y = server.window.x, server.window.y
    assert rect.contains(x, y)
    assert rect.contains(x + 9, y + 9)
    assert rect.x2 <= x + 15


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, 5), (5, -1), (-2, -2), (0, 0)])
def test_a_destination_must_be_positive(client: Client, size: tuple[int, int]) -> None:
    _, viewport = cropped(client)
    viewport.set_destination(*size)
    client.expect_error("wp_viewport", "bad_value")


@pytest.mark.parametrize(
    "source", [(-1, 0, 1, 1), (0, -1, 1, 1), (0, 0, 0, 1), (0, 0, 1, 0), (0, 0, -1, -1), (-1, -1, -1, 1)]
)
def test_a_source_must_be_positive(client: Client, source: tuple[int, int, int, int]) -> None:
    _, viewport = cropped(client)
    viewport.set_source(*source)
    client.expect_error("wp_viewport", "bad_value")


@pytest.mark.parametrize("source", [(0, 0, 9, 1), (1, 0, 8, 8), (0, 7.5, 1, 1), (8, 8, 1, 1), (0, 0, 8.5, 1)])
def test_a_source_must_lie_in_the_buffer(client: Client, source: tuple[float, ...]) -> None:
    window, viewport = cropped(client)
    viewport.set_source(*source)
    window.attach(quarters(client))
    client.expect_error("wp_viewport", "out_of_buffer")


def test_a_smaller_buffer_later_must_hold_the_source_too(client: Client) -> None:
    window, viewport = cropped(client)
    viewport.set_source(4, 4, 4, 4)
    window.attach(quarters(client))
    window.attach(Buffer(client, 7, 7))
    client.expect_error("wp_viewport", "out_of_buffer")


def test_a_source_outside_is_no_error_without_a_buffer(client: Client) -> None:
    window, viewport = cropped(client)
    viewport.set_source(100, 100, 4, 4)
    window.surface.commit()
    client.roundtrip()


def test_a_source_of_no_whole_size_needs_a_destination(client: Client) -> None:
    window, viewport = cropped(client)
    viewport.set_source(0, 0, 3.5, 4)
    window.attach(quarters(client))
    client.expect_error("wp_viewport", "bad_size")


def test_a_source_of_no_whole_size_is_an_error_without_a_buffer_too(client: Client, surface: Proxy) -> None:
    viewport = client.get("wp_viewporter").get_viewport(surface)
    viewport.set_source(0, 0, 10.5, 10)
    surface.commit()
    client.expect_error("wp_viewport", "bad_size")


def test_a_surface_has_one_viewport(client: Client) -> None:
    window, viewport = cropped(client)
    client.get("wp_viewporter").get_viewport(window.surface)
    client.expect_error("wp_viewporter", "viewport_exists")
    assert not viewport.dead


def test_a_surface_may_have_another_after_the_first(client: Client) -> None:
    window, viewport = cropped(client)
    viewport.destroy()
    client.get("wp_viewporter").get_viewport(window.surface)
    client.roundtrip()


@pytest.mark.parametrize("request_", [("set_source", (0, 0, 1, 1)), ("set_destination", (1, 1))])
def test_without_its_surface_only_destroy_is_allowed(
    client: Client, surface: Proxy, request_: tuple[str, tuple[int, ...]]
) -> None:
    kept = client.get("wp_viewporter").get_viewport(client.get("wl_compositor").create_surface())
    viewport = client.get("wp_viewporter").get_viewport(surface)
    surface.destroy()
    client.roundtrip()
    kept.destroy()
    name, arguments = request_
    getattr(viewport, name)(*arguments)
    client.expect_error("wp_viewport", "no_surface")


def test_it_may_be_destroyed_after_its_surface(client: Client, surface: Proxy) -> None:
    viewport = client.get("wp_viewporter").get_viewport(surface)
    surface.destroy()
    viewport.destroy()
    client.roundtrip()


def test_the_viewporter_may_go_first(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    client.bound.pop("wp_viewporter").destroy()
    viewport.set_destination(20, 10)
    window.attach(quarters(client))
    client.roundtrip()
    assert (20, 10) == (server.window.width, server.window.height)


def test_the_largest_destination_harms_nobody(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    viewport.set_destination(BIG, BIG)
    window.attach(quarters(client))
    client.roundtrip()
    server.frame()
    server.capture()
    window.surface.damage(0, 0, BIG, BIG)
    window.surface.damage_buffer(0, 0, BIG, BIG)
    window.surface.commit()
    client.roundtrip()
    server.frame()
    server.desktop.seat.pointer.move_to(300, 200)
    server.settle()
    server.check()


def test_the_largest_window_can_be_resized_and_closed(client: Client, server: Stage) -> None:
    window, viewport = cropped(client)
    child = client.get("wl_compositor").create_surface()
    role = client.get("wl_subcompositor").get_subsurface(child, window.surface)
    role.set_position(-BIG, -BIG)
    client.get("wp_viewporter").get_viewport(child).set_destination(BIG, BIG)
    child.attach(Buffer(client, 1, 1), 0, 0)
    child.commit()
    viewport.set_destination(BIG, BIG)
    window.attach(quarters(client))
    client.roundtrip()
    server.window.set_resizing(True)
    server.window.set_resizing(False)
    server.window.set_maximized(True)
    server.window.set_maximized(False)
    server.frame()
    client.roundtrip()


def test_a_source_set_while_synchronized_keeps_the_rest_that_waits(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40)
    child = client.get("wl_compositor").create_surface()
    client.get("wl_subcompositor").get_subsurface(child, window.surface)
    viewport = client.get("wp_viewporter").get_viewport(child)
    viewport.set_destination(20, 20)
    child.commit()
    viewport.set_source(0, 0, 4, 4)
    child.attach(quarters(client), 0, 0)
    child.commit()
    window.surface.commit()
    client.roundtrip()
    assert [[1] * 20] * 20 == shown(server, 20, 20)


def test_a_source_that_waits_is_checked_against_the_buffer_that_follows(client: Client) -> None:
    window = Toplevel(client).show(40, 40)
    child = client.get("wl_compositor").create_surface()
    client.get("wl_subcompositor").get_subsurface(child, window.surface)
    viewport = client.get("wp_viewporter").get_viewport(child)
    viewport.set_source(0, 0, 8, 8)
    child.commit()
    child.attach(Buffer(client, 4, 4), 0, 0)
    child.commit()
    client.expect_error("wp_viewport", "out_of_buffer")
