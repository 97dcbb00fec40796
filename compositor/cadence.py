"""Cadence: who draws with every frame is read when the frame is due, not when it commits.

A client in step sends one batch per refresh: it is told that a frame was shown, draws, commits, waits. To
wake up for its commit changes nothing that anybody can see before the next refresh, and costs as much as
the frame: what is slow about waking up is that other programs have had the caches. So the kernel is told not
to wake us for such a client, its output's next frame is expected, and when that is due the client is read
first. Network cards do the same with packets.

It is left at once by whoever does anything else: asks for an answer (wl_display.sync), sends much, sends
nothing until its frame, or is sent something between frames, to which it will answer. When a driver asks
anything, all are read first.

Wiring of the server; it looks at no message.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from compositor.calls import wait
from compositor.loop import Loop
from compositor.model.output import EXPECTED, IDLE, QUEUED, Output
from compositor.service import Service
from compositor.wire import Client, Display

if TYPE_CHECKING:
    from compositor.backend.headless import HeadlessBackend
    from compositor.express import Express

STEPS = 8
"""Frames in step, one after the other, after which a client is read with its frames."""
_BEATS = 2
"""Between two frames, of who is taken for being in step: as long as buffers are released when they are
replaced, a client may first send what it does about that, and its frame later. Once it is read with its
frames, it hears of both at once, and sends one batch."""
_SLOWEST_NS = 50_000_000
"""From frame to frame, of outputs whose clients are kept: as long may an answer be waited for."""
_MORE_READS = 8
_PAUSE = 45
"""Further frames to wait for once it has lost the step."""
_LATE_PAUSE = 0
"""The same if it has only been late for a frame, or has stopped: those of `STEPS` are enough."""


class Step:
    """What is known about a client's rhythm.

    Attributes:
        beats: of the client, when it was told of a frame last.
        count: frames in step; negative while it is not trusted.
        time_ns: of the frame that it was told of last.
    """

    __slots__ = ("beats", "count", "time_ns")

    def __init__(self) -> None:
        self.beats = 0
        self.count = 0
        self.time_ns = 0


class Cadence:
    """Finds out who is in step, and reads those with the frames of their outputs.

    Args:
        loop: the event loop.
        backend: paces the outputs.
        service: reads from clients.
        display: has what was left to be closed.

    Attributes:
        kept: clients that are read when their output's frame is due.
        reads: how many frames they were read for.
        passed: how many of those were made the express way.
        express: what makes the frames of an output that way.
        turn: number of the loop's turn in which that was.
        unanswered: clients that were read and have not been told of a frame yet.
    """

    def __init__(self, loop: Loop, backend: HeadlessBackend, service: Service, display: Display) -> None:
        self.kept: dict[Client, Output] = {}
        self._kept_on: dict[Output, list[Client]] = {}
        self.reads = 0
        self.passed = 0
        self._loop = loop
        self._backend = backend
        self._service = service
        self._display = display
        self.express: dict[Output, Express] = {}
        self._steps: dict[Client, Step] = {}
        self.unanswered: dict[Client, None] = {}
        self.turn = 0
        service.on_rest.append(lambda client: self.release(client))

    def due(self, output: Output, now_ns: int) -> bool:
        """The frame of an output is due: read who draws on it. Returns whether the frame has to be made."""
        if self._display.leaving:
            # Those who draw have drawn by now, and wait: the kernel does not have to give memory and take it
            # at the same time, which costs more than both by themselves.
            self._display.close_leaving()
        expected = output.redraw is EXPECTED
        clients = self._kept_on.get(output)
        if clients:
            self.turn = self._loop.wakeups
            self.reads += 1
            express = self.express.get(output)
            if expected and express is not None and self._pass(express, clients[0], output, now_ns):
                if len(self._kept_on) == 1:
                    self._loop.ride = self._ride
                return False
        if expected:
            # What comes now is shown with this frame.
            output.redraw = QUEUED
        if clients and self._heard(clients, output):
            return True
        if expected:
            output.redraw = IDLE
        return not expected

    def _pass(self, express: Express, client: Client, output: Output, now_ns: int) -> bool:
        """Make a frame the express way; False if it has to go the general way."""
        made = True
        try:
            made = express.frame(now_ns)
        finally:
            # One that could not be drawn counts as shown, too.
            if made:
                self._made(client, 1, now_ns)
                assert output.request_frame is not None
                output.request_frame(output)
        return made

    def _made(self, client: Client, frames: int, now_ns: int) -> None:
        """Note frames that were made the express way, the last one at that time."""
        step = self._steps[client]
        step.beats = client.beats
        step.time_ns = now_ns
        self.passed += frames

    def _ride(self) -> None:
        """Make frames the express way for as long as that is all there is to do."""
        if len(self._kept_on) == 1:
            ((output, clients),) = self._kept_on.items()
            express = self.express.get(output)
            if express is not None:
                frames = express.ride(self._loop, self._backend.pace(output), self._loop.fileno())
                if frames:
                    self.reads += frames
                    self._made(clients[0], frames, output.last_frame_ns)
                return
        self._loop.ride = None

    def _heard(self, clients: list[Client], output: Output) -> bool:
        """Read clients; returns whether any has sent something."""
        said = 0
        for client in clients:
            # Whoever is not told of this frame has lost the step. One may have ended as it was looked at.
            if client.alive:
                self.unanswered[client] = None
            said += client.messages
        self._read(clients)
        scene = self._backend.desktop.scene
        if scene.unsettled:
            # What follows from a commit is told before the frame that shows it, as it is otherwise.
            scene.settle()
        if len(clients) == 1:
            # Brings numpy with it, so not before there is something to show.
            from compositor.express import Express

            express = Express.for_waiting(self._backend, output, clients[0], self.express.get(output))
            if express is not None:
                self.express[output] = express
            else:
                self.express.pop(output, None)
        for client in clients:
            said -= client.messages
            if not client.alive:
                return True
        return said != 0

    def _read(self, clients: Iterable[Client]) -> None:
        """Read clients; those further that have sent descriptors, since a read ends with them."""
        for _ in range(_MORE_READS):
            self._service.read(clients)
            rest = []
            for client in clients:
                if client.more and client.alive:
                    # Nearly always there was one batch, and to ask is less than to read nothing.
                    if wait(client.fileno(), 0):
                        rest.append(client)
                    else:
                        client.more = False
            if not rest:
                break
            clients = rest

    def answered(self, output: Output, clients: Collection[Client], now_ns: int) -> None:
        """Clients were told of a frame that they had asked to be told of."""
        self.turn = self._loop.wakeups
        steps = self._steps
        due = self.unanswered
        in_time = now_ns - output.refresh_ns - (output.refresh_ns >> 1)
        for client in clients:
            step = steps.get(client)
            if step is None:
                if not client.alive:
                    continue
                step = steps[client] = Step()
            if due:
                due.pop(client, None)
            beats = client.beats
            if client in self.kept:
                # Late is no reason: who leaves a frame out is found out when that is due.
                if beats > step.beats + 1:
                    self.release(client)
            elif beats <= step.beats + _BEATS and step.time_ns > in_time:
                step.count += 1
                if step.count == STEPS and output.refresh_ns <= _SLOWEST_NS:
                    self._keep(client, output)
            else:
                step.count = min(step.count, 0)
            step.beats = beats
            step.time_ns = now_ns
        if self._kept_on.get(output):
            output.expect()

    def _keep(self, client: Client, output: Output) -> None:
        self.kept[client] = output
        self._kept_on[output] = [other for other, shown in self.kept.items() if shown is output]
        self.express.pop(output, None)
        self._service.quiet(client)
        # Its frames are what wakes us up from now on.
        self._loop.precise = True

    def _drop(self, client: Client) -> bool:
        output = self.kept.pop(client, None)
        if output is None:
            return False
        self._kept_on[output] = [other for other, shown in self.kept.items() if shown is output]
        if not self._kept_on[output]:
            del self._kept_on[output]
        self.express.pop(output, None)
        self._loop.precise = bool(self.kept)
        return True

    def end_of_turn(self, dirty: Collection[Client]) -> None:
        """Let go who has lost the step. `dirty` are those that are being sent something.

        There is something to do in a turn that no frame was due in, and if `unanswered` has any.
        """
        if self.turn != self._loop.wakeups:
            for client in dirty:
                if client in self.kept:
                    self.release(client)
        unanswered, self.unanswered = self.unanswered, {}
        for client in unanswered:
            self.release(client, _LATE_PAUSE)

    def release(self, client: Client, pause: int = _PAUSE) -> None:
        """Have a client read whenever it sends something, for some time. Harmless for any other."""
        if self._drop(client):
            self._steps[client].count = -pause
            self._service.attend(client)

    def hear_everybody(self) -> None:
        """Read what everybody has sent: somebody looks."""
        clients = list(self.kept)
        if clients:
            for client in clients:
                self.release(client)
            self._read(clients)

    def forget(self, client: Client) -> None:
        """A client is gone."""
        self._drop(client)
        self._steps.pop(client, None)
        self.unanswered.pop(client, None)
