"""ext_session_lock_manager_v1: while the session is locked, nothing else is seen or gets input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from support.client import Client, Proxy
from support.layers import ALL_EDGES, OVERLAY, Panel
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Popup, Toplevel

from compositor.server import OutputSpec

WIDTH, HEIGHT = 320, 240


class Locker:
    """A client that locks."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.lock: Proxy = client.get("ext_session_lock_manager_v1").lock()
        self.surface: Proxy = client.get("wl_compositor").create_surface()

    def cover(self, color: int = 0xFF884422, output: Proxy | None = None) -> Locker:
        """Show a surface on an output."""
        client = self.client
        self.role: Proxy = self.lock.get_lock_surface(self.surface, output or client.get("wl_output"))
        client.roundtrip()
        serial, width, height = self.role.last("configure")
        self.role.ack_configure(serial)
        self.surface.attach(Buffer(client, width, height, color), 0, 0)
        self.surface.commit()
        client.roundtrip()
        return self


@pytest.fixture
def locker(server: Stage) -> Locker:
    """A locker of its own client, over the whole of the output, the lock in force."""
    made = Locker(server.connect()).cover()
    server.frame()
    assert ["locked()"] == made.lock.events
    return made


def colors(server: Stage) -> set[int]:
    """Every colour of the first output, without the top byte."""
    return set((np.unique(server.capture()) & 0xFFFFFF).tolist())


def focus(server: Stage) -> object:
    """Who has the keyboard."""
    return server.desktop.seat.keyboard.focused


def click(server: Stage, x: float, y: float) -> None:
    """Click a layout point."""
    pointer = server.desktop.seat.pointer
    pointer.move_to(x, y)
    pointer.button(0x110, True)
    pointer.button(0x110, False)
    pointer.frame()
    server.settle()


def test_everything_else_is_blank_before_locked_is_told(server: Stage, toplevel: Toplevel) -> None:
    assert 0x336699 in colors(server)
    client = server.connect()
    lock = client.get("ext_session_lock_manager_v1").lock()
    client.roundtrip()
    assert [] == lock.events
    assert 1 == len(colors(server))
    server.frame()
    assert ["locked()"] == lock.events
    lock.unlock_and_destroy()
    client.roundtrip()
    assert 0x336699 in colors(server)


def test_locked_waits_for_every_output_that_is_lit(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(
        outputs=[OutputSpec(320, 240), OutputSpec(320, 240, 10_000), OutputSpec(320, 240, 1_000)]
    )
    stage.advance(1100)
    stage.desktop.outputs[2].set_powered(False)
    client = stage.connect()
    lock = client.get("ext_session_lock_manager_v1").lock()
    stage.advance(20)
    assert [] == lock.events
    stage.advance(100)
    assert ["locked()"] == lock.events


def test_an_output_that_is_unplugged_is_not_waited_for(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(outputs=[OutputSpec(320, 240), OutputSpec(320, 240, 1_000)])
    stage.advance(1100)
    client = stage.connect()
    lock = client.get("ext_session_lock_manager_v1").lock()
    stage.advance(20)
    assert [] == lock.events
    stage.server.backend.remove_output(stage.desktop.outputs[1])
    client.roundtrip()
    assert ["locked()"] == lock.events


def test_a_lock_surface_is_what_is_seen(server: Stage, toplevel: Toplevel, locker: Locker) -> None:
    assert [(WIDTH, HEIGHT)] == [locker.role.last("configure")[1:]]
    assert {0x884422} == colors(server)


def test_no_panel_window_or_popup_shows_above_a_lock(
    server: Stage, client: Client, toplevel: Toplevel, locker: Locker
) -> None:
    Panel(client, OVERLAY, ALL_EDGES, (0, 0), keyboard=1).show()
    Popup(client, toplevel).show()
    other = Toplevel(client).show(WIDTH, HEIGHT, 0xFF00FF00)
    other.toplevel.set_fullscreen(None)
    other.ack().show(WIDTH, HEIGHT, 0xFF00FF00)
    server.frame()
    assert {0x884422} == colors(server)
    assert locker.surface.id == focus(server).resource.oid  # type: ignore[attr-defined]


def test_input_goes_to_the_lock_alone(
    server: Stage, client: Client, toplevel: Toplevel, locker: Locker
) -> None:
    for who in (client, locker.client):
        seat = who.get("wl_seat")
        who.bound["pointer"], who.bound["keyboard"] = seat.get_pointer(), seat.get_keyboard()
        who.roundtrip()
        for device in ("pointer", "keyboard"):
            who.bound[device].take()
    x, y = server.window.x + 20, server.window.y + 20
    click(server, x, y)
    server.desktop.seat.keyboard.key(30, True)
    server.desktop.seat.keyboard.key(30, False)
    server.desktop.activate(server.window)
    server.settle()
    assert [] == client.bound["pointer"].events
    assert [] == client.bound["keyboard"].events
    assert 2 == locker.client.bound["pointer"].count("button")
    assert 2 == locker.client.bound["keyboard"].count("key")
    locker.lock.unlock_and_destroy()
    locker.client.roundtrip()
    server.settle()
    assert 1 == client.bound["pointer"].count("enter")
    assert 1 == client.bound["keyboard"].count("enter")


def test_a_button_that_is_held_does_not_keep_the_pointer_on_a_window(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    pointer = server.desktop.seat.pointer
    pointer.move_to(server.window.x + 20, server.window.y + 20)
    pointer.button(0x110, True)
    server.settle()
    assert pointer.focus is not None
    locker = Locker(server.connect()).cover()
    server.frame()
    assert pointer.focus is not None
    assert locker.surface.id == pointer.focus.resource.oid
    assert locker.client is not client


def test_a_menu_is_closed_by_the_lock(server: Stage, client: Client, toplevel: Toplevel) -> None:
    seat = client.get("wl_seat")
    pointer = seat.get_pointer()
    client.roundtrip()
    click(server, server.window.x + 20, server.window.y + 20)
    popup = Popup(client, toplevel)
    popup.popup.grab(seat, pointer.last("button")[0])
    popup.show()
    assert server.desktop.seat.popup_grab is not None
    Locker(server.connect()).cover()
    server.frame()
    assert server.desktop.seat.popup_grab is None
    assert 1 == popup.popup.count("popup_done")


def test_a_menu_with_a_grab_cannot_be_opened_while_locked(
    server: Stage, client: Client, toplevel: Toplevel
) -> None:
    seat = client.get("wl_seat")
    pointer = seat.get_pointer()
    client.roundtrip()
    click(server, server.window.x + 20, server.window.y + 20)
    serial = pointer.last("button")[0]
    locker = Locker(server.connect()).cover()
    popup = Popup(client, toplevel)
    popup.popup.grab(seat, serial)
    popup.show()
    assert 1 == popup.popup.count("popup_done")
    assert server.desktop.seat.popup_grab is None
    assert locker.surface.id == focus(server).resource.oid  # type: ignore[attr-defined]


def test_each_output_has_its_surface_and_a_click_moves_the_keyboard(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(outputs=[OutputSpec(WIDTH, HEIGHT), OutputSpec(400, 300)])
    client = stage.connect()
    locker = Locker(client).cover()
    second = Locker.__new__(Locker)
    second.client, second.lock = client, locker.lock
    second.surface = client.get("wl_compositor").create_surface()
    second.cover(0xFF224488, client.bind("wl_output", index=1))
    stage.frame()
    assert (400, 300) == second.role.last("configure")[1:]
    assert {0x884422} == colors(stage)
    assert locker.surface.id == focus(stage).resource.oid  # type: ignore[attr-defined]
    click(stage, WIDTH + 10, 10)
    assert second.surface.id == focus(stage).resource.oid  # type: ignore[attr-defined]
    second.role.destroy()
    client.roundtrip()
    assert locker.surface.id == focus(stage).resource.oid  # type: ignore[attr-defined]


def test_a_change_of_mode_asks_for_another_size(server: Stage, locker: Locker) -> None:
    server.output.configure(width=400, height=300)
    locker.client.roundtrip()
    assert (400, 300) == locker.role.last("configure")[1:]


def test_a_surface_destroyed_while_locked_leaves_one_colour(
    server: Stage, toplevel: Toplevel, locker: Locker
) -> None:
    locker.role.destroy()
    locker.client.roundtrip()
    assert 1 == len(colors(server))
    assert {0x884422} != colors(server)
    assert focus(server) is None


# The end


def test_unlocking_gives_the_keyboard_and_the_picture_back(
    server: Stage, toplevel: Toplevel, locker: Locker
) -> None:
    locker.lock.unlock_and_destroy()
    locker.client.roundtrip()
    assert 0x336699 in colors(server)
    assert toplevel.surface.id == focus(server).resource.oid  # type: ignore[attr-defined]
    assert server.desktop.lock is None


def test_a_client_that_dies_leaves_the_session_locked(
    server: Stage, toplevel: Toplevel, locker: Locker
) -> None:
    locker.client.close()
    server.pump()
    server.frame()
    assert 1 == len(colors(server))
    assert focus(server) is None
    click(server, server.window.x + 20, server.window.y + 20)
    assert server.desktop.seat.pointer.focus is None


def test_a_client_that_dies_before_locked_leaves_the_session_locked(
    server: Stage, toplevel: Toplevel
) -> None:
    client = server.connect()
    client.get("ext_session_lock_manager_v1").lock()
    client.roundtrip()
    client.close()
    server.pump()
    server.frame()
    assert 1 == len(colors(server))


def test_another_client_takes_an_abandoned_session_over_and_unlocks_it(
    server: Stage, toplevel: Toplevel, locker: Locker
) -> None:
    locker.client.close()
    server.pump()
    other = Locker(server.connect()).cover(0xFF224488)
    server.frame()
    assert ["locked()"] == other.lock.events
    assert {0x224488} == colors(server)
    other.lock.unlock_and_destroy()
    other.client.roundtrip()
    assert 0x336699 in colors(server)


def test_a_lock_destroyed_before_it_is_in_force_is_none(server: Stage, toplevel: Toplevel) -> None:
    client = server.connect()
    lock = client.get("ext_session_lock_manager_v1").lock()
    lock.destroy()
    client.roundtrip()
    assert 0x336699 in colors(server)


def test_a_second_lock_is_refused(server: Stage, locker: Locker) -> None:
    client = server.connect()
    other = client.get("ext_session_lock_manager_v1").lock()
    client.roundtrip()
    assert ["finished()"] == other.events
    surface = client.get("wl_compositor").create_surface()
    role = other.get_lock_surface(surface, client.get("wl_output"))
    client.roundtrip()
    role.ack_configure(role.last("configure")[0])
    surface.attach(Buffer(client, WIDTH, HEIGHT, 0xFF00FF00), 0, 0)
    surface.commit()
    client.roundtrip()
    assert {0x884422} == colors(server)
    other.destroy()
    client.roundtrip()
    assert {0x884422} == colors(server)


# Errors


def test_destroying_a_lock_in_force_is_an_error_and_unlocks_nothing(
    server: Stage, toplevel: Toplevel, locker: Locker
) -> None:
    locker.lock.destroy()
    locker.client.expect_error("ext_session_lock_v1", "invalid_destroy")
    assert 1 == len(colors(server))


def test_unlocking_before_locked_is_an_error_and_unlocks_nothing(server: Stage, toplevel: Toplevel) -> None:
    client = server.connect()
    client.get("ext_session_lock_manager_v1").lock().unlock_and_destroy()
    client.expect_error("ext_session_lock_v1", "invalid_unlock")
    assert 1 == len(colors(server))


def test_two_surfaces_for_an_output_are_an_error(locker: Locker) -> None:
    surface = locker.client.get("wl_compositor").create_surface()
    locker.lock.get_lock_surface(surface, locker.client.get("wl_output"))
    locker.client.expect_error("ext_session_lock_v1", "duplicate_output")


def test_a_surface_with_a_role_is_an_error(client: Client, toplevel: Toplevel) -> None:
    lock = client.get("ext_session_lock_manager_v1").lock()
    lock.get_lock_surface(toplevel.surface, client.get("wl_output"))
    client.expect_error("ext_session_lock_v1", "role")


def test_a_surface_with_a_buffer_is_an_error(client: Client, surface: Proxy) -> None:
    surface.attach(Buffer(client, 10, 10), 0, 0)
    lock = client.get("ext_session_lock_manager_v1").lock()
    lock.get_lock_surface(surface, client.get("wl_output"))
    client.expect_error("ext_session_lock_v1", "already_constructed")


def begin(client: Client, surface: Proxy) -> Proxy:
    """Make a lock surface that was configured and has acknowledged nothing."""
    lock = client.get("ext_session_lock_manager_v1").lock()
    role: Proxy = lock.get_lock_surface(surface, client.get("wl_output"))
    client.roundtrip()
    return role


def test_a_commit_before_the_acknowledgement_is_an_error(client: Client, surface: Proxy) -> None:
    begin(client, surface)
    surface.commit()
    client.expect_error("ext_session_lock_surface_v1", "commit_before_first_ack")


def test_a_commit_without_a_buffer_is_an_error(client: Client, surface: Proxy) -> None:
    role = begin(client, surface)
    role.ack_configure(role.last("configure")[0])
    surface.commit()
    client.expect_error("ext_session_lock_surface_v1", "null_buffer")


def test_another_size_is_an_error(client: Client, surface: Proxy) -> None:
    role = begin(client, surface)
    role.ack_configure(role.last("configure")[0])
    surface.attach(Buffer(client, WIDTH, HEIGHT - 1), 0, 0)
    surface.commit()
    client.expect_error("ext_session_lock_surface_v1", "dimensions_mismatch")


def test_a_serial_is_good_once(client: Client, surface: Proxy) -> None:
    role = begin(client, surface)
    for _ in range(2):
        role.ack_configure(role.last("configure")[0])
    client.expect_error("ext_session_lock_surface_v1", "invalid_serial")


def test_a_surface_may_not_go_before_its_role(client: Client) -> None:
    locker = Locker(client).cover()
    locker.surface.destroy()
    client.expect_error("wl_surface", "defunct_role_object")


def test_a_surface_goes_after_its_role(client: Client) -> None:
    locker = Locker(client).cover()
    locker.role.destroy()
    locker.surface.destroy()
    client.roundtrip()
