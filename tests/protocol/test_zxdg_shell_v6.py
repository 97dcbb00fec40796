"""zxdg_shell_v6, and windows of xdg_shell that do not wait for their first configure: with --legacy-shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.client import Client, Proxy
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

TOP, LEFT, BOTTOM, RIGHT = 1, 4, 2, 8


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """A compositor for programs of old."""
    return make_stage(legacy_shell=True)


@pytest.fixture
def old(stage: Stage) -> Client:
    """A client of it."""
    return stage.connect()


class Draft:
    """A surface with zxdg_surface_v6."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.surface: Proxy = client.get("wl_compositor").create_surface()
        self.xdg_surface: Proxy = client.get("zxdg_shell_v6").get_xdg_surface(self.surface)

    def show(self, width: int = 100, height: int = 80) -> Draft:
        """Map it, in the order that the protocol wants."""
        self.surface.commit()
        self.client.roundtrip()
        self.xdg_surface.ack_configure(self.xdg_surface.last("configure")[0])
        self.surface.attach(Buffer(self.client, width, height), 0, 0)
        self.surface.commit()
        self.client.roundtrip()
        return self


def rules(client: Client, anchor: int = 0, gravity: int = 0) -> Proxy:
    """Return rules for a popup of 20×10 at a rectangle of 10×10 in the corner."""
    made: Proxy = client.get("zxdg_shell_v6").create_positioner()
    made.set_size(20, 10)
    made.set_anchor_rect(0, 0, 10, 10)
    made.set_anchor(anchor)
    made.set_gravity(gravity)
    return made


def test_it_is_not_offered_unasked(client: Client) -> None:
    client.roundtrip()
    assert "zxdg_shell_v6" not in client.globals


def test_a_window_is_shown_maximized_and_closed(stage: Stage, old: Client) -> None:
    draft = Draft(old)
    toplevel = draft.xdg_surface.get_toplevel()
    toplevel.set_title("draft")
    draft.show()
    (window,) = stage.desktop.windows
    assert (True, "draft") == (window.mapped, window.title)
    toplevel.set_maximized()
    old.roundtrip()
    assert (320, 240) == toplevel.last("configure")[:2]
    toplevel.destroy()
    draft.xdg_surface.destroy()
    draft.surface.destroy()
    old.roundtrip()
    assert [] == stage.desktop.windows


def test_it_hears_of_no_event_that_came_later(stage: Stage, old: Client) -> None:
    draft = Draft(old)
    toplevel = draft.xdg_surface.get_toplevel()
    draft.show()
    assert {"configure"} == {name for name, _ in toplevel.raw}


@pytest.mark.parametrize(
    ("anchor", "gravity", "place"),
    [
        (0, 0, (-5, 0)),
        (TOP | LEFT, BOTTOM | RIGHT, (0, 0)),
        (BOTTOM | RIGHT, BOTTOM | RIGHT, (10, 10)),
        (RIGHT, RIGHT, (10, 0)),
        (BOTTOM, TOP, (-5, 0)),
    ],
)
def test_anchor_and_gravity_are_masks_of_edges(
    stage: Stage, old: Client, anchor: int, gravity: int, place: tuple[int, int]
) -> None:
    parent = Draft(old)
    parent.xdg_surface.get_toplevel()
    parent.show()
    menu = Draft(old)
    popup = menu.xdg_surface.get_popup(parent.xdg_surface, rules(old, anchor, gravity))
    menu.show(20, 10)
    assert (*place, 20, 10) == popup.last("configure")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rules: rules.set_anchor(TOP | BOTTOM),
        lambda rules: rules.set_gravity(LEFT | RIGHT),
        lambda rules: rules.set_anchor(16),
        lambda rules: rules.set_anchor_rect(0, 0, 0, 10),
        lambda rules: rules.set_size(0, 10),
    ],
)
def test_rules_that_make_no_sense_are_an_error(
    stage: Stage, old: Client, spoil: Callable[[Proxy], Any]
) -> None:
    spoil(rules(old))
    old.expect_error("zxdg_positioner_v6", "invalid_input")


def test_a_second_role_is_an_error_in_its_own_words(stage: Stage, old: Client) -> None:
    draft = Draft(old)
    draft.xdg_surface.get_toplevel()
    draft.xdg_surface.get_toplevel()
    old.expect_error("zxdg_surface_v6", "already_constructed")


# Windows that do not wait


@pytest.mark.parametrize("commits_first", [True, False])
def test_a_buffer_before_the_first_configure_shows_the_window(
    stage: Stage, old: Client, commits_first: bool
) -> None:
    hasty = Toplevel(old)
    if commits_first:
        hasty.surface.commit()
    hasty.attach(Buffer(old, 100, 80, 0xFF123456))
    old.roundtrip()
    (window,) = stage.desktop.windows
    assert window.mapped
    stage.frame()
    assert 0x123456 == stage.pixel(window.x + 1, window.y + 1)
    hasty.ack()
    hasty.show(120, 90)
    assert (120, 90) == (window.width, window.height)


def test_without_the_option_it_is_an_error(client: Client) -> None:
    Toplevel(client).attach(Buffer(client, 100, 80))
    client.expect_error("xdg_surface", "unconfigured_buffer")
