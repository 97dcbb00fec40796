"""Cadence: who draws with every frame is read when the frame is due, and only then."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.client import Proxy
from support.departures import child_stands_still
from support.pixels import Buffer, Memory
from support.theatre import Drawer, Theatre

from compositor.cadence import _PAUSE, STEPS
from compositor.calls import now_ns
from compositor.model.output import Redraw
from compositor.native import sources
from compositor.render.lazy import LazyRenderer


@pytest.fixture
def theatre(tmp_path: Path) -> Iterator[Theatre]:
    """A compositor with a client that is in step, and read with its frames."""
    made = Theatre(tmp_path, "on-demand", cadence=True)
    made.frames(STEPS + 2)
    assert [made.drawer.served] == list(made.cadence.kept)
    yield made
    made.close()


def unread(theatre: Theatre) -> int:
    """How much of what the drawer has sent has not been read."""
    answer = fcntl.ioctl(theatre.drawer.served.sock, termios.FIONREAD, bytes(4))
    return int.from_bytes(answer, sys.byteorder)


def test_nobody_wakes_up_for_a_commit_and_the_frame_shows_it(theatre: Theatre) -> None:
    theatre.drawer.draw()
    theatre.drawer.client.flush()
    theatre.work()
    assert unread(theatre)
    frames = theatre.stage.output.frames
    theatre.tick()
    assert not unread(theatre)
    assert frames + 1 == theatre.stage.output.frames
    color = theatre.drawer.count % 3
    assert color == theatre.stage.server.backend.screens[theatre.stage.output].pixels()[0, 0] & 0xFF


def test_frames_that_are_like_the_last_go_the_express_way(theatre: Theatre) -> None:
    passed = theatre.cadence.passed
    theatre.frames(5)
    assert passed + 5 == theatre.cadence.passed
    callbacks = [text for text in theatre.drawer.client.events[-15:] if "done" in text]
    assert 5 == len(callbacks)


class NarrowLine:
    """A line that sends only so many bytes at once; None: the socket has no room."""

    def __init__(self, line: Any, most: int | None) -> None:
        self._line = line
        self._most = most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def send(self, data: bytes) -> int:
        if self._most is None:
            raise BlockingIOError
        sent: int = self._line.send(data[: self._most]) if self._most else 0
        return sent


@pytest.mark.skipif(
    not sources.WHY_PYTHON, reason="what is compiled has no place for a stand-in: make test-pure"
)
@pytest.mark.parametrize("sent", [0, 1, 11, None], ids=["none", "one byte", "some", "no room"])
def test_what_the_socket_does_not_take_at_once_comes_later(theatre: Theatre, sent: int | None) -> None:
    theatre.frames(3)
    express = theatre.cadence.express[theatre.stage.output]
    passed, seen = theatre.cadence.passed, len(theatre.drawer.client.events)

    express._line = NarrowLine(express._line, sent)  # type: ignore[assignment]
    theatre.frames(2)
    assert passed + 2 == theatre.cadence.passed
    told = theatre.drawer.client.events[seen:]
    assert ["release", "done", "delete_id"] * 2 == [text.split(".")[1].split("(")[0] for text in told]


@pytest.mark.parametrize("where", ["presented", "damage", "frame", "commit"])
def test_whoever_listens_is_told_of_every_frame(theatre: Theatre, where: str) -> None:
    told: list[object] = []
    stage = theatre.stage
    listen: dict[str, Callable[[Callable[..., None]], None]] = {
        "presented": stage.scene.on_presented.append,
        "damage": stage.output.on_damage.append,
        "frame": stage.server.backend.on_frame.append,
        "commit": stage.window.surface.watch_commits,
    }
    theatre.frames(1)
    assert theatre.cadence.passed
    listen[where](lambda *_: told.append(_))
    theatre.frames(3)
    assert 3 == len(told)


def test_a_live_view_has_every_frame(theatre: Theatre) -> None:
    screen = theatre.stage.server.backend.screens[theatre.stage.output]
    screen.viewers = 1
    theatre.frames(2)
    assert theatre.drawer.count % 3 == screen.framebuffer.pixels[0, 0] & 0xFF


def test_a_dark_output_shows_nothing_the_express_way(theatre: Theatre) -> None:
    screen = theatre.stage.server.backend.screens[theatre.stage.output]
    theatre.stage.output.set_powered(False)
    theatre.frames(1)
    deferred = screen.deferred
    theatre.frames(3)
    assert deferred == screen.deferred


def test_what_cannot_be_drawn_on_the_express_way_is_drawn_with_the_next_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theatre = Theatre(tmp_path, "always", cadence=True, fullscreen=False)
    theatre.frames(STEPS + 4)
    drawer, passed = theatre.drawer, theatre.cadence.passed
    assert passed

    def no_room(*_: object) -> None:
        raise MemoryError

    seen = len(drawer.client.events)
    with monkeypatch.context() as patch:
        patch.setattr(LazyRenderer, "render", no_room)
        theatre.frames(1)
    assert 1 == len([text for text in drawer.client.events[seen:] if "done" in text])
    drawer.surface.attach(drawer.buffers[drawer.count % 3], 0, 0)
    drawer.surface.damage_buffer(0, 0, 1, 1)
    drawer.surface.frame()
    drawer.surface.commit()
    theatre.tick()
    x, y = theatre.stage.window.x, theatre.stage.window.y
    pixels = theatre.stage.server.backend.screens[theatre.stage.output].framebuffer.pixels
    assert drawer.count % 3 == pixels[y + 70, x + 90] & 0xFF
    assert 2 == len([text for text in drawer.client.events[seen:] if "done" in text])
    theatre.close()


def test_a_window_goes_the_express_way_while_what_stands_in_it_stands_still(theatre: Theatre) -> None:
    child_stands_still(theatre, theatre.drawer)
    theatre.tick()
    theatre.frames(STEPS + _PAUSE + 4)
    assert theatre.still is not None
    _, role, _ = theatre.still
    passed = theatre.cadence.passed
    theatre.frames(3)
    assert passed + 3 == theatre.cadence.passed
    role.set_position(30, 20)
    # That frame is no ordinary one, and with the one after it the window has taken in what it holds.
    theatre.frames(2)
    assert passed + 3 == theatre.cadence.passed
    theatre.frames(1)
    assert passed + 4 == theatre.cadence.passed


def test_a_barrier_of_another_surface_falls_with_the_frame(theatre: Theatre) -> None:
    stage = theatre.stage
    other = Drawer(stage, fullscreen=False)
    fifo = other.client.get("wp_fifo_manager_v1").get_fifo(other.surface)
    theatre.frames(80)
    assert [theatre.drawer.served] == list(theatre.cadence.kept)
    fifo.set_barrier()
    other.surface.commit()
    theatre.frames(1)
    assert not stage.scene.pacing.barriers


def test_who_draws_nothing_for_a_frame_is_listened_to_again(theatre: Theatre) -> None:
    frames = theatre.stage.output.frames
    assert theatre.stage.server.loop.precise
    theatre.tick()
    assert not theatre.cadence.kept
    assert not theatre.stage.server.loop.precise
    assert frames == theatre.stage.output.frames
    assert Redraw.IDLE is theatre.stage.output.redraw
    assert theatre.stage.desktop.timers.next_deadline() is None
    theatre.drawer.draw()
    theatre.drawer.client.flush()
    theatre.work()
    assert not unread(theatre)


def test_a_question_is_answered_with_the_frame_and_the_next_one_at_once(theatre: Theatre) -> None:
    client = theatre.drawer.client
    theatre.drawer.draw()
    first = client.display.sync()
    theatre.tick()
    assert first.events
    assert not theatre.cadence.kept
    client.roundtrip()


def test_who_is_sent_something_between_frames_is_listened_to(theatre: Theatre) -> None:
    theatre.drawer.draw()
    theatre.drawer.client.flush()
    theatre.work()
    assert unread(theatre)
    theatre.stage.desktop.seat.pointer.move_to(50, 50)
    theatre.work()
    theatre.work()
    assert not theatre.cadence.kept
    assert not unread(theatre)


def test_everybody_is_read_before_a_driver_gets_an_answer(theatre: Theatre) -> None:
    theatre.drawer.draw()
    theatre.drawer.client.flush()
    theatre.stage.server.hear_everybody()
    assert not unread(theatre)
    assert not theatre.cadence.kept


def test_who_hangs_up_is_noticed_at_once(theatre: Theatre) -> None:
    theatre.drawer.client.close()
    theatre.work()
    assert not theatre.cadence.kept
    assert theatre.drawer.served not in theatre.stage.server.display.clients
    theatre.tick()
    assert Redraw.IDLE is theatre.stage.output.redraw


def test_who_breaks_the_protocol_with_a_frame_is_forgotten(theatre: Theatre) -> None:
    cadence, served = theatre.cadence, theatre.drawer.served
    theatre.drawer.surface.attach(5000, 0, 0)
    theatre.tick()
    assert not served.alive
    assert not cadence.kept
    assert not cadence.unanswered


def test_who_hangs_up_as_its_frame_is_looked_at_is_forgotten(theatre: Theatre) -> None:
    theatre.drawer.client.sock.shutdown(socket.SHUT_WR)
    theatre.tick()
    assert not theatre.drawer.served.alive
    assert not theatre.cadence.kept
    assert not theatre.cadence.unanswered


def test_who_sends_much_at_once_is_not_kept(theatre: Theatre) -> None:
    for _ in range(STEPS + 2):
        for _ in range(4000):
            theatre.drawer.surface.set_opaque_region(None)
        theatre.drawer.draw()
        theatre.tick()
    assert not theatre.cadence.kept


def test_an_output_that_is_taken_away_leaves_nobody_unread(theatre: Theatre) -> None:
    backend = theatre.stage.server.backend
    backend.add_output(type(theatre.stage.output)("SECOND", 100, 100))
    theatre.work()
    backend.remove_output(theatre.stage.output)
    theatre.drawer.draw()
    theatre.tick()
    theatre.drawer.client.flush()
    theatre.work()
    assert not unread(theatre)
    assert not theatre.cadence.kept


def slow_frames(theatre: Theatre, drawer: Drawer, count: int) -> None:
    """Let frames of an output of 10 Hz pass."""
    for _ in range(count):
        drawer.draw()
        for _ in range(6):
            theatre.tick()


def test_nobody_is_kept_by_an_output_that_is_slow(theatre: Theatre) -> None:
    theatre.stage.output.configure(refresh_mhz=10_000)
    slow_frames(theatre, theatre.drawer, 3)
    for _ in range(60):
        assert not theatre.cadence.kept
        slow_frames(theatre, theatre.drawer, 1)


def test_an_output_that_becomes_slow_lets_go_whom_it_keeps(theatre: Theatre) -> None:
    theatre.stage.server.hear_everybody()
    other = theatre.other()
    for _ in range(90):
        other.draw()
        theatre.tick()
    assert [other.served] == list(theatre.cadence.kept)
    theatre.stage.output.configure(refresh_mhz=10_000)
    slow_frames(theatre, other, 3)
    assert not theatre.cadence.kept


def test_who_goes_on_after_a_pause_is_kept_again(theatre: Theatre) -> None:
    theatre.tick()
    assert not theatre.cadence.kept
    theatre.frames(80)
    assert theatre.cadence.kept


def test_several_clients_are_read_together(theatre: Theatre) -> None:
    theatre.stage.server.hear_everybody()
    other = Drawer(theatre.stage, fullscreen=False)
    for _ in range(90):
        other.draw()
        theatre.frames(1)
    assert 2 == len(theatre.cadence.kept)
    passed = theatre.cadence.passed
    reads = theatre.cadence.reads
    for _ in range(3):
        other.draw()
        theatre.frames(1)
    assert passed == theatre.cadence.passed
    assert reads + 3 == theatre.cadence.reads


def test_who_rests_is_not_read(theatre: Theatre) -> None:
    service = theatre.stage.server.service
    for hook in service.on_rest:
        hook(theatre.drawer.served)
    assert not theatre.cadence.kept


def test_who_makes_a_pool_for_each_frame_is_kept_too(theatre: Theatre) -> None:
    drawer = theatre.drawer
    theatre.stage.server.hear_everybody()

    def frame() -> None:
        old = drawer.buffers[0]
        drawer.buffers = [Buffer(drawer.client, old.width, old.height)]
        drawer.draw()
        old.proxy.destroy()
        theatre.tick()

    for _ in range(60):
        frame()
    assert theatre.cadence.kept
    frames, reads = theatre.stage.output.frames, theatre.cadence.reads
    for _ in range(3):
        frame()
        assert not unread(theatre)
    assert frames + 3 == theatre.stage.output.frames
    assert reads + 3 == theatre.cadence.reads


def test_who_does_something_about_a_buffer_that_comes_back_early_is_kept_too(theatre: Theatre) -> None:
    drawer = theatre.drawer
    theatre.stage.server.hear_everybody()

    def frame() -> None:
        old = drawer.buffers[0]
        drawer.buffers = [Buffer(drawer.client, old.width, old.height)]
        drawer.draw()
        drawer.client.flush()
        theatre.work()
        while drawer.client.receive():
            pass
        if old.releases:
            old.proxy.destroy()
        theatre.tick()

    for _ in range(60):
        frame()
    assert [drawer.served] == list(theatre.cadence.kept)
    reads = theatre.cadence.reads
    for _ in range(3):
        frame()
    assert reads + 3 == theatre.cadence.reads
    assert theatre.cadence.kept


def test_who_sends_many_batches_for_a_frame_is_not_kept(theatre: Theatre) -> None:
    theatre.stage.server.hear_everybody()
    for _ in range(90):
        for _ in range(3):
            theatre.drawer.surface.set_opaque_region(None)
            theatre.drawer.client.flush()
            theatre.work()
        theatre.frames(1)
    assert not theatre.cadence.kept


def test_a_frame_whose_requests_end_with_a_descriptor_is_made(theatre: Theatre) -> None:
    drawer = theatre.drawer
    memory = Memory(4096)
    drawer.client.keep.append(memory)
    frames = theatre.stage.output.frames
    drawer.surface.attach(drawer.buffers[0], 0, 0)
    drawer.surface.damage_buffer(0, 0, 9, 9)
    drawer.surface.commit()
    drawer.client.get("wl_shm").create_pool(memory.fd, 4096)
    theatre.tick()
    assert frames + 1 == theatre.stage.output.frames


def test_a_frame_that_brings_a_descriptor_leaves_nothing_unread(theatre: Theatre) -> None:
    drawer = theatre.drawer
    memory = Memory(4096)
    shm = drawer.client.get("wl_shm")
    drawer.draw()
    data, drawer.client._out = drawer.client._out, b""
    # The descriptor comes ahead of its request, with the frame: what is read ends there.
    passed = theatre.cadence.passed
    socket.send_fds(drawer.client.sock, [data], [memory.fd])
    drawer.client.send(wire_create_pool(drawer, shm, 4096))
    theatre.tick()
    assert passed == theatre.cadence.passed
    assert not unread(theatre)
    memory.close()


def wire_create_pool(drawer: Drawer, shm: Proxy, size: int) -> bytes:
    """Return a request for a pool whose descriptor has been sent."""
    return struct.pack("=IIIi", shm.id, 16 << 16, drawer.client.new_id(), size)


class Ender:
    """Is to be closed, and ends a ride as it is."""

    def __init__(self) -> None:
        self.inside, self.outside = os.pipe()

    def close(self) -> None:
        os.write(self.outside, b"x")


class Ride:
    """A ride by itself: a loop and a pace with nothing but one frame to wait for.

    Args:
        theatre: its drawer is the one who rides.
        seconds: until the frame.
    """

    def __init__(self, theatre: Theatre, seconds: float) -> None:
        self.express = theatre.cadence.express[theatre.stage.output]
        self.deadline = now_ns() + int(seconds * 1e9)
        self.timer = object()
        self.timers = self
        self.heap = [(self.deadline, 0, self.timer)]
        self.wakeups = 0

    def wait_for(self, deadline: int) -> None:
        self.heap = [(deadline, 0, self.timer)]

    def start(self, descriptor: int) -> int:
        frames: int = self.express.ride(self, self, descriptor)
        return frames


@pytest.fixture
def ender(theatre: Theatre) -> Iterator[Ender]:
    """Left for later, as files are."""
    made = Ender()
    theatre.stage.server.display.leaving.append(made)
    yield made
    os.close(made.inside)
    os.close(made.outside)


def test_files_are_closed_as_soon_as_their_client_has_drawn(theatre: Theatre, ender: Ender) -> None:
    theatre.drawer.draw()
    theatre.drawer.client.flush()
    ride = Ride(theatre, seconds=60)
    assert 0 == ride.start(ender.inside)
    assert [] == theatre.stage.server.display.leaving
    assert [(ride.deadline, 0, ride.timer)] == ride.heap, "the frame is due when it was"
    assert 1 == ride.wakeups
    assert unread(theatre), "what it has sent is for the frame"


def test_files_of_who_does_not_draw_are_closed_before_the_frame(theatre: Theatre, ender: Ender) -> None:
    ride = Ride(theatre, seconds=0.01)
    quiet, to_quiet = os.pipe()
    assert 0 == ride.start(quiet)
    os.close(quiet)
    os.close(to_quiet)
    assert [] == theatre.stage.server.display.leaving
    assert now_ns() >= ride.deadline


def test_a_client_that_has_drawn_wakes_nobody_while_there_is_nothing_to_close(theatre: Theatre) -> None:
    theatre.frames(2)
    ride = Ride(theatre, seconds=0.01)
    theatre.drawer.draw()
    theatre.drawer.client.flush()
    quiet, to_quiet = os.pipe()
    assert 1 == ride.start(quiet)
    os.close(quiet)
    os.close(to_quiet)
    # For the frame, and for the next one, for which nothing was sent.
    assert 2 == ride.wakeups
