"""Configure: what the compositor proposed, what the client has agreed to, what it shows.

    scheduled   decided, not told yet (the client has too many proposals open)
    inflight    sent under a serial, not answered
    acked       answered, the next commit shows it
    committed   shown

Source: xdg_surface.configure, ack_configure; zwlr_layer_surface_v1 has the same life.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


class ConfigureState(Enum):
    """How far the newest proposal has come."""

    IDLE = "nothing proposed yet"
    INFLIGHT = "sent, not acknowledged"
    ACKED = "acknowledged, not committed"
    COMMITTED = "shown"


class ConfigureQueue(Generic[T]):
    """Proposals of one surface, oldest first.

    Attributes:
        acked: the proposal acknowledged last, applied by the next commit.
        current: the proposal that the shown state answers.
        void: serials from before the surface was unmapped, which the client may not know to be void yet.
        missed: whether something was not proposed because too much was unanswered.
    """

    __slots__ = ("acked", "current", "inflight", "limit", "missed", "state", "void")

    def __init__(self, limit: int) -> None:
        self.inflight: deque[tuple[int, T]] = deque()
        self.void: deque[int] = deque(maxlen=limit)
        self.acked: T | None = None
        self.current: T | None = None
        self.state = ConfigureState.IDLE
        self.limit = limit
        self.missed = False

    @property
    def full(self) -> bool:
        """Whether the client leaves too many proposals unanswered to be sent another."""
        return len(self.inflight) >= self.limit

    def sent(self, serial: int, proposal: T) -> None:
        """Note a proposal that was sent."""
        assert not self.full
        self.inflight.append((serial, proposal))
        self.state = ConfigureState.INFLIGHT

    def ack(self, serial: int) -> bool:
        """Note an answer; it covers all older proposals. False if nothing was sent under the serial."""
        if all(serial != sent for sent, _ in self.inflight):
            # The client's answer and its unmapping may have crossed what was sent: it agrees to nothing now.
            return take_void(self.void, serial)
        self.void.clear()
        while True:
            sent, proposal = self.inflight.popleft()
            if sent == serial:
                break
        self.acked = proposal
        if not self.inflight:
            self.state = ConfigureState.ACKED
        return True

    def committed(self) -> T | None:
        """Apply what was acknowledged; returns it, or None when there is nothing new."""
        proposal, self.acked = self.acked, None
        if proposal is not None:
            self.current = proposal
            if self.state is ConfigureState.ACKED:
                self.state = ConfigureState.COMMITTED
        return proposal

    def assume(self) -> None:
        """Take what was proposed last for agreed, though the client has not answered yet."""
        self.current = self.inflight[-1][1]

    def catch_up(self) -> bool:
        """Whether what was not proposed can be proposed now; said once."""
        missed = self.missed and not self.full
        self.missed = self.missed and not missed
        return missed

    @property
    def newest(self) -> T | None:
        """The proposal that the client was told last."""
        if self.inflight:
            return self.inflight[-1][1]
        return self.acked if self.acked is not None else self.current

    def reset(self) -> None:
        """Forget everything: the surface was unmapped and starts anew."""
        self.void.extend(serial for serial, _ in self.inflight)
        self.inflight.clear()
        self.acked = self.current = None
        self.missed = False
        self.state = ConfigureState.IDLE


def take_void(void: deque[int], serial: int) -> bool:
    """Note an answer to a proposal that became void; it covers the older ones. False if it is none."""
    if serial not in void:
        return False
    while void.popleft() != serial:
        pass
    return True
