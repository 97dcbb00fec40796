"""wl_subsurface: synchronized and not, and what waits for the parent."""

from __future__ import annotations

from subsurface_trees import Child, at
from support.client import Client
from support.pixels import Buffer, is_unsealable
from support.stage import Stage
from support.windows import Toplevel

RED, GREEN, BLUE, WHITE = 0xFFFF0000, 0xFF00FF00, 0xFF0000FF, 0xFFFFFFFF


# Synchronized and not


def test_a_synchronized_childs_commits_wait_for_the_parent(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    child.show(BLUE)
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)
    window.surface.commit()
    client.roundtrip()
    assert 0x0000FF == at(server, 0, 0)


def test_a_desynchronized_childs_commits_show_at_once(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    child.role.set_desync()
    child.show(BLUE)
    client.roundtrip()
    assert 0x0000FF == at(server, 0, 0)


def test_what_waits_shows_when_the_child_is_desynchronized(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    child.show(BLUE)
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)
    child.role.set_desync()
    client.roundtrip()
    assert 0x0000FF == at(server, 0, 0)


def test_a_child_below_a_synchronized_one_waits_as_well(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface)
    grandchild = Child(client, child.surface).show(GREEN)
    child.show(WHITE)
    window.surface.commit()
    grandchild.role.set_desync()
    grandchild.show(BLUE)
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)
    child.surface.commit()
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)
    window.surface.commit()
    client.roundtrip()
    assert 0x0000FF == at(server, 0, 0)


def test_a_grandchild_waits_for_the_child_not_for_the_window(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface)
    grandchild = Child(client, child.surface).show(GREEN)
    child.show(WHITE)
    window.surface.commit()
    client.roundtrip()
    grandchild.show(BLUE)
    window.surface.commit()
    client.roundtrip()
    # The child has no new state, so nothing below it moves.
    assert 0x00FF00 == at(server, 0, 0)


def test_desynchronizing_the_child_frees_a_desynchronized_grandchild(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface)
    grandchild = Child(client, child.surface).show(GREEN)
    child.show(WHITE)
    window.surface.commit()
    grandchild.role.set_desync()
    grandchild.show(BLUE)
    child.role.set_desync()
    client.roundtrip()
    assert 0x0000FF == at(server, 0, 0)


def test_set_sync_makes_the_next_commits_wait_again(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    child.role.set_desync()
    child.role.set_sync()
    child.show(BLUE)
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)


# What waits is merged


def test_several_commits_that_wait_are_one(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    client.roundtrip()
    first = child.show(BLUE).buffer
    second = child.show(WHITE).buffer
    assert first is not None
    assert second is not None
    client.roundtrip()
    assert (1, 0) == (first.releases, second.releases)
    window.surface.commit()
    client.roundtrip()
    assert 0xFFFFFF == at(server, 0, 0)
    assert (1, 0) == (first.releases, second.releases)


def test_what_a_later_commit_leaves_alone_is_kept(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    client.roundtrip()
    region = client.get("wl_compositor").create_region()
    child.attach(BLUE, 8, 8)
    child.surface.set_buffer_scale(2)
    child.surface.set_input_region(region)
    child.surface.commit()
    child.surface.set_buffer_transform(3)
    child.surface.commit()
    client.roundtrip()
    model = server.scene.hit(server.window.x + 5, server.window.y + 5)
    assert model is not None
    assert (10, 10) == (model.surface.width, model.surface.height)  # type: ignore[union-attr]
    window.surface.commit()
    client.roundtrip()
    assert 0x0000FF == at(server, 3, 3)
    assert 0xFF0000 == at(server, 4, 4)
    hit = server.scene.hit(server.window.x + 1, server.window.y + 1)
    assert hit is not None
    assert hit.surface is server.window.surface


def test_a_scale_that_waits_counts_for_the_buffer_committed_after_it(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface)
    child.surface.set_buffer_scale(2)
    child.show(GREEN, 10, 10)
    window.surface.commit()
    # Now 2 is shown, 1 waits, and the odd buffer belongs to the 1.
    child.surface.set_buffer_scale(1)
    child.surface.commit()
    child.show(BLUE, 9, 9)
    client.roundtrip()
    window.surface.commit()
    client.roundtrip()
    assert 0x0000FF == at(server, 8, 8)


def test_a_buffer_that_does_not_fit_the_scale_that_waits_is_an_error(client: Client) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface)
    child.surface.set_buffer_scale(2)
    child.surface.commit()
    child.show(BLUE, 9, 9)
    client.expect_error("wl_surface", "invalid_size")


def test_callbacks_of_every_commit_that_waited_are_answered_in_order(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    server.advance(50)
    callbacks = []
    for _ in range(3):
        callbacks.append(child.surface.frame())
        child.surface.commit()
    server.advance(50)
    assert [0, 0, 0] == [c.count("done") for c in callbacks]
    window.surface.commit()
    client.roundtrip()
    client.events.clear()
    server.frame()
    done = [event.split(".")[0] for event in client.events if ".done(" in event]
    assert [repr(c) for c in callbacks] == done


def test_taking_the_buffer_away_waits_too(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface).show(GREEN)
    window.surface.commit()
    child.surface.attach(None, 0, 0)
    child.surface.commit()
    client.roundtrip()
    assert 0x00FF00 == at(server, 0, 0)
    window.surface.commit()
    client.roundtrip()
    assert 0xFF0000 == at(server, 0, 0)


def test_pixels_copied_at_a_commit_that_waits_are_not_shown_early(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40, RED)
    child = Child(client, window.surface)
    buffer = Buffer(client, 10, 10, GREEN, **is_unsealable())
    for color in (GREEN, BLUE, WHITE):
        buffer.fill(color)
        child.surface.attach(buffer, 0, 0)
        child.surface.damage_buffer(0, 0, 10, 10)
        child.surface.commit()
        if color == GREEN:
            window.surface.commit()
        client.roundtrip()
        server.scene.for_output(server.output).damage_all()
        assert 0x00FF00 == at(server, 0, 0)
    window.surface.commit()
    client.roundtrip()
    assert 0xFFFFFF == at(server, 0, 0)
