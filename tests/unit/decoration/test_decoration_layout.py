"""Where the parts of a decoration are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compositor.geometry import Rect
from compositor.model.decoration import (
    BUTTONS,
    METRICS,
    Part,
    ShadowPiece,
    extents,
    layout,
    shadow_reach,
    shadow_rects,
)
from compositor.model.toplevel_state import ResizeEdge

SIZES = st.integers(1, 3000)


def test_a_floating_window_has_a_title_bar_above_and_borders_around() -> None:
    places = layout(300, 200)
    assert Rect(-1, -30, 302, 231) == places.frame
    assert Rect(-1, -30, 302, 30) == places.titlebar
    assert (1, 30, 1, 1) == extents(floating=True)
    assert (Rect(-1, 0, 1, 200), Rect(300, 0, 1, 200), Rect(-1, 200, 302, 1)) == places.borders


def test_a_maximized_window_has_a_title_bar_alone() -> None:
    places = layout(300, 200, floating=False)
    assert Rect(0, -30, 300, 230) == places.frame
    assert (0, 30, 0, 0) == extents(floating=False)
    assert () == places.borders
    assert Part.TITLE is places.part_at(0, -30)
    assert None is places.part_at(-1, 50)


@pytest.mark.parametrize(
    ("point", "part"),
    [
        ((150, -15), Part.TITLE),
        ((282, -15), Part.CLOSE),
        ((254, -15), Part.MAXIMIZE),
        ((226, -15), Part.MINIMIZE),
        ((150, -29), Part.TOP),
        ((150, -36), Part.TOP),
        ((-5, 100), Part.LEFT),
        ((304, 100), Part.RIGHT),
        ((150, 205), Part.BOTTOM),
        ((-5, -35), Part.TOP_LEFT),
        ((2, -30), Part.TOP_LEFT),
        ((304, -20), Part.TOP_RIGHT),
        ((-5, 195), Part.BOTTOM_LEFT),
        ((290, 206), Part.BOTTOM_RIGHT),
        ((150, 100), None),
        ((0, 0), None),
        ((299.9, 199.9), None),
        ((-10, 100), None),
        ((150, 210), None),
        ((150, -39), None),
    ],
)
def test_points_belong_to_parts(point: tuple[float, float], part: Part | None) -> None:
    assert part is layout(300, 200).part_at(*point)


def test_a_window_of_fixed_size_has_no_edges_and_no_button_to_maximize() -> None:
    places = layout(300, 200, resizable=False)
    assert None is places.part_at(-5, 100)
    assert [Part.CLOSE, Part.MINIMIZE] == list(places.buttons)
    assert Part.TITLE is places.part_at(150, -29)


def test_edges_have_the_values_of_the_protocol_and_a_cursor() -> None:
    # xdg_toplevel.resize_edge
    protocol = {"top": 1, "bottom": 2, "left": 4, "top-left": 5, "bottom-left": 6, "right": 8, "top-right": 9,
                "bottom-right": 10}  # fmt: skip
    assert protocol == {part.value: int(part.edges) for part in Part if part.edges}
    assert "nw-resize" == Part.TOP_LEFT.cursor
    assert "default" == Part.CLOSE.cursor
    assert ResizeEdge.NONE == Part.TITLE.edges
    assert list(BUTTONS) == [part for part in (Part.CLOSE, Part.MAXIMIZE, Part.MINIMIZE) if part.button]


@given(SIZES, SIZES, st.booleans(), st.booleans())
def test_no_part_covers_the_window_and_something_is_left_to_drag(
    width: int, height: int, floating: bool, resizable: bool
) -> None:
    places = layout(width, height, floating, resizable)
    window = Rect(0, 0, width, height)
    for rect in (places.titlebar, *places.buttons.values(), *places.borders):
        assert not rect.intersects(window)
        assert places.frame.contains_rect(rect)
    for x, y in ((0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1), (width // 2, height // 2)):
        assert None is places.part_at(x, y)
    row = [places.part_at(x, -10) for x in range(places.titlebar.x, places.titlebar.x2)]
    if width > 3 * METRICS.corner_reach:
        assert Part.TITLE in row
    # Every edge can be taken from outside, however small the window is.
    if floating and resizable:
        found = {
            places.part_at(x, y) for x in (-5, width // 2, width + 5) for y in (-34, height // 2, height + 5)
        }
        assert {Part.TOP_LEFT, Part.TOP_RIGHT, Part.BOTTOM_LEFT, Part.BOTTOM_RIGHT} <= found


@given(SIZES, SIZES)
def test_shadow_pieces_tile_a_ring_around_the_frame(width: int, height: int) -> None:
    frame = Rect(5, 7, width, height)
    reach = shadow_reach()
    pieces = shadow_rects(frame)
    rects = list(pieces.values())
    for index, rect in enumerate(rects):
        assert not any(rect.intersects(other) for other in rects[index + 1 :])
    outer = Rect(
        5 - reach.left, 7 - reach.top, width + reach.left + reach.right, height + reach.top + reach.bottom
    )
    assert all(outer.contains_rect(rect) for rect in rects)
    covered_frame = sum(rect.intersect(frame).area for rect in rects)
    assert outer.area - frame.area == sum(rect.area for rect in rects) - covered_frame
    assert {ShadowPiece.TOP_LEFT, ShadowPiece.BOTTOM_RIGHT} <= set(pieces)
