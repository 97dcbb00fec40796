"""Each limit, set low on the command line of a real compositor, and a client that goes over it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support import wire
from support.arena import Arena
from support.client import Client, ConnectionLost
from support.pixels import XRGB, Buffer, Memory, is_unsealable
from support.windows import Popup, Toplevel, positioner

PAGE = 4096
LOW = {
    "objects": 300,
    "incoming_fds": 50,
    "pending_output_bytes": 20_000,
    "clients_per_pid": 12,
    "pools": 6,
    "pool_bytes": 64 * PAGE,
    "pool_bytes_total": 100 * PAGE,
    "mappings": 8,
    "sparse_bytes": 20 * PAGE,
    "copied_bytes": 40 * PAGE,
    "copied_buffer_bytes": 30 * PAGE,
    "buffer_side_px": 500,
    "surfaces": 40,
    "subsurfaces": 8,
    "subsurface_depth": 4,
    "frame_callbacks": 260,
    "queued_commits": 5,
    "region_rects": 10,
    "popups": 4,
    "popup_depth": 3,
    "output_binds": 3,
    "idle_timeouts": 5,
    "string_bytes": 100,
    "mime_types": 7,
}


@pytest.fixture(scope="module")
def arena_process() -> Iterator[Arena]:
    """A compositor with low limits."""
    arena = Arena(*(part for name, value in LOW.items() for part in ("--limit", f"{name}={value}")))
    yield arena
    arena.close()


def implementation(client: Client, what: str) -> None:
    """Expect the error for what has no code of its own."""
    assert what in client.expect_error("wl_display", "implementation")


def a_pool(client: Client, pages: int, **arguments: Any) -> Any:
    """Return a pool over all of a new file without holes."""
    memory = Memory(pages * PAGE, **arguments)
    os.posix_fallocate(memory.fd, 0, memory.size)
    client.keep.append(memory)
    return client.get("wl_shm").create_pool(memory.fd, memory.size)


def test_objects(attacker: Client) -> None:
    for _ in range(300):
        attacker.get("wl_compositor").create_region()
    assert "300 objects" in attacker.expect_error("wl_display", "invalid_object")


def test_descriptors_ahead_of_their_requests(attacker: Client) -> None:
    memory = Memory(PAGE)
    attacker.keep.append(memory)
    attacker.send(wire.word(1) + wire.word(60 << 16) + bytes(8), [memory.fd] * 60)
    attacker.flush()
    while attacker.receive(wait=True):
        pass
    assert attacker.error is not None
    assert "too many descriptors" in attacker.error[3]


def test_events_that_nobody_reads(attacker: Client) -> None:
    attacker.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        for _ in range(1000):
            attacker.sock.sendall(wire.message(1, 0, wire.word(2)) * 1000)


def test_connections_of_one_process(new_attacker: Callable[[], Client], arena: Arena) -> None:
    # The honest client is one of this process too.
    kept = [new_attacker() for _ in range(11)]
    for client in kept:
        client.roundtrip()
    refused = new_attacker()
    with pytest.raises(ConnectionLost):
        refused.roundtrip()
    assert refused.error is None
    assert "12 connections of one process" in arena.compositor.log


def test_pools(attacker: Client) -> None:
    for _ in range(7):
        a_pool(attacker, 1)
    assert "6 pools" in attacker.expect_error("wl_shm", "invalid_fd")


def test_bytes_of_one_pool(attacker: Client) -> None:
    a_pool(attacker, 65)
    assert "for one pool" in attacker.expect_error("wl_shm", "invalid_fd")


def test_bytes_of_one_pool_that_grows(attacker: Client) -> None:
    a_pool(attacker, 60).resize(65 * PAGE)
    assert "for one pool" in attacker.expect_error("wl_shm_pool", "invalid_fd")


def test_bytes_of_all_pools(attacker: Client) -> None:
    a_pool(attacker, 60)
    a_pool(attacker, 60)
    assert "bytes of pools" in attacker.expect_error("wl_shm", "invalid_fd")


def test_destroyed_pools_do_not_count(attacker: Client) -> None:
    for _ in range(20):
        a_pool(attacker, 30).destroy()
        attacker.roundtrip()


def test_mappings_kept_by_buffers_of_old_sizes(attacker: Client) -> None:
    memory = Memory(64 * PAGE)
    os.posix_fallocate(memory.fd, 0, memory.size)
    attacker.keep.append(memory)
    pool = attacker.get("wl_shm").create_pool(memory.fd, PAGE)
    # Each is more than what there is room for.
    for pages in (2, 5, 11, 23, 47):
        pool.create_buffer(0, 4, 4, 16, XRGB)
        pool.resize(pages * PAGE)
    assert "8 mappings" in attacker.expect_error("wl_shm_pool", "invalid_fd")


def test_mappings_of_buffers_that_are_gone_do_not_count(attacker: Client) -> None:
    memory = Memory(40 * PAGE)
    os.posix_fallocate(memory.fd, 0, memory.size)
    attacker.keep.append(memory)
    pool = attacker.get("wl_shm").create_pool(memory.fd, PAGE)
    for pages in range(2, 40):
        pool.create_buffer(0, 4, 4, 16, XRGB).destroy()
        pool.resize(pages * PAGE)
    attacker.roundtrip()


def test_buffers_that_are_holes(attacker: Client) -> None:
    memory = Memory(64 * PAGE)
    attacker.keep.append(memory)
    attacker.get("wl_shm").create_pool(memory.fd, memory.size).create_buffer(0, 256, 200, 1024, XRGB)
    assert "holes" in attacker.expect_error("wl_shm_pool", "invalid_fd")


def test_holes_beside_the_columns_of_a_buffer_do_not_count(attacker: Client) -> None:
    memory = Memory(64 * PAGE)
    attacker.keep.append(memory)
    # From its first byte to its last it is 48 pages, of which three are looked at.
    attacker.get("wl_shm").create_pool(memory.fd, memory.size).create_buffer(0, 4, 3, 16 * PAGE, XRGB)
    attacker.roundtrip()


def test_holes_that_were_filled_do_not_count(attacker: Client) -> None:
    memory = Memory(64 * PAGE)
    attacker.keep.append(memory)
    pool = attacker.get("wl_shm").create_pool(memory.fd, memory.size)
    for start in range(4):
        pool.create_buffer(start * 16 * PAGE, 256, 16, 1024, XRGB)
        attacker.roundtrip()
        memory.write(bytes(16 * PAGE), start * 16 * PAGE)
    attacker.roundtrip()


def shown_copy(client: Client, rows: int) -> None:
    """Show a buffer of 1024-byte rows that has to be copied."""
    window = Toplevel(client).start()
    pool = a_pool(client, -(-rows // 4), **is_unsealable())
    window.surface.attach(pool.create_buffer(0, 256, rows, 1024, XRGB), 0, 0)
    window.surface.commit()


def test_bytes_of_one_copied_buffer(attacker: Client) -> None:
    shown_copy(attacker, 140)
    assert "for a copy" in attacker.expect_error("wl_buffer", "invalid_fd")


def test_bytes_of_all_copies(attacker: Client) -> None:
    shown_copy(attacker, 100)
    attacker.roundtrip()
    shown_copy(attacker, 100)
    assert "copies of unsealed buffers" in attacker.expect_error("wl_buffer", "invalid_fd")


@pytest.mark.parametrize(("width", "height"), [(501, 1), (1, 501)])
def test_sides_of_a_buffer(attacker: Client, width: int, height: int) -> None:
    a_pool(attacker, 4).create_buffer(0, width, height, 4 * width, XRGB)
    assert "500" in attacker.expect_error("wl_shm_pool", "invalid_stride")


def test_surfaces(attacker: Client) -> None:
    for _ in range(41):
        attacker.get("wl_compositor").create_surface()
    implementation(attacker, "40 surfaces")


def test_subsurfaces(attacker: Client) -> None:
    compositor, subcompositor = attacker.get("wl_compositor"), attacker.get("wl_subcompositor")
    parent = compositor.create_surface()
    for _ in range(5):
        # Those that are gone do not count.
        subcompositor.get_subsurface(compositor.create_surface(), parent).destroy()
    for _ in range(9):
        subcompositor.get_subsurface(compositor.create_surface(), parent)
    implementation(attacker, "8 subsurfaces")


def test_levels_of_subsurfaces(attacker: Client) -> None:
    compositor, subcompositor = attacker.get("wl_compositor"), attacker.get("wl_subcompositor")
    above = compositor.create_surface()
    for _ in range(6):
        child = compositor.create_surface()
        subcompositor.get_subsurface(child, above)
        above = child
    implementation(attacker, "levels of subsurfaces")


def test_frame_callbacks(attacker: Client) -> None:
    surface = attacker.get("wl_compositor").create_surface()
    for _ in range(270):
        surface.frame()
    implementation(attacker, "260 frame callbacks")


def test_commits_that_wait_for_their_time(attacker: Client) -> None:
    window = Toplevel(attacker).show(8, 8)
    timer = attacker.get("wp_commit_timing_manager_v1").get_timer(window.surface)
    for _ in range(7):
        timer.set_timestamp(0xFFFF, 0, 0)
        window.surface.commit()
    implementation(attacker, "5 commits wait")


def test_rectangles_of_a_region(attacker: Client) -> None:
    region = attacker.get("wl_compositor").create_region()
    for n in range(11):
        region.add(n * 10, n * 10, 5, 5)
    implementation(attacker, "10 rectangles")


def test_popups(attacker: Client) -> None:
    window = Toplevel(attacker).show()
    rules = positioner(attacker)
    for _ in range(5):
        surface = attacker.get("wl_compositor").create_surface()
        attacker.get("xdg_wm_base").get_xdg_surface(surface).get_popup(window.xdg_surface, rules)
    implementation(attacker, "4 popups")


def test_levels_of_popups(attacker: Client) -> None:
    below: Toplevel | Popup = Toplevel(attacker).show()
    for _ in range(4):
        below = Popup(attacker, below)
    attacker.expect_error("xdg_wm_base", "invalid_popup_parent")


def test_binds_of_an_output(attacker: Client) -> None:
    for _ in range(4):
        attacker.bind("wl_output")
    implementation(attacker, "more than 3 times")


def test_timeouts(attacker: Client) -> None:
    notifier, seat = attacker.get("ext_idle_notifier_v1"), attacker.get("wl_seat")
    for _ in range(5):
        notifier.get_idle_notification(60_000, seat).destroy()
    for _ in range(6):
        notifier.get_idle_notification(60_000, seat)
    implementation(attacker, "5 idle timeouts")


def test_types_of_a_source(attacker: Client) -> None:
    source = attacker.get("wl_data_device_manager").create_data_source()
    for n in range(8):
        source.offer(f"type/{n}")
    implementation(attacker, "7 types")


def test_bytes_of_a_type(attacker: Client) -> None:
    attacker.get("wl_data_device_manager").create_data_source().offer("x" * 101)
    implementation(attacker, "100 bytes")


def test_a_title_that_is_too_long_is_cut(attacker: Client, arena: Arena) -> None:
    window = Toplevel(attacker)
    window.toplevel.set_title("t" * 150)
    window.show()
    assert "t" * 100 in [info["title"] for info in arena.compositor.window_infos()]


def test_an_honest_window_fits_into_the_limits(attacker: Client, arena: Arena) -> None:
    Toplevel(attacker).show(60, 60)
    Buffer(attacker, 60, 60)
    attacker.roundtrip()
    arena.honest.frames(2)
