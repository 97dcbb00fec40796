"""wp_fifo_manager_v1 and wp_commit_timing_manager_v1: commits that wait, alone and in trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.client import Client, Proxy
from support.pixels import Buffer, is_unsealable
from support.stage import Stage
from support.windows import Toplevel

from compositor.model.pacing import HIDDEN_BARRIER_NS

RED, GREEN, BLUE, WHITE = 0xFF0000, 0x00FF00, 0x0000FF, 0xFFFFFF


class Timed:
    """A surface with a fifo and a timer.

    Attributes:
        x, y: a layout point of it.
    """

    def __init__(self, stage: Stage, client: Client, surface: Proxy, x: int, y: int) -> None:
        self.stage = stage
        self.client = client
        self.surface = surface
        self.fifo: Proxy = client.get("wp_fifo_manager_v1").get_fifo(surface)
        self.timer: Proxy = client.get("wp_commit_timing_manager_v1").get_timer(surface)
        self.x, self.y = x, y

    def draw(self, color: int, after_ms: float = 0, barrier: str = "", **memory: Any) -> Timed:
        """Commit one colour: not before a time from now, with a barrier set ("s"), waited for ("w")."""
        self.surface.attach(Buffer(self.client, 20, 20, 0xFF000000 | color, **memory), 0, 0)
        self.surface.damage(0, 0, 20, 20)
        if after_ms:
            at = self.stage.clock.now_ns() + round(after_ms * 1e6)
            seconds, nanoseconds = divmod(at, 1_000_000_000)
            self.timer.set_timestamp(seconds >> 32, seconds & 0xFFFF_FFFF, nanoseconds)
        if "s" in barrier:
            self.fifo.set_barrier()
        if "w" in barrier:
            self.fifo.wait_barrier()
        self.surface.commit()
        self.client.roundtrip()
        return self

    @property
    def shown(self) -> int:
        """The colour on the screen."""
        return self.stage.pixel(self.x, self.y)


@pytest.fixture
def window(server: Stage, client: Client) -> Timed:
    """A window of 20 x 20."""
    made = Toplevel(client).show(20, 20, 0xFF000000 | WHITE)
    model = server.window
    model.move_to(50, 40)
    return Timed(server, client, made.surface, 50, 40)


@pytest.fixture
def grow(server: Stage, client: Client) -> Callable[[Timed], tuple[Timed, Proxy]]:
    """Make a synchronized child of a surface, shown in white at 5, 5 of it."""

    def make(parent: Timed) -> tuple[Timed, Proxy]:
        surface = client.get("wl_compositor").create_surface()
        role = client.get("wl_subcompositor").get_subsurface(surface, parent.surface)
        role.set_position(5, 5)
        child = Timed(server, client, surface, parent.x + 5, parent.y + 5)
        return child.draw(WHITE), role

    return make


def test_a_commit_is_not_shown_before_its_time(server: Stage, window: Timed) -> None:
    window.draw(RED, after_ms=30)
    window.draw(GREEN)
    assert WHITE == window.shown
    server.advance(29)
    assert WHITE == window.shown
    server.advance(2)
    assert GREEN == window.shown


def test_a_copy_that_waits_does_not_touch_what_is_shown(server: Stage, window: Timed) -> None:
    window.draw(RED, **is_unsealable())
    window.draw(GREEN, after_ms=30, **is_unsealable())
    window.draw(BLUE, **is_unsealable())
    assert RED == window.shown
    server.advance(31)
    assert BLUE == window.shown


def test_each_commit_of_a_fifo_is_shown_for_a_frame(server: Stage, window: Timed) -> None:
    seen = []
    for color in (RED, GREEN, BLUE):
        window.draw(color, barrier="sw")
    for _ in range(4):
        server.frame()
        seen.append(window.shown)
    assert [GREEN, BLUE] == seen[:2]
    assert {BLUE} == set(seen[2:])


def test_a_hidden_surface_is_not_held_up_for_ever(server: Stage, window: Timed) -> None:
    server.window.set_minimized(True)
    server.frame()
    for color in (RED, GREEN):
        window.draw(color, barrier="sw")
    server.advance(HIDDEN_BARRIER_NS / 1e6 + 1)
    server.window.set_minimized(False)
    server.frame()
    assert GREEN == window.shown


def test_the_time_of_a_synchronized_child_holds_its_parent_back(
    server: Stage, window: Timed, grow: Callable[..., Any]
) -> None:
    child, _ = grow(window)
    window.draw(WHITE)
    child.draw(RED, after_ms=30)
    window.draw(BLUE)
    assert (WHITE, WHITE) == (window.shown, child.shown)
    server.advance(29)
    assert (WHITE, WHITE) == (window.shown, child.shown)
    server.advance(2)
    assert (BLUE, RED) == (window.shown, child.shown)


def test_so_does_that_of_a_grandchild(server: Stage, window: Timed, grow: Callable[..., Any]) -> None:
    child, _ = grow(window)
    grandchild, own = grow(child)
    own.set_desync()
    child.draw(WHITE)
    window.draw(WHITE)
    grandchild.draw(RED, after_ms=30)
    child.draw(GREEN)
    window.draw(BLUE)
    assert (WHITE,) * 3 == (window.shown, child.shown, grandchild.shown)
    server.advance(31)
    assert (BLUE, GREEN, RED) == (window.shown, child.shown, grandchild.shown)


def test_what_a_child_commits_later_waits_for_the_next_commit_of_the_parent(
    server: Stage, window: Timed, grow: Callable[..., Any]
) -> None:
    child, _ = grow(window)
    window.draw(WHITE)
    child.draw(RED)
    window.draw(BLUE, after_ms=30)
    child.draw(GREEN)
    server.advance(31)
    assert (BLUE, RED) == (window.shown, child.shown)
    window.draw(WHITE)
    assert (WHITE, GREEN) == (window.shown, child.shown)


def test_the_barrier_of_a_synchronized_child_holds_nobody(
    server: Stage, window: Timed, grow: Callable[..., Any]
) -> None:
    child, _ = grow(window)
    window.draw(WHITE)
    for color in (RED, GREEN):
        child.draw(color, barrier="sw")
        window.draw(color)
        assert (color, color) == (window.shown, child.shown)


def test_commits_of_a_child_let_loose_come_after_those_that_wait_with_the_parent(
    server: Stage, window: Timed, grow: Callable[..., Any]
) -> None:
    child, role = grow(window)
    window.draw(WHITE)
    child.draw(RED, after_ms=30)
    window.draw(BLUE)
    role.set_desync()
    child.draw(GREEN)
    assert (WHITE, WHITE) == (window.shown, child.shown)
    server.advance(31)
    assert (BLUE, GREEN) == (window.shown, child.shown)


def test_children_made_while_commits_wait_all_join_the_stack(
    server: Stage, window: Timed, grow: Callable[..., Any]
) -> None:
    grow(window)
    window.draw(WHITE, after_ms=30)
    _, role = grow(window)
    role.set_position(12, 12)
    window.draw(WHITE)
    server.advance(31)
    model = server.window.surface
    assert 2 == len(model.children_above)


@pytest.mark.parametrize("what", ["child", "role"])
def test_whoever_goes_while_a_tree_waits(
    server: Stage, client: Client, window: Timed, grow: Callable[..., Any], what: str
) -> None:
    child, role = grow(window)
    window.draw(WHITE)
    child.draw(RED, after_ms=30)
    window.draw(BLUE)
    callback = child.surface.frame() if what != "child" else None
    (child.surface if what == "child" else role).destroy()
    if callback is not None:
        child.surface.commit()
    client.roundtrip()
    server.check()
    server.advance(31)
    server.check()
    assert BLUE == window.shown


def test_a_parent_destroyed_while_its_tree_waits_leaves_its_children_their_own_commits(
    server: Stage, client: Client, window: Timed, grow: Callable[..., Any]
) -> None:
    child, role = grow(window)
    role.set_desync()
    grandchild, _ = grow(child)
    child.draw(WHITE)
    window.draw(WHITE)
    last = Buffer(client, 20, 20, 0xFF000000 | RED)
    grandchild.surface.attach(last, 0, 0)
    grandchild.surface.commit()
    child.draw(BLUE, after_ms=30)
    child.surface.destroy()
    client.roundtrip()
    server.check()
    grandchild.draw(GREEN)
    assert 1 == last.releases
    server.check()


@pytest.mark.parametrize("seconds", [0, 1])
def test_errors_of_the_timer(server: Stage, window: Timed, seconds: int) -> None:
    window.timer.set_timestamp(0, seconds, 0)
    window.timer.set_timestamp(0, 1, 0)
    window.client.expect_error("wp_commit_timer_v1", "timestamp_exists")


@pytest.mark.parametrize("nanoseconds", [1_000_000_000, 0xFFFF_FFFF])
def test_a_second_has_a_billion_nanoseconds(server: Stage, window: Timed, nanoseconds: int) -> None:
    window.timer.set_timestamp(0, 1, nanoseconds)
    window.client.expect_error("wp_commit_timer_v1", "invalid_timestamp")


@pytest.mark.parametrize("which", ["fifo", "timer"])
def test_one_of_each_kind(client: Client, window: Timed, which: str) -> None:
    if which == "fifo":
        client.get("wp_fifo_manager_v1").get_fifo(window.surface)
        client.expect_error("wp_fifo_manager_v1", "already_exists")
    else:
        client.get("wp_commit_timing_manager_v1").get_timer(window.surface)
        client.expect_error("wp_commit_timing_manager_v1", "commit_timer_exists")


@pytest.mark.parametrize("which", ["barrier", "wait", "time"])
def test_nothing_can_be_asked_of_a_surface_that_is_gone(server: Stage, client: Client, which: str) -> None:
    surface = client.get("wl_compositor").create_surface()
    timed = Timed(server, client, surface, 0, 0)
    surface.destroy()
    if which == "barrier":
        timed.fifo.set_barrier()
    elif which == "wait":
        timed.fifo.wait_barrier()
    else:
        timed.timer.set_timestamp(0, 1, 0)
    client.expect_error("wp_commit_timer_v1" if which == "time" else "wp_fifo_v1", "surface_destroyed")
