"""Transform against a table written from the protocol's words, and against turning a real picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compositor.geometry import Rect, Transform

W, H = 7, 4  # of the untransformed area
every = pytest.mark.parametrize("transform", list(Transform))


@st.composite
def inner_rects(draw: st.DrawFn) -> Rect:
    x, y = draw(st.integers(0, W - 1)), draw(st.integers(0, H - 1))
    return Rect(x, y, draw(st.integers(1, W - x)), draw(st.integers(1, H - y)))


def turned(picture: np.ndarray, transform: Transform) -> np.ndarray:
    """The picture as a viewer sees it: turned clockwise by quarter turns, then mirrored left to right."""
    result = np.rot90(picture, -(int(transform) & 3))
    return result[:, ::-1] if transform & 4 else result


@every
@given(rect=inner_rects())
def test_a_rectangle_lands_where_turning_the_picture_puts_it(transform: Transform, rect: Rect) -> None:
    picture = np.zeros((H, W), bool)
    picture[rect.y : rect.y2, rect.x : rect.x2] = True
    mapped = transform.rect(rect, W, H)
    width, height = transform.size(W, H)
    expected = np.zeros((height, width), bool)
    expected[mapped.y : mapped.y2, mapped.x : mapped.x2] = True
    assert np.array_equal(turned(picture, transform), expected)


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        (Transform.NORMAL, Rect(1, 2, 3, 1)),
        (Transform.ROTATE_90, Rect(1, 1, 1, 3)),
        (Transform.ROTATE_180, Rect(3, 1, 3, 1)),
        (Transform.ROTATE_270, Rect(2, 3, 1, 3)),
        (Transform.FLIPPED, Rect(3, 2, 3, 1)),
        (Transform.FLIPPED_90, Rect(2, 1, 1, 3)),
        (Transform.FLIPPED_180, Rect(1, 1, 3, 1)),
        (Transform.FLIPPED_270, Rect(1, 3, 1, 3)),
    ],
)
def test_the_mapping_is_the_one_of_wlr_box_transform(transform: Transform, expected: Rect) -> None:
    assert expected == transform.rect(Rect(1, 2, 3, 1), W, H)


def test_the_numbers_are_those_on_the_wire() -> None:
    assert list(range(8)) == [int(transform) for transform in Transform]


@every
@given(rect=inner_rects())
def test_the_inverse_brings_a_rectangle_back(transform: Transform, rect: Rect) -> None:
    mapped = transform.rect(rect, W, H)
    assert rect == transform.invert().rect(mapped, *transform.size(W, H))


@every
@pytest.mark.parametrize("second", list(Transform))
@given(rect=inner_rects())
def test_composing_is_applying_one_after_the_other(
    transform: Transform, second: Transform, rect: Rect
) -> None:
    stepwise = second.rect(transform.rect(rect, W, H), *transform.size(W, H))
    assert stepwise == transform.compose(second).rect(rect, W, H)


@every
def test_composing_with_the_inverse_gives_normal(transform: Transform) -> None:
    assert Transform.NORMAL == transform.compose(transform.invert())
    assert Transform.NORMAL == transform.invert().compose(transform)


@every
@given(rect=inner_rects())
def test_a_point_moves_with_its_pixel(transform: Transform, rect: Rect) -> None:
    mapped = transform.rect(rect, W, H)
    corners = {transform.point(x, y, W, H) for x in (rect.x, rect.x2) for y in (rect.y, rect.y2)}
    assert {(x, y) for x in (mapped.x, mapped.x2) for y in (mapped.y, mapped.y2)} == corners
    x, y = transform.point(rect.x + 0.25, rect.y + 0.25, W, H)
    assert mapped.contains(x, y)


@every
def test_odd_transforms_swap_the_axes(transform: Transform) -> None:
    assert bool(int(transform) % 2) == transform.swaps_axes
    assert ((H, W) if transform.swaps_axes else (W, H)) == transform.size(W, H)
