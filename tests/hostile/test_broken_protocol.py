"""Clients that break the protocol, drown it, or leave in the middle of a word."""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hostile.registry import drown
from support import wire
from support.arena import Arena
from support.client import Client, ConnectionLost
from support.pixels import Buffer, is_unsealable
from support.tables import table, tables
from support.windows import Popup, Toplevel

BIG = 2**31 - 1


def test_syncs_whose_answers_are_never_read(attacker: Client, arena: Arena) -> None:
    before = arena.resident_bytes()
    ended = drown(attacker, wire.message(1, 0, wire.word(2)) * 5000, 5)
    arena.honest.frames(2)
    assert ended
    assert arena.resident_bytes() < before + (64 << 20)


def test_registries_whose_globals_are_never_read(attacker: Client, arena: Arena) -> None:
    before = arena.resident_bytes()
    sent = b"".join(wire.message(1, 1, wire.word(oid)) for oid in range(2, 3000))
    assert drown(attacker, sent, 10)
    arena.honest.frames(2)
    assert arena.resident_bytes() < before + (128 << 20)


def test_a_flood_leaves_the_others_their_turn(attacker: Client, arena: Arena) -> None:
    region = attacker.get("wl_compositor").create_region()
    attacker.flush()
    data = wire.message(region.id, 1, *(wire.word(n) for n in (1, 2, 3, 4))) * 20_000
    attacker.sock.setblocking(False)
    start = time.monotonic()
    frames = 0
    left = data
    while time.monotonic() < start + 2:
        try:
            left = left[attacker.sock.send(left) :] or data
        except BlockingIOError:
            pass
        arena.honest.frames(1)
        frames += 1
    # 120 would be all of them; a busy machine may lose some.
    assert frames >= 20


def test_costly_regions_leave_the_others_their_turn(attacker: Client, arena: Arena) -> None:
    region = attacker.get("wl_compositor").create_region()
    attacker.flush()
    checkered = b"".join(
        wire.message(region.id, 1 + n % 2, *(wire.word(v) for v in (n * 7 % 900, n * 13 % 900, 5, 5)))
        for n in range(30_000)
    )
    attacker.sock.setblocking(False)
    start = time.monotonic()
    frames = 0
    while time.monotonic() < start + 2:
        try:
            checkered = checkered[attacker.sock.send(checkered) :]
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            pass
        arena.honest.frames(1)
        frames += 1
    assert frames >= 10


def test_a_connection_that_says_nothing_and_one_that_says_half_a_word(
    new_attacker: Callable[[], Client], arena: Arena
) -> None:
    silent, stammering = new_attacker(), new_attacker()
    stammering.send(wire.message(1, 0, wire.word(2))[:7])
    stammering.flush()
    arena.honest.frames(3)
    assert not silent.closed


def test_hundreds_of_connections(new_attacker: Callable[[], Client], arena: Arena) -> None:
    clients = [new_attacker() for _ in range(200)]
    for client in clients[::10]:
        client.roundtrip()
    arena.honest.frames(2)


def test_connections_that_come_and_go(arena: Arena) -> None:
    for _ in range(300):
        client = arena.connect()
        client.display.sync()
        client.flush()
        client.close()
    arena.honest.frames(2)


def test_descriptors_without_messages(attacker: Client, arena: Arena) -> None:
    reader, writer = socket.socketpair()
    attacker.send(wire.word(1) + wire.word(60_000 << 16) + bytes(1000), [reader.fileno()] * 2000)
    try:
        attacker.roundtrip()
    except ConnectionLost:
        pass
    assert attacker.error is not None
    assert ("wl_display", 3) == (attacker.error[0], attacker.error[2])
    reader.close()
    writer.close()


@pytest.mark.parametrize("order", ["from the top", "from the bottom"])
def test_a_tree_of_thousands_of_levels(attacker: Client, arena: Arena, order: str) -> None:
    compositor, subcompositor = attacker.get("wl_compositor"), attacker.get("wl_subcompositor")
    window = Toplevel(attacker).show()
    surfaces = [window.surface, *(compositor.create_surface() for _ in range(2000))]
    pairs = list(pairwise(surfaces))
    for parent, child in pairs if order == "from the top" else reversed(pairs):
        subcompositor.get_subsurface(child, parent)
        child.commit()
    attacker.expect_error("wl_display", "implementation")


def test_a_thousand_subsurfaces(attacker: Client, arena: Arena) -> None:
    compositor, subcompositor = attacker.get("wl_compositor"), attacker.get("wl_subcompositor")
    window = Toplevel(attacker).show()
    buffer = Buffer(attacker, 2, 2)
    for _ in range(1000):
        child = compositor.create_surface()
        subcompositor.get_subsurface(child, window.surface)
        child.attach(buffer, 0, 0)
        child.commit()
    window.surface.commit()
    attacker.roundtrip()
    arena.look()


def test_popups_on_popups(attacker: Client, arena: Arena) -> None:
    below: Toplevel | Popup = Toplevel(attacker).show()
    with pytest.raises(ConnectionLost):
        for _ in range(3000):
            below = Popup(attacker, below)
            attacker.roundtrip()
    assert attacker.error is not None
    assert "xdg_wm_base" == attacker.error[0]


def test_windows_of_the_largest_size(attacker: Client, arena: Arena) -> None:
    before = arena.resident_bytes()
    for decorated in (False, True):
        window = Toplevel(attacker)
        if decorated:
            attacker.get("zxdg_decoration_manager_v1").get_toplevel_decoration(window.toplevel)
        window.start()
        attacker.get("wp_viewporter").get_viewport(window.surface).set_destination(BIG, BIG)
        window.toplevel.set_title("x" * 4000)
        window.attach(Buffer(attacker, 1, 1))
        attacker.roundtrip()
        arena.look()
        arena.compositor.pointer.move(600, 400)
        window.toplevel.set_maximized()
        attacker.roundtrip()
        arena.look()
    assert arena.resident_bytes() < before + (100 << 20)


def test_callbacks_without_end(attacker: Client, arena: Arena) -> None:
    surface = attacker.get("wl_compositor").create_surface()
    with pytest.raises(ConnectionLost):
        for _ in range(100):
            for _ in range(1000):
                surface.frame()
            attacker.roundtrip()


def test_objects_without_end(attacker: Client, arena: Arena) -> None:
    compositor = attacker.get("wl_compositor")
    with pytest.raises(ConnectionLost):
        for _ in range(200):
            for _ in range(1000):
                compositor.create_region()
            attacker.roundtrip()
    assert attacker.error is not None
    assert ("wl_display", 0) == (attacker.error[0], attacker.error[2])


def session(client: Client) -> bytes:
    """Return the bytes of a whole little session, from get_registry on, and leave it unsent."""
    names = {name: client.registry and entries[0] for name, entries in client.globals.items()}
    del names
    window = Toplevel(client)
    window.surface.commit()
    client.roundtrip()
    start = len(client._out)
    window.ack()
    child = client.get("wl_compositor").create_surface()
    role = client.get("wl_subcompositor").get_subsurface(child, window.surface)
    role.set_position(5, 5)
    child.frame()
    child.commit()
    window.surface.frame()
    window.toplevel.set_title("gone in a moment")
    window.xdg_surface.set_window_geometry(1, 1, 10, 10)
    client.get("wp_presentation").feedback(window.surface)
    window.surface.damage(0, 0, 5, 5)
    window.surface.commit()
    assert 0 == start
    data, client._out = client._out, b""
    return data


def test_hanging_up_after_every_byte_of_a_session(new_attacker: Callable[[], Client], arena: Arena) -> None:
    length = 1
    cut = 0
    while cut < length:
        client = new_attacker()
        for name in ("wl_subcompositor", "wp_presentation"):
            client.get(name)
        data = session(client)
        length = len(data)
        client.sock.sendall(data[:cut])
        client.sock.close()
        client.closed = True
        cut += 7


def test_hanging_up_with_a_buffer_attached(new_attacker: Callable[[], Client], arena: Arena) -> None:
    for arguments in ({}, {"seals": 0}, is_unsealable()):
        for commit in (False, True):
            client = new_attacker()
            window = Toplevel(client).start()
            window.surface.attach(Buffer(client, 64, 64, **arguments), 0, 0)
            if commit:
                window.surface.commit()
            client.flush()
            client.close()
            arena.look()


@pytest.mark.parametrize("seed", range(8))
def test_random_requests_of_every_interface(
    new_attacker: Callable[[], Client], arena: Arena, seed: int
) -> None:
    """Well-formed requests with random arguments: whatever happens, nothing of it may be our bug."""
    rng = random.Random(seed)
    for _ in range(25):
        client = new_attacker()
        interfaces = sorted(name for name in client.registry and client.globals if name in tables())
        objects = [client.bind(name) for name in rng.sample(interfaces, min(12, len(interfaces)))]
        objects += [client.get("wl_compositor").create_surface() for _ in range(3)]
        objects.append(client.get("wl_compositor").create_region())
        memory = Buffer(client, 16, 16)
        objects.append(memory.proxy)
        try:
            for _ in range(60):
                target = rng.choice(objects)
                requests = [m for m in target.table.requests.values() if m.since <= target.version]
                if not requests:
                    continue
                message = rng.choice(requests)
                if message.name in ("destroy", "release") and rng.random() < 0.7:
                    continue
                values: list[object] = []
                for argument in message.arguments:
                    fitting = [o for o in objects if argument.interface in (None, o.interface) and not o.dead]
                    match argument.kind:
                        case "n":
                            continue
                        case "o":
                            values.append(rng.choice(fitting) if fitting else None)
                        case "s":
                            values.append(rng.choice(["", "text/plain", "x" * 200, "\N{SEAL}"]))
                        case "a":
                            values.append(rng.randbytes(rng.randrange(9)))
                        case "h":
                            values.append(memory.memory.fd)
                        case "f":
                            values.append(rng.choice([0.0, -1.0, 1.5, 8e6, -8e6]))
                        case "N":
                            break
                        case _:
                            small = rng.randrange(-2, 40)
                            values.append(rng.choice([0, 1, small, small, 1000, BIG, -(2**31), 0xFFFF_FFFF]))
                else:
                    made = client.request(target, message, tuple(values))
                    if made is not None:
                        objects.append(made)
                    if message.name in ("destroy", "release"):
                        objects.remove(target)
                if rng.random() < 0.2:
                    client.roundtrip()
            client.roundtrip()
        except ConnectionLost:
            assert client.error is not None
            assert "internal error" not in client.error[3], client.error
        finally:
            client.close()


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes(new_attacker: Callable[[], Client], arena: Arena, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(30):
        client = new_attacker()
        client.get("wl_compositor").create_surface()
        client.get("xdg_wm_base")
        client.roundtrip()
        data = b""
        for _ in range(20):
            size = rng.choice([8, 12, 16, 20, 28, rng.randrange(65536)])
            opcode = rng.choice([0, 1, 2, 3, 4, 5, rng.randrange(65536)])
            data += struct.pack("=III", rng.randrange(1, 8), size << 16 | opcode, rng.getrandbits(32))
            data += rng.randbytes(max(0, min(size, 400) - 12))
        client.send(data)
        client.flush()
        client.close()
    assert table("wl_surface").version >= 6
