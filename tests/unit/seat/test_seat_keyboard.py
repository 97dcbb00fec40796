"""The keyboard's focus, its keys and its grabs."""

from __future__ import annotations

from typing import Any

import pytest

from compositor.model.keymap import text_keymap
from compositor.model.seat import KeyboardDevice

NOW = 1000
A, SHIFT, SUPER = 30, 42, 125
NONE = (0, 0, 0, 0)


def test_a_new_window_gets_the_keyboard_with_modifiers_after_enter(desk: Any) -> None:
    window = desk.window(0, 0)
    assert [("keyboard.enter", window.surface, []), ("keyboard.modifiers", NONE)] == desk.take("keyboard")


def test_keys_go_to_the_focus(desk: Any) -> None:
    desk.window(0, 0)
    desk.take()
    desk.keyboard.key(A, True)
    desk.keyboard.key(A, False)
    assert [("keyboard.key", NOW, A, True), ("keyboard.key", NOW, A, False)] == desk.take()


def test_modifiers_are_told_after_the_key_that_changed_them(desk: Any) -> None:
    desk.window(0, 0)
    desk.take()
    desk.keyboard.key(SHIFT, True)
    assert [("keyboard.key", NOW, SHIFT, True), ("keyboard.modifiers", (1, 0, 0, 0))] == desk.take()


def test_a_key_that_is_down_already_is_told_once(desk: Any) -> None:
    desk.window(0, 0)
    desk.keyboard.key(A, True)
    desk.take()
    desk.keyboard.key(A, True)
    assert [] == desk.take()


def test_keys_held_while_the_focus_changes_are_listed_with_enter(desk: Any) -> None:
    a, b = desk.window(0, 0, client="a"), desk.window(300, 0, client="b")
    desk.keyboard.key(A, True)
    desk.take()
    desk.desktop.activate(a)
    assert [
        ("keyboard.leave", b.surface),
        ("keyboard.enter", a.surface, [A]),
        ("keyboard.modifiers", NONE),
    ] == desk.take("keyboard")
    desk.keyboard.key(A, False)
    assert [("keyboard.key", NOW, A, False)] == desk.take()


def test_keys_without_a_focus_are_remembered(desk: Any) -> None:
    desk.keyboard.key(A, True)
    window = desk.window(0, 0)
    assert ("keyboard.enter", window.surface, [A]) in desk.take()


def test_unmapping_the_focus_gives_the_keyboard_to_the_window_before_it(desk: Any) -> None:
    a, b = desk.window(0, 0, client="a"), desk.window(300, 0, client="b")
    desk.take()
    desk.hide(b.surface)
    assert [
        ("keyboard.leave", b.surface),
        ("keyboard.enter", a.surface, []),
        ("keyboard.modifiers", NONE),
    ] == desk.take("keyboard")


def test_destroying_the_focus_leaves_it_once(desk: Any) -> None:
    window = desk.window(0, 0)
    desk.take()
    window.surface.destroy()
    assert [("keyboard.leave", window.surface)] == desk.take("keyboard")
    assert desk.keyboard.focused is None and desk.keyboard.wanted is None
    desk.keyboard.key(A, True)
    assert [] == desk.take("keyboard")


def test_a_dead_surface_cannot_get_the_keyboard(desk: Any) -> None:
    surface = desk.surface()
    surface.destroy()
    desk.keyboard.focus(surface)
    assert desk.keyboard.focused is None


def test_a_filter_keeps_press_and_release_from_clients_and_from_enter(desk: Any) -> None:
    a, b = desk.window(0, 0, client="a"), desk.window(300, 0, client="b")
    desk.keyboard.filters.append(lambda key, pressed, state: key == A)
    desk.take()
    desk.keyboard.key(A, True)
    desk.desktop.activate(a)
    assert ("keyboard.enter", a.surface, []) in desk.take()
    desk.keyboard.filters.clear()
    desk.keyboard.key(A, False)
    assert [] == desk.take("keyboard.key")
    assert b is not desk.desktop.focused


def test_a_filter_that_comes_late_does_not_keep_the_release_of_a_press_that_was_told(desk: Any) -> None:
    desk.window(0, 0)
    desk.keyboard.key(A, True)
    desk.keyboard.filters.append(lambda key, pressed, state: True)
    desk.take()
    desk.keyboard.key(A, False)
    assert [("keyboard.key", NOW, A, False)] == desk.take()


def test_two_devices_holding_one_key_are_one_press(desk: Any) -> None:
    desk.window(0, 0)
    second = KeyboardDevice(desk.keyboard.keymap)
    desk.take()
    desk.keyboard.key(A, True)
    desk.keyboard.key(A, True, device=second)
    desk.keyboard.key(A, False)
    assert [("keyboard.key", NOW, A, True)] == desk.take()
    desk.keyboard.key(A, False, device=second)
    assert [("keyboard.key", NOW, A, False)] == desk.take()


def test_a_device_with_another_keymap_has_it_told_before_its_key(desk: Any) -> None:
    desk.window(0, 0)
    virtual = KeyboardDevice(text_keymap("ab"))
    desk.take()
    desk.keyboard.key(A, True, device=virtual)
    names = [e[0] for e in desk.take()]
    assert ["keyboard.keymap_changed", "keyboard.modifiers", "keyboard.key"] == names


def test_a_device_that_goes_lets_its_keys_go_and_the_default_keymap_counts_again(desk: Any) -> None:
    desk.window(0, 0)
    virtual = KeyboardDevice(text_keymap("ab"))
    desk.keyboard.key(A, True, device=virtual)
    desk.keyboard.set_modifiers(1, 0, 0, 0, device=virtual)
    desk.take()
    desk.keyboard.remove_device(virtual)
    assert [
        ("keyboard.key", NOW, A, False),
        ("keyboard.keymap_changed",),
        ("keyboard.modifiers", NONE),
    ] == desk.take()
    assert desk.keyboard.device is desk.keyboard.default_device
    assert NONE == desk.keyboard.modifiers


def test_setting_a_keymap_releases_what_is_down_first(desk: Any) -> None:
    desk.window(0, 0)
    desk.keyboard.key(A, True)
    desk.take()
    desk.keyboard.set_keymap(text_keymap("ab"))
    assert [
        ("keyboard.key", NOW, A, False),
        ("keyboard.keymap_changed",),
        ("keyboard.modifiers", NONE),
    ] == desk.take()


def test_modifiers_can_be_set_by_hand(desk: Any) -> None:
    desk.window(0, 0)
    desk.take()
    desk.keyboard.set_modifiers(0, 0, 2, 0)
    assert [("keyboard.modifiers", (0, 0, 2, 0))] == desk.take()


def test_repeat_is_told_and_may_not_be_negative(desk: Any) -> None:
    assert (25, 600) == (desk.keyboard.repeat_rate, desk.keyboard.repeat_delay_ms)
    desk.keyboard.set_repeat(0, 0)
    assert [("keyboard.repeat_changed",)] == desk.take()
    with pytest.raises(ValueError):
        desk.keyboard.set_repeat(-1, 0)


def test_the_focus_hook_runs_between_leave_and_enter(desk: Any) -> None:
    a = desk.window(0, 0, client="a")
    desk.window(300, 0, client="b")
    desk.keyboard.on_focus.append(lambda old, new: desk.events.append(("hook", new)))
    desk.take()
    desk.desktop.activate(a)
    assert ["keyboard.leave", "hook", "keyboard.enter", "keyboard.modifiers"] == [e[0] for e in desk.take()]


class Thief:
    """A grab that sends the keyboard to one surface and keeps one key."""

    def __init__(self, surface: Any) -> None:
        self.surface = surface

    def redirect(self, wanted: Any) -> Any:
        return self.surface

    def key(self, time_ms: int, key: int, pressed: bool) -> bool:
        return key == A

    def modifiers(self, modifiers: tuple[int, int, int, int]) -> bool:
        return False


def test_a_grab_redirects_the_focus_and_gives_it_back(desk: Any) -> None:
    a, b = desk.window(0, 0, client="a"), desk.window(300, 0, client="b")
    grab = Thief(a.surface)
    desk.keyboard.start_grab(grab)
    assert desk.keyboard.focused is a.surface
    desk.desktop.activate(b)
    assert desk.keyboard.focused is a.surface, "what the desktop wants waits until the grab ends"
    desk.keyboard.end_grab(grab)
    assert desk.keyboard.focused is b.surface


def test_a_grab_keeps_keys(desk: Any) -> None:
    window = desk.window(0, 0)
    desk.keyboard.start_grab(Thief(window.surface))
    desk.take()
    desk.keyboard.key(A, True)
    desk.keyboard.key(A, False)
    assert [] == desk.take("keyboard.key")


def test_super_is_known_by_the_key_itself(desk: Any) -> None:
    assert not desk.keyboard.super_held
    desk.keyboard.key(SUPER, True)
    assert desk.keyboard.super_held
    desk.keyboard.key(SUPER, False)
    assert not desk.keyboard.super_held
