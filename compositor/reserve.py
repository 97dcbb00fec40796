"""The descriptor reserve: the last few descriptors are the compositor's own.

The kernel gives out the lowest free number, so a number at or above the ceiling says that all
below are taken. Whoever receives or opens for a client asks here; when the ceiling is reached,
the process that holds most through its connections loses one of them. Accepting, logging and
drivers so always find a descriptor.

Wiring of the server. Source: open(2) "lowest-numbered", getrlimit(2) RLIMIT_NOFILE.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from compositor.descriptor import close_own
from compositor.errors import ProtocolError
from compositor.logs import Log
from compositor.wire import Client, Display
from compositor.wire.compile import IMPLEMENTATION

if TYPE_CHECKING:
    from compositor.protocol.shm_account import Account

log = Log(__name__)


class DescriptorReserve:
    """Keeps descriptors back.

    Args:
        display: whose clients are looked at.
        reserve: how many to keep; never more than a quarter of what the process may have.
    """

    def __init__(self, display: Display, reserve: int) -> None:
        self._display = display
        self._reserve = reserve
        self._probe = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        display.make_room = self.make_room
        self.measure()

    def keep(self, reserve: int) -> None:
        """Keep another number of them back from now on."""
        self._reserve = reserve
        self.measure()

    def measure(self) -> None:
        """Find out how many descriptors the process may have now; somebody may have changed that."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.ceiling = soft - min(self._reserve, soft // 4)
        self._display.descriptor_ceiling = self.ceiling

    @property
    def short(self) -> bool:
        """Whether the reserve has been reached."""
        try:
            fd = fcntl.fcntl(self._probe, fcntl.F_DUPFD_CLOEXEC, 0)
            os.close(fd)
        except OSError as error:
            # Anything else is the whole system's shortage, which no client of ours can be blamed for.
            return error.errno == errno.EMFILE
        return fd >= self.ceiling

    def make_room(self, asking: Client | None = None) -> bool:
        """Disconnect whoever holds most until the reserve is whole again.

        Args:
            asking: the client that wants another descriptor, if one does.

        Returns:
            Whether there is room now, and the one who asks is still there.
        """
        while self.short:
            if self._display.leaving:
                # What nobody needs goes first, that of the last victim as well.
                self._display.close_leaving()
                continue
            victim = self._greediest()
            if victim is None:
                return False
            held = held_by(victim)
            log.warning("no descriptors left: %r, which holds %d, is disconnected", victim, held)
            text = f"no descriptors left: this client holds {held}"
            victim.disconnect(ProtocolError(victim.display_resource, IMPLEMENTATION, text))
        return asking is None or asking.alive

    def _greediest(self) -> Client | None:
        """Return the connection that holds most, of the process that holds most."""
        by_process: Counter[int] = Counter()
        for client in self._display.clients:
            by_process[client.pid] += held_by(client)
        if not by_process:
            return None
        pid = by_process.most_common(1)[0][0]
        return max((c for c in self._display.clients if c.pid == pid), key=held_by)

    def refuse(self, accept: Callable[[], object]) -> None:
        """Have a connection accepted and dropped when there is no descriptor even for that.

        Else the listening socket would stay ready, and the loop would spin.
        """
        close_own(self._probe)
        try:
            connection = accept()
            close = getattr(connection, "close", None)
            if close is not None:
                close()
        except OSError:
            pass
        finally:
            self._probe = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Give the reserve's own descriptor back."""
        if self._probe >= 0:
            close_own(self._probe)
            self._probe = -1


def held_by(client: Client) -> int:
    """Return how many descriptors of ours a client takes."""
    # Whoever never had shared memory has no account.
    account: Account | None = client.data.get("shm")
    memory = 0 if account is None else len(account.pools) + account.mappings
    return 1 + len(client.incoming_fds) + len(client.out_fds) + memory
