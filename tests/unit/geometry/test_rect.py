"""Rect against the set of pixels it stands for."""

from hypothesis import given
from hypothesis import strategies as st

from compositor.geometry import EMPTY_RECT, Rect

small = st.integers(-4, 6)
rects = st.builds(Rect, small, small, st.integers(-2, 6), st.integers(-2, 6))


def pixels(rect: Rect) -> set[tuple[int, int]]:
    return {(x, y) for x in range(rect.x, rect.x2) for y in range(rect.y, rect.y2)}


@given(rects, rects)
def test_the_intersection_holds_the_pixels_of_both(a: Rect, b: Rect) -> None:
    assert pixels(a) & pixels(b) == pixels(a.intersect(b))
    assert bool(pixels(a) & pixels(b)) == a.intersects(b)


@given(rects, rects)
def test_an_empty_intersection_is_the_one_empty_rectangle(a: Rect, b: Rect) -> None:
    if not pixels(a) & pixels(b):
        assert EMPTY_RECT == a.intersect(b)


@given(rects, rects)
def test_the_union_is_the_bound_of_both(a: Rect, b: Rect) -> None:
    both = pixels(a) | pixels(b)
    union = a.union(b)
    assert not union.empty if both else union == EMPTY_RECT
    if both:
        assert min(x for x, _ in both) == union.x
        assert max(x for x, _ in both) + 1 == union.x2
        assert min(y for _, y in both) == union.y
        assert max(y for _, y in both) + 1 == union.y2


@given(rects, rects)
def test_a_rectangle_contains_another_when_it_has_all_its_pixels(a: Rect, b: Rect) -> None:
    assert (pixels(b) <= pixels(a)) == a.contains_rect(b)


@given(rects, small, small)
def test_containing_a_point_means_owning_its_pixel(rect: Rect, x: int, y: int) -> None:
    assert ((x, y) in pixels(rect)) == rect.contains(x, y)
    assert ((x, y) in pixels(rect)) == rect.contains(x + 0.99, y + 0.99)


@given(rects)
def test_area_counts_pixels_and_empty_means_none(rect: Rect) -> None:
    assert len(pixels(rect)) == rect.area
    assert (not pixels(rect)) == rect.empty


@given(rects, small, small)
def test_translate_moves_every_pixel(rect: Rect, dx: int, dy: int) -> None:
    assert {(x + dx, y + dy) for x, y in pixels(rect)} == pixels(rect.translate(dx, dy))
