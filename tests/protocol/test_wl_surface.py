"""wl_compositor, wl_surface, wl_region, wl_callback: double-buffered state and who hears of it."""

from __future__ import annotations

from shown_pixels import corner, shown
from support.client import Client, Proxy
from support.pixels import ARGB, Buffer, is_unsealable
from support.stage import Stage
from support.windows import Toplevel

RED, GREEN = 0xFFFF0000, 0xFF00FF00


# Attach and release


def test_a_surface_shows_what_is_attached_once_committed(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(20, 10, RED)
    x, y = corner(server)
    assert 0xFF0000 == server.pixel(x, y)
    green = Buffer(client, 20, 10, GREEN)
    window.surface.attach(green, 0, 0)
    window.surface.damage(0, 0, 20, 10)
    client.roundtrip()
    assert 0xFF0000 == server.pixel(x, y)
    window.surface.commit()
    client.roundtrip()
    assert 0x00FF00 == server.pixel(x, y)


def test_a_buffer_is_released_when_the_next_one_is_committed(client: Client) -> None:
    window = Toplevel(client).show()
    first, second = window.buffer, Buffer(client, 100, 80)
    assert first is not None
    window.surface.attach(second, 0, 0)
    client.roundtrip()
    assert 0 == first.releases
    window.surface.commit()
    client.roundtrip()
    assert (1, 0) == (first.releases, second.releases)


def test_a_commit_without_attach_keeps_the_buffer(client: Client) -> None:
    window = Toplevel(client).show()
    window.surface.damage(0, 0, 5, 5)
    window.surface.commit()
    client.roundtrip()
    assert window.buffer is not None
    assert 0 == window.buffer.releases


def test_the_same_buffer_attached_again_is_not_released(client: Client) -> None:
    window = Toplevel(client).show()
    buffer = window.buffer
    assert buffer is not None
    for _ in range(3):
        window.attach(buffer)
    client.roundtrip()
    assert 0 == buffer.releases


def test_two_surfaces_share_a_buffer_and_the_last_one_releases_it(client: Client) -> None:
    first, second = Toplevel(client).show(), Toplevel(client).show()
    shared = Buffer(client, 100, 80)
    first.attach(shared)
    second.attach(shared)
    first.attach(Buffer(client, 100, 80))
    client.roundtrip()
    assert 0 == shared.releases
    second.attach(Buffer(client, 100, 80))
    client.roundtrip()
    assert 1 == shared.releases


def test_a_buffer_attached_and_replaced_before_the_commit_is_not_released(client: Client) -> None:
    window = Toplevel(client).show()
    never, used = Buffer(client, 100, 80), Buffer(client, 100, 80)
    window.surface.attach(never, 0, 0)
    window.surface.attach(used, 0, 0)
    window.surface.commit()
    client.roundtrip()
    assert (0, 0) == (never.releases, used.releases)


def test_a_buffer_that_has_to_be_copied_is_released_when_it_was(client: Client, server: Stage) -> None:
    window = Toplevel(client).start()
    buffer = Buffer(client, 30, 20, RED, **is_unsealable())
    window.attach(buffer)
    client.roundtrip()
    assert 0 == buffer.releases
    assert [[0xFF0000] * 30] * 20 == shown(server, 30, 20)
    client.roundtrip()
    assert 1 == buffer.releases
    # It is ours now: what the client draws into it is not shown before its next commit.
    buffer.fill(GREEN)
    assert [[0xFF0000] * 30] * 20 == shown(server, 30, 20)
    window.attach(buffer)
    client.roundtrip()
    assert [[0x00FF00] * 30] * 20 == shown(server, 30, 20)
    client.roundtrip()
    assert 2 == buffer.releases


def test_a_buffer_that_nobody_looks_at_is_not_copied_and_released_by_the_next(
    client: Client, server: Stage
) -> None:
    window = Toplevel(client).start()
    first, second = (Buffer(client, 30, 20, colour, **is_unsealable()) for colour in (RED, GREEN))
    window.attach(first)
    window.attach(second)
    client.roundtrip()
    assert (1, 0) == (first.releases, second.releases)
    # Its memory goes with the buffer: now it is copied or never.
    second.proxy.destroy()
    client.roundtrip()
    second.fill(RED)
    assert [[0x00FF00] * 30] * 20 == shown(server, 30, 20)


def test_of_a_copied_buffer_only_the_damage_is_taken(client: Client, server: Stage) -> None:
    window = Toplevel(client).start()
    buffer = Buffer(client, 10, 10, RED, **is_unsealable())
    window.attach(buffer)
    client.roundtrip()
    assert [0xFF0000] * 10 == shown(server, 10, 10)[0]
    buffer.fill(GREEN)
    window.surface.attach(buffer, 0, 0)
    window.surface.damage_buffer(0, 4, 10, 2)
    window.surface.commit()
    client.roundtrip()
    pixels = shown(server, 10, 10)
    assert [0xFF0000] * 10 == pixels[0]
    assert [0x00FF00] * 10 == pixels[4]
    assert [0x00FF00] * 10 == pixels[5]
    assert [0xFF0000] * 10 == pixels[6]


def test_a_destroyed_buffer_stays_on_the_screen(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(20, 10, RED)
    assert window.buffer is not None
    window.buffer.proxy.destroy()
    window.buffer.memory.close()
    client.roundtrip()
    server.frame()
    assert [[0xFF0000] * 20] * 10 == shown(server, 20, 10)
    window.attach(Buffer(client, 20, 10, GREEN))
    client.roundtrip()
    assert 0 == window.buffer.releases


def test_a_buffer_destroyed_between_attach_and_commit_harms_nobody(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(20, 10)
    for arguments in ({}, is_unsealable()):
        buffer = Buffer(client, 20, 10, **arguments)
        window.surface.attach(buffer, 0, 0)
        buffer.proxy.destroy()
        window.surface.damage(0, 0, 20, 10)
        window.surface.commit()
        client.roundtrip()
        server.frame()
    window.show(20, 10, GREEN)
    assert [[0x00FF00] * 20] * 10 == shown(server, 20, 10)


def test_null_unmaps_and_releases(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    window.surface.attach(None, 0, 0)
    window.surface.commit()
    client.roundtrip()
    assert window.buffer is not None
    assert 1 == window.buffer.releases
    assert not server.window.mapped


def test_pixels_that_change_under_a_mapped_buffer_show_with_the_next_damage(
    client: Client, server: Stage
) -> None:
    window = Toplevel(client).show(8, 8, RED)
    shown(server, 8, 8)
    assert window.buffer is not None
    window.buffer.fill(GREEN)
    window.surface.damage_buffer(0, 0, 8, 4)
    window.surface.commit()
    client.roundtrip()
    pixels = shown(server, 8, 8)
    assert 0x00FF00 == pixels[3][7]


def test_an_offset_with_attach_is_an_error_since_version_5(client: Client) -> None:
    surface = client.get("wl_compositor").create_surface()
    surface.attach(None, 1, 0)
    client.expect_error("wl_surface", "invalid_offset")


def test_an_offset_with_attach_moves_the_surface_before_version_5(client: Client, server: Stage) -> None:
    old = client.bind("wl_compositor", 4)
    surface = old.create_surface()
    surface.attach(None, 3, 4)
    client.roundtrip()
    model = server.server.display.clients[0].objects[surface.id].surface  # type: ignore[union-attr]
    assert (3, 4) == (model.pending.dx, model.pending.dy)
    surface.attach(None, 0, 0)
    client.roundtrip()
    assert (0, 0) == (model.pending.dx, model.pending.dy)


# Frame callbacks


def test_a_frame_callback_comes_with_the_frame_that_shows_the_commit(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.frame()
    callback = window.surface.frame()
    window.surface.damage(0, 0, 10, 10)
    client.roundtrip()
    server.frame()
    assert [] == callback.events
    window.surface.commit()
    client.roundtrip()
    assert [] == callback.events
    server.frame()
    assert 1 == callback.count("done")
    assert callback.dead


def test_the_callbacks_time_is_in_milliseconds_of_the_clock(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    callback = window.surface.frame()
    window.surface.commit()
    before = server.clock.now_ns() // 1_000_000
    server.frame()
    [(time_ms,)] = [arguments for name, arguments in callback.raw if name == "done"]
    assert before <= time_ms <= before + 17


def test_callbacks_are_paced_to_the_refresh_without_damage_too(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.advance(100)
    got = 0
    for _ in range(60):
        callback = window.surface.frame()
        window.surface.commit()
        client.roundtrip()
        server.advance(5)
        client.roundtrip()
        got += callback.count("done")
    # 300 ms are 18 frames of 60 Hz; a callback asked for every 5 ms may not come more often.
    assert got <= 18


def test_an_animation_gets_every_frame(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.advance(100)
    start = server.clock.now_ns()
    times = []
    callback = window.surface.frame()
    window.surface.commit()
    while server.clock.now_ns() < start + 1_000_000_000:
        server.advance(1)
        if callback.events:
            times.append(callback.raw[0][1][0])
            callback = window.surface.frame()
            window.surface.damage(0, 0, 1, 1)
            window.surface.commit()
    assert 59 <= len(times) <= 61


def test_callbacks_of_one_surface_come_in_their_order(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    callbacks = []
    for _ in range(3):
        callbacks += [window.surface.frame(), window.surface.frame()]
        window.surface.commit()
    client.roundtrip()
    client.events.clear()
    server.frame()
    done = [event.split(".")[0] for event in client.events if ".done(" in event]
    assert [repr(callback) for callback in callbacks] == done


def test_a_surface_that_nobody_sees_gets_its_callback_once_a_second(client: Client, server: Stage) -> None:
    surface = client.get("wl_compositor").create_surface()
    server.advance(100)
    callback = surface.frame()
    surface.commit()
    client.roundtrip()
    server.advance(900)
    assert [] == callback.events
    server.advance(200)
    assert 1 == callback.count("done")


def test_a_minimized_window_gets_its_callback_once_a_second(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    window.toplevel.set_minimized()
    client.roundtrip()
    server.advance(50)
    callback = window.surface.frame()
    window.surface.commit()
    server.advance(500)
    assert [] == callback.events
    server.advance(600)
    assert 1 == callback.count("done")


def test_a_window_that_comes_back_gets_its_callback_with_the_next_frame(
    client: Client, server: Stage
) -> None:
    window = Toplevel(client).show()
    window.toplevel.set_minimized()
    client.roundtrip()
    server.advance(50)
    callback = window.surface.frame()
    window.surface.commit()
    client.roundtrip()
    server.window.set_minimized(False)
    server.advance(40)
    assert 1 == callback.count("done")


def test_without_any_output_callbacks_come_once_a_second(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    server.server.backend.remove_output(server.output)
    callback = window.surface.frame()
    window.surface.commit()
    server.advance(1200)
    assert 1 == callback.count("done")


def test_callbacks_that_wait_survive_the_end_of_their_output(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    callback = window.surface.frame()
    window.surface.damage(0, 0, 5, 5)
    window.surface.commit()
    client.roundtrip()
    server.server.backend.remove_output(server.output)
    server.advance(1200)
    assert 1 == callback.count("done")


def test_callbacks_of_a_destroyed_surface_are_dropped_without_an_answer(
    client: Client, server: Stage
) -> None:
    surface = client.get("wl_compositor").create_surface()
    committed = surface.frame()
    surface.commit()
    pending = surface.frame()
    surface.destroy()
    client.roundtrip()
    server.advance(2000)
    assert ([], []) == (committed.events, pending.events)
    assert committed.dead
    assert pending.dead


# Regions


def test_alpha_shows_what_is_below_unless_the_opaque_region_says_otherwise(
    client: Client, server: Stage
) -> None:
    below = Toplevel(client).show(40, 40, RED)
    server.window.move_to(10, 10)
    above = Toplevel(client).start()
    buffer = Buffer(client, 20, 20, 0x00000000, ARGB)
    above.attach(buffer)
    client.roundtrip()
    server.window.move_to(20, 20)
    assert 0xFF0000 == server.pixel(25, 25)
    assert below.buffer is not None
    node = server.scene.for_output(server.output).nodes[-1]
    assert node.opaque.empty
    region = client.get("wl_compositor").create_region()
    region.add(0, 0, 10, 20)
    region.add(5, 5, 1000, 1)
    region.subtract(0, 0, 2, 2)
    above.surface.set_opaque_region(region)
    region.destroy()
    above.surface.commit()
    client.roundtrip()
    node = server.scene.for_output(server.output).nodes[-1]
    assert node.opaque.contains(23, 23)
    assert not node.opaque.contains(20, 20)
    assert node.opaque.contains(39, 25)
    assert not node.opaque.contains(40, 25)


def test_the_input_region_decides_what_is_hit(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40)
    x, y = corner(server)
    region = client.get("wl_compositor").create_region()
    region.add(10, 10, 5, 5)
    window.surface.set_input_region(region)
    window.surface.commit()
    region.add(0, 0, 40, 40)
    client.roundtrip()
    assert server.scene.hit(x + 1, y + 1) is None
    hit = server.scene.hit(x + 12.5, y + 12)
    assert hit is not None
    assert (12.5, 12.0) == (hit.sx, hit.sy)
    window.surface.set_input_region(None)
    window.surface.commit()
    client.roundtrip()
    assert server.scene.hit(x + 1, y + 1) is not None


def test_an_empty_input_region_lets_everything_through(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(40, 40)
    x, y = corner(server)
    window.surface.set_input_region(client.get("wl_compositor").create_region())
    window.surface.commit()
    client.roundtrip()
    assert server.scene.hit(x + 20, y + 20) is None


def test_a_region_takes_any_rectangle(client: Client) -> None:
    region = client.get("wl_compositor").create_region()
    for value in (0, -1, 2**31 - 1, -(2**31)):
        region.add(value, value, value, value)
        region.subtract(value, value, value, value)
        region.add(-(2**31), -(2**31), 2**31 - 1, 2**31 - 1)
    client.roundtrip()


def test_a_region_of_too_many_rectangles_ends_the_connection(client: Client, server: Stage) -> None:
    server.server.options.limits.region_rects = 100
    region = client.get("wl_compositor").create_region()
    for number in range(200):
        region.add(2 * number, 2 * number, 1, 1)
    client.expect_error("wl_display", "implementation")


# Outputs


def test_a_surface_enters_the_output_that_shows_it_and_leaves_it(client: Client, server: Stage) -> None:
    output = client.get("wl_output")
    window = Toplevel(client).show()
    assert [f"enter({output!r})"] == window.surface.events
    window.toplevel.set_minimized()
    client.roundtrip()
    assert [f"leave({output!r})"] == window.surface.events[1:]


def test_an_output_bound_later_is_entered_then(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    assert [] == window.surface.events
    output = client.bind("wl_output")
    client.roundtrip()
    assert [f"enter({output!r})"] == window.surface.events


def test_a_surface_leaves_when_its_output_goes(client: Client, server: Stage) -> None:
    output = client.get("wl_output")
    window = Toplevel(client).show()
    server.server.backend.remove_output(server.output)
    client.roundtrip()
    assert [f"enter({output!r})", f"leave({output!r})"] == window.surface.events


def test_the_preferred_scale_is_told_when_it_is_not_one(client: Client, server: Stage) -> None:
    window = Toplevel(client).show()
    assert 0 == window.surface.count("preferred_buffer_scale")
    server.output.configure(scale=2.0)
    client.roundtrip()
    assert (2,) == window.surface.last("preferred_buffer_scale")


# The end of a surface


def test_a_destroyed_surface_is_gone_from_the_screen(client: Client, server: Stage) -> None:
    window = Toplevel(client).show(20, 10, RED)
    x, y = corner(server)
    background = server.pixel(0, 0)
    window.destroy()
    client.roundtrip()
    assert background == server.pixel(x, y)
    assert window.buffer is not None
    assert 1 == window.buffer.releases


def test_a_surface_destroyed_before_its_role_object_is_an_error(client: Client) -> None:
    window = Toplevel(client).show()
    window.surface.destroy()
    client.expect_error("wl_surface", "defunct_role_object")


def test_a_client_may_make_no_more_surfaces_than_the_limit(client: Client, server: Stage) -> None:
    server.server.options.limits.surfaces = 10
    compositor = client.get("wl_compositor")
    made = [compositor.create_surface() for _ in range(10)]
    client.roundtrip()
    made[0].destroy()
    compositor.create_surface()
    client.roundtrip()
    compositor.create_surface()
    client.expect_error("wl_display", "implementation")


def test_frame_callbacks_have_a_limit(client: Client, server: Stage, surface: Proxy) -> None:
    server.server.options.limits.frame_callbacks = 300
    for _ in range(302):
        surface.frame()
    client.expect_error("wl_display", "implementation")


def test_a_cursor_of_an_odd_size_and_scale_is_let_pass(client: Client, surface: Proxy) -> None:
    surface.set_buffer_scale(2)
    surface.attach(Buffer(client, 25, 25), 0, 0)
    surface.commit()
    client.roundtrip()
