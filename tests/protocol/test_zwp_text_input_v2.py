"""zwp_text_input_manager_v2 with input methods of both versions."""

from __future__ import annotations

from typing import Any

import pytest
from support.client import Client, Proxy
from support.people import Desk
from support.stage import Stage

CHANGE, FULL, RESET, ENTER = range(4)


@pytest.fixture
def editor(desk: Desk) -> Proxy:
    """A text input of `desk`, which has the keyboard; enabled nowhere."""
    made: Proxy = desk.client.get("zwp_text_input_manager_v2").get_text_input(desk.seat)
    desk.client.roundtrip()
    return made


def enable(desk: Desk, editor: Proxy) -> None:
    """Edit text in the window of `desk`, as Qt says it."""
    editor.enable(desk.surface)
    editor.set_surrounding_text("fish", 4, 2)
    editor.set_content_type(2, 9)
    editor.set_cursor_rectangle(10, 20, 2, 12)
    editor.update_state(editor.last("enter")[0], ENTER)
    desk.client.roundtrip()


class Composer:
    """An input method of version 2."""

    def __init__(self, stage: Stage) -> None:
        self.client = stage.connect()
        seat = self.client.get("wl_seat")
        self.method: Proxy = self.client.get("zwp_input_method_manager_v2").get_input_method(seat)
        self.client.roundtrip()

    def take(self) -> list[str]:
        self.client.roundtrip()
        return self.method.take()


class OldComposer:
    """An input method of version 1."""

    def __init__(self, stage: Stage) -> None:
        self.client = stage.connect()
        self.method: Proxy = self.client.get("zwp_input_method_v1")
        self.client.roundtrip()

    @property
    def context(self) -> Any:
        """The newest."""
        self.client.roundtrip()
        return self.method.last("activate")[0]


@pytest.fixture
def composer(server: Stage) -> Composer:
    return Composer(server)


@pytest.fixture
def old_composer(server: Stage) -> OldComposer:
    return OldComposer(server)


def test_it_follows_the_keyboard_whether_or_not_text_is_edited(
    server: Stage, desk: Desk, editor: Proxy
) -> None:
    [(name, (serial, surface))] = editor.raw
    assert ("enter", desk.surface) == (name, surface)
    other = Desk(server, server.connect(), x=200, y=150)
    desk.client.roundtrip()
    assert desk.surface is editor.last("leave")[1]
    server.desktop.activate(desk.window)
    desk.client.roundtrip()
    assert serial < editor.last("enter")[0]
    other.client.roundtrip()


def test_an_input_method_is_told_all_that_is_said(desk: Desk, editor: Proxy, composer: Composer) -> None:
    enable(desk, editor)
    told = composer.take()
    assert "activate()" == told[0]
    assert "surrounding_text(fish, 4, 2)" in told
    # Version 3 has a number more, before what follows the password.
    assert "content_type(2, 10)" in told
    editor.set_surrounding_text("fishes", 6, 6)
    editor.update_state(editor.last("enter")[0], CHANGE)
    desk.client.roundtrip()
    assert ["surrounding_text(fishes, 6, 6)", "text_change_cause(0)"] == composer.take()[:2]
    editor.disable(desk.surface)
    desk.client.roundtrip()
    assert ["deactivate()", "done()"] == composer.take()


def test_enabled_once_it_is_active_whenever_the_surface_has_the_keyboard(
    server: Stage, desk: Desk, editor: Proxy, composer: Composer
) -> None:
    other = Desk(server, server.connect(), x=200, y=150)
    editor.enable(desk.surface)
    desk.client.roundtrip()
    assert [] == composer.take()
    for _ in range(2):
        server.desktop.activate(desk.window)
        assert "activate()" == composer.take()[0]
        server.desktop.activate(other.window)
        assert "deactivate()" == composer.take()[0]
    editor.disable(desk.surface)
    desk.client.roundtrip()
    server.desktop.activate(desk.window)
    assert [] == composer.take()


def test_what_is_composed_comes_in_the_order_of_the_protocol(
    desk: Desk, editor: Proxy, composer: Composer
) -> None:
    enable(desk, editor)
    editor.take()
    composer.client.roundtrip()
    serial = composer.method.count("done")
    composer.method.delete_surrounding_text(2, 1)
    composer.method.commit_string("krill")
    composer.method.set_preedit_string("pet", 1, 1)
    composer.method.commit(serial)
    composer.client.roundtrip()
    desk.client.roundtrip()
    assert [
        "delete_surrounding_text(2, 1)",
        "commit_string(krill)",
        "preedit_cursor(1)",
        "preedit_string(pet, )",
    ] == editor.take()
    composer.method.commit(serial)
    composer.client.roundtrip()
    desk.client.roundtrip()
    assert ["preedit_string(, )"] == editor.take()


def test_what_only_the_first_versions_know_is_passed_on(
    desk: Desk, editor: Proxy, old_composer: OldComposer
) -> None:
    enable(desk, editor)
    editor.take()
    context = old_composer.context
    context.keysym(1, 77, 65, 1, 4)
    context.language(1, "de")
    context.text_direction(1, 2)
    context.preedit_styling(0, 3, 5)
    context.preedit_string(1, "krill", "kr")
    old_composer.client.roundtrip()
    desk.client.roundtrip()
    told = [event for event in editor.take() if not event.startswith("preedit_cursor")]
    assert [
        "keysym(77, 65, 1, 4)",
        "language(de)",
        "text_direction(2)",
        "preedit_styling(0, 3, 5)",
        "preedit_string(krill, kr)",
    ] == told
    editor.set_preferred_language("eo")
    editor.update_state(1, RESET)
    desk.client.roundtrip()
    old_composer.client.roundtrip()
    assert ["preferred_language(eo)", "reset()"] == [
        event for event in context.events if event.startswith(("preferred", "reset"))
    ]


def test_too_much_text_is_an_error(desk: Desk, editor: Proxy) -> None:
    editor.set_surrounding_text("x" * 4001, 0, 0)
    desk.client.expect_error("wl_display", "implementation")


@pytest.mark.parametrize("order", ["surface", "text input", "disconnect"])
def test_it_is_over_whatever_goes_first(
    server: Stage, desk: Desk, editor: Proxy, composer: Composer, order: str
) -> None:
    enable(desk, editor)
    composer.take()
    if order == "surface":
        desk.toplevel.destroy()
        desk.client.roundtrip()
    elif order == "text input":
        editor.destroy()
        desk.client.roundtrip()
    else:
        desk.client.close()
        server.settle()
    assert ["deactivate()", "done()"] == composer.take()
    assert server.desktop.seat.text.active is None


def test_a_manager_may_go_first(client: Client) -> None:
    manager = client.bind("zwp_text_input_manager_v2")
    made = manager.get_text_input(client.get("wl_seat"))
    manager.destroy()
    client.roundtrip()
    made.destroy()
    client.roundtrip()
