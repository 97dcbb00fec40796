"""zwp_input_popup_surface_v2: what an input method shows beside the text."""

from __future__ import annotations

import pytest
from support.client import Proxy
from support.composing import Composer, enable
from support.people import Desk, Person
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel


def popup(composer: Composer, width: int = 60, height: int = 30) -> tuple[Proxy, Proxy]:
    surface = composer.client.get("wl_compositor").create_surface()
    made = composer.method.get_input_popup_surface(surface)
    surface.attach(Buffer(composer.client, width, height, 0xFF00FF00), 0, 0)
    surface.commit()
    composer.client.roundtrip()
    return surface, made


def place(server: Stage) -> tuple[int, int] | None:
    """Where the popup's view is, layout pixels."""
    server.settle()
    server.scene.settle()
    server.settle()
    views = [v for v in server.scene.views if v.surface is not None and v.surface.role_name == "input_popup"]
    return (views[0].x, views[0].y) if views else None


def test_a_popup_stands_below_the_cursor_while_text_is_edited(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage
) -> None:
    _, made = popup(composer)
    assert place(server) is None
    enable(desk, editor)
    assert (50 + 10, 40 + 20 + 12) == place(server)
    assert ["text_input_rectangle(0, -12, 2, 12)"] == made.events
    assert 0x00FF00 == server.pixel(50 + 11, 40 + 33)
    editor.disable()
    editor.commit()
    assert place(server) is None


def test_it_stands_above_where_there_is_no_room_below_and_within_the_output(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage
) -> None:
    desk.window.move_to(240, 160)
    _, made = popup(composer)
    enable(desk, editor, (70, 60, 2, 12))
    assert (320 - 60, 160 + 60 - 30) == place(server)
    assert ["text_input_rectangle(50, 30, 2, 12)"] == made.events


def test_it_follows_cursor_and_window(desk: Desk, editor: Proxy, composer: Composer, server: Stage) -> None:
    _, made = popup(composer)
    enable(desk, editor)
    place(server)
    editor.set_cursor_rectangle(30, 20, 2, 12)
    editor.commit()
    assert (80, 72) == place(server)
    desk.window.move_to(10, 10)
    assert (40, 42) == place(server)
    assert ["text_input_rectangle(0, -12, 2, 12)"] == made.events, "nothing has changed for the popup"


def test_without_a_rectangle_it_stands_below_the_surface(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage
) -> None:
    popup(composer)
    enable(desk, editor, None)
    assert (50, 120) == place(server)


def test_a_click_on_it_is_its_own_and_leaves_the_keyboard_alone(
    desk: Desk, editor: Proxy, composer: Composer, person: Person
) -> None:
    surface, _ = popup(composer)
    pointer = composer.seat.get_pointer()
    enable(desk, editor)
    person.point(65, 75)
    person.click()
    composer.client.roundtrip()
    assert surface is pointer.last("enter")[1]
    assert 2 == pointer.count("button")
    assert [] == [event for event in editor.events if event.startswith("leave")]


def test_a_surface_with_another_role_is_an_error(composer: Composer) -> None:
    window = Toplevel(composer.client)
    composer.method.get_input_popup_surface(window.surface)
    composer.client.expect_error("zwp_input_method_v2", "role")


@pytest.mark.parametrize("order", ["popup", "method", "disconnect"])
def test_a_popup_is_gone_whatever_goes_first(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage, order: str
) -> None:
    surface, made = popup(composer)
    enable(desk, editor)
    assert place(server) is not None
    gone = {"popup": made.destroy, "method": composer.method.destroy}
    if order == "disconnect":
        composer.client.close()
        server.pump()
    else:
        gone.pop(order)()
        composer.client.roundtrip()
        assert place(server) is None
        for destroy in gone.values():
            destroy()
        surface.destroy()
        composer.client.roundtrip()
    assert place(server) is None
    assert [] == server.desktop.seat.text.popups


def test_its_surface_may_not_go_before_a_popup(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage
) -> None:
    surface, _ = popup(composer)
    enable(desk, editor)
    surface.destroy()
    composer.client.expect_error("wl_surface", "defunct_role_object")
    assert place(server) is None


def test_a_surface_can_be_a_popup_again(desk: Desk, editor: Proxy, composer: Composer, server: Stage) -> None:
    surface, made = popup(composer)
    enable(desk, editor)
    made.destroy()
    again = composer.method.get_input_popup_surface(surface)
    composer.client.roundtrip()
    assert place(server) is not None
    assert [] != again.events
