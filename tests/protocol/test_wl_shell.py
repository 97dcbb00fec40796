"""wl_shell, offered on request: windows and popups without a configure sequence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

WIDTH, HEIGHT = 320, 240


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """A compositor with wl_shell."""
    return make_stage(legacy_shell=True)


@pytest.fixture
def old(stage: Stage) -> Client:
    """A client of it."""
    return stage.connect()


class Shell:
    """A surface with a shell surface, which is nothing yet."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.surface: Proxy = client.get("wl_compositor").create_surface()
        self.shell: Proxy = client.get("wl_shell").get_shell_surface(self.surface)

    def show(self, width: int = 100, height: int = 80, color: int = 0xFF336699) -> Shell:
        """Give it content."""
        self.surface.attach(Buffer(self.client, width, height, color), 0, 0)
        self.surface.damage(0, 0, width, height)
        self.surface.commit()
        self.client.roundtrip()
        return self


def click(stage: Stage, x: float, y: float) -> None:
    """Click a layout point."""
    pointer = stage.desktop.seat.pointer
    pointer.move_to(x, y)
    pointer.button(0x110, True)
    pointer.button(0x110, False)
    stage.settle()


def test_it_is_not_offered_unasked(client: Client) -> None:
    client.registry.client.roundtrip()
    assert "wl_shell" not in client.globals


def test_a_toplevel_is_shown_with_its_first_content(stage: Stage, old: Client) -> None:
    window = Shell(old)
    window.shell.set_title("old")
    window.shell.set_toplevel()
    window.shell.set_class("org.old")
    window.show()
    assert (True, "old", "org.old") == (stage.window.mapped, stage.window.title, stage.window.app_id)
    assert stage.window.activated
    stage.frame()
    assert 0x336699 == stage.pixel(stage.window.x + 5, stage.window.y + 5)
    assert [] == window.shell.events


def test_a_surface_that_is_nothing_yet_is_not_shown(stage: Stage, old: Client) -> None:
    window = Shell(old).show()
    stage.frame()
    assert [] == stage.desktop.windows
    window.shell.set_toplevel()
    old.roundtrip()
    assert stage.window.mapped


@pytest.mark.parametrize(
    ("request_name", "arguments"), [("set_maximized", (None,)), ("set_fullscreen", (0, 0, None))]
)
@pytest.mark.parametrize("first", [False, True])
def test_a_window_that_fills_its_output_is_told_the_size(
    stage: Stage, old: Client, request_name: str, arguments: tuple[object, ...], first: bool
) -> None:
    window = Shell(old)
    if not first:
        window.shell.set_toplevel()
        window.show()
    getattr(window.shell, request_name)(*arguments)
    old.roundtrip()
    assert [f"configure(0, {WIDTH}, {HEIGHT})"] == window.shell.take()
    window.show(WIDTH, HEIGHT)
    assert (0, 0, WIDTH, HEIGHT) == stage.window.rect_layout
    window.shell.set_toplevel()
    old.roundtrip()
    assert not stage.window.maximized
    assert not stage.window.fullscreen


def test_many_proposals_without_answer_go_on(stage: Stage, old: Client) -> None:
    window = Shell(old)
    window.shell.set_toplevel()
    window.show()
    limit = stage.desktop.limits.pending_configures
    for size in range(limit + 10):
        stage.window.resize_to(100 + size % 50, 100)
    old.roundtrip()
    assert not stage.window.queue.inflight
    assert (0, 100 + (limit + 9) % 50, 100) == window.shell.last("configure")


def test_a_person_moves_and_resizes_it(stage: Stage, old: Client) -> None:
    seat = old.get("wl_seat")
    device = seat.get_pointer()
    window = Shell(old)
    window.shell.set_toplevel()
    window.show()
    pointer = stage.desktop.seat.pointer
    x, y = stage.window.x, stage.window.y
    pointer.move_to(x + 50, y + 40)
    pointer.button(0x110, True)
    stage.settle()
    window.shell.move(seat, device.last("button")[0])
    old.roundtrip()
    pointer.move_to(x + 60, y + 45)
    pointer.button(0x110, False)
    stage.settle()
    assert (x + 10, y + 5) == (stage.window.x, stage.window.y)
    pointer.button(0x110, True)
    stage.settle()
    window.shell.resize(seat, device.last("button")[0], 10)
    old.roundtrip()
    pointer.move_to(x + 80, y + 55)
    stage.settle()
    assert (10, 120, 90) == window.shell.last("configure")
    pointer.button(0x110, False)
    stage.settle()


def test_a_transient_stands_beside_its_parent(stage: Stage, old: Client) -> None:
    parent = Shell(old)
    parent.shell.set_toplevel()
    parent.show()
    child = Shell(old)
    child.shell.set_transient(parent.surface, 15, 25, 0)
    child.show(20, 20)
    above, below = stage.desktop.windows[1], stage.desktop.windows[0]
    assert above.parent is below
    assert (below.x + 15, below.y + 25) == (above.x, above.y)


def test_a_transient_of_its_own_descendant_is_ignored(stage: Stage, old: Client) -> None:
    parent, child = Shell(old), Shell(old)
    parent.shell.set_toplevel()
    parent.show()
    child.shell.set_transient(parent.surface, 0, 0, 0)
    child.show()
    parent.shell.set_transient(child.surface, 0, 0, 0)
    parent.shell.set_transient(parent.surface, 0, 0, 0)
    old.roundtrip()
    assert stage.desktop.windows[0].parent is None


def test_a_popup_is_shown_at_its_place_until_a_click_elsewhere(stage: Stage, old: Client) -> None:
    seat = old.get("wl_seat")
    device = seat.get_pointer()
    window = Shell(old)
    window.shell.set_toplevel()
    window.show()
    stage.window.move_to(100, 100)
    click(stage, 120, 120)
    popup = Shell(old)
    popup.shell.set_popup(seat, device.last("button")[0], window.surface, 30, -20, 0)
    popup.show(40, 30, 0xFF00FF00)
    stage.frame()
    assert 0x00FF00 == stage.pixel(130, 80)
    assert 0x00FF00 == stage.pixel(169, 109)
    assert 0x00FF00 != stage.pixel(170, 110)
    click(stage, 5, 5)
    assert ["popup_done()"] == popup.shell.events
    stage.frame()
    assert 0x00FF00 != stage.pixel(130, 80)


def test_a_popup_that_nobody_asked_for_is_dismissed(stage: Stage, old: Client) -> None:
    window = Shell(old)
    window.shell.set_toplevel()
    window.show()
    popup = Shell(old)
    popup.shell.set_popup(old.get("wl_seat"), 12345, window.surface, 0, 0, 0)
    popup.show(40, 30)
    assert ["popup_done()"] == popup.shell.events


def test_a_popup_can_become_a_window(stage: Stage, old: Client) -> None:
    seat = old.get("wl_seat")
    device = seat.get_pointer()
    window = Shell(old)
    window.shell.set_toplevel()
    window.show()
    click(stage, stage.window.x + 5, stage.window.y + 5)
    popup = Shell(old)
    popup.shell.set_popup(seat, device.last("button")[0], window.surface, 0, 0, 0)
    popup.show(40, 30)
    popup.shell.set_toplevel()
    old.roundtrip()
    assert [True, True] == [w.mapped for w in stage.desktop.windows]
    assert stage.desktop.seat.popup_grab is None


def test_it_goes_with_its_surface(stage: Stage, old: Client) -> None:
    window = Shell(old)
    window.shell.set_toplevel()
    window.show()
    window.surface.destroy()
    old.roundtrip()
    assert [] == stage.desktop.windows
    assert {window.surface.id, window.shell.id} <= set(old.deleted)


def test_an_unmapped_window_comes_back(stage: Stage, old: Client) -> None:
    window = Shell(old)
    window.shell.set_toplevel()
    window.show()
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    old.roundtrip()
    assert not stage.window.mapped
    window.show()
    assert stage.window.mapped


def test_a_surface_with_another_role_is_an_error(old: Client) -> None:
    window = Toplevel(old).show()
    old.get("wl_shell").get_shell_surface(window.surface)
    old.expect_error("wl_shell", "role")


def test_a_second_shell_surface_is_an_error(old: Client) -> None:
    window = Shell(old)
    old.get("wl_shell").get_shell_surface(window.surface)
    old.expect_error("wl_shell", "role")
