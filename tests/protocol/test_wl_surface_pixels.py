"""wl_surface: damage, scale and transform, on captured pixels."""

from __future__ import annotations

import numpy as np
import pytest
from shown_pixels import corner, shown
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

# Damage, scale and transform, on captured pixels

PICTURE = np.array(
    [[0xFF000001, 0xFF000002, 0xFF000003, 0xFF000004], [0xFF000005, 0xFF000006, 0xFF000007, 0xFF000008]],
    np.uint32,
)
# What the output shows of PICTURE: the client's own transform undone (wl_output.transform).
UNDONE = {
    0: PICTURE,
    1: np.rot90(PICTURE, -1),
    2: np.rot90(PICTURE, 2),
    3: np.rot90(PICTURE, 1),
    4: np.fliplr(PICTURE),
    5: np.fliplr(np.rot90(PICTURE, -1)),
    6: np.fliplr(np.rot90(PICTURE, 2)),
    7: np.fliplr(np.rot90(PICTURE, 1)),
}


def paint(client: Client, window: Toplevel, transform: int = 0, scale: int = 1) -> Buffer:
    buffer = Buffer(client, 4, 2)
    buffer.paint(PICTURE)
    window.surface.set_buffer_transform(transform)
    window.surface.set_buffer_scale(scale)
    window.attach(buffer)
    client.roundtrip()
    return buffer


@pytest.mark.parametrize("transform", range(8))
def test_a_buffer_transform_is_undone(client: Client, server: Stage, transform: int) -> None:
    paint(client, Toplevel(client).start(), transform)
    expected = UNDONE[transform] & 0xFFFFFF
    height, width = expected.shape
    assert (width, height) == (server.window.width, server.window.height)
    assert expected.tolist() == shown(server, width, height)


@pytest.mark.parametrize("transform", range(8))
@pytest.mark.parametrize("pixel", [(0, 0), (3, 0), (1, 1)])
def test_damage_in_buffer_pixels_follows_the_transform(
    client: Client, server: Stage, transform: int, pixel: tuple[int, int]
) -> None:
    window = Toplevel(client).start()
    buffer = paint(client, window, transform)
    shown(server, 1, 1)
    x, y = pixel
    changed = PICTURE.copy()
    changed[y, x] = 0xFFFFFF00
    buffer.paint(changed)
    window.surface.damage_buffer(x, y, 1, 1)
    window.surface.commit()
    client.roundtrip()
    assert 0xFFFF00 in np.array(shown(server, *(4, 2) if not transform % 2 else (2, 4)))


@pytest.mark.parametrize("transform", range(8))
def test_damage_in_surface_pixels_is_where_it_is_shown(client: Client, server: Stage, transform: int) -> None:
    window = Toplevel(client).start()
    buffer = paint(client, window, transform)
    shown(server, 1, 1)
    height, width = UNDONE[transform].shape
    buffer.fill(0xFFFFFF00)
    window.surface.damage(width - 1, height - 1, 1, 1)
    window.surface.commit()
    client.roundtrip()
    assert 0xFFFF00 == shown(server, width, height)[-1][-1]


def test_a_buffer_scale_makes_the_surface_smaller(client: Client, server: Stage) -> None:
    window = Toplevel(client).start()
    buffer = Buffer(client, 8, 4)
    buffer.paint(np.kron(PICTURE, np.ones((2, 2), np.uint32)))
    window.surface.set_buffer_scale(2)
    window.attach(buffer)
    client.roundtrip()
    assert (4, 2) == (server.window.width, server.window.height)
    assert (PICTURE & 0xFFFFFF).tolist() == shown(server, 4, 2)


def test_scale_and_transform_take_effect_with_the_commit_and_without_a_new_buffer(
    client: Client, server: Stage
) -> None:
    window = Toplevel(client).start()
    paint(client, window)
    window.surface.set_buffer_transform(1)
    client.roundtrip()
    assert (4, 2) == (server.window.width, server.window.height)
    window.surface.commit()
    client.roundtrip()
    assert (2, 4) == (server.window.width, server.window.height)
    assert (UNDONE[1] & 0xFFFFFF).tolist() == shown(server, 2, 4)


@pytest.mark.parametrize("scale", [0, -1, -(2**31)])
def test_a_scale_that_is_not_positive_is_an_error(client: Client, surface: Proxy, scale: int) -> None:
    surface.set_buffer_scale(scale)
    client.expect_error("wl_surface", "invalid_scale")


@pytest.mark.parametrize("transform", [-1, 8, 2**31 - 1])
def test_a_transform_that_does_not_exist_is_an_error(client: Client, surface: Proxy, transform: int) -> None:
    surface.set_buffer_transform(transform)
    client.expect_error("wl_surface", "invalid_transform")


@pytest.mark.parametrize("size", [(5, 4), (4, 5)])
def test_a_buffer_that_is_no_multiple_of_its_scale_is_an_error(client: Client, size: tuple[int, int]) -> None:
    window = Toplevel(client).start()
    window.surface.set_buffer_scale(2)
    window.attach(Buffer(client, *size))
    client.expect_error("wl_surface", "invalid_size")


def test_a_scale_that_does_not_fit_the_buffer_shown_is_an_error_too(client: Client) -> None:
    window = Toplevel(client).show(5, 5)
    window.surface.set_buffer_scale(2)
    window.surface.commit()
    client.expect_error("wl_surface", "invalid_size")


@pytest.mark.parametrize(
    "damage", [(0, 0, 0, 0), (0, 0, -1, -1), (-(2**31), -(2**31), 2**31 - 1, 2**31 - 1), (2**31 - 1,) * 4]
)
def test_any_damage_is_taken(client: Client, server: Stage, damage: tuple[int, int, int, int]) -> None:
    window = Toplevel(client).show()
    for _ in range(40):
        window.surface.damage(*damage)
        window.surface.damage_buffer(*damage)
    window.surface.commit()
    client.roundtrip()
    server.frame()
    server.check()


def test_damage_is_no_larger_than_what_was_damaged(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.capture()
    window.surface.damage_buffer(10, 20, 3, 4)
    window.surface.commit()
    client.roundtrip()
    x, y = corner(server)
    [rect] = server.scene.for_output(server.output).take_damage().rects
    assert (x + 10, y + 20, 3, 4) == tuple(rect)
