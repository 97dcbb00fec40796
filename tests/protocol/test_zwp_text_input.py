"""zwp_text_input_manager_v3 with zwp_input_method_manager_v2: an editor and who composes for it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from support.client import Client, Proxy
from support.composing import TEXT_INPUT, Composer, enable, text_input
from support.people import SHIFT, A, B, Desk, Person
from support.stage import Stage
from support.windows import Toplevel

# The keyboard's focus


def test_a_text_input_enters_with_the_keyboard_and_leaves_with_it(desk: Desk, server: Stage) -> None:
    made = text_input(desk)
    assert [f"enter({desk.surface!r})"] == made.take()
    other = Desk(server, server.connect(), x=200, y=150)
    desk.client.roundtrip()
    assert [f"leave({desk.surface!r})"] == made.take()
    theirs = text_input(other)
    assert [f"enter({other.surface!r})"] == theirs.events
    server.desktop.activate(desk.window)
    desk.client.roundtrip()
    assert [f"enter({desk.surface!r})"] == made.take()


def test_it_enters_after_the_keyboard(desk: Desk, server: Stage) -> None:
    text_input(desk)
    other = Desk(server, server.connect(), x=200, y=150)
    desk.client.roundtrip()
    desk.client.events.clear()
    server.desktop.activate(desk.window)
    desk.client.roundtrip()
    enters = [e.split("#")[0] for e in desk.client.events if ".enter(" in e]
    assert ["wl_keyboard", "zwp_text_input_v3"] == enters
    other.client.roundtrip()


def test_every_text_input_of_the_client_enters(desk: Desk) -> None:
    first, second = text_input(desk), text_input(desk)
    assert first.events == second.events == [f"enter({desk.surface!r})"]


def test_a_window_that_goes_is_left_once(desk: Desk) -> None:
    made = text_input(desk)
    made.take()
    desk.toplevel.destroy()
    desk.client.roundtrip()
    assert [f"leave({desk.surface!r})"] == made.events


# To the input method


def test_enabling_tells_the_input_method_all_that_was_said(
    desk: Desk, editor: Proxy, composer: Composer
) -> None:
    assert [] == composer.take()
    enable(desk, editor)
    told = ["activate()", "surrounding_text(fish, 4, 4)", "text_change_cause(0)", "content_type(2, 13)"]
    assert [*told, "done()"] == composer.take()


def test_what_was_not_said_is_not_told(desk: Desk, editor: Proxy, composer: Composer) -> None:
    editor.enable()
    editor.commit()
    desk.client.roundtrip()
    assert ["activate()", "text_change_cause(0)", "done()"] == composer.take()


def test_nothing_is_told_before_the_commit(desk: Desk, editor: Proxy, composer: Composer) -> None:
    editor.enable()
    editor.set_surrounding_text("fish", 4, 4)
    desk.client.roundtrip()
    assert [] == composer.take()


def test_a_change_is_told_with_its_cause(desk: Desk, editor: Proxy, composer: Composer) -> None:
    enable(desk, editor)
    composer.take()
    editor.set_surrounding_text("fishy", 5, 1)
    editor.set_text_change_cause(1)
    editor.commit()
    desk.client.roundtrip()
    told = ["surrounding_text(fishy, 5, 1)", "text_change_cause(1)", "content_type(2, 13)", "done()"]
    assert told == composer.take()
    editor.commit()
    desk.client.roundtrip()
    assert "text_change_cause(0)" in composer.take()


def test_enable_forgets_what_was_said_before_it(desk: Desk, editor: Proxy, composer: Composer) -> None:
    enable(desk, editor)
    composer.take()
    editor.set_surrounding_text("void", 1, 1)
    editor.enable()
    editor.commit()
    desk.client.roundtrip()
    assert ["activate()", "text_change_cause(0)", "done()"] == composer.take()


@pytest.mark.parametrize("how", ["disable", "destroy", "focus", "disconnect"])
def test_the_input_method_hears_of_the_end(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage, how: str
) -> None:
    enable(desk, editor)
    composer.take()
    if how == "disable":
        editor.disable()
        editor.commit()
        desk.client.roundtrip()
    elif how == "destroy":
        editor.destroy()
        desk.client.roundtrip()
    elif how == "focus":
        Desk(server, server.connect(), x=200, y=150)
    else:
        desk.client.close()
        server.pump()
    assert ["deactivate()", "done()"] == composer.take()


def test_without_the_keyboard_requests_count_but_do_nothing(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage
) -> None:
    Desk(server, server.connect(), x=200, y=150)
    enable(desk, editor)
    assert [] == composer.take()
    server.desktop.activate(desk.window)
    enable(desk, editor)
    composer.take()
    composer.method.commit_string("x")
    composer.commit(1)
    desk.client.roundtrip()
    assert "done(2)" == editor.events[-1]


def test_what_was_said_without_the_keyboard_is_void_with_it(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage
) -> None:
    Desk(server, server.connect(), x=200, y=150)
    editor.enable()
    editor.set_surrounding_text("fish", 4, 4)
    desk.client.roundtrip()
    server.desktop.activate(desk.window)
    editor.commit()
    desk.client.roundtrip()
    assert [] == composer.take()


def test_a_second_text_input_is_not_enabled_beside_the_first(
    desk: Desk, editor: Proxy, composer: Composer
) -> None:
    second = text_input(desk)
    enable(desk, editor)
    composer.take()
    enable(desk, second)
    assert [] == composer.take()
    second.disable()
    second.commit()
    desk.client.roundtrip()
    assert [] == composer.take()


def test_an_input_method_that_comes_late_hears_of_the_text(desk: Desk, editor: Proxy, server: Stage) -> None:
    enable(desk, editor)
    composer = Composer(server)
    assert "activate()" == composer.method.events[0]
    assert "surrounding_text(fish, 4, 4)" in composer.method.events


@pytest.mark.parametrize(("cursor", "anchor"), [(-1, -1), (99, -5), (2**31 - 1, 2**31 - 1)])
def test_positions_outside_the_text_are_brought_to_its_ends(
    desk: Desk, editor: Proxy, composer: Composer, cursor: int, anchor: int
) -> None:
    editor.enable()
    editor.set_surrounding_text("fïsh", cursor, anchor)
    editor.commit()
    desk.client.roundtrip()
    expected = [max(0, min(position, 5)) for position in (cursor, anchor)]
    composer.client.roundtrip()
    assert ("fïsh", *expected) == composer.method.last("surrounding_text")


@pytest.mark.parametrize(("said", "told"), [((2, 1), (3, 1)), ((5, 6), (6, 6)), ((1, 4), (1, 6))])
def test_positions_within_a_character_are_brought_to_its_end(
    desk: Desk, editor: Proxy, composer: Composer, said: tuple[int, int], told: tuple[int, int]
) -> None:
    editor.enable()
    editor.set_surrounding_text("fï€sh", *said)
    editor.commit()
    desk.client.roundtrip()
    composer.client.roundtrip()
    assert ("fï€sh", *told) == composer.method.last("surrounding_text")


# From the input method


def test_what_is_composed_comes_in_order_with_the_number_of_commits(
    desk: Desk, editor: Proxy, composer: Composer
) -> None:
    enable(desk, editor)
    composer.take()
    method = composer.method
    method.delete_surrounding_text(2, 3)
    method.commit_string("pen")
    method.set_preedit_string("guin", 1, 3)
    composer.client.roundtrip()
    assert [] == editor.events
    composer.commit(1)
    desk.client.roundtrip()
    told = ["preedit_string(guin, 1, 3)", "commit_string(pen)", "delete_surrounding_text(2, 3)", "done(1)"]
    assert told == editor.take()
    composer.commit(1)
    desk.client.roundtrip()
    assert ["done(1)"] == editor.events


@pytest.mark.parametrize(
    ("text", "begin", "end", "expected"),
    [
        ("äöü", 1, 3, (2, 4)),
        ("äöü", -1, -1, (-1, -1)),
        ("äöü", -7, 99, (0, 6)),
        ("", 5, 5, (0, 0)),
    ],
)
def test_a_cursor_within_a_character_or_outside_is_moved(
    desk: Desk,
    editor: Proxy,
    composer: Composer,
    text: str,
    begin: int,
    end: int,
    expected: tuple[int, int],
) -> None:
    enable(desk, editor)
    composer.take()
    composer.method.set_preedit_string(text, begin, end)
    composer.commit(1)
    desk.client.roundtrip()
    assert (text or None, *expected) == editor.last("preedit_string")


def test_what_was_composed_for_another_text_goes_nowhere(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage
) -> None:
    enable(desk, editor)
    composer.take()
    other = Desk(server, server.connect(), x=200, y=150)
    theirs = text_input(other)
    theirs.take()
    enable(other, theirs)
    composer.method.commit_string("secret")
    composer.commit(1)
    other.client.roundtrip()
    assert [] == theirs.events
    composer.method.commit_string("public")
    composer.commit(3)
    other.client.roundtrip()
    assert ["commit_string(public)", "done(1)"] == theirs.events


def test_without_an_active_text_requests_are_accepted_and_do_nothing(composer: Composer) -> None:
    composer.method.commit_string("x")
    composer.method.set_preedit_string("y", 0, 0)
    composer.method.delete_surrounding_text(1, 1)
    composer.commit(0)
    assert [] == composer.take()


@pytest.mark.parametrize("request_name", ["commit_string", "set_preedit_string"])
def test_more_text_than_a_message_holds_is_an_error(composer: Composer, request_name: str) -> None:
    more = () if request_name == "commit_string" else (0, 0)
    getattr(composer.method, request_name)("x" * 4001, *more)
    composer.client.expect_error("wl_display", "implementation")


def test_more_surrounding_text_than_a_message_holds_is_an_error(desk: Desk, editor: Proxy) -> None:
    editor.set_surrounding_text("x" * 4001, 0, 0)
    desk.client.expect_error("wl_display", "implementation")


def test_the_longest_text_passes(desk: Desk, editor: Proxy, composer: Composer) -> None:
    editor.enable()
    editor.set_surrounding_text("x" * 4000, 0, 0)
    editor.commit()
    desk.client.roundtrip()
    composer.method.commit_string("y" * 4000)
    composer.commit(1)
    desk.client.roundtrip()
    assert ("y" * 4000,) == editor.last("commit_string")


# One input method


def test_a_second_input_method_is_unavailable_and_inert(
    desk: Desk, editor: Proxy, composer: Composer, server: Stage
) -> None:
    second = Composer(server)
    assert ["unavailable()"] == second.take()
    enable(desk, editor)
    grab = second.method.grab_keyboard()
    popup_surface = second.client.get("wl_compositor").create_surface()
    popup = second.method.get_input_popup_surface(popup_surface)
    second.method.commit_string("x")
    second.commit(0)
    assert [] == second.take()
    assert [] == grab.events
    assert [] == editor.events
    popup.destroy()
    # What was asked of it was nothing: no role was given.
    Toplevel(second.client, popup_surface)
    second.method.get_input_popup_surface(popup_surface).destroy()
    grab.release()
    second.method.destroy()
    second.client.roundtrip()
    assert "activate()" == composer.take()[0]


def test_after_the_first_is_gone_another_may_come(composer: Composer, server: Stage) -> None:
    composer.method.destroy()
    composer.client.roundtrip()
    assert [] == Composer(server).take()


# The keyboard grab


def keys(proxy: Proxy) -> list[tuple[Any, ...]]:
    return [arguments[2:] for name, arguments in proxy.raw if name == "key"]


def test_a_grab_gets_keymap_repetition_modifiers_and_then_every_key(
    desk: Desk, composer: Composer, person: Person, server: Stage
) -> None:
    desk.keyboard.take()
    grab = composer.method.grab_keyboard()
    composer.client.roundtrip()
    assert ["repeat_info", "keymap", "modifiers"] == [name for name, _ in grab.raw]
    _format, file, size = grab.last("keymap")
    assert server.desktop.seat.keyboard.keymap.text + b"\0" == os.pread(file.fd, size, 0)
    person.key(SHIFT, True)
    person.tap(A)
    person.key(SHIFT, False)
    assert [(SHIFT, 1), (A, 1), (A, 0), (SHIFT, 0)] == keys(grab)
    assert [(1, 0, 0, 0), (0, 0, 0, 0)] == [a[1:] for n, a in grab.raw if n == "modifiers"][1:]
    desk.client.roundtrip()
    assert [] == desk.keyboard.events


def test_what_the_input_method_plays_itself_goes_to_the_client(
    desk: Desk, composer: Composer, person: Person, server: Stage
) -> None:
    desk.keyboard.take()
    grab = composer.method.grab_keyboard()
    composer.client.roundtrip()
    _format, file, size = grab.last("keymap")
    hands = composer.client.get("zwp_virtual_keyboard_manager_v1").create_virtual_keyboard(composer.seat)
    hands.keymap(1, file.fd, size)
    person.key(SHIFT, True)
    hands.modifiers(1, 0, 0, 0)
    hands.key(0, B, 1)
    hands.key(0, B, 0)
    hands.modifiers(0, 0, 0, 0)
    composer.client.roundtrip()
    person.key(SHIFT, False)
    desk.client.roundtrip()
    shown = [(n, a[1:] if n == "modifiers" else a[2:]) for n, a in desk.keyboard.raw]
    expected = [("modifiers", (1, 0, 0, 0)), ("key", (B, 1)), ("key", (B, 0)), ("modifiers", (0, 0, 0, 0))]
    assert expected == shown
    assert [(SHIFT, 1), (SHIFT, 0)] == keys(grab)


def test_a_key_that_the_client_saw_pressed_is_released_there(
    desk: Desk, composer: Composer, person: Person
) -> None:
    person.key(A, True)
    grab = composer.method.grab_keyboard()
    composer.client.roundtrip()
    person.key(A, False)
    person.key(B, True)
    grab.release()
    composer.client.roundtrip()
    person.key(B, False)
    assert [(A, 1), (A, 0)] == keys(desk.keyboard)
    assert [(B, 1)] == keys(grab)


def test_modifiers_that_changed_during_the_grab_are_told_after_it(
    desk: Desk, composer: Composer, person: Person
) -> None:
    grab = composer.method.grab_keyboard()
    composer.client.roundtrip()
    person.key(SHIFT, True)
    desk.keyboard.take()
    grab.release()
    composer.client.roundtrip()
    desk.client.roundtrip()
    assert (1, 0, 0, 0) == desk.keyboard.last("modifiers")[1:]


def test_a_grab_hears_of_other_repetition(composer: Composer, server: Stage) -> None:
    grab = composer.method.grab_keyboard()
    composer.client.roundtrip()
    server.desktop.seat.keyboard.set_repeat(7, 300)
    composer.client.roundtrip()
    assert (7, 300) == grab.last("repeat_info")


def test_a_second_grab_gets_nothing_and_takes_nothing(composer: Composer, person: Person) -> None:
    first, second = composer.method.grab_keyboard(), composer.method.grab_keyboard()
    composer.client.roundtrip()
    assert [] == second.events
    second.release()
    person.tap(A)
    assert [(A, 1), (A, 0)] == keys(first)


@pytest.mark.parametrize("end", ["release", "method", "disconnect"])
def test_the_keys_are_the_clients_again_when_it_goes(
    desk: Desk, composer: Composer, person: Person, server: Stage, end: str
) -> None:
    grab = composer.method.grab_keyboard()
    composer.client.roundtrip()
    if end == "release":
        grab.release()
    elif end == "method":
        composer.method.destroy()
        grab.release()
    else:
        composer.client.close()
        server.pump()
    person.tap(A)
    assert [(A, 1), (A, 0)] == keys(desk.keyboard)


def test_a_manager_may_go_first(client: Client) -> None:
    manager = client.get(TEXT_INPUT)
    made = manager.get_text_input(client.get("wl_seat"))
    manager.destroy()
    client.get("wl_seat").release()
    made.enable()
    made.commit()
    made.destroy()
    client.roundtrip()
