"""The toolkit's surfaces against a real compositor: partial redraws, growth, releases, memory."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from support.demo_clients import Server
from toolkit import Box, Canvas, Connection, Seat, Window


@pytest.fixture
def connection(weston: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    for name in ("XDG_RUNTIME_DIR", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, weston.environment[name])
    with Connection() as connection:
        Seat(connection)
        yield connection


class Patchwork(Window):
    """Changes a random patch of its picture at each frame, and checks what it commits."""

    def __init__(self, connection: Connection, frames: int, every: Callable[[Patchwork], None]) -> None:
        super().__init__(connection, "patchwork", 160, 120, decorated=False)
        self.rng = np.random.default_rng(5)
        self.picture = self.noise(160, 120)
        self.last = frames
        self.every = every
        self.wrong: list[int] = []  # frames whose buffer was not the whole picture
        self.drawn_held: list[int] = []  # frames drawn in a buffer the compositor still held
        self.slots: set[int] = set()

    def noise(self, width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
        return self.rng.integers(0, 1 << 24, (height, width), np.uint32) | np.uint32(0xFF000000)

    def on_frame(self) -> None:
        x, y = (int(self.rng.integers(most)) for most in (self.width, self.height))
        patch = Box(x, y, 40, 30).intersection(Box(0, 0, self.width, self.height))
        self.picture[y : patch.y2, x : patch.x2] = self.noise(patch.width, patch.height)
        self.redraw(patch)
        self.every(self)
        if self.frames >= self.last:
            self.connection.stop()

    def resized(self) -> None:
        if self.picture.shape != (self.height, self.width):
            self.picture = self.noise(self.width, self.height)

    def draw(self, canvas: Canvas) -> None:
        clip = canvas.clip
        rows, columns = slice(clip.y, clip.y2), slice(clip.x, clip.x2)
        canvas.pixels[rows, columns] = self.picture[rows, columns]
        if any(slot.held and slot.pixels is canvas.pixels for slot in self.swapchain._slots):
            self.drawn_held.append(self.frames)

    def before_commit(self) -> None:
        super().before_commit()
        front = self.swapchain._front
        if front is not None:
            self.slots.add(front.offset)
            if not (front.pixels == self.picture).all():
                self.wrong.append(self.frames)


def test_every_committed_buffer_is_whole_although_only_patches_are_drawn(connection: Connection) -> None:
    window = Patchwork(connection, 60, lambda window: None)
    connection.run()
    assert ([], []) == (window.wrong, window.drawn_held)
    assert len(window.slots) >= 2, "only one buffer was used: nothing had to be brought up to date"
    assert 0 == window.swapchain.growths


def test_buffers_stay_whole_while_the_window_grows_and_shrinks(connection: Connection) -> None:
    def resize(window: Patchwork) -> None:
        if window.frames % 4 == 0:
            window.resize(100 + window.frames * 7 % 300, 80 + window.frames * 5 % 200)

    window = Patchwork(connection, 80, resize)
    connection.run()
    assert ([], []) == (window.wrong, window.drawn_held)
    assert window.swapchain.growths > 0
    assert window.swapchain.pool_bytes < 5 * 400 * 280 * 4, "freed room is not used again"
    memory = window.swapchain.memory
    assert memory is not None
    assert memory.size == os.fstat(memory.fd).st_size == window.swapchain.pool_bytes


def test_a_destroyed_window_gives_its_memory_back(connection: Connection) -> None:
    def descriptors() -> int:
        # What an earlier test left in a cycle is not ours.
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    for _ in range(3):
        window = Patchwork(connection, 3, lambda window: None)
        connection.run()
        window.destroy()
        connection.roundtrip()
        del window
    assert before == descriptors()


def test_an_exception_in_a_handler_ends_the_loop(connection: Connection) -> None:
    def fail(window: Patchwork) -> None:
        raise LookupError("a bug in a program")

    Patchwork(connection, 5, fail)
    with pytest.raises(LookupError, match="a bug in a program"):
        connection.run()
