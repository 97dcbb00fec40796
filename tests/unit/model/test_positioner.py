"""Where a popup goes: the protocol's promises, for any numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compositor.geometry import Rect
from compositor.model.positioner import Adjust, Edge, Positioner

OUTPUT = Rect(0, 0, 320, 240)
coordinates = st.integers(-500, 500)
sizes = st.integers(1, 400)
ANY = st.integers(0, 63)


@st.composite
def positioners(draw: st.DrawFn, adjustment: st.SearchStrategy[int] = ANY) -> Positioner:
    return Positioner(
        width=draw(sizes),
        height=draw(sizes),
        anchor_rect=Rect(draw(coordinates), draw(coordinates), draw(sizes), draw(sizes)),
        anchor=draw(st.sampled_from(list(Edge))),
        gravity=draw(st.sampled_from(list(Edge))),
        adjustment=Adjust(draw(adjustment)),
        dx=draw(st.integers(-50, 50)),
        dy=draw(st.integers(-50, 50)),
    )


@given(positioners())
def test_what_fits_is_left_where_it_wants_to_be(rules: Positioner) -> None:
    wanted = rules.unconstrained()
    if OUTPUT.contains_rect(wanted):
        assert wanted == rules.place(OUTPUT)


@given(positioners(st.just(0)))
def test_what_may_not_be_adjusted_is_not(rules: Positioner) -> None:
    assert rules.unconstrained() == rules.place(OUTPUT)


@given(positioners(st.integers(0, 15)))
def test_the_size_changes_only_where_resizing_is_allowed(rules: Positioner) -> None:
    assert (rules.width, rules.height) == rules.place(OUTPUT)[2:]


@given(positioners(st.just(63)))
def test_what_may_be_adjusted_in_every_way_is_seen_whole(rules: Positioner) -> None:
    assert OUTPUT.contains_rect(rules.place(OUTPUT))


@given(positioners(st.just(int(Adjust.SLIDE_X | Adjust.SLIDE_Y))))
def test_sliding_brings_in_whatever_is_not_too_large(rules: Positioner) -> None:
    place = rules.place(OUTPUT)
    if rules.width <= OUTPUT.width:
        assert OUTPUT.x <= place.x
        assert place.x2 <= OUTPUT.x2
    if rules.height <= OUTPUT.height:
        assert OUTPUT.y <= place.y
        assert place.y2 <= OUTPUT.y2


@given(positioners(), coordinates, coordinates)
def test_the_place_moves_with_the_space_it_is_in(rules: Positioner, dx: int, dy: int) -> None:
    moved = rules.copy()
    assert rules.anchor_rect is not None
    moved.anchor_rect = rules.anchor_rect.translate(dx, dy)
    assert rules.place(OUTPUT).translate(dx, dy) == moved.place(OUTPUT.translate(dx, dy))


@given(positioners(st.just(int(Adjust.FLIP_X | Adjust.FLIP_Y))))
def test_flipping_happens_only_if_it_helps(rules: Positioner) -> None:
    wanted, place = rules.unconstrained(), rules.place(OUTPUT)
    if place.x != wanted.x:
        assert OUTPUT.x <= place.x
        assert place.x2 <= OUTPUT.x2
    if place.y != wanted.y:
        assert OUTPUT.y <= place.y
        assert place.y2 <= OUTPUT.y2
