"""The message path alone: ``python -m benchmarks.messages``.

One process, one socket pair, no pixels: a peer that is nothing but prepared bytes submits a buffer on every
surface and frame, and the server's own code reads, commits, presents and answers. Per surface and frame
that is attach, damage_buffer, frame and commit in, and release, done and delete_id out. The peer's share is
outside the clock. Drawing waits until somebody looks, and nobody does, so what is timed is the work that
Python does for each surface of each frame; ``--draw`` adds the drawing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import report

if TYPE_CHECKING:
    from compositor.server import Server

SIDE = 16
BUFFERS = 2
STRIDE = 4 * SIDE
BUFFER_BYTES = STRIDE * SIDE
XRGB8888 = 1
ROOT_WIDTH, ROOT_HEIGHT = 1920, 1080


@dataclass(frozen=True, slots=True)
class Result:
    """Medians over the frames, µs per surface and frame."""

    surfaces: int
    frames: int
    total_us: float
    #: recvmsg, decoding, dispatch, commit.
    requests_us: float
    #: The output's frame: damage taken, callbacks and releases queued.
    frame_us: float
    #: What ends a turn: the scene settled, events sent.
    send_us: float
    draw: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Peer:
    """A client made of bytes: knows its object ids beforehand and reads nothing it need not know."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.received = b""
        self._next_id = 2
        self._out = bytearray()
        self._fds: list[int] = []

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def request(self, oid: int, opcode: int, *arguments: int | bytes, fd: int | None = None) -> None:
        """Queue a request; ints become 32-bit words, bytes a string argument."""
        self._out += encode(oid, opcode, *arguments)
        if fd is not None:
            self._fds.append(fd)

    def take(self) -> bytes:
        """What was queued, for sending again and again."""
        queued, self._out = bytes(self._out), bytearray()
        return queued

    def send(self) -> None:
        """Send what was queued with its descriptors."""
        if self._fds:
            socket.send_fds(self.sock, [bytes(self._out)], self._fds)
            self._fds = []
        else:
            self.sock.sendall(self._out)
        self._out.clear()

    def read_all(self) -> bytes:
        """Everything the server has sent and not been read."""
        chunks = []
        with contextlib.suppress(BlockingIOError):
            while chunk := self.sock.recv(1 << 20, socket.MSG_DONTWAIT):
                chunks.append(chunk)
        return b"".join(chunks)


def encode(oid: int, opcode: int, *arguments: int | bytes) -> bytes:
    """One Wayland message of words and strings."""
    body = b""
    for argument in arguments:
        if isinstance(argument, bytes):
            text = argument + b"\0"
            body += struct.pack("=I", len(text)) + text + bytes(-len(text) % 4)
        else:
            body += struct.pack("=i" if argument < 0 else "=I", argument)
    return struct.pack("=II", oid, (8 + len(body)) << 16 | opcode) + body


def events(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(object id, opcode, arguments) of each event in ``data``."""
    position = 0
    while position + 8 <= len(data):
        oid, word = struct.unpack_from("=II", data, position)
        yield oid, word & 0xFFFF, data[position + 8 : position + (word >> 16)]
        position += word >> 16


class Bench:
    """A server and a peer whose subsurfaces are ready to be submitted on every frame.

    Attributes:
        checks: look at what each frame is answered with.
    """

    checks = True

    def __init__(self, server: Server, surfaces: int) -> None:
        self.server = server
        self.count = surfaces
        self._now_ns = server.clock.now_ns()
        ours, theirs = socket.socketpair()
        for sock in (ours, theirs):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        client = server.adopt(theirs)
        assert client is not None
        self.client = client
        self.peer = Peer(ours)
        self._globals: dict[str, tuple[int, int]] = {}
        self._build(surfaces)

    def close(self) -> None:
        self.peer.sock.close()

    # The server's side

    def serve(self) -> None:
        """Read and dispatch everything the peer has sent."""
        poll = select.poll()
        poll.register(self.client.fileno(), select.POLLIN)
        while self.client.alive and poll.poll(0):
            self.client.readable()

    def end_turn(self) -> None:
        for hook in self.server.loop.at_end:
            hook()

    def advance(self) -> None:
        """One refresh later: whatever is due happens."""
        self._now_ns += 16_666_667
        self.server.clock.set_ns(self._now_ns)  # type: ignore[attr-defined]
        self.server.desktop.timers.run_due(self._now_ns)

    def turn(self) -> bytes:
        """Serve what is queued at the peer, and return what came back, a frame included."""
        self.peer.send()
        self.serve()
        self.end_turn()
        self.advance()
        self.end_turn()
        answer = self.peer.read_all()
        for oid, opcode, body in events(answer):
            if (oid, opcode) == (1, 0):
                raise AssertionError(f"protocol error: {body!r}")
        return answer

    # The peer's side

    def _bind(self, interface: str, version: int) -> int:
        name, offered = self._globals[interface]
        assert version <= offered, f"{interface} is announced with version {offered}"
        oid = self.peer.new_id()
        self.peer.request(2, 0, name, interface.encode(), version, oid)
        return oid

    def _build(self, surfaces: int) -> None:
        peer = self.peer
        peer.request(1, 1, peer.new_id())
        for oid, opcode, body in events(self.turn()):
            if (oid, opcode) == (2, 0):
                name, length = struct.unpack_from("=II", body)
                interface = body[8 : 8 + length - 1].decode()
                self._globals[interface] = (name, struct.unpack_from("=I", body, len(body) - 4)[0])
        compositor = self._bind("wl_compositor", 4)
        subcompositor = self._bind("wl_subcompositor", 1)
        shm = self._bind("wl_shm", 1)
        wm_base = self._bind("xdg_wm_base", 1)
        root_bytes = ROOT_WIDTH * ROOT_HEIGHT * 4
        size = root_bytes + surfaces * BUFFERS * BUFFER_BYTES
        fd = os.memfd_create("messages", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.truncate(fd, size)
        pool = peer.new_id()
        peer.request(shm, 0, pool, size, fd=fd)
        peer.send()
        os.close(fd)
        self.pool = pool

        root, xdg_surface, toplevel = peer.new_id(), peer.new_id(), peer.new_id()
        self.root = root
        peer.request(compositor, 0, root)
        peer.request(wm_base, 2, xdg_surface, root)
        peer.request(xdg_surface, 1, toplevel)
        peer.request(toplevel, 11, 0)  # set_fullscreen
        peer.request(root, 6)
        serial = next(
            struct.unpack("=I", body)[0]
            for oid, opcode, body in events(self.turn())
            if (oid, opcode) == (xdg_surface, 0)
        )
        peer.request(xdg_surface, 4, serial)
        self._resources = [self._child(i, compositor, subcompositor, pool, root) for i in range(surfaces)]
        buffer = peer.new_id()
        peer.request(pool, 0, buffer, 0, ROOT_WIDTH, ROOT_HEIGHT, 4 * ROOT_WIDTH, XRGB8888)
        peer.request(root, 1, buffer, 0, 0)
        peer.request(root, 6)
        self.turn()
        # New ids must come in order, so these are the last.
        callbacks = [peer.new_id() for _ in range(surfaces)]
        self._steps = [self._step(phase, callbacks) for phase in range(BUFFERS)]
        for phase in range(BUFFERS):
            peer.sock.sendall(self._steps[phase])
            self.turn()

    def _child(
        self, index: int, compositor: int, subcompositor: int, pool: int, root: int
    ) -> tuple[int, list[int]]:
        peer = self.peer
        surface, subsurface = peer.new_id(), peer.new_id()
        peer.request(compositor, 0, surface)
        peer.request(subcompositor, 1, subsurface, surface, root)
        peer.request(subsurface, 1, index * SIDE % ROOT_WIDTH, index * SIDE // ROOT_WIDTH * SIDE)
        peer.request(subsurface, 5)  # set_desync
        buffers = []
        for i in range(BUFFERS):
            offset = ROOT_WIDTH * ROOT_HEIGHT * 4 + (index * BUFFERS + i) * BUFFER_BYTES
            buffers.append(peer.new_id())
            peer.request(pool, 0, buffers[-1], offset, SIDE, SIDE, STRIDE, XRGB8888)
        if index % 100 == 99:
            # The socket holds only so much.
            peer.send()
            self.serve()
        return surface, buffers

    def _step(self, phase: int, callbacks: list[int]) -> bytes:
        message = b""
        for (surface, buffers), callback in zip(self._resources, callbacks, strict=True):
            message += encode(surface, 1, buffers[phase], 0, 0)
            message += encode(surface, 9, 0, 0, SIDE, SIDE)
            message += encode(surface, 3, callback)
            message += encode(surface, 6)
        return message

    def frame(self, number: int) -> tuple[int, int, int]:
        """One frame; ns of the three parts of Result."""
        message = self._steps[number % BUFFERS]
        requests = 0
        for start in range(0, len(message), 65_536):
            self.peer.sock.sendall(message[start : start + 65_536])
            began = time.perf_counter_ns()
            self.serve()
            requests += time.perf_counter_ns() - began
        before_turn = time.perf_counter_ns()
        self.end_turn()
        before_frame = time.perf_counter_ns()
        self.advance()
        after_frame = time.perf_counter_ns()
        self.end_turn()
        end = time.perf_counter_ns()
        answer = self.peer.read_all()
        if self.checks:
            self._check(number, answer)
        send = before_frame - before_turn + end - after_frame
        return requests, after_frame - before_frame, send

    def _check(self, number: int, answer: bytes) -> None:
        kinds = [(oid == 1, opcode) for oid, opcode, _ in events(answer)]
        # done and release have opcode 0 on their own objects, delete_id is opcode 1 of wl_display.
        if kinds.count((False, 0)) != 2 * self.count or kinds.count((True, 1)) != self.count:
            raise AssertionError(f"frame {number} was not answered as expected: {len(kinds)} events")


@contextlib.contextmanager
def bench(
    surfaces: int,
    draw: bool = False,
    clock: str = "manual",
    make: Callable[[Server], Bench] | None = None,
    hz: int = 60,
) -> Iterator[Bench]:
    """A server in a runtime directory of its own, and a peer."""
    from compositor.server import OutputSpec, Server, ServerOptions

    before = os.environ.get("XDG_RUNTIME_DIR")
    with tempfile.TemporaryDirectory(prefix="bench-messages-") as runtime_dir:
        os.environ["XDG_RUNTIME_DIR"] = runtime_dir
        try:
            server = Server(
                ServerOptions(
                    clock=clock,
                    compose="always" if draw else "on-demand",
                    wallpaper=False,
                    outputs=[OutputSpec(refresh_mhz=hz * 1000)],
                )
            )
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before
        try:
            made = Bench(server, surfaces) if make is None else make(server)
            try:
                yield made
            finally:
                made.close()
        finally:
            server.close()


def measure(surfaces: int = 200, frames: int = 300, warmup: int = 50, draw: bool = False) -> Result:
    """Medians over ``frames`` frames of ``surfaces`` surfaces each."""
    with bench(surfaces, draw) as made:
        times = [made.frame(i) for i in range(warmup + frames)][warmup:]
    requests, frame, send = (statistics.median(part) / surfaces / 1e3 for part in zip(*times, strict=True))
    total = statistics.median(sum(parts) for parts in times) / surfaces / 1e3
    return Result(surfaces, frames, total, requests, frame, send, draw)


def rows(*results: Result) -> tuple[list[str], list[list[str]]]:
    headings = ["surfaces", "µs per surface and frame", "requests", "frame", "send"]
    return headings, [
        [
            str(result.surfaces) + (", drawn" if result.draw else ""),
            f"{result.total_us:.2f}",
            f"{result.requests_us:.2f}",
            f"{result.frame_us:.2f}",
            f"{result.send_us:.2f}",
        ]
        for result in results
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    command_line = argparse.ArgumentParser(
        prog="python -m benchmarks.messages",
        description="Cost of the message path in process, µs per surface and frame.",
        epilog="example:\n  python -m benchmarks.messages --surfaces 1 50 1000",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command_line.add_argument("--surfaces", type=int, nargs="+", default=[200], help="default 200")
    command_line.add_argument("--frames", type=int, default=300, help="the median is shown (default 300)")
    command_line.add_argument("--draw", action="store_true", help="draw every frame")
    command_line.add_argument("--json", metavar="FILE", help="save the results")
    command_line.add_argument("--profile", action="store_true", help="show where the time goes (cProfile)")
    options = command_line.parse_args(arguments)
    if options.profile:
        profile(options.surfaces[0], options.frames, options.draw)
        return 0
    results = [measure(count, options.frames, draw=options.draw) for count in options.surfaces]
    print(report.table(*rows(*results)))
    if options.json:
        with open(options.json, "w") as file:
            json.dump([result.to_json() for result in results], file, indent=1)
    return 0


def profile(surfaces: int, frames: int, draw: bool) -> None:
    """Print the functions that take the most time of their own."""
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    with bench(surfaces, draw) as made:
        profiler.enable()
        for i in range(frames):
            made.frame(i)
        profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    sys.exit(main())
