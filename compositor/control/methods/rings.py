"""Rings: the last frames of an output, in memory that a driver or a program of its choice may look at.

A ring is granted by a ticket that one process can redeem once. It ends with the connection that opened it:
what was granted is taken back then, and whoever still looks sees zeros.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from compositor.control.host import Host
from compositor.control.jsonrpc import Code, RequestError
from compositor.control.methods.outputs import find_output
from compositor.control.params import Identifier, Range
from compositor.control.registry import Call, Reply, method
from compositor.memory import Denied, Peer, Refused
from compositor.model.output import Output

if TYPE_CHECKING:
    from compositor.memory import FrameRing, GrantDesk, Ticket

MAX_RINGS = 16
"""Of all drivers together."""
MAX_BYTES = 1 << 30
"""Of all rings together: it is real memory."""


class _Ring:
    """One ring and what it shows.

    Attributes:
        ticket: its one grant.
    """

    def __init__(self, host: Host, output: Output, frames: FrameRing, receiver: Peer, ticket: Ticket) -> None:
        self.frames = frames
        self.receiver = receiver
        self.ticket = ticket
        self._host = host
        self._output = output
        self._screen = host.backend.screens[output]
        self._screen.viewers += 1
        self._drawn = -1
        host.backend.on_frame.append(self._frame)
        self._screen.look()
        self._frame(output)

    def _frame(self, output: Output) -> None:
        screen = self._screen
        if output is not self._output or screen.drawn == self._drawn:
            return
        self._drawn = screen.drawn
        shape = self.frames.shape
        if output.pixel_size != (shape.width, shape.height):
            self._stop()
            self.frames.end()
            return
        self.frames.write(screen.framebuffer.pixels, output.frames, self._host.clock.now_ns())

    def _stop(self) -> None:
        if self._frame in self._host.backend.on_frame:
            self._host.backend.on_frame.remove(self._frame)
            self._screen.viewers -= 1

    def close(self, desk: GrantDesk) -> None:
        """Take it back from everybody."""
        self._stop()
        # Discards what was granted, so that the end has to be said afterwards.
        desk.revoke(self.ticket)
        self.frames.close()
        self.receiver.close()


class Rings:
    """The namespace ``ring``."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._rings: dict[int, _Ring] = {}
        self._next = 1

    @cached_property
    def _desk(self) -> GrantDesk:
        from compositor.memory import GrantDesk

        return GrantDesk()

    @method("ring.open")
    def open(
        self,
        call: Call,
        output: Annotated[str, Range(1, 64)] | None = None,
        slots: Annotated[int, Range(2, 64)] = 4,
        pid: Annotated[int, Range(1, 1 << 30)] | None = None,
    ) -> dict[str, Any]:
        """Keep the last frames of an output, and issue a ticket for them to the caller or another process."""
        found = find_output(self._host, "ring.open", output)
        width, height = found.pixel_size
        size = slots * width * height * 4
        held = sum(ring.frames.shape.size for ring in self._rings.values())
        if len(self._rings) >= MAX_RINGS or held + size > MAX_BYTES:
            text = f"ring.open: there are {len(self._rings)} rings of {held} bytes already"
            raise RequestError(Code.FAILED, text)
        try:
            receiver = Peer.of(call.connection.sock) if pid is None else Peer.process(pid)
        except OSError as error:
            raise RequestError(Code.NOT_FOUND, f"ring.open: process {pid}: {error.strerror}") from None
        from compositor.memory import FrameRing

        frames = FrameRing(slots, width, height)
        try:
            ticket = self._desk.issue(frames.object, receiver)
        except Denied as error:
            frames.close()
            receiver.close()
            raise RequestError(Code.FAILED, f"ring.open: {error.reason}") from None
        number = self._next
        self._next += 1
        self._rings[number] = _Ring(self._host, found, frames, receiver, ticket)
        call.connection.on_close.append(lambda: self._drop(number))
        return {"ring": number, "ticket": ticket.text}

    @method("ring.redeem")
    def redeem(self, call: Call, ticket: Annotated[str, Range(1, 64)]) -> Reply:
        """Give the process that a ticket is for the memory that it is for, once."""
        with Peer.of(call.connection.sock) as peer:
            try:
                grant = self._desk.redeem(ticket, peer)
            except (Denied, Refused) as error:
                raise RequestError(Code.FAILED, f"ring.redeem: {error}") from None
        (ring,) = [ring for ring in self._rings.values() if ring.ticket.text == ticket]
        shape = ring.frames.shape
        value = {
            "fd": 0,
            "offset": grant.offset,
            "size": grant.size,
            "slots": shape.slots,
            "width": shape.width,
            "height": shape.height,
            "stride": shape.stride,
            "format": "XRGB8888",
        }
        return Reply(value, [grant.descriptor])

    @method("ring.close")
    def close(self, ring: Identifier) -> None:
        """Take the frames back from everybody."""
        if ring not in self._rings:
            raise RequestError(Code.NOT_FOUND, f"ring.close: there is no ring {ring}")
        self._drop(ring)

    def _drop(self, number: int) -> None:
        ring = self._rings.pop(number, None)
        if ring is not None:
            ring.close(self._desk)
