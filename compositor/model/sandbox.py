"""Sandbox: what is known of the confinement that a client's connection comes from.

Source: wp_security_context_v1.
"""

from __future__ import annotations

import socket
from typing import Protocol

from compositor.descriptor import Descriptor
from compositor.record import record


@record(frozen=True)
class Sandbox:
    """Names that the sandbox gave; None where it gave none."""

    engine: str | None = None
    app_id: str | None = None
    instance_id: str | None = None


class SandboxHost(Protocol):
    """Accepts clients from inside sandboxes."""

    def listen(self, listening: socket.socket, closing: Descriptor, sandbox: Sandbox) -> bool:
        """Accept from a socket until the other end of `closing` hangs up; both belong to the host.

        Returns:
            False if there are too many already, or `closing` cannot be waited for.
        """
