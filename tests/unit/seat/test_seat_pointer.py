"""The pointer's focus, the implicit grab, and scrolling."""

from __future__ import annotations

from typing import Any

from compositor.model.scene import Item, Layer
from compositor.model.seat import Axis, AxisSource
from compositor.model.surface import Surface

LEFT, RIGHT = 0x110, 0x111
NOW = 1000


def test_moving_over_a_window_enters_it_in_a_frame_and_then_moves(desk: Any) -> None:
    window = desk.window(100, 100)
    desk.take()
    desk.pointer.move_to(110, 120)
    desk.pointer.frame()
    desk.pointer.move_to(111.5, 120)
    desk.pointer.frame()
    assert [
        ("pointer.enter", window.surface, 10.0, 20.0),
        ("pointer.frame",),
        ("pointer.motion", NOW, 11.5, 20.0),
        ("pointer.frame",),
    ] == desk.take()


def test_going_from_one_window_to_another_leaves_before_it_enters(desk: Any) -> None:
    a, b = desk.window(0, 0, client="a"), desk.window(300, 0, client="b")
    desk.pointer.move_to(10, 10)
    desk.pointer.frame()
    desk.take()
    desk.pointer.move_to(310, 10)
    told = desk.take()
    assert [
        ("pointer.leave", a.surface),
        ("pointer.enter", b.surface, 10.0, 10.0),
        ("pointer.frame",),
    ] == told


def test_the_pointer_stays_on_the_outputs(desk: Any) -> None:
    desk.pointer.move_to(5000, -3)
    assert desk.pointer.y == 0 and 999 < desk.pointer.x < 1000


def test_a_subsurface_has_the_pointer_in_its_own_space(desk: Any) -> None:
    window = desk.window(100, 100)
    child = desk.subsurface(window.surface, 50, 20, 30, 30)
    desk.take()
    desk.pointer.move_to(155, 125)
    assert ("pointer.enter", child, 5.0, 5.0) in desk.take()


def test_a_window_that_moves_away_under_the_pointer_loses_it_at_once(desk: Any) -> None:
    window = desk.window(100, 100)
    desk.pointer.move_to(110, 110)
    desk.pointer.frame()
    desk.take()
    window.move_to(400, 400)
    desk.settle()
    assert [("pointer.leave", window.surface)] == desk.take()


def test_a_window_that_moves_a_little_under_the_pointer_is_told_where_it_is(desk: Any) -> None:
    window = desk.window(100, 100)
    desk.pointer.move_to(110, 110)
    desk.pointer.frame()
    desk.take()
    window.move_to(95, 100)
    desk.settle()
    assert [("pointer.warp", NOW, 15.0, 10.0), ("pointer.frame",)] == desk.take()


def test_a_layout_that_changes_nothing_for_the_pointer_tells_nothing(desk: Any) -> None:
    desk.window(100, 100)
    desk.pointer.move_to(110, 110)
    desk.pointer.frame()
    desk.take()
    desk.scene.invalidate()
    desk.settle()
    assert [] == desk.take()


def test_while_a_button_is_down_the_focus_stays_and_hears_of_places_outside(desk: Any) -> None:
    a = desk.window(0, 0, client="a")
    desk.window(300, 0, client="b")
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    desk.take()
    desk.pointer.move_to(310, 10)
    assert [("pointer.motion", NOW, 310.0, 10.0)] == desk.take("pointer")
    assert desk.pointer.focus is a.surface


def test_the_focus_follows_once_the_last_button_is_up(desk: Any) -> None:
    a, b = desk.window(0, 0, client="a"), desk.window(300, 0, client="b")
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    desk.pointer.button(RIGHT, True)
    desk.pointer.move_to(310, 10)
    desk.pointer.button(LEFT, False)
    assert desk.pointer.focus is a.surface
    desk.take()
    desk.pointer.button(RIGHT, False)
    assert [
        ("pointer.button", NOW, RIGHT, False),
        ("pointer.frame",),
        ("pointer.leave", a.surface),
        ("pointer.enter", b.surface, 10.0, 10.0),
        ("pointer.frame",),
    ] == desk.take("pointer")


def test_a_surface_destroyed_under_the_button_ends_the_implicit_grab(desk: Any) -> None:
    below, above = desk.window(0, 0, client="b"), desk.window(0, 0, client="a")
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    above.surface.destroy()
    desk.settle()
    assert desk.pointer.focus is below.surface
    desk.take()
    desk.pointer.button(LEFT, False)
    assert [] == desk.take("pointer.button"), "nobody hears the release of a press that went elsewhere"


def test_a_surface_unmapped_under_the_button_gives_the_pointer_up(desk: Any) -> None:
    window = desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    desk.hide(window.surface)
    desk.settle()
    assert desk.pointer.focus is None


def test_a_button_pressed_twice_counts_once(desk: Any) -> None:
    desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    desk.take()
    desk.pointer.button(LEFT, True)
    desk.pointer.button(RIGHT, False)
    assert [] == desk.take()


def test_a_press_raises_and_focuses_the_window_before_it_is_told(desk: Any) -> None:
    a = desk.window(0, 0, client="a")
    desk.window(100, 0, client="b")
    desk.take()
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    names = [e[0] for e in desk.take()]
    assert names.index("keyboard.enter") < names.index("pointer.button")
    assert desk.desktop.focused is a


def test_far_coordinates_are_cut_to_what_the_wire_can_carry(desk: Any) -> None:
    window = desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    window.move_to(-(1 << 29), 0)
    desk.settle()
    assert 8_388_607.0 == desk.pointer.sx


def test_button_serials_prove_the_implicit_grab(desk: Any) -> None:
    desk.window(0, 0, client="a")
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    serial = desk.pointer.grab_serial
    assert desk.seat.began_grab("a", serial)
    assert desk.seat.sent("a", serial)
    assert not desk.seat.began_grab("b", serial)
    assert not desk.seat.sent("b", serial)
    assert not desk.seat.began_grab("a", serial - 1)
    desk.pointer.button(LEFT, False)
    assert not desk.seat.began_grab("a", serial)


def test_relative_motion_is_told_even_at_the_edge(desk: Any) -> None:
    told: list[tuple[float, ...]] = []
    desk.pointer.on_relative.append(lambda *a: told.append(a))
    desk.pointer.move_to(0, 0)
    told.clear()
    desk.pointer.move_by(-5, 2, unaccelerated=(-2.5, 1))
    assert [(NOW, -5, 2, -2.5, 1)] == told
    assert (0.0, 2.0) == (desk.pointer.x, desk.pointer.y)


class Confine:
    locks = False

    """Lets the pointer go nowhere left of x=50."""

    def apply(self, x: float, y: float) -> tuple[float, float] | None:
        return max(x, 50.0), y


class Lock:
    locks = True

    def apply(self, x: float, y: float) -> tuple[float, float] | None:
        return None


def test_a_constraint_bounds_or_stops_motion(desk: Any) -> None:
    desk.pointer.move_to(80, 10)
    desk.pointer.constraint = Confine()
    desk.pointer.move_by(-60, 0)
    assert 50.0 == desk.pointer.x
    desk.pointer.constraint = Lock()
    desk.pointer.move_by(30, 0)
    assert 50.0 == desk.pointer.x


# Scrolling


def _axes(desk: Any) -> list[tuple[Any, ...]]:
    told = [e for e in desk.events if e[0] == "pointer.axis"]
    desk.events.clear()
    return [
        (f.source, *((a.value, a.value120, a.notches, a.notch_value, a.stopped) for a in f.axes))
        for _, _, f in told
    ]


def test_scrolling_is_told_with_the_frame_both_axes_together(desk: Any) -> None:
    desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    desk.take()
    desk.pointer.axis(Axis.VERTICAL, 3.5, source=AxisSource.FINGER)
    desk.pointer.axis(Axis.HORIZONTAL, -1.0, source=AxisSource.FINGER)
    assert [] == _axes(desk)
    desk.pointer.frame()
    assert [(AxisSource.FINGER, (3.5, 0, 0, 3.5, False), (-1.0, 0, 0, -1.0, False))] == _axes(desk)


def test_a_wheel_notch_is_15_pixels_and_120_steps(desk: Any) -> None:
    desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    desk.pointer.axis(Axis.VERTICAL, value120=-120, source=AxisSource.WHEEL)
    desk.pointer.frame()
    assert [(AxisSource.WHEEL, (-15.0, -120, -1, -15.0, False), (0.0, 0, 0, 0.0, False))] == _axes(desk)


def test_parts_of_a_notch_add_up_for_clients_that_know_only_whole_ones(desk: Any) -> None:
    desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    for _ in range(5):
        desk.pointer.axis(Axis.VERTICAL, value120=40, source=AxisSource.WHEEL)
        desk.pointer.frame()
    notches = [(v[2], v[3]) for _, v, _ in _axes(desk)]
    assert [(0, 0.0), (0, 0.0), (1, 15.0), (0, 0.0), (0, 0.0)] == notches


def test_turning_the_wheel_back_forgets_the_part_of_a_notch(desk: Any) -> None:
    desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    for step in (60, -120):
        desk.pointer.axis(Axis.VERTICAL, value120=step, source=AxisSource.WHEEL)
        desk.pointer.frame()
    assert [0, -1] == [v[2] for _, v, _ in _axes(desk)]


def test_two_sources_go_into_two_frames(desk: Any) -> None:
    desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    desk.pointer.axis(Axis.VERTICAL, value120=120, source=AxisSource.WHEEL)
    desk.pointer.axis_stop(Axis.VERTICAL, source=AxisSource.FINGER)
    desk.pointer.frame()
    assert [AxisSource.WHEEL, AxisSource.FINGER] == [a[0] for a in _axes(desk)]


# Decorations


class Decorated(Item):
    """An item with a part at its top."""

    def part_at(self, x: float, y: float) -> Any:
        return "close" if y < 20 else None

    def arts(self) -> tuple[list[Any], list[Any]]:
        from compositor.geometry import Rect
        from compositor.model.scene import Art

        return [Art("title", 1, Rect(0, 0, 100, 20))], []


def test_a_press_on_a_decoration_goes_to_the_desktop_and_to_no_client(desk: Any) -> None:
    surface = Surface("a", desk.scene)
    item = Decorated(surface)
    item.y = 20
    surface.set_role("test", None)
    desk.show(surface, 100, 100)
    desk.scene.add(item, Layer.WINDOWS)
    desk.settle()
    desk.pointer.move_to(5, 5)
    assert (item, "close") == desk.pointer.hover
    desk.pointer.button(LEFT, True)
    assert [(item, "close", LEFT)] == desk.pressed_parts
    assert [] == desk.take("pointer.button")


def test_a_decoration_button_acts_when_it_is_let_go_where_it_was_pressed(desk: Any) -> None:
    surface = Surface("a", desk.scene)
    item = Decorated(surface)
    item.y = 20
    desk.show(surface, 100, 100)
    desk.scene.add(item, Layer.WINDOWS)
    desk.settle()
    acted: list[str] = []
    desk.desktop.press_part = lambda *_: desk.seat.press_part(lambda: acted.append("closed"))
    desk.pointer.move_to(5, 5)
    desk.pointer.button(LEFT, True)
    desk.pointer.move_to(5, 50)
    desk.pointer.button(LEFT, False)
    assert [] == acted
    desk.click(5, 5)
    assert ["closed"] == acted


def test_a_surface_destroyed_while_its_window_is_dragged_does_not_get_the_pointer_back(desk: Any) -> None:
    window = desk.window(0, 0)
    desk.pointer.move_to(10, 10)
    desk.pointer.button(LEFT, True)
    assert desk.seat.begin_move(window)
    window.surface.destroy()
    assert desk.pointer.focus is None
    assert desk.pointer.grab is desk.pointer.default_grab
