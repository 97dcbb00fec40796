"""More of everything than anybody needs, as fast as it goes."""

from __future__ import annotations

import os
import time

from hostile.registry import DISCONNECTED, UNHARMED, Enemy, attack
from support import wire
from support.client import Client, ConnectionLost, Proxy
from support.pixels import Buffer
from support.windows import Toplevel, positioner

IMPLEMENTATION = "wl_display.implementation"
SECONDS = 0.3
KEYBOARD = 2
"""Of wl_seat.capabilities."""


def pour(client: Client, data: bytes) -> None:
    """Send the same again and again, reading what comes."""
    client.flush()
    client.sock.setblocking(False)
    deadline = time.monotonic() + SECONDS
    left = data
    try:
        while time.monotonic() < deadline:
            try:
                left = left[client.sock.send(left) :] or data
            except BlockingIOError:
                client.receive()
                client.events.clear()
                client.deleted.clear()
        # Finish the message that is under way.
        client.sock.settimeout(10)
        client.sock.sendall(left)
    except (BrokenPipeError, ConnectionResetError):
        pass
    client.sock.settimeout(10)


@attack("a flood of requests")
def requests(enemy: Enemy) -> None:
    region = enemy.client.get("wl_compositor").create_region()
    pour(enemy.client, wire.message(region.id, 1, *map(wire.word, (1, 2, 3, 4))) * 5000)


@attack("regions of a thousand pieces", IMPLEMENTATION, UNHARMED)
def regions(enemy: Enemy) -> None:
    region = enemy.client.get("wl_compositor").create_region()
    data = b"".join(
        wire.message(region.id, 1 + n % 2, *map(wire.word, (n * 7 % 900, n * 13 % 900, 5, 5)))
        for n in range(10_000)
    )
    pour(enemy.client, data)


@attack("commits as fast as they go")
def commits(enemy: Enemy) -> None:
    client = enemy.client
    window = Toplevel(client).show(64, 64)
    client.roundtrip()
    assert window.buffer is not None
    surface = window.surface.id
    one = (
        wire.message(surface, 1, wire.word(window.buffer.id), wire.word(0), wire.word(0))
        + wire.message(surface, 2, *map(wire.word, (0, 0, 64, 64)))
        + wire.message(surface, 6)
    )
    pour(client, one * 500)


@attack("commits of ten windows of ten clients at once")
def many_commits(enemy: Enemy) -> None:
    floods = []
    for _ in range(10):
        client = enemy.connect()
        window = Toplevel(client).show(64, 64)
        assert window.buffer is not None
        surface = window.surface.id
        one = wire.message(surface, 1, wire.word(window.buffer.id), wire.word(0), wire.word(0))
        client.sock.setblocking(False)
        floods.append((client, (one + wire.message(surface, 6)) * 300))
    deadline = time.monotonic() + SECONDS
    left = [data for _, data in floods]
    while time.monotonic() < deadline:
        for index, (client, data) in enumerate(floods):
            try:
                left[index] = left[index][client.sock.send(left[index]) :] or data
            except BlockingIOError:
                client.receive()
                client.events.clear()
    enemy.client.roundtrip()


@attack("surfaces without end", IMPLEMENTATION, UNHARMED)
def surfaces(enemy: Enemy) -> None:
    compositor = enemy.client.get("wl_compositor")
    for _ in range(9000):
        compositor.create_surface()


@attack("objects without end", "wl_display.invalid_object", UNHARMED)
def objects(enemy: Enemy) -> None:
    compositor = enemy.client.get("wl_compositor")
    start = enemy.client.next_id
    enemy.client.flush()
    data = b"".join(wire.message(compositor.id, 1, wire.word(start + n)) for n in range(70_000))
    enemy.client.interfaces.update({start + n: "wl_region" for n in range(70_000)})
    enemy.client.send(data)


@attack("frame callbacks without end", IMPLEMENTATION, UNHARMED)
def callbacks(enemy: Enemy) -> None:
    surface = enemy.client.get("wl_compositor").create_surface()
    for _ in range(6000):
        surface.frame()
    surface.commit()


@attack("frame callbacks just below the limit, at every frame")
def many_callbacks(enemy: Enemy) -> None:
    client = enemy.client
    window = Toplevel(client).show(16, 16)
    for _ in range(4):
        for _ in range(1000):
            window.surface.frame()
        window.surface.commit()
        client.roundtrip()


@attack("presentation feedbacks without end", IMPLEMENTATION, UNHARMED)
def feedbacks(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show(16, 16)
    presentation = enemy.client.get("wp_presentation")
    for _ in range(6000):
        presentation.feedback(window.surface)
    window.surface.commit()


@attack("a thousand subsurfaces that all move at every frame")
def subsurfaces(enemy: Enemy) -> None:
    client = enemy.client
    compositor, subcompositor = client.get("wl_compositor"), client.get("wl_subcompositor")
    window = Toplevel(client).show(200, 200)
    buffer = Buffer(client, 4, 4)
    roles = []
    for _ in range(1000):
        surface = compositor.create_surface()
        roles.append(subcompositor.get_subsurface(surface, window.surface))
        surface.attach(buffer, 0, 0)
        surface.commit()
    for step in range(4):
        for n, role in enumerate(roles):
            role.set_position((n * 7 + step) % 190, (n * 3) % 190)
        window.surface.commit()
        client.roundtrip()


@attack("five thousand subsurfaces", IMPLEMENTATION, UNHARMED)
def too_many_subsurfaces(enemy: Enemy) -> None:
    compositor, subcompositor = enemy.client.get("wl_compositor"), enemy.client.get("wl_subcompositor")
    parent = compositor.create_surface()
    for _ in range(5000):
        subcompositor.get_subsurface(compositor.create_surface(), parent)


@attack("titles as fast as they go")
def titles(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show(64, 64)
    pour(enemy.client, wire.message(window.toplevel.id, 2, wire.string("x" * 3900)) * 100)


@attack("states asked for as fast as they go", UNHARMED, DISCONNECTED)
def states(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show(64, 64)
    table = window.toplevel.table.requests
    one = b"".join(
        wire.message(window.toplevel.id, table[name].opcode) for name in ("set_maximized", "unset_maximized")
    )
    pour(enemy.client, one * 200)


@attack("configures that are never acknowledged")
def configures(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show(64, 64)
    for _ in range(5000):
        window.toplevel.set_maximized()
        window.toplevel.unset_maximized()
    enemy.client.roundtrip()


@attack("popups by the hundred", IMPLEMENTATION, "xdg_wm_base.invalid_popup_parent", UNHARMED)
def popups(enemy: Enemy) -> None:
    client = enemy.client
    window = Toplevel(client).show()
    rules = positioner(client)
    for _ in range(400):
        surface = client.get("wl_compositor").create_surface()
        client.get("xdg_wm_base").get_xdg_surface(surface).get_popup(window.xdg_surface, rules)


@attack("windows by the hundred, shown and taken away")
def windows(enemy: Enemy) -> None:
    client = enemy.client
    shown = [Toplevel(client).show(16, 16) for _ in range(60)]
    for window in shown:
        window.destroy()
    client.roundtrip()


def copying(client: Client) -> tuple[Proxy, Proxy]:
    """Have the keyboard and a selection; return the device, and the source of what was copied."""
    manager, seat = client.get("wl_data_device_manager"), client.get("wl_seat")
    device = manager.get_data_device(seat)
    client.roundtrip()
    if not seat.last("capabilities")[0] & KEYBOARD:
        raise KeyError("keyboard")
    keyboard = seat.get_keyboard()
    Toplevel(client).show(16, 16)
    client.roundtrip()
    serial = keyboard.last("enter")[0]
    source = manager.create_data_source()
    source.offer("text/plain")
    device.set_selection(source, serial)
    client.roundtrip()
    for fd in client.fds:
        os.close(fd)
    client.fds.clear()
    return device, source


@attack("a clipboard asked for without end, and nothing that is read")
def transfers(enemy: Enemy) -> None:
    client = enemy.client
    device, _ = copying(client)
    offer = device.last("selection")[0]
    read, write = os.pipe()
    try:
        for number in range(1000):
            offer.receive("text/plain", write)
            if number % 20 == 0:
                client.flush()
        client.roundtrip()
    finally:
        os.close(read)
        os.close(write)
        for fd in client.fds:
            os.close(fd)


@attack("selections that change as fast as they go")
def selections(enemy: Enemy) -> None:
    client = enemy.client
    device, source = copying(client)
    manager = client.get("wl_data_device_manager")
    serial = 1
    for _ in range(1000):
        source = manager.create_data_source()
        source.offer("text/plain")
        device.set_selection(source, serial)
    client.roundtrip()
    pour(client, wire.message(device.id, 1, wire.word(0), wire.word(serial)) * 500)


@attack("types offered without end", IMPLEMENTATION, UNHARMED)
def mime_types(enemy: Enemy) -> None:
    source = enemy.client.get("wl_data_device_manager").create_data_source()
    for n in range(3000):
        source.offer(f"application/x-{n}")


@attack("timeouts set and taken back without end", standard=False)
def timeouts(enemy: Enemy) -> None:
    client = enemy.client
    notifier, seat = client.get("ext_idle_notifier_v1"), client.get("wl_seat")
    for _ in range(30):
        for _ in range(300):
            notifier.get_idle_notification(0xFFFF_FFFF, seat).destroy()
        client.roundtrip()


@attack("commits for the end of time", IMPLEMENTATION, standard=False)
def timed_commits(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show(16, 16)
    timer = enemy.client.get("wp_commit_timing_manager_v1").get_timer(window.surface)
    for _ in range(400):
        timer.set_timestamp(0xFFFF_FFFF, 0xFFFF_FFFF, 999_999_999)
        window.surface.commit()


@attack("inhibitors without end", UNHARMED, IMPLEMENTATION, standard=False)
def idle_inhibitors(enemy: Enemy) -> None:
    client = enemy.client
    window = Toplevel(client).show(16, 16)
    manager = client.get("zwp_idle_inhibit_manager_v1")
    try:
        for _ in range(20):
            for _ in range(500):
                manager.create_inhibitor(window.surface)
            client.roundtrip()
    except ConnectionLost:
        pass
