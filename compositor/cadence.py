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

from collections.abc import Collection

from compositor.loop import Loop
from compositor.model.output import Output
from compositor.service import Service
from compositor.wire import Client

STEPS = 8
"""Frames in step, one after the other, after which a client is read with its frames."""
_PAUSE = 45
"""Further frames to wait for once it has lost the step."""


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
        service: reads from clients.

    Attributes:
        kept: clients that are read when their output's frame is due.
        reads: how often it was read for a frame that was due.
    """

    def __init__(self, loop: Loop, service: Service) -> None:
        self.kept: dict[Client, Output] = {}
        self._kept_on: dict[Output, list[Client]] = {}
        self.reads = 0
        self._loop = loop
        self._service = service
        self._steps: dict[Client, Step] = {}
        self._due: dict[Client, None] = {}
        self._turn = 0
        service.on_rest.append(self.release)

    def due(self, output: Output) -> bool:
        """The frame of an output is due: read who draws on it. Returns whether anybody sent anything."""
        clients = self._kept_on.get(output)
        if not clients:
            return False
        self._turn = self._loop.wakeups
        self.reads += 1
        due = self._due
        for client in clients:
            # Whoever is not told of this frame has lost the step.
            due[client] = None
        self._service.read(clients)
        steps = self._steps
        for client in due:
            step = steps.get(client)
            if step is None or client.beats != step.beats:
                return True
        return False

    def answered(self, output: Output, clients: Collection[Client], now_ns: int) -> None:
        """Clients were told of a frame that they had asked to be told of."""
        self._turn = self._loop.wakeups
        steps = self._steps
        due = self._due
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
            if beats == step.beats + 1 and step.time_ns > in_time:
                step.count += 1
                if step.count == STEPS:
                    self._keep(client, output)
            elif client in self.kept:
                self.release(client)
            else:
                step.count = min(step.count, 0)
            step.beats = beats
            step.time_ns = now_ns
        if self._kept_on.get(output):
            output.expect()

    def _keep(self, client: Client, output: Output) -> None:
        self.kept[client] = output
        self._kept_on[output] = [other for other, shown in self.kept.items() if shown is output]
        self._service.quiet(client)

    def _drop(self, client: Client) -> bool:
        output = self.kept.pop(client, None)
        if output is None:
            return False
        self._kept_on[output] = [other for other, shown in self.kept.items() if shown is output]
        if not self._kept_on[output]:
            del self._kept_on[output]
        return True

    def end_of_turn(self, dirty: Collection[Client]) -> None:
        """Let go who has lost the step. `dirty` are those that are being sent something."""
        if self._turn != self._loop.wakeups:
            for client in dirty:
                if client in self.kept:
                    self.release(client)
        elif self._due:
            due, self._due = self._due, {}
            for client in due:
                self.release(client)

    def release(self, client: Client) -> None:
        """Have a client read whenever it sends something, for some time. Harmless for any other."""
        if self._drop(client):
            self._steps[client].count = -_PAUSE
            self._service.attend(client)

    def hear_everybody(self) -> None:
        """Read what everybody has sent: somebody looks."""
        clients = list(self.kept)
        if clients:
            for client in clients:
                self.release(client)
            self._service.read(clients)

    def forget(self, client: Client) -> None:
        """A client is gone."""
        self._drop(client)
        self._steps.pop(client, None)
