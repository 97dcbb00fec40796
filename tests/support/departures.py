"""What a client may do instead of an ordinary frame, and what may happen before it does."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from typing import Any
from unittest import mock

from support import wire
from support.client import Proxy
from support.pixels import Buffer, Memory
from support.theatre import Artist, Spender, Theatre

Action = Callable[[Theatre, Artist], object]


def draw(theatre: Theatre, drawer: Artist) -> None:
    drawer.draw()


def nothing(theatre: Theatre, drawer: Artist) -> None:
    pass


def twice(theatre: Theatre, drawer: Artist) -> None:
    drawer.draw()
    drawer.draw()


def ask(theatre: Theatre, drawer: Artist) -> None:
    drawer.draw()
    drawer.client.display.sync()


def commit(
    drawer: Artist, buffer: Any, *, x: int = 0, damage: str = "damage_buffer", frame: bool = True
) -> None:
    surface = drawer.surface
    surface.attach(buffer, x, 0)
    if damage:
        getattr(surface, damage)(0, 0, 50, 50)
    if frame:
        surface.frame()
    surface.commit()


def same_buffer(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, drawer.buffers[drawer.count % 3])


def other_size(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, Buffer(drawer.client, 50, 40))


def other_format(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, Buffer(drawer.client, drawer.buffers[0].width, drawer.buffers[0].height, format=0))


def unsealable(theatre: Theatre, drawer: Artist) -> None:
    width, height = drawer.buffers[0].width, drawer.buffers[0].height
    commit(drawer, Buffer(drawer.client, width, height, seals=0x1, flags=0x2))


def no_buffer(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, None)


def no_such_buffer(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, 5000)


def not_a_buffer(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, drawer.surface)


def gone_buffer(theatre: Theatre, drawer: Artist) -> None:
    buffer = Buffer(drawer.client, drawer.buffers[0].width, drawer.buffers[0].height)
    commit(drawer, buffer)
    buffer.proxy.destroy()


def taken_id(theatre: Theatre, drawer: Artist) -> None:
    buffer = drawer.buffers[drawer.count % 3]
    surface = drawer.surface
    surface.attach(buffer, 0, 0)
    surface.damage_buffer(0, 0, 1, 1)
    drawer.client.request(surface, surface.table.requests["frame"], (), oid=surface.id)
    surface.commit()


def offset(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, drawer.buffers[0], x=1)


def offset_down(theatre: Theatre, drawer: Artist) -> None:
    drawer.surface.attach(drawer.buffers[0], 0, 1)
    drawer.surface.damage_buffer(0, 0, 50, 50)
    drawer.surface.frame()
    drawer.surface.commit()


def to_nobody(theatre: Theatre, drawer: Artist) -> None:
    _to(drawer, 5000)


def to_a_buffer(theatre: Theatre, drawer: Artist) -> None:
    _to(drawer, drawer.buffers[0].proxy.id)


def to_the_compositor(theatre: Theatre, drawer: Artist) -> None:
    _to(drawer, drawer.client.get("wl_compositor").id)


def _to(drawer: Artist, oid: int) -> None:
    """Send an ordinary frame to whatever has that id."""
    client, word = drawer.client, wire.word
    client.send(wire.message(oid, 1, word(drawer.buffers[0].proxy.id), word(0), word(0)))
    client.send(wire.message(oid, 9, word(0), word(0), word(9), word(9)))
    client.send(wire.message(oid, 3, word(client.new_id())))
    client.send(wire.message(oid, 6))


def old_version(theatre: Theatre, drawer: Artist) -> None:
    """Draw a child of before damage_buffer as if it had that, once it is shown."""
    if theatre.old is None:
        compositor = drawer.client.bind("wl_compositor", 3)
        child = compositor.create_surface()
        drawer.client.get("wl_subcompositor").get_subsurface(child, drawer.surface).set_desync()
        child.attach(drawer.buffers[0], 0, 0)
        child.damage(0, 0, 50, 50)
        child.commit()
        theatre.old = child
        drawer.draw()
    elif not theatre.old.dead:
        drawer.draw()
        _to(drawer, theatre.old.id)


def old_damage(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, drawer.buffers[0], damage="damage")


def no_damage(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, drawer.buffers[1], damage="")


def no_callback(theatre: Theatre, drawer: Artist) -> None:
    commit(drawer, drawer.buffers[2], frame=False)


def only_callback(theatre: Theatre, drawer: Artist) -> None:
    drawer.surface.frame()
    drawer.surface.commit()


def pending(theatre: Theatre, drawer: Artist) -> None:
    drawer.draw()
    drawer.surface.damage(0, 0, 5, 5)


def scale(theatre: Theatre, drawer: Artist) -> None:
    drawer.surface.set_buffer_scale(1 + drawer.count % 2)
    drawer.draw()


def regions(theatre: Theatre, drawer: Artist) -> None:
    region = drawer.client.get("wl_compositor").create_region()
    region.add(0, 0, 10, 10)
    drawer.surface.set_input_region(region)
    drawer.draw()


def child(theatre: Theatre, drawer: Artist) -> None:
    child = drawer.client.get("wl_compositor").create_surface()
    role = drawer.client.get("wl_subcompositor").get_subsurface(child, drawer.surface)
    role.set_desync()
    child.attach(Buffer(drawer.client, 20, 20), 0, 0)
    child.commit()
    drawer.draw()
    theatre.extra += [child, role]


def child_ends(theatre: Theatre, drawer: Artist) -> None:
    for proxy in reversed(theatre.extra):
        proxy.destroy()
    theatre.extra.clear()
    drawer.draw()


def _with_child(act: Callable[[Artist, Proxy, Proxy, Buffer], None]) -> Action:
    """An action with a child that stays: the first time it is made, and its buffers."""

    def action(theatre: Theatre, drawer: Artist) -> None:
        if theatre.still is None:
            # One batch with one descriptor: at more of them, reading stops in between.
            surface = drawer.client.get("wl_compositor").create_surface()
            role = drawer.client.get("wl_subcompositor").get_subsurface(surface, drawer.surface)
            role.set_desync()
            role.set_position(60, 50)
            buffer = Buffer(drawer.client, 20, 20, 0xFF00FF00)
            _child_commits(surface, buffer)
            drawer.draw()
            theatre.still = surface, role, buffer
        else:
            act(drawer, *theatre.still)

    action.__name__ = act.__name__
    return action


def _child_commits(surface: Proxy, buffer: Buffer) -> None:
    surface.attach(buffer, 0, 0)
    surface.damage_buffer(0, 0, 400, 20)
    surface.commit()


@_with_child
def child_stands_still(drawer: Artist, surface: Proxy, role: Proxy, buffer: Buffer) -> None:
    drawer.draw()


@_with_child
def child_draws_before(drawer: Artist, surface: Proxy, role: Proxy, buffer: Buffer) -> None:
    _child_commits(surface, buffer)
    drawer.draw()


@_with_child
def child_draws_after(drawer: Artist, surface: Proxy, role: Proxy, buffer: Buffer) -> None:
    drawer.draw()
    _child_commits(surface, buffer)


@_with_child
def child_grows_out_of_the_window(drawer: Artist, surface: Proxy, role: Proxy, buffer: Buffer) -> None:
    """What follows for the window follows with its next commit."""
    drawer.draw()
    _child_commits(surface, drawer.buffers[drawer.count % 3])


@_with_child
def child_waits_for_the_next_commit(drawer: Artist, surface: Proxy, role: Proxy, buffer: Buffer) -> None:
    drawer.draw()
    role.set_sync()
    _child_commits(surface, buffer)


@_with_child
def child_moves(drawer: Artist, surface: Proxy, role: Proxy, buffer: Buffer) -> None:
    role.set_position(5 * (drawer.count % 7), -3)
    drawer.draw()


@_with_child
def child_goes(drawer: Artist, surface: Proxy, role: Proxy, buffer: Buffer) -> None:
    drawer.draw()
    surface.attach(None, 0, 0)
    surface.commit()


def feedback(theatre: Theatre, drawer: Artist) -> None:
    drawer.client.get("wp_presentation").feedback(drawer.surface)
    drawer.draw()


def memory(theatre: Theatre, drawer: Artist) -> None:
    memory = Memory(4096)
    drawer.client.keep.append(memory)
    drawer.client.get("wl_shm").create_pool(memory.fd, 4096)
    drawer.draw()


def leave(theatre: Theatre, drawer: Artist) -> None:
    drawer.window.toplevel.unset_fullscreen()
    drawer.draw()


def end(theatre: Theatre, drawer: Artist) -> None:
    drawer.draw()
    drawer.window.destroy()


# What happens on the compositor's side, before the client sends anything.


def pointer(theatre: Theatre, drawer: Artist) -> None:
    theatre.stage.desktop.seat.pointer.move_to(10 + drawer.count % 7, 20)
    theatre.work()
    drawer.draw()


def capture(theatre: Theatre, drawer: Artist) -> None:
    theatre.stage.server.backend.screens[theatre.stage.output].capture()
    drawer.draw()


def power(theatre: Theatre, drawer: Artist) -> None:
    theatre.stage.output.set_powered(not theatre.stage.output.powered)
    drawer.draw()


def mode(theatre: Theatre, drawer: Artist) -> None:
    theatre.stage.output.configure(width=320 + drawer.count % 3)
    theatre.work()
    drawer.draw()


def look(theatre: Theatre, drawer: Artist) -> None:
    theatre.stage.server.hear_everybody()
    drawer.draw()


def other_client(theatre: Theatre, drawer: Artist) -> None:
    theatre.other().draw()
    drawer.draw()


# What a client may do that draws each frame into a new file.


def _spending(act: Callable[[Spender], object]) -> Action:
    def action(theatre: Theatre, drawer: Artist) -> None:
        assert isinstance(drawer, Spender)
        act(drawer)

    action.__name__ = act.__name__
    return action


@_spending
def spend_another_size(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.show(drawer.buffer(width=50))


@_spending
def spend_another_format(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.show(drawer.buffer(format=0))


@_spending
def spend_what_takes_seals(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.show(drawer.buffer(seals=0, flags=0x2))


@_spending
def spend_what_is_sealed(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.show(drawer.buffer(seals=0x2, flags=0x2))


def _spend_cut(drawer: Spender, size: int) -> None:
    drawer.destroy_spent()
    buffer = drawer.buffer()
    os.ftruncate(buffer.memory.fd, size)
    drawer.show(buffer)


@_spending
def spend_too_short_a_file(drawer: Spender) -> None:
    _spend_cut(drawer, 4096)


@_spending
def spend_a_file_on_a_disk(drawer: Spender) -> None:
    drawer.destroy_spent()
    with mock.patch("os.memfd_create", lambda *_: _disk_file()):
        buffer = drawer.buffer()
    drawer.show(buffer)


def _disk_file() -> int:
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


@_spending
def spend_an_empty_file(drawer: Spender) -> None:
    _spend_cut(drawer, 0)


@_spending
def shrink_what_is_shown(drawer: Spender) -> None:
    drawer.draw()
    for spent in drawer.spent[:-1]:
        # Some are sealed by then.
        with contextlib.suppress(PermissionError):
            os.ftruncate(spent.memory.fd, 64)


@_spending
def destroy_nothing(drawer: Spender) -> None:
    drawer.show(drawer.buffer())


@_spending
def destroy_what_is_shown(drawer: Spender) -> None:
    for spent in drawer.spent:
        spent.proxy.destroy()
    drawer.spent.clear()
    drawer.show(drawer.buffer())


@_spending
def destroy_what_was_shared(drawer: Spender) -> None:
    if drawer.buffers[2].proxy.dead:
        drawer.draw()
    else:
        drawer.buffers[2].proxy.destroy()
        drawer.show(drawer.buffer())


@_spending
def spend_one_of_a_pool_that_stays(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.show(drawer.buffer(keep_pool=True))


@_spending
def spend_one_of_two_in_a_pool(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.show(drawer.buffer(twin=True))


@_spending
def spend_two(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.buffer()
    drawer.show(drawer.buffer())


@_spending
def show_what_was_spent(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.buffer()
    drawer.show(drawer.spent[0])


@_spending
def spend_beside(drawer: Spender) -> None:
    drawer.destroy_spent()
    drawer.show(drawer.buffer(), x=1)


@_spending
def spend_and_ask(drawer: Spender) -> None:
    drawer.draw()
    drawer.client.display.sync()


@_spending
def spend_in_pieces(drawer: Spender) -> None:
    drawer.draw()
    drawer.client.flush()
    drawer.surface.damage(0, 0, 9, 9)


@_spending
def spend_and_break_a_rule(drawer: Spender) -> None:
    drawer.draw()
    drawer.surface.set_buffer_scale(0)


@_spending
def spend_after_a_stray_descriptor(drawer: Spender) -> None:
    """It came before its time: from now on each file is that of the pool after the one it came with."""
    stray = Memory(drawer.buffers[0].width * drawer.buffers[0].height * 4, 0, 0)
    drawer.client.keep.append(stray)
    drawer.client.flush()
    drawer.surface.damage(0, 0, 9, 9)
    drawer.client._out_fds.append(stray.fd)
    drawer.client.flush()
    drawer.draw()


SPENDING: list[Action] = [
    spend_another_size,
    spend_another_format,
    spend_what_takes_seals,
    spend_what_is_sealed,
    spend_too_short_a_file,
    spend_a_file_on_a_disk,
    spend_an_empty_file,
    shrink_what_is_shown,
    destroy_nothing,
    destroy_what_is_shown,
    destroy_what_was_shared,
    spend_one_of_a_pool_that_stays,
    spend_one_of_two_in_a_pool,
    spend_two,
    show_what_was_spent,
    spend_beside,
    spend_and_ask,
    spend_in_pieces,
    spend_and_break_a_rule,
    spend_after_a_stray_descriptor,
]

ACTIONS: list[Action] = [
    draw,
    nothing,
    twice,
    ask,
    same_buffer,
    other_size,
    other_format,
    unsealable,
    no_buffer,
    no_such_buffer,
    not_a_buffer,
    gone_buffer,
    taken_id,
    offset,
    offset_down,
    to_nobody,
    to_a_buffer,
    to_the_compositor,
    old_version,
    old_damage,
    no_damage,
    no_callback,
    only_callback,
    pending,
    scale,
    regions,
    child,
    child_stands_still,
    child_draws_before,
    child_draws_after,
    child_grows_out_of_the_window,
    child_waits_for_the_next_commit,
    child_moves,
    child_goes,
    child_ends,
    feedback,
    memory,
    leave,
    end,
    pointer,
    capture,
    power,
    mode,
    look,
    other_client,
]
