"""Windows that leave their decoration to us, by what a client receives and an output shows."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from support.client import Client
from support.stage import Stage
from support.windows import Toplevel

from compositor.model.seat.codes import BTN_LEFT
from compositor.model.toplevel_state import TILED

SERVER_SIDE = 2


@pytest.fixture
def framed(server: Stage, client: Client) -> Toplevel:
    """A window of 100×80 with our title bar, its corner at (60, 60)."""
    window = Toplevel(client)
    manager = client.get("zxdg_decoration_manager_v1")
    manager.get_toplevel_decoration(window.toplevel).set_mode(SERVER_SIDE)
    window.toplevel.set_title("Seal")
    window.show()
    server.window.move_to(60, 60)
    server.frame()
    return window


def _point(server: Stage, x: float, y: float) -> Any:
    pointer = server.desktop.seat.pointer
    pointer.move_to(x, y)
    pointer.frame()
    server.settle()
    return pointer


def _click(server: Stage, x: float, y: float) -> None:
    pointer = _point(server, x, y)
    for pressed in (True, False):
        pointer.button(BTN_LEFT, pressed)
        pointer.frame()
    server.settle()


def test_the_title_bar_is_shown_and_the_shadow_darkens_what_is_around(
    server: Stage, framed: Toplevel
) -> None:
    server.frame()
    picture = server.capture() & 0xFFFFFF
    assert 0x336699 == picture[60, 60]
    # Title bar, borders, window.
    assert picture[45, 100] not in (0, 0x336699)
    assert picture[59, 100] != 0x336699
    assert picture[100, 59] == picture[100, 160] == picture[140, 100] != 0x336699


def test_the_close_button_asks_the_client(server: Stage, framed: Toplevel, client: Client) -> None:
    _click(server, 142, 45)
    client.roundtrip()
    assert 1 == framed.toplevel.count("close")


def test_the_maximize_button_fills_the_output_below_a_title_bar(
    server: Stage, framed: Toplevel, client: Client
) -> None:
    _click(server, 114, 45)
    client.roundtrip()
    assert (320, 210) == framed.proposal[:2]
    assert "maximized" in framed.proposal[2]
    assert (0, 30, 0, 0) == server.window.extents


def test_a_double_click_on_the_title_maximizes_and_a_slow_one_does_not(
    server: Stage, framed: Toplevel, client: Client
) -> None:
    _click(server, 70, 45)
    server.advance(500)
    _click(server, 70, 45)
    assert not server.window.maximized
    server.advance(100)
    _click(server, 70, 45)
    assert server.window.maximized


def test_a_window_whose_title_was_pressed_last_is_not_kept_when_it_is_gone(
    server: Stage, framed: Toplevel, client: Client
) -> None:
    _click(server, 70, 45)
    watch = weakref.ref(server.window)
    client.close()
    server.clients.remove(client)
    server.pump()
    server.frame()
    gc.collect()
    assert watch() is None


def test_dragging_the_title_moves_and_dragging_an_edge_resizes(
    server: Stage, framed: Toplevel, client: Client
) -> None:
    pointer = _point(server, 80, 45)
    pointer.button(BTN_LEFT, True)
    pointer.move_to(100, 65)
    pointer.button(BTN_LEFT, False)
    assert (80, 80) == (server.window.x, server.window.y)
    pointer = _point(server, 184, 120)
    pointer.button(BTN_LEFT, True)
    client.roundtrip()
    framed.ack().show()
    pointer.move_to(214, 120)
    server.frame()
    client.roundtrip()
    assert (130, 80) == framed.proposal[:2]
    assert "resizing" in framed.proposal[2]
    pointer.button(BTN_LEFT, False)


@pytest.mark.parametrize(
    ("point", "shape"),
    [
        ((70, 45), "default"),
        ((163, 100), "e-resize"),
        ((57, 28), "nw-resize"),
        ((110, 145), "s-resize"),
        ((10, 200), "default"),
    ],
)
def test_the_cursor_tells_what_can_be_dragged(
    server: Stage, framed: Toplevel, point: tuple[float, float], shape: str
) -> None:
    _point(server, 163, 100)
    pointer = _point(server, *point)
    assert shape == pointer.cursor.state.shape


def test_a_button_lights_up_under_the_pointer(server: Stage, framed: Toplevel) -> None:
    _point(server, 10, 200)
    server.frame()
    before = server.capture()
    _point(server, 142, 45)
    server.frame()
    changed = before != server.capture()
    rows, columns = changed.nonzero()
    assert changed.any()
    assert 127 <= columns.min() and columns.max() <= 157
    assert 30 <= rows.min() and rows.max() < 60


@pytest.mark.parametrize(
    ("to", "rect"),
    [
        ((0, 120), (0, 0, 160, 240)),
        ((319.5, 120), (160, 0, 160, 240)),
        ((160, 0), (0, 0, 320, 240)),
        ((160, 239), None),
        ((4, 120), None),
    ],
)
def test_a_window_let_go_at_an_edge_fills_what_the_edge_stands_for(
    server: Stage, framed: Toplevel, client: Client, to: tuple[float, float], rect: tuple[int, ...] | None
) -> None:
    window = server.window
    pointer = _point(server, 75, 45)
    pointer.button(BTN_LEFT, True)
    _point(server, 150, 100)
    _point(server, *to)
    pointer.button(BTN_LEFT, False)
    client.roundtrip()
    if rect is None:
        assert not (window.maximized or window.states & TILED)
        return
    framed.ack().show(*framed.proposal[:2])
    left, top, right, bottom = window.extents
    assert rect == (
        window.x - left,
        window.y - top,
        window.width + left + right,
        window.height + top + bottom,
    )
    assert server.desktop.outputs[0].rect_layout.contains(window.x, window.y)
    # Back where it was before it was dragged.
    window.set_maximized(False)
    window.set_tiled(frozenset())
    client.roundtrip()
    assert (60, 60, (100, 80)) == (window.x, window.y, framed.proposal[:2])


def test_a_window_of_fixed_size_is_left_where_it_is_let_go(
    server: Stage, framed: Toplevel, client: Client
) -> None:
    framed.toplevel.set_min_size(100, 80)
    framed.toplevel.set_max_size(100, 80)
    framed.surface.commit()
    client.roundtrip()
    pointer = _point(server, 75, 45)
    pointer.button(BTN_LEFT, True)
    _point(server, 0, 120)
    pointer.button(BTN_LEFT, False)
    client.roundtrip()
    assert not server.window.states & TILED
