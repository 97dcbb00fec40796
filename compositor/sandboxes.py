"""Sandboxes: sockets on which sandboxed clients connect, until their sandbox is gone.

Wiring of the server. Source: wp_security_context_v1.
"""

from __future__ import annotations

import errno
import select
import socket
from typing import TYPE_CHECKING

from compositor.control.identity import Way
from compositor.descriptor import Descriptor, close_socket
from compositor.logs import Log
from compositor.model.sandbox import Sandbox

if TYPE_CHECKING:
    from compositor.admission import Admission
    from compositor.loop import Loop
    from compositor.wire import Client

log = Log(__name__)

_MOST = 256
"""Sandboxes that may be open at once; each takes two descriptors."""
_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Sandboxes:
    """All sandboxes that are open; see `compositor.model.sandbox.SandboxHost`."""

    def __init__(self, loop: Loop, admission: Admission) -> None:
        self.loop = loop
        self.admission = admission
        self.open: list[SandboxSocket] = []

    def listen(self, listening: socket.socket, closing: Descriptor, sandbox: Sandbox) -> bool:
        """Accept from a socket until the other end of `closing` hangs up; both are ours from now on."""
        entry = SandboxSocket(self, listening, closing, sandbox)
        if len(self.open) >= _MOST:
            log.warning("more than %d sandboxes: one was refused", _MOST)
            entry.close()
            return False
        self.open.append(entry)
        try:
            self.loop.add_hangup(closing.fileno(), entry.close)
        except OSError:
            # Not something that can be waited for.
            entry.close()
            return False
        self.admission.listen(entry, Way.PUBLIC, entry.admitted)
        return True

    def close(self) -> None:
        """Stop listening everywhere."""
        for entry in list(self.open):
            entry.close()


class SandboxSocket:
    """One sandbox's socket."""

    def __init__(
        self, sandboxes: Sandboxes, listening: socket.socket, closing: Descriptor, sandbox: Sandbox
    ) -> None:
        self.sandbox = sandbox
        self._sandboxes = sandboxes
        self._listening = listening
        self._closing = closing

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._listening.fileno()

    def accept(self) -> socket.socket | None:
        """Accept one connection, or return None when nobody waits, or nobody ever will."""
        if self._closing.closed:
            return None
        try:
            # The flag is shared with whoever passed the socket, who may have taken it back.
            self._listening.setblocking(False)
            connection, _ = self._listening.accept()
        except (BlockingIOError, ConnectionAbortedError, InterruptedError):
            if self._shut_down():
                log.warning("a sandbox's socket was shut down")
                self.close()
            return None
        except OSError as error:
            if error.errno in _PASSING:
                raise
            log.warning("a sandbox's socket is of no use any more: %s", error.strerror)
            self.close()
            return None
        return connection

    def _shut_down(self) -> bool:
        """Whether shutdown(2) was called on it: it is ready for ever then, with nothing to accept."""
        poll = select.poll()
        poll.register(self._listening.fileno(), select.POLLRDHUP)
        return bool(poll.poll(0))

    def admitted(self, client: Client) -> None:
        """Note where a new client comes from, before it can say anything."""
        client.sandbox = self.sandbox

    def close(self) -> None:
        """Stop listening. Harmless when repeated."""
        if not self._closing.closed:
            for fd in (self._listening.fileno(), self._closing.fileno()):
                self._sandboxes.loop.remove(fd)
            close_socket(self._listening)
            self._closing.close()
        if self in self._sandboxes.open:
            self._sandboxes.open.remove(self)
