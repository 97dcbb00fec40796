"""zwp_text_input_manager_v1 with zwp_input_method_v1, and each of them with its successors."""

from __future__ import annotations

from typing import Any

import pytest
from support.client import Client, Proxy
from support.people import SHIFT, A, B, Desk, Person
from support.pixels import Buffer
from support.stage import Stage

BACKSPACE, BACKSPACE_SYM = 14, 0xFF08


class Editor:
    """A program with one text input."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.client = desk.client
        self.input: Proxy = desk.client.get("zwp_text_input_manager_v1").create_text_input()

    def activate(self) -> Editor:
        self.input.activate(self.desk.seat, self.desk.surface)
        self.client.roundtrip()
        return self

    def take(self) -> list[str]:
        self.client.roundtrip()
        return self.input.take()


class Composer:
    """A program that is an input method."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.client = stage.connect()
        self.method: Proxy = self.client.get("zwp_input_method_v1")
        self.client.roundtrip()

    @property
    def context(self) -> Any:
        """The newest."""
        self.client.roundtrip()
        return self.method.last("activate")[0]

    def take(self) -> list[str]:
        self.client.roundtrip()
        return self.method.take()


@pytest.fixture
def editor(desk: Desk) -> Editor:
    """A text input of `desk`, which has the keyboard; not activated."""
    return Editor(desk)


@pytest.fixture
def composer(server: Stage) -> Composer:
    """An input method."""
    return Composer(server)


# Activation


def test_it_is_entered_when_it_is_activated_and_left_when_no_more(desk: Desk, editor: Editor) -> None:
    assert [] == editor.take()
    editor.activate()
    assert [f"enter({desk.surface!r})"] == editor.take()
    editor.input.deactivate(desk.seat)
    assert ["leave()"] == editor.take()
    editor.input.deactivate(desk.seat)
    assert [] == editor.take()


def test_without_the_keyboard_it_waits_for_it(server: Stage, desk: Desk, editor: Editor) -> None:
    other = Desk(server, server.connect(), x=200, y=150)
    editor.activate()
    assert [] == editor.take()
    server.desktop.activate(desk.window)
    assert [f"enter({desk.surface!r})"] == editor.take()
    server.desktop.activate(other.window)
    assert ["leave()"] == editor.take()
    # What has lost its focus is to be activated anew.
    server.desktop.activate(desk.window)
    assert [] == editor.take()


def test_a_surface_that_goes_is_left(desk: Desk, editor: Editor) -> None:
    editor.activate()
    editor.take()
    desk.toplevel.destroy()
    assert ["leave()"] == editor.take()


# To the input method


def test_an_input_method_is_told_all_that_is_said(desk: Desk, editor: Editor, composer: Composer) -> None:
    editor.activate()
    context = composer.context
    assert [f"activate({context!r})"] == composer.take()
    context.take()
    editor.input.set_surrounding_text("fish", 4, 2)
    editor.input.set_content_type(4, 9)
    editor.client.roundtrip()
    composer.client.roundtrip()
    assert [] == context.take()
    editor.input.commit_state(77)
    editor.input.set_preferred_language("de")
    editor.input.invoke_action(1, 2)
    editor.input.reset()
    editor.client.roundtrip()
    composer.client.roundtrip()
    assert [
        "surrounding_text(fish, 4, 2)",
        "content_type(4, 9)",
        "commit_state(77)",
        "preferred_language(de)",
        "invoke_action(1, 2)",
        "reset()",
    ] == context.take()
    editor.input.deactivate(desk.seat)
    editor.client.roundtrip()
    assert [f"deactivate({context!r})"] == composer.take()


def test_an_input_method_that_comes_later_is_told_at_once(server: Stage, editor: Editor) -> None:
    editor.activate()
    editor.input.set_surrounding_text("fish", 4, 2)
    editor.input.commit_state(5)
    editor.client.roundtrip()
    composer = Composer(server)
    assert ["surrounding_text(fish, 4, 2)", "commit_state(5)"] == composer.context.events


def test_the_second_input_method_hears_of_nothing(server: Stage, editor: Editor, composer: Composer) -> None:
    second = Composer(server)
    editor.activate()
    assert [] == second.take()
    composer.client.close()
    server.clients.remove(composer.client)
    server.pump()
    third = Composer(server)
    assert 1 == len(third.take())


# Back to the text


def test_what_is_composed_comes_back(desk: Desk, editor: Editor, composer: Composer) -> None:
    editor.activate()
    editor.take()
    context = composer.context
    context.preedit_styling(0, 2, 5)
    context.preedit_cursor(2)
    context.preedit_string(9, "fi", "fi!")
    context.delete_surrounding_text(-3, 5)
    context.cursor_position(-1, -1)
    context.commit_string(10, "fish")
    context.language(10, "de")
    context.text_direction(10, 1)
    context.modifiers_map(b"Shift\0")
    context.keysym(10, 1, BACKSPACE_SYM, 1, 0)
    composer.client.roundtrip()
    events = editor.take()
    assert [
        "preedit_styling(0, 2, 5)",
        "preedit_cursor(2)",
        "preedit_string(9, fi, fi!)",
        "cursor_position(-1, -1)",
        "delete_surrounding_text(-3, 5)",
        "commit_string(10, fish)",
        "language(10, de)",
        "text_direction(10, 1)",
    ] == events[:8]
    assert [f"keysym(10, 1, {BACKSPACE_SYM}, 1, 0)"] == events[9:]


def test_a_context_that_is_over_does_nothing(desk: Desk, editor: Editor, composer: Composer) -> None:
    editor.activate()
    context = composer.context
    editor.input.deactivate(desk.seat)
    editor.activate()
    editor.take()
    context.commit_string(1, "late")
    context.preedit_string(1, "late", "late")
    context.keysym(1, 1, BACKSPACE_SYM, 1, 0)
    context.key(1, 1, A, 1)
    context.modifiers(1, 1, 0, 0, 0)
    context.language(1, "de")
    composer.client.roundtrip()
    assert [] == editor.take()
    context.destroy()
    composer.client.roundtrip()


def test_whoever_hoards_contexts_hears_of_no_more_text(
    server: Stage, desk: Desk, editor: Editor, composer: Composer
) -> None:
    from compositor.protocol.input_method_v1 import MAX_CONTEXTS

    for _ in range(MAX_CONTEXTS + 5):
        editor.activate()
    composer.client.roundtrip()
    assert MAX_CONTEXTS == composer.method.count("activate")
    assert [] == server.errors


# With the successors


def test_the_third_version_is_composed_for_as_well(desk: Desk, composer: Composer) -> None:
    text: Proxy = desk.client.get("zwp_text_input_manager_v3").get_text_input(desk.seat)
    desk.client.roundtrip()
    text.enable()
    text.set_surrounding_text("fish", 4, 4)
    text.set_content_type(0, 13)
    text.commit()
    desk.client.roundtrip()
    context = composer.context
    assert ["surrounding_text(fish, 4, 4)", "content_type(0, 12)", "commit_state(1)"] == context.events
    text.take(), desk.keyboard.take()
    context.preedit_string(1, "é", "")
    context.delete_surrounding_text(-1, 1)
    context.commit_string(1, "ß")
    context.language(1, "de")
    composer.client.roundtrip()
    desk.client.roundtrip()
    assert [
        "preedit_string(é, 2, 2)",
        "done(1)",
        "commit_string(ß)",
        "delete_surrounding_text(1, 0)",
        "done(1)",
    ] == text.take()
    context.keysym(1, 1, BACKSPACE_SYM, 1, 0)
    context.keysym(1, 2, BACKSPACE_SYM, 0, 0)
    composer.client.roundtrip()
    desk.client.roundtrip()
    assert [(BACKSPACE, 1), (BACKSPACE, 0)] == [
        values[2:] for name, values in desk.keyboard.raw if name == "key"
    ]


def test_the_second_version_composes_for_the_first(server: Stage, desk: Desk, editor: Editor) -> None:
    other = server.connect()
    method: Proxy = other.get("zwp_input_method_manager_v2").get_input_method(other.get("wl_seat"))
    other.roundtrip()
    editor.activate()
    editor.input.set_content_type(0, 9)
    editor.input.commit_state(3)
    editor.take()
    other.roundtrip()
    assert "content_type(0, 10)" in method.events
    method.set_preedit_string("fi", 1, 1)
    method.commit(method.count("done"))
    method.commit_string("fish")
    method.commit(method.count("done"))
    method.commit(method.count("done"))
    other.roundtrip()
    assert [
        "preedit_cursor(1)",
        "preedit_string(3, fi, )",
        "commit_string(3, fish)",
        "preedit_string(3, , )",
    ] == editor.take()


# Keys


def test_a_grab_gets_the_keys_and_hands_some_back(
    server: Stage, desk: Desk, editor: Editor, composer: Composer, person: Person
) -> None:
    editor.activate()
    context = composer.context
    grab = context.grab_keyboard()
    composer.client.roundtrip()
    assert {"keymap", "modifiers"} == {name for name, _ in grab.raw}
    grab.take(), desk.keyboard.take()
    person.tap(A)
    composer.client.roundtrip()
    assert [(A, 1), (A, 0)] == [values[2:] for name, values in grab.raw if name == "key"]
    desk.client.roundtrip()
    assert [] == desk.keyboard.take()
    context.key(1, 1, B, 1)
    context.key(2, 2, B, 0)
    context.modifiers(3, 1, 0, 0, 0)
    composer.client.roundtrip()
    desk.client.roundtrip()
    assert [(B, 1), (B, 0)] == [values[2:] for name, values in desk.keyboard.raw if name == "key"]
    assert 1 == desk.keyboard.last("modifiers")[1]
    context.modifiers(3, 0, 0, 0, 0)
    editor.input.deactivate(desk.seat)
    editor.client.roundtrip()
    composer.client.roundtrip()
    desk.keyboard.take()
    person.tap(SHIFT)
    desk.client.roundtrip()
    assert 2 == desk.keyboard.count("key")


# Panels


def panel(client: Client, color: int, width: int = 100, height: int = 30) -> tuple[Proxy, Proxy]:
    """Return a panel surface with content, and its surface."""
    surface: Proxy = client.get("wl_compositor").create_surface()
    made: Proxy = client.get("zwp_input_panel_v1").get_input_panel_surface(surface)
    surface.attach(Buffer(client, width, height, 0xFF000000 | color), 0, 0)
    return made, surface


def test_a_keyboard_is_shown_at_the_bottom_while_it_is_asked_for(
    server: Stage, desk: Desk, editor: Editor, composer: Composer
) -> None:
    made, surface = panel(composer.client, 0x00FF00)
    made.set_toplevel(composer.client.get("wl_output"), 0)
    surface.commit()
    composer.client.roundtrip()
    server.frame()
    at = (160, 225)
    assert 0x00FF00 != server.pixel(*at)
    editor.activate()
    editor.take()
    assert 0x00FF00 != server.pixel(*at)
    editor.input.show_input_panel()
    assert ["input_panel_state(1)"] == editor.take()
    server.frame()
    assert 0x00FF00 == server.pixel(*at)
    editor.input.hide_input_panel()
    assert ["input_panel_state(0)"] == editor.take()
    server.frame()
    assert 0x00FF00 != server.pixel(*at)


def test_an_overlay_is_shown_at_the_text_cursor(
    server: Stage, desk: Desk, editor: Editor, composer: Composer
) -> None:
    made, surface = panel(composer.client, 0x00FF00, 20, 10)
    made.set_overlay_panel()
    surface.commit()
    composer.client.roundtrip()
    editor.activate()
    editor.input.set_cursor_rectangle(10, 20, 2, 12)
    editor.input.commit_state(1)
    editor.take()
    server.frame()
    assert 0x00FF00 == server.pixel(desk.x + 12, desk.y + 34)
    surface.destroy()
    composer.client.roundtrip()
    server.frame()
    assert 0x00FF00 != server.pixel(desk.x + 12, desk.y + 34)


def test_a_panel_of_a_surface_with_another_role_is_an_error(server: Stage, desk: Desk) -> None:
    desk.client.get("zwp_input_panel_v1").get_input_panel_surface(desk.surface)
    assert "another role" in desk.client.expect_error("wl_display", "implementation")
