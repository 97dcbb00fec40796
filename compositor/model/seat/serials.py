"""Which serials were sent to whom: the proof that a request answers an input event."""

from __future__ import annotations

from collections import OrderedDict

from compositor.model.seat.host import Client

_REMEMBERED = 4096


class SerialLog:
    """The last serials of input events, and the client each went to.

    A client can only name a serial that it was sent: guessing another's does
    not help, since the client is compared as well.
    """

    __slots__ = ("_log",)

    def __init__(self) -> None:
        self._log: OrderedDict[int, Client] = OrderedDict()

    def note(self, serial: int, client: Client) -> int:
        """Remember that `client` was sent `serial`; returns the serial."""
        log = self._log
        log[serial] = client
        log.move_to_end(serial)
        if len(log) > _REMEMBERED:
            log.popitem(last=False)
        return serial

    def knows(self, serial: int, client: Client) -> bool:
        """Whether `client` was sent `serial` not too long ago."""
        return serial in self._log and self._log[serial] is client

    def forget(self, client: Client) -> None:
        """Drop every serial of a client that is gone."""
        for serial in [s for s, owner in self._log.items() if owner is client]:
            del self._log[serial]


def newer(serial: int, than: int) -> bool:
    """Whether `serial` was given out after `than`; serials wrap around at 2**32."""
    return 0 < (serial - than) % 2**32 < 2**31
