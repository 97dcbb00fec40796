"""Where new windows go."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from compositor.geometry import Rect
from compositor.model.placement import place_window

AREA = Rect(0, 0, 1000, 800)


def window(x: int = 0, y: int = 0, width: int = 200, height: int = 150, parent: Any = None) -> Any:
    """Return as much of a window as placement looks at."""
    return SimpleNamespace(
        width=width,
        height=height,
        rect_layout=Rect(x, y, width, height),
        x=x,
        y=y,
        extents=(0, 0, 0, 0),
        parent=parent,
        mapped=True,
    )


def test_the_first_window_stands_in_the_middle() -> None:
    assert (400, 325) == place_window(window(), AREA, [])


def test_a_dialog_stands_in_the_middle_of_its_parent() -> None:
    parent = window(100, 100, 400, 300)
    assert (200, 175) == place_window(window(parent=parent), AREA, [parent])


def test_a_window_covers_no_other_while_there_is_room() -> None:
    others: list[Any] = []
    for _ in range(12):
        x, y = place_window(window(), AREA, others)
        rect = Rect(x, y, 200, 150)
        assert not any(rect.intersects(other.rect_layout) for other in others)
        others.append(window(x, y))


def test_windows_that_fill_the_screen_cascade() -> None:
    others: list[Any] = []
    for _ in range(4):
        others.append(window(*place_window(window(width=900, height=700), AREA, others), 900, 700))
    assert 4 == len({(other.x, other.y) for other in others})


def test_the_title_bar_is_part_of_the_window() -> None:
    new = window(width=1000, height=800)
    new.extents = (0, 30, 0, 0)
    assert (0, 30) == place_window(new, AREA, [])


@given(
    st.lists(st.tuples(*[st.integers(-500, 1500)] * 2, *[st.integers(1, 1200)] * 2), max_size=6),
    st.integers(1, 3000),
    st.integers(1, 3000),
)
def test_the_top_left_corner_is_always_on_the_screen(
    rects: list[tuple[int, int, int, int]], width: int, height: int
) -> None:
    others = [window(*rect) for rect in rects]
    x, y = place_window(window(width=width, height=height), AREA, others)
    assert AREA.contains(x, y)
    if width <= AREA.width:
        assert x + width <= AREA.x2
    if height <= AREA.height:
        assert y + height <= AREA.y2
