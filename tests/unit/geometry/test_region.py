"""Region against a brute-force set of pixels."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from compositor.geometry import Rect, Region, Transform

Pixels = set[tuple[int, int]]

small = st.integers(-4, 8)
rects = st.builds(Rect, small, small, st.integers(-1, 7), st.integers(-1, 7))
regions = st.lists(rects, max_size=7).map(Region.from_rects)
operands = st.one_of(rects, regions)


def pixels(area: Region | Rect) -> Pixels:
    parts = [area] if isinstance(area, Rect) else area.rects
    return {(x, y) for r in parts for x in range(r.x, r.x2) for y in range(r.y, r.y2)}


def check_form(region: Region) -> None:
    """The invariants of the unique form."""
    assert len(pixels(region)) == region.area, "rectangles overlap"
    bands: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for rect in region.rects:
        assert not rect.empty
        bands.setdefault((rect.y, rect.y2), []).append((rect.x, rect.x2))
    for spans in bands.values():
        assert all(left[1] < right[0] for left, right in pairwise(spans)), "spans touch or are unsorted"
    for upper, lower in pairwise(bands):
        assert upper[1] <= lower[0], "bands overlap or are unsorted"
        assert upper[1] < lower[0] or bands[upper] != bands[lower], "bands could be one"
    bound = Rect(0, 0, 0, 0)
    for rect in region.rects:
        bound = bound.union(rect)
    assert bound == region.bounds


@settings(max_examples=300)
@given(st.lists(rects, max_size=12))
def test_a_region_of_rectangles_has_the_pixels_of_all(parts: list[Rect]) -> None:
    region = Region.from_rects(parts)
    expected: Pixels = set().union(*map(pixels, parts)) if parts else set()
    assert expected == pixels(region)
    check_form(region)


@given(rects)
def test_a_region_of_one_rectangle_has_its_pixels(rect: Rect) -> None:
    assert pixels(rect) == pixels(Region.from_rect(rect))
    check_form(Region.from_rect(rect))


@given(regions, operands)
def test_union_is_the_union_of_the_pixel_sets(a: Region, b: Region | Rect) -> None:
    assert pixels(a) | pixels(b) == pixels(a.union(b))
    check_form(a.union(b))


@given(regions, operands)
def test_intersect_is_the_intersection_of_the_pixel_sets(a: Region, b: Region | Rect) -> None:
    assert pixels(a) & pixels(b) == pixels(a.intersect(b))
    check_form(a.intersect(b))
    assert bool(pixels(a) & pixels(b)) == a.intersects(b)


@given(regions, operands)
def test_subtract_is_the_difference_of_the_pixel_sets(a: Region, b: Region | Rect) -> None:
    assert pixels(a) - pixels(b) == pixels(a.subtract(b))
    check_form(a.subtract(b))


@given(regions, regions)
def test_regions_are_equal_exactly_when_their_pixels_are(a: Region, b: Region) -> None:
    assert (pixels(a) == pixels(b)) == (a == b)
    rebuilt = a.subtract(b).union(a.intersect(b))
    assert a == rebuilt
    assert hash(a) == hash(rebuilt)


@given(regions, rects)
def test_containing_a_rectangle_means_having_all_its_pixels(region: Region, rect: Rect) -> None:
    assert (pixels(rect) <= pixels(region)) == region.contains_rect(rect)


@given(regions, small, small)
def test_containing_a_point_means_having_its_pixel(region: Region, x: int, y: int) -> None:
    assert ((x, y) in pixels(region)) == region.contains(x, y)


@given(regions, small, small)
def test_translate_moves_every_pixel(region: Region, dx: int, dy: int) -> None:
    assert {(x + dx, y + dy) for x, y in pixels(region)} == pixels(region.translate(dx, dy))
    check_form(region.translate(dx, dy))


@given(regions)
def test_truth_and_empty_say_whether_there_are_pixels(region: Region) -> None:
    assert bool(pixels(region)) == bool(region)
    assert (not pixels(region)) == region.empty


@given(regions, st.integers(1, 3), st.integers(1, 3))
def test_scaling_by_whole_factors_makes_every_pixel_a_block(region: Region, fx: int, fy: int) -> None:
    blocks = {(x * fx + i, y * fy + j) for x, y in pixels(region) for i in range(fx) for j in range(fy)}
    assert blocks == pixels(region.scale(fx, fy))
    assert blocks == pixels(region.scale(fx, fy, inward=True))


def test_scaling_rounds_damage_outward_and_opaque_areas_inward() -> None:
    region = Region.from_rect(Rect(1, 1, 3, 3))
    assert (Rect(1, 1, 5, 5),) == region.scale(1.5, 1.5).rects
    assert (Rect(2, 2, 4, 4),) == region.scale(1.5, 1.5, inward=True).rects
    assert () == Region.from_rect(Rect(1, 1, 1, 1)).scale(0.5, 0.5, inward=True).rects


@given(regions, st.sampled_from(Transform))
def test_transform_maps_every_pixel(region: Region, transform: Transform) -> None:
    expected: Pixels = set()
    for x, y in pixels(region):
        mapped = transform.rect(Rect(x, y, 1, 1), 9, 5)
        expected.add((mapped.x, mapped.y))
    assert expected == pixels(region.transform(transform, 9, 5))
    check_form(region.transform(transform, 9, 5))


def test_short_cuts_return_the_operand_itself() -> None:
    region = Region.from_rect(Rect(0, 0, 10, 10))
    assert region.intersect(Rect(-5, -5, 50, 50)) is region
    assert region.union(Rect(2, 2, 3, 3)) is region
    assert region.subtract(Rect(20, 20, 5, 5)) is region
