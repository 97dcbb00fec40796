"""zwp_text_input_manager_v1: an editor of old, and the input methods of today."""

from __future__ import annotations

import pytest
from support.client import Proxy
from support.people import Desk
from support.stage import Stage

from compositor.protocol.wl_seat.devices import MAX_PER_KIND


def text_input(desk: Desk) -> Proxy:
    made: Proxy = desk.client.get("zwp_text_input_manager_v1").create_text_input()
    desk.client.roundtrip()
    return made


def activate(desk: Desk, editor: Proxy) -> list[str]:
    editor.activate(desk.seat, desk.surface)
    editor.set_surrounding_text("fish", 4, 4)
    editor.set_content_type(2, 9)
    editor.set_cursor_rectangle(10, 20, 2, 12)
    editor.commit_state(7)
    desk.client.roundtrip()
    return editor.take()


@pytest.fixture
def method(server: Stage) -> Proxy:
    """An input method of another client."""
    client = server.connect()
    made: Proxy = client.get("zwp_input_method_manager_v2").get_input_method(client.get("wl_seat"))
    client.roundtrip()
    return made


def told(proxy: Proxy) -> list[str]:
    proxy.client.roundtrip()
    return proxy.take()


def test_it_enters_when_activated_and_the_input_method_hears_of_the_text(desk: Desk, method: Proxy) -> None:
    editor = text_input(desk)
    assert [] == editor.take(), "the keyboard alone is not enough"
    assert [f"enter({desk.surface!r})"] == activate(desk, editor)
    # Purpose 9 is a date, which is 10 in the newer protocols.
    assert [
        "activate()",
        "text_change_cause(0)",
        "done()",
        "surrounding_text(fish, 4, 4)",
        "text_change_cause(0)",
        "content_type(2, 10)",
        "done()",
    ] == told(method)


def test_what_is_composed_comes_with_the_serial_of_the_clients_own(desk: Desk, method: Proxy) -> None:
    editor = text_input(desk)
    activate(desk, editor)
    told(method)
    method.set_preedit_string("企鹅", 3, 6)
    method.commit(2)
    told(method)
    assert ["preedit_cursor(3)", "preedit_string(7, 企鹅, 企鹅)"] == told(editor)
    method.delete_surrounding_text(4, 0)
    method.commit_string("penguin")
    method.commit(2)
    told(method)
    assert [
        "delete_surrounding_text(-4, 4)",
        "commit_string(7, penguin)",
        "preedit_string(7, , )",
    ] == told(editor)


@pytest.mark.parametrize(("length", "kept"), [(2000, 2000), (2001, 0), (4000, 0)])
def test_the_longest_text_that_is_composed_arrives(desk: Desk, method: Proxy, length: int, kept: int) -> None:
    editor = text_input(desk)
    activate(desk, editor)
    told(method)
    method.set_preedit_string("x" * length, 0, 0)
    method.commit(2)
    told(method)
    assert f"preedit_string(7, {'x' * length}, {'x' * kept})" in told(editor)
    method.commit_string("y" * length)
    method.commit(2)
    told(method)
    assert f"commit_string(7, {'y' * length})" in told(editor)


def test_deactivated_it_leaves(desk: Desk, method: Proxy) -> None:
    editor = text_input(desk)
    activate(desk, editor)
    told(method)
    editor.deactivate(desk.seat)
    assert ["leave()"] == told(editor)
    assert ["deactivate()", "done()"] == told(method)
    editor.set_surrounding_text("squid", 0, 0)
    editor.commit_state(8)
    editor.deactivate(desk.seat)
    assert [] == told(editor)
    assert [] == told(method)
    assert [f"enter({desk.surface!r})"] == activate(desk, editor)


def test_it_leaves_with_the_keyboard_and_does_not_come_back_by_itself(desk: Desk, server: Stage) -> None:
    editor = text_input(desk)
    activate(desk, editor)
    other = Desk(server, server.connect())
    assert ["leave()"] == told(editor)
    other.toplevel.toplevel.destroy()
    other.client.roundtrip()
    desk.client.roundtrip()
    assert server.desktop.seat.keyboard.focused is not None
    assert [] == told(editor)


def test_requests_without_counterparts_do_nothing(desk: Desk) -> None:
    editor = text_input(desk)
    for _ in range(2):
        editor.show_input_panel()
        editor.hide_input_panel()
        editor.reset()
        editor.set_preferred_language("de")
        editor.invoke_action(1, 1)
        editor.set_surrounding_text("fish", 0, 99)
        editor.set_content_type(0, 0)
        editor.set_cursor_rectangle(-(2**31), 2**31 - 1, -1, -1)
        editor.commit_state(0xFFFF_FFFF)
        activate(desk, editor)
    assert [] == editor.take()


def test_there_are_limits(desk: Desk) -> None:
    for _ in range(MAX_PER_KIND):
        desk.client.get("zwp_text_input_manager_v1").create_text_input()
    desk.client.roundtrip()
    desk.client.get("zwp_text_input_manager_v1").create_text_input()
    assert "text inputs" in desk.client.expect_error("wl_display", "implementation")


def test_too_much_text_is_refused(desk: Desk) -> None:
    editor = text_input(desk)
    activate(desk, editor)
    # Longer than any client could send by itself.
    editor.set_surrounding_text("x" * 4001, 0, 0)
    desk.client.expect_error("wl_display", "implementation")
