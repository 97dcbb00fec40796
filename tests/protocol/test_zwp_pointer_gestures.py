"""zwp_pointer_gestures_v1."""

from __future__ import annotations

import pytest
from support.client import Proxy
from support.people import Desk, Person
from support.stage import Stage

from compositor.model.seat.gestures import GestureKind, Gestures


@pytest.fixture
def gestures(desk: Desk, person: Person, server: Stage) -> Gestures:
    """Those of the seat, with the pointer on the window of `desk`."""
    person.point(80, 60)
    return server.desktop.seat.gestures


def gesture(desk: Desk, kind: GestureKind) -> Proxy:
    manager = desk.client.get("zwp_pointer_gestures_v1")
    made: Proxy = getattr(manager, f"get_{kind.value}_gesture")(desk.pointer)
    desk.client.roundtrip()
    return made


def told(desk: Desk, made: Proxy) -> list[str]:
    """What came, without serials and times."""
    desk.client.roundtrip()
    skip = {"begin": 2, "update": 1, "end": 2}
    return [f"{name}{arguments[skip[name] :]}" for name, arguments in made.raw]


@pytest.mark.parametrize("kind", GestureKind)
@pytest.mark.parametrize("cancelled", [False, True])
def test_each_kind_begins_and_ends_on_the_surface_that_has_the_pointer(
    desk: Desk, gestures: Gestures, kind: GestureKind, cancelled: bool
) -> None:
    made = {other: gesture(desk, other) for other in GestureKind}
    gestures.begin(kind, 3)
    gestures.end(cancelled=cancelled)
    expected = [f"begin({desk.surface!r}, 3)", f"end({int(cancelled)},)"]
    assert {other: expected if other is kind else [] for other in GestureKind} == {
        other: told(desk, proxy) for other, proxy in made.items()
    }


def test_a_swipe_tells_distances(desk: Desk, gestures: Gestures) -> None:
    made = gesture(desk, GestureKind.SWIPE)
    gestures.begin(GestureKind.SWIPE, 4)
    gestures.swipe(1.5, -2)
    gestures.pinch(1, 1, 1, 1)
    assert [f"begin({desk.surface!r}, 4)", "update(1.5, -2.0)"] == told(desk, made)


def test_a_pinch_tells_scale_and_rotation(desk: Desk, gestures: Gestures) -> None:
    made = gesture(desk, GestureKind.PINCH)
    gestures.begin(GestureKind.PINCH, 2)
    gestures.pinch(0.5, 1, 2.25, -30)
    gestures.swipe(1, 1)
    assert [f"begin({desk.surface!r}, 2)", "update(0.5, 1.0, 2.25, -30.0)"] == told(desk, made)


def test_another_gesture_cancels_the_first(desk: Desk, gestures: Gestures) -> None:
    hold, swipe = gesture(desk, GestureKind.HOLD), gesture(desk, GestureKind.SWIPE)
    gestures.begin(GestureKind.HOLD, 3)
    gestures.begin(GestureKind.SWIPE, 3)
    assert "end(1,)" == told(desk, hold)[-1]
    assert [f"begin({desk.surface!r}, 3)"] == told(desk, swipe)


def test_who_comes_in_the_middle_hears_of_the_next_one(desk: Desk, gestures: Gestures) -> None:
    gestures.begin(GestureKind.SWIPE, 3)
    late = gesture(desk, GestureKind.SWIPE)
    gestures.swipe(1, 1)
    gestures.end()
    assert [] == told(desk, late)
    gestures.begin(GestureKind.SWIPE, 3)
    assert [f"begin({desk.surface!r}, 3)"] == told(desk, late)


def test_a_gesture_stays_with_the_surface_it_began_on(
    desk: Desk, gestures: Gestures, server: Stage, person: Person
) -> None:
    made = gesture(desk, GestureKind.SWIPE)
    other = Desk(server, server.connect(), x=200, y=150)
    theirs = gesture(other, GestureKind.SWIPE)
    gestures.begin(GestureKind.SWIPE, 3)
    person.point(210, 160)
    gestures.swipe(1, 1)
    gestures.end()
    assert [f"begin({desk.surface!r}, 3)", "update(1.0, 1.0)", "end(0,)"] == told(desk, made)
    assert [] == told(other, theirs)


def test_a_surface_that_goes_ends_it(desk: Desk, gestures: Gestures) -> None:
    made = gesture(desk, GestureKind.PINCH)
    gestures.begin(GestureKind.PINCH, 2)
    desk.toplevel.destroy()
    assert "end(1,)" == told(desk, made)[-1]
    gestures.pinch(1, 1, 1, 1)
    gestures.end()
    assert 2 == len(told(desk, made))


def test_distances_that_no_event_can_carry_are_cut_off(desk: Desk, gestures: Gestures) -> None:
    made = gesture(desk, GestureKind.PINCH)
    gestures.begin(GestureKind.PINCH, 2)
    gestures.pinch(1e12, -1e12, 1e12, 1e12)
    assert 8_388_607.0 == made.last("update")[1] if told(desk, made) else None


def test_objects_go_in_any_order(desk: Desk, gestures: Gestures) -> None:
    made = [gesture(desk, kind) for kind in GestureKind]
    gestures.begin(GestureKind.HOLD, 1)
    desk.client.get("zwp_pointer_gestures_v1").release()
    desk.pointer.release()
    for proxy in made:
        proxy.destroy()
    desk.client.roundtrip()
    gestures.end()
    desk.client.roundtrip()
