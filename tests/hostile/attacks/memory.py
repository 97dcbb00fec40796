"""Memory that lies: every way a client's file can be other than it says."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import socket
import tempfile
from collections.abc import Callable

from hostile.registry import UNHARMED, Enemy, NotHere, attack
from support.client import Client, ConnectionLost
from support.pixels import SHRINK, XRGB, Buffer, Memory
from support.stalled import CannotMount, stalled_file
from support.windows import Toplevel

PAGE = 4096
BIG = 2**31 - 1
MFD_HUGETLB = 0x4
TERABYTE = 1 << 40


def pool_of(client: Client, fd: int, size: int) -> object:
    """Offer a descriptor and close it once it is sent."""
    pool = client.get("wl_shm").create_pool(fd, size)
    client.flush()
    os.close(fd)
    return pool


def show(client: Client, memory: Memory, size: int | None = None):  # type: ignore[no-untyped-def]
    """Return a window showing a buffer over all of a file, and its pool."""
    size = memory.size if size is None else size
    client.keep.append(memory)
    window = Toplevel(client).start()
    pool = client.get("wl_shm").create_pool(memory.fd, size)
    buffer = pool.create_buffer(0, 64, size // 256, 256, XRGB)
    present(window, buffer)
    return window, pool


def present(window: Toplevel, buffer: object) -> None:
    """Commit a buffer with damage everywhere."""
    window.surface.attach(buffer, 0, 0)
    window.surface.damage(0, 0, BIG, BIG)
    window.surface.commit()


@attack("a sealed pool resized past its file", "wl_shm_pool.invalid_fd")
def sealed_resized_past_its_file(enemy: Enemy) -> None:
    window, pool = show(enemy.client, Memory(4 * PAGE))
    enemy.client.roundtrip()
    pool.resize(256 * PAGE)
    present(window, pool.create_buffer(128 * PAGE, 64, 64, 256, XRGB))


@attack("an unsealed pool resized past its file", "wl_shm_pool.invalid_fd")
def unsealed_resized_past_its_file(enemy: Enemy) -> None:
    window, pool = show(enemy.client, Memory(4 * PAGE, seals=0))
    enemy.client.roundtrip()
    pool.resize(256 * PAGE)
    present(window, pool.create_buffer(128 * PAGE, 64, 64, 256, XRGB))


@attack("a file without seals resized past its end", "wl_shm_pool.invalid_fd")
def unsealable_resized_past_its_file(enemy: Enemy) -> None:
    window, pool = show(enemy.client, Memory(4 * PAGE, seals=0, flags=0))
    enemy.client.roundtrip()
    pool.resize(256 * PAGE)
    present(window, pool.create_buffer(128 * PAGE, 64, 64, 256, XRGB))


@attack("a sealed file smaller than its pool", "wl_shm.invalid_fd")
def sealed_and_too_small(enemy: Enemy) -> None:
    show(enemy.client, Memory(PAGE), 64 * PAGE)


@attack("an empty file", "wl_shm.invalid_fd")
def empty(enemy: Enemy) -> None:
    show(enemy.client, Memory(0), 4 * PAGE)


def _truncated(point: str) -> Callable[[Enemy], None]:
    def run(enemy: Enemy) -> None:
        client = enemy.client
        memory = Memory(16 * PAGE, seals=0, flags=0)
        client.keep.append(memory)
        window = Toplevel(client).start()

        def cut(here: str) -> None:
            if here == point:
                client.roundtrip()
                os.ftruncate(memory.fd, PAGE)

        pool = client.get("wl_shm").create_pool(memory.fd, memory.size)
        cut("after create_pool")
        buffer = pool.create_buffer(0, 64, 256, 256, XRGB)
        cut("after create_buffer")
        window.surface.attach(buffer, 0, 0)
        window.surface.damage(0, 0, BIG, BIG)
        cut("after attach")
        window.surface.commit()
        cut("after commit")
        present(window, buffer)
        if point == "between two commits":
            client.flush()
            os.ftruncate(memory.fd, PAGE)
            present(window, buffer)

    return run


for _point in (
    "after create_pool",
    "after create_buffer",
    "after attach",
    "after commit",
    "between two commits",
):
    attack(f"a file without seals truncated {_point}", "wl_buffer.invalid_fd")(_truncated(_point))


@attack("truncation of a file that the compositor sealed")
def truncation_of_an_adopted_file(enemy: Enemy) -> str:
    memory = Memory(16 * PAGE, seals=0)
    show(enemy.client, memory)
    enemy.client.roundtrip()
    try:
        os.ftruncate(memory.fd, 0)
    except PermissionError:
        return enemy.outcome()
    return "truncated"


@attack("a truncated file grown back", races=("wl_buffer.invalid_fd",))
def truncated_and_grown(enemy: Enemy) -> None:
    memory = Memory(16 * PAGE, seals=0, flags=0)
    window, pool = show(enemy.client, memory)
    for _ in range(20):
        os.ftruncate(memory.fd, 0)
        os.ftruncate(memory.fd, memory.size)
        present(window, pool.create_buffer(0, 64, 256, 256, XRGB))


@attack("holes punched into a buffer that is shown")
def punched(enemy: Enemy) -> None:
    memory = Memory(64 * PAGE)
    window, pool = show(enemy.client, memory)
    enemy.client.roundtrip()
    os.posix_fallocate(memory.fd, 0, memory.size)
    # FALLOC_FL_PUNCH_HOLE has no name in Python: discarding by madvise does the same.
    with mmap.mmap(memory.fd, memory.size) as pixels:
        pixels[:] = bytes(memory.size)
        pixels.madvise(mmap.MADV_REMOVE)
    present(window, pool.create_buffer(0, 64, 1024, 256, XRGB))


@attack("sealed huge pages that do not exist", "wl_shm.invalid_fd")
def huge_pages(enemy: Enemy) -> None:
    try:
        fd = os.memfd_create("huge", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING | MFD_HUGETLB)
    except OSError as error:
        raise NotHere(f"no huge pages: {error.strerror}") from None
    os.ftruncate(fd, 2 << 20)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SHRINK)
    pool_of(enemy.client, fd, 2 << 20)


@attack("a sparse terabyte", "wl_shm_pool.invalid_fd")
def sparse_terabyte(enemy: Enemy) -> None:
    client = enemy.client
    memory = Memory(TERABYTE)
    client.keep.append(memory)
    window = Toplevel(client).start()
    pool = client.get("wl_shm").create_pool(memory.fd, BIG)
    present(window, pool.create_buffer(0, 16384, 32000, 65536, XRGB))


@attack("thousands of sparse gigabytes", "wl_shm.invalid_fd")
def sparse_pools(enemy: Enemy) -> None:
    memory = Memory(TERABYTE)
    enemy.client.keep.append(memory)
    _many_pools(enemy, memory, BIG)


def _many_pools(enemy: Enemy, memory: Memory, size: int) -> None:
    shm = enemy.client.get("wl_shm")
    for number in range(2000):
        shm.create_pool(memory.fd, size)
        if number % 20 == 0:
            # Descriptors far ahead of their requests are another matter.
            enemy.client.flush()


def _strange(make: Callable[[], int]) -> Callable[[Enemy], None]:
    def run(enemy: Enemy) -> None:
        pool_of(enemy.client, make(), PAGE)

    return run


def _pipe() -> int:
    read, write = os.pipe()
    os.close(write)
    return read


def _socket() -> int:
    return socket.socket(socket.AF_UNIX).detach()


def _write_only() -> int:
    fd = os.memfd_create("writable", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, PAGE)
    other = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY)
    os.close(fd)
    return other


def _path_only() -> int:
    return os.open("/etc/passwd", os.O_PATH)


def _pidfd() -> int:
    return os.pidfd_open(os.getpid())


for _kind, _make in {
    "a pipe": _pipe,
    "a socket": _socket,
    "a folder": lambda: os.open("/", os.O_RDONLY),
    "/dev/zero": lambda: os.open("/dev/zero", os.O_RDWR),
    "/dev/null": lambda: os.open("/dev/null", os.O_RDWR),
    "/proc/self/mem": lambda: os.open("/proc/self/mem", os.O_RDWR),
    "an eventfd": lambda: os.eventfd(0),
    "a pidfd": _pidfd,
    "a descriptor that opens nothing (O_PATH)": _path_only,
    "memory open for writing only": _write_only,
}.items():
    attack(f"{_kind} for a pool", "wl_shm.invalid_fd")(_strange(_make))


@attack("a file whose file system never answers", "wl_shm.invalid_fd")
def stalled(enemy: Enemy) -> None:
    try:
        with stalled_file() as file:
            fd = file.fd
            enemy.client.get("wl_shm").create_pool(fd, PAGE)
            try:
                enemy.client.roundtrip()
            except (ConnectionLost, TimeoutError, AssertionError):
                pass
    except CannotMount as error:
        raise NotHere(str(error)) from None
    with contextlib.suppress(OSError):
        # It is gone by now, and closing asks it.
        os.close(fd)


@attack("a file on disk, truncated while shown", "wl_buffer.invalid_fd", "wl_shm.invalid_fd")
def disk_file(enemy: Enemy) -> None:
    with tempfile.TemporaryFile(dir="/var/tmp") as file:
        file.truncate(16 * PAGE)
        window = Toplevel(enemy.client).start()
        pool = enemy.client.get("wl_shm").create_pool(file.fileno(), 16 * PAGE)
        buffer = pool.create_buffer(0, 64, 256, 256, XRGB)
        present(window, buffer)
        enemy.client.roundtrip()
        file.truncate(0)
        present(window, buffer)
        enemy.client.roundtrip()


@attack("a pool without a descriptor", "wl_display.invalid_method", "disconnected")
def no_descriptor(enemy: Enemy) -> None:
    from support import wire

    shm = enemy.client.get("wl_shm")
    enemy.client.roundtrip()
    enemy.client.send(wire.message(shm.id, 0, wire.word(enemy.client.new_id()), wire.word(PAGE)))


for _size, _error in (
    (0, "wl_shm.invalid_stride"),
    (-1, "wl_shm.invalid_stride"),
    (-BIG - 1, "wl_shm.invalid_stride"),
):

    def _sized(enemy: Enemy, size: int = _size) -> None:
        memory = Memory(PAGE)
        enemy.client.keep.append(memory)
        enemy.client.get("wl_shm").create_pool(memory.fd, size)

    attack(f"a pool of {_size} bytes", _error, "wl_shm.invalid_fd")(_sized)


@attack("a pool made smaller", "wl_shm_pool.invalid_fd")
def smaller(enemy: Enemy) -> None:
    _, pool = show(enemy.client, Memory(4 * PAGE))
    pool.resize(PAGE)


for _what, _rectangle in {
    "a stride one byte short": (0, 64, 16, 255, XRGB),
    "a negative stride": (0, 64, 16, -256, XRGB),
    "a negative offset": (-4, 64, 16, 256, XRGB),
    "an offset at the edge": (16 * PAGE - 4, 64, 16, 256, XRGB),
    "rows whose sum overflows": (0, 64, BIG, 256, XRGB),
    "a stride that overflows": (4, 64, 2, BIG - 3, XRGB),
    "a width that overflows": (0, BIG, 1, BIG - 3, XRGB),
    "no height": (0, 64, 0, 256, XRGB),
    "a negative width": (0, -64, 16, 256, XRGB),
}.items():

    def _beside(enemy: Enemy, rectangle: tuple[int, ...] = _rectangle) -> None:
        memory = Memory(16 * PAGE)
        enemy.client.keep.append(memory)
        enemy.client.get("wl_shm").create_pool(memory.fd, memory.size).create_buffer(*rectangle)

    attack(f"a buffer with {_what}", "wl_shm_pool.invalid_stride", "wl_shm_pool.invalid_fd")(_beside)


@attack("a buffer of a format that nobody announced", "wl_shm_pool.invalid_format")
def unknown_format(enemy: Enemy) -> None:
    memory = Memory(16 * PAGE)
    enemy.client.keep.append(memory)
    pool = enemy.client.get("wl_shm").create_pool(memory.fd, memory.size)
    pool.create_buffer(0, 16, 16, 64, 0x20363248)


@attack("pool and buffer destroyed while shown")
def destroyed_while_shown(enemy: Enemy) -> None:
    memory = Memory(16 * PAGE)
    enemy.client.keep.append(memory)
    window = Toplevel(enemy.client).start()
    pool = enemy.client.get("wl_shm").create_pool(memory.fd, memory.size)
    buffer = pool.create_buffer(0, 64, 16, 256, XRGB)
    present(window, buffer)
    pool.destroy()
    buffer.destroy()
    enemy.client.roundtrip()
    window.surface.damage(0, 0, 10, 10)
    window.surface.commit()


@attack("a pool that takes every size there is, each held by a buffer")
def mappings(enemy: Enemy) -> None:
    memory = Memory(2200 * PAGE)
    enemy.client.keep.append(memory)
    pool = enemy.client.get("wl_shm").create_pool(memory.fd, PAGE)
    for pages in range(2, 2200):
        pool.resize(pages * PAGE)
        pool.create_buffer(0, 4, 4, 16, XRGB)


@attack("two thousand pools", "wl_shm.invalid_fd", UNHARMED)
def pools(enemy: Enemy) -> None:
    memory = Memory(PAGE)
    enemy.client.keep.append(memory)
    _many_pools(enemy, memory, PAGE)


@attack("copies of 100 megabytes, one after the other")
def great_copies(enemy: Enemy) -> None:
    memory = Memory(100 << 20, seals=0, flags=0)
    enemy.client.keep.append(memory)
    window = Toplevel(enemy.client).start()
    pool = enemy.client.get("wl_shm").create_pool(memory.fd, memory.size)
    buffer = pool.create_buffer(0, 5000, 5000, 20000, XRGB)
    for _ in range(3):
        present(window, buffer)
    enemy.client.roundtrip()


@attack("a copied buffer as large as can be", "wl_buffer.invalid_fd", UNHARMED)
def greatest_copy(enemy: Enemy) -> None:
    memory = Memory(1 << 30, seals=0, flags=0)
    enemy.client.keep.append(memory)
    window = Toplevel(enemy.client).start()
    pool = enemy.client.get("wl_shm").create_pool(memory.fd, memory.size)
    present(window, pool.create_buffer(0, 16384, 16384, 65536, XRGB))


@attack("pixels that change while they are read")
def racing_pixels(enemy: Enemy) -> None:
    window = Toplevel(enemy.client).show(300, 200)
    buffer = Buffer(enemy.client, 300, 200)
    array = buffer.memory.array()
    for value in range(60):
        window.attach(buffer)
        enemy.client.flush()
        array[:] = value
