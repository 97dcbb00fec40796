"""Memory that lies: every way a client's file can be other than it says.

A compositor that maps one byte too many of such a file dies of SIGBUS, and
everybody's windows with it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import fcntl
import os
import socket
import tempfile
from typing import Any

import pytest
from support.arena import Arena
from support.client import Client, ConnectionLost, Proxy
from support.pixels import ARGB, SHRINK, XRGB, Buffer, Memory, is_unsealable
from support.windows import Toplevel

PAGE = 4096
GROW, SEAL, WRITE = fcntl.F_SEAL_GROW, fcntl.F_SEAL_SEAL, fcntl.F_SEAL_WRITE
FUTURE_WRITE = 0x10
INT_MAX = 2**31 - 1


def shown(client: Client, memory: Memory, size: int | None = None) -> tuple[Toplevel, Proxy, Proxy]:
    """Return a window that shows a buffer over all of a file, its pool and the buffer."""
    size = memory.size if size is None else size
    client.keep.append(memory)
    window = Toplevel(client).start()
    pool = client.get("wl_shm").create_pool(memory.fd, size)
    buffer = pool.create_buffer(0, 64, size // 256, 256, XRGB)
    present(window, buffer)
    return window, pool, buffer


def present(window: Toplevel, buffer: Any) -> None:
    window.surface.attach(buffer, 0, 0)
    window.surface.damage(0, 0, INT_MAX, INT_MAX)
    window.surface.commit()


def test_sealed_then_resized_past_its_file(attacker: Client, arena: Arena) -> None:
    window, pool, _ = shown(attacker, Memory(4 * PAGE))
    attacker.roundtrip()
    arena.look()
    pool.resize(256 * PAGE)
    present(window, pool.create_buffer(128 * PAGE, 64, 64, 256, XRGB))
    attacker.expect_error("wl_shm_pool", "invalid_fd")


def test_adopted_then_resized_past_its_file(attacker: Client, arena: Arena) -> None:
    window, pool, _ = shown(attacker, Memory(4 * PAGE, seals=0))
    pool.resize(256 * PAGE)
    present(window, pool.create_buffer(128 * PAGE, 64, 64, 256, XRGB))
    attacker.expect_error("wl_shm_pool", "invalid_fd")


def test_copied_then_resized_past_its_file(attacker: Client, arena: Arena) -> None:
    window, pool, _ = shown(attacker, Memory(4 * PAGE, **is_unsealable()))
    pool.resize(256 * PAGE)
    present(window, pool.create_buffer(128 * PAGE, 64, 64, 256, XRGB))
    attacker.expect_error("wl_shm_pool", "invalid_fd")


@pytest.mark.parametrize("claimed", [PAGE + 1, 2 * PAGE, 2**30, INT_MAX])
def test_a_sealed_file_smaller_than_claimed(attacker: Client, arena: Arena, claimed: int) -> None:
    memory = Memory(PAGE)
    attacker.keep.append(memory)
    attacker.get("wl_shm").create_pool(memory.fd, claimed)
    attacker.expect_error("wl_shm", "invalid_fd")


@pytest.mark.parametrize("arguments", [{"seals": 0}, is_unsealable()], ids=["sealable", "unsealable"])
@pytest.mark.parametrize("claimed", [2 * PAGE, INT_MAX])
def test_an_unsealed_file_smaller_than_claimed_is_read_as_far_as_it_goes(
    attacker: Client, arena: Arena, arguments: dict[str, int], claimed: int
) -> None:
    memory = Memory(PAGE, **arguments)
    attacker.keep.append(memory)
    window = Toplevel(attacker).start()
    pool = attacker.get("wl_shm").create_pool(memory.fd, claimed)
    present(window, pool.create_buffer(0, 32, 32, 128, XRGB))
    attacker.roundtrip()
    arena.look()
    # Nobody promised anything, so it may grow, and nothing of it is mapped or sealed.
    assert not fcntl.fcntl(memory.fd, fcntl.F_GET_SEALS) & SHRINK
    os.ftruncate(memory.fd, 2 * PAGE)
    buffer = pool.create_buffer(PAGE, 32, 32, 128, XRGB)
    present(window, buffer)
    attacker.roundtrip()
    os.ftruncate(memory.fd, 2 * PAGE - 1)
    present(window, buffer)
    attacker.expect_error("wl_buffer", "invalid_fd")


def test_an_empty_file(attacker: Client, arena: Arena) -> None:
    memory = Memory(0)
    attacker.keep.append(memory)
    attacker.get("wl_shm").create_pool(memory.fd, 1)
    attacker.expect_error("wl_shm", "invalid_fd")


@pytest.mark.parametrize("seals", [SHRINK, 0], ids=["sealed by its owner", "sealed by us"])
def test_shrinking_after_the_seal_is_the_owners_failure(attacker: Client, arena: Arena, seals: int) -> None:
    memory = Memory(4 * PAGE, seals=seals)
    shown(attacker, memory)
    attacker.roundtrip()
    arena.look()
    with pytest.raises(PermissionError):
        os.ftruncate(memory.fd, 0)
    arena.look()
    attacker.roundtrip()


@pytest.mark.parametrize(
    "seals",
    [GROW, GROW | SEAL, SEAL, FUTURE_WRITE | SEAL, WRITE | GROW | SEAL],
    ids=["GROW", "GROW|SEAL", "SEAL", "FUTURE_WRITE|SEAL", "WRITE|GROW|SEAL"],
)
def test_other_seals_than_shrink_are_no_promise(attacker: Client, arena: Arena, seals: int) -> None:
    memory = Memory(4 * PAGE, seals=seals)
    window, _, buffer = shown(attacker, memory)
    attacker.roundtrip()
    arena.look()
    try:
        os.ftruncate(memory.fd, 0)
    except PermissionError:
        # It took the seal that we added.
        assert fcntl.fcntl(memory.fd, fcntl.F_GET_SEALS) & SHRINK
    arena.look()
    present(window, buffer)
    if fcntl.fcntl(memory.fd, fcntl.F_GET_SEALS) & SHRINK:
        attacker.roundtrip()
    else:
        attacker.expect_error("wl_buffer", "invalid_fd")


def test_a_copied_file_truncated_while_shown(attacker: Client, arena: Arena) -> None:
    memory = Memory(4 * PAGE, **is_unsealable())
    window, _, buffer = shown(attacker, memory)
    attacker.roundtrip()
    arena.look()
    # Copied by now: what is shown stays.
    os.ftruncate(memory.fd, 0)
    arena.look()
    attacker.roundtrip()
    present(window, buffer)
    attacker.expect_error("wl_buffer", "invalid_fd")


def test_a_copied_file_truncated_before_anybody_looked(attacker: Client, arena: Arena) -> None:
    memory = Memory(4 * PAGE, **is_unsealable())
    shown(attacker, memory)
    attacker.roundtrip()
    os.ftruncate(memory.fd, 0)
    arena.look()
    attacker.expect_error("wl_buffer", "invalid_fd")


def test_a_copied_file_truncated_by_one_byte(attacker: Client, arena: Arena) -> None:
    memory = Memory(4 * PAGE, **is_unsealable())
    window, _, buffer = shown(attacker, memory)
    attacker.roundtrip()
    os.ftruncate(memory.fd, 4 * PAGE - 1)
    present(window, buffer)
    attacker.expect_error("wl_buffer", "invalid_fd")


def test_a_copied_file_truncated_and_grown_back(attacker: Client, arena: Arena) -> None:
    memory = Memory(4 * PAGE, **is_unsealable())
    window, _, buffer = shown(attacker, memory)
    for _ in range(50):
        os.ftruncate(memory.fd, 0)
        os.ftruncate(memory.fd, 4 * PAGE)
        present(window, buffer)
    try:
        attacker.roundtrip()
    except ConnectionLost:
        assert attacker.error is not None
        assert ("wl_buffer", 2) == (attacker.error[0], attacker.error[2])


def test_dev_shm_truncated_while_shown(attacker: Client, arena: Arena) -> None:
    with tempfile.TemporaryFile(dir="/dev/shm") as file:
        os.ftruncate(file.fileno(), 4 * PAGE)
        window = Toplevel(attacker).start()
        pool = attacker.get("wl_shm").create_pool(file.fileno(), 4 * PAGE)
        buffer = pool.create_buffer(0, 64, 64, 256, XRGB)
        present(window, buffer)
        try:
            attacker.roundtrip()
        except ConnectionLost:
            # A /dev/shm of its own size limit may be refused outright.
            assert attacker.error is not None
            assert ("wl_shm", 2) == (attacker.error[0], attacker.error[2])
            return
        os.ftruncate(file.fileno(), 0)
        arena.look()
        present(window, buffer)
        attacker.expect_error("wl_buffer", "invalid_fd")


def test_huge_pages(attacker: Client, arena: Arena) -> None:
    size = 2 << 20
    try:
        fd = os.memfd_create("huge", os.MFD_CLOEXEC | os.MFD_HUGETLB | os.MFD_ALLOW_SEALING)
        os.ftruncate(fd, size)
    except OSError as error:
        pytest.skip(f"this kernel makes no hugetlb memfd: {error.strerror}")
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SHRINK)
    attacker.get("wl_shm").create_pool(fd, size)
    attacker.expect_error("wl_shm", "invalid_fd")
    os.close(fd)


def pipe() -> list[int]:
    return list(os.pipe())


def sockets() -> list[int]:
    return [sock.detach() for sock in socket.socketpair()]


STRANGE = {
    "pipe": pipe,
    "socket": sockets,
    "event": lambda: [os.eventfd(1)],
    "directory": lambda: [os.open("/", os.O_RDONLY)],
    "path only": lambda: [os.open("/dev/null", os.O_PATH)],
    "null": lambda: [os.open("/dev/null", os.O_RDWR)],
    "zero": lambda: [os.open("/dev/zero", os.O_RDWR)],
    "random": lambda: [os.open("/dev/urandom", os.O_RDONLY)],
    "proc": lambda: [os.open("/proc/self/mem", os.O_RDONLY)],
    "maps": lambda: [os.open("/proc/self/maps", os.O_RDONLY)],
    "process": lambda: [os.pidfd_open(os.getpid())],
}


@pytest.mark.parametrize("make", STRANGE.values(), ids=list(STRANGE))
def test_a_descriptor_that_is_no_memory(attacker: Client, arena: Arena, make: Any) -> None:
    fds = make()
    attacker.get("wl_shm").create_pool(fds[0], PAGE)
    attacker.expect_error("wl_shm", "invalid_fd")
    for fd in fds:
        os.close(fd)


@pytest.mark.parametrize("seals", [0, SHRINK])
def test_a_descriptor_that_is_open_for_reading_only(attacker: Client, arena: Arena, seals: int) -> None:
    memory = Memory(4 * PAGE, seals=seals)
    reader = os.open(f"/proc/self/fd/{memory.fd}", os.O_RDONLY)
    window = Toplevel(attacker).start()
    pool = attacker.get("wl_shm").create_pool(reader, 4 * PAGE)
    buffer = pool.create_buffer(0, 64, 64, 256, XRGB)
    present(window, buffer)
    attacker.roundtrip()
    arena.look()
    if seals:
        with pytest.raises(PermissionError):
            os.ftruncate(memory.fd, 0)
    else:
        # We could not seal it through that descriptor: it is copied.
        os.ftruncate(memory.fd, 0)
        arena.look()
        present(window, buffer)
        attacker.expect_error("wl_buffer", "invalid_fd")
    os.close(reader)
    memory.close()


def test_a_descriptor_that_is_open_for_writing_only(attacker: Client, arena: Arena) -> None:
    memory = Memory(PAGE)
    writer = os.open(f"/proc/self/fd/{memory.fd}", os.O_WRONLY)
    attacker.get("wl_shm").create_pool(writer, PAGE)
    attacker.expect_error("wl_shm", "invalid_fd")
    os.close(writer)
    memory.close()


@pytest.mark.parametrize("seals", [WRITE | SHRINK, FUTURE_WRITE | SHRINK | GROW | SEAL])
def test_a_file_that_nobody_may_write_is_shown(attacker: Client, arena: Arena, seals: int) -> None:
    shown(attacker, Memory(4 * PAGE, seals=seals))
    attacker.roundtrip()
    arena.look()


@pytest.mark.parametrize("size", [0, -1, -(2**31)])
def test_a_pool_of_no_size(attacker: Client, arena: Arena, size: int) -> None:
    memory = Memory(PAGE)
    attacker.keep.append(memory)
    attacker.get("wl_shm").create_pool(memory.fd, size)
    attacker.expect_error("wl_shm", "invalid_stride")


@pytest.mark.parametrize("size", [0, -1, PAGE, -(2**31)])
def test_a_pool_made_smaller_while_shown(attacker: Client, arena: Arena, size: int) -> None:
    _, pool, _ = shown(attacker, Memory(4 * PAGE))
    pool.resize(size)
    attacker.expect_error("wl_shm_pool", "invalid_fd")


@pytest.mark.parametrize(
    "rectangle",
    [
        (0, 8, 8, 31),
        (PAGE - 3, 1, 1, 4),
        (PAGE, 1, 1, 4),
        (-PAGE, 8, 8, 32),
        (INT_MAX, INT_MAX, INT_MAX, INT_MAX),
        (0, 1 << 14, 1 << 16, 1 << 16),
        (0, 32, 32, 2**31 - 4),
        (0, 0, 0, 0),
        (0, -1, -1, -4),
    ],
)
def test_a_buffer_beside_its_pool(attacker: Client, arena: Arena, rectangle: tuple[int, ...]) -> None:
    memory = Memory(PAGE)
    attacker.keep.append(memory)
    pool = attacker.get("wl_shm").create_pool(memory.fd, PAGE)
    pool.create_buffer(*rectangle, ARGB)
    attacker.expect_error("wl_shm_pool", "invalid_stride")


def test_the_very_end_of_a_pool_is_read_and_no_further(attacker: Client, arena: Arena) -> None:
    # The file ends with the page, so a read too far faults.
    for width, height, stride in ((1, 1, 4), (64, 16, 256), (3, 7, 12), (1024, 1, 4096)):
        memory = Memory(PAGE)
        attacker.keep.append(memory)
        window = Toplevel(attacker).start()
        pool = attacker.get("wl_shm").create_pool(memory.fd, PAGE)
        for pixel_format in (ARGB, XRGB):
            present(window, pool.create_buffer(PAGE - stride * height, width, height, stride, pixel_format))
            attacker.roundtrip()
            arena.look()


def test_growing_while_the_old_buffer_is_shown(attacker: Client, arena: Arena) -> None:
    memory = Memory(4 * PAGE)
    window, pool, buffer = shown(attacker, memory)
    for pages in range(5, 60):
        memory.grow(pages * PAGE)
        pool.resize(pages * PAGE)
        if pages % 7 == 0:
            present(window, pool.create_buffer((pages - 1) * PAGE, 64, 16, 256, XRGB))
            attacker.roundtrip()
            arena.look()
    buffer.destroy()
    attacker.roundtrip()


def test_the_pool_and_the_buffer_go_while_shown(attacker: Client, arena: Arena) -> None:
    memory = Memory(4 * PAGE)
    window, pool, buffer = shown(attacker, memory)
    pool.destroy()
    attacker.roundtrip()
    arena.look()
    buffer.destroy()
    memory.close()
    attacker.roundtrip()
    arena.look()
    window.surface.damage(0, 0, 64, 64)
    window.surface.commit()
    attacker.roundtrip()
    arena.look()


def test_holes_punched_while_shown_read_as_zeros(attacker: Client, arena: Arena) -> None:
    memory = Memory(4 * PAGE)
    memory.write(b"\xff" * 4 * PAGE)
    shown(attacker, memory)
    attacker.roundtrip()
    arena.look()
    libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    keep_size, punch_hole = 1, 2
    offset, length = ctypes.c_long(0), ctypes.c_long(4 * PAGE)
    assert 0 == libc.fallocate(memory.fd, keep_size | punch_hole, offset, length)
    arena.look()


def test_a_sparse_pool_costs_nothing_that_is_not_shown(attacker: Client, arena: Arena) -> None:
    before = arena.resident_bytes()
    memory = Memory(1 << 30)
    shown(attacker, memory, 4 * PAGE)
    pools = [attacker.get("wl_shm").create_pool(memory.fd, 1 << 30) for _ in range(4)]
    buffers = [pool.create_buffer(512 << 20, 64, 64, 256, XRGB) for pool in pools]
    attacker.roundtrip()
    arena.look()
    assert arena.resident_bytes() < before + (64 << 20)
    assert buffers


def test_pools_without_end(attacker: Client, arena: Arena) -> None:
    memory = Memory(PAGE)
    attacker.keep.append(memory)
    shm = attacker.get("wl_shm")
    with pytest.raises(ConnectionLost):
        for _ in range(200):
            for _ in range(25):
                shm.create_pool(memory.fd, PAGE)
            attacker.roundtrip()
    assert attacker.error is not None
    assert ("wl_shm", 2) == (attacker.error[0], attacker.error[2])


def test_mappings_without_end(attacker: Client, arena: Arena) -> None:
    memory = Memory(PAGE)
    memory.grow(70_000 * PAGE)
    attacker.keep.append(memory)
    pool = attacker.get("wl_shm").create_pool(memory.fd, PAGE)
    with pytest.raises(ConnectionLost):
        for size in range(2, 70_000):
            pool.resize(size * PAGE)
            pool.create_buffer(0, 1, 1, 4, ARGB)
            if size % 500 == 0:
                attacker.roundtrip()
    # All sizes are one mapping; there are no more buffers than objects.
    assert attacker.error is not None
    assert ("wl_display", 0) == (attacker.error[0], attacker.error[2])
    assert "65536 objects" in attacker.error[3]


def test_copies_without_end(attacker: Client, arena: Arena) -> None:
    before = arena.resident_bytes()
    side = 2048
    big = Buffer(attacker, side, side, **is_unsealable())
    compositor = attacker.get("wl_compositor")
    try:
        for _ in range(40):
            surface = compositor.create_surface()
            surface.attach(big, 0, 0)
            surface.commit()
            attacker.roundtrip()
    except ConnectionLost:
        assert attacker.error is not None
        assert ("wl_buffer", 2) == (attacker.error[0], attacker.error[2])
    else:
        pytest.fail("40 copies of 16 MiB were taken")
    attacker.close()
    arena.honest.frames(2)
    assert arena.resident_bytes() < before + (100 << 20)


def test_nothing_handles_sigbus_in_the_running_compositor(attacker: Client, arena: Arena) -> None:
    sigbus = 1 << (7 - 1)
    for key in ("SigCgt", "SigIgn", "SigBlk"):
        assert not int(arena.status(key), 16) & sigbus, key


def test_whether_others_have_a_copied_file_open_is_shown(attacker: Client, arena: Arena) -> None:
    def said() -> Any:
        (pool,) = [pool for pool in arena.compositor.pools if pool["size"] == 3 * 4096]
        return pool["exclusive"]

    with tempfile.NamedTemporaryFile(dir="/var/tmp") as file:
        file.truncate(3 * 4096)
        attacker.get("wl_shm").create_pool(file.fileno(), 3 * 4096)
        attacker.roundtrip()
        if (alone := said()) == "unsupported":
            pytest.skip("the file system of /var/tmp has no leases")
        # The client's descriptor and the compositor's are one open file.
        assert "yes" == alone
        with open(file.name, "rb"):
            assert "no" == said()
        assert "yes" == said()
