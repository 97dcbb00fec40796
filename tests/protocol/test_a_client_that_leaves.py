"""A client that leaves in the middle of something leaves nothing behind, and nobody stuck."""

from __future__ import annotations

import gc
from collections.abc import Callable

from support.client import Client
from support.people import Desk, Person
from support.pixels import Buffer
from support.stage import Stage
from support.windows import Toplevel

from compositor import wire
from compositor.model import buffer


def kept(server: Stage) -> list[wire.Client]:
    """Clients that are gone and still in memory."""
    gc.collect()
    return [thing for thing in gc.get_objects() if type(thing) is wire.Client and not thing.alive]


def leave(server: Stage, client: Client) -> None:
    """Hang up."""
    client.close()
    server.pump()
    server.clients.remove(client)


def test_a_drag_without_a_source_ends_with_its_client(server: Stage, client: Client, person: Person) -> None:
    desk = Desk(server, client)
    person.point(80, 60)
    person.button(True)
    device = client.get("wl_data_device_manager").get_data_device(desk.seat)
    device.start_drag(None, desk.surface, None, desk.pointer.last("button")[0])
    client.roundtrip()
    assert server.desktop.seat.drag is not None
    other = server.connect()
    keyboard = other.get("wl_seat").get_keyboard()
    Toplevel(other).show()
    del desk
    leave(server, client)
    assert server.desktop.seat.drag is None
    keyboard.take()
    person.tap(30)
    assert 2 == sum("key(" in event for event in keyboard.events), "keys reach the window that has the focus"
    person.button(False)
    assert [] == kept(server)


def test_a_session_stays_locked_without_keeping_the_client_that_locked_it(server: Stage) -> None:
    locker = server.connect()
    locker.get("ext_session_lock_manager_v1").lock()
    locker.roundtrip()
    server.frame()
    leave(server, locker)
    server.frame()
    assert server.desktop.lock is not None
    assert [] == kept(server)


def test_the_lint_keeps_no_buffer_that_was_attached_and_never_committed(
    make_stage: Callable[..., Stage],
) -> None:
    server = make_stage(lint=True)
    client = server.connect()
    surface = client.get("wl_compositor").create_surface()
    surface.attach(Buffer(client, 20, 20), 0, 0)
    client.roundtrip()
    leave(server, client)
    gc.collect()
    assert [] == [thing for thing in gc.get_objects() if isinstance(thing, buffer.Buffer)]
